// Repetition inside one document: the most frequent 2..4-grams of tokens and the repeated 5..10- and 13-grams, in one walk.
//
// The n-grams are nodes of a trie that grows only where the text repeats itself: the children of an n-gram are entered
// when it is met for the second time. Text that does not repeat costs one look-up a token, however long the n-grams.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

class Repetition {
public:
    static constexpr size_t STRETCH = size_t{1} << 17;  // tokens judged together: the bound of memory
    static constexpr int TOP_LAST = 4, LAST = 13;       // top 2..4-grams; duplicates from 5 to 13

    double top[TOP_LAST + 1];   // [n]: characters in the most frequent n-gram
    double repeated[LAST + 1];  // [n]: characters covered by n-grams that occurred before
    double characters;          // of all tokens
    uint64_t tokens;

    void reset() {
        std::fill(std::begin(top), std::end(top), 0.0);
        std::fill(std::begin(repeated), std::end(repeated), 0.0);
        characters = 0;
        tokens = 0;
        token_.clear();
        start_.clear();
        position_ = 0;
    }

    void push(uint64_t token, uint32_t length) {
        token_.push_back(token);
        start_.push_back(position_);
        position_ += length;
        if (token_.size() == STRETCH) finish();
    }

    // Judges the tokens since the last call; to be called at the end of the document.
    void finish() {
        const size_t count = token_.size();
        tokens += count;
        characters += position_;
        start_.push_back(position_);
        if (count >= 2) walk(count);
        token_.clear();
        start_.clear();
        position_ = 0;
    }

private:
    struct Node {
        uint64_t key;    // upper 48 bits of the hash, lower 16 of the epoch; 0 is never a live key
        uint32_t place;  // first occurrence; once repeated, the last one that overlaps no counted one
        uint32_t count;  // occurrences without overlap; REPEATED: the child of the first one is entered
    };
    static constexpr uint32_t REPEATED = 1u << 31;

    static uint64_t extend(uint64_t hash, uint64_t token) {
        hash = (hash ^ token) * 0x9E3779B97F4A7C15u;
        return hash ^ hash >> 29;
    }
    static uint64_t pair(uint64_t a, uint64_t b) { return extend(a * 0xD6E8FEB86659FD93u, b); }

    Node& find(uint64_t hash) {
        const uint64_t key = (hash & ~uint64_t{0xFFFF}) | epoch_;
        for (size_t slot = hash >> shift_;; slot = (slot + 1) & mask_) {
            Node& node = nodes_[slot];
            if (node.key == key) return node;
            if ((node.key & 0xFFFF) != epoch_) {
                node = {key, 0, 0};
                return node;
            }
        }
    }

    void resize(unsigned bits) {
        const std::vector<Node> old(nodes_.begin(), nodes_.begin() + (used_ ? mask_ + 1 : 0));
        const uint64_t before = epoch_;
        shift_ = 64 - bits;
        mask_ = (size_t{1} << bits) - 1;
        if (nodes_.size() <= mask_) nodes_.resize(mask_ + 1);
        next_epoch();
        for (const Node& node : old)
            if ((node.key & 0xFFFF) == before) {
                Node& moved = find(node.key);
                moved.place = node.place;
                moved.count = node.count;
            }
    }

    void next_epoch() {
        if (++epoch_ == 0x10000) {
            std::fill(nodes_.begin(), nodes_.end(), Node{0, 0, 0});
            epoch_ = 1;
        }
    }

    void insert_guard() {
        if (++used_ * 4 > (mask_ + 1) * 3) resize(64 - shift_ + 1);
    }

    void walk(size_t count) {
        unsigned bits = 6;
        while ((size_t{1} << bits) < count * 2) ++bits;
        used_ = 0;
        resize(bits);
        double best[TOP_LAST + 1] = {};
        uint32_t covered[LAST + 1] = {};  // [n]: characters before this one are already counted as repeated
        for (size_t i = 0; i + 2 <= count; ++i) {
            uint64_t hash = pair(token_[i], token_[i + 1]);
            int n = 2;
            for (;; ++n) {
                Node* node = &find(hash);
                if (!node->count) {
                    node->place = static_cast<uint32_t>(i);
                    node->count = 1;
                    insert_guard();
                    break;
                }
                if (n < LAST && i + n < count && !(node->count & REPEATED)) {
                    node->count |= REPEATED;
                    const uint32_t first = node->place;
                    Node& child = find(extend(hash, token_[first + n]));
                    child.place = first;
                    child.count = 1;
                    insert_guard();
                    node = &find(hash);
                }
                const uint32_t begin = start_[i], end = start_[i + n];
                if (n <= TOP_LAST) {
                    if (i >= node->place + static_cast<size_t>(n)) {
                        ++node->count;
                        node->place = static_cast<uint32_t>(i);
                        best[n] = std::max(best[n], double(node->count & ~REPEATED) * (end - begin));
                    }
                } else {
                    repeated[n] += end - std::max(begin, covered[n]);
                    covered[n] = end;
                }
                if (n == LAST || i + n >= count) break;
                hash = extend(hash, token_[i + n]);
            }
        }
        for (int n = 2; n <= TOP_LAST; ++n) top[n] += best[n];
    }

    std::vector<uint64_t> token_;
    std::vector<uint32_t> start_;
    uint32_t position_ = 0;
    std::vector<Node> nodes_;
    uint64_t epoch_ = 0;
    size_t mask_ = 0, used_ = 0;
    unsigned shift_ = 58;
};

// Distinct lines or paragraphs by 64-bit hash. After LIMIT distinct ones it starts afresh: the bound of memory.
class Seen {
public:
    static constexpr size_t LIMIT = size_t{1} << 17;

    void reset() {
        used_ = 0;
        ++epoch_;
        mask_ = 63;
        if (slots_.empty()) slots_.resize(64);
    }

    // True where the hash was there before.
    bool add(uint64_t hash) {
        if (used_ == LIMIT) reset();
        if ((used_ + 1) * 2 > mask_ + 1) grow();
        return !enter(hash);
    }

private:
    struct Slot {
        uint64_t hash, epoch;
    };
    bool enter(uint64_t hash) {
        for (size_t slot = (hash * 0x9E3779B97F4A7C15u) >> 40 & mask_;; slot = (slot + 1) & mask_) {
            if (slots_[slot].epoch != epoch_) {
                slots_[slot] = {hash, epoch_};
                ++used_;
                return true;
            }
            if (slots_[slot].hash == hash) return false;
        }
    }
    void grow() {
        std::vector<uint64_t> old;
        for (size_t i = 0; i <= mask_; ++i)
            if (slots_[i].epoch == epoch_) old.push_back(slots_[i].hash);
        ++epoch_;
        used_ = 0;
        mask_ = mask_ * 2 + 1;
        if (slots_.size() <= mask_) slots_.resize(mask_ + 1);
        for (uint64_t hash : old) enter(hash);
    }
    std::vector<Slot> slots_;
    uint64_t epoch_ = 0;
    size_t mask_ = 63, used_ = 0;
};
