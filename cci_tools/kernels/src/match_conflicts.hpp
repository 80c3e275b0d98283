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

class Conflicts {
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

}  // namespace
