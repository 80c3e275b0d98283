"""Slow plain twin of the scan: one pass over decoded characters for each flag, straight from the descriptions."""

import re
from collections import Counter
from itertools import pairwise

from cci_tools.kernels.scan import Flag, Place

HANZI = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
CP1252 = bytes(b for b in range(0x80, 0xA0) if b not in b"\x81\x8d\x8f\x90\x9d").decode("cp1252")
_RUN = [bytes([e, m]) for e in (*range(0xE2, 0xEA), 0xEF) for m in range(0x80, 0xC0)]
MISREAD_FIRST = "".join(re.escape(p.decode("gb18030", "ignore")) for p in _RUN)
MISREAD_SECOND = "€" + "".join(re.escape(p[::-1].decode("gb18030", "ignore")) for p in _RUN)
PINYIN = "a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü"
SPACE = (b" ", b"\t", b"\r", "\u3000".encode(), "\xa0".encode())

PATTERNS = {
    Flag.ENTITY: re.compile("&[#A-Za-z]"),
    Flag.TAG: re.compile("<[/!A-Za-z]|{{"),
    Flag.ESCAPE: re.compile(r"\\u[0-9a-fA-F]{4}"),
    Flag.CONTROL: re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"),
    Flag.LINE_END: re.compile("[\r\v\f\x85\u2028\u2029]"),
    Flag.WIDE_SPACE: re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f]"),
    Flag.INVISIBLE: re.compile("[\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"),
    Flag.PRIVATE: re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]"),
    Flag.COMPATIBILITY: re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]"),
    Flag.WIDTH: re.compile("[０-９Ａ-Ｚａ-ｚ]"),
    Flag.HALF_MARK: re.compile(f"(?<=[{HANZI}])[,;:?!](?=[{HANZI}])"),
    Flag.LATIN: re.compile(f"[\xc2-\xf7][\x80-\xbf{CP1252}]|[\xa1-\xf7][\xa1-\xfe]"),
    Flag.REPLACEMENT: re.compile("\ufffd"),
    Flag.MISREAD: re.compile(f"[{MISREAD_FIRST}][{MISREAD_SECOND}]"),
    Flag.YEARS: re.compile("(?<![0-9])[0-9]{8}[年学學财財赛賽]"),
    Flag.SPACED: re.compile(f"(?:[{HANZI}，。、；：？！] ){{7}}[{HANZI}，。、；：？！]"),
}


def trim(line: bytes) -> bytes:
    while found := [s for s in SPACE if line.startswith(s)]:
        line = line[len(found[0]) :]
    while found := [s for s in SPACE if line.endswith(s)]:
        line = line[: -len(found[0])]
    return line


def wrapped(lines: list[bytes]) -> bool:
    """Six lines of one width (within four) end in a Hanzi, and are two in five of those of 15 characters or more."""
    long_lines, cut = 0, []
    for line in lines:
        width, text = len(line.decode("utf-8", "replace")), trim(line).decode("utf-8", "replace")
        if text and width >= 15:
            long_lines += 1
            if width <= 250 and re.search(f"[{HANZI}]\\Z", text):
                cut.append(width)
    best = max((sum(w <= c <= w + 3 for c in cut) for w in range(15, 248)), default=0)
    return best >= 6 and 5 * best >= 2 * long_lines


def scan(raw: bytes, table: list[tuple[str, Flag, Place]]) -> int:
    """Flags of one text given as bytes."""
    text = raw.decode("utf-8", "replace")
    flags = Flag(0)
    for flag, pattern in PATTERNS.items():
        if pattern.search(text):
            flags |= flag
    if len(re.findall(f"(?<=[{HANZI}])\\([{PINYIN}]{{1,6}}\\)", text)) >= 3:
        flags |= Flag.PINYIN
    if not re.search(f"[0-9A-Za-z{HANZI}]", text):
        flags |= Flag.BARE

    lines = raw.split(b"\n")
    trimmed = [trim(line) for line in lines]
    filled = [line for line in trimmed if line]
    if any(line and not (kept and line.endswith(kept)) for line, kept in zip(lines, trimmed, strict=True)):
        flags |= Flag.TRAILING
    if any(not (a or b or c) for a, b, c in zip(trimmed[:-1], trimmed[1:-1], trimmed[2:-1], strict=False)):
        flags |= Flag.BLANK_RUN
    if any(a == b and len(a) >= 12 for a, b in pairwise(filled)):
        flags |= Flag.REPEAT
    if any(n >= 3 and len(line) >= 24 and line[0] >= 0xE3 for line, n in Counter(filled).items()):
        flags |= Flag.RECURRING
    if wrapped(lines):
        flags |= Flag.WRAPPED

    ends = [line for line in filled[:8] + filled[-15:] if len(line) <= 400] + [line[-400:] for line in filled[-1:]]
    for needle, flag, place in table:
        if place == Place.ANYWHERE and needle.encode() in raw:
            flags |= flag
        if place == Place.ENDS and any(needle.encode() in line for line in ends):
            flags |= flag
    for line in lines:
        hits = [
            flag for needle, flag, place in table if place == Place.THRICE for _ in range(occurrences(needle, line))
        ]
        if len(hits) >= 3:
            for flag in hits:
                flags |= flag
    return int(flags)


def occurrences(needle: str, line: bytes) -> int:
    """Occurrences that may overlap."""
    return len(re.findall(b"(?=" + re.escape(needle.encode()) + b")", line))
