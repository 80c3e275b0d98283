// Where a text could hold personal information: numbers, codes and cue words that are worth a closer look. Nothing is
// decided here. Full-width forms count as half-width throughout.
#include <memory>
#include <vector>

#include "arrays.hpp"
#include "utf8.hpp"

namespace {

// What was seen; privacy.py has the same table. Cues bring marks of their own.
enum Trigger : uint8_t { NUMBER = 1, QUAD = 2, AT = 3, CODE = 4, PLATE = 5 };

struct Candidate {
    int64_t start, end;  // in characters
    uint8_t mark;
};

uint32_t fold(uint32_t c) { return c - 0xFF01 < 0x5E ? c - 0xFEE0 : c == 0x3000 ? ' ' : c; }
bool digit(uint32_t c) { return c - '0' < 10; }
bool upper(uint32_t c) { return c - 'A' < 26; }
bool word(uint32_t c) { return digit(c) || (c | 0x20) - 'a' < 26; }
uint32_t lower(uint32_t c) { return upper(c) ? c | 0x20 : c; }

// 京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼
constexpr uint16_t REGIONS[] = {0x4EAC, 0x6D25, 0x6CAA, 0x6E1D, 0x5180, 0x8C6B, 0x4E91, 0x8FBD, 0x9ED1, 0x6E58, 0x7696,
                                0x9C81, 0x65B0, 0x82CF, 0x6D59, 0x8D63, 0x9102, 0x6842, 0x7518, 0x664B, 0x8499, 0x9655,
                                0x5409, 0x95FD, 0x8D35, 0x7CA4, 0x9752, 0x85CF, 0x5DDD, 0x5B81, 0x743C};

struct Cues {
    enum : uint8_t { OPENS_CUE = 1, OPENS_PLATE = 2 };

    std::vector<std::vector<uint32_t>> words;
    std::vector<std::vector<uint32_t>> by_first;  // numbers of the cues, by the low byte of their first character
    const uint8_t* marks;
    const uint8_t* reaches;
    std::vector<uint8_t> begins;  // what a folded character could open

    Cues(const Texts& texts, const uint8_t* marks, const uint8_t* reaches)
        : words(texts.count), by_first(256), marks(marks), reaches(reaches), begins(0x10000) {
        for (size_t i = 0; i < texts.count; ++i) {
            for (const uint8_t* p = texts.begin(i); p < texts.end(i);)
                words[i].push_back(lower(fold(next_code_point(p, texts.end(i)))));
            if (words[i].empty() || words[i][0] > 0xFFFF || digit(words[i][0]))
                throw std::invalid_argument("cues: the first character must be of the BMP, and no digit");
            begins[words[i][0]] |= OPENS_CUE;
            by_first[words[i][0] & 0xFF].push_back(static_cast<uint32_t>(i));
        }
        for (uint32_t c : REGIONS) begins[c] |= OPENS_PLATE;
    }
};

// A text read from left to right. Characters are counted only up to what is reported.
class Reader {
  public:
    Reader(const uint8_t* begin, const uint8_t* end, const Cues& cues, std::vector<Candidate>& found)
        : begin_(begin), end_(end), counted_(begin), cues_(cues), found_(found) {}

    void read() {
        uint32_t before = 0;  // the folded character before
        for (const uint8_t* p = begin_; p < end_;) {
            const uint8_t* const here = p;
            const uint32_t c = next(p);
            if (c >= 0x80) {
                if (c < 0x10000 && cues_.begins[c]) {
                    if (cues_.begins[c] & Cues::OPENS_PLATE) plate(here, p);
                    if (cues_.begins[c] & Cues::OPENS_CUE) cue(here);
                }
            } else if (word(c)) {
                const uint8_t* behind = nullptr;
                if (!word(before)) behind = code(here);
                if (!behind && digit(c) && !digit(before)) {
                    if (before != '.') behind = quad(here);
                    if (!behind) behind = number(here);
                }
                if (behind) {
                    p = behind;
                    before = '0';
                    continue;
                }
                if (cues_.begins[lower(c)]) cue(here);
            } else if (c == '@' && (word(before) || before == '.' || before == '_' || before == '-' || before == '+')) {
                if (word(peek(p))) report(here, p, AT);
            }
            before = c;
        }
    }

  private:
    uint32_t next(const uint8_t*& p) const {
        if (*p < 0x80) return *p++;
        // Three well-formed bytes are nearly all of a Chinese text.
        if (end_ - p >= 3 && p[0] > 0xE0 && p[0] < 0xF0 && p[0] != 0xED && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
            const uint32_t c = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
            p += 3;
            return fold(c);
        }
        return fold(next_code_point(p, end_));
    }
    uint32_t peek(const uint8_t* p) const { return p < end_ ? next(p) : 0; }

    void report(const uint8_t* from, const uint8_t* to, uint8_t mark) {
        for (; counted_ < from; ++characters_) next(counted_);
        int64_t length = 0;
        for (const uint8_t* p = from; p < to; ++length) next(p);
        found_.push_back({characters_, characters_ + length, mark});
    }

    // Digits from p on: behind them, and how many.
    const uint8_t* run(const uint8_t* p, int64_t& length) const {
        for (length = 0; p < end_; ++length) {
            const uint8_t* const here = p;
            if (!digit(next(p))) return here;
        }
        return p;
    }

    // A word of 18 letters and digits with the six digits of a region in third place, and a letter somewhere.
    const uint8_t* code(const uint8_t* here) {
        const uint8_t* p = here;
        bool letters = false;
        for (int i = 0; i < 18; ++i) {
            if (p == end_) return nullptr;
            const uint32_t c = next(p);
            if (!word(c) || (i >= 2 && i < 8 && !digit(c))) return nullptr;
            // X in the last place is the check character of an identity number, which `number` reports.
            letters |= !digit(c) && !(i == 17 && lower(c) == 'x');
        }
        if (!letters || word(peek(p))) return nullptr;
        report(here, p, CODE);
        return p;
    }

    // Four numbers of one to three digits with points between.
    const uint8_t* quad(const uint8_t* here) {
        const uint8_t* p = here;
        for (int i = 0; i < 4; ++i) {
            int64_t length;
            if (i > 0 && (p == end_ || next(p) != '.')) return nullptr;
            p = run(p, length);
            if (length < 1 || length > 3) return nullptr;
        }
        const uint8_t* after = p;
        if (after < end_ && next(after) == '.' && digit(peek(after))) return nullptr;
        report(here, p, QUAD);
        return p;
    }

    // Digits, and further ones behind a single space or hyphen if there are three or more before it, or 86.
    const uint8_t* number(const uint8_t* here) {
        int64_t length, total;
        const uint8_t* p = here;
        const uint32_t first = next(p), second = peek(p);
        p = run(here, length);
        const uint8_t* const behind_first = p;
        const int64_t single = length;
        bool open = length >= 3 || (length == 2 && first == '8' && second == '6');
        for (total = length; open && p < end_; total += length, open = length >= 3) {
            const uint8_t* q = p;
            const uint32_t separator = next(q);
            if ((separator != ' ' && separator != '-') || !digit(peek(q))) break;
            p = run(q, length);
        }
        if (total > single ? total < 10 : !shaped(single, first)) return behind_first;
        report(here, p, NUMBER);
        return p;
    }

    // Whether a telephone, identity or card number could look like this.
    static bool shaped(int64_t length, uint32_t first) {
        if (length == 11) return first == '0' || first == '1';
        if (length == 10 || length == 12) return first == '0';
        return length >= 13 && length <= 19;
    }

    void plate(const uint8_t* here, const uint8_t* behind) {
        const uint8_t* p = behind;
        if (p == end_ || !upper(next(p))) return;
        if (const uint8_t* q = p; q < end_ && !word(next(q))) p = q;  // 京A·12345
        for (int i = 0; i < 4; ++i)
            if (p == end_ || !word(next(p))) return;
        report(here, behind, PLATE);
    }

    void cue(const uint8_t* here) {
        const uint8_t* p = here;
        size_t longest = 0;
        uint32_t chosen = 0;
        for (uint32_t number : cues_.by_first[lower(next(p)) & 0xFF]) {
            const std::vector<uint32_t>& wanted = cues_.words[number];
            size_t i = 0;
            for (p = here; i < wanted.size() && p < end_ && lower(next(p)) == wanted[i];) ++i;
            if (i == wanted.size() && i > longest) longest = i, chosen = number;
        }
        if (!longest) return;
        p = here;
        for (size_t i = 0; i < longest; ++i) next(p);
        const uint8_t* q = p;
        bool reached = cues_.reaches[chosen] == 0;
        for (int i = 0; i < cues_.reaches[chosen] && q < end_ && !reached; ++i) reached = word(next(q));
        if (reached) report(here, p, cues_.marks[chosen]);
    }

    const uint8_t* const begin_;
    const uint8_t* const end_;
    const uint8_t* counted_;
    int64_t characters_ = 0;
    const Cues& cues_;
    std::vector<Candidate>& found_;
};

}  // namespace

void bind_privacy(nb::module_& m) {
    m.def(
        "privacy_candidates",
        [](const Input<uint8_t>& values, const Input<int64_t>& offsets, const Input<uint8_t>& cue_values,
           const Input<int64_t>& cue_offsets, const Input<uint8_t>& marks, const Input<uint8_t>& reaches) {
            const Texts texts(values, offsets), words(cue_values, cue_offsets);
            if (marks.shape(0) != words.count || reaches.shape(0) != words.count)
                throw std::invalid_argument("cues: one mark and one reach each");
            const Cues cues(words, marks.data(), reaches.data());
            auto found = std::make_unique<std::vector<Candidate>>();
            std::vector<int64_t> ends(texts.count + 1, 0);
            {
                nb::gil_scoped_release release;
                for (size_t i = 0; i < texts.count; ++i) {
                    Reader(texts.begin(i), texts.end(i), cues, *found).read();
                    ends[i + 1] = static_cast<int64_t>(found->size());
                }
            }
            const size_t n = found->size();
            auto* rows = new int64_t[3 * n + ends.size()];
            nb::capsule owner(rows, [](void* p) noexcept { delete[] static_cast<int64_t*>(p); });
            for (size_t i = 0; i < n; ++i) {
                rows[3 * i] = (*found)[i].start;
                rows[3 * i + 1] = (*found)[i].end;
                rows[3 * i + 2] = (*found)[i].mark;
            }
            for (size_t i = 0; i < ends.size(); ++i) rows[3 * n + i] = ends[i];
            return nb::make_tuple(nb::ndarray<nb::numpy, int64_t, nb::ndim<2>>(rows, {n, 3}, owner),
                                  nb::ndarray<nb::numpy, int64_t, nb::ndim<1>>(rows + 3 * n, {ends.size()}, owner));
        },
        nb::arg("values"), nb::arg("offsets"), nb::arg("cue_values"), nb::arg("cue_offsets"), nb::arg("marks"),
        nb::arg("reaches"),
        "Start, end (in characters) and mark of what could be personal information, and the offsets by text.");
}
