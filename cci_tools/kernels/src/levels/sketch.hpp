// Fast Similarity Sketching over a stream of hashes.
#pragma once
#include "../sign.hpp"
#include "lanes.hpp"

namespace CCI_LEVEL {

// Keeps an integer in a plain register. A branch in place of a minimum would be mispredicted for most of a short text,
// and GCC would do it with a vector instruction, by way of memory.
static inline uint64_t plain(uint64_t x) {
    __asm__("" : "+r"(x));
    return x;
}

struct Sketch {
    static constexpr uint64_t OPEN = ~uint64_t{0};
    static constexpr size_t RUN = 512;  // hashes that are sifted or mixed at a time

    // Smallest (v_r, low half of h) of the round so far in each open slot, OPEN where nothing fell into it yet;
    // 0, which nothing undercuts, in a slot of an earlier round.
    alignas(64) uint64_t best[MAX_SLOTS];
    uint64_t bound;  // an h whose part behind the slot is this or more changes nothing; OPEN while a slot is open
    size_t slots;
    unsigned shift;  // h >> shift is the slot

    void start(size_t count) {
        slots = count;
        shift = 64 - static_cast<unsigned>(__builtin_ctzll(count));
        bound = OPEN;
        for (size_t i = 0; i < slots; ++i) best[i] = OPEN;
    }
    // Round 0, hash by hash as they come.
    void take(const uint64_t* hashes, size_t n) {
        if (bound == OPEN) {
            put(hashes, n);
            return;
        }
        uint64_t sifted[RUN + Lanes::count];
        for (size_t i = 0; i < n; i += RUN) put(sifted, sift(hashes + i, n - i < RUN ? n - i : RUN, sifted));
    }
    // Brings `bound` up to date; false once no slot is open.
    bool open() {
        bound = 0;
        for (size_t i = 0; i < slots; ++i) {
            const uint64_t inside = best[i] == OPEN ? OPEN : best[i] << (64 - shift);
            bound = inside > bound ? inside : bound;
        }
        return bound == OPEN;
    }
    // Ends round 0 and does the further rounds. `hashes`: every hash of the text, once or more often.
    void finish(const uint64_t* hashes, size_t n, uint32_t* out) {
        size_t left = 0;
        for (size_t i = 0; i < slots; ++i) {
            out[i] = static_cast<uint32_t>(best[i]);
            left += best[i] == OPEN;
            best[i] = best[i] == OPEN ? OPEN : 0;
        }
        uint16_t filled[MAX_SLOTS + 1];  // by this round; one more is written, and does not count
        for (uint32_t round = 1; left != 0 && round < slots; ++round) {
            size_t count = 0;
            for (size_t i = 0; i < n; i += RUN)
                count = further(hashes + i, n - i < RUN ? n - i : RUN, round * GAMMA32, filled, count);
            for (size_t i = 0; i < count; ++i) {
                out[filled[i]] = static_cast<uint32_t>(best[filled[i]]) + round * GAMMA32;
                best[filled[i]] = 0;
            }
            left -= count;
        }
        for (uint32_t i = 0; left != 0 && i < slots; ++i)
            if (best[i] == OPEN) out[i] = forced(hashes, n, (static_cast<uint32_t>(slots) + i) * GAMMA32);
    }

private:
    void put(const uint64_t* hashes, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            uint64_t& slot = best[hashes[i] >> shift];
            const uint64_t old = plain(slot);
            slot = hashes[i] < old ? hashes[i] : old;
        }
    }
    // Those hashes that may change a slot. Writes up to Lanes::count values behind them.
    size_t sift(const uint64_t* hashes, size_t n, uint64_t* out) const {
        size_t count = 0;
        for (size_t i = 0; i < n; ++i) {
            out[count] = hashes[i];
            count += hashes[i] << (64 - shift) < bound;
        }
        return count;
    }
    size_t further(const uint64_t* hashes, size_t n, uint32_t added, uint16_t* filled, size_t count) {
        uint32_t values[RUN];
        for (size_t i = 0; i < n; ++i) values[i] = mix32(static_cast<uint32_t>(hashes[i] >> 32) + added);
        for (size_t i = 0; i < n; ++i) {
            const uint64_t value = static_cast<uint64_t>(values[i]) << 32 | static_cast<uint32_t>(hashes[i]);
            uint64_t& slot = best[value >> shift];
            const uint64_t old = plain(slot);
            slot = value < old ? value : old;
            filled[count] = static_cast<uint16_t>(value >> shift);
            count += old == OPEN;
        }
        return count;
    }
    static uint32_t forced(const uint64_t* hashes, size_t n, uint32_t added) {
        uint64_t least = OPEN;
        for (size_t i = 0; i < n; ++i) {
            const uint64_t high = mix32(static_cast<uint32_t>(hashes[i] >> 32) + added);
            const uint64_t value = high << 32 | static_cast<uint32_t>(hashes[i]);
            least = value < least ? value : least;
        }
        return static_cast<uint32_t>(least) + added;
    }
};

}  // namespace CCI_LEVEL
