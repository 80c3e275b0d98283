// All measures of one document in one pass over its code points, then one over its tokens (measures_ngrams.hpp).
#pragma once
#include <cmath>
#include <cstring>
#include <vector>

#include "measures.hpp"
#include "measures_counts.hpp"
#include "measures_ngrams.hpp"
#include "measures_spans.hpp"
#include "utf8.hpp"

// Reused for every document of a thread: counts by code point, and the tables for repetition.
class Measurer {
public:
    Measurer() : counts_(0x110000, 0), repetition_(counts_.data()) {}

    void measure(const uint8_t* p, const uint8_t* end, float* out) {
        for (uint32_t c : distinct_) counts_[c] = 0;
        distinct_.clear();
        now_ = Counts{};
        now_.visible_end = now_.link_end = now_.tag_end = p;
        repetition_.reset();
        seen_lines_.reset();
        seen_paragraphs_.reset();
        const Kind* const kind_of = kinds();
        while (p < end) {
            const uint8_t* const at = p;
            const uint32_t c = next_code_point(p, end);
            const Kind kind = kind_of[c];
            if (is_hanzi(kind) && now_.line_length && at == now_.visible_end) {
                p = hanzi(c, p, end, kind_of);
                now_.visible_end = p;
            } else if (kind < Kind::space) {
                visible(c, kind, at, p, end);
                now_.visible_end = p;
            } else {
                space(kind, at);
            }
        }
        end_line();
        end_paragraph();
        repetition_.finish();
        write(out);
    }

private:
    static constexpr uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u;
    static constexpr size_t SHORT_LINE = 10;

    static bool is_hanzi(Kind kind) { return kind == Kind::hanzi || kind == Kind::traditional; }

    // The Hanzi c and those that follow it, inside a line: what `visible` does, for most of the text, with fewer writes.
    const uint8_t* hanzi(uint32_t c, const uint8_t* p, const uint8_t* end, const Kind* kind_of) {
        end_word();
        uint32_t last = now_.last;
        uint64_t hash = now_.line_hash, run = now_.run, longest = now_.longest_run, length = 0, traditional = 0;
        for (;;) {
            if (!counts_[c]++) distinct_.push_back(c);
            run = c == last ? run + 1 : 1;
            longest = run > longest ? run : longest;
            last = c;
            hash = (hash ^ c) * MULTIPLIER;
            ++length;
            traditional += kind_of[c] == Kind::traditional;
            repetition_.push(c);
            if (end - p < 3 || (p[0] & 0xF0) != 0xE0 || p[0] < 0xE3) break;
            const uint8_t* next = p;
            c = next_code_point(next, end);
            if (!is_hanzi(kind_of[c])) break;
            p = next;
        }
        now_.kinds[static_cast<size_t>(Kind::hanzi)] += length - traditional;
        now_.kinds[static_cast<size_t>(Kind::traditional)] += traditional;
        now_.line_length += length;
        now_.bracket_length += length;
        now_.line_hash = hash;
        now_.run = run;
        now_.longest_run = longest;
        now_.last = now_.line_core = last;
        now_.in_sentence = true;
        return p;
    }

    void visible(uint32_t c, Kind kind, const uint8_t* at, const uint8_t* p, const uint8_t* end) {
        Counts& now = now_;
        if (!counts_[c]++) distinct_.push_back(c);
        ++now.kinds[static_cast<size_t>(kind)];
        now.run = c == now.last && at == now.visible_end ? now.run + 1 : 1;
        if (now.run > now.longest_run) now.longest_run = now.run;
        now.last = c;
        if (!now.line_length) begin_line(c, at, p, end);
        now.line_hash = (now.line_hash ^ c) * MULTIPLIER;
        ++now.line_length;
        ++now.bracket_length;
        if (kind != Kind::closer) now.line_core = c;
        switch (kind) {
            case Kind::hanzi:
            case Kind::traditional:
            case Kind::letter:
                end_word();
                repetition_.push(c);
                now.in_sentence = true;
                return;
            case Kind::word_letter:
                if (c == 'h' || c == 'H' || c == 'w' || c == 'W') link(at, end);
                now.word_alphabetic = true;
                [[fallthrough]];
            case Kind::word_digit:
                now.word = (now.word ^ c) * MULTIPLIER;
                now.word ^= now.word >> 32;
                ++now.word_length;
                now.in_sentence = true;
                return;
            case Kind::digit:
                end_word();
                repetition_.push(c);
                ++now.numeric_tokens;
                now.in_sentence = true;
                return;
            case Kind::stop:
                end_word();
                end_sentence();
                now.ellipses += c == 0x2026 && now.run == 1;
                return;
            case Kind::sign:
                end_word();
                sign(c, p, end);
                return;
            case Kind::less:
                end_word();
                if (const size_t length = tag_length(p, end)) {
                    now.markup += length;
                    now.tag_end = p;
                }
                return;
            default:
                end_word();
        }
    }

    void link(const uint8_t* at, const uint8_t* end) {
        if (at < now_.link_end) return;
        if (begins(at, end, "http://") || begins(at, end, "https://") || (!now_.word_length && begins(at, end, "www."))) {
            const size_t length = link_length(at, end);
            now_.link += length;
            now_.link_end = at + length;
        }
    }

    void sign(uint32_t c, const uint8_t* p, const uint8_t* end) {
        if (c == '.') {
            now_.ellipses += now_.run == 2;
        } else if (c == '#') {
            now_.hashes += now_.run == 1;
        } else if (c == '&') {
            if (p > now_.tag_end) now_.markup += entity_length(p, end);
        } else if (c == 0x3011) {
            if (now_.in_bracket) now_.bracketed += now_.bracket_length - 1;
            now_.in_bracket = false;
        } else if (!now_.in_bracket) {
            now_.in_bracket = true;
            now_.bracket_length = 0;
        }
    }

    void space(Kind kind, const uint8_t* at) {
        ++now_.kinds[static_cast<size_t>(kind)];
        end_word();
        if (now_.last == '.' && at == now_.visible_end) end_sentence();
        now_.tabs += *at == '\t';
        if (kind == Kind::newline) end_line();
    }

    void end_word() {
        Counts& now = now_;
        if (!now.word_length) return;
        repetition_.push_word(now.word, now.word_length);
        now.numeric_tokens += !now.word_alphabetic;
        now.word = now.word_length = 0;
        now.word_alphabetic = false;
    }

    void end_sentence() {
        now_.sentences += now_.in_sentence;
        now_.in_sentence = false;
    }

    void begin_line(uint32_t c, const uint8_t* at, const uint8_t* p, const uint8_t* end) {
        now_.line_begin = at;
        now_.line_hash = 0;
        now_.line_core = 0;
        const bool spaced = p < end && (*p == ' ' || *p == '\t');
        now_.line_bullet = c == '-' || c == '*' || c == '+' ? spaced : is_bullet(c);
    }

    void end_line() {
        Counts& now = now_;
        end_word();
        end_sentence();
        now.in_bracket = false;
        const uint64_t tabs = now.tabs, bars = counts_['|'] - now.bars_before;
        now.tabs = 0;
        if (!now.line_length) return end_paragraph();
        now.bars_before = counts_['|'];
        now.table_lines += tabs > 1 || bars > 1;
        now.article_lines += begins_article(now.line_begin, now.visible_end);
        ++now.lines;
        now.short_lines += now.line_length < SHORT_LINE;
        const Kind core = kinds()[now.line_core];
        now.ended_lines += core == Kind::stop || core == Kind::pause || now.line_core == '.';
        now.bullet_lines += now.line_bullet;
        now.ellipsis_lines += now.last == 0x2026 || ((now.last == '.' || now.last == 0x3002) && now.run >= 3);
        now.more_lines += ends_with_more(now.line_begin, now.visible_end);
        if (seen_lines_.add(now.line_hash)) {
            ++now.repeated_lines;
            now.repeated_line_characters += now.line_length;
        }
        now.paragraph_hash = (now.paragraph_hash ^ now.line_hash ^ now.line_hash >> 32) * MULTIPLIER;
        now.paragraph_length += now.line_length;
        now.line_length = 0;
    }

    void end_paragraph() {
        Counts& now = now_;
        if (!now.paragraph_length) return;
        ++now.paragraphs;
        if (seen_paragraphs_.add(now.paragraph_hash)) {
            ++now.repeated_paragraphs;
            now.repeated_paragraph_characters += now.paragraph_length;
        }
        now.paragraph_hash = now.paragraph_length = 0;
    }

    void write(float* out) const {
        const Counts& now = now_;
        const double visible = now.count(Kind::other, Kind::less), spaces = now.count(Kind::space, Kind::newline);
        const double all = visible + spaces, hanzi = now.count(Kind::hanzi, Kind::traditional), lines = now.lines;
        const double tokens = repetition_.tokens;
        double weighted = 0;  // sum of n ln n over the distinct characters
        for (uint32_t c : distinct_) weighted += counts_[c] * std::log(static_cast<double>(counts_[c]));
        uint64_t stop_words = 0, stop_word_hits = 0;
        for (uint32_t c : STOP_WORDS) {
            stop_words += counts_[c] > 0;
            stop_word_hits += counts_[c];
        }
        double m[MEASURE_COUNT];
        m[m_characters] = all;
        m[m_hanzi_fraction] = ratio(hanzi, visible);
        m[m_letter_fraction] = ratio(now.count(Kind::letter, Kind::word_letter), visible);
        m[m_digit_fraction] = ratio(now.count(Kind::word_digit, Kind::digit), visible);
        m[m_punctuation_fraction] = ratio(now.count(Kind::punctuation, Kind::sign), visible);
        m[m_symbol_fraction] = ratio(now.count(Kind::symbol, Kind::less), visible);
        m[m_other_fraction] = ratio(now.count(Kind::other, Kind::other), visible);
        m[m_space_fraction] = ratio(spaces, all);
        m[m_traditional_fraction] = ratio(now.count(Kind::traditional, Kind::traditional), hanzi);
        m[m_lines] = lines;
        m[m_mean_line_length] = ratio(visible, lines);
        m[m_short_line_fraction] = ratio(now.short_lines, lines);
        m[m_punctuated_line_fraction] = ratio(now.ended_lines, lines);
        m[m_bullet_line_fraction] = ratio(now.bullet_lines, lines);
        m[m_ellipsis_line_fraction] = ratio(now.ellipsis_lines, lines);
        m[m_more_line_fraction] = ratio(now.more_lines, lines);
        m[m_newline_ratio] = ratio(now.count(Kind::newline, Kind::newline), tokens);
        m[m_duplicate_line_fraction] = ratio(now.repeated_lines, lines);
        m[m_duplicate_line_character_fraction] = ratio(now.repeated_line_characters, visible);
        m[m_duplicate_paragraph_fraction] = ratio(now.repeated_paragraphs, now.paragraphs);
        m[m_duplicate_paragraph_character_fraction] = ratio(now.repeated_paragraph_characters, visible);
        for (int n = 2; n <= 4; ++n) m[m_top_2gram_fraction + n - 2] = ratio(repetition_.top[n], repetition_.characters);
        for (int n = 5; n <= 10; ++n)
            m[m_duplicate_5gram_fraction + n - 5] = ratio(repetition_.repeated[n], repetition_.characters);
        m[m_duplicate_13gram_fraction] = ratio(repetition_.repeated[13], repetition_.characters);
        m[m_unique_character_ratio] = ratio(distinct_.size(), visible);
        m[m_unigram_entropy] = visible > 0 ? std::fmax(0.0, std::log(visible) - weighted / visible) : 0.0;
        m[m_longest_run] = now.longest_run;
        m[m_longest_run_fraction] = ratio(now.longest_run, visible);
        m[m_sentences] = now.sentences;
        m[m_stop_words] = stop_words;
        m[m_stop_word_fraction] = ratio(stop_word_hits, visible);
        m[m_tokens] = tokens;
        m[m_mean_token_length] = ratio(repetition_.characters, tokens);
        m[m_alphabetic_fraction] = ratio(tokens - now.numeric_tokens, tokens + now.kinds[0] + now.count(Kind::punctuation, Kind::less));
        m[m_link_fraction] = ratio(now.link, visible);
        m[m_markup_fraction] = ratio(now.markup, all);
        m[m_hash_fraction] = ratio(now.hashes, all);
        m[m_ellipsis_fraction] = ratio(now.ellipses, all);
        m[m_bracket_fraction] = ratio(now.bracketed, visible);
        m[m_article_line_fraction] = ratio(now.article_lines, lines);
        m[m_table_line_fraction] = ratio(now.table_lines, lines);
        m[m_mention_fraction] = ratio(counts_['@'] + counts_[0xFF20], visible);
        for (size_t i = 0; i < MEASURE_COUNT; ++i) out[i] = static_cast<float>(m[i]);
    }

    std::vector<uint32_t> counts_;    // by code point
    std::vector<uint32_t> distinct_;  // those that are not zero, in order of appearance
    Counts now_;
    Repetition repetition_;
    Seen seen_lines_, seen_paragraphs_;
};

