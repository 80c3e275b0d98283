// How well a character n-gram model foretells a text. The model is a table of 64-bit slots (fingerprint of the n-gram,
// cost of its last token, cost of backing off from it), made by cci_tools/quality/perplexity.py; the plain twin is
// tests/reference/perplexity.py.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "arrays.hpp"

namespace {
constexpr int MOST = 8;              // tokens of an n-gram
constexpr size_t AHEAD = 8;          // tokens whose slots are on their way from memory
constexpr double STEP = 1 / 2000.0;  // nats of one unit of cost

uint64_t mixed(uint64_t h) {  // finaliser of splitmix64 (Steele, Lea, Flood 2014)
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9u;
    h = (h ^ h >> 27) * 0x94D049BB133111EBu;
    return h ^ h >> 31;
}

// Hashes of the n-grams that end with the token read last: [n] of n tokens.
struct Grams {
    uint64_t hash[MOST + 1] = {}, token[MOST] = {};
    int known = 0, at = 0;

    void add(uint64_t next, int order) {
        token[at] = next;
        known = std::min(known + 1, order);
        uint64_t h = 0;
        for (int n = 1, from = at; n <= known; ++n, from = (from + MOST - 1) % MOST)
            hash[n] = h = mixed(h * 0x9E3779B97F4A7C15u + token[from]) | 1;
        at = (at + 1) % MOST;
    }
};

// Calls `use(hash of the token)` for each token of a line that `char_tokens` made.
template <typename Use>
void each_token(const uint8_t* p, const uint8_t* end, Use use) {
    while (p < end) {
        uint64_t h = 0xCBF29CE484222325u;  // FNV-1a
        const uint8_t* const begin = p;
        for (; p < end && *p != ' '; ++p) h = (h ^ *p) * 0x100000001B3u;
        if (p > begin) use(mixed(h));
        ++p;
    }
}

struct Table {
    const uint64_t* slots;
    size_t mask;

    size_t home(uint64_t hash) const { return hash >> 1 & mask; }  // the lowest bit is always set

    // The slot of an n-gram, 0 where the model has none.
    uint64_t find(uint64_t hash) const {
        const uint64_t print = hash >> 32 | 1;
        for (size_t i = home(hash), tried = 0; slots[i] && tried <= mask; i = (i + 1) & mask, ++tried)
            if (slots[i] >> 32 == print) return slots[i];
        return 0;
    }
};

int checked(int order) {
    if (order < 1 || order > MOST) throw std::invalid_argument("order: from 1 to 8");
    return order;
}
}  // namespace

void bind_perplexity(nb::module_& m) {
    m.def("token_grams", [](Input<uint8_t> values, Input<int64_t> offsets, int order, Output<uint64_t> out) {
        const Texts texts(values, offsets);
        checked(order);
        uint64_t* const hashes = out.data();
        const size_t size = out.shape(0);
        size_t count = 0;
        nb::gil_scoped_release unlocked;
        for (size_t i = 0; i < texts.count; ++i) {
            Grams grams;
            each_token(texts.begin(i), texts.end(i), [&](uint64_t token) {
                grams.add(token, order);
                if (count < size) hashes[count] = grams.known == order ? grams.hash[order] : 0;
                ++count;
            });
        }
        return count;
    }, nb::arg("values"), nb::arg("offsets"), nb::arg("order"), nb::arg("out"),
       "Hash of the n-gram that ends with each token, 0 where the text has fewer before it; returns how many tokens there "
       "are, filling no more than `out` holds.");
    m.def("perplexity", [](Input<uint8_t> values, Input<int64_t> offsets, Input<uint64_t> slots, int order, double unknown,
                           Output<float> out) {
        const Texts texts(values, offsets);
        checked(order);
        const size_t size = slots.shape(0);
        if (!size || (size & (size - 1))) throw std::invalid_argument("slots: their number must be a power of two");
        if (out.shape(0) != texts.count) throw std::invalid_argument("out: expected one value for each text");
        const Table table{slots.data(), size - 1};
        float* const data = out.data();
        nb::gil_scoped_release unlocked;
        std::vector<uint64_t> hashes;  // of the document's n-grams: known beforehand, so that slots are fetched in time
        for (size_t i = 0; i < texts.count; ++i) {
            Grams grams;
            hashes.clear();
            each_token(texts.begin(i), texts.end(i), [&](uint64_t token) {
                grams.add(token, order);
                for (int n = 1; n <= order; ++n) hashes.push_back(n <= grams.known ? grams.hash[n] : 0);
            });
            const size_t width = static_cast<size_t>(order), ahead = AHEAD * width;
            uint32_t back[MOST + 1] = {};  // cost of backing off from the context of n tokens
            int context = 0;               // length of the longest context that the model has
            double sum = 0;
            for (size_t at = 0; at < hashes.size(); at += width) {
                for (size_t k = at + ahead; k < std::min(at + ahead + width, hashes.size()); ++k)
                    __builtin_prefetch(table.slots + table.home(hashes[k]));
                uint32_t next[MOST + 1] = {};
                uint64_t best = 0;
                int n = 0;
                while (n < order && hashes[at + n]) {
                    const uint64_t found = table.find(hashes[at + n]);
                    if (!found) break;
                    best = found;
                    next[++n] = found & 0xFFFF;
                }
                sum += n ? static_cast<double>(best >> 16 & 0xFFFF) * STEP : unknown;
                for (int k = std::max(n, 1); k <= std::min(context, order - 1); ++k) sum += back[k] * STEP;
                std::copy(next, next + MOST + 1, back);
                context = n;
            }
            const double count = static_cast<double>(hashes.size() / width);
            data[i] = count > 0 ? static_cast<float>(std::exp(sum / count)) : std::numeric_limits<float>::quiet_NaN();
        }
    }, nb::arg("values"), nb::arg("offsets"), nb::arg("slots"), nb::arg("order"), nb::arg("unknown"), nb::arg("out"),
       "Perplexity of each line of tokens under a model; NaN for an empty line.");
}
