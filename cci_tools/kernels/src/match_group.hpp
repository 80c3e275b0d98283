// Grouping of equal 64-bit keys, most of which are alone.
//
// One radix pass parts the entries by the low bits of their keys into pieces that fit into the first-level cache. In a
// piece two bitmaps of the next bits tell which entries can have a partner; only those few are sorted.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

struct Keyed {
    uint32_t low, high, index;  // 12 bytes: the key in halves
    uint64_t key() const { return static_cast<uint64_t>(high) << 32 | low; }
};

class Grouping {
  public:
    // Calls visit(first, last) for every group of two or more entries with equal keys, and prefetch(entry) some time
    // before. The order of the groups, and of the entries in one, is not specified. The entries are reordered.
    template <typename Prefetch, typename Visit>
    void operator()(const std::vector<Keyed>& entries, Prefetch prefetch, Visit visit) {
        const size_t n = entries.size();
        const int bits = std::clamp(log2(n) - 9, 0, 11);  // about 512 entries a piece, and no more than 2,048 pieces
        std::vector<size_t> starts((size_t{1} << bits) + 1, 0);
        const uint64_t mask = (uint64_t{1} << bits) - 1;
        for (const Keyed& e : entries) ++starts[(e.low & mask) + 1];
        for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
        parted_.resize(n);
        std::vector<size_t> next(starts.begin(), starts.end() - 1);
        for (const Keyed& e : entries) parted_[next[e.low & mask]++] = e;
        for (size_t i = 0; i + 1 < starts.size(); ++i)
            piece(parted_.data() + starts[i], parted_.data() + starts[i + 1], bits, prefetch, visit);
    }

  private:
    static int log2(size_t n) {
        int bits = 0;
        while (n >>= 1) ++bits;
        return bits;
    }

    template <typename Prefetch, typename Visit>
    void piece(const Keyed* first, const Keyed* last, int shift, Prefetch prefetch, Visit visit) {
        const size_t n = static_cast<size_t>(last - first);
        if (n < 2) return;
        const int bits = std::max(log2(n) + 4, 6);  // 16 to 32 bits an entry
        once_.assign(size_t{1} << (bits - 6), 0);
        twice_.assign(size_t{1} << (bits - 6), 0);
        const uint64_t mask = (uint64_t{1} << bits) - 1;
        for (const Keyed* e = first; e < last; ++e) {
            const uint64_t at = (e->key() >> shift) & mask, bit = uint64_t{1} << (at & 63);
            twice_[at >> 6] |= once_[at >> 6] & bit;
            once_[at >> 6] |= bit;
        }
        chosen_.clear();
        for (const Keyed* e = first; e < last; ++e) {
            const uint64_t at = (e->key() >> shift) & mask;
            if (twice_[at >> 6] >> (at & 63) & 1) chosen_.push_back(*e);
        }
        std::sort(chosen_.begin(), chosen_.end(), [](const Keyed& a, const Keyed& b) { return a.key() < b.key(); });
        groups_.clear();
        for (size_t i = 0, j; i < chosen_.size(); i = j) {
            for (j = i + 1; j < chosen_.size() && chosen_[j].key() == chosen_[i].key(); ++j) {
            }
            if (j - i < 2) continue;
            groups_.push_back({i, j});
            for (size_t k = i; k < j && k < i + 64; ++k) prefetch(chosen_[k]);
        }
        for (const auto& group : groups_) visit(chosen_.data() + group.first, chosen_.data() + group.second);
    }

    std::vector<Keyed> parted_, chosen_;
    std::vector<uint64_t> once_, twice_;
    std::vector<std::pair<size_t, size_t>> groups_;
};
