// Keywords in texts, as a reader would find them: width, case, script and look-alike digits folded, invisible characters
// ignored, and characters that stand between those of a word counted.
//
// A pair filter (the first two keys of every word) turns almost every place away; where it does not, a trie is walked
// forward from that place. Time is at most the text's length times the longest word's; memory does not grow with the text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace keywords {

// What a code point is to the search. Values from KEY up are the folded code points themselves.
constexpr uint32_t IGNORED = 0, GAP = 1, BREAK = 2, STOP = 3, KEY = 0x20;
constexpr int MAX_GAP = 3;  // characters between two keys of a word

struct Hit {
    uint32_t word;
    uint8_t gaps, breaks;  // neighbours in the word with a gap between them; with punctuation between them
    int64_t start, end;    // bytes of the buffer
};

class Table {
  public:
    // Keys of the words, one after the other; a word is keys[offsets[i] .. offsets[i + 1]), two keys at least.
    Table(const uint32_t* fold, size_t limit, const uint32_t* keys, const int64_t* offsets, size_t count);
    // Appends every occurrence of every word in the text [begin, end) of a buffer, in order of its start.
    void find(const uint8_t* buffer, const uint8_t* begin, const uint8_t* end, std::vector<Hit>& hits) const;

  private:
    static constexpr unsigned PAIR_BITS = 18;
    static constexpr uint32_t NO_WORD = 0xFFFFFFFF;

    uint32_t fold(uint32_t c) const { return c < fold_.size() ? fold_[c] : STOP; }
    static uint32_t pair(uint32_t a, uint32_t b) { return (a * 0x9E3779B1u + b * 0x85EBCA6Bu) >> (32 - PAIR_BITS); }
    bool begins(uint32_t a, uint32_t b) const {
        const uint32_t h = pair(a, b);
        return pairs_[h >> 6] >> (h & 63) & 1;
    }
    // Node that a key leads to, or 0.
    uint32_t child(uint32_t node, uint32_t key) const;
    void add_edge(uint32_t node, uint32_t key, uint32_t child);
    void walk(const uint8_t* buffer, const uint8_t* start, const uint8_t* end, uint32_t before, std::vector<Hit>& hits) const;

    struct Edge {
        uint32_t node, key, child;
    };
    std::vector<uint32_t> fold_;
    std::vector<uint64_t> pairs_;
    std::vector<Edge> edges_;  // open addressing; child 0: free
    std::vector<uint32_t> words_;  // word that ends at each node, or NO_WORD
};

}  // namespace keywords
