// Fast Similarity Sketching over a stream of hashes.
#pragma once
#include "lanes32.hpp"

namespace CCI_LEVEL {

struct Sketch {
    static constexpr uint64_t OPEN = ~uint64_t{0};
    static constexpr size_t TABLES = 4;
    static constexpr size_t RUN = 1024;  // hashes that are mixed or sifted at a time

    // Smallest (v_r, low half of h) of the round so far in each open slot, OPEN where nothing fell into it yet; 0, which
    // nothing undercuts, in a slot of an earlier round. Neighbouring hashes go to different tables: a processor makes a
    // load wait for the store before it when the two have met before, so that one table would be one chain of waits.
    // A branch in place of the minimum would be mispredicted for most of a short text.
    alignas(64) uint64_t best[TABLES][MAX_SLOTS];
    size_t slots;
    unsigned shift;   // h >> shift is the slot
    uint64_t bound;   // no slot can be undercut by an h with (h << (64 - shift)) >= bound; OPEN while a slot is open

    void start(size_t count) {
        slots = count;
        shift = 64 - static_cast<unsigned>(__builtin_ctzll(count));
        bound = OPEN;
        for (size_t t = 0; t < TABLES; ++t)
            for (size_t i = 0; i < slots; ++i) best[t][i] = OPEN;
    }
    // Round 0, hash by hash as they come. Reads and writes up to TABLES behind the last, with values that don't matter.
    void take(const uint64_t* hashes, size_t n) {
        if (bound == OPEN) {
            put(hashes, n);
            return;
        }
        uint64_t sifted[RUN];
        for (; n != 0; ) {
            const size_t run = n < RUN ? n : RUN;
            put(sifted, sift(hashes, run, sifted));
            hashes += run;
            n -= run;
        }
    }
    // Brings `bound` up to date; false once no slot is open.
    bool open() {
        uint64_t most = 0;
        for (size_t i = 0; i < slots; ++i) {
            const uint64_t least = merged(i);
            const uint64_t inside = least == OPEN ? OPEN : least << (64 - shift);
            most = inside > most ? inside : most;
        }
        bound = most;
        return most == OPEN;
    }
    // Ends round 0 and does the further rounds. `hashes`: every hash of the text, once or more often.
    void finish(const uint64_t* hashes, size_t n, uint32_t* out) {
        size_t left = close(0, out);
        for (uint32_t round = 1; left != 0 && round < slots; ++round) {
            for (size_t i = 0; i < n; i += RUN) {
                uint64_t values[RUN];
                const size_t run = n - i < RUN ? n - i : RUN;
                mix_high_halves(hashes + i, run, round * GAMMA32, values);
                put(values, run);
            }
            left = close(round * GAMMA32, out);
        }
        for (uint32_t i = 0; left != 0 && i < slots; ++i)
            if (best[0][i] == OPEN) out[i] = forced(hashes, n, (static_cast<uint32_t>(slots) + i) * GAMMA32);
    }

private:
    uint64_t merged(size_t slot) const {
        uint64_t least = best[0][slot];
        for (size_t t = 1; t < TABLES; ++t) least = best[t][slot] < least ? best[t][slot] : least;
        return least;
    }
    void put(const uint64_t* values, size_t n) {
        size_t i = 0;
        for (; i + TABLES <= n; i += TABLES)
            for (size_t t = 0; t < TABLES; ++t) put_one(best[t], values[i + t]);
        for (; i < n; ++i) put_one(best[i % TABLES], values[i]);
    }
    void put_one(uint64_t* table, uint64_t value) const {
        uint64_t* const slot = table + (value >> shift);
        uint64_t old = *slot;
        __asm__("" : "+r"(old));  // a plain register: GCC would use a vector's minimum, by way of memory
        *slot = value < old ? value : old;
    }
    size_t sift(const uint64_t* hashes, size_t n, uint64_t* out) const {
        size_t count = 0;
        for (size_t i = 0; i < n; ++i) {
            out[count] = hashes[i];
            count += hashes[i] << (64 - shift) < bound;
        }
        return count;
    }
    // Hands out the slots that the round filled and closes them; returns the number of open ones.
    size_t close(uint32_t added, uint32_t* out) {
        size_t left = 0;
        for (size_t i = 0; i < slots; ++i) {
            const uint64_t least = merged(i);
            out[i] = least != OPEN && least != 0 ? static_cast<uint32_t>(least) + added : out[i];
            left += least == OPEN;
            const uint64_t next = least == OPEN ? OPEN : 0;
            for (size_t t = 0; t < TABLES; ++t) best[t][i] = next;
        }
        return left;
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
