// The distinct hashes of a text, kept only while a sketch still has empty slots: a long text needs them when it
// says the same over and over.
#pragma once
#include <cstdint>
#include <cstdlib>

namespace CCI_LEVEL {

struct Distinct {
    static constexpr size_t SLACK = 16;  // what a vector reads behind the last

    uint64_t* items = nullptr;  // in order of arrival
    uint32_t* table = nullptr;  // open addressing: 1 + position in items, 0 where free; twice as large as items
    size_t count = 0, room = 0;

    // The hashes need no mixing: they are mixed already. False when memory ran out.
    bool add(const uint64_t* hashes, size_t n) {
        for (size_t i = 0; i < n; ++i) {
            if (count == room && !grow()) return false;
            size_t at = hashes[i] & (2 * room - 1);
            while (table[at] != 0 && items[table[at] - 1] != hashes[i]) at = (at + 1) & (2 * room - 1);
            if (table[at] == 0) {
                items[count++] = hashes[i];
                table[at] = static_cast<uint32_t>(count);
            }
        }
        return true;
    }
    void clear() {
        if (count != 0)
            for (size_t i = 0; i < 2 * room; ++i) table[i] = 0;
        count = 0;
    }
    void release() {
        free(items);
        free(table);
    }

private:
    bool grow() {
        const size_t larger = room == 0 ? 4096 : 2 * room;
        uint32_t* fresh = static_cast<uint32_t*>(calloc(2 * larger, sizeof(uint32_t)));
        void* moved = realloc(items, (larger + SLACK) * sizeof(uint64_t));
        if (moved != nullptr) items = static_cast<uint64_t*>(moved);
        if (fresh == nullptr || moved == nullptr || larger > UINT32_MAX / 2) {
            free(fresh);
            return false;
        }
        free(table);
        table = fresh;
        room = larger;
        for (size_t i = 0; i < count; ++i) {
            size_t at = items[i] & (2 * room - 1);
            while (table[at] != 0) at = (at + 1) & (2 * room - 1);
            table[at] = static_cast<uint32_t>(i + 1);
        }
        return true;
    }
};

}  // namespace CCI_LEVEL
