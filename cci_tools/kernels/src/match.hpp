// The matching barrier's kernels: what they share.
#pragma once
#include <utility>
#include <vector>

#include "arrays.hpp"

void bind_match_candidates(nb::module_& m);
void bind_match_verify(nb::module_& m);
void bind_match_numbers(nb::module_& m);
void bind_match_graph(nb::module_& m);

// The finaliser of splitmix64: every bit of the input reaches every bit of the result, and no two inputs meet.
static inline uint64_t mix64(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

// Hands a vector over to NumPy without a copy.
template <typename T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> to_numpy(std::vector<T>&& values) {
    auto* owned = new std::vector<T>(std::move(values));
    nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::ndarray<nb::numpy, T, nb::ndim<1>>(owned->data(), {owned->size()}, owner);
}

static inline void require(bool holds, const char* otherwise) {
    if (!holds) throw std::invalid_argument(otherwise);
}
