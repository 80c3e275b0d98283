// How a column of texts reaches a kernel: the bytes and n + 1 offsets of an Arrow string array.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <stdexcept>

namespace nb = nanobind;

template <typename T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Output = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <typename T>
using InputMatrix = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename T>
using OutputMatrix = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

struct Texts {
    const uint8_t* values;
    const int64_t* offsets;
    size_t count;

    Texts(const Input<uint8_t>& v, const Input<int64_t>& o) : values(v.data()), offsets(o.data()), count(0) {
        if (o.shape(0) == 0) throw std::invalid_argument("offsets: one more than the number of texts is needed");
        count = o.shape(0) - 1;
        if (offsets[0] < 0) throw std::invalid_argument("offsets: negative");
        for (size_t i = 0; i < count; ++i)
            if (offsets[i + 1] < offsets[i]) throw std::invalid_argument("offsets: not ascending");
        if (static_cast<size_t>(offsets[count]) > v.shape(0))
            throw std::invalid_argument("offsets: beyond the end of values");
    }
    const uint8_t* begin(size_t i) const { return values + offsets[i]; }
    const uint8_t* end(size_t i) const { return values + offsets[i + 1]; }
};
