#pragma once
#include <cstdint>

#include "measures.hpp"

// 的年在月是和日了於·為有被人中为他與後也而由
constexpr uint32_t STOP_WORDS[] = {0x7684, 0x5E74, 0x5728, 0x6708, 0x662F, 0x548C, 0x65E5, 0x4E86,
                                   0x65BC, 0xB7,   0x70BA, 0x6709, 0x88AB, 0x4EBA, 0x4E2D, 0x4E3A,
                                   0x4ED6, 0x8207, 0x5F8C, 0x4E5F, 0x800C, 0x7531};
inline double ratio(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

// What one document adds up to while it is read, and where the reader is in it. Lengths are in visible characters.
struct Counts {
    uint64_t kinds[KIND_COUNT] = {};
    uint64_t numeric_tokens = 0, sentences = 0, link = 0, markup = 0, hashes = 0, ellipses = 0, bracketed = 0;
    uint64_t longest_run = 0, run = 0;  // of the same visible character, without anything between
    uint64_t lines = 0, short_lines = 0, ended_lines = 0, bullet_lines = 0, ellipsis_lines = 0, more_lines = 0;
    uint64_t article_lines = 0, table_lines = 0;
    uint64_t repeated_lines = 0, repeated_line_characters = 0;
    uint64_t paragraphs = 0, repeated_paragraphs = 0, repeated_paragraph_characters = 0;

    uint32_t last = 0;                     // visible character before this one
    const uint8_t* visible_end = nullptr;  // end of it
    const uint8_t *link_end = nullptr, *tag_end = nullptr;
    bool in_sentence = false, in_bracket = false;
    uint64_t bracket_length = 0;
    uint64_t word = 0;  // hash of the ASCII run that we are in
    uint32_t word_length = 0;
    bool word_alphabetic = false;
    const uint8_t* line_begin = nullptr;
    uint64_t line_hash = 0, line_length = 0;
    uint32_t line_core = 0;  // last character of the line that is not a closing quote or bracket
    bool line_bullet = false;
    uint64_t tabs = 0;        // since the last line
    uint64_t bars_before = 0;  // in the lines before this one
    uint64_t paragraph_hash = 0, paragraph_length = 0;

    // Characters of the kinds from `first` to `last`.
    uint64_t count(Kind first, Kind last) const {
        uint64_t sum = 0;
        for (size_t k = static_cast<size_t>(first); k <= static_cast<size_t>(last); ++k) sum += kinds[k];
        return sum;
    }
};
