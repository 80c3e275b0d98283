"""Keys of the lines and paragraphs of texts, by which repeats across documents are counted, and the cut of repeats.

``src/passages.hpp`` writes down the keys; the plain twin is ``tests/reference/passages.py``.

Terms. A *line* is what lies between two "\\n"; its length is the characters of its matching key (see
`cci_tools.kernels.sign`), so width, punctuation, space and Traditional forms make no difference. A line without letters
and digits has no key and is passed over. A *paragraph* is a long line. A *site* is a number that stands for a host.

What is never counted or cut: headings, numbering (``第三条``, ``二、``, ``(1)``), code, tables and markup, datelines
(``本报讯``), lines that state a day without being a sentence, closing formulae (``自公布之日起施行。``), attributions
(``——《谚语》``), paragraphs of a text with three articles or more, list items as such, and what stands over a date or a
document number: a signature, a letterhead. A document of more than 100,000 lines, and a line of more than 1 MiB, are
left as they are.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]

LINE_CHARACTERS = 60
PARAGRAPH_CHARACTERS = 50


class Counted(NamedTuple):
    """What `count_passages` finds; a key stands once for each text that has it.

    Attributes
    ----------
    line_keys, line_texts : ndarray of uint64 and int32
        Keys of lines, mixed with the site, and the number of the text of each. The lowest bit is set where a line must
        be more frequent than others to be taken for furniture: a short one known only as the first or the last, a
        sentence of more than 30 characters, a line whose characters are not half Hanzi.
    paragraph_keys, paragraph_texts : ndarray of uint64 and int32
        The same for paragraphs, without the site.
    filled : ndarray of bool, shape (n,)
        Texts that have a line with a key, and were looked at.
    """

    line_keys: Keys
    line_texts: Numbers
    paragraph_keys: Keys
    paragraph_texts: Numbers
    filled: npt.NDArray[np.bool_]


class Cut(NamedTuple):
    """What `cut_passages` leaves, and how many lines and paragraphs went of each text."""

    values: Bytes
    offsets: Offsets
    lines: Numbers
    paragraphs: Numbers


def count_passages(
    values: Bytes,
    offsets: Offsets,
    sites: Keys,
    *,
    line_characters: int = LINE_CHARACTERS,
    paragraph_characters: int = PARAGRAPH_CHARACTERS,
) -> Counted:
    """Keys of the lines and paragraphs of each text.

    A line of 10 characters or more has a key of its own, unless it is the first: the title. A shorter one is known by
    its neighbours: each three lines of up to 30 characters in a row have a key, with the beginning and the end of the
    text as lines of their own, and so have the first and the last line. "盐", "生抽", "料酒" stand in every recipe, but
    not in one order.

    Parameters
    ----------
    values : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
        Text i is ``values[offsets[i]:offsets[i + 1]]``; malformed UTF-8 counts as U+FFFD, which the key skips.
    sites : ndarray of uint64, shape (n,)
        Hash of each text's host; 0 where it has none, then its lines are not counted.
    line_characters : int, default 60
        Longest line of a site.
    paragraph_characters : int, default 50
        Shortest paragraph. It must also have 10 Hanzi: the lines of a licence in English make no paragraphs.

    Returns
    -------
    Counted
        Sorted by text, then key.
    """
    filled = np.empty(len(offsets) - 1, np.uint8)
    keys = core.count_passages(values, offsets, sites, line_characters, paragraph_characters, filled)
    return Counted(keys[0], keys[1], keys[2], keys[3], filled.view(np.bool_))


def cut_passages(
    values: Bytes,
    offsets: Offsets,
    sites: Keys,
    owners: Keys,
    *,
    site_keys: Keys,
    paragraph_keys: Keys,
    paragraph_owners: Keys,
    line_characters: int = LINE_CHARACTERS,
    paragraph_characters: int = PARAGRAPH_CHARACTERS,
) -> Cut:
    """Texts without the lines and paragraphs that are known to repeat.

    Whole lines go, the others stay to the byte; with them go the separators between them (``|``, ``----``) and blank
    lines that would stand beside another one. Lines are looked for again until none is found, so a second call changes
    nothing. A line that ends in a colon goes only with what it introduces. Paragraphs that are more than half of what
    the lines left stay: the text is a copy as a whole. A text of fewer than four lines is never emptied.

    Parameters
    ----------
    values, offsets, sites, line_characters, paragraph_characters
        As for `count_passages`.
    owners : ndarray of uint64, shape (n,)
        What stands for each text among `paragraph_owners`.
    site_keys, paragraph_keys : ndarray of uint64
        Keys of what repeats, ascending.
    paragraph_owners : ndarray of uint64
        For each of `paragraph_keys` the text that keeps its copy.

    Returns
    -------
    Cut
        `values` holds all texts, changed or not; a text of which nothing is left is empty.
    """
    count = len(offsets) - 1
    starts, lines, paragraphs = np.empty(count + 1, np.int64), np.empty(count, np.int32), np.empty(count, np.int32)
    cut = core.cut_passages(
        values,
        offsets,
        sites,
        owners,
        site_keys,
        paragraph_keys,
        paragraph_owners,
        line_characters,
        paragraph_characters,
        starts,
        lines,
        paragraphs,
    )
    return Cut(cut, starts, lines, paragraphs)
