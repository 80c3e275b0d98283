#include "keywords.hpp"

#include "arrays.hpp"
#include "utf8.hpp"

namespace keywords {

namespace {

// Kinds of keys that make one longer word when they stand side by side: letters, digits.
int kind(uint32_t key) {
    if (key >= 'a' && key <= 'z') return 1;
    return key >= '0' && key <= '9' ? 2 : 0;
}

bool same_kind(uint32_t a, uint32_t b) { return kind(a) != 0 && kind(a) == kind(b); }

size_t slot(uint32_t node, uint32_t key, size_t mask) {
    return ((uint64_t{node} << 32 | key) * 0x9E3779B97F4A7C15u >> 32) & mask;
}

}  // namespace

Table::Table(const uint32_t* fold, size_t limit, const uint32_t* keys, const int64_t* offsets, size_t count)
    : fold_(fold, fold + limit), pairs_((size_t{1} << PAIR_BITS) / 64), words_{NO_WORD} {
    size_t size = 64;
    while (size < 2 * static_cast<size_t>(offsets[count])) size *= 2;
    edges_.assign(size, {});
    for (size_t w = 0; w < count; ++w) {
        const uint32_t *key = keys + offsets[w], *const end = keys + offsets[w + 1];
        if (end - key < 2) throw std::invalid_argument("keywords: at least two keys each");
        const uint32_t h = pair(key[0], key[1]);
        pairs_[h >> 6] |= uint64_t{1} << (h & 63);
        uint32_t node = 0;
        for (; key < end; ++key) {
            if (*key < KEY) throw std::invalid_argument("keywords: not a key");
            uint32_t next = child(node, *key);
            if (next == 0) {
                next = static_cast<uint32_t>(words_.size());
                add_edge(node, *key, next);
                words_.push_back(NO_WORD);
            }
            node = next;
        }
        if (words_[node] != NO_WORD) throw std::invalid_argument("keywords: a word is given twice");
        words_[node] = static_cast<uint32_t>(w);
    }
}

uint32_t Table::child(uint32_t node, uint32_t key) const {
    const size_t mask = edges_.size() - 1;
    for (size_t i = slot(node, key, mask); edges_[i].child; i = (i + 1) & mask)
        if (edges_[i].node == node && edges_[i].key == key) return edges_[i].child;
    return 0;
}

void Table::add_edge(uint32_t node, uint32_t key, uint32_t child) {
    const size_t mask = edges_.size() - 1;
    size_t i = slot(node, key, mask);
    while (edges_[i].child) i = (i + 1) & mask;
    edges_[i] = {node, key, child};
}

void Table::walk(const uint8_t* buffer, const uint8_t* start, const uint8_t* end, uint32_t before,
                 std::vector<Hit>& hits) const {
    uint32_t node = 0, first = 0;
    int between = 0, gaps = 0, breaks = 0;
    bool gap = false, broken = false;
    for (const uint8_t* p = start; p < end;) {
        const uint32_t key = fold(next_code_point(p, end));
        if (key == IGNORED) continue;
        if (key < KEY) {
            if (key == STOP || ++between > MAX_GAP) return;
            (key == GAP ? gap : broken) = true;
            continue;
        }
        node = child(node, key);
        if (node == 0) return;
        gaps += gap && !broken;
        breaks += broken;
        gap = broken = false;
        between = 0;
        if (first == 0) {
            first = key;
            if (same_kind(before, first)) return;
        }
        if (words_[node] == NO_WORD) continue;
        const uint8_t* next = p;
        if (p < end && same_kind(key, fold(next_code_point(next, end)))) continue;
        hits.push_back({words_[node], static_cast<uint8_t>(gaps < 255 ? gaps : 255),
                        static_cast<uint8_t>(breaks < 255 ? breaks : 255), start - buffer, p - buffer});
    }
}

void Table::find(const uint8_t* buffer, const uint8_t* begin, const uint8_t* end, std::vector<Hit>& hits) const {
    const uint32_t* const folded = fold_.data();
    const uint64_t* const pairs = pairs_.data();
    const uint8_t* last = begin;             // where the last key stands
    uint32_t last_key = 0, previous = STOP;  // the last key; what stands right before it
    uint32_t latest = STOP;                  // the code point before this one, folded
    int between = 0;
    for (const uint8_t* p = begin; p < end;) {
        const uint8_t* const here = p;
        uint32_t key;
        if (end - p >= 3 && *p >= 0xE4 && *p <= 0xE9 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {  // most Hanzi
            key = folded[(p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F)];
            p += 3;
        } else {
            key = fold(next_code_point(p, end));
        }
        if (key < KEY) {
            if (key == IGNORED) continue;
            latest = key;
            if (key == STOP || ++between > MAX_GAP) last_key = 0;
            continue;
        }
        const uint32_t h = pair(last_key, key);
        if (pairs[h >> 6] >> (h & 63) & 1 && last_key) walk(buffer, last, end, previous, hits);
        previous = latest;
        last = here;
        last_key = latest = key;
        between = 0;
    }
}

namespace {

template <typename T, typename F>
auto column(const std::vector<Hit>& hits, F member) {
    auto* data = new T[hits.size()];
    for (size_t i = 0; i < hits.size(); ++i) data[i] = member(hits[i]);
    nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
    return nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {hits.size()}, owner);
}

nb::tuple find(const Table& table, const Input<uint8_t>& values, const Input<int64_t>& offsets) {
    const Texts texts(values, offsets);
    std::vector<Hit> hits;
    std::vector<int64_t> ends(texts.count + 1, 0);
    {
        nb::gil_scoped_release release;
        for (size_t i = 0; i < texts.count; ++i) {
            table.find(texts.values, texts.begin(i), texts.end(i), hits);
            ends[i + 1] = static_cast<int64_t>(hits.size());
        }
    }
    auto* offset = new int64_t[ends.size()];
    std::copy(ends.begin(), ends.end(), offset);
    nb::capsule owner(offset, [](void* p) noexcept { delete[] static_cast<int64_t*>(p); });
    return nb::make_tuple(column<uint32_t>(hits, [](const Hit& h) { return h.word; }),
                          column<int64_t>(hits, [](const Hit& h) { return h.start; }),
                          column<int64_t>(hits, [](const Hit& h) { return h.end; }),
                          column<uint8_t>(hits, [](const Hit& h) { return h.gaps; }),
                          column<uint8_t>(hits, [](const Hit& h) { return h.breaks; }),
                          nb::ndarray<nb::numpy, int64_t, nb::ndim<1>>(offset, {ends.size()}, owner));
}

}  // namespace

}  // namespace keywords

void bind_keywords(nb::module_& m) {
    using keywords::Table;
    nb::class_<Table>(m, "Keywords", "Words to look for, compiled.")
        .def(
            "__init__",
            [](Table* self, const Input<uint32_t>& fold, const Input<uint32_t>& keys, const Input<int64_t>& offsets) {
                const size_t n = offsets.shape(0);
                if (n == 0 || offsets.data()[0] != 0 || offsets.data()[n - 1] != static_cast<int64_t>(keys.shape(0)))
                    throw std::invalid_argument("keywords: offsets do not fit the keys");
                for (size_t i = 1; i < n; ++i)
                    if (offsets.data()[i] < offsets.data()[i - 1]) throw std::invalid_argument("offsets: not ascending");
                new (self) Table(fold.data(), fold.shape(0), keys.data(), offsets.data(), n - 1);
            },
            nb::arg("fold"), nb::arg("keys"), nb::arg("offsets"))
        .def("find", &keywords::find, nb::arg("values"), nb::arg("offsets"),
             "Hits in each text: words, starts, ends, gaps, breaks, and offsets by text.");
}
