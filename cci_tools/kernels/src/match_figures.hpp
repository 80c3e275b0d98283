// Number slots of a matching key: the characters around a figure -> the figure. How a text is read; match_numbers.cpp
// compares.
//
// A figure is a run of digits, with the magnitudes behind them (3万), or a run of Chinese numerals. A date or time
// written with units is one figure and not several, because its parts change together: "2024年3月5日10时30" is one, as
// "2024-3-5 10:30" is, whose punctuation the key skips. The context is CONTEXT characters of the key on either side
// with all figures left out, so that it does not depend on the figures near by. A context that occurs several times
// holds all of its figures. Figures with and without digits never share a context, so that each kind is counted alone.
//
// Figures of the page and not of the text do not count: when it was published, how often it was read, the number of its
// address and of its licence. Two copies of one text never agree in them.
#pragma once
#include <string>
#include <vector>

#include "fold.hpp"
#include "match.hpp"

namespace {

constexpr size_t CONTEXT = 3;
constexpr size_t RING = 16;
constexpr size_t LONGEST = 9;  // of the words below
static_assert(CONTEXT + LONGEST <= RING, "what stands before the first figure must be unwritten when its slot is read");

// What stands before and behind figures of the page, as characters of the key. 来源 (source) follows the date of a page
// that has no label of its own.
constexpr const char32_t* PAGE_BEFORE[] = {
    U"发布时间", U"发布日期", U"发表时间", U"发表日期", U"发稿时间", U"更新时间", U"更新日期", U"浏览", U"阅读",
    U"点击",     U"点赞",     U"评论",     U"收藏",     U"转发",     U"分享",     U"人气",     U"浏览数", U"阅读数",
    U"点击数",   U"浏览量",   U"阅读量",   U"点击量",   U"访问量",   U"览次数",   U"读次数",   U"击次数", U"问次数",
    U"载次数",   U"播放",     U"播放量",   U"回复",     U"跟帖",     U"备案号",   U"icp备",    U"copyright",
};
constexpr const char32_t* PAGE_BEHIND[] = {
    U"来源",   U"次浏览", U"次阅读", U"次点击", U"次播放", U"人浏览",
    U"人阅读", U"人评论", U"人点赞", U"条评论", U"htm",
};

// The lowest bit of a context tells the kind of its figures: 1 for those without a digit.
struct Slot {
    uint64_t context, figure;
    bool operator<(const Slot& other) const {
        return context != other.context ? context < other.context : figure < other.figure;
    }
};
constexpr int KINDS = 2;

// The numeral that c means, or 0: the two ways to write one, that of cheques and that of everyday, are the same.
uint32_t numeral(uint32_t c) {
    switch (c) {
        case U'〇': case U'零': return U'〇';
        case U'一': case U'壹': return U'一';
        case U'二': case U'贰': case U'两': return U'二';
        case U'三': case U'叁': case U'参': return U'三';
        case U'四': case U'肆': return U'四';
        case U'五': case U'伍': return U'五';
        case U'六': case U'陆': return U'六';
        case U'七': case U'柒': return U'七';
        case U'八': case U'捌': return U'八';
        case U'九': case U'玖': return U'九';
        case U'十': case U'拾': return U'十';
        case U'百': case U'佰': return U'百';
        case U'千': case U'仟': return U'千';
        case U'万': case U'亿': case U'廿': case U'卅': return c;
        default: return 0;
    }
}

bool is_magnitude(uint32_t c) { return c == U'十' || c == U'百' || c == U'千' || c == U'万' || c == U'亿'; }

// The place of a unit in a date; 0 for what is none.
int unit_order(uint32_t c) {
    switch (c) {
        case U'年': return 1;
        case U'月': return 2;
        case U'日': return 3;
        case U'时': case U'点': return 4;
        case U'分': return 5;
        default: return 0;
    }
}

// Reads the characters of a key one by one and calls visit(slot) for each figure when its right context is complete.
template <typename Visit>
class Figures {
  public:
    explicit Figures(Visit visit) : visit_(visit) {}

    void add(uint32_t c) {
        if (c >= '0' && c <= '9') {
            if (open_ && !unit_ && chinese_) close();
            part(c);
            digits_ = true;
            chinese_ = false;
        } else if (const uint32_t n = c < FIRST_HANZI ? 0 : numeral(c)) {
            const bool goes_on = open_ && !unit_ && (chinese_ || is_magnitude(n));
            if (open_ && !unit_ && !goes_on) close();
            if (!goes_on) chinese_ = true;
            part(n);
        } else if (const int order = open_ && !unit_ ? unit_order(c) : 0; order > order_) {
            unit_ = c;  // part of the figure if a digit follows
            order_ = order;
        } else {
            close();
            letter(c);
        }
    }
    void end() {
        close();
        for (size_t i = 0; i < CONTEXT; ++i) letter(0);
    }

  private:
    static constexpr uint32_t FIRST_HANZI = 0x3007;

    struct Pending {
        size_t at;
        uint64_t figure, kind;
    };

    void part(uint32_t c) {
        if (unit_) {
            before_ = mix64(before_ + number_) + unit_;
            number_ = 0;
            unit_ = 0;
        }
        open_ = true;
        if (number_ || c != '0') number_ = mix64(number_ * 16 + c);  // 03 is 3
    }
    void close() {
        if (open_) pending_.push_back({letters_, mix64(before_ + number_), !digits_});
        open_ = digits_ = chinese_ = false;
        before_ = number_ = 0;
        order_ = 0;
        if (unit_) letter(unit_);
        unit_ = 0;
    }
    void letter(uint32_t c) {
        ring_[letters_++ % RING] = c;
        while (first_ < pending_.size() && pending_[first_].at + CONTEXT == letters_) complete(pending_[first_++]);
        if (first_ == pending_.size()) {
            pending_.clear();
            first_ = 0;
        }
    }
    void complete(const Pending& figure) {
        if (is_of_page(figure.at)) return;
        uint64_t context = 1;
        for (size_t i = letters_ - 2 * CONTEXT; i != letters_; ++i)
            context = context * 0xD1342543DE82EF95u + ring_[i % RING];
        visit_(Slot{(mix64(context) & ~uint64_t{1}) | figure.kind, figure.figure});
    }
    bool is_of_page(size_t at) const {
        for (const char32_t* word : PAGE_BEFORE) {
            const size_t length = std::char_traits<char32_t>::length(word);
            if (stands_at(word, at - length)) return true;
        }
        for (const char32_t* word : PAGE_BEHIND)
            if (stands_at(word, at)) return true;
        return false;
    }
    bool stands_at(const char32_t* word, size_t at) const {
        for (; *word; ++word, ++at)
            if (ring_[at % RING] != *word) return false;
        return true;
    }

    Visit visit_;
    std::vector<Pending> pending_;  // figures whose right context is not complete, from first_ on
    size_t first_ = 0;
    uint32_t ring_[RING] = {0};  // the last characters outside figures; 0 before the text and behind it
    size_t letters_ = 0;
    // Of the open figure: whether it has a digit, whether its last run is one of numerals, the unit behind that run and
    // the place of the last unit in a date, the value of what stands before the last run, and of that run.
    bool open_ = false, digits_ = false, chinese_ = false;
    uint32_t unit_ = 0;
    int order_ = 0;
    uint64_t before_ = 0, number_ = 0;
};

template <typename Visit>
void for_each_figure(const uint8_t* p, const uint8_t* end, Visit visit) {
    static const uint32_t* const table = fold_table();
    static const uint32_t limit = fold_limit();
    Figures<Visit> figures(visit);
    while (p < end) {
        const uint32_t c = next_code_point(p, end);
        if (c < limit && table[c]) figures.add(table[c]);
    }
    figures.end();
}

}  // namespace
