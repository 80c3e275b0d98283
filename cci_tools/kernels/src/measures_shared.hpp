// How many tokens two places have in common, without a branch that depends on it.
#pragma once
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

constexpr int LONGEST_SHARED = 13;
constexpr uint32_t TOKENS_READ = 16;  // from each place

// Number of equal tokens from a and b on, at most LONGEST_SHARED; TOKENS_READ tokens must be readable there.
inline int shared_tokens(const uint32_t* a, const uint32_t* b) {
#if defined(__SSE2__)
    const auto equal = [&](int quarter) {
        return _mm_cmpeq_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a) + quarter),
                               _mm_loadu_si128(reinterpret_cast<const __m128i*>(b) + quarter));
    };
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(equal(0), equal(1)), _mm_packs_epi32(equal(2), equal(3)));
    return __builtin_ctz(~static_cast<unsigned>(_mm_movemask_epi8(bytes)) | 1u << LONGEST_SHARED);
#else
    int n = 0;
    while (n < LONGEST_SHARED && a[n] == b[n]) ++n;
    return n;
#endif
}
