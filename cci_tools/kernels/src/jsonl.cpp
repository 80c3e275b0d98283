// JSON lines to columns: each line that is an ordinary record becomes a row; the others are named, for a slower reader.
#include <vector>

#include "arrays.hpp"
#include "jsonl_records.hpp"
#include "level.hpp"

#if defined(CCI_HAS_V2)
namespace v2 { extern const Utf8Check UTF8_CHECK; }
namespace v3 { extern const Utf8Check UTF8_CHECK; }
namespace v4 { extern const Utf8Check UTF8_CHECK; }
#else
namespace portable { extern const Utf8Check UTF8_CHECK; }
#endif

namespace {

Utf8Check utf8_check() {
#if defined(CCI_HAS_V2)
    switch (active_level()) {
        case Level::v4: return v4::UTF8_CHECK;
        case Level::v3: return v3::UTF8_CHECK;
        default: return v2::UTF8_CHECK;
    }
#else
    return portable::UTF8_CHECK;
#endif
}

template <typename T>
nb::object as_array(T* data, size_t size, void* owned, void (*release)(void*) noexcept) {
    return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {size}, nb::capsule(owned, release)));
}

template <typename T>
nb::object as_array(std::vector<T>&& values) {
    auto* owned = new std::vector<T>(std::move(values));
    return as_array(owned->data(), owned->size(), owned,
                    [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
}

nb::object as_array(Growing& values) {
    values.room(0);
    uint8_t* const data = values.data;
    values.data = nullptr;
    return as_array(data, values.size, data, [](void* p) noexcept { free(p); });
}

nb::tuple read_json_lines(const Input<uint8_t>& data, int64_t position, const Input<uint8_t>& prefix,
                          const Input<uint8_t>& names, const Input<int64_t>& name_offsets,
                          const Input<int32_t>& name_columns, int columns, int64_t limit) {
    const Texts texts(names, name_offsets);
    if (data.shape(0) > INT32_MAX) throw std::invalid_argument("data: at most 2 GiB at a time");
    if (columns < 2 || name_columns.shape(0) != texts.count)
        throw std::invalid_argument("columns: two at least, and one for each name");
    std::vector<json::Name> known;
    for (size_t i = 0; i < texts.count; ++i) {
        const int column = name_columns.data()[i];
        if (column < 0 || column >= columns) throw std::invalid_argument("name_columns: beyond the columns");
        known.push_back({{texts.begin(i), texts.end(i)}, column});
    }
    const json::Bytes before{prefix.data(), prefix.data() + prefix.shape(0)};
    json::Reader reader(std::move(known), static_cast<size_t>(columns), before, static_cast<size_t>(limit),
                        utf8_check());
    {
        nb::gil_scoped_release released;
        reader.read(data.data(), data.shape(0), position);
    }
    nb::list found;
    for (json::Column& column : reader.columns)
        found.append(nb::make_tuple(as_array(column.values), as_array(std::move(column.offsets)),
                                    as_array(std::move(column.valid)), column.nulls));
    return nb::make_tuple(found, as_array(std::move(reader.left)));
}

}  // namespace

void bind_jsonl(nb::module_& m) {
    using namespace nb::literals;
    m.def("read_json_lines", &read_json_lines, "data"_a, "position"_a, "prefix"_a, "names"_a, "name_offsets"_a,
          "name_columns"_a, "columns"_a, "limit"_a,
          "Ordinary JSON lines as columns of strings, and where the other lines are.");
}
