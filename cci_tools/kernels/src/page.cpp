// HTML to a flat tree: lenient, linear in the bytes whatever they are, and never deeper than MAX_DEPTH.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "arrays.hpp"
#include "page_tree.hpp"
#include "utf8.hpp"

namespace {

using namespace page;

bool is_letter(uint8_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_wide_space(uint32_t c) {
    return c == 0xA0 || c == 0x3000 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200F) || c == 0x2028 || c == 0x2029;
}

// Marks of sentences and clauses, of which running prose has one in fifteen characters and a list of links hardly any.
bool is_mark(uint32_t c) {
    switch (c) {
        case 0x3001: case 0x3002: case 0xFF0C: case 0xFF01: case 0xFF1F: case 0xFF1B: case 0xFF1A:
        case 0x201C: case 0x201D: case 0x300C: case 0x300D: case 0x2026: case 0xFF0E: case ',': case ';':
            return true;
        default:
            return false;
    }
}

class Reader {
  public:
    Reader(const uint8_t* data, size_t size, size_t limit) : data_(data), size_(size), limit_(limit) {}

    Nodes read() {
        size_t at = 0;
        while (at < size_ && tree_.nodes.tag.size() <= limit_) {
            const size_t open = find('<', at);
            if (open > at) text(at, open);
            if (open == size_) break;
            at = markup(open);
        }
        tree_.finish();
        return std::move(tree_.nodes);
    }

  private:
    const uint8_t* data_;
    const size_t size_, limit_;
    Tree tree_;
    bool after_inline_ = false;  // a space here parts two words
    bool lost_[4] = {};          // no ' or " or --> or </title> from here to the end: do not look again, or time is squared

    size_t find(uint8_t byte, size_t at) const {
        if (at >= size_) return size_;
        const void* hit = std::memchr(data_ + at, byte, size_ - at);
        return hit ? static_cast<size_t>(static_cast<const uint8_t*>(hit) - data_) : size_;
    }

    bool has(const char* literal, size_t at) const {
        const size_t length = std::strlen(literal);
        return at + length <= size_ && std::memcmp(data_ + at, literal, length) == 0;
    }

    void text(size_t start, size_t stop) {
        int32_t chars = 0, marks = 0;
        const uint8_t* p = data_ + start;
        const uint8_t* const end = data_ + stop;
        while (p < end) {
            if (*p < 0x80) {
                chars += !is_space(*p);
                marks += *p == ',' || *p == ';';
                if (*p == '&') {  // an entity is one character, or a space
                    const uint8_t* q = p + 1;
                    while (q < end && q - p < 10 && (is_letter(*q) || *q == '#' || (*q >= '0' && *q <= '9'))) ++q;
                    if (q < end && *q == ';') {
                        const bool space = q - p == 5 && (std::memcmp(p, "&nbsp", 5) == 0 || std::memcmp(p, "&emsp", 5) == 0 ||
                                                          std::memcmp(p, "&ensp", 5) == 0 || std::memcmp(p, "&#160", 5) == 0);
                        chars -= space;
                        p = q;
                    }
                }
                ++p;
                continue;
            }
            const uint32_t c = next_code_point(p, end);
            chars += !is_wide_space(c);
            marks += is_mark(c);
        }
        if (chars || tree_.in_pre() || after_inline_)
            tree_.text(static_cast<int32_t>(start), static_cast<int32_t>(stop), chars, marks);
        after_inline_ = chars > 0;
    }

    // What begins at the "<" at this position; returns where it ends.
    size_t markup(size_t at) {
        if (at + 1 >= size_) {
            text(at, size_);
            return size_;
        }
        const uint8_t next = data_[at + 1];
        if (is_letter(next)) return start_tag(at + 1);
        if (next == '/' && at + 2 < size_ && is_letter(data_[at + 2])) {
            size_t stop = at + 2;
            const uint8_t tag = name(stop);
            tree_.close(tag);
            after_inline_ = !(TAGS[tag].traits & BLOCK);
            return past(stop);
        }
        if (next == '!' && has("<!--", at)) return comment(at);
        if (next == '!' || next == '?' || next == '/') return past(at + 2);
        text(at, at + 1);  // a mere "less than"
        return at + 1;
    }

    size_t past(size_t at) const {
        const size_t stop = find('>', at);
        return stop == size_ ? size_ : stop + 1;
    }

    size_t comment(size_t at) {
        if (!lost_[2]) {
            for (size_t stop = find('-', at + 4); stop < size_; stop = find('-', stop + 1)) {
                if (has("-->", stop)) return stop + 3;
            }
            lost_[2] = true;
        }
        return past(at + 4);  // never closed: what a browser would hide to the end of the page is read
    }

    // Tag number of the name at this position, which moves behind it.
    uint8_t name(size_t& at) const {
        const size_t start = at;
        while (at < size_ && !is_space(data_[at]) && data_[at] != '>' && data_[at] != '/' && data_[at] != '<') ++at;
        return find_tag(data_ + start, at - start);
    }

    size_t start_tag(size_t at) {
        const uint8_t tag = name(at);
        const size_t start = at;
        bool closed = false;
        while (at < size_ && data_[at] != '>') {
            const uint8_t c = data_[at];
            if (c == '<' && at + 1 < size_ && (is_letter(data_[at + 1]) || data_[at + 1] == '/')) break;  // a lost ">"
            closed = c == '/' && at + 1 < size_ && data_[at + 1] == '>';
            if (c == '=') {
                ++at;
                while (at < size_ && is_space(data_[at])) ++at;
                if (at < size_ && (data_[at] == '"' || data_[at] == '\'')) at = quoted(at);
                else while (at < size_ && !is_space(data_[at]) && data_[at] != '>') ++at;  // may hold "/" and "="
                continue;
            }
            ++at;
        }
        const bool waits = tree_.open(tag, static_cast<int32_t>(start), static_cast<int32_t>(at));
        after_inline_ = !(TAGS[tag].traits & BLOCK) && tag != BR;
        if (at < size_ && data_[at] == '>') ++at;
        if (TAGS[tag].traits & RAW && !closed) return raw(tag, at, waits);
        if (waits && closed && tag != OTHER && !(TAGS[tag].traits & BLOCK)) tree_.close(tag);
        return at;
    }

    size_t quoted(size_t at) {
        const uint8_t quote = data_[at];
        bool& lost = lost_[quote == '"'];
        const size_t stop = lost ? size_ : find(quote, at + 1);
        if (stop < size_) return stop + 1;
        lost = true;
        return at + 1;
    }

    // The content of an element that holds no markup, up to its end tag.
    size_t raw(uint8_t tag, size_t at, bool waits) {
        const size_t length = std::strlen(TAGS[tag].name);
        size_t stop = at, end = size_;
        for (;; ++stop) {
            stop = tag == TITLE && lost_[3] ? size_ : find('<', stop);
            if (stop == size_) break;
            if (stop + 2 + length > size_ || data_[stop + 1] != '/') continue;
            size_t name_end = stop + 2;
            if (name(name_end) == tag) {
                end = past(name_end);
                break;
            }
        }
        if (stop == size_ && tag == TITLE) {  // never closed: it ends where markup begins
            lost_[3] = true;
            stop = end = find('<', at);
        }
        if ((tag == TITLE || tag == TEXTAREA || tag == XMP) && stop > at) text(at, stop);
        if (waits) tree_.close(tag);
        return end;
    }

    static constexpr uint8_t BR = page::tag("br"), TITLE = page::tag("title"), TEXTAREA = page::tag("textarea"),
                             XMP = page::tag("xmp");
};

template <typename T>
void copy(const std::vector<T>& from, const Output<T>& to) {
    if (to.shape(0) < from.size()) throw std::invalid_argument("output: too short for the nodes of the page");
    if (!from.empty()) std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
}

struct Parsed {
    Nodes nodes;
};

}  // namespace

void bind_page(nb::module_& m) {
    nb::class_<Parsed>(m, "PageNodes", "Nodes of a parsed page, to be copied into arrays.")
        .def("__len__", [](const Parsed& self) { return self.nodes.tag.size(); })
        .def(
            "copy_to",
            [](const Parsed& self, Output<uint8_t> tag, Output<int32_t> parent, Output<int32_t> after,
               Output<int32_t> start, Output<int32_t> stop, Output<int32_t> chars, Output<int32_t> marks) {
                copy(self.nodes.tag, tag);
                copy(self.nodes.parent, parent);
                copy(self.nodes.after, after);
                copy(self.nodes.start, start);
                copy(self.nodes.stop, stop);
                copy(self.nodes.chars, chars);
                copy(self.nodes.marks, marks);
            },
            nb::arg("tag"), nb::arg("parent"), nb::arg("after"), nb::arg("start"), nb::arg("stop"), nb::arg("chars"),
            nb::arg("marks"), "Write the nodes into arrays of at least their number.");
    m.def(
        "page_nodes",
        [](Input<uint8_t> values, size_t limit) {
            if (values.shape(0) > static_cast<size_t>(INT32_MAX)) throw std::invalid_argument("values: over 2 GiB");
            nb::gil_scoped_release release;
            return Parsed{Reader(values.data(), values.shape(0), limit).read()};
        },
        nb::arg("values"), nb::arg("limit"),
        "Nodes of one HTML page in UTF-8, in document order; reading stops when there are more than limit.");
    m.def(
        "page_tags",
        [] {
            std::vector<std::string> names;
            for (const Tag& tag : TAGS) names.emplace_back(tag.name);
            return names;
        },
        "Names of the tag numbers.");
    m.def(
        "page_traits",
        [] {
            std::vector<int> traits;
            for (const Tag& tag : TAGS) traits.push_back(tag.traits);
            return traits;
        },
        "Traits of the tag numbers: 1 void, 2 raw, 4 block, 8 boundary, 16 part of a table.");
}
