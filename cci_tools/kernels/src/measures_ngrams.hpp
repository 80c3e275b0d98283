// Repetition inside one document: the most frequent 2..4-grams of tokens and the repeated 5..10- and 13-grams.
//
// Hashes only rule out: whatever is reported was compared token by token. An n-gram can occur twice only where both of
// its (n-1)-grams do, so each level looks at the places that the level below left. Levels 2 to 4 count hashes in a
// small table; the counts are bounds from above, and only n-grams that may be the most frequent one are counted
// themselves. From 5 on one number for each place answers all lengths: how many tokens, up to 13, it shares with an
// earlier place. The loops over all places have no branch that depends on the text; that is what makes them fast.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "measures_seen.hpp"
#include "measures_shared.hpp"

class Repetition {
public:
    static constexpr size_t STRETCH = size_t{1} << 17;                  // tokens judged together: the bound of memory
    static constexpr int TOP_LAST = 4, FIRST = 5, LAST = LONGEST_SHARED;  // top 2..4-grams; repeated ones from 5 to 13

    double top[TOP_LAST + 1];   // [n]: characters in the most frequent n-gram
    double repeated[LAST + 1];  // [n]: characters covered by n-grams that occurred before
    double characters;          // of all tokens
    uint64_t tokens;

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

    // Where up to `room()` tokens of one character each may be written, before `pushed` tells how many there are.
    uint32_t* next() { return token_.data() + count_; }
    size_t room() const { return STRETCH - count_; }
    void pushed(size_t n) {
        uint32_t* const start = start_.data() + count_;
        for (size_t k = 0; k < n; ++k) start[k] = position_ + static_cast<uint32_t>(k);
        position_ += static_cast<uint32_t>(n);
        count_ += n;
        if (count_ == STRETCH) finish();
    }

    // Judges the tokens since the last call; to be called at the end of the document.
    void finish() {
        tokens += count_;
        characters += position_;
        start_[count_] = position_;
        walk();
        begin();
    }

private:
    static constexpr uint32_t WORDS = 0x110000, BEHIND = 0xFFFF0000, NO_TOKEN = 0xFFFFFFFF;  // values of tokens
    static constexpr uint32_t NONE = STRETCH + TOKENS_READ;  // a place that shares no token with any other
    static constexpr uint32_t MULTIPLIER = 0x9E3779B1;
    static constexpr size_t STEPS = 8;  // earlier places compared for each place, on average, before `cover` gives up

    struct Gram {
        uint32_t last, count;  // place of the last occurrence counted, and how many: those that overlap none counted
    };

    void begin() {
        count_ = 0;
        position_ = 0;
        words_.reset();
    }

    void push_token(uint32_t token, uint32_t length) {
        token_[count_] = token;
        start_[count_] = position_;
        position_ += length;
        if (++count_ == STRETCH) finish();
    }

    void walk() {
        for (uint32_t i = 0; i < TOKENS_READ; ++i) token_[count_ + i] = BEHIND + i;  // equal to no other token
        for (size_t i = 0; i < count_; ++i) {
            place_[i] = static_cast<uint32_t>(i);
            hash_[i] = token_[i] * MULTIPLIER;
        }
        size_t places = count_;
        for (int n = 2; n <= TOP_LAST; ++n) {
            places = count_grams(n, lengthen(n, places));
            if (!places) return;
        }
        cover(lengthen(FIRST, places));
    }

    // Of the places that the level below left those whose next place was left too; hashes become those of n-grams.
    size_t lengthen(int n, size_t places) {
        uint32_t *const place = place_.data(), *const hash = hash_.data();
        const uint32_t* const last_token = token_.data() + n - 1;
        place[places] = 0;
        size_t kept = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k], h = (hash[k] ^ last_token[i]) * MULTIPLIER;
            place[kept] = i;
            hash[kept] = h;
            kept += place[k + 1] == i + 1;
        }
        return kept;
    }

    // A table of at least twice as many slots as there are places.
    uint32_t* empty_slots(size_t places, uint32_t value) {
        unsigned bits = 4;
        while (size_t{1} << bits < places * 2) ++bits;
        shift_ = 32 - bits;
        mask_ = (size_t{1} << bits) - 1;
        std::fill_n(slots_.data(), mask_ + 1, value);
        return slots_.data();
    }

    // Finds the most frequent n-gram; returns the number of places whose n-gram may occur twice and keeps only these.
    size_t count_grams(int n, size_t places) {
        uint32_t *const slots = empty_slots(places, 0), *const place = place_.data(), *const hash = hash_.data();
        uint32_t* const times = times_.data();
        const uint32_t* const start = start_.data();
        const unsigned shift = shift_;
        for (size_t k = 0; k < places; ++k) ++slots[hash[k] >> shift];
        size_t kept = 0;
        uint64_t most = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k], h = hash[k], count = slots[h >> shift];
            const uint64_t again = count > 1;
            place[kept] = i;
            hash[kept] = h;
            times[kept] = count;
            kept += again;
            most = std::max(most, again * count * (start[i + n] - start[i]));  // a factor: GCC makes ?: a branch
        }
        if (!kept) return 0;
        uint64_t best = heaviest(n, kept, most, most);  // nearly always this is it
        if (best < most) best = std::max(best, heaviest(n, kept, best + 1, most));
        top[n] += static_cast<double>(best);
        return kept;
    }

    // Characters in the most frequent of the n-grams that may have `bound` characters, or 0. None has more than `most`:
    // one that has so many ends the search.
    uint64_t heaviest(int n, size_t places, uint64_t bound, uint64_t most) {
        const uint32_t *const place = place_.data(), *const start = start_.data(), *const times = times_.data();
        uint32_t* const chosen = chosen_.data();
        size_t choices = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k];
            chosen[choices] = static_cast<uint32_t>(k);
            choices += uint64_t{times[k]} * (start[i + n] - start[i]) >= bound;
        }
        empty_slots(choices, NONE);
        uint64_t best = 0;
        for (size_t c = 0; c < choices && best < most; ++c) {
            const uint32_t k = chosen[c], i = place[k];
            uint32_t& first = slot_of(n, i, hash_[k]);
            if (first == NONE) {
                first = i;
                grams_[i] = {i, 1};
            } else if (Gram& gram = grams_[first]; i >= gram.last + n) {
                gram.last = i;
                best = std::max(best, uint64_t{++gram.count} * (start[i + n] - start[i]));
            }
        }
        return best;
    }

    // The slot of the n-gram at place i: it holds a place with the same n-gram, or NONE.
    uint32_t& slot_of(int n, uint32_t i, uint32_t hash) {
        const uint32_t* const token = token_.data();
        for (size_t slot = hash >> shift_;; slot = (slot + 1) & mask_) {
            const uint32_t held = slots_[slot];
            if (held == NONE || shared_tokens(token + i, token + held) >= n) return slots_[slot];
        }
    }

    // Characters covered by n-grams that occurred before, for n from FIRST on.
    void cover(size_t places) {
        const size_t found = find_repeated(places);
        if (!share_most(found, places * STEPS)) return cover_each(places);
        uint32_t covered[LAST + 1] = {}, sum[LAST + 1] = {};
        for (size_t k = 0; k < found; ++k) {
            const uint32_t i = later_[k], from = start_[i];
            const int shared = shared_[k];
            for (int n = FIRST; n <= LAST; ++n) {
                const uint32_t begin = std::max(covered[n], from), end = n <= shared ? start_[i + n] : begin;
                sum[n] += end - begin;
                covered[n] = n <= shared ? end : covered[n];
            }
        }
        for (int n = FIRST; n <= LAST; ++n) repeated[n] += sum[n];
    }

    // Collects the places whose first FIRST tokens occurred before, with what they share with the last such place, and
    // links each to that one.
    size_t find_repeated(size_t places) {
        uint32_t *const slots = empty_slots(places, NONE), *const before = before_.data(), *const later = later_.data();
        const uint32_t *const place = place_.data(), *const hash = hash_.data(), *const token = token_.data();
        const unsigned shift = shift_;
        const size_t mask = mask_;
        size_t found = 0;
        for (size_t k = 0; k < places; ++k) {
            const uint32_t i = place[k];
            size_t slot = hash[k] >> shift;
            uint32_t held = slots[slot];
            int shared = shared_tokens(token + i, token + held);
            while (shared < FIRST && held != NONE) {
                slot = (slot + 1) & mask;
                held = slots[slot];
                shared = shared_tokens(token + i, token + held);
            }
            slots[slot] = i;
            before[i] = shared == LAST ? before[held] : held;  // a place with the same 13 tokens tells nothing new
            later[found] = i;
            shared_[found] = static_cast<uint8_t>(shared);
            found += shared >= FIRST;
        }
        return found;
    }

    // Raises what places share to the most with any earlier place. Whoever shares n tokens is followed by a place that
    // shares n - 1, so going backwards the next place tells when to stop. False where that takes too many steps.
    bool share_most(size_t found, size_t steps) {
        const uint32_t *const before = before_.data(), *const token = token_.data();
        later_[found] = 0;
        int next = 0;
        for (size_t k = found; k-- > 0;) {
            const uint32_t i = later_[k];
            const int most = later_[k + 1] == i + 1 ? std::min(next + 1, LAST) : FIRST;
            int shared = shared_[k];
            for (uint32_t j = before[before[i]]; shared < most && j != NONE; j = before[j]) {
                if (!steps--) return false;
                shared = std::max(shared, shared_tokens(token + i, token + j));
            }
            shared_[k] = static_cast<uint8_t>(shared);
            next = shared;
        }
        return true;
    }

    // What `cover` finds, length by length: slower, but as fast for every text.
    void cover_each(size_t places) {
        for (int n = FIRST; n <= LAST; ++n) {
            empty_slots(places, NONE);
            uint32_t covered = 0, sum = 0;
            for (size_t k = 0; k < places; ++k) {
                const uint32_t i = place_[k];
                if (n > FIRST) hash_[k] = (hash_[k] ^ token_[i + n - 1]) * MULTIPLIER;
                uint32_t& first = slot_of(n, i, hash_[k]);
                if (first == NONE) {
                    first = i;
                } else {
                    sum += start_[i + n] - std::max(start_[i], covered);
                    covered = start_[i + n];
                }
            }
            repeated[n] += sum;
        }
    }

    size_t count_ = 0;
    uint32_t position_ = 0;
    Numbers words_;
    std::vector<uint32_t> token_ = std::vector<uint32_t>(NONE + TOKENS_READ, NO_TOKEN);  // code point or WORDS and more
    std::vector<uint32_t> start_ = std::vector<uint32_t>(STRETCH + TOKENS_READ);  // characters before the token
    std::vector<uint32_t> place_ = std::vector<uint32_t>(STRETCH + 1);  // the places of this level
    std::vector<uint32_t> hash_ = std::vector<uint32_t>(STRETCH);       // of their n-grams
    std::vector<uint32_t> times_ = std::vector<uint32_t>(STRETCH);      // that these occur, at most
    std::vector<uint32_t> chosen_ = std::vector<uint32_t>(STRETCH);
    std::vector<Gram> grams_ = std::vector<Gram>(STRETCH);  // by first place
    std::vector<uint32_t> slots_ = std::vector<uint32_t>(STRETCH * 2);
    size_t mask_ = 0;
    unsigned shift_ = 0;
    std::vector<uint32_t> before_ = std::vector<uint32_t>(NONE + 1, NONE);  // by place: an earlier one, or NONE
    std::vector<uint32_t> later_ = std::vector<uint32_t>(STRETCH + 1);      // places whose 5-gram occurred before
    std::vector<uint8_t> shared_ = std::vector<uint8_t>(STRETCH);           // tokens that these share
};
