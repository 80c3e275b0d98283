#include <vector>

#include "fold.hpp"
#include "measures.hpp"

namespace {
#include "measures_data.inc"

constexpr uint32_t HANZI_RANGES[][2] = {
    {0x3007, 0x3007}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x323AF}};
// Simplified text writes these too (著名, 乾坤, 瞭望, 慰藉, 特徵 in names), so one of them says nothing.
constexpr uint32_t AMBIGUOUS[] = {0x8457, 0x4E7E, 0x77AD, 0x85C9, 0x5FB5};

bool compatibility(uint32_t c) { return (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F); }

std::vector<Kind> build() {
    constexpr Kind CLASS[] = {Kind::other, Kind::letter, Kind::digit, Kind::punctuation, Kind::symbol, Kind::space};
    std::vector<Kind> table(0x110000, Kind::other);
    for (const auto& range : CLASS_RANGES)
        for (uint32_t c = range[0]; c <= range[1]; ++c) table[c] = CLASS[range[2]];
    for (uint32_t c = 0xE0100; c <= 0xE01EF; ++c) table[c] = Kind::letter;  // variation selectors, as other marks
    const uint32_t* fold = fold_table();
    for (const auto& range : HANZI_RANGES)
        for (uint32_t c = range[0]; c <= range[1]; ++c)
            table[c] = c < fold_limit() && fold[c] && fold[c] != c && !compatibility(c) ? Kind::traditional
                                                                                        : Kind::hanzi;
    for (uint32_t c : AMBIGUOUS) table[c] = Kind::hanzi;
    for (uint32_t c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = Kind::word_letter;
    for (uint32_t c = '0'; c <= '9'; ++c) table[c] = Kind::word_digit;
    for (uint32_t c : {0x3002u, 0xFF01u, 0xFF1Fu, 0x2026u, 0xFF0Eu, 0xFF61u, 0x21u, 0x3Fu}) table[c] = Kind::stop;
    for (uint32_t c : {0xFF1Bu, 0xFF1Au, 0x3Bu, 0x3Au}) table[c] = Kind::pause;
    for (uint32_t c : {0x22u, 0x27u, 0x29u, 0x5Du, 0x7Du, 0x201Du, 0x2019u, 0x300Du, 0x300Fu, 0xFF09u, 0x300Bu, 0x3009u,
                       0x3015u, 0xFF3Du, 0xFF02u, 0xFF07u})
        table[c] = Kind::closer;
    for (uint32_t c : {0x23u, 0x2Eu, 0x26u, 0x3010u, 0x3011u}) table[c] = Kind::sign;
    table['<'] = Kind::less;
    table['\n'] = Kind::newline;
    return table;
}
}  // namespace

const Kind* kinds() {
    static const std::vector<Kind> table = build();
    return table.data();
}
