"""What stands before the beginning and behind the end of a text: a lone null, the address of its own page."""

import re

from cci_tools.cleaning.markup import technical
from cci_tools.cleaning.unicode import BLANK, HANZI

NEEDLES = ("null", "undefined", "None", "http://", "https://")
"""Strings without one of which in the first or last lines `edges` changes nothing."""

_NULL = re.compile("null|undefined|None")
_ADDRESS = re.compile("https?://[!-~]{4,350}")
_LABEL = re.compile(
    f"(?:本文|原文|文章|本页|页面|永久|转载)(?:地址|链接|网址|出处|连接)[{BLANK}]{{0,3}}[:：]?[{BLANK}]{{0,3}}"
)
_PROSE = re.compile(f"[{HANZI}]{{4}}")


def edges(text: str, url: str | None = None) -> tuple[str, int]:
    r"""Remove a first line that is an unset value, and a first or last line that is the address of the page.

    ``null``, ``undefined`` or ``None`` goes if it is the whole first line, the word does not come again and the text is
    not about programs. An address goes if it is the whole line and equal to `url` but for the scheme and a slash at
    the end, or if it closes the text behind 本文地址 or 原文链接, in the same line or the one before. The last line
    that says anything always stays.

    Parameters
    ----------
    text : str
        A document with ``\n`` line ends.
    url : str, optional
        The address of the document.

    Examples
    --------
    >>> edges("null\n今日要闻汇总\n原文链接：\nhttp://news.example/1")
    ('今日要闻汇总', 3)
    >>> edges("http://news.example/1/\n今日要闻汇总", "https://news.example/1")
    ('今日要闻汇总', 1)
    """
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip(BLANK)]
    if not filled:
        return text, 0
    first, last = 0, len(filled)
    if _is_unset(lines[filled[0]].strip(BLANK), text):
        first += 1
    if first < last and _is_own(lines[filled[first]].strip(BLANK), url):
        first += 1
    if first < last:
        last -= _closing([lines[i].strip(BLANK) for i in filled[first:][-2:]], url)
    kept = filled[first:last]
    if len(kept) == len(filled) or not any(_PROSE.search(lines[i]) for i in kept):
        return text, 0
    begin = kept[0] if first else 0
    end = kept[-1] + 1 if last < len(filled) else len(lines)
    return "\n".join(lines[begin:end]), len(filled) - len(kept)


def _is_unset(line: str, text: str) -> bool:
    if not _NULL.fullmatch(line) or technical(text):
        return False
    return len(re.findall(f"(?<![0-9A-Za-z_]){line}(?![0-9A-Za-z_])", text)) == 1


def _is_own(line: str, url: str | None) -> bool:
    return url is not None and _ADDRESS.fullmatch(line) is not None and _bare(line) == _bare(url)


def _bare(address: str) -> str:
    return address.strip(BLANK).rpartition("://")[2].rstrip("/")


def _closing(lines: list[str], url: str | None) -> int:
    """How many of the last lines, two or one, are the address of the page."""
    last = lines[-1]
    label = _LABEL.match(last)
    if not _ADDRESS.fullmatch(last[label.end() :] if label else last):
        return 0
    if label or _is_own(last, url):
        return 1
    return 2 if len(lines) == 2 and _LABEL.fullmatch(lines[0]) else 0
