// JSON values: strings, numbers, and whatever is nested, written again as one canonical form. What is unusual (a number
// that may lose digits, half of a surrogate pair, a name given twice) is refused, not wrong: a slower reader takes it.
#pragma once
#include "jsonl.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace json {

constexpr int DEEPEST = 32;          // levels of nesting
constexpr size_t MOST_NAMES = 64;    // fields of an object
constexpr int MOST_INT_DIGITS = 18;  // fewer than any 64-bit integer has
constexpr int MOST_DIGITS = 15;      // of a fraction: every double with so many is written as it was

// The first quote, backslash or control character, or the end. Copies what it passes where `out` is given.
template <bool COPY>
inline const uint8_t* plain(const uint8_t* p, const uint8_t* end, uint8_t*& out) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                                             _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
        const unsigned found = static_cast<unsigned>(_mm_movemask_epi8(special));
        if (COPY) _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
        if (found != 0) {
            const int at = __builtin_ctz(found);
            if (COPY) out += at;
            return p + at;
        }
        if (COPY) out += 16;
    }
#endif
    for (; p < end && *p != '"' && *p != '\\' && *p >= 0x20; ++p)
        if (COPY) *out++ = *p;
    return p;
}

struct String {
    const uint8_t* begin;
    const uint8_t* end;  // the closing quote
    bool escaped;
};

// The string that begins behind a quote.
inline bool find_string(const uint8_t* p, const uint8_t* end, String& string) {
    string.begin = p;
    string.escaped = false;
    for (uint8_t* none = nullptr;;) {
        p = plain<false>(p, end, none);
        if (p == end || *p < 0x20) return false;
        if (*p == '"') break;
        string.escaped = true;
        if (end - p < 2) return false;
        p += 2;
    }
    string.end = p;
    return true;
}

inline bool hex4(const uint8_t* p, const uint8_t* end, uint32_t& value) {
    if (end - p < 4) return false;
    value = 0;
    for (int i = 0; i < 4; ++i) {
        const uint8_t c = p[i], letter = c | 0x20;
        if (c >= '0' && c <= '9') value = value << 4 | (c - '0');
        else if (letter >= 'a' && letter <= 'f') value = value << 4 | (letter - 'a' + 10);
        else return false;
    }
    return true;
}

inline uint8_t* put_utf8(uint32_t c, uint8_t* out) {
    if (c < 0x80) {
        *out++ = static_cast<uint8_t>(c);
    } else if (c < 0x800) {
        *out++ = static_cast<uint8_t>(0xC0 | c >> 6);
        *out++ = static_cast<uint8_t>(0x80 | (c & 0x3F));
    } else {
        if (c < 0x10000) {
            *out++ = static_cast<uint8_t>(0xE0 | c >> 12);
        } else {
            *out++ = static_cast<uint8_t>(0xF0 | c >> 18);
            *out++ = static_cast<uint8_t>(0x80 | (c >> 12 & 0x3F));
        }
        *out++ = static_cast<uint8_t>(0x80 | (c >> 6 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (c & 0x3F));
    }
    return out;
}

// A character that was escaped, as it is written in JSON: escaped only where it must be.
inline uint8_t* put_json(uint32_t c, uint8_t* out) {
    constexpr char hex[] = "0123456789abcdef";
    uint8_t letter = 0;
    switch (c) {
        case '"': case '\\': letter = static_cast<uint8_t>(c); break;
        case '\b': letter = 'b'; break;
        case '\f': letter = 'f'; break;
        case '\n': letter = 'n'; break;
        case '\r': letter = 'r'; break;
        case '\t': letter = 't'; break;
        default: break;
    }
    if (letter == 0 && c >= 0x20) return put_utf8(c, out);
    *out++ = '\\';
    if (letter != 0) {
        *out++ = letter;
        return out;
    }
    *out++ = 'u';
    *out++ = '0';
    *out++ = '0';
    *out++ = static_cast<uint8_t>(hex[c >> 4]);
    *out++ = static_cast<uint8_t>(hex[c & 15]);
    return out;
}

// The inside of a string without its escapes, or as canonical JSON; never longer than it was. Null where an escape is
// none, or half of a surrogate pair. `out` has `Growing::SLACK` bytes to spare.
template <bool JSON>
inline uint8_t* unescape(const uint8_t* p, const uint8_t* end, uint8_t* out) {
    while (true) {
        p = plain<true>(p, end, out);
        if (p == end) return out;
        if (end - p < 2) return nullptr;
        uint32_t c = p[1];
        p += 2;
        switch (c) {
            case '"': case '\\': case '/': break;
            case 'b': c = '\b'; break;
            case 'f': c = '\f'; break;
            case 'n': c = '\n'; break;
            case 'r': c = '\r'; break;
            case 't': c = '\t'; break;
            case 'u': {
                if (!hex4(p, end, c)) return nullptr;
                p += 4;
                if (c >= 0xDC00 && c < 0xE000) return nullptr;
                if (c >= 0xD800 && c < 0xDC00) {
                    uint32_t low;
                    if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !hex4(p + 2, end, low)) return nullptr;
                    if (low < 0xDC00 || low > 0xDFFF) return nullptr;
                    p += 6;
                    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                }
                break;
            }
            default: return nullptr;
        }
        out = JSON ? put_json(c, out) : put_utf8(c, out);
    }
}

inline bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

inline const uint8_t* skip_space(const uint8_t* p, const uint8_t* end) {
    while (p < end && is_space(*p)) ++p;
    return p;
}

inline bool is_digit(const uint8_t* p, const uint8_t* end) { return p < end && *p >= '0' && *p <= '9'; }

// The end of a number that every reader writes again as it stands, or null. `whole` is set for one like 12.0.
inline const uint8_t* number(const uint8_t* p, const uint8_t* end, bool& whole) {
    whole = false;
    const bool negative = *p == '-';
    p += negative;
    const uint8_t* const first = p;
    while (is_digit(p, end)) ++p;
    const auto integer = p - first;
    if (integer == 0 || integer > MOST_INT_DIGITS || (integer > 1 && *first == '0')) return nullptr;
    if (p == end || (*p != '.' && *p != 'e' && *p != 'E')) return negative && *first == '0' ? nullptr : p;
    if (*p != '.') return nullptr;
    const uint8_t* const fraction = ++p;
    while (is_digit(p, end)) ++p;
    const auto digits = p - fraction;
    if (digits == 0 || integer + digits > MOST_DIGITS || (p < end && (*p == 'e' || *p == 'E'))) return nullptr;
    if (p[-1] == '0') {
        whole = digits == 1;
        return whole && !(negative && *first == '0') ? p : nullptr;
    }
    // Small numbers are written with an exponent.
    if (*first == '0' && digits > 2 && fraction[0] == '0' && fraction[1] == '0' && fraction[2] == '0') return nullptr;
    return p;
}

inline const uint8_t* literal(const uint8_t* p, const uint8_t* end, const char* word) {
    for (; *word != 0; ++word, ++p)
        if (p == end || *p != static_cast<uint8_t>(*word)) return nullptr;
    return p;
}

inline bool write_string(const String& string, Growing& out) {
    const size_t length = static_cast<size_t>(string.end - string.begin);
    uint8_t* at = out.room(length + 2);
    *at++ = '"';
    if (string.escaped) {
        at = unescape<true>(string.begin, string.end, at);
        if (at == nullptr) return false;
    } else {
        memcpy(at, string.begin, length);
        at += length;
    }
    *at++ = '"';
    out.size = static_cast<size_t>(at - out.data);
    return true;
}

// Writes the value at p without spaces, and moves p behind it.
inline bool write_value(const uint8_t*& p, const uint8_t* end, Growing& out, int depth) {
    p = skip_space(p, end);
    if (p == end || depth > DEEPEST) return false;
    const uint8_t kind = *p;
    if (kind == '"') {
        String string;
        if (!find_string(p + 1, end, string) || !write_string(string, out)) return false;
        p = string.end + 1;
        return true;
    }
    if (kind != '{' && kind != '[') {
        bool whole;
        const uint8_t* after = kind == 't'   ? literal(p, end, "true")
                               : kind == 'f' ? literal(p, end, "false")
                               : kind == 'n' ? literal(p, end, "null")
                                             : number(p, end, whole);
        if (after == nullptr) return false;
        out.append(p, after);
        p = after;
        return true;
    }
    const uint8_t close = kind == '{' ? '}' : ']';
    size_t names[MOST_NAMES][2];  // where they stand in `out`
    size_t count = 0;
    out.append(kind);
    p = skip_space(p + 1, end);
    if (p < end && *p == close) {
        out.append(*p++);
        return true;
    }
    while (true) {
        if (kind == '{') {
            p = skip_space(p, end);
            String name;
            if (p == end || *p != '"' || count == MOST_NAMES || !find_string(p + 1, end, name)) return false;
            names[count][0] = out.size;
            if (!write_string(name, out)) return false;
            names[count][1] = out.size;
            const size_t length = out.size - names[count][0];
            for (size_t i = 0; i < count; ++i)
                if (names[i][1] - names[i][0] == length &&
                    memcmp(out.data + names[i][0], out.data + names[count][0], length) == 0)
                    return false;
            ++count;
            p = skip_space(name.end + 1, end);
            if (p == end || *p != ':') return false;
            out.append(*p++);
        }
        if (!write_value(p, end, out, depth + 1)) return false;
        p = skip_space(p, end);
        if (p == end || (*p != ',' && *p != close)) return false;
        out.append(*p);
        if (*p++ == close) return true;
    }
}

}  // namespace json
