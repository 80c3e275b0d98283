// Exact Jaccard of the shingle sets of two matching keys.
//
// Shingles are compared by a 64-bit hash. Two different shingles of one pair of documents meet with probability below
// s * s / 2**65 for s shingles together: 3e-14 for a pair of 1,000 characters each, 3e-8 for a million.
#include <algorithm>

#include "fold.hpp"
#include "match.hpp"

namespace {

constexpr int WIDEST = 64;
// A set of hashes holds at most this many; longer texts are compared in several passes, each over a share of the hashes.
constexpr size_t PASS = size_t{1} << 20;

// Calls visit(hash) for every run of `width` code points of the key, repeats included; nothing for a shorter key.
// The key is never stored: a ring of its last code points is enough.
template <typename Visit>
void for_each_shingle(const uint8_t* p, const uint8_t* end, int width, Visit visit) {
    static const uint32_t* const table = fold_table();
    static const uint32_t limit = fold_limit();
    constexpr uint64_t base = 0xD1342543DE82EF95u;
    uint64_t out_factor = 1;
    for (int i = 0; i < width; ++i) out_factor *= base;
    uint32_t ring[WIDEST] = {0};
    uint64_t hash = 0;
    size_t length = 0;
    while (p < end) {
        const uint32_t c = next_code_point(p, end);
        const uint32_t folded = c < limit ? table[c] : 0;
        if (!folded) continue;
        hash = hash * base + folded - out_factor * ring[(length - width) % WIDEST];
        ring[length++ % WIDEST] = folded;
        if (length >= static_cast<size_t>(width)) visit(mix64(hash));
    }
}

// A set of hashes that is emptied by raising its generation, so that a short text costs little after a long one.
class StampedSet {
  public:
    // Empties the set and makes room for `most` hashes.
    void reset(size_t most) {
        size_t size = 64;
        while (size < 2 * most) size *= 2;
        mask_ = size - 1;
        if (size > keys_.size()) {
            keys_.assign(size, 0);
            stamps_.assign(size, 0);
            generation_ = 0;
        }
        if (++generation_ == 0) {
            stamps_.assign(stamps_.size(), 0);
            generation_ = 1;
        }
    }
    // The place of a hash; `found` tells whether it is taken by it or free.
    size_t find(uint64_t hash, bool& found) const {
        size_t at = hash & mask_;
        for (; stamps_[at] == generation_; at = (at + 1) & mask_)
            if (keys_[at] == hash) {
                found = true;
                return at;
            }
        found = false;
        return at;
    }
    bool insert(uint64_t hash) {
        bool found;
        const size_t at = find(hash, found);
        keys_[at] = hash;
        stamps_[at] = generation_;
        return !found;
    }
    size_t capacity() const { return keys_.size(); }

  private:
    std::vector<uint64_t> keys_;
    std::vector<uint32_t> stamps_;
    uint32_t generation_ = 0;
    size_t mask_ = 0;
};

class Comparison {
  public:
    Comparison(const Texts& texts, int width) : texts_(texts), width_(width) {}

    // Sizes of the intersection and the union of two shingle sets. Consecutive pairs with the same `a` share its set.
    void compare(size_t a, size_t b, int64_t& common, int64_t& together) {
        const size_t length_a = characters(a), length_b = characters(b);
        const size_t passes = 1 + std::max(length_a, length_b) / PASS;
        common = together = 0;
        for (size_t pass = 0; pass < passes; ++pass) {
            const auto mine = [&](uint64_t hash) { return passes == 1 || (hash >> 40) % passes == pass; };
            if (a != loaded_ || passes > 1) load(a, room(length_a, passes), mine);
            ++stamp_;
            extra_.reset(room(length_b, passes));
            for_each_shingle(texts_.begin(b), texts_.end(b), width_, [&](uint64_t hash) {
                if (!mine(hash)) return;
                bool found;
                const size_t at = first_.find(hash, found);
                if (!found) {
                    together += extra_.insert(hash);
                } else if (seen_[at] != stamp_) {
                    seen_[at] = stamp_;
                    ++common;
                }
            });
            together += first_size_;
        }
        if (passes > 1) loaded_ = NONE;
    }

  private:
    static constexpr size_t NONE = ~size_t{0};

    // No less than the key's length: every character of the key has one byte that is no continuation byte.
    size_t characters(size_t i) const {
        size_t n = 0;
        for (const uint8_t* p = texts_.begin(i); p < texts_.end(i); ++p) n += (*p & 0xC0) != 0x80;
        return n;
    }
    // Shingles of one pass; with several, many standard deviations above an even share. A set takes twice as many.
    static size_t room(size_t length, size_t passes) { return passes == 1 ? length : length / passes * 9 / 8 + 4096; }

    template <typename Mine>
    void load(size_t a, size_t most, Mine mine) {
        first_.reset(most);
        first_size_ = 0;
        for_each_shingle(texts_.begin(a), texts_.end(a), width_,
                         [&](uint64_t hash) { first_size_ += mine(hash) && first_.insert(hash); });
        if (seen_.size() != first_.capacity()) seen_.assign(first_.capacity(), 0);
        loaded_ = a;
    }

    const Texts& texts_;
    const int width_;
    StampedSet first_, extra_;
    std::vector<uint64_t> seen_;  // the last pair in which a hash of `first_` was met
    uint64_t stamp_ = 0;
    int64_t first_size_ = 0;
    size_t loaded_ = NONE;
};

void jaccard_pairs(Input<uint8_t> values, Input<int64_t> offsets, Input<int64_t> a, Input<int64_t> b, int width,
                   Output<int64_t> common, Output<int64_t> together) {
    const Texts texts(values, offsets);
    const size_t n = a.shape(0);
    require(width > 0 && width <= WIDEST, "width: from 1 to 64 characters");
    require(b.shape(0) == n && common.shape(0) == n && together.shape(0) == n, "a, b: the same length is needed");
    for (size_t i = 0; i < n; ++i)
        require(a.data()[i] >= 0 && static_cast<size_t>(a.data()[i]) < texts.count && b.data()[i] >= 0 &&
                    static_cast<size_t>(b.data()[i]) < texts.count,
                "a, b: beyond the texts");
    nb::gil_scoped_release release;
    Comparison comparison(texts, width);
    for (size_t i = 0; i < n; ++i)
        comparison.compare(static_cast<size_t>(a.data()[i]), static_cast<size_t>(b.data()[i]), common.data()[i],
                           together.data()[i]);
}

}  // namespace

void bind_match_verify(nb::module_& m) {
    using namespace nb::literals;
    m.def("jaccard_pairs", &jaccard_pairs, "values"_a, "offsets"_a, "a"_a, "b"_a, "width"_a, "common"_a, "together"_a,
          "Sizes of intersection and union of the shingle sets of the keys of each pair of texts.");
}
