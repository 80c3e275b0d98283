// Binding of the quality measures and of the model that scores.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "measures_document.hpp"
#include "measures_model.hpp"
#include "measures_tokens.hpp"

namespace {
struct Classifier {
    FastText model;
    std::mutex busy;  // the model keeps the sums of the document at hand

    explicit Classifier(nb::bytes file) : model(static_cast<const uint8_t*>(file.data()), file.size()) {}
};
}  // namespace

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
        static thread_local const std::unique_ptr<Measurer> of_this_thread = std::make_unique<Measurer>();
        Measurer& measurer = *of_this_thread;  // on the heap: a thread-local object is looked up at every access
        // Rows are far apart in memory: a block of documents is measured first and then written row by row.
        constexpr size_t BLOCK = 64;
        float block[BLOCK][MEASURE_COUNT];
        for (size_t first = 0; first < texts.count; first += BLOCK) {
            const size_t size = std::min(BLOCK, texts.count - first);
            for (size_t i = 0; i < size; ++i) measurer.measure(texts.begin(first + i), texts.end(first + i), block[i]);
            for (size_t m = 0; m < MEASURE_COUNT; ++m)
                for (size_t i = 0; i < size; ++i) data[m * texts.count + first + i] = block[i][m];
        }
    }, nb::arg("values"), nb::arg("offsets"), nb::arg("out"),
       "All measures of each text: row = measure, column = text.");
    m.def("char_tokens", [](Input<uint8_t> values, Input<int64_t> offsets, size_t limit, Output<int64_t> out_offsets) {
        const Texts texts(values, offsets);
        if (out_offsets.shape(0) != texts.count + 1) throw std::invalid_argument("out_offsets: expected n + 1");
        if (limit < 12) throw std::invalid_argument("limit: 12 bytes or more are needed");
        int64_t* const starts = out_offsets.data();
        auto* out = new std::vector<uint8_t>;
        nb::capsule owner(out, [](void* p) noexcept { delete static_cast<std::vector<uint8_t>*>(p); });
        {
            nb::gil_scoped_release unlocked;
            starts[0] = 0;
            for (size_t i = 0; i < texts.count; ++i) {
                tokenize(texts.begin(i), texts.end(i), limit, *out);
                starts[i + 1] = static_cast<int64_t>(out->size());
            }
        }
        return nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>>(out->data(), {out->size()}, owner);
    }, nb::arg("values"), nb::arg("offsets"), nb::arg("limit"), nb::arg("out_offsets"),
       "Tokens of each text, separated by spaces; returns their bytes and fills their offsets.");
    nb::class_<Classifier>(m, "Classifier", "A fastText classifier, from the bytes of its .bin or .ftz file.")
        .def(nb::init<nb::bytes>(), nb::arg("file"))
        .def_prop_ro("labels", [](const Classifier& self) { return self.model.labels(); },
                     "Labels, in the model's order.")
        .def("score", [](Classifier& self, Input<uint8_t> values, Input<int64_t> offsets, size_t label,
                         bool odds, Output<float> out) {
            const Texts texts(values, offsets);
            if (label >= self.model.labels().size()) throw std::invalid_argument("label: the model has no such label");
            if (out.shape(0) != texts.count) throw std::invalid_argument("out: expected one value for each text");
            float* const data = out.data();
            nb::gil_scoped_release unlocked;
            const std::lock_guard<std::mutex> lock(self.busy);
            for (size_t i = 0; i < texts.count; ++i)
                data[i] = odds ? self.model.log_odds(texts.begin(i), texts.end(i), label)
                               : self.model.probability(texts.begin(i), texts.end(i), label);
        }, nb::arg("values"), nb::arg("offsets"), nb::arg("label"), nb::arg("odds"), nb::arg("out"),
           "Probability of a label for each line of tokens, or the logarithm of its odds; NaN where the model knows none "
           "of its features.");
}
