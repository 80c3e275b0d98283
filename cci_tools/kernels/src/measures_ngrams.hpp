// Repetition inside one document: the most frequent 2..4-grams of tokens and the repeated 5..10- and 13-grams.
//
// Level by level: an n-gram can occur twice only where the (n-1)-gram before it does, so each level looks only at the
// places that the level below found repeated, and text that does not repeat itself costs little, however long the
// n-grams. An n-gram is named by a number: its key is the name of its first n-1 tokens and its last token (Karp, Miller
// and Rosenberg 1972), so that nothing is compared by hash alone.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "measures_seen.hpp"

class Repetition {
public:
    static constexpr size_t STRETCH = size_t{1} << 17;  // tokens judged together: the bound of memory
    static constexpr int TOP_LAST = 4, LAST = 13;       // top 2..4-grams; duplicates from 5 to 13

    double top[TOP_LAST + 1];   // [n]: characters in the most frequent n-gram
    double repeated[LAST + 1];  // [n]: characters covered by n-grams that occurred before
    double characters;          // of all tokens
    uint64_t tokens;

    // `frequency`: how often each code point occurs in the document so far, from U+0000 to U+10FFFF.
    explicit Repetition(const uint32_t* frequency)
        : frequency_(frequency), token_(STRETCH), start_(STRETCH + 1), place_(STRETCH), name_(STRETCH), twice_(STRETCH),
          grams_(STRETCH) {}

    void reset() {
        std::fill(std::begin(top), std::end(top), 0.0);
        std::fill(std::begin(repeated), std::end(repeated), 0.0);
        characters = 0;
        tokens = 0;
        begin();
    }

    // A token of one character.
    void push(uint32_t code_point) { push_token(code_point, 1); }

    // A token of several, by a 64-bit hash of them.
    void push_word(uint64_t hash, uint32_t length) { push_token(WORDS + words_.number(hash), length); }

    // Judges the tokens since the last call; to be called at the end of the document.
    void finish() {
        tokens += count_;
        characters += position_;
        start_[count_] = position_;
        if (count_ >= 2) walk();
        begin();
    }

private:
    struct Gram {
        uint32_t last, count;  // place of the last occurrence counted, and how many: those that overlap none counted
    };

    static constexpr uint32_t WORDS = 0x110000;

    void begin() {
        count_ = 0;
        position_ = 0;
        words_.reset();
    }

    bool occurs_again(uint32_t token) const { return token >= WORDS || frequency_[token] > 1; }

    void push_token(uint32_t token, uint32_t length) {
        token_[count_] = token;
        start_[count_] = position_;
        position_ += length;
        if (++count_ == STRETCH) finish();
    }

    void walk() {
        size_t places = 0;
        bool again = occurs_again(token_[0]);
        for (size_t i = 0; i + 1 < count_; ++i) {  // a pair can occur twice only where both of its tokens do
            const bool next = occurs_again(token_[i + 1]);
            place_[places] = static_cast<uint32_t>(i);
            name_[places] = token_[i];
            places += again & next;
            again = next;
        }
        for (int n = 2; n <= LAST && places > 1; ++n) {
            const size_t names = n <= TOP_LAST ? count_grams(n, places) : cover(n, places);
            if (names == places) return;  // nothing occurs twice
            places = n < LAST ? keep_repeated(n, places) : 0;
        }
    }

    // Names n-grams by number, 0 first: a number not given before is a new n-gram.
    class Names {
    public:
        Names(std::vector<uint64_t>& slots, size_t places) : next(0) {
            unsigned bits = 6;
            while (size_t{1} << bits < places * 4) ++bits;
            shift_ = 64 - bits;
            mask_ = (size_t{1} << bits) - 1;
            if (slots.size() <= mask_) slots.resize(mask_ + 1);
            slots_ = slots.data();
            std::memset(slots_, 0, (mask_ + 1) * sizeof(uint64_t));
        }

        // Finds the n-gram whose first n - 1 tokens have the name `prefix`; false where it is a new one, named `next` - 1.
        bool find(uint32_t prefix, uint32_t token, uint32_t& name) {
            const uint64_t key = uint64_t{prefix} << TOKEN_BITS | token;
            for (size_t slot = key * 0x9E3779B97F4A7C15u >> shift_;; slot = (slot + 1) & mask_) {
                const uint64_t held = slots_[slot];
                if (!held) {
                    slots_[slot] = key << NAME_BITS | (next + 1);
                    name = next++;
                    return false;
                }
                if (held >> NAME_BITS == key) {
                    name = static_cast<uint32_t>(held & ((1u << NAME_BITS) - 1)) - 1;
                    return true;
                }
            }
        }

        uint32_t next;

    private:
        static constexpr unsigned NAME_BITS = 18, TOKEN_BITS = 21;
        uint64_t* slots_;  // key and name + 1, or 0
        size_t mask_;
        unsigned shift_;
    };

    // Both return the number of different n-grams at the places of the level.
    size_t count_grams(int n, size_t places) {
        Names names(slots_, places);
        const uint32_t *const place = place_.data(), *const last_token = token_.data() + n - 1, *const start = start_.data();
        uint32_t* const name = name_.data();
        uint8_t* const twice = twice_.data();
        Gram* const grams = grams_.data();
        uint64_t best = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k];
            uint32_t found;
            if (names.find(name[k], last_token[i], found)) {
                Gram& gram = grams[found];
                twice[found] = 1;
                if (i >= gram.last + n) {
                    gram.last = i;
                    best = std::max(best, uint64_t{++gram.count} * (start[i + n] - start[i]));
                }
            } else {
                twice[found] = 0;
                grams[found] = {i, 1};
            }
            name[k] = found;
        }
        top[n] += static_cast<double>(best);
        return names.next;
    }

    size_t cover(int n, size_t places) {
        Names names(slots_, places);
        const uint32_t *const place = place_.data(), *const last_token = token_.data() + n - 1, *const start = start_.data();
        uint32_t* const name = name_.data();
        uint8_t* const twice = twice_.data();
        uint32_t covered = 0;
        uint64_t sum = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k];
            uint32_t found;
            const bool known = names.find(name[k], last_token[i], found);
            if (known) {
                sum += start[i + n] - std::max(start[i], covered);
                covered = start[i + n];
            }
            twice[found] = known;
            name[k] = found;
        }
        repeated[n] += static_cast<double>(sum);
        return names.next;
    }

    // The places whose n-gram occurs twice and can be one token longer.
    size_t keep_repeated(int n, size_t places) {
        uint32_t *const place = place_.data(), *const name = name_.data();
        const uint8_t* const twice = twice_.data();
        const uint32_t end = static_cast<uint32_t>(count_ - n);
        size_t kept = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k], found = name[k];
            place[kept] = i;
            name[kept] = found;
            kept += twice[found] & (i < end);
        }
        return kept;
    }

    const uint32_t* frequency_;
    std::vector<uint32_t> token_, start_;  // code point, or WORDS and more; characters before the token
    size_t count_ = 0;
    uint32_t position_ = 0;
    Numbers words_;
    std::vector<uint64_t> slots_;
    std::vector<uint32_t> place_, name_;  // the places of this level, and the names of the n-grams there
    std::vector<uint8_t> twice_;          // by name: 1 where it occurs again
    std::vector<Gram> grams_;             // by name
};
