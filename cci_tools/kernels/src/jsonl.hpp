// JSON lines to columns: what the parts share.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

// Whether bytes are UTF-8 as Python's strict decoder takes it; one function for each instruction level.
using Utf8Check = bool (*)(const uint8_t* begin, const uint8_t* end);

// Bytes that grow; the memory is handed over to Python in the end.
struct Growing {
    uint8_t* data = nullptr;
    size_t size = 0, capacity = 0;

    Growing() = default;
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;
    ~Growing() { free(data); }

    // Where the next bytes go; there is room for `more` and for what a copy by blocks writes too much.
    uint8_t* room(size_t more) {
        if (capacity - size < more + SLACK || data == nullptr) {
            const size_t wanted = size + more + SLACK;
            const size_t grown = wanted > 2 * capacity ? wanted : 2 * capacity;
            void* moved = realloc(data, grown);
            if (moved == nullptr) throw std::bad_alloc();
            data = static_cast<uint8_t*>(moved);
            capacity = grown;
        }
        return data + size;
    }
    void append(const uint8_t* begin, const uint8_t* end) {
        memcpy(room(static_cast<size_t>(end - begin)), begin, static_cast<size_t>(end - begin));
        size += static_cast<size_t>(end - begin);
    }
    void append(uint8_t byte) {
        *room(1) = byte;
        ++size;
    }
    static constexpr size_t SLACK = 64;
};
