// Which kinds of dirt a text could hold. A flag that is not set is a promise: the rules that it stands for change nothing.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "arrays.hpp"

// The flags found by the scan itself; scan.py has the same table. Needles bring their own bits.
enum Flag : uint32_t {
    ENTITY = 1u << 0,         // '&' before a letter or '#'
    TAG = 1u << 1,            // '<' before a letter, '/' or '!'; "{{"
    ESCAPE = 1u << 2,         // "\u" and four hexadecimal digits
    CONTROL = 1u << 3,        // C0 (but \t \n \r), DEL, C1
    LINE_END = 1u << 4,       // \r \v \f U+0085 U+2028 U+2029
    WIDE_SPACE = 1u << 5,     // U+00A0 U+1680 U+2000-200A U+202F U+205F
    INVISIBLE = 1u << 6,      // zero-width, bidirectional and format characters, variation selectors
    PRIVATE = 1u << 7,        // private use
    COMPATIBILITY = 1u << 8,  // CJK radicals, compatibility ideographs
    WIDTH = 1u << 9,          // full-width letters and digits
    HALF_MARK = 1u << 10,     // one of , ; : ? ! between two Hanzi
    LATIN = 1u << 11,         // UTF-8 or GBK read as Latin-1 or Windows-1252 could begin here
    REPLACEMENT = 1u << 12,   // U+FFFD
    TRAILING = 1u << 13,      // space at the end of a line
    BLANK_RUN = 1u << 14,     // three blank lines in a row
    REPEAT = 1u << 15,        // two neighbouring lines (blank ones apart) are the same
    YEARS = 1u << 16,         // eight digits, then a character that follows a year
    PINYIN = 1u << 17,        // three Hanzi with a Latin reading in brackets
    SPACED = 1u << 18,        // eight Hanzi or marks in a row with one space between each two
    WRAPPED = 1u << 19,       // six lines of one width, two in five of the long lines, that end in a Hanzi
    BARE = 1u << 20,          // no Hanzi, ASCII letter or digit
    MISREAD = 1u << 21,       // two characters side by side that UTF-8 read as GBK could begin with
    RECURRING = 1u << 22,     // three lines are the same, 24 bytes or longer and not Latin at the start
};

// Literal strings to look for, and where.
//
// `classes` says of each code point below U+10000 what it may be when UTF-8 was read as GBK: 1 the first character of a
// run (its two bytes begin a UTF-8 sequence of three), 2 the second (its second byte begins the next sequence).
struct Needles {
    enum Place : uint8_t { ANYWHERE = 0, ENDS = 1, THRICE = 2 };  // THRICE: three hits in one line

    const uint8_t* values;
    const int64_t* offsets;
    const uint32_t* marks;
    const uint8_t* places;
    const uint8_t* classes;
    std::vector<uint64_t> bloom[3];  // bits of buckets with a needle: [0] that counts anywhere, [1] at the ends; [2] by six bytes
    std::vector<uint64_t> brief;     // bits of buckets with a needle shorter than six bytes
    std::vector<uint64_t> first;     // bits of the code points of class 1
    std::vector<uint32_t> buckets;   // needles of bucket h: order[buckets[h]] .. order[buckets[h + 1]]
    std::vector<uint32_t> order;

    Needles(const Texts& strings, const uint32_t* marks, const uint8_t* places, const uint8_t* classes);
    static uint32_t hash(const uint8_t* p) {
        return ((static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2]) * 0x9E3779B1u) >> 17;
    }
    static uint32_t longer_hash(const uint8_t* p) {
        uint64_t six = 0;
        std::memcpy(&six, p, 6);
        return static_cast<uint32_t>(six * 0x9E3779B97F4A7C15u >> 49);
    }
    // Whether a needle may begin at p, of which there are three bytes or more: first by three bytes, then by six.
    bool may_begin(const uint8_t* p, const uint8_t* end, Place place) const {
        const uint32_t h = hash(p);
        if (!(bloom[place == ENDS][h >> 6] >> (h & 63) & 1)) return false;
        if (end - p < 6 || (brief[h >> 6] >> (h & 63) & 1)) return true;
        const uint32_t longer = longer_hash(p);
        return bloom[2][longer >> 6] >> (longer & 63) & 1;
    }
    int64_t size(uint32_t needle) const { return offsets[needle + 1] - offsets[needle]; }
};
