// What may be said of a line: its key, and the traits that decide whether it may be taken for furniture.
#include <algorithm>
#include <cstring>
#include <string>

#include "fold.hpp"
#include "passages.hpp"
#include "utf8.hpp"

namespace passages {
namespace {

using Key = std::basic_string<char32_t>;

constexpr size_t SHORT = 96;  // bytes: folded by the plain decoder, which needs no preparation

// Headings of the parts of a document.
const std::vector<Key> HEADINGS = {U"目录", U"总则", U"分则", U"附则", U"附件", U"附录", U"附表", U"摘要",
                                   U"前言", U"结论", U"关键词", U"参考文献"};
// How the line before a report begins, and how it ends.
const std::vector<Key> AGENCIES = {U"本报", U"本刊", U"本台", U"本网", U"新华", U"中新", U"人民网", U"央视"};
const std::vector<Key> REPORTS = {U"讯", U"电", U"消息"};
// Words of the closing formulae of official documents.
const std::vector<Key> FORMULAE = {U"施行", U"生效", U"特此", U"执行", U"公布", U"废止", U"实施"};

struct View {
    const uint32_t* key;
    size_t n;

    uint32_t operator[](size_t i) const { return key[i]; }
    bool at(size_t i, const Key& word) const {
        if (i + word.size() > n) return false;
        for (size_t j = 0; j < word.size(); ++j)
            if (key[i + j] != static_cast<uint32_t>(word[j])) return false;
        return true;
    }
    bool starts(const std::vector<Key>& words) const {
        return std::any_of(words.begin(), words.end(), [&](const Key& word) { return at(0, word); });
    }
    bool ends(const std::vector<Key>& words) const {
        return std::any_of(words.begin(), words.end(),
                           [&](const Key& word) { return word.size() <= n && at(n - word.size(), word); });
    }
    bool is(const std::vector<Key>& words) const {
        return std::any_of(words.begin(), words.end(), [&](const Key& word) { return word.size() == n && at(0, word); });
    }
    bool has(const std::vector<Key>& words) const {
        uint64_t begins = 0;  // of the words' first characters the last six bits: most others are told apart by them
        for (const Key& word : words) begins |= uint64_t{1} << (word[0] & 63);
        for (size_t i = 0; i < n; ++i)
            if (begins >> (key[i] & 63) & 1)
                for (const Key& word : words)
                    if (at(i, word)) return true;
        return false;
    }
    bool has(char32_t c) const { return std::find(key, key + n, static_cast<uint32_t>(c)) != key + n; }
};

bool one_of(uint32_t c, const char32_t* set) {
    for (; *set != 0; ++set)
        if (c == static_cast<uint32_t>(*set)) return true;
    return false;
}

bool digit(uint32_t c) { return c >= '0' && c <= '9'; }
bool letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool chinese_numeral(uint32_t c) { return one_of(c, U"〇零一二三四五六七八九十百千两"); }
bool numeral(uint32_t c) { return digit(c) || chinese_numeral(c); }
bool hanzi(uint32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF); }

// A day: year, month and day with their signs.
bool has_day(const View& key) {
    const auto next = [&](size_t from, char32_t sign) {
        for (size_t i = from; i < key.n && i < from + 4; ++i)
            if (key[i] == static_cast<uint32_t>(sign)) return numeral(key[i - 1]) ? i : size_t{0};
        return size_t{0};
    };
    for (size_t i = 1; i < key.n; ++i) {
        if (key[i] != U'年' || !numeral(key[i - 1])) continue;
        const size_t month = next(i + 1, U'月');
        if (month != 0 && next(month + 1, U'日') != 0) return true;
    }
    return false;
}

// 第三章, 第12条: the number of a part, and what it is a part of.
uint32_t part_of(const View& key) {
    if (key.n < 3 || key[0] != U'第' || !numeral(key[1])) return 0;
    size_t i = 2;
    while (i < key.n && i < 9 && numeral(key[i])) ++i;
    return i < key.n && one_of(key[i], U"编章节条款篇部卷回课讲单") ? key[i] : 0;
}

// 一、 （二） 3. 4） ⑤ before a text; c is the first character, p stands behind it.
bool numbered(uint32_t c, const uint8_t* p, const uint8_t* end) {
    if ((c >= 0x2460 && c <= 0x2473) || (c >= 0x3220 && c <= 0x3229)) return true;
    const bool bracket = c == '(' || c == 0xFF08;
    if (bracket && p < end) c = next_code_point(p, end);
    size_t count = 0;
    const bool chinese = chinese_numeral(c);
    while ((chinese ? chinese_numeral(c) : digit(c)) && ++count <= (chinese ? 4u : 2u) && p < end)
        c = next_code_point(p, end);
    if (count == 0 || count > (chinese ? 4u : 2u)) return false;
    if (c == '.') return p == end || !(digit(*p) || letter(*p));
    return one_of(c, U"、．)）");
}

// The beginning of a heading, a table row, a comment, a request of troff, a target of a link.
bool markup(uint32_t first, uint32_t second) {
    if (first == '.') return letter(second) || second == '.' || second == '\\';
    if (first == '\'') return second == '\\';
    if (first == '/') return second == '/' || second == '*';
    return one_of(first, U"#|`\\$") || (first >= 0x2500 && first <= 0x257F);
}

// Marks of code.
bool code(const uint8_t* begin, const uint8_t* end) {
    struct Marks {
        bool is[256] = {};
        Marks() {
            for (const char c : {'{', '}', '<', '=', '\\', '`', '('}) is[static_cast<uint8_t>(c)] = true;
        }
    };
    static const Marks marks;
    for (const uint8_t* p = begin; p < end; ++p)
        if (marks.is[*p] && (*p != '(' || (p + 1 < end && p[1] == ')'))) return true;
    return end[-1] == ';';
}

// The last code point, closing quotes and brackets passed over.
uint32_t last_sign(const uint8_t* begin, const uint8_t* end) {
    while (begin < end) {
        const uint8_t* p = end - 1;
        while (p > begin && end - p < 4 && (*p & 0xC0) == 0x80) --p;
        const uint8_t* next = p;
        const uint32_t c = next_code_point(next, end);
        if (next != end) return 0xFFFD;
        if (hanzi(c) || !one_of(c, U"”’」』）)】》\"'")) return c;
        end = p;
    }
    return 0;
}

void trim(const uint8_t*& begin, const uint8_t*& end) {
    const auto blank = [](const uint8_t* p, size_t left) -> size_t {
        if (*p == ' ' || *p == '\t' || *p == '\r') return 1;
        if (left >= 2 && p[0] == 0xC2 && p[1] == 0xA0) return 2;
        return left >= 3 && p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
    };
    for (size_t size; begin < end && (size = blank(begin, static_cast<size_t>(end - begin))) != 0;) begin += size;
    for (bool again = begin < end; again;) {
        again = false;
        for (size_t size = 1; size <= 3 && size <= static_cast<size_t>(end - begin) && !again; ++size)
            if (blank(end - size, size) == size) end -= size, again = begin < end;
    }
}

// A line that only separates: | or -----
bool rule(const uint8_t* p, const uint8_t* end) {
    while (p < end)
        if (!one_of(next_code_point(p, end), U" |｜¦-_=*~+/／\\<>＞«»‹›·•—–―…│┃─━═")) return false;
    return true;
}

uint64_t hash_of(const View& key) {
    uint64_t h = key.n;
    const auto take = [&](uint64_t word) {
        h = (h ^ word) * PRIME;
        h = h << 31 | h >> 33;
    };
    size_t i = 0;
    for (; i + 1 < key.n; i += 2) take(key[i] | static_cast<uint64_t>(key[i + 1]) << 32);
    if (i < key.n) take(key[i]);
    return mix(h);
}

// The traits of a line; `begin` and `end` without the space around it.
uint8_t traits_of(const View& key, const uint8_t* begin, const uint8_t* end, const Limits& limits) {
    uint8_t traits = 0;
    const uint8_t* p = begin;
    const uint32_t first = next_code_point(p, end), second = p < end ? *p : 0, last = last_sign(begin, end);
    if (!hanzi(last)) {
        if (one_of(last, U"。！？；….!?;")) traits |= SENTENCE;
        if (last == ':' || last == 0xFF1A) traits |= COLON;
    }
    if (!hanzi(first) && !letter(first)) {
        if (one_of(first, U"•·●■◆※○▶") || (one_of(first, U"-*+") && (second == ' ' || second == '['))) traits |= ITEM;
        const bool dash = first == 0x2014 || first == 0x2015 || (first == '-' && second == '-');
        if (markup(first, second) || (dash && last != '-' && last != 0x2014)) traits |= FIXED;
    }
    const bool is_short = key.n <= limits.line_characters;
    const uint32_t part = part_of(key);
    if (part == U'条') traits |= ARTICLE;
    if (part != 0 || numbered(first, p, end)) traits |= FIXED;
    if (is_short && (code(begin, end) || key.is(HEADINGS) || (key.starts(AGENCIES) && key.ends(REPORTS))))
        traits |= FIXED;
    if ((traits & SENTENCE) && is_short && key.has(FORMULAE)) traits |= FIXED;

    if (key.has(U'年') && has_day(key)) {
        if (key.n <= 14 && key[key.n - 1] == U'日') traits |= SIGNED;
        else if (!(traits & SENTENCE)) traits |= FIXED;
    }
    if (key.n <= 25 && key[key.n - 1] == U'号' && !key.has(U'备') && std::any_of(key.key, key.key + key.n, digit))
        traits |= SIGNED;
    const size_t enough = is_short ? (key.n + 1) / 2 : PROSE;
    if (static_cast<size_t>(std::count_if(key.key, key.key + key.n, hanzi)) >= enough) traits |= CHINESE;
    return traits;
}

}  // namespace

Line Page::read_line(const uint8_t* begin, const uint8_t* end, const Limits& limits) {
    const size_t size = static_cast<size_t>(end - begin);
    if (size > MOST_BYTES) return {begin, end, 0, limits.paragraph_characters, FIXED};
    if (key_.size() < size) key_.resize(size);
    const size_t n = size <= SHORT ? fold_text(begin, end, fold_table(), fold_limit(), key_.data())
                                   : active_kernel().fold(begin, end, key_.data());
    const uint8_t *first = begin, *last = end;
    trim(first, last);
    if (n == 0) return {begin, end, 0, 0, static_cast<uint8_t>(first == last ? BLANK : rule(first, last) ? 0 : FIXED)};
    const View key{key_.data(), n};
    return {begin, end, hash_of(key), static_cast<uint32_t>(n), traits_of(key, first, last, limits)};
}

bool Page::read(const uint8_t* begin, const uint8_t* end, const Limits& limits) {
    lines.clear();
    content.clear();
    uint32_t articles = 0;
    for (const uint8_t* p = begin; p <= end;) {
        const void* found = p < end ? std::memchr(p, '\n', static_cast<size_t>(end - p)) : nullptr;
        const uint8_t* const stop = found != nullptr ? static_cast<const uint8_t*>(found) : end;
        if (lines.size() == MOST_LINES) return false;
        lines.push_back(read_line(p, stop, limits));
        if (lines.back().length != 0) content.push_back(static_cast<uint32_t>(lines.size() - 1));
        articles += (lines.back().traits & ARTICLE) != 0;
        p = stop + 1;
    }
    statute = articles >= ARTICLES;
    return true;
}

}  // namespace passages
