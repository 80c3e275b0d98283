// How many characters of each class a text holds: Simplified, Traditional, kana.
#include <cstdint>

#include "arrays.hpp"
#include "utf8.hpp"

namespace {

constexpr size_t CLASSES = 5, BMP = 0x10000;

void count(const uint8_t* p, const uint8_t* end, const uint8_t* classes, int64_t* counts) {
    while (p < end) {
        // Three bytes of U+3000-U+9FFF, which is nearly all of Chinese text, need no further test.
        if (end - p >= 3 && *p >= 0xE3 && *p <= 0xE9 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
            ++counts[classes[(*p & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)]];
            p += 3;
        } else if (*p < 0x80) {
            ++p;
        } else {
            const uint32_t c = next_code_point(p, end);
            if (c < BMP) ++counts[classes[c]];
        }
    }
}

}  // namespace

void bind_script(nb::module_& m) {
    m.def(
        "count_classes",
        [](const Input<uint8_t>& values, const Input<int64_t>& offsets, const Input<uint8_t>& classes,
           const OutputMatrix<int64_t>& counts) {
            const Texts texts(values, offsets);
            if (classes.shape(0) != BMP) throw std::invalid_argument("classes: one for each code point of the BMP");
            for (size_t c = 0; c < BMP; ++c)
                if (classes.data()[c] >= CLASSES) throw std::invalid_argument("classes: 0 to 4");
            if (counts.shape(0) != texts.count || counts.shape(1) != CLASSES)
                throw std::invalid_argument("counts: one row for each text, five columns");
            int64_t* out = counts.data();
            nb::gil_scoped_release release;
            for (size_t i = 0; i < texts.count; ++i) {
                int64_t found[CLASSES] = {};
                count(texts.begin(i), texts.end(i), classes.data(), found);
                for (size_t c = 0; c < CLASSES; ++c) out[i * CLASSES + c] = found[c];
            }
        },
        nb::arg("values"), nb::arg("offsets"), nb::arg("classes"), nb::arg("counts"),
        "Numbers of the characters above U+007F of each class in each text.");
}
