// Fast Similarity Sketching over a stream of hashes.
#pragma once
#include "../sign.hpp"

namespace CCI_LEVEL {

struct Sketch {
    static constexpr uint64_t OPEN = ~uint64_t{0};
    // Smallest value of the round so far in each open slot, OPEN where there is none; 0 in a slot of an earlier round.
    alignas(64) uint64_t best[MAX_SLOTS];
    size_t slots;
    unsigned shift;  // hash >> shift is the slot

    void start(size_t count) {
        slots = count;
        shift = 64 - static_cast<unsigned>(__builtin_ctzll(count));
        for (size_t i = 0; i < slots; ++i) best[i] = OPEN;
    }
    // Round 0, hash by hash as they come.
    void take(const uint64_t* hashes, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            uint64_t& slot = best[hashes[i] >> shift];
            if (hashes[i] < slot) slot = hashes[i];
        }
    }
    size_t open() const {
        size_t count = 0;
        for (size_t i = 0; i < slots; ++i) count += best[i] == OPEN;
        return count;
    }
    // Closes the slots that the round filled; returns the number of open ones.
    size_t close(uint32_t* out) {
        size_t count = 0;
        for (size_t i = 0; i < slots; ++i) {
            if (best[i] == OPEN) {
                ++count;
            } else if (best[i] != 0) {
                out[i] = static_cast<uint32_t>(best[i]);
                best[i] = 0;
            }
        }
        return count;
    }
    // The further rounds, for the slots that round 0 left open. `hashes`: every hash of the text, once or more often.
    void finish(const uint64_t* hashes, size_t n, uint32_t* out) {
        size_t left = close(out);
        for (size_t round = 1; left != 0 && round < slots; ++round) {
            for (size_t i = 0; i < n; ++i) {
                const uint64_t value = mix(hashes[i] + round * GAMMA);
                uint64_t& slot = best[value >> shift];
                if (value < slot) slot = value;
            }
            left = close(out);
        }
        for (size_t i = 0; left != 0 && i < slots; ++i) {
            if (best[i] != OPEN) continue;
            for (size_t j = 0; j < n; ++j) {
                const uint64_t value = mix(hashes[j] + (slots + i) * GAMMA);
                if (value < best[i]) best[i] = value;
            }
        }
        close(out);
    }
};

}  // namespace CCI_LEVEL
