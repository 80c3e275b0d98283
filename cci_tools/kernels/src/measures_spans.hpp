// Where links, tags and character references end, and what a line begins and ends with: plain functions on bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "utf8.hpp"

constexpr uint32_t BULLETS[] = {0xB7,   0x2013, 0x2022, 0x2023, 0x203B, 0x25A0, 0x25A1, 0x25AA, 0x25AB, 0x25B6, 0x25C0,
                                0x25C6, 0x25C7, 0x25CB, 0x25CF, 0x25E6, 0x2605, 0x2606, 0x27A2};
// 条條章节節 and 〇零一二三四五六七八九十百千
constexpr uint32_t ARTICLE_UNITS[] = {0x6761, 0x689D, 0x7AE0, 0x8282, 0x7BC0};
constexpr uint32_t ARTICLE_NUMERALS[] = {0x3007, 0x96F6, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D,
                                         0x4E03, 0x516B, 0x4E5D, 0x5341, 0x767E, 0x5343};
constexpr size_t LONGEST_TAG = 1000, LONGEST_ENTITY = 10;
constexpr uint32_t HANZI_BLOCK = 0x4E00, HANZI_BLOCK_SIZE = 0x5200;  // U+4E00 to U+9FFF

// The Hanzi of that block at p, or 0.
inline uint32_t hanzi_at(const uint8_t* p, const uint8_t* end) {
    if (end - p < 3) return 0;
    const uint32_t second = p[1] ^ 0x80u, third = p[2] ^ 0x80u, c = p[0] << 12 | second << 6 | third;
    return (second | third) < 0x40 && c - (0xE0000 | HANZI_BLOCK) < HANZI_BLOCK_SIZE ? c & 0xFFFF : 0;
}

inline bool is_word(uint8_t b) { return (b | 32u) - 'a' < 26 || b - uint32_t{'0'} < 10; }

inline bool is_bullet(uint32_t c) {
    if (c != BULLETS[0] && (c < BULLETS[1] || c > std::end(BULLETS)[-1])) return false;  // as at most lines
    for (uint32_t b : BULLETS)
        if (c == b) return true;
    return false;
}

// The prefix in lower case; in the text any case of ASCII.
inline bool begins(const uint8_t* p, const uint8_t* end, const char* prefix) {
    for (; *prefix; ++prefix, ++p)
        if (p == end || (*p >= 'A' && *p <= 'Z' ? *p + 32 : *p) != static_cast<uint8_t>(*prefix)) return false;
    return true;
}

inline bool ends_with_more(const uint8_t* begin, const uint8_t* end) {
    const uint8_t last = end[-1];  // most lines end otherwise than the words below
    if (last != 0x80 && last != 0x8B && last != 0x9A && (last | 32) != 'e') return false;
    for (const char* word : {"\xE5\xB1\x95\xE5\xBC\x80", "\xE5\xB1\x95\xE9\x96\x8B", "\xE6\x9B\xB4\xE5\xA4\x9A",
                             "readmore", "read more"}) {
        const size_t size = std::strlen(word);
        if (static_cast<size_t>(end - begin) >= size && begins(end - size, end, word)) return true;
    }
    return false;
}

// Marks of a heading or of bold type, or none; 第, a number of one to eight characters (digits or Hanzi, spaces around
// it or not), and 条, 章 or 节, Traditional too.
inline bool begins_article(const uint8_t* p, const uint8_t* end) {
    while (p < end && (*p == '#' || *p == '*' || *p == ' ')) ++p;
    if (!begins(p, end, "\xE7\xAC\xAC")) return false;
    p += 3;
    const auto skip_spaces = [&] { while (p < end && *p == ' ') ++p; };
    const auto is_one_of = [](uint32_t c, const auto& set) {
        for (uint32_t one : set)
            if (c == one) return true;
        return false;
    };
    skip_spaces();
    for (size_t n = 0; p < end; ++n) {
        const uint32_t c = next_code_point(p, end);
        if (n && is_one_of(c, ARTICLE_UNITS)) return true;
        if (n == 8 || !((c >= '0' && c <= '9') || is_one_of(c, ARTICLE_NUMERALS))) return false;
        skip_spaces();
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
