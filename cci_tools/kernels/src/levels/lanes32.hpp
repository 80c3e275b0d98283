// 32-bit integer lanes, as wide as the instruction level has them, and the finaliser over them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../sign.hpp"

namespace CCI_LEVEL {

#if defined(__AVX512F__)
constexpr size_t LANES32 = 16;
#elif defined(__AVX2__)
constexpr size_t LANES32 = 8;
#else
constexpr size_t LANES32 = 4;
#endif
typedef uint32_t Lanes32 __attribute__((vector_size(4 * LANES32)));

using ::mix32;

static inline Lanes32 mix32(Lanes32 h) {
    h = (h ^ h >> 16) * 0x85EBCA6B;
    h = (h ^ h >> 13) * 0xC2B2AE35;
    return h ^ h >> 16;
}

// (mix32(high half + added), low half) of each hash.
static inline void mix_high_halves(const uint64_t* hashes, size_t n, uint32_t added, uint64_t* out) {
    for (size_t i = 0; i < n; ++i) {
        const uint64_t high = mix32(static_cast<uint32_t>(hashes[i] >> 32) + added);
        out[i] = high << 32 | static_cast<uint32_t>(hashes[i]);
    }
}

}  // namespace CCI_LEVEL
