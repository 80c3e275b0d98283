// Figures that two texts state in the same places, and those that differ; lists and sketches of a text's figures.
#include "match_conflicts.hpp"

namespace {

// Slots of every text, sorted, one after the other.
struct SlotLists {
    std::vector<Slot> slots;
    std::vector<size_t> starts{0};

    explicit SlotLists(const Texts& texts) {
        Figures figures;
        for (size_t i = 0; i < texts.count; ++i) {
            figures(texts.begin(i), texts.end(i), [this](const Slot& slot) { slots.push_back(slot); });
            std::sort(slots.begin() + static_cast<std::ptrdiff_t>(starts.back()), slots.end());
            starts.push_back(slots.size());
        }
    }
};

void number_conflicts(Input<uint8_t> values, Input<int64_t> offsets, Input<int64_t> a, Input<int64_t> b,
                      OutputMatrix<int32_t> shared, OutputMatrix<int32_t> conflicts) {
    const Texts texts(values, offsets);
    const size_t n = a.shape(0);
    require(b.shape(0) == n && shared.shape(0) == n && conflicts.shape(0) == n, "a, b: the same length is needed");
    require(shared.shape(1) == FORMS && conflicts.shape(1) == FORMS, "shared, conflicts: one column a form is needed");
    for (size_t i = 0; i < n; ++i)
        require(a.data()[i] >= 0 && static_cast<size_t>(a.data()[i]) < texts.count && b.data()[i] >= 0 &&
                    static_cast<size_t>(b.data()[i]) < texts.count,
                "a, b: beyond the texts");
    nb::gil_scoped_release release;
    const SlotLists lists(texts);
    const Slot* const slots = lists.slots.data();
    const auto start = [&](int64_t i) { return slots + lists.starts[static_cast<size_t>(i)]; };
    Conflicts comparison;
    for (size_t i = 0; i < n; ++i) {
        const int64_t x = a.data()[i], y = b.data()[i];
        comparison.compare(start(x), start(x + 1), start(y), start(y + 1), shared.data() + FORMS * i,
                           conflicts.data() + FORMS * i);
    }
}

// The slots of each text as pairs of context and figure; none of a text with more than `most`.
auto number_slots(Input<uint8_t> values, Input<int64_t> offsets, size_t most) {
    const Texts texts(values, offsets);
    std::vector<uint64_t> slots;
    std::vector<int64_t> starts{0};
    {
        nb::gil_scoped_release release;
        Figures figures;
        std::vector<Slot> list;
        for (size_t i = 0; i < texts.count; ++i) {
            list.clear();
            figures(texts.begin(i), texts.end(i), [&list](const Slot& slot) { list.push_back(slot); });
            if (list.size() > most) list.clear();
            std::sort(list.begin(), list.end());
            for (const Slot& slot : list) slots.insert(slots.end(), {slot.context, slot.figure});
            starts.push_back(static_cast<int64_t>(slots.size() / 2));
        }
    }
    return nb::make_tuple(to_numpy(std::move(slots)), to_numpy(std::move(starts)));
}

// By the lists of `number_slots`.
void slot_conflicts(Input<uint64_t> slots, Input<int64_t> starts, Input<int64_t> a, Input<int64_t> b,
                    OutputMatrix<int32_t> shared, OutputMatrix<int32_t> conflicts) {
    const SlotView lists(slots, starts);
    const size_t n = a.shape(0);
    require(b.shape(0) == n && shared.shape(0) == n && conflicts.shape(0) == n, "a, b: the same length is needed");
    require(shared.shape(1) == FORMS && conflicts.shape(1) == FORMS, "shared, conflicts: one column a form is needed");
    for (size_t i = 0; i < n; ++i)
        require(lists.has(a.data()[i]) && lists.has(b.data()[i]), "a, b: beyond the lists");
    nb::gil_scoped_release release;
    Conflicts comparison;
    for (size_t i = 0; i < n; ++i)
        comparison.compare(lists.begin(a.data()[i]), lists.end(a.data()[i]), lists.begin(b.data()[i]),
                           lists.end(b.data()[i]), shared.data() + FORMS * i, conflicts.data() + FORMS * i);
}

void number_sketch(Input<uint8_t> values, Input<int64_t> offsets, OutputMatrix<uint64_t> sketch) {
    const Texts texts(values, offsets);
    const size_t count = sketch.shape(1);
    require(sketch.shape(0) == texts.count, "sketch: one line for each text is needed");
    nb::gil_scoped_release release;
    Figures figures;
    for (size_t i = 0; i < texts.count; ++i) {
        uint64_t* const line = sketch.data() + i * count;
        std::fill(line, line + count, ~uint64_t{0});
        figures(texts.begin(i), texts.end(i), [=](const Slot& slot) {
            const uint64_t hash = mix64(slot.context + slot.value());
            for (size_t k = 0; k < count; ++k) line[k] = std::min(line[k], mix64(hash + k * 0x9E3779B97F4A7C15u));
        });
    }
}

}  // namespace

void bind_match_numbers(nb::module_& m) {
    using namespace nb::literals;
    m.def("number_conflicts", &number_conflicts, "values"_a, "offsets"_a, "a"_a, "b"_a, "shared"_a, "conflicts"_a,
          "Number slots that two texts share by their context, and how many disagree: with a digit, without, one of each.");
    m.def("number_slots", &number_slots, "values"_a, "offsets"_a, "most"_a,
          "Number slots of each text, sorted pairs of context and figure, and where each text's begin; none beyond most.");
    m.def("slot_conflicts", &slot_conflicts, "slots"_a, "starts"_a, "a"_a, "b"_a, "shared"_a, "conflicts"_a,
          "What number_conflicts writes, by the lists of number_slots.");
    m.def("number_sketch", &number_sketch, "values"_a, "offsets"_a, "sketch"_a,
          "Min-hashes of the number slots of each text; all ones for a text without digits.");
}
