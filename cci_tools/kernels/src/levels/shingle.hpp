// Shingle hashes of a key.
#pragma once
#include "../sign.hpp"

namespace CCI_LEVEL {

// Hashes of `count` consecutive windows; out has room for `count` + 8 values, key for 8 more to read.
static inline void hash_windows(const Shingling& shingling, const uint32_t* key, size_t count, uint64_t* out) {
    for (size_t i = 0; i < count; ++i) {
        uint64_t sum = 0;
        for (size_t j = 0; j < shingling.width; ++j) sum += key[i + j] * shingling.keys[j];
        out[i] = mix(sum);
    }
}

// The one shingle of a key shorter than the width.
static inline uint64_t hash_short(const Shingling& shingling, const uint32_t* key, size_t n) {
    uint64_t sum = 0;
    for (size_t j = 0; j < n; ++j) sum += key[j] * shingling.keys[j];
    return mix(sum);
}

}  // namespace CCI_LEVEL
