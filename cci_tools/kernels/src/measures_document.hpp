// All measures of one document: one pass over its code points, then the n-grams of its tokens (measures_ngrams.hpp).
#pragma once
#include <cstddef>
#include <cstdint>

#include "measures.hpp"
#include "measures_counts.hpp"
#include "measures_ngrams.hpp"
#include "measures_spans.hpp"
#include "measures_write.hpp"
#include "utf8.hpp"

// Reused for every document of a thread: nothing is allocated or cleared for a short one.
class Measurer {
public:
    void measure(const uint8_t* p, const uint8_t* end, float* out) {
        characters_.reset();
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
            if (kind >= Kind::space) {
                space(kind, at);
                continue;
            }
            if (now_.visible == now_.line_start) begin_line(c, at, p, end);
            if (c - HANZI_BLOCK < HANZI_BLOCK_SIZE)
                p = hanzi(at, end);
            else if (kind == Kind::word_letter || kind == Kind::word_digit)
                p = word(at, end);
            else
                visible(c, kind, at, p, end);
            now_.visible_end = p;
        }
        end_line();
        end_paragraph();
        repetition_.finish();
        write_measures(characters_, now_, repetition_, out);
    }

private:
    static constexpr uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u;
    static constexpr size_t SHORT_LINE = 10;

    Run enter(const uint8_t* at) const {
        return {at == now_.visible_end ? now_.last : NO_CHARACTER, now_.run, now_.longest_run, now_.line_hash};
    }

    void leave(const Run& run, uint64_t characters) {
        now_.visible += characters;
        now_.last = run.last;
        now_.run = run.length;
        now_.longest_run = run.longest;
        now_.line_hash = run.hash;
    }

    // A run of Hanzi of the common block: most of the text.
    const uint8_t* hanzi(const uint8_t* p, const uint8_t* end) {
        Run run = enter(p);
        uint32_t* const token = repetition_.next();
        const size_t room = repetition_.room();
        size_t length = 0;
        for (uint32_t c; length < room && (c = hanzi_at(p, end)); p += 3) {
            characters_.add(c);
            run.add(c);
            token[length++] = c;
        }
        repetition_.pushed(length);
        leave(run, length);
        now_.line_core = run.last;
        now_.in_sentence = true;
        return p;
    }

    // A run of ASCII letters and digits: one token.
    const uint8_t* word(const uint8_t* const begin, const uint8_t* end) {
        Run run = enter(begin);
        uint64_t name = 0;
        bool alphabetic = false;
        const uint8_t* p = begin;
        do {
            const uint32_t c = *p, lower = c | 32;
            characters_.add(c);
            run.add(c);
            name = (name ^ c) * MULTIPLIER;
            name ^= name >> 32;
            alphabetic |= c > '9';
            if (lower == 'h' || (lower == 'w' && p == begin)) link(p, end);
        } while (++p < end && is_word(*p));
        repetition_.push_word(name, static_cast<uint32_t>(p - begin));
        leave(run, p - begin);
        now_.numeric_tokens += !alphabetic;
        now_.line_core = run.last;
        now_.in_sentence = true;
        return p;
    }

    // Any other visible character c between `at` and p.
    void visible(uint32_t c, Kind kind, const uint8_t* at, const uint8_t* p, const uint8_t* end) {
        Counts& now = now_;
        Run run = enter(at);
        characters_.add(c);
        run.add(c);
        leave(run, 1);
        if (kind != Kind::closer) now.line_core = c;
        switch (kind) {
            case Kind::digit:
                ++now.numeric_tokens;
                [[fallthrough]];
            case Kind::hanzi:
            case Kind::traditional:
            case Kind::letter:
                repetition_.push(c);
                now.in_sentence = true;
                return;
            case Kind::stop:
                end_sentence();
                now.ellipses += c == 0x2026 && now.run == 1;
                return;
            case Kind::sign:
                sign(c, p, end);
                return;
            case Kind::less:
                if (const size_t length = tag_length(p, end)) {
                    now.markup += length;
                    now.tag_end = p;
                }
                return;
            default:
                return;
        }
    }

    void link(const uint8_t* at, const uint8_t* end) {
        if (at < now_.link_end) return;
        if (begins(at, end, "http://") || begins(at, end, "https://") || begins(at, end, "www.")) {
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
            if (now_.in_bracket) now_.bracketed += now_.visible - now_.bracket_start - 1;
            now_.in_bracket = false;
        } else if (!now_.in_bracket) {
            now_.in_bracket = true;
            now_.bracket_start = now_.visible;
        }
    }

    void space(Kind kind, const uint8_t* at) {
        ++now_.spaces;
        if (now_.last == '.' && at == now_.visible_end) end_sentence();
        now_.tabs += *at == '\t';
        if (kind == Kind::newline) {
            ++now_.newlines;
            end_line();
        }
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
        end_sentence();
        now.in_bracket = false;
        const uint64_t tabs = now.tabs, bars = characters_['|'] - now.bars_before;
        now.tabs = 0;
        const uint64_t length = now.visible - now.line_start;
        if (!length) return end_paragraph();
        now.bars_before = characters_['|'];
        now.table_lines += tabs > 1 || bars > 1;
        now.article_lines += begins_article(now.line_begin, now.visible_end);
        ++now.lines;
        now.short_lines += length < SHORT_LINE;
        const Kind core = kinds()[now.line_core];
        now.ended_lines += core == Kind::stop || core == Kind::pause || now.line_core == '.';
        now.bullet_lines += now.line_bullet;
        now.ellipsis_lines += now.last == 0x2026 || ((now.last == '.' || now.last == 0x3002) && now.run >= 3);
        now.more_lines += ends_with_more(now.line_begin, now.visible_end);
        if (seen_lines_.add(now.line_hash)) {
            ++now.repeated_lines;
            now.repeated_line_characters += length;
        }
        now.paragraph_hash = (now.paragraph_hash ^ now.line_hash ^ now.line_hash >> 32) * MULTIPLIER;
        now.paragraph_length += length;
        now.line_start = now.visible;
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

    Characters characters_;
    Counts now_;
    Repetition repetition_;
    Seen seen_lines_, seen_paragraphs_;
};
