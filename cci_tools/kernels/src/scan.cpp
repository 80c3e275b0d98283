#include "scan.hpp"

#include <algorithm>
#include <cstring>

#include "utf8.hpp"

namespace {

constexpr int64_t LONG_LINE = 400;    // bytes: of a longer line only the last so many are searched, if it is the last
constexpr int64_t SAME_LINE = 12;     // bytes: shorter lines may repeat
constexpr int WRAPPED_LINE = 15;  // characters: shorter lines are verse, headings, lists
constexpr int WIDEST = 250;       // characters: longer lines are paragraphs
constexpr int HEAD_LINES = 8, TAIL_LINES = 15, READINGS = 3, SPACED_HANZI = 8, WRAPPED_LINES = 6;

bool hanzi(uint32_t c) { return c - 0x4E00 < 0x5200 || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x323AF); }

bool hexadecimal(uint8_t b) { return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F'); }

bool letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A byte 0x80-0xBF as Latin-1 or Windows-1252 shows it.
bool continuation_look(uint32_t c) {
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
bool pinyin_letter(uint32_t c) {
    if (c >= 'a' && c <= 'z') return true;
    switch (c) {
        case 0x101: case 0xE1: case 0x1CE: case 0xE0: case 0x113: case 0xE9: case 0x11B: case 0xE8: case 0x12B:
        case 0xED: case 0x1D0: case 0xEC: case 0x14D: case 0xF3: case 0x1D2: case 0xF2: case 0x16B: case 0xFA:
        case 0x1D4: case 0xF9: case 0x1D6: case 0x1D8: case 0x1DA: case 0x1DC: case 0xFC: return true;
        default: return false;
    }
}

// 年 学 學 财 財 赛 賽
bool follows_year(uint32_t c) {
    return c == 0x5E74 || c == 0x5B66 || c == 0x5B78 || c == 0x8D22 || c == 0x8CA1 || c == 0x8D5B || c == 0x8CFD;
}

// ， 。 、 ； ： ？ ！
bool mark(uint32_t c) {
    return c == 0xFF0C || c == 0x3002 || c == 0x3001 || c == 0xFF1B || c == 0xFF1A || c == 0xFF1F || c == 0xFF01;
}

// After '(': one to six letters of pinyin and ')'.
bool reading(const uint8_t* p, const uint8_t* end) {
    int letters = 0;
    uint32_t c = 0;
    while (p < end && letters <= 6 && pinyin_letter(c = next_code_point(p, end))) ++letters;
    return letters >= 1 && letters <= 6 && c == ')';
}

bool escape(const uint8_t* p, const uint8_t* end) {
    return end - p >= 5 && *p == 'u' && hexadecimal(p[1]) && hexadecimal(p[2]) && hexadecimal(p[3]) && hexadecimal(p[4]);
}

uint32_t of_code_point(uint32_t c) {
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

struct Line {
    const uint8_t* begin;  // without the space at both ends
    const uint8_t* end;
};

bool blank_at(const uint8_t* p, const uint8_t* end, int& width) {
    width = 1;
    if (*p == ' ' || *p == '\t' || *p == '\r') return true;
    if (end - p >= 3 && p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80) return width = 3, true;
    if (end - p >= 2 && p[0] == 0xC2 && p[1] == 0xA0) return width = 2, true;
    return false;
}

Line trimmed(const uint8_t* p, const uint8_t* end) {
    int width;
    while (p < end && blank_at(p, end, width)) p += width;
    for (bool again = true; again && p < end;) {
        again = false;
        for (int back = 1; back <= 3 && !again; ++back)
            if (end - p >= back && blank_at(end - back, end, width) && width == back) end -= back, again = true;
    }
    return {p, end};
}

// The needles that begin at p; returns the marks, adds the hits of the needles that count by the line.
uint32_t match(const Needles& needles, const uint8_t* p, const uint8_t* end, uint8_t place, int& hits, uint32_t& counted) {
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
uint32_t of_end_line(const Needles& needles, Line line, bool last) {
    const bool is_long = line.end - line.begin > LONG_LINE;
    if (is_long && !last) return 0;
    uint32_t found = 0, counted = 0;
    int hits = 0;
    for (const uint8_t* p = is_long ? line.end - LONG_LINE : line.begin; line.end - p >= 3; ++p)
        if ((*p & 0xC0) != 0x80 && needles.may_begin(p, line.end, Needles::ENDS))
            found |= match(needles, p, line.end, Needles::ENDS, hits, counted);
    return found;
}

// The last code point before `end`; U+FFFD if the bytes there are not a whole one.
uint32_t last_code_point(const uint8_t* begin, const uint8_t* end) {
    const uint8_t* p = end - 1;
    while (p > begin && end - p < 4 && (*p & 0xC0) == 0x80) --p;
    const uint32_t c = next_code_point(p, end);
    return p == end ? c : 0xFFFD;
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

    bool wrapped() const {
        if (long_lines < WRAPPED_LINES) return false;
        for (int w = WRAPPED_LINE; w + 3 <= WIDEST; ++w) {
            const int lines = cut[w] + cut[w + 1] + cut[w + 2] + cut[w + 3];
            if (lines >= WRAPPED_LINES && 5 * lines >= 2 * long_lines) return true;
        }
        return false;
    }
};

// One of U+4E00-U+9FFF in well-formed UTF-8: nearly all of Chinese text, and free of most of the tests.
bool common_hanzi(const uint8_t* p, const uint8_t* end, uint32_t& c) {
    if (end - p < 3 || *p < 0xE4 || *p > 0xE9 || (p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80) return false;
    c = (*p & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return c >= 0x4E00;
}

// A text as it is read from left to right.
struct Reader {
    const Needles& needles;
    const uint8_t* const end;
    Lines lines;
    uint32_t found = 0, before = 0;           // the code point before
    int digits = 0, readings = 0, spaced = 0;  // so many in a row; bracketed readings in the whole text
    int64_t chars = 0;                         // of this line
    bool bare = true, first_of_misread = false, even = false, hanzi_before = false, hanzi_before2 = false;

    void look_up(const uint8_t* p) {
        if (end - p >= 3 && needles.may_begin(p, end, Needles::ANYWHERE))
            found |= match(needles, p, end, Needles::ANYWHERE, lines.hits, lines.counted);
    }

    void misread(uint32_t c) {
        if (first_of_misread && c < 0x10000 && needles.classes[c] & 2) found |= MISREAD;
        first_of_misread = c < 0x10000 && (needles.first[c >> 6] >> (c & 63) & 1);
    }

    // What a Hanzi says of the characters before it.
    void after_others(uint32_t c) {
        bare = false;
        if (hanzi_before2 && (before == ',' || before == ';' || before == ':' || before == '?' || before == '!'))
            found |= HALF_MARK;
        if (digits == 8 && follows_year(c)) found |= YEARS;
        digits = 0;
    }

    void evenly_spaced() {
        spaced = before == ' ' && even ? spaced + 1 : 1;
        even = true;
        if (spaced >= SPACED_HANZI) found |= SPACED;
    }

    void shift(uint32_t c, bool is_hanzi) {
        hanzi_before2 = hanzi_before;
        hanzi_before = is_hanzi;
        before = c;
    }

    const uint8_t* run_of_hanzi(const uint8_t* p, uint32_t c) {
        after_others(c);
        evenly_spaced();
        // The loop over Hanzi after Hanzi keeps its state out of memory: every byte read could be one of the members.
        const uint64_t *const bloom = needles.bloom[0].data(), *const begins = needles.first.data();
        bool first = first_of_misread;
        int64_t length = 0;
        do {
            const uint32_t h = Needles::hash(p);
            if (bloom[h >> 6] >> (h & 63) & 1) look_up(p);
            if (first && needles.classes[c] & 2) found |= MISREAD;
            first = begins[c >> 6] >> (c & 63) & 1;
            ++length;
            p += 3;
        } while (common_hanzi(p, end, c));
        first_of_misread = first;
        chars += length;
        if (length > 1) spaced = 1;
        hanzi_before2 = length > 1 || hanzi_before;
        hanzi_before = true;
        before = 0x4E00;  // any Hanzi
        return p;
    }

    const uint8_t* run_of_letters(const uint8_t* p) {
        const uint64_t* const bloom = needles.bloom[0].data();
        const uint8_t* const start = p;
        do {
            if (end - p >= 3) {
                const uint32_t h = Needles::hash(p);
                if (bloom[h >> 6] >> (h & 63) & 1) look_up(p);
            }
            ++p;
        } while (p < end && letter(*p));
        bare = even = first_of_misread = false;
        digits = 0;
        chars += p - start;
        hanzi_before2 = p - start == 1 && hanzi_before;
        hanzi_before = false;
        before = p[-1];
        return p;
    }

    const uint8_t* character(const uint8_t* p) {
        look_up(p);
        const uint32_t c = next_code_point(p, end);
        ++chars;
        const bool is_hanzi = hanzi(c);
        if (is_hanzi) {
            after_others(c);
        } else if (c < 0x80) {
            p = ascii(c, p);
        } else {
            digits = 0;
            if (c < 0x2E80 && before >= 0xA1 && before <= 0xF7)
                if ((before >= 0xC2 && continuation_look(c)) || (c >= 0xA1 && c <= 0xFE)) found |= LATIN;
            found |= of_code_point(c);
        }
        if (is_hanzi || mark(c)) evenly_spaced();
        else even = c == ' ' && even && before != ' ';
        if (c >= 0x80) misread(c);
        else first_of_misread = false;
        shift(c, is_hanzi);
        return p;
    }

    const uint8_t* ascii(uint32_t c, const uint8_t* p) {
        if (c >= '0' && c <= '9') return ++digits, bare = false, p;
        digits = 0;
        switch (c) {
            case ' ': case '\t': break;
            case '\n':
                found |= lines.finish(p - 1, chars - 1, true);
                lines.start = p;
                chars = 0;
                break;
            case '(':
                if (hanzi_before && reading(p, end) && ++readings >= READINGS) found |= PINYIN;
                break;
            case '&':
                if (p < end && (*p == '#' || letter(*p))) found |= ENTITY;
                break;
            case '<':
                if (p < end && (*p == '/' || *p == '!' || letter(*p))) found |= TAG;
                break;
            case '{':
                if (p < end && *p == '{') found |= TAG;
                break;
            case '\\':
                if (escape(p, end)) found |= ESCAPE;
                break;
            case '\r': found |= LINE_END; break;
            case '\v': case '\f': found |= LINE_END | CONTROL; break;
            default:
                if (c < 0x20 || c == 0x7F) found |= CONTROL;
        }
        return p;
    }
};

uint32_t scan(const uint8_t* begin, const uint8_t* end, const Needles& needles) {
    Reader reader{needles, end, Lines{needles, begin}};
    uint32_t c;
    for (const uint8_t* p = begin; p < end;)
        p = common_hanzi(p, end, c) ? reader.run_of_hanzi(p, c)
            : letter(*p)            ? reader.run_of_letters(p)
                                    : reader.character(p);
    uint32_t found = reader.found | reader.lines.finish(end, reader.chars, false);
    if (reader.lines.wrapped()) found |= WRAPPED;
    if (reader.bare) found |= BARE;
    return found | reader.lines.of_tail();
}

}  // namespace

using Bits = std::vector<uint64_t>;
constexpr size_t BITS = (1u << 15) / 64;

static void set(Bits& bits, uint32_t h) { bits[h >> 6] |= 1ull << (h & 63); }

Needles::Needles(const Texts& strings, const uint32_t* marks, const uint8_t* places, const uint8_t* classes)
    : values(strings.values), offsets(strings.offsets), marks(marks), places(places), classes(classes),
      bloom{Bits(BITS), Bits(BITS), Bits(BITS)}, brief(BITS), first(0x10000 / 64), buckets((1u << 15) + 1), order(strings.count) {
    for (size_t i = 0; i < strings.count; ++i) {
        if (size(i) < 3) throw std::invalid_argument("needles: at least three bytes each");
        const uint32_t h = hash(strings.begin(i));
        ++buckets[h + 1];
        set(bloom[places[i] == ENDS], h);
        if (size(i) < 6) set(brief, h);
        else set(bloom[2], longer_hash(strings.begin(i)));
    }
    for (uint32_t c = 0; c < 0x10000; ++c)
        if (classes[c] & 1) set(first, c);
    for (size_t h = 1; h < buckets.size(); ++h) buckets[h] += buckets[h - 1];
    std::vector<uint32_t> next(buckets.begin(), buckets.end() - 1);
    for (size_t i = 0; i < strings.count; ++i) order[next[hash(strings.begin(i))]++] = static_cast<uint32_t>(i);
}

void bind_scan(nb::module_& m) {
    m.def(
        "scan",
        [](const Input<uint8_t>& values, const Input<int64_t>& offsets, const Input<uint8_t>& needle_values,
           const Input<int64_t>& needle_offsets, const Input<uint32_t>& marks, const Input<uint8_t>& places,
           const Input<uint8_t>& classes, const Output<uint32_t>& flags) {
            const Texts texts(values, offsets), strings(needle_values, needle_offsets);
            if (marks.shape(0) != strings.count || places.shape(0) != strings.count)
                throw std::invalid_argument("needles: one mark and one place each");
            if (classes.shape(0) != 0x10000) throw std::invalid_argument("classes: one for each code point of the BMP");
            if (flags.shape(0) != texts.count) throw std::invalid_argument("flags: one for each text");
            const Needles needles(strings, marks.data(), places.data(), classes.data());
            uint32_t* out = flags.data();
            nb::gil_scoped_release release;
            for (size_t i = 0; i < texts.count; ++i) out[i] = scan(texts.begin(i), texts.end(i), needles);
        },
        nb::arg("values"), nb::arg("offsets"), nb::arg("needle_values"), nb::arg("needle_offsets"), nb::arg("marks"),
        nb::arg("places"), nb::arg("classes"), nb::arg("flags"), "Flags of the kinds of dirt that each text could hold.");
}
