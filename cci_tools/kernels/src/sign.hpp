// The signing kernel: what it computes, and how the instruction levels offer it. sign.cpp binds it, levels/ computes.
//
// Format "fss-1". All integers are unsigned and wrap. mix is SplitMix64's finaliser, mix32 MurmurHash3's of 32 bits;
// gamma = 0x9E3779B97F4A7C15, gamma32 = 0x9E3779B9.
//   key      c_0 .. c_{n-1}: the folded code points (fold.hpp).
//   digest   XXH3-128 with seed 0 of the key as little-endian 32-bit integers, that is of the key in UTF-32LE.
//   shingle  K_j = mix(seed + (j + 1) gamma) | 1 for j < width; h_i = mix(sum over j of c_{i+j} K_j), 64 bits.
//            A key shorter than width, but not empty, is one shingle: the sum over all its code points.
//   slots    Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup 2017) with t slots, a power of two:
//            v_0 = h >> 32, and v_r = mix32((h >> 32) + r gamma32) for a round r > 0.
//            In round r < t a shingle falls into slot v_r >> (32 - log2 t); in round t + s every shingle into slot s.
//            A slot belongs to the first round in which something fell into it, and there to the shingle with the
//            smallest v_r, then the smallest low half of h. It stores (h mod 2^32) + r gamma32, which hardly takes part
//            in the decision: unrelated texts agree in one slot of 2^32 however long they are. 0xFFFFFFFF where there
//            is no shingle. (A v_r and low half that are all ones never count.)
#pragma once
#include <cstddef>
#include <cstdint>

constexpr size_t MAX_WIDTH = 64;
constexpr size_t MIN_SLOTS = 64, MAX_SLOTS = 512;
constexpr uint64_t GAMMA = 0x9E3779B97F4A7C15;

static inline uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

constexpr uint32_t GAMMA32 = 0x9E3779B9;

static inline uint32_t mix32(uint32_t h) {
    h = (h ^ h >> 16) * 0x85EBCA6B;
    h = (h ^ h >> 13) * 0xC2B2AE35;
    return h ^ h >> 16;
}

struct Shingling {
    size_t width;
    uint64_t keys[MAX_WIDTH];  // K_j
};

struct Signature {
    uint32_t* slots;
    uint64_t* digest;  // high half, low half
    size_t key_length;
};

// Working memory of one thread; each level knows its own.
struct Scratch;

// The shingles' random permutations x -> a_i x + b_i of 32-bit integers, as datasketch's scheme "affine32".
struct Affine {
    const uint32_t* a;
    const uint32_t* b;
    size_t count;
};

// One table of functions per instruction level; active_kernel() is that of the level in use.
struct SignKernel {
    Scratch* (*new_scratch)();
    void (*delete_scratch)(Scratch*);
    // Slots, digest and key length of one text; the slots by Fast Similarity Sketching, or by permutations where they are
    // given, as `affine` does. Returns false when memory ran out.
    bool (*sign)(Scratch&, const Shingling&, const Affine* permutations, size_t slots, const uint8_t* begin,
                 const uint8_t* end, Signature& out);
    // Slot i = min over the shingles of a_i f(h) + b_i, f = MurmurHash3's finaliser on the low 32 bits of h.
    size_t (*affine)(Scratch&, const Shingling&, const Affine&, const uint8_t* begin, const uint8_t* end,
                     uint32_t* slots);
    // The key; out has room for end - begin values. Returns its length.
    size_t (*fold)(const uint8_t* begin, const uint8_t* end, uint32_t* out);
    // The shingle hashes of a key; out has room for max(1, n) values. Returns their number.
    size_t (*hashes)(const Shingling&, const uint32_t* key, size_t n, uint64_t* out);
};

const SignKernel& active_kernel();
