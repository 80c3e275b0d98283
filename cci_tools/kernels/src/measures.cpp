// Binding of the quality measures.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "arrays.hpp"
#include "measures_document.hpp"

void bind_measures(nb::module_& m) {
    m.def("measure_names", [] {
        return std::vector<std::string>{
#define X(name) #name,
            CCI_MEASURES(X)
#undef X
        };
    }, "Names of the measures, in the order of the rows of `measure`.");
    m.def("measure", [](Input<uint8_t> values, Input<int64_t> offsets, OutputMatrix<float> out) {
        const Texts texts(values, offsets);
        if (out.shape(0) != MEASURE_COUNT || out.shape(1) != texts.count)
            throw std::invalid_argument("out: expected shape (number of measures, number of texts)");
        float* const data = out.data();
        nb::gil_scoped_release unlocked;
        static thread_local Measurer of_this_thread;
        Measurer& measurer = of_this_thread;  // looking it up once, not at every access
        for (size_t i = 0; i < texts.count; ++i) measurer.measure(texts.begin(i), texts.end(i), data + i, texts.count);
    }, nb::arg("values"), nb::arg("offsets"), nb::arg("out"), "All measures of each text: row = measure, column = text.");
}
