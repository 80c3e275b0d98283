// Which figures of two texts differ, by their sorted number slots.
#pragma once
#include <algorithm>
#include <vector>

#include "match_figures.hpp"

namespace {

// The lists of number_slots: slots of all texts, one after the other, and where each text's begin.
class SlotView {
  public:
    SlotView(const Input<uint64_t>& slots, const Input<int64_t>& starts)
        : slots_(reinterpret_cast<const Slot*>(slots.data())), starts_(starts.data()), lists_(starts.shape(0)) {
        static_assert(sizeof(Slot) == 2 * sizeof(uint64_t), "a slot is two numbers of an array");
        require(lists_-- > 0, "starts: one more than lists is needed");
        require(starts_[0] >= 0 && static_cast<size_t>(starts_[lists_]) <= slots.shape(0) / 2, "starts: beyond slots");
        for (size_t i = 0; i < lists_; ++i) require(starts_[i] <= starts_[i + 1], "starts: not ascending");
    }
    bool has(int64_t list) const { return list >= 0 && static_cast<size_t>(list) < lists_; }
    const Slot* begin(int64_t list) const { return slots_ + starts_[list]; }
    const Slot* end(int64_t list) const { return slots_ + starts_[list + 1]; }

  private:
    const Slot* slots_;
    const int64_t* starts_;
    size_t lists_;
};

// Figures of two texts that stand in the same place are counted by how the texts write them: both with a digit, both
// without, or one of each.
constexpr int MIXED = KINDS, FORMS = KINDS + 1;

class Conflicts {
  public:
    // For every context of both texts: as many slots as the text with fewer has; those without a partner differ. Two
    // figures of one value agree, however they are written. Writes FORMS counts each.
    // A figure that differs is a conflict if the other text does not state it elsewhere instead: where a passage is
    // missing, the figures before and behind it meet in one context, and are still those of the other text. No missing
    // passages explain more than a fifth of the figures: those were moved, as articles are in a later version of a law.
    void compare(const Slot* a, const Slot* a_end, const Slot* b, const Slot* b_end, int32_t* shared,
                 int32_t* conflicts) {
        const Slot *const all_a = a, *const all_b = b;
        std::fill(shared, shared + FORMS, 0);
        std::fill(conflicts, conflicts + FORMS, 0);
        for (auto* lists : {of_a_, of_b_})
            for (int form = 0; form < FORMS; ++form) lists[form].clear();
        while (a < a_end && b < b_end) {
            if (a->context != b->context) {
                ++(a->context < b->context ? a : b);
                continue;
            }
            const uint64_t context = a->context;
            for (auto* lists : {only_a_, only_b_})
                for (int kind = 0; kind < KINDS; ++kind) lists[kind].clear();
            const auto inside = [context](const Slot* s, const Slot* end) { return s < end && s->context == context; };
            while (inside(a, a_end) || inside(b, b_end)) {
                const bool in_a = inside(a, a_end), in_b = inside(b, b_end);
                const uint64_t value = std::min(in_a ? a->value() : ~uint64_t{0}, in_b ? b->value() : ~uint64_t{0});
                size_t mine[KINDS] = {0}, others[KINDS] = {0};
                for (; inside(a, a_end) && a->value() == value; ++a) ++mine[a->kind()];
                for (; inside(b, b_end) && b->value() == value; ++b) ++others[b->kind()];
                const auto agree = [&](int kind, int other, int form) {
                    const size_t both = std::min(mine[kind], others[other]);
                    mine[kind] -= both;
                    others[other] -= both;
                    shared[form] += static_cast<int32_t>(both);
                };
                agree(0, 0, 0), agree(1, 1, 1), agree(0, 1, MIXED), agree(1, 0, MIXED);
                for (int kind = 0; kind < KINDS; ++kind) {
                    only_a_[kind].insert(only_a_[kind].end(), mine[kind], value << 1 | kind);
                    only_b_[kind].insert(only_b_[kind].end(), others[kind], value << 1 | kind);
                }
            }
            differ(conflicts);
        }
        if (std::all_of(conflicts, conflicts + FORMS, [](int32_t count) { return !count; })) return;
        fill(figures_a_, all_a, a_end);
        fill(figures_b_, all_b, b_end);
        for (int form = 0; form < FORMS; ++form) {
            shared[form] += conflicts[form];
            if (conflicts[form] >= MANY && 5 * conflicts[form] > shared[form]) continue;
            const int ignored_bits = form == MIXED;
            conflicts[form] = std::min({conflicts[form], surplus(of_a_[form], figures_a_, figures_b_, ignored_bits),
                                        surplus(of_b_[form], figures_b_, figures_a_, ignored_bits)});
        }
    }

  private:
    static constexpr int32_t MANY = 4;

    using List = std::vector<uint64_t>;

    // Takes what is left of one context to the lists of its form; MIXED if a figure with a digit has but one without to
    // differ from.
    void differ(int32_t* conflicts) {
        const size_t digits = std::min(only_a_[0].size(), only_b_[0].size());
        const size_t numerals = std::min(only_a_[1].size(), only_b_[1].size());
        const size_t all = std::min(only_a_[0].size() + only_a_[1].size(), only_b_[0].size() + only_b_[1].size());
        const bool mixed = digits + numerals < all;
        const size_t counts[FORMS] = {mixed ? 0 : digits, mixed ? 0 : numerals, mixed ? all : 0};
        for (int kind = 0; kind < KINDS; ++kind) {
            const int form = mixed ? MIXED : kind;
            if (!counts[form]) continue;
            of_a_[form].insert(of_a_[form].end(), only_a_[kind].begin(), only_a_[kind].end());
            of_b_[form].insert(of_b_[form].end(), only_b_[kind].begin(), only_b_[kind].end());
        }
        for (int form = 0; form < FORMS; ++form) conflicts[form] += static_cast<int32_t>(counts[form]);
    }
    static void fill(List& figures, const Slot* slot, const Slot* end) {
        figures.clear();
        for (; slot < end; ++slot) figures.push_back(slot->figure);
        std::sort(figures.begin(), figures.end());
    }
    // How many of `some` are among those that `mine` has more often than `other`; the kind of a figure is its last bit.
    static int32_t surplus(List& some, const List& mine, const List& other, int ignored_bits) {
        std::sort(some.begin(), some.end());
        int32_t result = 0;
        for (size_t i = 0, j; i < some.size(); i = j) {
            const uint64_t figure = some[i] >> ignored_bits;
            for (j = i + 1; j < some.size() && some[j] >> ignored_bits == figure; ++j) {
            }
            const auto frequency = [&](const List& all) {
                const auto first = std::lower_bound(all.begin(), all.end(), figure << ignored_bits);
                const auto last = std::upper_bound(first, all.end(), figure << ignored_bits | ignored_bits);
                return static_cast<int32_t>(last - first);
            };
            result += std::clamp(frequency(mine) - frequency(other), 0, static_cast<int32_t>(j - i));
        }
        return result;
    }

    List only_a_[KINDS], only_b_[KINDS];  // figures without a partner, of one context
    List of_a_[FORMS], of_b_[FORMS];      // of all contexts where both texts have one
    List figures_a_, figures_b_;          // all of each text
};

}  // namespace
