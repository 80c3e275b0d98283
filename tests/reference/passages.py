"""Slow plain twin of the passages kernel: the rules as regular expressions, keys as Python integers."""

import re
from typing import NamedTuple

from reference.fold import fold_text

MASK = 2**64 - 1
GAMMA, PRIME = 0x9E3779B97F4A7C15, 0x9E3779B185EBCA87
NUMERALS = "0-9〇零一二三四五六七八九十百千两"
PART = re.compile(f"第[{NUMERALS}]{{1,8}}([编章节条款篇部卷回课讲单])")
DAY = re.compile(f"[{NUMERALS}]年[^月]{{0,2}}[{NUMERALS}]月[^日]{{0,2}}[{NUMERALS}]日", re.S)
NUMBERED = re.compile(
    r"[①-⑳㈠-㈩]|[(（]?(?:[〇零一二三四五六七八九十百千两]{1,4}|[0-9]{1,2})(?:[、．)）]|\.(?![0-9A-Za-z]))"
)
MARKUP = re.compile(r"[#|`\\$\u2500-\u257f]|\.[A-Za-z.\\]|'\\|//|/\*")
CODE = re.compile(r"[{}<=\\`]|\(\)|;\Z")
ITEM = re.compile(r"[•·●■◆※○▶]|[-*+][ \[]")
HEADING = re.compile("目录|总则|分则|附则|附件|附录|附表|摘要|前言|结论|关键词|参考文献")
DATELINE = re.compile("(?:本报|本刊|本台|本网|新华|中新|人民网|央视).*(?:讯|电|消息)", re.S)
FORMULA = re.compile("施行|生效|特此|执行|公布|废止|实施")
HANZI = re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")
RULE = re.compile(r"[ |｜¦\-_=*~+/／\\<>＞«»‹›·•—–―…│┃─━═]*")
CLOSERS = "”’」』）)】》\"'"


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def join(*parts: int) -> int:
    h = parts[0]
    for x in parts[1:]:
        h = mix(h ^ (x * PRIME + GAMMA & MASK))
    return h


def hash_of(key: str) -> int:
    h = len(key)
    for i in range(0, len(key), 2):
        word = ord(key[i]) | (ord(key[i + 1]) << 32 if i + 1 < len(key) else 0)
        h = (h ^ word) * PRIME & MASK
        h = (h << 31 | h >> 33) & MASK
    return mix(h)


class Line(NamedTuple):
    raw: bytes
    key: str
    blank: bool = False
    fixed: bool = False
    sentence: bool = False
    colon: bool = False
    item: bool = False
    article: bool = False
    signed: bool = False
    chinese: bool = False


def read_line(raw: bytes, longest: int, shortest: int) -> Line:
    whole = raw.decode("utf-8", "replace")
    text, key = whole.strip(" \t\r\xa0\u3000"), fold_text(whole)
    if not key:
        return Line(raw, "", blank=not text, fixed=bool(text and not RULE.fullmatch(text)))
    last = text.rstrip(CLOSERS)[-1:] or "\0"
    sentence, short = last in "。！？；….!?;", len(key) <= longest
    part, day = PART.match(key), DAY.search(key)
    pure_day = bool(day) and len(key) <= 14 and key.endswith("日")
    number = len(key) <= 25 and key.endswith("号") and "备" not in key and bool(re.search("[0-9]", key))
    dash = re.match("[—―]|--", text) and last not in "-—"
    fixed = bool(part or MARKUP.match(text) or NUMBERED.match(text) or dash or (day and not pure_day and not sentence))
    if short:
        fixed |= bool(CODE.search(text) or HEADING.fullmatch(key) or DATELINE.fullmatch(key))
        fixed |= bool(sentence and FORMULA.search(key))
    enough = (len(key) + 1) // 2 if short else 10
    return Line(
        raw,
        key,
        fixed=fixed,
        sentence=sentence,
        colon=last in ":：",
        item=bool(ITEM.match(text)),
        article=bool(part and part[1] == "条"),
        signed=pure_day or number,
        chinese=len(HANZI.findall(key)) >= enough,
    )


def read(raw: bytes, longest: int, shortest: int) -> tuple[list[Line], bool]:
    """The lines of a text, and whether it is a statute."""
    lines = [read_line(line, longest, shortest) for line in raw.split(b"\n")]
    return lines, sum(line.article for line in lines) >= 3


def site_keys(content: list[Line], site: int, longest: int) -> dict[int, list[set[int]]]:
    """Keys of the lines with a key, and the places in `content` that each covers."""
    found: dict[int, list[set[int]]] = {}

    def add(hashed: int, frequent: bool, *places: int) -> None:
        found.setdefault(hashed & ~1 | frequent, []).append(set(places) & set(range(len(content))))

    hashes = [1, *(hash_of(line.key) for line in content), 2]
    brief = [True, *(not line.fixed and len(line.key) <= min(30, longest) for line in content), True]
    for i, line in enumerate(content):
        if line.fixed or len(line.key) > longest:
            continue
        if not (i + 1 < len(content) and content[i + 1].signed and not line.signed):
            if i == 0:
                add(join(site, 2, hashes[i + 1]), True, i)
            if i + 1 == len(content):
                add(join(site, 3, hashes[i + 1]), True, i)
            if i > 0 and len(line.key) >= 10 and not line.item:
                add(join(site, 1, hashes[i + 1]), (line.sentence and len(line.key) > 30) or not line.chinese, i)
        if len(content) > 1 and all(brief[i : i + 3]):
            add(join(site, 4, *hashes[i : i + 3]), False, i - 1, i, i + 1)
    return found


def is_paragraph(line: Line, statute: bool, shortest: int) -> bool:
    movable = line.chinese and not (line.fixed or line.item or line.colon)
    return len(line.key) >= shortest and movable and not statute


def count(raw: bytes, site: int, longest: int = 60, shortest: int = 50) -> tuple[set[int], set[int], bool]:
    """Keys of the lines, keys of the paragraphs, and whether there is a line with a key."""
    lines, statute = read(raw, longest, shortest)
    content = [line for line in lines if line.key]
    keys = set(site_keys(content, site, longest)) if site else set()
    return keys, {hash_of(l.key) for l in content if is_paragraph(l, statute, shortest)}, bool(content)  # noqa: E741


def cut(
    raw: bytes,
    site: int,
    owner: int,
    learnt: set[int],
    owners: dict[int, int],
    longest: int = 60,
    shortest: int = 50,
) -> tuple[bytes, int, int]:
    """The text without what repeats, and the lines and paragraphs that went."""
    lines, statute = read(raw, longest, shortest)
    content = [i for i, line in enumerate(lines) if line.key]
    left = list(content)
    gone = {"line": set(), "paragraph": set()}

    def cut_lines() -> None:
        while site:
            marked = set()
            for key, covered in site_keys([lines[i] for i in left], site, longest).items():
                if key in learnt:
                    marked |= set().union(*covered)
            for place in sorted(marked, reverse=True):
                if lines[left[place]].colon and place + 1 < len(left) and place + 1 not in marked:
                    marked.discard(place)
            if not marked:
                return
            gone["line"] |= {left[place] for place in marked}
            left[:] = [i for place, i in enumerate(left) if place not in marked]

    cut_lines()
    going = []
    for i in left:
        of = owners.get(hash_of(lines[i].key)) if is_paragraph(lines[i], statute, shortest) else None
        if of is not None and of != owner:
            going.append(i)
    if going and 2 * sum(len(lines[i].key) for i in going) <= sum(len(lines[i].key) for i in left):
        gone["paragraph"] |= set(going)
        left[:] = [i for i in left if i not in going]
        cut_lines()
    if len(left) == len(content) or (not left and len(content) < 4):
        return raw, 0, 0
    return _write(lines, content, gone["line"] | gone["paragraph"]), len(gone["line"]), len(gone["paragraph"])


def _write(lines: list[Line], content: list[int], gone: set[int]) -> bytes:
    going = set(gone)
    for i, line in enumerate(lines):  # signs between lines that go, or between these and an end
        if not line.key and not line.blank and not line.fixed:
            before, after = [c for c in content if c < i], [c for c in content if c > i]
            nearest = {*before[-1:], *after[:1]}
            all_gone = gone.issuperset(before) or gone.issuperset(after)
            if gone & nearest and (gone >= nearest or all_gone):
                going.add(i)
    kept: list[int] = []
    went = False
    for i, line in enumerate(lines):
        if i in going:
            went = True
        elif line.blank and went and (not kept or lines[kept[-1]].blank):
            pass
        else:
            went = went and line.blank
            kept.append(i)
    while went and kept and lines[kept[-1]].blank:
        kept.pop()
    return b"\n".join(lines[i].raw for i in kept)
