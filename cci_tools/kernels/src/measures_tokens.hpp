// Text as tokens for a fastText model: a Hanzi or sign each, ASCII words in one piece, numbers by their length.
#pragma once
#include <cstdint>
#include <vector>

#include "fold.hpp"
#include "measures.hpp"
#include "utf8.hpp"

constexpr size_t LONGEST_RUN = 12;  // characters of a word or digits of a number that are told apart

class TokenWriter {
public:
    explicit TokenWriter(std::vector<uint8_t>& out) : out_(out), begin_(out.size()) {}

    void text(const uint8_t* p, const uint8_t* end) {
        const Kind* const kind_of = kinds();
        const uint32_t* const fold = fold_table();
        const uint32_t limit = fold_limit();
        uint32_t last = 0;  // sign written before, with nothing between
        while (p < end) {
            const uint32_t c = next_code_point(p, end);
            const Kind kind = kind_of[c];
            if (kind == Kind::space) {
                end_run();
                last = 0;
                continue;
            }
            if (kind == Kind::newline) {
                newline();
                last = 0;
                continue;
            }
            const uint32_t folded = c < limit && fold[c] ? fold[c] : c;  // width, case, Traditional
            if (folded < 0x80 && kind_of[folded] == Kind::word_digit) {
                in_run(Run::number, '0');
            } else if (folded < 0x80 && kind_of[folded] == Kind::word_letter) {
                in_run(Run::word, static_cast<uint8_t>(folded));
            } else if (kind == Kind::other) {
                end_run();
                if (last != 0xFFFD) token(0xFFFD);
                last = 0xFFFD;
                continue;
            } else {
                end_run();
                const bool sign = kind >= Kind::punctuation;
                if (!sign || c != last) token(sign ? c : folded);
                last = sign ? c : 0;
                continue;
            }
            last = 0;
        }
        end_run();
    }

    void newline() {  // several in a row are one, none at the beginning
        end_run();
        if (out_.size() > begin_ && !after_newline_) {
            token(0x21B5);
            after_newline_ = true;
        }
    }

    void finish() {  // none at the end either
        if (after_newline_) out_.resize(out_.size() - 4);
    }

private:
    enum class Run { none, word, number };

    void in_run(Run kind, uint8_t c) {
        if (run_ != kind) {
            end_run();
            run_ = kind;
            length_ = 0;
            separate();
        }
        if (length_++ < LONGEST_RUN) out_.push_back(c);
    }

    void end_run() { run_ = Run::none; }

    void separate() {
        if (out_.size() > begin_) out_.push_back(' ');
        after_newline_ = false;
    }

    void token(uint32_t c) {
        separate();
        if (c < 0x80) {
            out_.push_back(static_cast<uint8_t>(c));
        } else if (c < 0x800) {
            for (uint32_t b : {0xC0 | c >> 6, 0x80 | (c & 0x3F)}) out_.push_back(static_cast<uint8_t>(b));
        } else if (c < 0x10000) {
            for (uint32_t b : {0xE0 | c >> 12, 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F)})
                out_.push_back(static_cast<uint8_t>(b));
        } else {
            for (uint32_t b : {0xF0 | c >> 18, 0x80 | (c >> 12 & 0x3F), 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F)})
                out_.push_back(static_cast<uint8_t>(b));
        }
    }

    std::vector<uint8_t>& out_;
    size_t begin_;
    bool after_newline_ = false;
    Run run_ = Run::none;
    size_t length_ = 0;
};

// The first place at or after p that does not lie inside a code point.
inline const uint8_t* boundary(const uint8_t* p, const uint8_t* end) {
    for (int i = 0; i < 3 && p < end && (*p & 0xC0) == 0x80; ++i) ++p;
    return p;
}

// Appends the tokens of a text, separated by spaces; of a text of more than `limit` bytes those of three parts of it.
inline void tokenize(const uint8_t* p, const uint8_t* end, size_t limit, std::vector<uint8_t>& out) {
    TokenWriter writer(out);
    const size_t size = end - p, part = limit / 3;
    if (size <= limit) {
        writer.text(p, end);
    } else {
        const uint8_t* const middle = boundary(p + (size - part) / 2, end);
        writer.text(p, boundary(p + part, end));
        writer.newline();
        writer.text(middle, boundary(p + (size - part) / 2 + part, end));
        writer.newline();
        writer.text(boundary(end - part, end), end);
    }
    writer.finish();
}
