// Repeated passages: the lines of a document, what may be said of each, and the keys by which repeats are counted.
//
// Hash of a line: its matching key c_0 .. c_{n-1} (fold.hpp), two code points to a word w = c_{2i} | c_{2i+1} << 32;
// h = n, then h = rotl((h ^ w) P, 31) for each word, then mix(h). All integers are unsigned and wrap.
// Keys of a site's lines, by join(h, x) = mix(h ^ (x P + gamma)) from left to right, s being the hash of the site:
//   a line by itself    (s, 1, line)
//   the first line      (s, 2, line)
//   the last line       (s, 3, line)
//   three in a row      (s, 4, line, line, line); before the first stands 1, behind the last 2
// The lowest bit of such a key is not hash: 1 says that the line must be more frequent than others to be learnt.
// Key of a paragraph: the hash of the line.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sign.hpp"

namespace passages {

constexpr uint64_t PRIME = 0x9E3779B185EBCA87;
constexpr uint64_t SINGLE = 1, FIRST = 2, LAST = 3, WINDOW = 4, START = 1, END = 2;

static inline uint64_t join(uint64_t h, uint64_t x) { return mix(h ^ (x * PRIME + GAMMA)); }

// What passages.py names and explains.
struct Limits {
    uint32_t line_characters;       // longest line of a site
    uint32_t paragraph_characters;  // shortest paragraph
};

constexpr uint32_t ALONE = 10;            // characters: a shorter line is known only by its neighbours
constexpr uint32_t BRIEF = 30;            // characters: a longer line is no neighbour, a longer sentence must be frequent
constexpr uint32_t PROSE = 10;            // Hanzi of a paragraph; of a line of a site, half its characters
constexpr uint32_t ARTICLES = 3;          // numbered articles that make a statute
constexpr size_t PAGE = 4;                // lines: a shorter document is never emptied
constexpr size_t MOST_LINES = 100'000;    // a longer document is left as it is
constexpr size_t MOST_BYTES = 1u << 20;   // a longer line is left as it is

enum Trait : uint8_t {
    FIXED = 1 << 0,      // always stays: headings, numbering, code, tables, datelines, formulae
    SENTENCE = 1 << 1,   // ends like a sentence
    COLON = 1 << 2,      // introduces the next line
    ITEM = 1 << 3,       // begins with a bullet
    ARTICLE = 1 << 4,    // begins with the number of an article
    SIGNED = 1 << 5,     // a date or document number: the line before it is a signature or a letterhead
    CHINESE = 1 << 6,    // has Hanzi enough
    BLANK = 1 << 7,
};

struct Line {
    const uint8_t* begin;
    const uint8_t* end;  // at the "\n"
    uint64_t hash;
    uint32_t length;  // characters of the key
    uint8_t traits;
};

// The lines of one document; used again for the next, so that memory is asked for once.
class Page {
public:
    std::vector<Line> lines;
    std::vector<uint32_t> content;  // the lines whose key is not empty
    bool statute = false;

    // False for a document that is left as it is: too many lines.
    bool read(const uint8_t* begin, const uint8_t* end, const Limits& limits);

    bool is_paragraph(const Line& line, const Limits& limits) const {
        return line.length >= limits.paragraph_characters && !statute &&
               (line.traits & (FIXED | ITEM | COLON | CHINESE)) == CHINESE;
    }

private:
    std::vector<uint32_t> key_;
    Line read_line(const uint8_t* begin, const uint8_t* end, const Limits& limits);
};

// Calls visit(key, first, last) for each key of a site that the lines `content` of a page have; first .. last are the
// places in `content` that it covers.
template <typename Visit>
void visit_site_keys(const Page& page, const std::vector<uint32_t>& content, uint64_t site, const Limits& limits,
                     const Visit& visit) {
    const size_t n = content.size();
    const auto line = [&](size_t i) -> const Line& { return page.lines[content[i]]; };
    const auto brief = [&](size_t i) {
        return !(line(i).traits & FIXED) && line(i).length <= std::min(BRIEF, limits.line_characters);
    };
    const auto key = [](uint64_t hash, bool frequent) { return (hash & ~uint64_t{1}) | frequent; };
    const uint64_t single = join(site, SINGLE), window = join(site, WINDOW);
    for (size_t i = 0; i < n; ++i) {
        const Line& here = line(i);
        if ((here.traits & FIXED) || here.length > limits.line_characters) continue;
        const bool signature = i + 1 < n && (line(i + 1).traits & SIGNED) && !(here.traits & SIGNED);
        if (!signature) {
            if (i == 0) visit(key(join(join(site, FIRST), here.hash), true), i, i);
            if (i + 1 == n) visit(key(join(join(site, LAST), here.hash), true), i, i);
            const bool long_sentence = (here.traits & SENTENCE) && here.length > BRIEF;
            if (i > 0 && here.length >= ALONE && !(here.traits & ITEM))  // the first is likely the title
                visit(key(join(single, here.hash), long_sentence || !(here.traits & CHINESE)), i, i);
        }
        // Three in a row, met at the middle one.
        if (n < 2 || !brief(i) || (i > 0 && !brief(i - 1)) || (i + 1 < n && !brief(i + 1))) continue;
        const uint64_t before = i > 0 ? line(i - 1).hash : START, after = i + 1 < n ? line(i + 1).hash : END;
        visit(key(join(join(join(window, before), here.hash), after), false), i > 0 ? i - 1 : 0, i + 1 < n ? i + 1 : i);
    }
}

}  // namespace passages
