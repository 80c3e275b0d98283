// Counting the passages of documents, and cutting those that are known to repeat.
#include "passages.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "arrays.hpp"

namespace {

using namespace passages;

template <typename T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> to_array(std::vector<T>&& values) {
    auto owned = std::make_unique<std::vector<T>>(std::move(values));
    T* const data = owned->data();
    const size_t size = owned->size();
    nb::capsule owner(owned.release(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::ndarray<nb::numpy, T, nb::ndim<1>>(data, {size}, owner);
}

// Keys that documents have, each once for each document.
struct Found {
    std::vector<uint64_t> keys;
    std::vector<int32_t> texts;

    void take(std::vector<uint64_t>& of_text, size_t text) {
        std::sort(of_text.begin(), of_text.end());
        of_text.erase(std::unique(of_text.begin(), of_text.end()), of_text.end());
        keys.insert(keys.end(), of_text.begin(), of_text.end());
        texts.resize(keys.size(), static_cast<int32_t>(text));
        of_text.clear();
    }
};

nb::tuple count(const Input<uint8_t>& values, const Input<int64_t>& offsets, const Input<uint64_t>& sites,
                uint32_t line_characters, uint32_t paragraph_characters, const Output<uint8_t>& filled) {
    const Texts texts(values, offsets);
    if (sites.shape(0) != texts.count || filled.shape(0) != texts.count)
        throw std::invalid_argument("sites, filled: one for each text");
    const Limits limits{line_characters, paragraph_characters};
    Found lines, paragraphs;
    {
        nb::gil_scoped_release released;
        Page page;
        std::vector<uint64_t> keys;
        for (size_t i = 0; i < texts.count; ++i) {
            filled.data()[i] = page.read(texts.begin(i), texts.end(i), limits) && !page.content.empty();
            if (!filled.data()[i]) continue;
            if (sites.data()[i] != 0) {
                visit_site_keys(page, page.content, sites.data()[i], limits,
                                [&](uint64_t key, size_t, size_t) { keys.push_back(key); });
                lines.take(keys, i);
            }
            for (const uint32_t place : page.content)
                if (page.is_paragraph(page.lines[place], limits)) keys.push_back(page.lines[place].hash);
            paragraphs.take(keys, i);
        }
    }
    return nb::make_tuple(to_array(std::move(lines.keys)), to_array(std::move(lines.texts)),
                          to_array(std::move(paragraphs.keys)), to_array(std::move(paragraphs.texts)));
}

// Learnt keys, ascending.
struct Learnt {
    const uint64_t* keys;
    size_t count;

    explicit Learnt(const Input<uint64_t>& sorted) : keys(sorted.data()), count(sorted.shape(0)) {}
    // The place of a key; `count` where it is not among them.
    size_t find(uint64_t key) const {
        const uint64_t* const place = std::lower_bound(keys, keys + count, key);
        return place != keys + count && *place == key ? static_cast<size_t>(place - keys) : count;
    }
    bool has(uint64_t key) const { return find(key) != count; }
};

enum Fate : uint8_t { STAYS, LINE_GOES, PARAGRAPH_GOES };

struct Cutter {
    Limits limits;
    Learnt site_keys, paragraph_keys;
    const uint64_t* owners;  // of the paragraphs: the document that keeps its copy

    Page page;
    std::vector<uint8_t> fates;     // of page.lines
    std::vector<uint32_t> content;  // the lines with a key that are still there
    std::vector<uint8_t> marked;    // of `content`

    // Takes learnt lines away until no more are found: what was apart may have become neighbours.
    void cut_lines(uint64_t site) {
        if (site == 0 || site_keys.count == 0) return;
        while (!content.empty()) {
            marked.assign(content.size(), 0);
            visit_site_keys(page, content, site, limits, [&](uint64_t key, size_t first, size_t last) {
                if (site_keys.has(key)) std::fill(marked.begin() + first, marked.begin() + last + 1, 1);
            });
            for (size_t i = content.size(); i-- > 0;)  // what introduces a line that stays, stays
                if (marked[i] && (page.lines[content[i]].traits & COLON) && i + 1 < content.size() && !marked[i + 1])
                    marked[i] = 0;
            if (!drop(LINE_GOES)) return;
        }
    }

    // Takes learnt paragraphs away, unless they are the greater part of what is left: such a document is a copy as a
    // whole, and to leave pieces of it would be worse. Returns whether any went.
    bool cut_paragraphs(uint64_t owner) {
        if (paragraph_keys.count == 0) return false;
        marked.assign(content.size(), 0);
        uint64_t total = 0, going = 0;
        for (size_t i = 0; i < content.size(); ++i) {
            const Line& line = page.lines[content[i]];
            total += line.length;
            if (!page.is_paragraph(line, limits)) continue;
            const size_t place = paragraph_keys.find(line.hash);
            if (place == paragraph_keys.count || owners[place] == owner) continue;
            marked[i] = 1;
            going += line.length;
        }
        return 2 * going <= total && drop(PARAGRAPH_GOES);
    }

    bool drop(Fate fate) {
        size_t left = 0;
        for (size_t i = 0; i < content.size(); ++i) {
            if (marked[i]) fates[content[i]] = fate;
            else content[left++] = content[i];
        }
        const bool any = left < content.size();
        content.resize(left);
        return any;
    }

    // Decides for each line of the text; returns whether any goes.
    bool decide(const uint8_t* begin, const uint8_t* end, uint64_t site, uint64_t owner) {
        if (!page.read(begin, end, limits) || page.content.empty()) return false;
        fates.assign(page.lines.size(), STAYS);
        content = page.content;
        cut_lines(site);
        if (cut_paragraphs(owner)) cut_lines(site);
        if (content.empty() && page.content.size() < PAGE) return false;
        if (content.size() == page.content.size()) return false;
        cut_rest();
        return true;
    }

    // Separators between lines that go, or between these and an end; and blank lines that would stand beside
    // another or at an end.
    void cut_rest() {
        size_t at = 0;  // the first content at or behind the line
        const auto gone = [&](size_t i) { return fates[page.content[i]] != STAYS; };
        size_t head = 0, tail = page.content.size();  // the content that stays lies in head .. tail
        while (head < tail && gone(head)) ++head;
        while (tail > head && gone(tail - 1)) --tail;
        for (size_t i = 0; i < page.lines.size(); ++i) {
            if (page.lines[i].length != 0) {
                ++at;
            } else if (!(page.lines[i].traits & (BLANK | FIXED))) {
                const bool before = at > 0 && gone(at - 1), after = at < page.content.size() && gone(at);
                const bool first = at <= head, last = at >= tail;
                if ((before && (after || first || last)) || (after && (first || last))) fates[i] = LINE_GOES;
            }
        }
        size_t last = page.lines.size();  // the last line that stays; size() is none
        bool went = false;
        const auto blank_before = [&] { return last == page.lines.size() || (page.lines[last].traits & BLANK); };
        for (size_t i = 0; i < page.lines.size(); ++i) {
            const bool blank = page.lines[i].traits & BLANK;
            if (fates[i] != STAYS) went = true;
            else if (blank && went && blank_before()) fates[i] = LINE_GOES;
            else last = i, went = went && blank;
        }
        for (size_t i = page.lines.size(); went && i-- > 0;) {
            if (fates[i] != STAYS) continue;
            if (!(page.lines[i].traits & BLANK)) break;
            fates[i] = LINE_GOES;
        }
    }

    void write(std::vector<uint8_t>& out) const {
        bool first = true;
        for (size_t i = 0; i < page.lines.size(); ++i) {
            if (fates[i] != STAYS) continue;
            if (!first) out.push_back('\n');
            first = false;
            out.insert(out.end(), page.lines[i].begin, page.lines[i].end);
        }
    }
};

auto cut(const Input<uint8_t>& values, const Input<int64_t>& offsets, const Input<uint64_t>& sites,
         const Input<uint64_t>& owners, const Input<uint64_t>& site_keys, const Input<uint64_t>& paragraph_keys,
         const Input<uint64_t>& paragraph_owners, uint32_t line_characters, uint32_t paragraph_characters,
         const Output<int64_t>& cut_offsets, const Output<int32_t>& lines, const Output<int32_t>& paragraphs) {
    const Texts texts(values, offsets);
    if (sites.shape(0) != texts.count || owners.shape(0) != texts.count || lines.shape(0) != texts.count ||
        paragraphs.shape(0) != texts.count || cut_offsets.shape(0) != texts.count + 1)
        throw std::invalid_argument("sites, owners, lines, paragraphs: one for each text; cut_offsets: one more");
    if (paragraph_owners.shape(0) != paragraph_keys.shape(0))
        throw std::invalid_argument("paragraph_owners: one for each of paragraph_keys");
    std::vector<uint8_t> out;
    {
        nb::gil_scoped_release released;
        Cutter cutter{{line_characters, paragraph_characters}, Learnt(site_keys), Learnt(paragraph_keys),
                      paragraph_owners.data(), {}, {}, {}, {}};
        out.reserve(static_cast<size_t>(texts.offsets[texts.count] - texts.offsets[0]));
        cut_offsets.data()[0] = 0;
        for (size_t i = 0; i < texts.count; ++i) {
            int32_t& of_lines = lines.data()[i] = 0;
            int32_t& of_paragraphs = paragraphs.data()[i] = 0;
            if (cutter.decide(texts.begin(i), texts.end(i), sites.data()[i], owners.data()[i])) {
                for (const uint32_t place : cutter.page.content) {
                    of_lines += cutter.fates[place] == LINE_GOES;
                    of_paragraphs += cutter.fates[place] == PARAGRAPH_GOES;
                }
                cutter.write(out);
            } else {
                out.insert(out.end(), texts.begin(i), texts.end(i));
            }
            cut_offsets.data()[i + 1] = static_cast<int64_t>(out.size());
        }
    }
    return to_array(std::move(out));
}

}  // namespace

void bind_passages(nb::module_& m) {
    m.def("count_passages", &count, nb::arg("values"), nb::arg("offsets"), nb::arg("sites"),
          nb::arg("line_characters"), nb::arg("paragraph_characters"), nb::arg("filled"),
          "Keys of the lines and of the paragraphs of each text, each with the number of the text; fills `filled`.");
    m.def("cut_passages", &cut, nb::arg("values"), nb::arg("offsets"), nb::arg("sites"), nb::arg("owners"),
          nb::arg("site_keys"), nb::arg("paragraph_keys"), nb::arg("paragraph_owners"), nb::arg("line_characters"),
          nb::arg("paragraph_characters"), nb::arg("cut_offsets"), nb::arg("lines"), nb::arg("paragraphs"),
          "Bytes of the texts without learnt passages; fills their offsets and what was cut of each.");
}
