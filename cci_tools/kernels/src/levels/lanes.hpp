// 64-bit integer lanes, as wide as the instruction level has them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE4_1__)
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC means the undefined vectors of its own header
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#endif

namespace CCI_LEVEL {

#if defined(__AVX512DQ__)

struct Lanes {
    __m512i v;
    static constexpr size_t count = 8;
    static Lanes load(const void* p) { return {_mm512_loadu_si512(p)}; }
    static Lanes widen(const uint32_t* p) {
        return {_mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
    }
    static Lanes all(uint64_t x) { return {_mm512_set1_epi64(static_cast<long long>(x))}; }
    void store(void* p) const { _mm512_storeu_si512(p, v); }
    Lanes neighbours() const { return {_mm512_shuffle_epi32(v, _MM_PERM_BADC)}; }
    template <unsigned N>
    Lanes right() const { return {_mm512_srli_epi64(v, N)}; }
    friend Lanes operator+(Lanes a, Lanes b) { return {_mm512_add_epi64(a.v, b.v)}; }
    friend Lanes operator^(Lanes a, Lanes b) { return {_mm512_xor_si512(a.v, b.v)}; }
    friend Lanes operator*(Lanes a, Lanes b) { return {_mm512_mullo_epi64(a.v, b.v)}; }
    friend Lanes low_product(Lanes a, Lanes b) { return {_mm512_mul_epu32(a.v, b.v)}; }
};

#elif defined(__AVX2__)

struct Lanes {
    __m256i v;
    static constexpr size_t count = 4;
    static Lanes load(const void* p) { return {_mm256_loadu_si256(static_cast<const __m256i*>(p))}; }
    static Lanes widen(const uint32_t* p) {
        return {_mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
    }
    static Lanes all(uint64_t x) { return {_mm256_set1_epi64x(static_cast<long long>(x))}; }
    void store(void* p) const { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
    Lanes neighbours() const { return {_mm256_shuffle_epi32(v, 0x4E)}; }
    template <unsigned N>
    Lanes right() const { return {_mm256_srli_epi64(v, N)}; }
    template <unsigned N>
    Lanes left() const { return {_mm256_slli_epi64(v, N)}; }
    friend Lanes operator+(Lanes a, Lanes b) { return {_mm256_add_epi64(a.v, b.v)}; }
    friend Lanes operator^(Lanes a, Lanes b) { return {_mm256_xor_si256(a.v, b.v)}; }
    friend Lanes low_product(Lanes a, Lanes b) { return {_mm256_mul_epu32(a.v, b.v)}; }
    friend Lanes operator*(Lanes a, Lanes b) {
        const Lanes cross = low_product(a, b.right<32>()) + low_product(a.right<32>(), b);
        return low_product(a, b) + cross.left<32>();
    }
};

#elif defined(__SSE4_1__)

struct Lanes {
    __m128i v;
    static constexpr size_t count = 2;
    static Lanes load(const void* p) { return {_mm_loadu_si128(static_cast<const __m128i*>(p))}; }
    static Lanes widen(const uint32_t* p) {
        return {_mm_cvtepu32_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
    }
    static Lanes all(uint64_t x) { return {_mm_set1_epi64x(static_cast<long long>(x))}; }
    void store(void* p) const { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
    Lanes neighbours() const { return {_mm_shuffle_epi32(v, 0x4E)}; }
    template <unsigned N>
    Lanes right() const { return {_mm_srli_epi64(v, N)}; }
    template <unsigned N>
    Lanes left() const { return {_mm_slli_epi64(v, N)}; }
    friend Lanes operator+(Lanes a, Lanes b) { return {_mm_add_epi64(a.v, b.v)}; }
    friend Lanes operator^(Lanes a, Lanes b) { return {_mm_xor_si128(a.v, b.v)}; }
    friend Lanes low_product(Lanes a, Lanes b) { return {_mm_mul_epu32(a.v, b.v)}; }
    friend Lanes operator*(Lanes a, Lanes b) {
        const Lanes cross = low_product(a, b.right<32>()) + low_product(a.right<32>(), b);
        return low_product(a, b) + cross.left<32>();
    }
};

#else

struct Lanes {
    typedef uint64_t Vector __attribute__((vector_size(16)));
    Vector v;
    static constexpr size_t count = 2;
    static Lanes load(const void* p) {
        Lanes lanes;
        memcpy(&lanes.v, p, sizeof lanes.v);
        return lanes;
    }
    static Lanes widen(const uint32_t* p) { return {Vector{p[0], p[1]}}; }
    static Lanes all(uint64_t x) { return {Vector{x, x}}; }
    void store(void* p) const { memcpy(p, &v, sizeof v); }
    Lanes neighbours() const { return {Vector{v[1], v[0]}}; }
    template <unsigned N>
    Lanes right() const { return {v >> N}; }
    friend Lanes operator+(Lanes a, Lanes b) { return {a.v + b.v}; }
    friend Lanes operator^(Lanes a, Lanes b) { return {a.v ^ b.v}; }
    friend Lanes operator*(Lanes a, Lanes b) { return {a.v * b.v}; }
    friend Lanes low_product(Lanes a, Lanes b) { return {(a.v & 0xFFFFFFFF) * (b.v & 0xFFFFFFFF)}; }
};

#endif

}  // namespace CCI_LEVEL
