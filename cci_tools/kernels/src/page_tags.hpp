// The elements that decide how a page is cut into blocks, and those in which a part of a line may be hidden. Any other
// is a mark without content: what stands between its tags is its sibling. So are <html> and <head>, which hold all.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace page {

enum Trait : uint16_t {
    VOID = 1,        // has no content and no end tag
    RAW = 2,         // its content is not markup
    BLOCK = 4,       // begins a line and ends an open <p>
    BOUNDARY = 8,    // an end tag of inner elements does not reach over it
    TABLE_PART = 16  // tbody, thead, tfoot, tr, td, th, caption: closed by the next of its kind in the same table
};

struct Tag {
    const char* name;
    uint16_t traits;
};

// The position is the number that a node carries; 0 is text, 1 any other element.
constexpr Tag TAGS[] = {
    {"#text", 0}, {"?", 0}, {"a", 0}, {"address", BLOCK}, {"article", BLOCK}, {"aside", BLOCK}, {"b", 0}, {"big", 0},
    {"blockquote", BLOCK}, {"body", BLOCK | BOUNDARY}, {"br", VOID}, {"button", BOUNDARY},
    {"caption", BLOCK | BOUNDARY | TABLE_PART}, {"center", BLOCK}, {"cite", 0}, {"code", 0}, {"col", VOID},
    {"dd", BLOCK}, {"del", 0}, {"details", BLOCK}, {"dir", BLOCK}, {"div", BLOCK}, {"dl", BLOCK}, {"dt", BLOCK},
    {"em", 0}, {"embed", VOID}, {"fieldset", BLOCK}, {"figcaption", BLOCK}, {"figure", BLOCK}, {"font", 0},
    {"footer", BLOCK}, {"form", BLOCK}, {"frame", VOID}, {"frameset", BLOCK}, {"h1", BLOCK}, {"h2", BLOCK},
    {"h3", BLOCK}, {"h4", BLOCK}, {"h5", BLOCK}, {"h6", BLOCK}, {"head", VOID}, {"header", BLOCK},
    {"hr", VOID | BLOCK}, {"html", VOID}, {"i", 0}, {"iframe", RAW}, {"img", VOID}, {"input", VOID}, {"ins", 0},
    {"label", 0}, {"li", BLOCK}, {"link", VOID}, {"main", BLOCK}, {"math", 0}, {"menu", BLOCK}, {"meta", VOID},
    {"nav", BLOCK}, {"noembed", RAW}, {"noframes", RAW}, {"noscript", 0}, {"object", BOUNDARY}, {"ol", BLOCK},
    {"optgroup", BLOCK}, {"option", BLOCK}, {"p", BLOCK}, {"param", VOID}, {"pre", BLOCK}, {"s", 0}, {"script", RAW},
    {"section", BLOCK}, {"select", BLOCK}, {"small", 0}, {"source", VOID}, {"span", 0}, {"strong", 0}, {"style", RAW},
    {"summary", BLOCK}, {"svg", 0}, {"table", BLOCK | BOUNDARY}, {"tbody", BLOCK | TABLE_PART},
    {"td", BLOCK | BOUNDARY | TABLE_PART}, {"template", 0}, {"textarea", RAW}, {"tfoot", BLOCK | TABLE_PART},
    {"th", BLOCK | BOUNDARY | TABLE_PART}, {"thead", BLOCK | TABLE_PART}, {"time", 0}, {"title", RAW},
    {"tr", BLOCK | TABLE_PART}, {"u", 0}, {"ul", BLOCK}, {"video", 0}, {"wbr", VOID}, {"xmp", RAW},
};
constexpr size_t TAG_COUNT = sizeof TAGS / sizeof *TAGS;
constexpr uint8_t TEXT = 0, OTHER = 1;

constexpr bool same(const char* a, const char* b) {
    while (*a && *a == *b) ++a, ++b;
    return *a == *b;
}

constexpr uint8_t tag(const char* name) {
    for (size_t i = 0; i < TAG_COUNT; ++i)
        if (same(TAGS[i].name, name)) return static_cast<uint8_t>(i);
    return OTHER;
}

// Tag number of a name in the source, in any case.
inline uint8_t find_tag(const uint8_t* name, size_t length) {
    static const struct Index {
        uint8_t first[27];  // where the names of each letter begin in TAGS, which is in alphabetical order
        Index() {
            size_t at = 2;
            for (int letter = 0; letter < 26; ++letter) {
                first[letter] = static_cast<uint8_t>(at);
                while (at < TAG_COUNT && TAGS[at].name[0] == 'a' + letter) ++at;
            }
            first[26] = static_cast<uint8_t>(TAG_COUNT);
        }
    } index;
    char lower[12];
    if (length == 0 || length >= sizeof lower || std::memchr(name, 0, length) != nullptr) return OTHER;
    for (size_t i = 0; i < length; ++i) lower[i] = static_cast<char>(name[i] | (name[i] >= 'A' && name[i] <= 'Z' ? 32 : 0));
    lower[length] = 0;
    const int letter = lower[0] - 'a';
    if (letter < 0 || letter >= 26) return OTHER;
    for (size_t i = index.first[letter]; i < index.first[letter + 1]; ++i)
        if (std::strcmp(TAGS[i].name, lower) == 0) return static_cast<uint8_t>(i);
    return OTHER;
}

}  // namespace page
