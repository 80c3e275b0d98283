"""A part of a page as lines of text: rows of tables, list items, line breaks, code as it is written."""

import re
from collections.abc import Callable
from html import unescape

from cci_tools.kernels.page import NUMBERS, TAGS, TRAITS, Page, Trait

_SPACES = re.compile("[ \t\r\n\f\v]+")
_EDGES = " \t\r\n\f\v\xa0\u3000"
_BLOCK = [bool(traits & Trait.BLOCK) for traits in TRAITS.tolist()]
_BR, _PRE, _TR, _XMP = NUMBERS["br"], NUMBERS["pre"], NUMBERS["tr"], NUMBERS["xmp"]
_CELLS = (NUMBERS["td"], NUMBERS["th"])

CELL_MARK = " | "
"""Between the cells of a row."""


def lines(page: Page, first: int, after: int, dropped: Callable[[int], bool]) -> list[tuple[str, int]]:
    """Lines of the nodes ``range(first, after)``, none of them empty, each with the first node that it comes from.

    Parameters
    ----------
    page : Page
        From `kernels.page.parse`.
    first, after : int
        A node, or several that follow each other, with all that is inside.
    dropped : callable
        Node number to whether it is left out, with all that is inside.
    """
    return _Lines(page, dropped).read(first, after)


class _Lines:
    def __init__(self, page: Page, dropped: Callable[[int], bool]) -> None:
        self._page = page
        self._dropped = dropped
        self._tag, self._after, self._start, self._stop = page.rows

    def read(self, node: int, after: int, pre: bool = False) -> list[tuple[str, int]]:
        done: list[tuple[str, int]] = []
        parts: list[str] = []
        begin = node
        ends = [after]  # where open blocks end
        pre_until = after if pre else 0

        def flush() -> None:
            nonlocal parts
            if parts:
                text = "".join(parts)
                if node <= pre_until:
                    done.extend((line.rstrip(), begin) for line in text.split("\n") if line.strip())
                elif (text := _SPACES.sub(" ", text).strip(_EDGES)) and not text.isspace():  # of separators alone
                    done.append((text, begin))
                parts = []

        while node < after:
            while node >= ends[-1]:
                flush()
                ends.pop()
            tag = self._tag[node]
            if not tag:
                if not parts:
                    begin = node
                parts.append(self._text(node))
            elif self._dropped(node):
                if _BLOCK[tag]:
                    flush()
                node = self._after[node]
                continue
            elif tag == _BR:
                if node < pre_until:
                    parts.append("\n")
                else:
                    flush()
            elif tag == _TR and self._after[node] <= after:  # else the row goes on behind what is read
                flush()
                done += self._row(node, node < pre_until)
                node = self._after[node]
                continue
            elif _BLOCK[tag]:
                flush()
                if tag in (_PRE, _XMP):
                    pre_until = max(pre_until, self._after[node])
                ends.append(self._after[node])
            node += 1
        flush()
        return done

    def _row(self, row: int, pre: bool) -> list[tuple[str, int]]:
        """A row as one line where each cell has one; else what the cells hold, one after the other."""
        node, after = row + 1, self._after[row]
        cells: list[list[tuple[str, int]]] = []
        loose: list[tuple[str, int]] = []
        while node < after:
            end = self._after[node]
            if self._tag[node] in _CELLS and not self._dropped(node):
                cells.append(self.read(node + 1, end, pre))
            elif not self._dropped(node):
                loose += self.read(node, end, pre)
            node = end
        if len(cells) > 1 and all(len(cell) <= 1 for cell in cells) and sum(map(len, cells)) > 1:
            written = CELL_MARK.join(cell[0][0] if cell else "" for cell in cells).rstrip(" |")
            return [*loose, (written, row)]
        return [*loose, *(line for cell in cells for line in cell)]

    def _text(self, node: int) -> str:
        text = self._page.data[self._start[node] : self._stop[node]].decode("utf-8", "replace")
        return str(unescape(text)) if "&" in text else text


def attributes(page: Page, node: int) -> dict[str, str]:
    """Attributes of an element, by names in lower case.

    >>> from cci_tools.kernels.page import parse
    >>> attributes(parse(b'<A HREF="/a?b=1&amp;c" class=x>'), 0)
    {'href': '/a?b=1&c', 'class': 'x'}
    """
    text = page.data[page.start[node] : page.stop[node]].decode("utf-8", "replace")
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(value.strip("\"' ")))
    return found


_ATTRIBUTE = re.compile(r"""([A-Za-z][\w:.-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")


def name_of(page: Page, node: int) -> str:
    """Element name, ``#text`` for a text."""
    return str(TAGS[page.tag[node]])
