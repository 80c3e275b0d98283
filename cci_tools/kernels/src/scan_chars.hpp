// What single characters are to the scan.
#pragma once
#include <cstdint>

#include "scan.hpp"
#include "utf8.hpp"

namespace {

inline bool hanzi(uint32_t c) { return c - 0x4E00 < 0x5200 || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x323AF); }

inline bool hexadecimal(uint8_t b) { return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F'); }

inline bool letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A byte 0x80-0xBF as Latin-1 or Windows-1252 shows it.
inline bool continuation_look(uint32_t c) {
    if (c >= 0x80 && c <= 0xBF) return true;
    switch (c) {
        case 0x20AC: case 0x201A: case 0x0192: case 0x201E: case 0x2026: case 0x2020: case 0x2021: case 0x02C6:
        case 0x2030: case 0x0160: case 0x2039: case 0x0152: case 0x017D: case 0x2018: case 0x2019: case 0x201C:
        case 0x201D: case 0x2022: case 0x2013: case 0x2014: case 0x02DC: case 0x2122: case 0x0161: case 0x203A:
        case 0x0153: case 0x017E: case 0x0178: return true;
        default: return false;
    }
}

// Letters of pinyin with or without a tone mark.
inline bool pinyin_letter(uint32_t c) {
    if (c >= 'a' && c <= 'z') return true;
    switch (c) {
        case 0x101: case 0xE1: case 0x1CE: case 0xE0: case 0x113: case 0xE9: case 0x11B: case 0xE8: case 0x12B:
        case 0xED: case 0x1D0: case 0xEC: case 0x14D: case 0xF3: case 0x1D2: case 0xF2: case 0x16B: case 0xFA:
        case 0x1D4: case 0xF9: case 0x1D6: case 0x1D8: case 0x1DA: case 0x1DC: case 0xFC: return true;
        default: return false;
    }
}

// 年 学 學 财 財 赛 賽
inline bool follows_year(uint32_t c) {
    return c == 0x5E74 || c == 0x5B66 || c == 0x5B78 || c == 0x8D22 || c == 0x8CA1 || c == 0x8D5B || c == 0x8CFD;
}

// ， 。 、 ； ： ？ ！
inline bool mark(uint32_t c) {
    return c == 0xFF0C || c == 0x3002 || c == 0x3001 || c == 0xFF1B || c == 0xFF1A || c == 0xFF1F || c == 0xFF01;
}

// After '(': one to six letters of pinyin and ')'.
inline bool reading(const uint8_t* p, const uint8_t* end) {
    int letters = 0;
    uint32_t c = 0;
    while (p < end && letters <= 6 && pinyin_letter(c = next_code_point(p, end))) ++letters;
    return letters >= 1 && letters <= 6 && c == ')';
}

inline bool escape(const uint8_t* p, const uint8_t* end) {
    return end - p >= 5 && *p == 'u' && hexadecimal(p[1]) && hexadecimal(p[2]) && hexadecimal(p[3]) && hexadecimal(p[4]);
}

inline uint32_t of_code_point(uint32_t c) {
    if (c < 0x2E80) {
        if (c < 0xA0) return c == 0x85 ? uint32_t{LINE_END} | CONTROL : uint32_t{CONTROL};
        if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F) return WIDE_SPACE;
        if (c == 0xAD || c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
            (c >= 0x2060 && c <= 0x206F))
            return INVISIBLE;
        return c == 0x2028 || c == 0x2029 ? uint32_t{LINE_END} : 0;
    }
    if (c <= 0x2FDF) return COMPATIBILITY;
    if (c < 0xE000) return 0;
    if (c <= 0xF8FF) return PRIVATE;
    if (c <= 0xFAFF) return COMPATIBILITY;
    if (c >= 0xFF10 && c <= 0xFF5A)
        return c <= 0xFF19 || c >= 0xFF41 || (c >= 0xFF21 && c <= 0xFF3A) ? uint32_t{WIDTH} : 0;
    if ((c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB)) return INVISIBLE;
    if (c == 0xFFFD) return REPLACEMENT;
    if (c >= 0x2F800 && c <= 0x2FA1F) return COMPATIBILITY;
    return c >= 0xF0000 ? uint32_t{PRIVATE} : 0;
}

// The last code point before `end`; U+FFFD if the bytes there are not a whole one.
inline uint32_t last_code_point(const uint8_t* begin, const uint8_t* end) {
    const uint8_t* p = end - 1;
    while (p > begin && end - p < 4 && (*p & 0xC0) == 0x80) --p;
    const uint32_t c = next_code_point(p, end);
    return p == end ? c : 0xFFFD;
}

// One of U+4E00-U+9FFF in well-formed UTF-8: nearly all of Chinese text, and free of most of the tests.
inline bool common_hanzi(const uint8_t* p, const uint8_t* end, uint32_t& c) {
    if (end - p < 3 || *p < 0xE4 || *p > 0xE9 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80) return false;
    c = (*p & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return c >= 0x4E00;
}

}  // namespace
