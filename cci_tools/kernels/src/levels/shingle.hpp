// Shingle hashes of a key, several windows at a time.
#pragma once
#include "../sign.hpp"
#include "lanes.hpp"

namespace CCI_LEVEL {

using ::mix;

static inline Lanes mix(Lanes z) {
    z = (z ^ z.right<30>()) * Lanes::all(0xBF58476D1CE4E5B9);
    z = (z ^ z.right<27>()) * Lanes::all(0x94D049BB133111EB);
    return z ^ z.right<31>();
}

// Lanes of code points times one constant. Code points need 32 bits only: two short products instead of three.
struct Constant {
#if defined(__AVX512DQ__) || !defined(__SSE4_1__)
    Lanes whole;
    explicit Constant(uint64_t k) : whole(Lanes::all(k)) {}
    Lanes times(Lanes codes) const { return codes * whole; }
#else
    Lanes low, high;
    explicit Constant(uint64_t k) : low(Lanes::all(k)), high(Lanes::all(k >> 32)) {}
    Lanes times(Lanes codes) const { return low_product(codes, low) + low_product(codes, high).left<32>(); }
#endif
};

constexpr size_t WINDOW_SLACK = 4 * Lanes::count;

// Hashes of `count` consecutive windows. out has room for WINDOW_SLACK values more, and as many may be read beyond the
// last window.
template <size_t FIXED>
static inline void hash_windows_of(const Shingling& shingling, const uint32_t* key, size_t count, uint64_t* out) {
    const size_t width = FIXED != 0 ? FIXED : shingling.width;
    for (size_t i = 0; i < count; i += WINDOW_SLACK) {
        const uint32_t* at = key + i;
        Lanes a = Lanes::all(0), b = a, c = a, d = a;
        for (size_t j = 0; j < width; ++j, ++at) {
            const Constant k(shingling.keys[j]);
            a = a + k.times(Lanes::widen(at));
            b = b + k.times(Lanes::widen(at + Lanes::count));
            c = c + k.times(Lanes::widen(at + 2 * Lanes::count));
            d = d + k.times(Lanes::widen(at + 3 * Lanes::count));
        }
        mix(a).store(out + i);
        mix(b).store(out + i + Lanes::count);
        mix(c).store(out + i + 2 * Lanes::count);
        mix(d).store(out + i + 3 * Lanes::count);
    }
}

static inline void hash_windows(const Shingling& shingling, const uint32_t* key, size_t count, uint64_t* out) {
    if (shingling.width == 5)
        hash_windows_of<5>(shingling, key, count, out);
    else
        hash_windows_of<0>(shingling, key, count, out);
}

// The one shingle of a key shorter than the width.
static inline uint64_t hash_short(const Shingling& shingling, const uint32_t* key, size_t n) {
    uint64_t sum = 0;
    for (size_t j = 0; j < n; ++j) sum += key[j] * shingling.keys[j];
    return mix(sum);
}

}  // namespace CCI_LEVEL
