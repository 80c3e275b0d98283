// The measures of one document from what was counted in it.
#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "measures.hpp"
#include "measures_counts.hpp"
#include "measures_ngrams.hpp"

// n ln n for small n.
inline const std::array<double, 1024> N_LOG_N = [] {
    std::array<double, 1024> table{};
    for (size_t n = 1; n < table.size(); ++n) table[n] = n * std::log(static_cast<double>(n));
    return table;
}();

inline double ratio(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

inline void write_measures(const Characters& characters, const Counts& now, const Repetition& repetition, float* out) {
    const double visible = now.visible, spaces = now.spaces;
    uint64_t kind_counts[KIND_COUNT] = {};
    const Kind* const kind_of = kinds();
    double weighted = 0;  // sum of n ln n over the distinct characters
    for (const uint32_t c : characters) {
        const uint32_t n = characters[c];
        kind_counts[static_cast<size_t>(kind_of[c])] += n;
        weighted += n < N_LOG_N.size() ? N_LOG_N[n] : n * std::log(static_cast<double>(n));
    }
    const auto count = [&](Kind first, Kind last) {
        uint64_t sum = 0;
        for (size_t k = static_cast<size_t>(first); k <= static_cast<size_t>(last); ++k) sum += kind_counts[k];
        return sum;
    };
    const double all = visible + spaces, hanzi = count(Kind::hanzi, Kind::traditional), lines = now.lines;
    const double tokens = repetition.tokens;
    uint64_t stop_words = 0, stop_word_hits = 0;
    for (uint32_t c : STOP_WORDS) {
        stop_words += characters[c] > 0;
        stop_word_hits += characters[c];
    }
    double m[MEASURE_COUNT];
    m[m_characters] = all;
    m[m_hanzi_fraction] = ratio(hanzi, visible);
    m[m_letter_fraction] = ratio(count(Kind::letter, Kind::word_letter), visible);
    m[m_digit_fraction] = ratio(count(Kind::word_digit, Kind::digit), visible);
    m[m_punctuation_fraction] = ratio(count(Kind::punctuation, Kind::sign), visible);
    m[m_symbol_fraction] = ratio(count(Kind::symbol, Kind::less), visible);
    m[m_other_fraction] = ratio(count(Kind::other, Kind::other), visible);
    m[m_space_fraction] = ratio(spaces, all);
    m[m_traditional_fraction] = ratio(count(Kind::traditional, Kind::traditional), hanzi);
    m[m_lines] = lines;
    m[m_mean_line_length] = ratio(visible, lines);
    m[m_short_line_fraction] = ratio(now.short_lines, lines);
    m[m_punctuated_line_fraction] = ratio(now.ended_lines, lines);
    m[m_bullet_line_fraction] = ratio(now.bullet_lines, lines);
    m[m_ellipsis_line_fraction] = ratio(now.ellipsis_lines, lines);
    m[m_more_line_fraction] = ratio(now.more_lines, lines);
    m[m_newline_ratio] = ratio(now.newlines, tokens);
    m[m_duplicate_line_fraction] = ratio(now.repeated_lines, lines);
    m[m_duplicate_line_character_fraction] = ratio(now.repeated_line_characters, visible);
    m[m_duplicate_paragraph_fraction] = ratio(now.repeated_paragraphs, now.paragraphs);
    m[m_duplicate_paragraph_character_fraction] = ratio(now.repeated_paragraph_characters, visible);
    for (int n = 2; n <= 4; ++n) m[m_top_2gram_fraction + n - 2] = ratio(repetition.top[n], repetition.characters);
    for (int n = 5; n <= 10; ++n)
        m[m_duplicate_5gram_fraction + n - 5] = ratio(repetition.repeated[n], repetition.characters);
    m[m_duplicate_13gram_fraction] = ratio(repetition.repeated[13], repetition.characters);
    m[m_unique_character_ratio] = ratio(characters.size(), visible);
    m[m_unigram_entropy] = visible > 0 ? std::fmax(0.0, std::log(visible) - weighted / visible) : 0.0;
    m[m_longest_run] = now.longest_run;
    m[m_longest_run_fraction] = ratio(now.longest_run, visible);
    m[m_sentences] = now.sentences;
    m[m_stop_words] = stop_words;
    m[m_stop_word_fraction] = ratio(stop_word_hits, visible);
    m[m_tokens] = tokens;
    m[m_mean_token_length] = ratio(repetition.characters, tokens);
    m[m_alphabetic_fraction] = ratio(tokens - now.numeric_tokens, tokens + count(Kind::other, Kind::other) +
                                                                      count(Kind::punctuation, Kind::less));
    m[m_link_fraction] = ratio(now.link, visible);
    m[m_markup_fraction] = ratio(now.markup, all);
    m[m_hash_fraction] = ratio(now.hashes, all);
    m[m_ellipsis_fraction] = ratio(now.ellipses, all);
    m[m_bracket_fraction] = ratio(now.bracketed, visible);
    m[m_article_line_fraction] = ratio(now.article_lines, lines);
    m[m_table_line_fraction] = ratio(now.table_lines, lines);
    m[m_mention_fraction] = ratio(characters['@'] + characters[0xFF20], visible);
    for (size_t i = 0; i < MEASURE_COUNT; ++i) out[i] = static_cast<float>(m[i]);
}
