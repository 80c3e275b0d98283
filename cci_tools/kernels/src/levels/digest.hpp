// The digest of a key: XXH3-128, seed 0, default secret, over 32-bit little-endian integers. Written from its published
// specification for whole numbers of 4 bytes; the key arrives in pieces.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "lanes.hpp"

namespace CCI_LEVEL {

alignas(64) static const uint8_t SECRET[192] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d,
    0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0,
    0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0,
    0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b,
    0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac,
    0xd8, 0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51,
    0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34,
    0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49,
    0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8,
    0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b,
    0x40, 0x7e};
constexpr uint64_t PRIME32_1 = 0x9E3779B1, PRIME32_2 = 0x85EBCA77, PRIME32_3 = 0xC2B2AE3D;
constexpr uint64_t PRIME64_1 = 0x9E3779B185EBCA87, PRIME64_2 = 0xC2B2AE3D27D4EB4F, PRIME64_3 = 0x165667B19E3779F9,
                   PRIME64_4 = 0x85EBCA77C2B2AE63, PRIME64_5 = 0x27D4EB2F165667C5;
constexpr uint64_t PRIME_MX1 = 0x165667919E3779F9, PRIME_MX2 = 0x9FB21C651E98DF25;
using Wide = unsigned __int128;

static inline uint64_t read64(const void* p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}
static inline uint64_t folded_product(uint64_t a, uint64_t b) {
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
static inline uint64_t avalanche(uint64_t x) {
    x = (x ^ x >> 37) * PRIME_MX1;
    return x ^ x >> 32;
}
static inline uint64_t avalanche64(uint64_t x) {
    x = (x ^ x >> 33) * PRIME64_2;
    x = (x ^ x >> 29) * PRIME64_3;
    return x ^ x >> 32;
}

struct Hash128 {
    uint64_t high, low;
};

static inline void mix_two(uint64_t acc[2], const uint8_t* one, const uint8_t* two, const uint8_t* secret) {
    const uint64_t a = read64(one), b = read64(one + 8), c = read64(two), d = read64(two + 8);
    acc[0] = (acc[0] + folded_product(a ^ read64(secret), b ^ read64(secret + 8))) ^ (c + d);
    acc[1] = (acc[1] + folded_product(c ^ read64(secret + 16), d ^ read64(secret + 24))) ^ (a + b);
}

// Keys of up to DIGEST_SHORT code points (240 bytes), all at once.
constexpr size_t DIGEST_SHORT = 60;
static inline Hash128 digest_short(const uint32_t* key, size_t count) {
    const uint8_t* data = reinterpret_cast<const uint8_t*>(key);
    const size_t length = 4 * count;
    if (length == 0)
        return {avalanche64(read64(SECRET + 80) ^ read64(SECRET + 88)),
                avalanche64(read64(SECRET + 64) ^ read64(SECRET + 72))};
    if (length <= 8) {
        const uint64_t value = (read64(SECRET + 16) ^ read64(SECRET + 24)) ^
                               (key[0] | static_cast<uint64_t>(key[count - 1]) << 32);
        const Wide product = static_cast<Wide>(value) * (PRIME64_1 + (length << 2));
        uint64_t low = static_cast<uint64_t>(product);
        const uint64_t high = static_cast<uint64_t>(product >> 64) + (low << 1);
        low ^= high >> 3;
        low = (low ^ low >> 35) * PRIME_MX2;
        return {avalanche(high), low ^ low >> 28};
    }
    if (length <= 16) {
        const uint64_t first = read64(data), last = read64(data + length - 8);
        const uint64_t one = read64(SECRET + 32) ^ read64(SECRET + 40) ^ first ^ last;
        const uint64_t two = read64(SECRET + 48) ^ read64(SECRET + 56) ^ last;
        const Wide product = static_cast<Wide>(one) * PRIME64_1;
        const uint64_t high = static_cast<uint64_t>(product >> 64) + two + (two & 0xFFFFFFFF) * (PRIME32_2 - 1);
        const uint64_t low = (static_cast<uint64_t>(product) + (static_cast<uint64_t>(length - 1) << 54)) ^
                             __builtin_bswap64(high);
        const Wide second = static_cast<Wide>(low) * PRIME64_2;
        return {avalanche(static_cast<uint64_t>(second >> 64) + high * PRIME64_2),
                avalanche(static_cast<uint64_t>(second))};
    }
    uint64_t acc[2] = {length * PRIME64_1, 0};
    if (length <= 128) {
        for (size_t i = (length - 1) / 32 + 1; i-- > 0;)
            mix_two(acc, data + 16 * i, data + length - 16 * i - 16, SECRET + 32 * i);
    } else {
        for (size_t i = 0; i < 4; ++i) mix_two(acc, data + 32 * i, data + 32 * i + 16, SECRET + 32 * i);
        acc[0] = avalanche(acc[0]);
        acc[1] = avalanche(acc[1]);
        for (size_t i = 4; i < length / 32; ++i)
            mix_two(acc, data + 32 * i, data + 32 * i + 16, SECRET + 32 * (i - 4) + 3);
        mix_two(acc, data + length - 16, data + length - 32, SECRET + 103);
    }
    return {0 - avalanche(acc[0] * PRIME64_1 + acc[1] * PRIME64_4 + length * PRIME64_2), avalanche(acc[0] + acc[1])};
}

// Longer keys, stripe by stripe of 16 code points. The last code point is never part of a stripe taken by `take`.
struct LongDigest {
    alignas(64) uint64_t acc[8] = {PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3,
                                   PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1};
    size_t stripe = 0;  // within the block of 16

    // `count` stripes from the secret's byte `at` on, eight bytes further for each.
    void accumulate(const uint8_t* data, size_t count, size_t at) {
        Lanes sums[8 / Lanes::count];
        for (size_t i = 0; i < 8; i += Lanes::count) sums[i / Lanes::count] = Lanes::load(acc + i);
        for (const uint8_t* secret = SECRET + at; count-- > 0; data += 64, secret += 8) {
            for (size_t i = 0; i < 8; i += Lanes::count) {
                const Lanes word = Lanes::load(data + 8 * i), value = word ^ Lanes::load(secret + 8 * i);
                Lanes& sum = sums[i / Lanes::count];
                sum = sum + (word.neighbours() + low_product(value, value.right<32>()));
            }
        }
        for (size_t i = 0; i < 8; i += Lanes::count) sums[i / Lanes::count].store(acc + i);
    }
    void take(const uint32_t* key, size_t stripes) {
        while (stripes > 0) {
            const size_t count = stripes < 16 - stripe ? stripes : 16 - stripe;
            accumulate(reinterpret_cast<const uint8_t*>(key), count, 8 * stripe);
            key += 16 * count;
            stripes -= count;
            stripe += count;
            if (stripe < 16) return;
            for (size_t i = 0; i < 8; ++i) acc[i] = (acc[i] ^ acc[i] >> 47 ^ read64(SECRET + 128 + 8 * i)) * PRIME32_1;
            stripe = 0;
        }
    }
    uint64_t merge(uint64_t result, const uint8_t* secret) const {
        for (size_t i = 0; i < 8; i += 2)
            result += folded_product(acc[i] ^ read64(secret + 8 * i), acc[i + 1] ^ read64(secret + 8 * i + 8));
        return avalanche(result);
    }
    // `last`: the last 16 code points of a key of `count`.
    Hash128 finish(const uint32_t* last, size_t count) {
        accumulate(reinterpret_cast<const uint8_t*>(last), 1, 121);
        const uint64_t length = 4 * static_cast<uint64_t>(count);
        return {merge(~(length * PRIME64_2), SECRET + 117), merge(length * PRIME64_1, SECRET + 11)};
    }
};

}  // namespace CCI_LEVEL
