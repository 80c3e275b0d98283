// Hashes of the n-grams of the matching key, and the set that a document's n-grams are looked up in.
//
// h(c1..cn) = sum of m(ci) * B^(n-i) modulo 2^64, so that it rolls; the stored hash is 32 mixed bits of it. Both, and
// the matching key, are part of the index format: a change needs a new scheme version.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace probe {

constexpr uint64_t BASE = 0x9E3779B97F4A7C15u;
constexpr size_t MAX_WIDTH = 1024;

// m(c), 0 where the matching key skips c. Two code points with one folded form have one value, others have not.
const uint32_t* mixed_table();

static inline uint32_t finish(uint64_t h) {
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return static_cast<uint32_t>(h >> 32);
}

static inline uint64_t power(uint64_t base, size_t exponent) {
    uint64_t result = 1;
    while (exponent--) result *= base;
    return result;
}

// A Bloom filter of one 64-bit word a key (three bits of it), which is small enough for the cache and turns almost
// every n-gram away, and an open-addressing table of (hash << 32 | number + 1) behind it.
struct Set {
    const uint64_t* bloom;
    const uint64_t* slots;
    unsigned bloom_shift, slot_shift;  // 64 - log2(size)
    size_t slot_mask;

    static uint64_t spread(uint32_t key) { return key * BASE; }
    static uint64_t bits(uint32_t key) {
        return uint64_t{1} << (key & 63) | uint64_t{1} << (key >> 6 & 63) | uint64_t{1} << (key >> 12 & 63);
    }
    void prefetch(uint32_t key) const { __builtin_prefetch(bloom + (spread(key) >> bloom_shift)); }
    bool maybe(uint32_t key) const {
        const uint64_t wanted = bits(key);
        return (bloom[spread(key) >> bloom_shift] & wanted) == wanted;
    }
    // Number of the key, or -1.
    int64_t find(uint32_t key) const {
        for (size_t i = spread(key) >> slot_shift;; i = (i + 1) & slot_mask) {
            if (slots[i] == 0) return -1;
            if (slots[i] >> 32 == key) return static_cast<int64_t>(slots[i] & 0xFFFFFFFFu) - 1;
        }
    }
};

// The keys of a text, a block at a time, each block headed by the last `width` keys of the one before: memory does not
// grow with the text.
class Blocks {
  public:
    Blocks(const uint8_t* begin, const uint8_t* end, size_t width, std::vector<uint32_t>& buffer);
    // Reads on. keys()[0 .. width) are the keys before the block (zero before the text), keys()[width + i] is key
    // number start() + i for i < size(). False at the end of the text.
    bool next();
    const uint32_t* keys() const { return buffer_.data(); }
    size_t size() const { return size_; }
    size_t start() const { return start_; }

  private:
    const uint8_t* p_;
    const uint8_t* end_;
    size_t width_, size_ = 0, start_ = 0;
    std::vector<uint32_t>& buffer_;
};

}  // namespace probe
