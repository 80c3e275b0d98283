// UTF-8 to the folded key, 64 bytes at a time.
//
// A block's bytes are classified into bit masks, which decide whether it is well formed. Then each character's bytes
// are gathered into a 32-bit word (first byte lowest; what follows the character is ignored), the words become code
// points, and the table folds them. A block that is not well formed is left to the plain decoder, so malformed input
// means the same at every level.
#pragma once
#include <cstring>

#include "../fold.hpp"
#include "lanes.hpp"

namespace CCI_LEVEL {

constexpr size_t BLOCK = 64;
constexpr size_t FOLD_WORDS = 1024;  // words gathered before they are folded
constexpr size_t FOLD_SLACK = 16;    // values that may be written beyond those that count

#if defined(__SSE4_1__)

// Masks of a block's 64 bytes, bit i for byte i.
struct Bytes {
#if defined(__AVX512BW__)
    __m512i v;
    explicit Bytes(const uint8_t* p) : v(_mm512_loadu_si512(p)) {}
    static __m512i all(uint8_t x) { return _mm512_set1_epi8(static_cast<char>(x)); }
    uint64_t below(uint8_t bound) const { return _mm512_cmplt_epu8_mask(v, all(bound)); }
    uint64_t equal(uint8_t value) const { return _mm512_cmpeq_epi8_mask(v, all(value)); }
#elif defined(__AVX2__)
    __m256i v[2];
    explicit Bytes(const uint8_t* p) {
        for (int i = 0; i < 2; ++i) v[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p) + i);
    }
    static uint64_t mask(__m256i low, __m256i high) {
        return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
               static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
    }
    uint64_t below(uint8_t bound) const {
        const __m256i most = _mm256_set1_epi8(static_cast<char>(bound - 1));
        return mask(_mm256_cmpeq_epi8(_mm256_min_epu8(v[0], most), v[0]),
                    _mm256_cmpeq_epi8(_mm256_min_epu8(v[1], most), v[1]));
    }
    uint64_t equal(uint8_t value) const {
        const __m256i same = _mm256_set1_epi8(static_cast<char>(value));
        return mask(_mm256_cmpeq_epi8(v[0], same), _mm256_cmpeq_epi8(v[1], same));
    }
#else
    __m128i v[4];
    explicit Bytes(const uint8_t* p) {
        for (int i = 0; i < 4; ++i) v[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p) + i);
    }
    uint64_t below(uint8_t bound) const {
        const __m128i most = _mm_set1_epi8(static_cast<char>(bound - 1));
        uint64_t mask = 0;
        for (int i = 0; i < 4; ++i)
            mask |= static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v[i], most), v[i]))) << 16 * i;
        return mask;
    }
    uint64_t equal(uint8_t value) const {
        const __m128i same = _mm_set1_epi8(static_cast<char>(value));
        uint64_t mask = 0;
        for (int i = 0; i < 4; ++i)
            mask |= static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], same))) << 16 * i;
        return mask;
    }
#endif
};

// The first bytes of the characters that lie within the first `length` bytes of a block (64, or less at the end of the
// text), and the number of bytes these characters take. False where the block is not well formed.
static inline bool classify(const Bytes& bytes, size_t length, uint64_t& leads, size_t& taken) {
    const uint64_t ascii = bytes.below(0x80), below2 = bytes.below(0xC0), below3 = bytes.below(0xE0);
    const uint64_t all = length == BLOCK ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
    const uint64_t lead2 = ~below2 & all, lead3 = ~below3 & all;
    uint64_t lead4 = 0, bad = 0;
    const uint64_t trail = below2 & ~ascii & all;
    leads = ~trail & all;
    if (lead3 != 0) {
        lead4 = ~bytes.below(0xF0) & all;
        const uint64_t small = bytes.below(0xA0);
        bad = (bytes.equal(0xE0) << 1 & small) | (bytes.equal(0xED) << 1 & ~small);
        if (lead4 != 0)
            bad |= (~bytes.below(0xF5) & all) | (bytes.equal(0xF0) << 1 & bytes.below(0x90)) |
                   (bytes.equal(0xF4) << 1 & ~bytes.below(0x90));
    }
    if (lead2 != lead3) bad |= lead2 & bytes.below(0xC2);
    taken = length;
    uint64_t inside = all;
    if (length == BLOCK) {
        // What begins in the last three bytes may go on behind the block: it belongs to the next one.
        const uint64_t late = leads >> (BLOCK - 3);
        if (late != 0) {
            taken = BLOCK - 3 + static_cast<size_t>(__builtin_ctzll(late));
            inside = (uint64_t{1} << taken) - 1;
        }
    }
    leads &= inside;
    // A character that is cut off expects a byte where none is: before the next first byte, or behind the text.
    const uint64_t expected = (lead2 & inside) << 1 | (lead3 & inside) << 2 | (lead4 & inside) << 3;
    return ((expected ^ (trail & inside)) | (bad & inside)) == 0;
}

// Appends the words of the characters at `leads`; p has BLOCK + 3 readable bytes. Up to BLOCK words are written.
static inline size_t gather_words(const Bytes& bytes, const uint8_t* p, uint64_t leads, uint32_t* words) {
#if defined(__AVX512BW__)
    (void)p;
    const __m512i spread = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6));
    const __m512i next = _mm512_set1_epi32(4);
    __m512i at = _mm512_setr_epi32(0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4);
    size_t n = 0;
    for (int part = 0; part < 4; ++part) {
        const __m512i each = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(at, bytes.v), spread);
        const __mmask16 chosen = static_cast<__mmask16>(leads >> 16 * part);
        _mm512_storeu_si512(words + n, _mm512_maskz_compress_epi32(chosen, each));
        n += static_cast<size_t>(__builtin_popcount(chosen));
        at = _mm512_add_epi32(at, next);
    }
    return n;
#else
    (void)bytes;
    size_t n = 0;
    const size_t count = static_cast<size_t>(__builtin_popcountll(leads));
    while (n < count) {
        for (int i = 0; i < 8; ++i) {  // beyond the last lead the same word is written again, and does not count
            const uint64_t rest = leads != 0 ? leads : 1;
            memcpy(words + n + static_cast<size_t>(i), p + __builtin_ctzll(rest), 4);
            leads &= leads - 1;
        }
        n += 8;
    }
    return count;
#endif
}

// Code points of words.
#if defined(__AVX512BW__)
using Words = __m512i;
constexpr size_t WORD_LANES = 16;

static inline Words masked(Words w, uint32_t mask) {
    return _mm512_and_si512(w, _mm512_set1_epi32(static_cast<int>(mask)));
}
// base | (w & mask)
static inline Words joined(Words base, Words w, uint32_t mask) {
    return _mm512_ternarylogic_epi32(base, w, _mm512_set1_epi32(static_cast<int>(mask)), 0xF8);
}

static inline Words code_points(Words w) {
    const Words top = joined(_mm512_slli_epi32(masked(w, 0x0F), 12), _mm512_srli_epi32(w, 2), 0xFC0);
    const Words three = joined(top, _mm512_srli_epi32(w, 16), 0x3F);
    const __mmask16 ascii = _mm512_testn_epi32_mask(w, _mm512_set1_epi32(0x80));
    const Words c = _mm512_mask_mov_epi32(three, ascii, masked(w, 0x7F));
    const Words kind = masked(w, 0xF0);
    const __mmask16 rare = _mm512_cmpneq_epi32_mask(kind, _mm512_set1_epi32(0xE0)) & static_cast<__mmask16>(~ascii);
    if (rare == 0) return c;
    const __mmask16 longest = _mm512_cmpeq_epi32_mask(kind, _mm512_set1_epi32(0xF0));
    const Words two = joined(_mm512_slli_epi32(masked(w, 0x1F), 6), _mm512_srli_epi32(w, 8), 0x3F);
    const Words high = joined(_mm512_slli_epi32(masked(w, 7), 18), _mm512_slli_epi32(w, 4), 0x3F000);
    const Words four = joined(joined(high, _mm512_srli_epi32(w, 10), 0xFC0), _mm512_srli_epi32(w, 24), 0x3F);
    return _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(c, rare, two), longest, four);
}
#else
#if defined(__AVX2__)
constexpr size_t WORD_LANES = 8;
#else
constexpr size_t WORD_LANES = 4;
#endif
typedef uint32_t Words __attribute__((vector_size(4 * WORD_LANES)));

static inline Words code_points(Words w) {
    const Words one = w & 0x7F, two = (w & 0x1F) << 6 | (w >> 8 & 0x3F);
    const Words three = (w & 0x0F) << 12 | (w >> 2 & 0xFC0) | (w >> 16 & 0x3F);
    const Words four = (w & 7) << 18 | (w << 4 & 0x3F000) | (w >> 10 & 0xFC0) | (w >> 24 & 0x3F);
    const Words lead = w & 0xFF;
    const Words wide = lead < 0xF0 ? three : four;
    const Words narrow = lead < 0x80 ? one : two;
    return lead < 0xE0 ? narrow : wide;
}
#endif

// Folds words; those up to the next vector's end are overwritten with zeros, which the table skips. table[limit] is 0.
static inline size_t fold_words(uint32_t* words, size_t count, const uint32_t* table, uint32_t limit, uint32_t* out) {
    size_t n = 0;
    memset(words + count, 0, WORD_LANES * sizeof *words);
#if defined(__AVX512BW__)
    const Words bound = _mm512_set1_epi32(static_cast<int>(limit));
    for (size_t i = 0; i < count; i += WORD_LANES) {
        const Words c = _mm512_min_epu32(code_points(_mm512_loadu_si512(words + i)), bound);
        const Words folded = _mm512_i32gather_epi32(c, table, 4);
        const __mmask16 kept = _mm512_test_epi32_mask(folded, folded);
        _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi32(kept, folded));
        n += static_cast<size_t>(__builtin_popcount(kept));
    }
#else
    for (size_t i = 0; i < count; i += WORD_LANES) {
        Words w;
        memcpy(&w, words + i, sizeof w);
        w = code_points(w);
        w = w < limit ? w : limit + Words{};
        uint32_t c[WORD_LANES];
        memcpy(c, &w, sizeof w);
        for (size_t j = 0; j < WORD_LANES; ++j) {
            out[n] = table[c[j]];
            n += out[n] != 0;
        }
    }
#endif
    return n;
}

#endif  // __SSE4_1__

// Decodes from p until the text ends or more than `room` values might be written, which is at least BLOCK. Moves p,
// returns the number of values; FOLD_SLACK more may be written.
static inline size_t fold_some(const uint8_t*& p, const uint8_t* end, const uint32_t* table, uint32_t limit,
                               uint32_t* out, size_t room) {
    size_t n = 0;
#if defined(__SSE4_1__)
    alignas(64) uint32_t words[FOLD_WORDS + FOLD_SLACK];
    while (p < end && room - n >= BLOCK) {
        const size_t most = room - n < FOLD_WORDS ? room - n : FOLD_WORDS;
        size_t count = 0;
        bool formed = true;
        while (p < end && count + BLOCK <= most) {
            const size_t left = static_cast<size_t>(end - p);
            uint8_t copy[BLOCK + 4];
            const uint8_t* block = p;
            if (left < sizeof copy) {  // the masks and words of a block read behind it
                memset(copy, 0, sizeof copy);
                memcpy(copy, p, left);
                block = copy;
            }
            const Bytes bytes(block);
            uint64_t leads;
            size_t taken;
            formed = classify(bytes, left < BLOCK ? left : BLOCK, leads, taken);
            if (!formed) break;
            count += gather_words(bytes, block, leads, words + count);
            p += taken;
        }
        n += fold_words(words, count, table, limit, out + n);
        if (formed) continue;
        const uint8_t* const resume = end - p < static_cast<ptrdiff_t>(BLOCK) ? end : p + BLOCK;
        while (p < resume && n < room) {
            const uint32_t c = next_code_point(p, end);
            out[n] = c < limit ? table[c] : 0;
            n += out[n] != 0;
        }
    }
#else
    while (p < end && n < room) {
        const uint32_t c = next_code_point(p, end);
        out[n] = c < limit ? table[c] : 0;
        n += out[n] != 0;
    }
#endif
    return n;
}

}  // namespace CCI_LEVEL
