// What measures.cpp, measures_ngrams.hpp and measures_tokens.cpp share: the measures in their order, and the kinds of
// code points. The definitions are in cci_tools/kernels/measures.py, the plain twin in tests/reference/measures.py.
#pragma once
#include <cstddef>
#include <cstdint>

#define CCI_MEASURES(X)                                                                                              \
    X(characters) X(hanzi_fraction) X(letter_fraction) X(digit_fraction) X(punctuation_fraction) X(symbol_fraction)  \
    X(other_fraction) X(space_fraction) X(traditional_fraction)                                                      \
    X(lines) X(mean_line_length) X(short_line_fraction) X(punctuated_line_fraction) X(bullet_line_fraction)          \
    X(ellipsis_line_fraction) X(more_line_fraction) X(newline_ratio)                                                 \
    X(duplicate_line_fraction) X(duplicate_line_character_fraction)                                                  \
    X(duplicate_paragraph_fraction) X(duplicate_paragraph_character_fraction)                                        \
    X(top_2gram_fraction) X(top_3gram_fraction) X(top_4gram_fraction)                                                \
    X(duplicate_5gram_fraction) X(duplicate_6gram_fraction) X(duplicate_7gram_fraction)                              \
    X(duplicate_8gram_fraction) X(duplicate_9gram_fraction) X(duplicate_10gram_fraction)                             \
    X(duplicate_13gram_fraction)                                                                                     \
    X(unique_character_ratio) X(unigram_entropy) X(longest_run) X(longest_run_fraction)                              \
    X(sentences) X(stop_words) X(stop_word_fraction) X(tokens) X(mean_token_length) X(alphabetic_fraction)           \
    X(link_fraction) X(markup_fraction) X(hash_fraction) X(ellipsis_fraction) X(bracket_fraction)                          \
    X(article_line_fraction) X(table_line_fraction) X(mention_fraction)

enum Measure : size_t {
#define X(name) m_##name,
    CCI_MEASURES(X)
#undef X
    MEASURE_COUNT
};

enum class Kind : uint8_t {
    other,  // controls, format characters, private use, unassigned
    hanzi,
    traditional,  // a Hanzi that Simplified text writes with another one
    letter,       // any other letter or mark
    word_letter,  // ASCII letter: part of a run that counts as one token
    word_digit,   // ASCII digit, likewise
    digit,
    punctuation,
    stop,    // ends a sentence
    pause,   // ends a line properly, but no sentence: colon and semicolon
    closer,  // quote or bracket that may follow the end of a sentence
    sign,    // punctuation that is counted apart: # . & and the lenticular brackets
    symbol,
    less,  // "<", a symbol that may begin a tag
    space,
    newline
};
constexpr size_t KIND_COUNT = static_cast<size_t>(Kind::newline) + 1;

// kinds()[c] for every code point c <= U+10FFFF.
const Kind* kinds();
