"""What stands around a place: folded neighbours, addresses of the web, code."""

import re
from functools import cached_property

_WIDE = re.compile("[\u3000\uff01-\uff5e]")
_FOLD = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_IN_URL = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]{1,10}://|\bwww\.|[A-Za-z0-9-]\.[A-Za-z]{2,6}/|\]\()[!#-&*-;=?-Z\\^-z|~]*\Z"
)
_IN_PATH = re.compile(r"(?:[A-Za-z0-9._~-]/|[/A-Za-z][?&#%=_]|[A-Za-z0-9_]=|_|%[0-9A-F]{0,2})\Z")
_FENCE = re.compile(r"^[ \t>]{0,8}(?:```|~~~)", re.M)
_HANZI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def fold(text: str) -> str:
    """Full-width forms and the ideographic space as half-width ones, character by character.

    >>> fold("１３８　（手机）")
    '138 (手机)'
    """
    return text if text.isascii() else _WIDE.sub(lambda match: _FOLD[match.group()], text)


class Document:
    """A text whose code and neighbourhoods are looked at where a rule asks."""

    def __init__(self, text: str) -> None:
        self.text = text

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
        begin = self.text.rfind("\n", 0, start) + 1
        before = self.text[begin:start]
        if before.count("`") % 2:
            return True
        if before.startswith(("    ", "\t")):
            end = self.text.find("\n", start)
            if not _HANZI.search(self.text, begin, len(self.text) if end < 0 else end):
                return True
        return sum(fence < start for fence in self._fences) % 2 == 1

    @cached_property
    def _fences(self) -> list[int]:
        return [match.start() for match in _FENCE.finditer(self.text)]
