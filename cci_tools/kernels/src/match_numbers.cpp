// Figures that two texts state in the same places, and those that differ; and sketches of a text's figures.
#include <algorithm>

#include "match_figures.hpp"

namespace {

// Slots of every text, sorted, one after the other.
struct SlotLists {
    std::vector<Slot> slots;
    std::vector<size_t> starts{0};

    explicit SlotLists(const Texts& texts) {
        for (size_t i = 0; i < texts.count; ++i) {
            for_each_figure(texts.begin(i), texts.end(i), [this](const Slot& slot) { slots.push_back(slot); });
            std::sort(slots.begin() + static_cast<std::ptrdiff_t>(starts.back()), slots.end());
            starts.push_back(slots.size());
        }
    }
};

class Comparison {
  public:
    // For every context of both texts: as many slots as the text with fewer has; those without a partner differ.
    // A figure that differs is a conflict if the other text does not state it elsewhere instead: where a passage is
    // missing, the figures before and behind it meet in one context, and are still those of the other text. No missing
    // passages explain more than a fifth of the figures: those were moved, as articles are in a later version of a law.
    void compare(const Slot* a, const Slot* a_end, const Slot* b, const Slot* b_end, int32_t* shared,
                 int32_t* conflicts) {
        const Slot *const all_a = a, *const all_b = b;
        for (int kind = 0; kind < KINDS; ++kind) {
            shared[kind] = conflicts[kind] = 0;
            of_a_[kind].clear();
            of_b_[kind].clear();
        }
        while (a < a_end && b < b_end) {
            if (a->context != b->context) {
                ++(a->context < b->context ? a : b);
                continue;
            }
            const uint64_t context = a->context;
            const int kind = context & 1;
            const size_t before_a = of_a_[kind].size(), before_b = of_b_[kind].size();
            int32_t agree = 0;
            const auto inside = [context](const Slot* s, const Slot* end) { return s < end && s->context == context; };
            while (inside(a, a_end) || inside(b, b_end)) {
                const bool in_a = inside(a, a_end), in_b = inside(b, b_end);
                if (in_a && in_b && a->figure == b->figure)
                    ++agree, ++a, ++b;
                else if (in_a && (!in_b || a->figure < b->figure))
                    of_a_[kind].push_back((a++)->figure);
                else
                    of_b_[kind].push_back((b++)->figure);
            }
            const auto differ =
                static_cast<int32_t>(std::min(of_a_[kind].size() - before_a, of_b_[kind].size() - before_b));
            if (!differ) {
                of_a_[kind].resize(before_a);
                of_b_[kind].resize(before_b);
            }
            shared[kind] += agree + differ;
            conflicts[kind] += differ;
        }
        if (!conflicts[0] && !conflicts[1]) return;
        fill(figures_a_, all_a, a_end);
        fill(figures_b_, all_b, b_end);
        for (int kind = 0; kind < KINDS; ++kind) {
            if (conflicts[kind] >= MANY && 5 * conflicts[kind] > shared[kind]) continue;
            conflicts[kind] = std::min({conflicts[kind], surplus(of_a_[kind], figures_a_, figures_b_),
                                        surplus(of_b_[kind], figures_b_, figures_a_)});
        }
    }

  private:
    static constexpr int32_t MANY = 4;

    using List = std::vector<uint64_t>;

    static void fill(List& figures, const Slot* slot, const Slot* end) {
        figures.clear();
        for (; slot < end; ++slot) figures.push_back(slot->figure);
        std::sort(figures.begin(), figures.end());
    }
    // How many of `some` are among those that `mine` has more often than `other`.
    static int32_t surplus(List& some, const List& mine, const List& other) {
        std::sort(some.begin(), some.end());
        int32_t result = 0;
        for (size_t i = 0, j; i < some.size(); i = j) {
            for (j = i + 1; j < some.size() && some[j] == some[i]; ++j) {
            }
            const auto count = [&](const List& all) {
                const auto range = std::equal_range(all.begin(), all.end(), some[i]);
                return static_cast<int32_t>(range.second - range.first);
            };
            result += std::clamp(count(mine) - count(other), 0, static_cast<int32_t>(j - i));
        }
        return result;
    }

    List of_a_[KINDS], of_b_[KINDS];  // figures without a partner, of contexts where both texts have one
    List figures_a_, figures_b_;      // all of each text
};

void number_conflicts(Input<uint8_t> values, Input<int64_t> offsets, Input<int64_t> a, Input<int64_t> b,
                      OutputMatrix<int32_t> shared, OutputMatrix<int32_t> conflicts) {
    const Texts texts(values, offsets);
    const size_t n = a.shape(0);
    require(b.shape(0) == n && shared.shape(0) == n && conflicts.shape(0) == n, "a, b: the same length is needed");
    require(shared.shape(1) == KINDS && conflicts.shape(1) == KINDS, "shared, conflicts: one column a kind is needed");
    for (size_t i = 0; i < n; ++i)
        require(a.data()[i] >= 0 && static_cast<size_t>(a.data()[i]) < texts.count && b.data()[i] >= 0 &&
                    static_cast<size_t>(b.data()[i]) < texts.count,
                "a, b: beyond the texts");
    nb::gil_scoped_release release;
    const SlotLists lists(texts);
    const Slot* const slots = lists.slots.data();
    const auto start = [&](int64_t i) { return slots + lists.starts[static_cast<size_t>(i)]; };
    Comparison comparison;
    for (size_t i = 0; i < n; ++i) {
        const int64_t x = a.data()[i], y = b.data()[i];
        comparison.compare(start(x), start(x + 1), start(y), start(y + 1), shared.data() + KINDS * i,
                           conflicts.data() + KINDS * i);
    }
}

void number_sketch(Input<uint8_t> values, Input<int64_t> offsets, OutputMatrix<uint64_t> sketch) {
    const Texts texts(values, offsets);
    const size_t count = sketch.shape(1);
    require(sketch.shape(0) == texts.count, "sketch: one line for each text is needed");
    nb::gil_scoped_release release;
    for (size_t i = 0; i < texts.count; ++i) {
        uint64_t* const line = sketch.data() + i * count;
        std::fill(line, line + count, ~uint64_t{0});
        for_each_figure(texts.begin(i), texts.end(i), [=](const Slot& slot) {
            const uint64_t hash = mix64(slot.context + slot.figure);
            for (size_t k = 0; k < count; ++k) line[k] = std::min(line[k], mix64(hash + k * 0x9E3779B97F4A7C15u));
        });
    }
}

}  // namespace

void bind_match_numbers(nb::module_& m) {
    using namespace nb::literals;
    m.def("number_conflicts", &number_conflicts, "values"_a, "offsets"_a, "a"_a, "b"_a, "shared"_a, "conflicts"_a,
          "Number slots that two texts share by their context, and how many disagree; with and without digits.");
    m.def("number_sketch", &number_sketch, "values"_a, "offsets"_a, "sketch"_a,
          "Min-hashes of the number slots of each text; all ones for a text without digits.");
}
