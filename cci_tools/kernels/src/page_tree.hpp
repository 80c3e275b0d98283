// Nodes of a page in document order, built from its tags in one pass and in bounded depth.
#pragma once
#include <cstdint>
#include <vector>

#include "page_tags.hpp"

namespace page {

constexpr size_t MAX_DEPTH = 512;  // as browsers do: what is deeper becomes a sibling

struct Nodes {
    std::vector<uint8_t> tag;
    std::vector<int32_t> parent;      // -1 for the outermost
    std::vector<int32_t> after;       // the first node that is not inside
    std::vector<int32_t> start, stop; // bytes of a text, or of an element's attributes
    std::vector<int32_t> chars;       // of a text: characters that are not space
    std::vector<int32_t> marks;       // of a text: marks of Chinese prose among them
};

class Tree {
  public:
    Nodes nodes;

    // True inside <pre> and <textarea>, where spaces count.
    bool in_pre() const { return open_[PRE] > 0; }

    void text(int32_t start, int32_t stop, int32_t chars, int32_t marks) {
        add(TEXT, start, stop);
        nodes.chars.back() = chars;
        nodes.marks.back() = marks;
    }

    // Returns whether the element waits for its end tag.
    bool open(uint8_t tag, int32_t start, int32_t stop) {
        const uint16_t traits = TAGS[tag].traits;
        if (tag == BODY && open_[BODY]) return false;
        if (traits & BLOCK) close_open_paragraph();
        if (tag == LI) close_kind(LI, LI, UL, OL);
        if (tag == DD || tag == DT) close_kind(DD, DT, DL, DL);
        if (tag == OPTION || tag == OPTGROUP) close_kind(OPTION, OPTION, SELECT, OPTGROUP);
        if (tag == A) close_anchor();
        if (traits & TABLE_PART) close_table_part(tag);
        const int32_t node = add(tag, start, stop);
        if (traits & VOID || tag == OTHER) return false;
        if (stack_.size() >= MAX_DEPTH) return false;
        stack_.push_back(node);
        ++open_[tag];
        return true;
    }

    void close(uint8_t tag) {
        if (tag == BODY || tag == OTHER || !open_[tag]) return;  // what stands behind </body> is shown as well
        const uint16_t traits = TAGS[tag].traits;
        for (size_t at = stack_.size(); at-- > 0;) {
            const uint8_t other = nodes.tag[stack_[at]];
            if (other == tag) return pop_to(at);
            const uint16_t inner = TAGS[other].traits;
            if (traits & BLOCK ? inner & BOUNDARY && !(traits & TABLE_PART && other != TABLE) && tag != TABLE
                               : inner & BLOCK)
                return;
        }
    }

    void finish() { pop_to(0); }

  private:
    static constexpr uint8_t A = page::tag("a"), BODY = page::tag("body"), DD = page::tag("dd"), DL = page::tag("dl"),
                             DT = page::tag("dt"), LI = page::tag("li"), OL = page::tag("ol"),
                             OPTGROUP = page::tag("optgroup"), OPTION = page::tag("option"), P = page::tag("p"),
                             PRE = page::tag("pre"), SELECT = page::tag("select"), TABLE = page::tag("table"),
                             TD = page::tag("td"), TH = page::tag("th"), TR = page::tag("tr"), UL = page::tag("ul"),
                             CAPTION = page::tag("caption");

    std::vector<int32_t> stack_;
    int32_t open_[TAG_COUNT] = {};

    int32_t add(uint8_t tag, int32_t start, int32_t stop) {
        const int32_t node = static_cast<int32_t>(nodes.tag.size());
        nodes.tag.push_back(tag);
        nodes.parent.push_back(stack_.empty() ? -1 : stack_.back());
        nodes.after.push_back(node + 1);
        nodes.start.push_back(start);
        nodes.stop.push_back(stop);
        nodes.chars.push_back(0);
        nodes.marks.push_back(0);
        return node;
    }

    void pop_to(size_t size) {
        const int32_t end = static_cast<int32_t>(nodes.tag.size());
        while (stack_.size() > size) {
            nodes.after[stack_.back()] = end;
            --open_[nodes.tag[stack_.back()]];
            stack_.pop_back();
        }
    }

    void close_open_paragraph() {
        if (!open_[P]) return;
        for (size_t at = stack_.size(); at-- > 0;) {
            const uint8_t tag = nodes.tag[stack_[at]];
            if (tag == P) return pop_to(at);
            if (TAGS[tag].traits & BOUNDARY) return;
        }
    }

    // Close an open `one` or `other`, unless a list of its own has been opened inside.
    void close_kind(uint8_t one, uint8_t other, uint8_t list, uint8_t list_too) {
        if (!open_[one] && !open_[other]) return;
        for (size_t at = stack_.size(); at-- > 0;) {
            const uint8_t tag = nodes.tag[stack_[at]];
            if (tag == one || tag == other) return pop_to(at);
            if (tag == list || tag == list_too || TAGS[tag].traits & BOUNDARY) return;
        }
    }

    // A link does not stand in a link: the first has lost its end tag.
    void close_anchor() {
        if (!open_[A]) return;
        for (size_t at = stack_.size(); at-- > 0;) {
            const uint8_t tag = nodes.tag[stack_[at]];
            if (tag == A) return pop_to(at);
            if (TAGS[tag].traits & BOUNDARY) return;
        }
    }

    static int level(uint8_t tag) { return tag == TD || tag == TH ? 2 : tag == TR ? 1 : 0; }

    // A cell ends the cell before, a row the row before, a group of rows whatever is open in its table.
    void close_table_part(uint8_t tag) {
        for (size_t at = stack_.size(); at-- > 0;) {
            const uint8_t other = nodes.tag[stack_[at]];
            if (other == TABLE) return;
            if (!(TAGS[other].traits & TABLE_PART)) continue;
            if (level(other) < level(tag)) return;
            pop_to(at);
        }
    }
};

}  // namespace page
