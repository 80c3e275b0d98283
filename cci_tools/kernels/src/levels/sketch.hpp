// Fast Similarity Sketching over a stream of hashes.
#pragma once
#include "../sign.hpp"
#include "lanes.hpp"

namespace CCI_LEVEL {

// Keeps an integer in a plain register. A branch in place of a minimum would be mispredicted for most of a short text,
// and GCC would do it with a vector instruction, by way of memory.
static inline uint64_t plain(uint64_t x) {
    __asm__("" : "+r"(x));
    return x;
}

struct Sketch {
    static constexpr uint64_t OPEN = ~uint64_t{0};
    static constexpr size_t RUN = 512;  // hashes that are sifted or mixed at a time

    // Smallest (v_r, low half of h) that fell into each slot, OPEN where nothing did.
    alignas(64) uint64_t best[MAX_SLOTS];
    uint64_t bound;  // an h whose part behind the slot is this or more changes nothing; OPEN while a slot is open
    alignas(64) uint32_t waiting[MAX_SLOTS / 32];  // bit map of the slots that were open before the round
    size_t slots;
    unsigned shift;  // h >> shift is the slot

    void start(size_t count) {
        slots = count;
        shift = 64 - static_cast<unsigned>(__builtin_ctzll(count));
        bound = OPEN;
        for (size_t i = 0; i < slots; ++i) best[i] = OPEN;
    }
    // Round 0, hash by hash as they come.
    void take(const uint64_t* hashes, size_t n) {
        if (bound == OPEN) {
            put(hashes, n);
            return;
        }
        uint64_t few[RUN + Lanes::count];
        for (size_t i = 0; i < n; i += RUN) put(few, sift(hashes + i, n - i < RUN ? n - i : RUN, few));
    }
    // Brings `bound` up to date; false once no slot is open.
    bool open() {
        bound = 0;
        for (size_t i = 0; i < slots; ++i) {
            const uint64_t inside = best[i] == OPEN ? OPEN : best[i] << (64 - shift);
            bound = inside > bound ? inside : bound;
        }
        return bound == OPEN;
    }
    // Ends round 0 and does the further rounds. `hashes`: every hash of the text, once or more often; two vectors behind
    // them may be read.
    void finish(const uint64_t* hashes, size_t n, uint32_t* out) {
        size_t left = 0;
        for (size_t i = 0; i < slots; i += 32) {
            uint32_t bits = 0;
            for (size_t j = 0; j < 32; ++j) {
                bits |= static_cast<uint32_t>(best[i + j] == OPEN) << j;
                out[i + j] = static_cast<uint32_t>(best[i + j]);
            }
            waiting[i / 32] = bits;
            left += static_cast<size_t>(__builtin_popcount(bits));
        }
        for (uint32_t round = 1; left != 0 && round < slots; ++round) {
            uint64_t few[RUN + Lanes::count];
            uint16_t filled[MAX_SLOTS + 1];  // by this round; one more is written, and does not count
            size_t count = 0;
            for (size_t i = 0; i < n; i += RUN)
                count = put(few, select(hashes + i, n - i < RUN ? n - i : RUN, round * GAMMA32, few), filled, count);
            for (size_t i = 0; i < count; ++i) {
                const size_t slot = filled[i];
                out[slot] = static_cast<uint32_t>(best[slot]) + round * GAMMA32;
                waiting[slot / 32] &= ~(uint32_t{1} << slot % 32);
            }
            left -= count;
        }
        for (uint32_t i = 0; left != 0 && i < slots; ++i)
            if (waiting[i / 32] >> i % 32 & 1) out[i] = forced(hashes, n, (static_cast<uint32_t>(slots) + i) * GAMMA32);
    }

private:
    void put(const uint64_t* hashes, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            uint64_t& slot = best[hashes[i] >> shift];
            const uint64_t old = plain(slot);
            slot = hashes[i] < old ? hashes[i] : old;
        }
    }
    // The same, noting the slots that were open.
    size_t put(const uint64_t* values, size_t n, uint16_t* filled, size_t count) {
        for (size_t i = 0; i < n; ++i) {
            uint64_t& slot = best[values[i] >> shift];
            const uint64_t old = plain(slot);
            slot = values[i] < old ? values[i] : old;
            filled[count] = static_cast<uint16_t>(values[i] >> shift);
            count += old == OPEN;
        }
        return count;
    }
#if defined(__AVX512F__)
    // Those hashes that may change a slot. Up to Lanes::count values behind them are read, and written.
    size_t sift(const uint64_t* hashes, size_t n, uint64_t* out) const {
        const __m512i limit = _mm512_set1_epi64(static_cast<long long>(bound));
        const __m128i past = _mm_cvtsi32_si128(64 - static_cast<int>(shift));
        size_t count = 0;
        for (size_t i = 0; i < n; i += 8) {
            const __m512i h = _mm512_loadu_si512(hashes + i);
            const uint32_t present = n - i < 8 ? (1u << (n - i)) - 1 : 0xFF;
            const __mmask8 low =
                _mm512_mask_cmplt_epu64_mask(static_cast<__mmask8>(present), _mm512_sll_epi64(h, past), limit);
            _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi64(low, h));
            count += static_cast<size_t>(__builtin_popcount(low));
        }
        return count;
    }
    // (v_r, low half) of those hashes that fall into a slot that waits.
    size_t select(const uint64_t* hashes, size_t n, uint32_t added, uint64_t* out) const {
        constexpr __mmask16 odd = 0xAAAA;
        const __m512i map = _mm512_load_si512(waiting), gamma = _mm512_set1_epi32(static_cast<int>(added));
        const __m512i first = _mm512_set1_epi32(static_cast<int>(0x85EBCA6B));
        const __m512i second = _mm512_set1_epi32(static_cast<int>(0xC2B2AE35));
        const __m128i to_slot = _mm_cvtsi32_si128(static_cast<int>(shift) - 32);
        size_t count = 0;
        for (size_t i = 0; i < n; i += 16) {
            const __m512i a = _mm512_loadu_si512(hashes + i), b = _mm512_loadu_si512(hashes + i + 8);
            const uint32_t present = n - i < 16 ? (1u << (n - i)) - 1 : 0xFFFF;
            // High halves of a in the even lanes, of b in the odd ones.
            __m512i v = _mm512_add_epi32(_mm512_mask_blend_epi32(odd, _mm512_srli_epi64(a, 32), b), gamma);
            v = _mm512_mullo_epi32(_mm512_xor_si512(v, _mm512_srli_epi32(v, 16)), first);
            v = _mm512_mullo_epi32(_mm512_xor_si512(v, _mm512_srli_epi32(v, 13)), second);
            v = _mm512_xor_si512(v, _mm512_srli_epi32(v, 16));  // mix32
            const __m512i slot = _mm512_srl_epi32(v, to_slot);
            const __m512i word = _mm512_permutexvar_epi32(_mm512_srli_epi32(slot, 5), map);
            const __m512i bit = _mm512_rorv_epi32(word, slot);  // by the slot modulo 32
            const uint32_t found = _mm512_test_epi32_mask(bit, _mm512_set1_epi32(1));
            const __mmask8 of_a = static_cast<__mmask8>(_pext_u32(found, 0x5555) & present);
            const __mmask8 of_b = static_cast<__mmask8>(_pext_u32(found, 0xAAAA) & present >> 8);
            const __m512i x = _mm512_mask_blend_epi32(odd, a, _mm512_slli_epi64(v, 32));
            _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi64(of_a, x));
            count += static_cast<size_t>(__builtin_popcount(of_a));
            _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi64(of_b, _mm512_mask_blend_epi32(odd, b, v)));
            count += static_cast<size_t>(__builtin_popcount(of_b));
        }
        return count;
    }
#else
    size_t sift(const uint64_t* hashes, size_t n, uint64_t* out) const {
        size_t count = 0;
        for (size_t i = 0; i < n; ++i) {
            out[count] = hashes[i];
            count += hashes[i] << (64 - shift) < bound;
        }
        return count;
    }
    size_t select(const uint64_t* hashes, size_t n, uint32_t added, uint64_t* out) const {
        uint32_t values[RUN];
        for (size_t i = 0; i < n; ++i) values[i] = mix32(static_cast<uint32_t>(hashes[i] >> 32) + added);
        size_t count = 0;
        for (size_t i = 0; i < n; ++i) {
            const uint32_t slot = values[i] >> (shift - 32);
            out[count] = static_cast<uint64_t>(values[i]) << 32 | static_cast<uint32_t>(hashes[i]);
            count += waiting[slot / 32] >> slot % 32 & 1;
        }
        return count;
    }
#endif
    static uint32_t forced(const uint64_t* hashes, size_t n, uint32_t added) {
        uint64_t least = OPEN;
        for (size_t i = 0; i < n; ++i) {
            const uint64_t high = mix32(static_cast<uint32_t>(hashes[i] >> 32) + added);
            const uint64_t value = high << 32 | static_cast<uint32_t>(hashes[i]);
            least = value < least ? value : least;
        }
        return static_cast<uint32_t>(least) + added;
    }
};

}  // namespace CCI_LEVEL
