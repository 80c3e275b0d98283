// Is a text UTF-8? Compiled once for each instruction level.
#include "../jsonl.hpp"
#include "../utf8.hpp"

#if defined(__SSSE3__)
#include <immintrin.h>
#endif

namespace CCI_LEVEL {
namespace {

#if !defined(__SSSE3__)

bool valid_utf8(const uint8_t* p, const uint8_t* end) {
    while (p < end) {
        if (*p < 0x80) {
            ++p;
            continue;
        }
        const uint8_t* next = p;
        const bool replaced = next_code_point(next, end) == 0xFFFD;
        if (replaced && !(next - p == 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] == 0xBD)) return false;
        p = next;
    }
    return true;
}

#else

// Keiser and Lemire, Validating UTF-8 in less than one instruction per byte, 2021: three tables over the halves of
// two neighbouring bytes tell every mistake but a missing third or fourth byte, which is asked for apart.
constexpr uint8_t TOO_SHORT = 1, TOO_LONG = 2, OVERLONG_3 = 4, TOO_LARGE = 8, SURROGATE = 16, OVERLONG_2 = 32,
                  TOO_LARGE_1000 = 64, OVERLONG_4 = 64, TWO_CONTINUATIONS = 128;
constexpr uint8_t CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;
constexpr uint8_t LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000, CONTINUED = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;

alignas(16) constexpr uint8_t FIRST_HIGH[16] = {
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4};
alignas(16) constexpr uint8_t FIRST_LOW[16] = {
    CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
    LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE | SURROGATE, LARGE, LARGE};
alignas(16) constexpr uint8_t SECOND_HIGH[16] = {
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    CONTINUED | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4, CONTINUED | OVERLONG_3 | TOO_LARGE,
    CONTINUED | SURROGATE | TOO_LARGE, CONTINUED | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT};

inline __m128i load(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

inline __m128i high_half(__m128i v) { return _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15)); }

// What is wrong in 16 bytes, given the 16 before them; zero bytes where nothing is.
inline __m128i mistakes(__m128i before, __m128i v) {
    const __m128i first = _mm_alignr_epi8(v, before, 15);
    const __m128i pairs = _mm_and_si128(
        _mm_and_si128(_mm_shuffle_epi8(load(FIRST_HIGH), high_half(first)),
                      _mm_shuffle_epi8(load(FIRST_LOW), _mm_and_si128(first, _mm_set1_epi8(15)))),
        _mm_shuffle_epi8(load(SECOND_HIGH), high_half(v)));
    const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(v, before, 14), _mm_set1_epi8(0xE0 - 0x80));
    const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(v, before, 13), _mm_set1_epi8(0xF0 - 0x80));
    const __m128i wanted = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(0x80)));
    return _mm_xor_si128(wanted, pairs);
}

bool valid_utf8(const uint8_t* p, const uint8_t* end) {
    __m128i before = _mm_setzero_si128(), wrong = before;
    for (; end - p >= 16; p += 16) {
        const __m128i v = load(p);
        if (_mm_movemask_epi8(_mm_or_si128(v, before)) != 0) wrong = _mm_or_si128(wrong, mistakes(before, v));
        before = v;
    }
    alignas(16) uint8_t last[16] = {};  // zeros end a character that is cut
    for (int i = 0; p < end; ++i) last[i] = *p++;
    wrong = _mm_or_si128(wrong, mistakes(before, load(last)));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(wrong, _mm_setzero_si128())) == 0xFFFF;
}

#endif

}  // namespace

extern const Utf8Check UTF8_CHECK;
const Utf8Check UTF8_CHECK = &valid_utf8;

}  // namespace CCI_LEVEL
