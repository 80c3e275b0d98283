// The second scheme: the smallest value under each of many affine permutations of 32-bit integers.
#pragma once
#include "lanes32.hpp"

namespace CCI_LEVEL {

static inline void affine_minima(const Affine& permutations, const uint64_t* hashes, size_t n, uint32_t* slots) {
    for (size_t i = 0; i < n; ++i) {
        const uint32_t h = mix32(static_cast<uint32_t>(hashes[i]));
        for (size_t j = 0; j < permutations.count; ++j) {
            const uint32_t value = permutations.a[j] * h + permutations.b[j];
            slots[j] = value < slots[j] ? value : slots[j];
        }
    }
}

}  // namespace CCI_LEVEL
