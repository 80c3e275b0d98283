"""What stands before the beginning and behind the end of a text: a lone null, the address of its own page."""

import re

from cci_tools.cleaning.markup import technical
from cci_tools.cleaning.unicode import BLANK, HANZI

NEEDLES = ("null", "undefined", "None", "http://", "https://")
"""Strings without one of which in the first or last lines `edges` changes nothing."""

_FIRST = re.compile(f"[{BLANK}\n]*([^\n]*)\n*")
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
    the end, or if it closes the text behind 本文地址 or 原文链接, in the same line or the one before. Nothing goes
    where no Chinese would be left.

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
    rest, count = text, 0
    first, after = _first(rest)
    if _is_unset(first, text):
        rest, count = after, count + 1
        first, after = _first(rest)
    if _is_own(first, url):
        rest, count = after, count + 1
    before, last = _last(rest)
    if label := _LABEL.match(last):
        closing = 1 if _ADDRESS.fullmatch(last, label.end()) else 0
    else:
        closing = 1 if _is_own(last, url) else 0
        if not closing and _ADDRESS.fullmatch(last):
            before, label_line = _last(before)
            closing = 2 if _LABEL.fullmatch(label_line) else 0
    if closing:
        rest, count = before, count + closing
    return (rest, count) if count and _PROSE.search(rest) else (text, 0)


def _first(text: str) -> tuple[str, str]:
    """The first line that is not blank, and what follows it."""
    match = _FIRST.match(text)
    return (match.group(1).rstrip(BLANK), text[match.end() :]) if match else ("", text)


def _last(text: str) -> tuple[str, str]:
    """What comes before the last line that is not blank, and that line."""
    before, _, line = text.rstrip(BLANK + "\n").rpartition("\n")
    return before, line.strip(BLANK)


def _is_unset(line: str, text: str) -> bool:
    if not _NULL.fullmatch(line) or technical(text):
        return False
    return len(re.findall(f"(?<![0-9A-Za-z_]){line}(?![0-9A-Za-z_])", text)) == 1


def _is_own(line: str, url: str | None) -> bool:
    return url is not None and _ADDRESS.fullmatch(line) is not None and _bare(line) == _bare(url)


def _bare(address: str) -> str:
    return address.strip(BLANK).rpartition("://")[2].rstrip("/")
