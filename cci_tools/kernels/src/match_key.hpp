// The key of a text with what stands between its characters, and which of them are numerals; match_numerals.hpp reads it.
#pragma once
#include <array>
#include <vector>

#include "fold.hpp"
#include "match.hpp"

namespace {

// A character of the key, and above its code what the text has that the key has not.
constexpr uint32_t CODE = 0x1FFFFF;
constexpr uint32_t SKIPPED = 1u << 21;   // something stands before it that the key skips
constexpr uint32_t GAP = 1u << 22;       // more than space: a number with magnitudes ends here
constexpr uint32_t POINT = 1u << 23;     // a full stop or colon, and nothing else
constexpr uint32_t PERCENT = 1u << 24;   // a sign of percent
constexpr uint32_t PERMILLE = 1u << 25;  // of per mille
constexpr uint32_t UPPER = 1u << 26;     // it is a Latin capital
constexpr uint32_t ROMAN = 1u << 27;     // it is a Roman numeral with a code point of its own, not folded
constexpr size_t AHEAD = 4;              // zeros behind the last character, so that reading ahead ends

inline bool is_blank(uint32_t c) {
    return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || (c >= 0x2000 && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF;
}

inline uint32_t skipped_mark(uint32_t c, uint32_t marks) {
    marks &= ~POINT;
    if (is_blank(c)) return marks | SKIPPED;
    switch (c) {
        case '.': case U'．': case U'。': case U'｡': case ':': case U'：': case U'∶':
            return marks | SKIPPED | GAP | (marks ? 0 : POINT);
        case '%': case U'％': case U'﹪': case U'٪': return marks | SKIPPED | GAP | PERCENT;
        case U'‰': return marks | SKIPPED | GAP | PERMILLE;
        default: return marks | SKIPPED | GAP;
    }
}

// The key of a text with its marks.
inline void read_marked(const uint8_t* p, const uint8_t* end, std::vector<uint32_t>& key) {
    static const uint32_t* const table = fold_table();
    static const uint32_t limit = fold_limit();
    key.clear();
    uint32_t marks = 0;
    while (p < end) {
        const uint32_t c = next_code_point(p, end);
        const uint32_t folded = c < limit ? table[c] : 0;
        if (!folded) {
            marks = skipped_mark(c, marks);
            continue;
        }
        if ((c >= 'A' && c <= 'Z') || (c >= U'Ａ' && c <= U'Ｚ')) marks |= UPPER;
        const bool roman = c >= 0x2160 && c <= 0x217F;
        key.push_back((roman ? c | ROMAN : folded) | marks);
        marks = 0;
    }
    key.push_back(marks | (GAP | SKIPPED));
    key.insert(key.end(), AHEAD, GAP | SKIPPED);
}

// Classes of numerals: 1 to 10 the digits 0 to 9, 11 to 20 the Chinese ones, 21 to 25 the magnitudes 十百千万亿, 26 to
// 28 the tens 廿卅卌, 29 a number in a circle, in brackets or with a full stop.
enum : uint8_t { DIGIT = 1, CHINESE = 11, MAGNITUDE = 21, TENS = 26, WHOLE = 29 };
constexpr uint32_t LAST_NUMERAL = U'零';

struct Range {
    uint32_t first, last, value;  // value of the first
};
constexpr Range WHOLES[] = {
    {U'①', U'⑳', 1}, {U'⑴', U'⒇', 1}, {U'⒈', U'⒛', 1}, {U'⓫', U'⓴', 11}, {U'⓵', U'⓾', 1}, {U'❶', U'❿', 1},
    {U'➀', U'➉', 1}, {U'➊', U'➓', 1}, {U'㈠', U'㈩', 1}, {U'㉑', U'㉟', 21}, {U'㊀', U'㊉', 1}, {U'㊱', U'㊿', 36},
};

inline const std::array<uint8_t, LAST_NUMERAL + 1>& numeral_table() {
    static const auto table = [] {
        std::array<uint8_t, LAST_NUMERAL + 1> t{};
        for (int d = 0; d < 10; ++d) t['0' + d] = static_cast<uint8_t>(DIGIT + d);
        // What is written in everyday life, on cheques, and otherwise.
        constexpr const char32_t* chinese[] = {U"〇零", U"一壹", U"二贰两", U"三叁参", U"四肆",
                                               U"五伍", U"六陆", U"七柒",   U"八捌",   U"九玖"};
        for (int d = 0; d < 10; ++d)
            for (const char32_t* c = chinese[d]; *c; ++c) t[*c] = static_cast<uint8_t>(CHINESE + d);
        constexpr const char32_t* magnitudes[] = {U"十拾", U"百佰", U"千仟", U"万", U"亿"};
        for (int m = 0; m < 5; ++m)
            for (const char32_t* c = magnitudes[m]; *c; ++c) t[*c] = static_cast<uint8_t>(MAGNITUDE + m);
        for (int n = 0; n < 3; ++n) t[U"廿卅卌"[n]] = static_cast<uint8_t>(TENS + n);
        for (const Range& range : WHOLES)
            for (uint32_t c = range.first; c <= range.last; ++c) t[c] = WHOLE;
        return t;
    }();
    return table;
}

inline uint64_t capital(uint32_t marked) {
    if (!(marked & UPPER)) return 0;
    const uint32_t c = marked & CODE;
    return c == 'i' ? 1 : c == 'v' ? 5 : c == 'x' ? 10 : 0;
}
inline uint64_t capitals_value(const uint32_t* key, size_t i, size_t end) {
    uint64_t total = 0;
    for (; i < end; ++i) {
        const uint64_t value = capital(key[i]);
        total += i + 1 < end && value < capital(key[i + 1]) ? 0 - value : value;
    }
    return total;
}
// The end of a Roman numeral of the capitals I, V, X that stands alone; i if there is none. A single capital must
// be a number by what is around it, as in 第I批 and V级; what only has X is a blank to be filled.
inline size_t capitals_end(const uint32_t* key, size_t i) {
    const auto is_latin = [](uint32_t marked) {
        const uint32_t c = marked & CODE;
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    if (i && !(key[i] & SKIPPED) && is_latin(key[i - 1])) return i;
    size_t end = i, ones = 0;
    while (capital(key[end]) && (end == i || !(key[end] & SKIPPED))) {
        ones += capital(key[end]) < 10;
        ++end;
    }
    if (end == i || end - i > 8 || (!(key[end] & SKIPPED) && is_latin(key[end]))) return i;
    if (end == i + 1) {
        if (i && !(key[i] & SKIPPED) && (key[i - 1] & CODE) == U'第') return end;
        if (key[end] & SKIPPED) return i;
        for (const char32_t c : {U'级', U'期', U'型', U'类', U'批', U'卷', U'册'})
            if ((key[end] & CODE) == static_cast<uint32_t>(c)) return end;
        return i;
    }
    static constexpr const char* tens[] = {"", "x", "xx", "xxx"};
    static constexpr const char* units[] = {"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"};
    const uint64_t value = capitals_value(key, i, end);
    if (!ones || value >= 40) return i;
    size_t at = i;
    for (const char* part : {tens[value / 10], units[value % 10]})
        for (; *part; ++part)
            if (at == end || (key[at++] & CODE) != static_cast<uint32_t>(*part)) return i;
    return at == end ? end : i;
}

}  // namespace
