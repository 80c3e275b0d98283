// What is counted in one document while it is read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "measures.hpp"

// 的年在月是和日了於·為有被人中为他與後也而由
constexpr uint32_t STOP_WORDS[] = {0x7684, 0x5E74, 0x5728, 0x6708, 0x662F, 0x548C, 0x65E5, 0x4E86,
                                   0x65BC, 0xB7,   0x70BA, 0x6709, 0x88AB, 0x4EBA, 0x4E2D, 0x4E3A,
                                   0x4ED6, 0x8207, 0x5F8C, 0x4E5F, 0x800C, 0x7531};

// Occurrences of each code point in one document. Emptying costs as much as the document had different ones.
class Characters {
public:
    void reset() {
        for (size_t i = 0; i < size_; ++i) counts_[distinct_[i]] = 0;
        size_ = 0;
    }

    void add(uint32_t c) {  // without a branch: whether a character is new is hard to foretell
        distinct_[size_] = c;
        size_ += !counts_[c]++;
    }

    uint32_t operator[](uint32_t c) const { return counts_[c]; }
    const uint32_t* begin() const { return distinct_.get(); }  // the different ones, in order of appearance
    const uint32_t* end() const { return distinct_.get() + size_; }
    size_t size() const { return size_; }

private:
    static constexpr size_t LIMIT = 0x110000;
    std::vector<uint32_t> counts_ = std::vector<uint32_t>(LIMIT);
    std::unique_ptr<uint32_t[]> distinct_{new uint32_t[LIMIT + 1]};  // not filled: memory that is never touched
    size_t size_ = 0;
};

// What one document adds up to while it is read, and where the reader is in it. Lengths are in visible characters.
struct Counts {
    uint64_t visible = 0, spaces = 0, newlines = 0;
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
    uint64_t bracket_start = 0;  // visible characters up to the opening bracket
    const uint8_t* line_begin = nullptr;
    uint64_t line_hash = 0, line_start = 0;  // visible characters before the line
    uint32_t line_core = 0;  // last character of the line that is not a closing quote or bracket
    bool line_bullet = false;
    uint64_t tabs = 0;         // since the last line
    uint64_t bars_before = 0;  // in the lines before this one
    uint64_t paragraph_hash = 0, paragraph_length = 0;
};

// What each visible character changes, kept in registers over a run of them.
struct Run {
    uint32_t last;  // character directly before, or NO_CHARACTER
    uint64_t length, longest, hash;

    void add(uint32_t c) {
        length = c == last ? length + 1 : 1;
        longest = length > longest ? length : longest;
        hash = (hash ^ c) * 0x9E3779B97F4A7C15u;
        last = c;
    }
};
constexpr uint32_t NO_CHARACTER = 0xFFFFFFFF;
