// UTF-8 to the folded key.
#pragma once
#include "../fold.hpp"

namespace CCI_LEVEL {

// Most values that fold_some writes beyond what it counts.
constexpr size_t FOLD_SLACK = 64;

// Decodes from p until the text ends or `room` might be exceeded, and writes the key to out, which has room for
// `room` + FOLD_SLACK values; room is at least 64. Moves p, returns the number of values.
static inline size_t fold_some(const uint8_t*& p, const uint8_t* end, const uint32_t* table, uint32_t limit,
                               uint32_t* out, size_t room) {
    size_t n = 0;
    while (p < end && n < room) {
        const uint32_t c = next_code_point(p, end);
        if (c < limit) {
            out[n] = table[c];
            n += out[n] != 0;
        }
    }
    return n;
}

}  // namespace CCI_LEVEL
