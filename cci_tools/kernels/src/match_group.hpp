// Grouping of equal 64-bit keys by radix sort: the keys are hashes, so 22 or 33 of their bits part nearly all of them
// and two or three passes over 12-byte entries do. What still shares those bits is compared in full.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

struct Keyed {
    uint32_t low, high, index;
    uint64_t key() const { return static_cast<uint64_t>(high) << 32 | low; }
};

// One stable pass: orders `from` by the 11 bits of the key that begin at `shift`.
static inline void radix_pass(const std::vector<Keyed>& from, std::vector<Keyed>& to, int shift) {
    constexpr uint32_t mask = (1u << 11) - 1;
    uint32_t starts[mask + 1] = {0};
    for (const Keyed& e : from) ++starts[(e.key() >> shift) & mask];
    uint32_t sum = 0;
    for (uint32_t& start : starts) {
        const uint32_t count = start;
        start = sum;
        sum += count;
    }
    for (const Keyed& e : from) to[starts[(e.key() >> shift) & mask]++] = e;
}

// Calls visit(first, last) for every group of two or more entries with equal keys. The order of the groups, and of
// the entries in one, is not specified. `scratch` is overwritten; both vectors end up with the same size.
template <typename Visit>
void for_each_bucket(std::vector<Keyed>& entries, std::vector<Keyed>& scratch, Visit visit) {
    const size_t n = entries.size();
    scratch.resize(n);
    const int passes = n > (1u << 18) ? 3 : 2;
    for (int pass = 0; pass < passes; ++pass) {
        radix_pass(entries, scratch, 11 * pass);
        entries.swap(scratch);
    }
    const uint64_t prefix = (uint64_t{1} << (11 * passes)) - 1;
    Keyed* const all = entries.data();
    for (size_t i = 0; i < n;) {
        const uint64_t first = all[i].key();
        bool equal = true;
        size_t j = i + 1;
        for (; j < n && ((all[j].key() ^ first) & prefix) == 0; ++j) equal &= all[j].key() == first;
        if (!equal) std::sort(all + i, all + j, [](const Keyed& a, const Keyed& b) { return a.key() < b.key(); });
        while (i < j) {
            size_t k = i + 1;
            while (k < j && all[k].key() == all[i].key()) ++k;
            if (k - i > 1) visit(all + i, all + k);
            i = k;
        }
    }
}
