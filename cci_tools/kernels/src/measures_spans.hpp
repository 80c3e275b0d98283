// Where links, tags and character references end, and what a line begins and ends with: plain functions on bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "utf8.hpp"

constexpr uint32_t BULLETS[] = {0xB7,   0x2013, 0x2022, 0x2023, 0x203B, 0x25A0, 0x25A1, 0x25AA, 0x25AB, 0x25B6, 0x25C0,
                                0x25C6, 0x25C7, 0x25CB, 0x25CF, 0x25E6, 0x2605, 0x2606, 0x27A2};
constexpr size_t LONGEST_TAG = 1000, LONGEST_ENTITY = 10;

inline bool is_bullet(uint32_t c) {
    for (uint32_t b : BULLETS)
        if (c == b) return true;
    return false;
}

inline bool begins(const uint8_t* p, const uint8_t* end, const char* prefix) {  // ASCII, any case; the prefix in lower case
    for (; *prefix; ++prefix, ++p)
        if (p == end || (*p >= 'A' && *p <= 'Z' ? *p + 32 : *p) != static_cast<uint8_t>(*prefix)) return false;
    return true;
}

inline bool ends_with_more(const uint8_t* begin, const uint8_t* end) {
    for (const char* word : {"\xE5\xB1\x95\xE5\xBC\x80", "\xE5\xB1\x95\xE9\x96\x8B", "\xE6\x9B\xB4\xE5\xA4\x9A", "readmore",
                             "read more"}) {
        const size_t size = std::strlen(word);
        if (static_cast<size_t>(end - begin) >= size && begins(end - size, end, word)) return true;
    }
    return false;
}

// Number of ASCII characters of a URL that begins at p: up to a space, a control, a quote or bracket, or non-ASCII.
inline size_t link_length(const uint8_t* p, const uint8_t* end) {
    const uint8_t* q = p;
    while (q < end && *q > 0x20 && *q < 0x7F && !std::strchr("\"'()<>[]\\^`{|}", *q)) ++q;
    return q - p;
}

inline bool letter(uint8_t b) { return (b | 32) >= 'a' && (b | 32) <= 'z'; }

// Characters of the tag whose "<" was just read, or 0 where this is no tag; p moves behind it.
inline size_t tag_length(const uint8_t*& p, const uint8_t* end) {
    if (p == end || !(letter(*p) || *p == '/' || *p == '!' || *p == '?')) return 0;
    const uint8_t* q = p;
    for (size_t n = 2; q < end && n <= LONGEST_TAG; ++n) {
        const uint32_t c = next_code_point(q, end);
        if (c == '<') return 0;
        if (c == '>') {
            p = q;
            return n;
        }
    }
    return 0;
}

// Characters of the character reference whose "&" was just read, or 0: "&nbsp;", "&#8203;".
inline size_t entity_length(const uint8_t* p, const uint8_t* end) {
    for (size_t n = 1; p < end && n < LONGEST_ENTITY; ++n, ++p) {
        if (*p == ';') return n > 2 ? n + 1 : 0;
        if (!letter(*p) && !(*p >= '0' && *p <= '9') && !(*p == '#' && n == 1)) return 0;
    }
    return 0;
}
