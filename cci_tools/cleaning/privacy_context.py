"""What stands around a place: folded neighbours, addresses of the web, code."""

import re
from bisect import bisect_left, bisect_right
from functools import cached_property

_WIDE = re.compile("[\u3000\uff01-\uff5e]")
_FOLD = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_IN_URL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]{1,10}://|\bwww\.|[A-Za-z0-9-]\.[A-Za-z]{2,6}/|\]\()[!#-&*-;=?-Z\\^-z|~]*\Z"
)
_IN_PATH = re.compile(r"(?:[A-Za-z0-9._~-]/|[/A-Za-z][?&#%=_]|[A-Za-z0-9_]=|_|%[0-9A-F]{0,2})\Z")
_FENCE = re.compile(r"^[ \t>]{0,8}(?:```|~~~)", re.M)
_NEWLINE, _TICK = re.compile("\n"), re.compile("`")
_HANZI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def fold(text: str) -> str:
    """Full-width forms and the ideographic space as half-width ones, character by character.

    >>> fold("１３８　（手机）")
    '138 (手机)'
    """
    return text if text.isascii() else _WIDE.sub(lambda match: _FOLD[match.group()], text)


class Places:
    """Stretches of a text that do not overlap, however many they are.

    >>> places = Places()
    >>> [places.take(*place) for place in ((5, 9), (0, 5), (8, 12), (9, 12))]
    [True, True, False, True]
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def take(self, start: int, end: int) -> bool:
        """Take a stretch, if no part of it is taken."""
        at = bisect_right(self._starts, start)
        if (at and self._ends[at - 1] > start) or (at < len(self._starts) and self._starts[at] < end):
            return False
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True


class Document:
    """A text whose code and neighbourhoods are looked at where a rule asks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._hanzi: dict[int, bool] = {}  # of lines, by where they begin

    def before(self, start: int, most: int = 60) -> str:
        """The folded characters before a place."""
        return fold(self.text[max(0, start - most) : start])

    def after(self, end: int, most: int = 24) -> str:
        """The folded characters behind a place."""
        return fold(self.text[end : end + most])

    def in_url(self, start: int) -> bool:
        """Whether a place is inside a web address or a path."""
        before = self.text[max(0, start - 200) : start]
        return _IN_URL.search(before) is not None or _IN_PATH.search(before[-8:]) is not None

    def in_code(self, start: int) -> bool:
        """Whether a place is in fenced or indented code, or between backticks."""
        begin = self._lines[bisect_right(self._lines, start) - 1]
        if (bisect_left(self._ticks, start) - bisect_left(self._ticks, begin)) % 2:
            return True
        if self.text.startswith(("    ", "\t"), begin) and not self._has_hanzi(begin):
            return True
        return bisect_left(self._fences, start) % 2 == 1

    def _has_hanzi(self, begin: int) -> bool:
        if begin not in self._hanzi:
            end = self.text.find("\n", begin)
            self._hanzi[begin] = _HANZI.search(self.text, begin, len(self.text) if end < 0 else end) is not None
        return self._hanzi[begin]

    # Looked up instead of looked for: a document of a megabyte may be one line with a number at every step.
    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in _NEWLINE.finditer(self.text))]

    @cached_property
    def _ticks(self) -> list[int]:
        return [match.start() for match in _TICK.finditer(self.text)]

    @cached_property
    def _fences(self) -> list[int]:
        return [match.start() for match in _FENCE.finditer(self.text)]
