// The matching key: what two texts are compared by. Width, case, accents and Traditional/Simplified (with regional and
// older shapes of a character) are folded one code point to one, punctuation and space are skipped, digits are kept.
// make_fold_data.py has the rule. The table is part of the signature format: a change needs a new scheme version.
#pragma once
#include <cstdint>

#include "utf8.hpp"

// fold_table()[c] for c < fold_limit() is the folded code point, 0 where the key skips c. Beyond the limit all is
// skipped, and fold_table()[fold_limit()] is 0.
const uint32_t* fold_table();
uint32_t fold_limit();

// Writes the key of the UTF-8 text [p, end) to out, which has room for end - p values; returns the key's length.
static inline size_t fold_text(const uint8_t* p, const uint8_t* end, const uint32_t* table, uint32_t limit,
                               uint32_t* out) {
    size_t n = 0;
    while (p < end) {
        const uint32_t c = next_code_point(p, end);
        if (c < limit) {
            out[n] = table[c];
            n += out[n] != 0;
        }
    }
    return n;
}
