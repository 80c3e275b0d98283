// What a figure says, however it is written: 3, ３, 三, 叁, ③ and Ⅲ are one number, and so are 100万 and 一百万,
// 90%, 百分之九十 and 九成, 2024年3月 and 二〇二四年三月, 3.5 and 三点五.
//
// A figure is a stretch of numerals, whatever their form, and its value a string of decimal digits: digits stand for
// themselves, and what has a magnitude (十 to 亿) is worked out. Numbers that meet are written one behind the other, so
// that 三、四 is 3、4 and 星期一九点 is 星期一9点. Units of date and time, and a decimal point, divide the parts of a
// figure; per cent follows its number.
#pragma once
#include "match_key.hpp"

namespace {

// Reads one figure after the other.
class FigureReader {
  public:
    bool starts(const uint32_t* key, size_t i) const {
        return is_numeral(key[i]) || ((key[i] & UPPER) && capitals_end(key, i) > i);
    }
    // Reads the figure that starts at i; returns the place behind it.
    size_t read(const uint32_t* key, size_t i) {
        key_ = key;
        before_ = number_ = 0;
        begun_ = digits_ = false;
        int order = 0;
        for (const size_t start = i;;) {
            for (bool first = true; starts(key, i); first = false) {
                if (!first && decimal(i)) unit(U'点');
                i = number(i, i == start);
            }
            const int next = unit_order(code(i));
            if (next <= order || !is_numeral(key[i + 1])) return i;
            order = next;
            unit(code(i++));
        }
    }
    uint64_t hash() const { return mix64(before_ + number_); }
    bool has_digit() const { return digits_; }

  private:
    static constexpr uint64_t SCALE[] = {10, 100, 1000, 10'000, 100'000'000};
    static constexpr size_t EXPONENT[] = {1, 2, 3, 4, 8};
    static constexpr size_t FITTING = 8;  // digits behind a magnitude at most

    static uint8_t class_of(uint32_t marked) {
        const uint32_t c = marked & CODE;
        return c <= LAST_NUMERAL ? table_[c] : 0;
    }
    static bool is_numeral(uint32_t marked) { return class_of(marked) || (marked & ROMAN); }
    static bool is_arabic(uint32_t marked) { return class_of(marked) >= DIGIT && class_of(marked) < CHINESE; }
    static bool is_digit(uint32_t marked) { return class_of(marked) >= DIGIT && class_of(marked) < MAGNITUDE; }
    static bool is_magnitude(uint32_t marked) { return class_of(marked) >= MAGNITUDE && class_of(marked) < TENS; }
    static uint32_t digit(uint32_t marked) { return (class_of(marked) - DIGIT) % 10u; }

    // The place of a unit in a date; 0 for what is none.
    static int unit_order(uint32_t c) {
        switch (c) {
            case U'年': return 1;
            case U'月': return 2;
            case U'日': return 3;
            case U'时': case U'点': return 4;
            case U'分': return 5;
            default: return 0;
        }
    }
    uint32_t code(size_t i) const { return key_[i] & CODE; }
    bool is_word(size_t i, const char32_t* word) const {
        for (; *word; ++word, ++i)
            if (code(i) != static_cast<uint32_t>(*word)) return false;
        return true;
    }
    bool decimal(size_t i) const { return (key_[i] & POINT) && is_arabic(key_[i]) && is_arabic(key_[i - 1]); }
    bool parted(size_t i) const { return (key_[i] & (PERCENT | PERMILLE)) || decimal(i); }
    size_t digits_end(size_t i) const {
        const size_t start = i;
        while (is_digit(key_[i]) && (i == start || !parted(i))) ++i;
        return i;
    }

    // Decimal digits of the value, without zeros in front but behind a point.
    void put(uint32_t c) {
        if (c == '0' && !begun_) return;
        begun_ = true;
        number_ = mix64(number_ * 16 + c);
    }
    void put_digits(size_t i, size_t end) {
        for (; i < end; ++i) {
            digits_ |= is_arabic(key_[i]);
            put('0' + digit(key_[i]));
        }
    }
    void put_value(uint64_t value) {
        char decimals[20];
        int n = 0;
        for (; value; value /= 10) decimals[n++] = static_cast<char>('0' + value % 10);
        if (!n) decimals[n++] = '0';
        while (n) put(static_cast<uint32_t>(decimals[--n]));
    }
    void unit(uint32_t c) {
        if (c == U'时') c = U'点';
        before_ = mix64(before_ + number_) + c;
        number_ = 0;
        begun_ = c == U'点';
    }

    // A number with what tells that it is a percentage.
    size_t number(size_t i, bool first) {
        uint32_t mark = 0;
        const uint8_t magnitude = class_of(key_[i]);
        if (magnitude > MAGNITUDE && magnitude < MAGNITUDE + 4 && is_word(i + 1, U"分之") && is_numeral(key_[i + 3])) {
            constexpr uint32_t marks[] = {'%', U'‰', U'‱'};
            mark = marks[magnitude - MAGNITUDE - 1];
            i = plain(i + 3, false);
            if (code(i) == U'点' && is_digit(key_[i + 1]))
                unit(U'点'), i = plain(i + 1, false);
            else if (decimal(i))
                unit(U'点'), i = plain(i, false);
        } else {
            i = plain(i, first);
        }
        if (key_[i] & PERCENT) mark = '%';
        if (key_[i] & PERMILLE) mark = U'‰';
        if (mark) put(mark);
        return i;
    }
    size_t plain(size_t i, bool first) {
        if (key_[i] & ROMAN) return roman_signs(i);
        if (const size_t end = (key_[i] & UPPER) ? capitals_end(key_, i) : i; end > i) {
            put_value(capitals_value(key_, i, end));
            return end;
        }
        if (class_of(key_[i]) == WHOLE) {
            digits_ = true;
            for (const Range& range : WHOLES)
                if (code(i) >= range.first && code(i) <= range.last) put_value(code(i) - range.first + range.value);
            return i + 1;
        }
        if (!is_digit(key_[i])) return positional(i);
        if (first && is_weekday(i)) {
            put_digits(i, i + 1);
            return i + 1;
        }
        const size_t end = digits_end(i);
        if (is_magnitude(key_[end]) && !(key_[end] & GAP)) return positional(i);
        if (const Fraction fraction = fraction_at(end); fraction.zeros) {
            put_digits(i, end);
            return put_scaled(fraction);
        }
        put_digits(i, end);
        if (first && end == i + 1 && digit(key_[i]) && is_tenths(end)) {
            put('0'), put('%');
            return end + 1;
        }
        return end;
    }
    // 星期三十点 is Wednesday at ten.
    bool is_weekday(size_t i) const {
        return i >= 2 && !(key_[i] & SKIPPED) && (is_word(i - 2, U"星期") || is_word(i - 2, U"礼拜"));
    }
    // Whether 成 at i says tenths: what follows must leave no doubt.
    bool is_tenths(size_t i) const {
        if (code(i) != U'成' || (key_[i] & SKIPPED)) return false;
        if (key_[i + 1] & GAP) return true;
        const uint32_t c = code(i + 1);
        return c == U'以' || c == U'左' || c == U'多' || c == U'的' || c == U'是';
    }
    // What makes 1.5万, and 一百点五万, a whole number: the digits behind the point, and the magnitudes behind those.
    struct Fraction {
        size_t begin, end, behind, zeros;
    };
    // `zeros` is 0 if there are no magnitudes behind.
    Fraction fraction_at(size_t i) const {
        size_t begin = i;
        if (code(i) == U'点' && is_digit(key_[i + 1]))
            ++begin;
        else if (!i || !decimal(i))
            return {i, i, i, 0};
        const size_t end = digits_end(begin);
        size_t behind = end, zeros = 0;
        for (; is_magnitude(key_[behind]) && !(key_[behind] & GAP) && class_of(key_[behind]) != MAGNITUDE; ++behind)
            zeros += EXPONENT[class_of(key_[behind]) - MAGNITUDE];
        return {begin, end, behind, zeros};
    }
    size_t put_scaled(const Fraction& fraction) {
        size_t zeros = fraction.zeros;
        const size_t point = fraction.begin + std::min(zeros, fraction.end - fraction.begin);
        put_digits(fraction.begin, point);
        for (zeros -= point - fraction.begin; zeros; --zeros) put('0');
        if (point < fraction.end) unit(U'点');
        put_digits(point, fraction.end);
        return fraction.behind;
    }
    // A number with magnitudes: 一百零五, 3亿5000万, 两万五.
    size_t positional(size_t i) {
        uint64_t total = 0, section = 0, current = 0, last = 0;
        bool has = false, zero = false, single = false;
        for (;;) {
            if (last && (key_[i] & GAP)) break;
            const uint8_t c = class_of(key_[i]);
            if (is_digit(key_[i])) {
                if (has) break;
                size_t end = i, k = i;
                while (is_digit(key_[end]) && (end == i || !(parted(end) || (last && (key_[end] & GAP))))) ++end;
                if (last)
                    while (k < end && !digit(key_[k])) ++k;
                uint64_t value = 0;
                for (size_t j = k; j < end; ++j) value = value * 10 + digit(key_[j]);
                zero = last && k > i;
                single = end - k == 1;
                if (!last || (end - k <= FITTING && value < last)) {
                    has = !last || k < end;
                } else if (end - k == 2 && !zero) {  // 十二三: twelve, and the 3 of 13
                    value = digit(key_[i]);
                    has = true;
                    end = i + 1;
                } else {
                    break;
                }
                current = value;
                for (; i < end; ++i) digits_ |= is_arabic(key_[i]);
            } else if (c >= MAGNITUDE && c < TENS) {
                const uint64_t scale = SCALE[c - MAGNITUDE], here = section + (has ? current : 0);
                const bool of_all = last && (scale > last || (scale == last && !has));  // 二十五千米, 三千千瓦
                last = scale;
                if (c < MAGNITUDE + 3) {
                    section = of_all && here ? here * last : section + (has ? current : 1) * last;
                } else if (c == MAGNITUDE + 3) {
                    total += (here || has ? here : 1) * last;
                    section = 0;
                } else {
                    total = (total + here || has ? total + here : 1) * last;
                    section = 0;
                }
                has = zero = false;
                ++i;
            } else if (c >= TENS && c < WHOLE && !has) {
                last = 10;
                section += 10u * (c - TENS + 2);
                zero = false;
                ++i;
            } else {
                break;
            }
        }
        if (has) total += current * (!zero && single && last >= 100 ? last / 10 : 1);
        put_value(total + section);
        const Fraction fraction = fraction_at(i);
        return fraction.zeros ? put_scaled(fraction) : i;
    }
    size_t roman_signs(size_t i) {
        const auto value = [this](size_t at) -> uint64_t {
            constexpr uint64_t large[] = {50, 100, 500, 1000};
            const uint32_t n = (code(at) - 0x2160) % 16;
            return n < 12 ? n + 1 : large[n - 12];
        };
        uint64_t total = 0;
        for (bool more = true; more; ++i) {
            more = (key_[i + 1] & (ROMAN | SKIPPED)) == ROMAN;
            total += more && value(i) < value(i + 1) ? 0 - value(i) : value(i);
        }
        put_value(total);
        return i;
    }

    static inline const std::array<uint8_t, LAST_NUMERAL + 1>& table_ = numeral_table();
    const uint32_t* key_ = nullptr;
    // Of the figure: the value of the parts before the last unit, that of the last part, whether it has a digit that is
    // put down, and whether the figure has a digit that is no Chinese numeral.
    uint64_t before_ = 0, number_ = 0;
    bool begun_ = false, digits_ = false;
};

}  // namespace
