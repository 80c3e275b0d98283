"""Characters: line ends, controls, spaces, invisible and private-use characters, compatibility forms.

Every rule takes a text and returns the mended text and the number of repairs. Nothing here normalises a whole text:
NFKC would turn ， into a comma, ① into 1 and ℃ into °C.
"""

import re
import unicodedata
from functools import cache
from operator import ne

BLANK = " \t\r\u3000\xa0"
"""What is trimmed from a line."""
HANZI = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINED = "\u0600-\u0dff"  # Arabic and Indic letters: there, zero-width joiners are spelling

_LINE_END = re.compile("[\r\v\f\u2028\u2029]|\x85(?<![\u0080-\u00ff]\x85)(?![\u0080-\u00ff])")
_TERMINAL = re.compile("\x1b\\[[0-9;?]*[ -/]*[@-~]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|\x85")
_INVISIBLE = re.compile(
    f"[\u200c\u200d](?<![{_JOINED}].)(?![{_JOINED}])|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\xad\ufff9-\ufffb"
    "\u180e\ufe00-\ufe0f]"
)
_EMOJI_BEFORE = re.compile(f"[0-9#*\xa9\xae\u203c\u2049\u2122\u3030\u303d\u3297\u3299{_EMOJI}\ufe0f]")
_EMOJI_AFTER = re.compile(f"[{_EMOJI}]")
_THIN_SPACE = re.compile(f"[\u2006\u2008-\u200a](?<=[{HANZI}].)(?=[{HANZI}])")
_WIDE_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")


def line_ends(text: str) -> tuple[str, int]:
    r"""CRLF, CR, vertical tab, form feed, NEL and the Unicode separators become ``\n``.

    >>> line_ends("第一条\r\n第二条\u2028第三条")
    ('第一条\n第二条\n第三条', 2)
    """
    pairs = text.count("\r\n")
    text, others = text.replace("\r\n", "\n"), 0
    if any(map(text.__contains__, "\r\v\f\x85\u2028\u2029")):
        text, others = _LINE_END.subn("\n", text)
    return text, pairs + others


def controls(text: str) -> tuple[str, int]:
    r"""Remove terminal colour sequences and control characters other than tab and line feed.

    >>> controls("\x1b[33m林逋\x1b[m《点绛唇》\x00")
    ('林逋《点绛唇》', 3)
    """
    text, colours = _TERMINAL.subn("", text)
    text, others = _CONTROL.subn("", text)
    return text, colours + others


def invisible(text: str) -> tuple[str, int]:
    r"""Remove zero-width, bidirectional and format characters and variation selectors; emoji stay whole.

    >>> invisible("技\u200b术\ufeff方面👩\u200d💻")
    ('技术方面👩\u200d💻', 2)
    """
    removed = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal removed
        char, start, end = match.group(), match.start(), match.end()
        if char == "\ufe0f" and start and _EMOJI_BEFORE.match(text, start - 1):
            return char
        if char == "\u200d" and start and _EMOJI_BEFORE.match(text, start - 1) and _EMOJI_AFTER.match(text, end):
            return char
        removed += 1
        return ""

    return _INVISIBLE.sub(keep, text), removed


def wide_spaces(text: str) -> tuple[str, int]:
    r"""No-break and typographic spaces become a space, an em space U+3000 (as wide); thin ones between Hanzi go.

    >>> wide_spaces("第一章\u2002\u2002总\xa0则")
    ('第一章  总 则', 3)
    """
    text, thin = _THIN_SPACE.subn("", text)
    text, others = _WIDE_SPACE.subn(lambda m: "\u3000" if m.group() in "\u2001\u2003" else " ", text)
    return text, thin + others


@cache
def _private_forms() -> dict[int, str]:
    """Private-use code points that GBK fonts and codecs used before Unicode had the character, from GB 18030."""
    forms = {}
    cells = [(0xE815 + i, bytes([0xFE, 0x50 + i + (i >= 0x2F)])) for i in range(80)]
    for code, cell in cells:
        char = cell.decode("gb18030", "replace")
        if len(char) == 1 and not 0xE000 <= ord(char) <= 0xF8FF and char != "\ufffd":
            forms[code] = char
    late = {0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8, 0xE843: 0x9FB9}
    late |= {
        0xE854: 0x9FBA,
        0xE864: 0x9FBB,
        0xE7C7: 0x1E3F,
        0xE7C8: 0x1F9,
    }  # GB 18030-2005 moved these out of private use
    vertical = {0xE78D + i: c for i, c in enumerate((0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A)))}
    return forms | {code: chr(c) for code, c in (late | vertical).items()}


_BULLET = re.compile("^([ \t\u3000]*)[\uf020-\uf0ff](?=[ \t\u3000]|[^\\W_])", re.M)
_INDENT = re.compile("^\u3000*(\ue5e5\ue5e5)", re.M)  # A3A0 in GBK: the blank that old fonts showed there
_POINT = re.compile("(?<=[0-9])\ue010(?=[0-9])")  # the decimal point of a typesetting system
_ICON = re.compile("^[\ue000-\uf8ff][ \t\u3000]*", re.M)
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def private_use(text: str) -> tuple[str, int]:
    r"""Mend private-use characters whose meaning is certain; the rest stays, for it stands for a lost character.

    Certain are: in simplified text, GB 18030 characters from before Unicode had them; the bullets of Word at the start
    of a line; the decimal point and the indent of two typesetting systems; icons that open lines of a page. A text with
    many different ones is set in a font of its own, and is left to the verdict `font_obfuscated`.

    >>> private_use("\uf0b7 一级保护区：高程103\ue0105米以上")
    ('• 一级保护区：高程103.5米以上', 2)
    """
    if obfuscated(text):
        return text, 0
    text, bullets = _BULLET.subn(r"\1•", text)
    text, indents = _INDENT.subn("\u3000\u3000", text)
    text, points = _POINT.subn(".", text)
    icons = 0
    if sum(4 if icon[1:] else 1 for icon in _ICON.findall(text)) >= 6:
        text, icons = _ICON.subn("", text)
    forms = _private_forms() if _simplified(text) else {}
    mapped = sum(ord(c) in forms for c in PRIVATE.findall(text))
    return (text.translate(forms) if mapped else text), bullets + indents + points + icons + mapped


def _simplified(text: str) -> bool:
    """Whether the Hanzi are those of GB 2312, nearly all: private use is another in fonts for Big5."""
    hanzi = "".join(re.findall(f"[{HANZI}]+", text))
    return len(hanzi.encode("gb2312", "ignore")) >= 1.9 * len(hanzi)


_IN_WORD = re.compile(f"(?<=[{HANZI}])[\ue000-\uf8ff]")


def obfuscated(text: str, share: float = 0.005) -> float:
    """Share of private-use characters among Hanzi if the page is set in a font of its own, else 0.

    Such a page replaces ten or more common characters, inside words; a few rare characters or icons are not that.
    """
    found = _IN_WORD.findall(text)
    value = len(found) / len(text) if text else 0.0
    return value if len(found) >= 10 and len(set(found)) >= 5 and value > share else 0.0


# Radicals that PDF extraction gives for whole characters and that NFKC does not know.
_RADICALS = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_COMPATIBILITY = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")


def compatibility(text: str) -> tuple[str, int]:
    """CJK radicals and compatibility ideographs become the character that they look like, one for one.

    >>> compatibility("⼈⼯智能，浅⻩色")
    ('人工智能，浅黄色', 3)
    """
    changed = 0

    def plain(match: re.Match[str]) -> str:
        nonlocal changed
        char = match.group()
        form = _RADICALS.get(char) or unicodedata.normalize("NFKC", char)
        changed += form != char
        return form

    return _COMPATIBILITY.sub(plain, text), changed


_BLANK_RUN = re.compile("\n{4,}")


_MARKDOWN = re.compile("^(?:#{1,6} |```|~~~|[*+-] \\S|> )|\\]\\(|\\*\\*[^*\n]{1,99}\\*\\*", re.M)


def trailing(text: str) -> tuple[str, int]:
    r"""Remove space at the end of lines. Indents stay.

    In Markdown two spaces or more between two lines of a paragraph are a line break: two of them stay.

    >>> trailing("\u3000\u3000本报讯 \n\n")
    ('\u3000\u3000本报讯\n\n', 1)
    >>> trailing("**地址**：某路一号   \n**电话**：总机  \n")
    ('**地址**：某路一号  \n**电话**：总机\n', 2)
    """
    lines = text.split("\n")
    stripped = [line.rstrip(BLANK) for line in lines]
    if "  \n" in text and _MARKDOWN.search(text):
        for i, (line, after) in enumerate(zip(lines, stripped[1:], strict=False)):
            if line.endswith("  ") and stripped[i] and after and stripped[i][0] != "#":
                stripped[i] += "  "
    return "\n".join(stripped), sum(map(ne, lines, stripped))


def blank_runs(text: str) -> tuple[str, int]:
    r"""At most two blank lines in a row.

    >>> blank_runs("一\n\n\n\n\n二")
    ('一\n\n\n二', 1)
    """
    return _BLANK_RUN.subn("\n\n\n", text)
