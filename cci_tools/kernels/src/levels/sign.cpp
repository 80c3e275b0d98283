// One pass over a text: decode and fold, digest, shingle hashes, sketch. Compiled once for each instruction level.
#include "../sign.hpp"

#include "affine.hpp"
#include "decode.hpp"
#include "digest.hpp"
#include "distinct.hpp"
#include "shingle.hpp"
#include "sketch.hpp"

#include <cstring>
#include <new>

namespace CCI_LEVEL {
namespace {

constexpr size_t PIECE = 2048;  // code points at a time: the buffers stay in the first-level cache
constexpr size_t CARRY = MAX_WIDTH + 32;  // of the piece before: an unfinished window, stripe, and the last 16

struct Buffers {
    alignas(64) uint32_t key[CARRY + PIECE + FOLD_SLACK + WINDOW_SLACK];
    alignas(64) uint64_t hashes[CARRY + PIECE + WINDOW_SLACK];
    Sketch sketch;
    Distinct distinct;
};

Scratch* new_scratch() {
    void* memory = aligned_alloc(alignof(Buffers), sizeof(Buffers));
    return memory == nullptr ? nullptr : reinterpret_cast<Scratch*>(new (memory) Buffers);
}

void delete_scratch(Scratch* scratch) {
    Buffers* buffers = reinterpret_cast<Buffers*>(scratch);
    if (buffers != nullptr) buffers->distinct.release();
    free(buffers);
}

// The key of a text and its shingle hashes, piece by piece.
struct Stream {
    const Shingling& shingling;
    Buffers& buffers;
    const uint8_t* p;
    const uint8_t* end;
    size_t held = 0;      // code points in buffers.key
    size_t length = 0;    // of the key so far
    size_t hashed = 0;    // windows from position 0 of buffers.key that were handed out before
    size_t digested = 0;  // code points of buffers.key that the digest has taken

    bool more() const { return p < end; }

    // Decodes the next piece; returns the number of new hashes, in buffers.hashes.
    size_t next() {
        drop();
        const size_t fresh = fold_some(p, end, fold_table(), fold_limit(), buffers.key + held, PIECE);
        held += fresh;
        length += fresh;
        if (p == end && length != 0 && length < shingling.width) {
            buffers.hashes[0] = hash_short(shingling, buffers.key, length);
            return 1;
        }
        const size_t windows = held < shingling.width ? 0 : held - shingling.width + 1;
        const size_t count = windows > hashed ? windows - hashed : 0;
        hash_windows(shingling, buffers.key + hashed, count, buffers.hashes);
        hashed += count;
        return count;
    }

    void digest(LongDigest& digest) {
        const size_t stripes = held > digested ? (held - digested - 1) / 16 : 0;
        digest.take(buffers.key + digested, stripes);
        digested += 16 * stripes;
    }

private:
    // Moves what is still needed of the piece to the front of the buffer.
    void drop() {
        size_t done = held > 16 ? held - 16 : 0;
        if (hashed < done) done = hashed;
        if (digested < done) done = digested;
        for (size_t i = done; i < held; ++i) buffers.key[i - done] = buffers.key[i];
        held -= done;
        hashed -= done;
        digested -= done;
    }
};

bool sign(Scratch& scratch, const Shingling& shingling, const Affine* permutations, size_t slots, const uint8_t* begin,
          const uint8_t* end, Signature& out) {
    Buffers& buffers = reinterpret_cast<Buffers&>(scratch);
    Stream stream{shingling, buffers, begin, end};
    LongDigest digest;
    Sketch& sketch = buffers.sketch;
    if (permutations == nullptr) sketch.start(slots);
    buffers.distinct.clear();
    for (size_t i = 0; i < slots; ++i) out.slots[i] = 0xFFFFFFFF;
    size_t count = 0;
    while (stream.more()) {
        count = stream.next();
        if (stream.length > DIGEST_SHORT) stream.digest(digest);
        if (permutations != nullptr) {
            affine_minima(*permutations, buffers.hashes, count, out.slots);
            continue;
        }
        sketch.take(buffers.hashes, count);
        // While slots are open after a piece, the hashes so far will be needed again.
        if (stream.more() || buffers.distinct.count != 0) {
            if (sketch.open() && !buffers.distinct.add(buffers.hashes, count)) return false;
        }
    }
    const bool one_piece = buffers.distinct.count == 0;
    if (permutations == nullptr && stream.length != 0)
        sketch.finish(one_piece ? buffers.hashes : buffers.distinct.items, one_piece ? count : buffers.distinct.count,
                      out.slots);
    const Hash128 hash = stream.length <= DIGEST_SHORT ? digest_short(buffers.key, stream.length)
                                                       : digest.finish(buffers.key + stream.held - 16, stream.length);
    out.digest[0] = hash.high;
    out.digest[1] = hash.low;
    out.key_length = stream.length;
    return true;
}

size_t affine(Scratch& scratch, const Shingling& shingling, const Affine& permutations, const uint8_t* begin,
              const uint8_t* end, uint32_t* slots) {
    Buffers& buffers = reinterpret_cast<Buffers&>(scratch);
    Stream stream{shingling, buffers, begin, end};
    for (size_t i = 0; i < permutations.count; ++i) slots[i] = 0xFFFFFFFF;
    while (stream.more()) {
        const size_t count = stream.next();
        stream.digested = stream.held;
        affine_minima(permutations, buffers.hashes, count, slots);
    }
    return stream.length;
}

size_t fold(const uint8_t* begin, const uint8_t* end, uint32_t* out) {
    uint32_t piece[PIECE + FOLD_SLACK];
    size_t length = 0;
    for (const uint8_t* p = begin; p < end;) {
        const size_t n = fold_some(p, end, fold_table(), fold_limit(), piece, PIECE);
        memcpy(out + length, piece, n * sizeof *out);
        length += n;
    }
    return length;
}

size_t hashes(const Shingling& shingling, const uint32_t* key, size_t n, uint64_t* out) {
    if (n == 0) return 0;
    if (n < shingling.width) {
        out[0] = hash_short(shingling, key, n);
        return 1;
    }
    uint32_t codes[PIECE + MAX_WIDTH + WINDOW_SLACK] = {};
    uint64_t values[PIECE + WINDOW_SLACK];
    const size_t windows = n - shingling.width + 1;
    for (size_t i = 0; i < windows; i += PIECE) {
        const size_t count = windows - i < PIECE ? windows - i : PIECE;
        memcpy(codes, key + i, (count + shingling.width - 1) * sizeof *codes);
        hash_windows(shingling, codes, count, values);
        memcpy(out + i, values, count * sizeof *out);
    }
    return windows;
}

}  // namespace

extern const SignKernel sign_kernel;
const SignKernel sign_kernel = {new_scratch, delete_scratch, sign, affine, fold, hashes};

}  // namespace CCI_LEVEL
