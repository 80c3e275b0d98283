"""HTML pages as a flat tree: nodes in document order, with what a choice of the main text needs to know of each."""

from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core

TAGS: tuple[str, ...] = tuple(core.page_tags())
"""Element names by tag number; ``#text`` is a text, ``?`` an element that means nothing here."""

NUMBERS: dict[str, int] = {name: number for number, name in enumerate(TAGS)}
"""Tag numbers by element name."""


class Trait(IntFlag):
    """What an element does to the tree."""

    VOID = 1  # has no content and no end tag
    RAW = 2  # its content is not markup
    BLOCK = 4  # begins a line and ends an open paragraph
    BOUNDARY = 8  # an end tag of inner elements does not reach over it
    TABLE_PART = 16  # closed by the next of its kind in the same table


TRAITS: npt.NDArray[np.uint8] = np.array(core.page_traits(), np.uint8)
"""Traits by tag number."""


@dataclass(frozen=True, eq=False)
class Page:
    """A parsed page.

    Attributes
    ----------
    data : bytes
        The page in UTF-8.
    tag : ndarray of uint8, shape (n,)
        Number of the element in `TAGS`; 0 for a text.
    parent : ndarray of int32, shape (n,)
        Node around; -1 for the outermost.
    after : ndarray of int32, shape (n,)
        The first node that is not inside: a node and all within are ``range(i, after[i])``.
    start, stop : ndarray of int32, shape (n,)
        Bytes of a text, or of an element's attributes.
    chars : ndarray of int32, shape (n,)
        Of a text: characters that are not space, an entity counted as one.
    marks : ndarray of int32, shape (n,)
        Of a text: commas, full stops and other marks of prose.
    """

    data: bytes
    tag: npt.NDArray[np.uint8]
    parent: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    stop: npt.NDArray[np.int32]
    chars: npt.NDArray[np.int32]
    marks: npt.NDArray[np.int32]

    @cached_property
    def rows(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """`tag`, `after`, `start`, `stop` as lists, which are faster to walk through."""
        arrays: list[npt.NDArray[Any]] = [self.tag, self.after, self.start, self.stop]
        tag, after, start, stop = (array.tolist() for array in arrays)
        return tag, after, start, stop


MOST_NODES = 1_000_000
"""Elements and texts that a page may have. A page of a megabyte has about twenty thousand."""


class TooManyNodes(ValueError):
    """The page has more than `MOST_NODES` elements and texts; the message says so."""


def parse(data: bytes, limit: int = MOST_NODES) -> Page:
    """Parse a page.

    Any bytes have a tree, in time linear in their number. Elements deeper than 512 become siblings, as in browsers.
    Unlike browsers: an unclosed comment ends at its first ``>``, what follows ``</body>`` stays where it stands, text
    in a table outside of its cells too, and bold or coloured text that an end tag of a block cuts is not opened again.

    Parameters
    ----------
    data : bytes
        UTF-8, below 2 GiB; malformed bytes are read as U+FFFD.
    limit : int, default 1,000,000
        Nodes at most, so that memory is bounded whatever the bytes are.

    Raises
    ------
    TooManyNodes
        There are more.

    Examples
    --------
    >>> page = parse("<ul><li>一<li>二，三</ul>".encode())
    >>> [TAGS[number] for number in page.tag]
    ['ul', 'li', '#text', 'li', '#text']
    >>> page.parent.tolist(), page.after.tolist(), page.chars.tolist(), page.marks.tolist()
    ([-1, 0, 1, 0, 3], [5, 3, 3, 5, 5], [0, 0, 1, 0, 3], [0, 0, 0, 0, 1])
    """
    nodes = core.page_nodes(np.frombuffer(data, np.uint8), limit)
    if len(nodes) > limit:
        raise TooManyNodes(f"more than {limit} elements and texts")
    tag = np.empty(len(nodes), np.uint8)
    parent, after, start, stop, chars, marks = np.empty((6, len(nodes)), np.int32)
    nodes.copy_to(tag, parent, after, start, stop, chars, marks)
    return Page(data, tag, parent, after, start, stop, chars, marks)
