// What the scan knows of lines: their ends, repeats, widths, and the needles that count by the line.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "scan.hpp"
#include "scan_chars.hpp"

namespace {

constexpr int64_t LONG_LINE = 400;  // bytes: of a longer line only the last so many are searched, if it is the last
constexpr int64_t SAME_LINE = 12;   // bytes: shorter lines may repeat
constexpr int64_t CAPTION = 24;     // bytes: shorter lines may come again and again
constexpr int WRAPPED_LINE = 15;    // characters: shorter lines are verse, headings, lists
constexpr int WIDEST = 250;         // characters: longer lines are paragraphs
constexpr int HEAD_LINES = 8, TAIL_LINES = 15, WRAPPED_LINES = 6, RECURRING_LINES = 3;

struct Line {
    const uint8_t* begin;  // without the space at both ends
    const uint8_t* end;
};

inline bool blank_at(const uint8_t* p, const uint8_t* end, int& width) {
    width = 1;
    if (*p == ' ' || *p == '\t' || *p == '\r') return true;
    if (end - p >= 3 && p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80) return width = 3, true;
    if (end - p >= 2 && p[0] == 0xC2 && p[1] == 0xA0) return width = 2, true;
    return false;
}

inline Line trimmed(const uint8_t* p, const uint8_t* end) {
    int width;
    while (p < end && blank_at(p, end, width)) p += width;
    for (bool again = true; again && p < end;) {
        again = false;
        for (int back = 1; back <= 3 && !again; ++back)
            if (end - p >= back && blank_at(end - back, end, width) && width == back) end -= back, again = true;
    }
    return {p, end};
}

inline uint64_t hash_of(Line line) {
    uint64_t state = static_cast<uint64_t>(line.end - line.begin) * 0x9E3779B97F4A7C15u, word = 0;
    const uint8_t* p = line.begin;
    for (; line.end - p >= 8; p += 8) {
        std::memcpy(&word, p, 8);
        state = (state ^ word) * 0xFF51AFD7ED558CCDu;
        state ^= state >> 32;
    }
    word = 0;
    std::memcpy(&word, p, line.end - p);
    state = (state ^ word) * 0xFF51AFD7ED558CCDu;
    return state ^ state >> 32;
}

// The needles that begin at p; returns the marks, adds the hits of the needles that count by the line.
inline uint32_t match(const Needles& needles, const uint8_t* p, const uint8_t* end, uint8_t place, int& hits, uint32_t& counted) {
    const uint32_t h = Needles::hash(p);
    uint32_t found = 0;
    for (uint32_t k = needles.buckets[h]; k < needles.buckets[h + 1]; ++k) {
        const uint32_t needle = needles.order[k];
        const int64_t size = needles.size(needle);
        if (size > end - p || std::memcmp(p, needles.values + needles.offsets[needle], size) != 0) continue;
        if (needles.places[needle] == place) found |= needles.marks[needle];
        if (place == Needles::ANYWHERE && needles.places[needle] == Needles::THRICE)
            ++hits, counted |= needles.marks[needle];
    }
    return found;
}

// The needles that count at the ends, in a line that is one of them. Of a long line nothing is looked at, or if it is the
// very last one, its last LONG_LINE bytes.
inline uint32_t of_end_line(const Needles& needles, Line line, bool last) {
    const bool is_long = line.end - line.begin > LONG_LINE;
    if (is_long && !last) return 0;
    uint32_t found = 0, counted = 0;
    int hits = 0;
    for (const uint8_t* p = is_long ? line.end - LONG_LINE : line.begin; line.end - p >= 3; ++p)
        if ((*p & 0xC0) != 0x80 && needles.may_begin(p, line.end, Needles::ENDS))
            found |= match(needles, p, line.end, Needles::ENDS, hits, counted);
    return found;
}

// What is known of the line being read, and of those before it.
struct Lines {
    const Needles& needles;
    const uint8_t* start;
    Line tail[TAIL_LINES] = {};  // the last lines that are not blank; line i in slot i % TAIL_LINES
    int64_t filled = 0;          // lines so far that are not blank
    int blank = 0, hits = 0;
    int long_lines = 0, cut[WIDEST + 1] = {};  // cut: unfinished lines by their number of characters
    uint32_t counted = 0;
    std::vector<uint64_t> hashes = {};  // of the lines of CAPTION bytes or more that begin with a wide character

    uint32_t finish(const uint8_t* end, int64_t chars, bool closed) {
        uint32_t found = hits >= 3 ? counted : 0;
        hits = 0, counted = 0;
        const Line line = trimmed(start, end);
        if (line.end < end) found |= TRAILING;
        if (line.begin == line.end) {
            if (start < end) found |= TRAILING;
            blank += closed;
            return blank >= 3 ? found | BLANK_RUN : found;
        }
        blank = 0;
        const int64_t size = line.end - line.begin;
        const Line last = tail[(filled + TAIL_LINES - 1) % TAIL_LINES];
        if (size >= SAME_LINE && last.end - last.begin == size && std::memcmp(line.begin, last.begin, size) == 0)
            found |= REPEAT;
        if (size >= CAPTION && *line.begin >= 0xE3) hashes.push_back(hash_of(line));
        if (chars >= WRAPPED_LINE) {
            ++long_lines;
            if (chars <= WIDEST && hanzi(last_code_point(line.begin, line.end))) ++cut[chars];
        }
        tail[filled++ % TAIL_LINES] = line;
        return filled <= HEAD_LINES ? found | of_end_line(needles, line, false) : found;
    }

    uint32_t of_tail() const {
        uint32_t found = 0;
        for (int64_t i = std::max<int64_t>(filled - TAIL_LINES, 0); i < filled; ++i)
            if (i >= HEAD_LINES || i == filled - 1)
                found |= of_end_line(needles, tail[i % TAIL_LINES], i == filled - 1);
        return found;
    }

    bool recurring() {
        std::sort(hashes.begin(), hashes.end());
        for (size_t i = RECURRING_LINES - 1; i < hashes.size(); ++i)
            if (hashes[i] == hashes[i + 1 - RECURRING_LINES]) return true;
        return false;
    }

    bool wrapped() const {
        if (long_lines < WRAPPED_LINES) return false;
        for (int w = WRAPPED_LINE; w + 3 <= WIDEST; ++w) {
            const int lines = cut[w] + cut[w + 1] + cut[w + 2] + cut[w + 3];
            if (lines >= WRAPPED_LINES && 5 * lines >= 2 * long_lines) return true;
        }
        return false;
    }
};

}  // namespace
