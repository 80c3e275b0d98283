// Number slots of a matching key: the characters around a figure -> the figure. How a text is read; match_numerals.hpp
// has what a figure says, match_conflicts.hpp compares.
//
// A figure is a stretch of numerals. A date or time written with units is one figure and not several, because its parts
// change together: "2024年3月5日10时30" is one, as "2024-3-5 10:30" is, whose hyphens the key skips. The context is
// CONTEXT characters of the key on either side with all figures left out, so that it depends neither on the figures near
// by nor on the form that a figure is written in. A context that occurs several times holds all of its figures.
//
// Figures of the page and not of the text do not count: when it was published, how often it was read, the number of its
// address and of its licence. Two copies of one text never agree in them.
#pragma once
#include <string>

#include "match_numerals.hpp"

namespace {

constexpr size_t CONTEXT = 3;
constexpr size_t LONGEST = 9;  // of the words below
static_assert(CONTEXT <= LONGEST, "no context may go beyond the zeros on either side of the letters");

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

// The lowest bit of a figure tells its kind, and is no part of what it says: 1 for those without a digit.
struct Slot {
    uint64_t context, figure;
    bool operator<(const Slot& other) const {
        return context != other.context ? context < other.context : figure < other.figure;
    }
    uint64_t value() const { return figure >> 1; }
    int kind() const { return figure & 1; }
};
constexpr int KINDS = 2;

// Reads texts one after the other.
class Figures {
  public:
    // Calls visit(slot) for each figure of the UTF-8 text [p, end).
    template <typename Visit>
    void operator()(const uint8_t* p, const uint8_t* end, Visit visit) {
        read_marked(p, end, key_);
        letters_.assign(LONGEST, 0);
        found_.clear();
        for (size_t i = 0, n = key_.size() - 1 - AHEAD; i < n;) {
            if (reader_.starts(key_.data(), i)) {
                i = reader_.read(key_.data(), i);
                found_.push_back({letters_.size(), (reader_.hash() & ~uint64_t{1}) | !reader_.has_digit()});
                if (is_even_sum(i)) {
                    letters_.push_back(U'元');
                    i += 2;
                }
            } else {
                letters_.push_back(key_[i++] & CODE);
            }
        }
        letters_.insert(letters_.end(), LONGEST, 0);
        for (const Found& found : found_) {
            if (is_of_page(found.at)) continue;
            uint64_t context = 1;
            for (size_t i = found.at - CONTEXT; i != found.at + CONTEXT; ++i)
                context = context * 0xD1342543DE82EF95u + letters_[i];
            visit(Slot{mix64(context), found.figure});
        }
    }

  private:
    struct Found {
        size_t at;  // the letter behind it
        uint64_t figure;
    };

    // 元整, as cheques have it, is 元.
    bool is_even_sum(size_t i) const {
        const uint32_t c = key_[i] & CODE, next = key_[i + 1];
        return (c == U'元' || c == U'圆') && (next == U'整' || next == U'正');
    }
    bool is_of_page(size_t at) const {
        for (const char32_t* word : PAGE_BEFORE)
            if (stands_at(word, at - std::char_traits<char32_t>::length(word))) return true;
        for (const char32_t* word : PAGE_BEHIND)
            if (stands_at(word, at)) return true;
        return false;
    }
    bool stands_at(const char32_t* word, size_t at) const {
        for (; *word; ++word, ++at)
            if (letters_[at] != *word) return false;
        return true;
    }

    FigureReader reader_;
    std::vector<uint32_t> key_, letters_;  // letters: characters outside figures, between LONGEST zeros
    std::vector<Found> found_;
};

}  // namespace
