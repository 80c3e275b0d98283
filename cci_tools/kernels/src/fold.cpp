#include "fold.hpp"

#include <vector>

namespace {
#include "fold_data.inc"

std::vector<uint32_t> build() {
    std::vector<uint32_t> table(FOLD_LIMIT + 1, 0);  // one more, for a code point clamped to the limit
    for (const auto& range : FOLD_KEPT)
        for (uint32_t c = range[0]; c <= range[1]; ++c) table[c] = c;
    for (const auto& pair : FOLD_PAIRS) table[pair[0]] = pair[1];
    return table;
}
}  // namespace

const uint32_t* fold_table() {
    static const std::vector<uint32_t> table = build();
    return table.data();
}

uint32_t fold_limit() { return FOLD_LIMIT; }
