// The second scheme: the smallest value under each of many affine permutations of 32-bit integers.
#pragma once
#include "lanes32.hpp"

namespace CCI_LEVEL {

// Vectors of permutations at a time: multipliers, increments and minima fill three quarters of the registers.
#if defined(__AVX512F__)
constexpr size_t AFFINE_VECTORS = 8;
#else
constexpr size_t AFFINE_VECTORS = 4;
#endif
constexpr size_t AFFINE_BLOCK = AFFINE_VECTORS * LANES32;

static inline void affine_block(const uint32_t* a, const uint32_t* b, const uint32_t* mixed, size_t n,
                                uint32_t* slots) {
    Lanes32 factor[AFFINE_VECTORS], offset[AFFINE_VECTORS], least[AFFINE_VECTORS];
    memcpy(factor, a, sizeof factor);
    memcpy(offset, b, sizeof offset);
    memcpy(least, slots, sizeof least);
    for (size_t i = 0; i < n; ++i) {
        const Lanes32 h = mixed[i] + Lanes32{};
        for (size_t k = 0; k < AFFINE_VECTORS; ++k) {
            const Lanes32 value = factor[k] * h + offset[k];
            least[k] = value < least[k] ? value : least[k];
        }
    }
    memcpy(slots, least, sizeof least);
}

// Lowers the slots by `n` hashes.
static inline void affine_minima(const Affine& permutations, const uint64_t* hashes, size_t n, uint32_t* slots) {
    constexpr size_t RUN = 512;
    uint32_t mixed[RUN];
    for (; n != 0; n -= n < RUN ? n : RUN, hashes += RUN) {
        const size_t run = n < RUN ? n : RUN;
        for (size_t i = 0; i < run; ++i) mixed[i] = mix32(static_cast<uint32_t>(hashes[i]));
        size_t j = 0;
        for (; j + AFFINE_BLOCK <= permutations.count; j += AFFINE_BLOCK)
            affine_block(permutations.a + j, permutations.b + j, mixed, run, slots + j);
        if (j < permutations.count) {
            uint32_t rest[3][AFFINE_BLOCK] = {};
            const size_t bytes = (permutations.count - j) * sizeof(uint32_t);
            memcpy(rest[0], permutations.a + j, bytes);
            memcpy(rest[1], permutations.b + j, bytes);
            memcpy(rest[2], slots + j, bytes);
            affine_block(rest[0], rest[1], mixed, run, rest[2]);
            memcpy(slots + j, rest[2], bytes);
        }
    }
}

}  // namespace CCI_LEVEL
