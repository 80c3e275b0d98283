#include "scan.hpp"

#include "scan_lines.hpp"

namespace {

constexpr int READINGS = 3, SPACED_HANZI = 8;

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
            found |= of_code_point(c);
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
    if (reader.lines.recurring()) found |= RECURRING;
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
