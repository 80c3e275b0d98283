// Distinct 64-bit hashes, numbered in order of appearance. Reused: emptying it costs nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

class Numbers {
public:
    void reset() {
        used_ = 0;
        next_epoch();
        mask_ = 63;
        if (slots_.empty()) slots_.resize(64);
    }

    size_t size() const { return used_; }

    // Number of the hash, which is the size before the call where it is new.
    uint32_t number(uint64_t hash) {
        if ((used_ + 1) * 2 > mask_ + 1) grow();
        Slot& slot = find(hash);
        if (slot.epoch != epoch_) slot = {hash, epoch_, used_++};
        return slot.number;
    }

private:
    struct Slot {
        uint64_t hash;
        uint32_t epoch, number;
    };

    Slot& find(uint64_t hash) {
        for (size_t slot = (hash * 0x9E3779B97F4A7C15u) >> 40 & mask_;; slot = (slot + 1) & mask_)
            if (slots_[slot].epoch != epoch_ || slots_[slot].hash == hash) return slots_[slot];
    }

    void next_epoch() {
        if (++epoch_) return;
        for (Slot& slot : slots_) slot.epoch = 0;
        epoch_ = 1;
    }

    void grow() {
        std::vector<Slot> old;
        for (size_t i = 0; i <= mask_; ++i)
            if (slots_[i].epoch == epoch_) old.push_back(slots_[i]);
        next_epoch();
        mask_ = mask_ * 2 + 1;
        if (slots_.size() <= mask_) slots_.resize(mask_ + 1);
        for (const Slot& slot : old) find(slot.hash) = {slot.hash, epoch_, slot.number};
    }

    std::vector<Slot> slots_;
    uint32_t epoch_ = 0;  // a slot of another epoch is empty
    uint32_t used_ = 0;
    size_t mask_ = 63;
};

// Which hashes were there before. After LIMIT different ones it starts afresh: the bound of memory.
class Seen {
public:
    static constexpr size_t LIMIT = size_t{1} << 17;

    void reset() { numbers_.reset(); }

    bool add(uint64_t hash) {  // true where it was there
        if (numbers_.size() == LIMIT) numbers_.reset();
        const size_t before = numbers_.size();
        return numbers_.number(hash) < before;
    }

private:
    Numbers numbers_;
};
