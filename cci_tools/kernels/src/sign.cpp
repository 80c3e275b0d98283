// Python face of the signing kernel, and the choice of its instruction level.
#include "sign.hpp"

#include <nanobind/stl/optional.h>

#include <limits>
#include <memory>
#include <new>
#include <optional>

#include "arrays.hpp"
#include "fold.hpp"
#include "level.hpp"

#define CCI_DECLARE(LEVEL)                   \
    namespace LEVEL {                        \
    extern const SignKernel sign_kernel;     \
    }
#ifdef CCI_HAS_V2
CCI_DECLARE(v2)
CCI_DECLARE(v3)
CCI_DECLARE(v4)
#else
CCI_DECLARE(portable)
#endif

const SignKernel& active_kernel() {
#ifdef CCI_HAS_V2
    switch (active_level()) {
        case Level::v4: return v4::sign_kernel;
        case Level::v3: return v3::sign_kernel;
        default: return v2::sign_kernel;
    }
#else
    return portable::sign_kernel;
#endif
}

namespace {

Shingling shingling(size_t width, uint64_t seed) {
    if (width < 1 || width > MAX_WIDTH) throw std::invalid_argument("width: 1 to 64 characters");
    Shingling result{width, {}};
    for (size_t j = 0; j < width; ++j) result.keys[j] = mix(seed + (j + 1) * GAMMA) | 1;
    return result;
}

// The working memory of a call, given back to the level that made it.
class Memory {
public:
    explicit Memory(const SignKernel& kernel) : kernel_(kernel), scratch_(kernel.new_scratch()) {
        if (scratch_ == nullptr) throw std::bad_alloc();
    }
    ~Memory() { kernel_.delete_scratch(scratch_); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    Scratch& operator*() const { return *scratch_; }

private:
    const SignKernel& kernel_;
    Scratch* scratch_;
};

int32_t as_length(size_t n) {
    constexpr size_t most = std::numeric_limits<int32_t>::max();
    return static_cast<int32_t>(n < most ? n : most);
}

void sign(const Input<uint8_t>& values, const Input<int64_t>& offsets, size_t width, uint64_t seed,
          OutputMatrix<uint32_t> signatures, OutputMatrix<uint64_t> digests, Output<int32_t> key_lengths,
          const std::optional<Input<uint32_t>>& a, const std::optional<Input<uint32_t>>& b) {
    const Texts texts(values, offsets);
    const Shingling shingles = shingling(width, seed);
    const size_t slots = signatures.shape(1);
    Affine permutations{nullptr, nullptr, slots};
    if (a && b) {
        if (a->shape(0) != slots || b->shape(0) != slots) throw std::invalid_argument("a, b: one value for each slot");
        permutations.a = a->data();
        permutations.b = b->data();
    }
    if (slots < MIN_SLOTS || slots > MAX_SLOTS || (slots & (slots - 1)) != 0)
        throw std::invalid_argument("slots: a power of two from 64 to 512");
    if (signatures.shape(0) != texts.count || digests.shape(0) != texts.count || digests.shape(1) != 2 ||
        key_lengths.shape(0) != texts.count)
        throw std::invalid_argument("signatures, digests, key_lengths: one row for each text, digests of two columns");
    const SignKernel& kernel = active_kernel();
    const Memory memory(kernel);
    uint32_t* const rows = signatures.data();
    uint64_t* const halves = digests.data();
    int32_t* const lengths = key_lengths.data();
    nb::gil_scoped_release released;
    for (size_t i = 0; i < texts.count; ++i) {
        Signature out{rows + i * slots, halves + 2 * i, 0};
        if (!kernel.sign(*memory, shingles, a && b ? &permutations : nullptr, slots, texts.begin(i), texts.end(i), out))
            throw std::bad_alloc();
        lengths[i] = as_length(out.key_length);
    }
}

void sign_affine(const Input<uint8_t>& values, const Input<int64_t>& offsets, size_t width, uint64_t seed,
                 const Input<uint32_t>& a, const Input<uint32_t>& b, OutputMatrix<uint32_t> signatures) {
    const Texts texts(values, offsets);
    const Shingling shingles = shingling(width, seed);
    if (a.shape(0) == 0 || a.shape(0) != b.shape(0) || signatures.shape(0) != texts.count ||
        signatures.shape(1) != a.shape(0))
        throw std::invalid_argument("signatures: one row for each text, one column for each pair of a and b");
    const Affine permutations{a.data(), b.data(), a.shape(0)};
    const SignKernel& kernel = active_kernel();
    const Memory memory(kernel);
    uint32_t* const rows = signatures.data();
    nb::gil_scoped_release released;
    for (size_t i = 0; i < texts.count; ++i)
        kernel.affine(*memory, shingles, permutations, texts.begin(i), texts.end(i), rows + i * permutations.count);
}

void keys(const Input<uint8_t>& values, const Input<int64_t>& offsets, Output<uint32_t> codes,
          Output<int64_t> code_offsets) {
    const Texts texts(values, offsets);
    const int64_t bytes = texts.offsets[texts.count] - texts.offsets[0];
    if (codes.shape(0) < static_cast<size_t>(bytes) || code_offsets.shape(0) != texts.count + 1)
        throw std::invalid_argument("codes: room for one value for each byte; code_offsets: one more than texts");
    const SignKernel& kernel = active_kernel();
    uint32_t* const out = codes.data();
    int64_t* const starts = code_offsets.data();
    nb::gil_scoped_release released;
    starts[0] = 0;
    for (size_t i = 0; i < texts.count; ++i)
        starts[i + 1] = starts[i] + static_cast<int64_t>(kernel.fold(texts.begin(i), texts.end(i), out + starts[i]));
}

void shingle_hashes(const Input<uint32_t>& codes, const Input<int64_t>& offsets, size_t width, uint64_t seed,
                    Output<uint64_t> hashes, Output<int64_t> hash_offsets) {
    const Shingling shingles = shingling(width, seed);
    const size_t count = offsets.shape(0) == 0 ? 0 : offsets.shape(0) - 1;
    if (offsets.shape(0) == 0 || hash_offsets.shape(0) != count + 1 || hashes.shape(0) < codes.shape(0))
        throw std::invalid_argument("hashes: room for a value for each code point; hash_offsets: one more than texts");
    for (size_t i = 0; i < count; ++i)
        if (offsets.data()[i] < 0 || offsets.data()[i + 1] < offsets.data()[i] ||
            static_cast<size_t>(offsets.data()[i + 1]) > codes.shape(0))
            throw std::invalid_argument("offsets: not ascending, or beyond the end of codes");
    const SignKernel& kernel = active_kernel();
    const uint32_t* const key = codes.data();
    const int64_t* const ends = offsets.data();
    uint64_t* const out = hashes.data();
    int64_t* const starts = hash_offsets.data();
    nb::gil_scoped_release released;
    starts[0] = 0;
    for (size_t i = 0; i < count; ++i)
        starts[i + 1] = starts[i] + static_cast<int64_t>(kernel.hashes(shingles, key + ends[i],
                                                                       static_cast<size_t>(ends[i + 1] - ends[i]),
                                                                       out + starts[i]));
}

}  // namespace

void bind_sign(nb::module_& m) {
    m.def("sign", &sign, nb::arg("values"), nb::arg("offsets"), nb::arg("width"), nb::arg("seed"),
          nb::arg("signatures"), nb::arg("digests"), nb::arg("key_lengths"), nb::arg("a") = nb::none(),
          nb::arg("b") = nb::none(),
          "Write the signature (FSS, or the minima under a * h + b), the 128-bit digest and the length of each key.");
    m.def("sign_affine", &sign_affine, nb::arg("values"), nb::arg("offsets"), nb::arg("width"), nb::arg("seed"),
          nb::arg("a"), nb::arg("b"), nb::arg("signatures"),
          "Write each text's minima under the permutations a * h + b of the 32-bit shingle hashes.");
    m.def("keys", &keys, nb::arg("values"), nb::arg("offsets"), nb::arg("codes"), nb::arg("code_offsets"),
          "Write the folded code points of each text's key, and where each key begins.");
    m.def("shingle_hashes", &shingle_hashes, nb::arg("codes"), nb::arg("offsets"), nb::arg("width"), nb::arg("seed"),
          nb::arg("hashes"), nb::arg("hash_offsets"), "Write the 64-bit hash of each shingle of keys.");
    m.attr("FOLD_LIMIT") = fold_limit();
}
