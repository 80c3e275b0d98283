#include "probe.hpp"

#include <algorithm>
#include <memory>

#include "arrays.hpp"
#include "fold.hpp"

namespace probe {

constexpr size_t BLOCK = 4096;

const uint32_t* mixed_table() {
    static const std::vector<uint32_t> table = [] {
        const uint32_t* folded = fold_table();
        std::vector<uint32_t> mixed(std::max<size_t>(fold_limit(), 0x10000), 0);  // all of three bytes without a check
        for (size_t c = 0; c < fold_limit(); ++c) mixed[c] = folded[c] * 0x9E3779B1u;  // odd: one to one, 0 stays 0
        return mixed;
    }();
    return table.data();
}

// The mixed value of the character at p (p < end), 0 where the key skips it; moves p behind it. Three well-formed bytes
// and ASCII are nearly all of a Chinese text; whatever else is left to the careful decoder: what could be overlong (below
// U+1000) or a surrogate, and the last bytes.
static inline uint32_t next_key(const uint8_t*& p, const uint8_t* end, const uint32_t* table, uint32_t limit) {
    const uint32_t four = end - p >= 4 ? p[0] | p[1] << 8 | p[2] << 16 | uint32_t{p[3]} << 24 : 0xFFu;
    const uint32_t c = (four & 0x0F) << 12 | (four >> 2 & 0xFC0) | (four >> 16 & 0x3F);
    if ((four & 0xC0C0F0) == 0x8080E0 && c >= 0x1000 && c >> 11 != 0x1B) {
        p += 3;
        return table[c];
    }
    if (!(four & 0x80)) {
        ++p;
        return table[four & 0x7F];
    }
    const uint32_t rare = next_code_point(p, end);
    return rare < limit ? table[rare] : 0;
}

Blocks::Blocks(const uint8_t* begin, const uint8_t* end, size_t width, std::vector<uint32_t>& buffer)
    : p_(begin), end_(end), width_(width), buffer_(buffer) {
    if (buffer_.size() < width + BLOCK + 1) buffer_.resize(width + BLOCK + 1);
    std::fill_n(buffer_.begin(), width, 0);
}

bool Blocks::next() {
    uint32_t* data = buffer_.data();
    for (size_t i = 0; i < width_; ++i) data[i] = data[size_ + i];
    start_ += size_;
    const uint32_t* table = mixed_table();
    const uint32_t limit = fold_limit();
    const uint8_t* p = p_;
    uint32_t* out = data + width_;
    uint32_t* const full = out + BLOCK;
    while (p < end_ && out < full) {
        *out = next_key(p, end_, table, limit);
        out += *out != 0;
    }
    p_ = p;
    size_ = static_cast<size_t>(out - data) - width_;
    return size_ != 0;
}

}  // namespace probe

namespace {

using probe::Blocks;

template <typename T>
nb::object to_numpy(std::vector<T>&& found) {
    auto owner = std::make_unique<std::vector<T>>(std::move(found));
    T* data = owner->data();
    const size_t n = owner->size();
    nb::capsule capsule(owner.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {n}, capsule));
}

void check_width(size_t width) {
    if (width < 1 || width > probe::MAX_WIDTH) throw std::invalid_argument("width: must be from 1 to 1024");
}

// Calls found(position of the first character, hash) for each n-gram; for a text whose key is shorter than `width` (and
// not empty) once, with the hash of the whole key, if `whole` asks for it.
template <typename Found>
void each_ngram(const uint8_t* begin, const uint8_t* end, size_t width, bool whole, std::vector<uint32_t>& buffer,
                Found found) {
    Blocks blocks(begin, end, width, buffer);
    const uint64_t leaving = probe::power(probe::BASE, width);
    uint64_t h = 0;
    size_t read = 0;
    while (blocks.next()) {
        const uint32_t* keys = blocks.keys();
        const size_t n = blocks.size();
        for (size_t i = 0; i < n; ++i) {
            h = h * probe::BASE + keys[width + i] - keys[i] * leaving;
            if (++read >= width) found(read - width, probe::finish(h));
        }
    }
    if (whole && read > 0 && read < width) found(0, probe::finish(h));
}

nb::tuple ngram_hashes(Input<uint8_t> values, Input<int64_t> offsets, size_t width) {
    check_width(width);
    const Texts texts(values, offsets);
    std::vector<uint32_t> hashes;
    std::vector<int64_t> ends(texts.count + 1, 0);
    {
        nb::gil_scoped_release release;
        std::vector<uint32_t> buffer;
        for (size_t i = 0; i < texts.count; ++i) {
            each_ngram(texts.begin(i), texts.end(i), width, true, buffer,
                       [&](size_t, uint32_t hash) { hashes.push_back(hash); });
            ends[i + 1] = static_cast<int64_t>(hashes.size());
        }
    }
    return nb::make_tuple(to_numpy(std::move(hashes)), to_numpy(std::move(ends)));
}

nb::tuple key_positions(Input<uint8_t> values, Input<int64_t> offsets) {
    const Texts texts(values, offsets);
    std::vector<int64_t> positions, ends(texts.count + 1, 0);
    {
        nb::gil_scoped_release release;
        const uint32_t* table = probe::mixed_table();
        const uint32_t limit = fold_limit();
        int64_t block[probe::BLOCK];
        for (size_t i = 0; i < texts.count; ++i) {
            const uint8_t* p = texts.begin(i);
            size_t count = 0;
            for (int64_t character = 0; p < texts.end(i); ++character) {
                block[count] = character;
                count += probe::next_key(p, texts.end(i), table, limit) != 0;
                if (count == probe::BLOCK || p >= texts.end(i)) {
                    positions.insert(positions.end(), block, block + count);
                    count = 0;
                }
            }
            ends[i + 1] = static_cast<int64_t>(positions.size());
        }
    }
    return nb::make_tuple(to_numpy(std::move(positions)), to_numpy(std::move(ends)));
}

uint64_t key_digest() {
    uint64_t h = fold_limit();
    for (uint32_t c = 0; c < fold_limit(); ++c) h = (h ^ probe::mixed_table()[c]) * probe::BASE ^ h >> 29;
    return h;
}

unsigned log2_of(size_t size) {
    unsigned bits = 0;
    while ((size_t{1} << bits) < size) ++bits;
    return bits;
}

nb::tuple probe_set(Input<uint32_t> keys) {
    const size_t n = keys.shape(0);
    if (n >= 0xFFFFFFFFu) throw std::invalid_argument("keys: too many");
    // 16 bits a key up to 2 MB, 8 to 16 beyond; the table is at most half full.
    size_t words = size_t{1} << log2_of(n / 4 + 1);
    if (words > size_t{1} << 18) words = size_t{1} << (log2_of(n / 8 + 1) > 18 ? log2_of(n / 8 + 1) : 18);
    if (words < 64) words = 64;
    std::vector<uint64_t> bloom(words, 0), slots(size_t{1} << log2_of(n * 2 + 2), 0);
    const unsigned bloom_shift = 64 - log2_of(bloom.size()), slot_shift = 64 - log2_of(slots.size());
    for (size_t i = 0; i < n; ++i) {
        const uint32_t key = keys.data()[i];
        bloom[probe::Set::spread(key) >> bloom_shift] |= probe::Set::bits(key);
        size_t at = probe::Set::spread(key) >> slot_shift;
        while (slots[at] != 0) {
            if (slots[at] >> 32 == key) throw std::invalid_argument("keys: a key occurs twice");
            at = (at + 1) & (slots.size() - 1);
        }
        slots[at] = uint64_t{key} << 32 | (i + 1);
    }
    return nb::make_tuple(to_numpy(std::move(bloom)), to_numpy(std::move(slots)));
}

probe::Set checked_set(const Input<uint64_t>& bloom, const Input<uint64_t>& slots) {
    const unsigned bloom_bits = log2_of(bloom.shape(0)), slot_bits = log2_of(slots.shape(0));
    if (bloom_bits < 1 || slot_bits < 1 || size_t{1} << bloom_bits != bloom.shape(0) ||
        size_t{1} << slot_bits != slots.shape(0))
        throw std::invalid_argument("bloom, slots: sizes must be powers of two; use what probe_set returns");
    size_t empty = 0;
    while (empty < slots.shape(0) && slots.data()[empty] != 0) ++empty;
    if (empty == slots.shape(0)) throw std::invalid_argument("slots: no empty slot; use what probe_set returns");
    return {bloom.data(), slots.data(), 64 - bloom_bits, 64 - slot_bits, slots.shape(0) - 1};
}

nb::tuple find_ngrams(Input<uint8_t> values, Input<int64_t> offsets, size_t width, Input<uint64_t> bloom,
                      Input<uint64_t> slots) {
    check_width(width);
    const Texts texts(values, offsets);
    const probe::Set set = checked_set(bloom, slots);
    std::vector<int64_t> positions, ends(texts.count + 1, 0);
    std::vector<uint32_t> numbers;
    {
        nb::gil_scoped_release release;
        std::vector<uint32_t> buffer;
        const uint64_t leaving = probe::power(probe::BASE, width);
        uint32_t hashes[probe::BLOCK];
        uint32_t passed[probe::BLOCK];
        for (size_t t = 0; t < texts.count; ++t) {
            Blocks blocks(texts.begin(t), texts.end(t), width, buffer);
            uint64_t h = 0;
            while (blocks.next()) {
                const uint32_t* keys = blocks.keys();
                const size_t n = blocks.size(), start = blocks.start();
                for (size_t i = 0; i < n; ++i) {
                    h = h * probe::BASE + keys[width + i] - keys[i] * leaving;
                    hashes[i] = probe::finish(h);
                    set.prefetch(hashes[i]);  // the filter of a million keys is larger than the cache of a core
                }
                // n-grams that would begin before the text are not looked up.
                const size_t first = start + 1 >= width ? 0 : width - 1 - start;
                size_t count = 0;
                for (size_t i = first; i < n; ++i) {
                    passed[count] = static_cast<uint32_t>(i);
                    count += set.maybe(hashes[i]);
                }
                for (size_t k = 0; k < count; ++k) {
                    const int64_t number = set.find(hashes[passed[k]]);
                    if (number < 0) continue;
                    positions.push_back(static_cast<int64_t>(start + passed[k] + 1 - width));
                    numbers.push_back(static_cast<uint32_t>(number));
                }
            }
            ends[t + 1] = static_cast<int64_t>(positions.size());
        }
    }
    return nb::make_tuple(to_numpy(std::move(positions)), to_numpy(std::move(numbers)), to_numpy(std::move(ends)));
}

}  // namespace

void bind_probe(nb::module_& m) {
    m.def("ngram_hashes", &ngram_hashes, nb::arg("values"), nb::arg("offsets"), nb::arg("width"),
          "Hashes of the key n-grams of each text, one of the whole key where it is shorter; and their offsets.");
    m.def("key_positions", &key_positions, nb::arg("values"), nb::arg("offsets"),
          "Character number in the text of each character of its matching key; and their offsets.");
    m.def("key_digest", &key_digest, "Digest of the matching key and of how its characters are hashed.");
    m.def("probe_set", &probe_set, nb::arg("keys"), "Bloom filter and table of distinct n-gram hashes.");
    m.def("find_ngrams", &find_ngrams, nb::arg("values"), nb::arg("offsets"), nb::arg("width"), nb::arg("bloom"),
          nb::arg("slots"), "Where n-grams of a set occur: key positions, numbers in the set, and offsets by text.");
}
