// One JSON line after the other as rows of columns.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "jsonl_values.hpp"

namespace json {

constexpr int TEXT = 0, ID = 1;  // the first two columns
constexpr int REST = -1;         // the column of a field that none is named for
constexpr size_t NONE = ~size_t{0};

struct Column {
    Growing values;
    std::vector<int32_t> offsets{0};
    std::vector<uint8_t> valid;  // a bit a row
    int64_t nulls = 0;

    void end_row(bool given) {
        const size_t row = offsets.size() - 1;
        if (row % 8 == 0) valid.push_back(0);
        if (given) valid.back() = static_cast<uint8_t>(valid.back() | 1u << row % 8);
        nulls += !given;
        offsets.push_back(static_cast<int32_t>(values.size));
    }
};

enum class Kind { null, string, plain, whole, nested };  // whole: a number like 12.0

struct Bytes {
    const uint8_t* begin;
    const uint8_t* end;

    size_t size() const { return static_cast<size_t>(end - begin); }
    bool operator==(const Bytes& other) const {
        return size() == other.size() && memcmp(begin, other.begin, size()) == 0;
    }
    bool operator<(const Bytes& other) const {
        const int order = memcmp(begin, other.begin, std::min(size(), other.size()));
        return order != 0 ? order < 0 : size() < other.size();
    }
};

struct Name {
    Bytes name;
    int column;
};

struct Field {
    Bytes name;
    String raw_name;
    int column;
    int rank;  // among the names of its column
    Kind kind;
    String value;  // as it stands in the line, or where it was written again
};

class Reader {
  public:
    Reader(std::vector<Name> names, size_t columns, Bytes prefix, size_t limit, Utf8Check valid)
        : columns(columns + 2), names_(std::move(names)), prefix_(prefix), limit_(limit), valid_(valid) {
        fields_.reserve(MOST_NAMES);
    }

    std::vector<Column> columns;  // those that have names, the origin, and the rest
    std::vector<int64_t> left;    // row, begin and end of each line that is left to others

    void read(const uint8_t* data, size_t size, int64_t position) {
        const uint8_t* const end = data + size;
        columns[TEXT].values.room(size);
        for (const uint8_t* p = data; p < end;) {
            const void* found = memchr(p, '\n', static_cast<size_t>(end - p));
            const uint8_t* const stop = found == nullptr ? end : static_cast<const uint8_t*>(found);
            if (!is_blank(p, stop)) {
                const bool usable = static_cast<size_t>(stop - p) <= limit_ && valid_(p, stop) && record(p, stop);
                if (!usable) {
                    known_ = 0;
                    const auto row = static_cast<int64_t>(columns[0].offsets.size()) - 1;
                    left.insert(left.end(), {row, p - data, stop - data});
                    for (size_t i = 0; i + 2 < columns.size(); ++i) columns[i].end_row(false);
                    columns.back().end_row(false);
                }
                origin(position + (p - data));
            }
            p = stop + 1;
        }
    }

  private:
    static bool is_blank(const uint8_t* p, const uint8_t* end) {  // as bytes.strip of Python sees it
        while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) ++p;
        return p == end;
    }

    void origin(int64_t position) {
        Column& column = columns[columns.size() - 2];
        column.values.append(prefix_.begin, prefix_.end);
        const std::string digits = std::to_string(position);
        const uint8_t* const first = reinterpret_cast<const uint8_t*>(digits.data());
        column.values.append(first, first + digits.size());
        column.end_row(true);
    }

    // One line as a row of all columns but the origin; false, and nothing is left behind, where it is no such line.
    bool record(const uint8_t* p, const uint8_t* end) {
        scratch_.size = 0;
        scratch_.room(static_cast<size_t>(end - p));  // never more, so what is in it stays where it is
        if (!parse(p, end)) return false;
        const size_t count = columns.size();
        chosen_.assign(count - 2, NONE);
        for (size_t i = 0; i < fields_.size(); ++i) choose(i);
        if (chosen_[TEXT] == NONE || fields_[chosen_[TEXT]].kind != Kind::string) return false;
        size_t column = 0;
        for (; column < count - 2; ++column) {
            const size_t from = chosen_[column];
            if (from != NONE && !write(fields_[from], columns[column].values)) break;
        }
        if (column < count - 2 || !write_rest(columns[count - 1].values)) {
            for (Column& each : columns) each.values.size = static_cast<size_t>(each.offsets.back());
            return false;
        }
        for (column = 0; column < count - 2; ++column) {
            const size_t from = chosen_[column];
            const bool empty = columns[column].values.size == static_cast<size_t>(columns[column].offsets.back());
            columns[column].end_row(from != NONE && !(column == ID && empty));
        }
        Column& rest = columns[count - 1];
        rest.end_row(rest.values.size > static_cast<size_t>(rest.offsets.back()));
        return true;
    }

    // The fields of an object that takes the whole line.
    bool parse(const uint8_t* p, const uint8_t* end) {
        fields_.clear();
        bool familiar = true;  // the same names in the same order as in the line before
        p = skip_space(p, end);
        if (p == end || *p != '{') return false;
        p = skip_space(p + 1, end);
        if (p < end && *p == '}') return false;
        while (true) {
            if (p == end || *p != '"' || fields_.size() == MOST_NAMES) return false;
            Field field;
            if (!find_string(p + 1, end, field.raw_name)) return false;
            p = skip_space(field.raw_name.end + 1, end);
            if (p == end || *p != ':' || !name(field, familiar)) return false;
            p = skip_space(p + 1, end);
            if (p == end || !value(field, p, end)) return false;
            fields_.push_back(field);
            p = skip_space(p, end);
            if (p == end) return false;
            if (*p == '}') break;
            if (*p != ',') return false;
            p = skip_space(p + 1, end);
        }
        if (skip_space(p + 1, end) != end) return false;
        return (familiar && fields_.size() == known_) || lay_out();
    }

    // The name of a field, and the column that it is for.
    bool name(Field& field, bool& familiar) {
        const String& raw = field.raw_name;
        field.name = {raw.begin, raw.end};
        if (raw.escaped) {
            uint8_t* const at = scratch_.data + scratch_.size;
            uint8_t* const stop = unescape<false>(raw.begin, raw.end, at);
            if (stop == nullptr) return false;
            scratch_.size = static_cast<size_t>(stop - scratch_.data);
            field.name = {at, stop};
            familiar = false;
        }
        const size_t number = fields_.size();
        if (familiar && number < known_ && before_[number].name == field.name) {
            field.column = before_[number].column;
            field.rank = before_[number].rank;
            return true;
        }
        familiar = false;
        field.column = REST;
        field.rank = 0;
        for (size_t i = 0; i < names_.size(); ++i)
            if (names_[i].name == field.name) {
                field.column = names_[i].column;
                field.rank = static_cast<int>(i);
            }
        return true;
    }

    bool value(Field& field, const uint8_t*& p, const uint8_t* end) {
        field.value = {p, p, false};
        if (*p == '"') {
            field.kind = Kind::string;
            if (!find_string(p + 1, end, field.value)) return false;
            p = field.value.end + 1;
            return true;
        }
        if (*p == '{' || *p == '[') {
            const size_t from = scratch_.size;
            if (!write_value(p, end, scratch_, 1)) return false;
            field.kind = Kind::nested;
            field.value = {scratch_.data + from, scratch_.data + scratch_.size, false};
            return true;
        }
        bool whole = false;
        const uint8_t* const after = *p == 't'   ? literal(p, end, "true")
                                     : *p == 'f' ? literal(p, end, "false")
                                     : *p == 'n' ? literal(p, end, "null")
                                                 : number(p, end, whole);
        if (after == nullptr) return false;
        field.kind = *p == 'n' ? Kind::null : whole ? Kind::whole : Kind::plain;
        field.value.end = p = after;
        return true;
    }

    // Other names than in the line before: none may come twice. Fixes the order in which the rest is written.
    bool lay_out() {
        known_ = 0;
        order_.resize(fields_.size());
        for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
        std::sort(order_.begin(), order_.end(), [&](size_t a, size_t b) { return fields_[a].name < fields_[b].name; });
        bool escaped = false;
        for (size_t i = 0; i < order_.size(); ++i) {
            if (i != 0 && fields_[order_[i - 1]].name == fields_[order_[i]].name) return false;
            escaped = escaped || fields_[i].raw_name.escaped;
        }
        before_ = fields_;
        if (!escaped) known_ = fields_.size();
        return true;
    }

    // The first field that has something in it, or else the first that is not null, by the order of the names.
    void choose(size_t i) {
        const Field& field = fields_[i];
        if (field.column == REST || field.kind == Kind::null) return;
        size_t& best = chosen_[static_cast<size_t>(field.column)];
        if (best == NONE || worth(field) < worth(fields_[best])) best = i;
    }
    static int worth(const Field& field) {  // less is better
        const bool empty = field.kind == Kind::string && field.value.begin == field.value.end;
        return field.rank + (empty ? 1 << 20 : 0);
    }

    static bool write(const Field& field, Growing& out) {
        const String& value = field.value;
        if (!value.escaped) {
            out.append(value.begin, value.end - (field.kind == Kind::whole ? 2 : 0));
            return true;
        }
        uint8_t* const at = out.room(static_cast<size_t>(value.end - value.begin));
        uint8_t* const stop = unescape<false>(value.begin, value.end, at);
        if (stop == nullptr) return false;
        out.size = static_cast<size_t>(stop - out.data);
        return true;
    }

    // What became no column, as an object whose names are sorted. A null under the name of a column is nothing.
    bool write_rest(Growing& out) {
        uint8_t before = '{';
        for (const size_t i : order_) {
            const Field& field = fields_[i];
            if (field.column != REST &&
                (field.kind == Kind::null || chosen_[static_cast<size_t>(field.column)] == i))
                continue;
            out.append(before);
            before = ',';
            if (!write_string(field.raw_name, out)) return false;
            out.append(':');
            if (field.kind != Kind::string) out.append(field.value.begin, field.value.end);
            else if (!write_string(field.value, out)) return false;
        }
        if (before == ',') out.append('}');
        return true;
    }

    const std::vector<Name> names_;
    const Bytes prefix_;
    const size_t limit_;
    const Utf8Check valid_;
    Growing scratch_;
    std::vector<Field> fields_, before_;
    std::vector<size_t> order_, chosen_;
    size_t known_ = 0;  // fields of the line before, where their names need not be looked at again
};

}  // namespace json
