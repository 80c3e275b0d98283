// Plain UTF-8 decoding, the meaning that every faster variant must reproduce: malformed input is accepted, each maximal
// ill-formed subpart becomes one U+FFFD, exactly as Python's bytes.decode("utf-8", "replace").
#pragma once
#include <cstddef>
#include <cstdint>

// Reads the code point at p (p < end) and moves p behind it.
static inline uint32_t next_code_point(const uint8_t*& p, const uint8_t* end) {
    constexpr uint32_t bad = 0xFFFD;
    const uint32_t b0 = *p++;
    if (b0 < 0x80) return b0;
    if (b0 < 0xC2 || b0 > 0xF4) return bad;
    if (p == end) return bad;
    const uint32_t b1 = *p;
    if (b0 < 0xE0) {
        if ((b1 & 0xC0) != 0x80) return bad;
        ++p;
        return (b0 & 0x1F) << 6 | (b1 & 0x3F);
    }
    // The second byte's range excludes overlong forms, surrogates and values above U+10FFFF.
    const uint32_t low = b0 == 0xE0 ? 0xA0 : b0 == 0xF0 ? 0x90 : 0x80;
    const uint32_t high = b0 == 0xED ? 0x9F : b0 == 0xF4 ? 0x8F : 0xBF;
    if (b1 < low || b1 > high) return bad;
    ++p;
    if (p == end) return bad;
    const uint32_t b2 = *p;
    if ((b2 & 0xC0) != 0x80) return bad;
    ++p;
    if (b0 < 0xF0) return (b0 & 0x0F) << 12 | (b1 & 0x3F) << 6 | (b2 & 0x3F);
    if (p == end) return bad;
    const uint32_t b3 = *p;
    if ((b3 & 0xC0) != 0x80) return bad;
    ++p;
    return (b0 & 0x07) << 18 | (b1 & 0x3F) << 12 | (b2 & 0x3F) << 6 | (b3 & 0x3F);
}
