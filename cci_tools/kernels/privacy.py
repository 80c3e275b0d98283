"""Where texts could hold personal information, so that the rules look at few places and not at every character."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers

FIRST_CUE_MARK = 16
"""Marks below are those of `Trigger`."""


class Trigger(IntEnum):
    """What was seen. Full-width forms count as half-width."""

    NUMBER = 1  # digits of the length of a telephone, identity or card number, spaces and hyphens between allowed
    QUAD = 2  # four numbers of one to three digits with points between
    AT = 3  # "@" between letters or digits
    CODE = 4  # a word of 18 letters and digits with six digits from the third on
    PLATE = 5  # short name of a province before a capital letter and four letters or digits


class Candidates(NamedTuple):
    """Places in some texts, in the order of the texts and of the places."""

    rows: npt.NDArray[np.int64]  # shape (n, 3): start and end in characters of the text, mark
    offsets: npt.NDArray[np.int64]  # shape (texts + 1,): those of text i are rows[offsets[i]:offsets[i + 1]]


@dataclass(frozen=True)
class Cues:
    """Words that announce personal information; build them with `cues`."""

    values: Bytes
    offsets: Offsets
    marks: npt.NDArray[np.uint8]
    reaches: npt.NDArray[np.uint8]


def cues(table: Sequence[tuple[str, int, int]]) -> Cues:
    """Words to look for, each with its mark and its reach.

    Parameters
    ----------
    table : sequence of (str, int, int)
        Word, in any case and width; mark, from `FIRST_CUE_MARK` to 255; reach, 0 to 255: the word counts only where an
        ASCII letter or digit stands within so many characters behind it. 0: it always counts. Of words that begin at
        one place, the longest counts.

    Raises
    ------
    ValueError
        A mark or a reach is out of range, or a word is empty or begins with a digit.
    """
    for word, mark, reach in table:
        if not (FIRST_CUE_MARK <= mark <= 255 and 0 <= reach <= 255):
            raise ValueError(f"cues: {word!r}: mark {mark} or reach {reach} out of range")
        if not word or word[0].isdigit():
            raise ValueError(f"cues: {word!r} is empty or begins with a digit")
    values, offsets = text_buffers([word for word, _, _ in table])
    marks = np.array([mark for _, mark, _ in table], np.uint8)
    return Cues(values, offsets, marks, np.array([reach for _, _, reach in table], np.uint8))


def privacy_candidates(texts: Any, wanted: Cues) -> Candidates:
    """Places where personal information could stand.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        The texts; a null counts as empty.
    wanted : Cues
        Cue words.

    Returns
    -------
    Candidates
        `rows` (start, end, mark) and `offsets`. Numbers grouped by single spaces or hyphens are one place, if every
        group but the last has three digits or more, or the first one is 86.

    Examples
    --------
    >>> places = privacy_candidates(["电话138-0013-8000，共12345678元", "加QQ１２３４５"], cues([("qq", 16, 6)]))
    >>> places.rows.tolist(), places.offsets.tolist()
    ([[2, 15, 1], [1, 3, 16]], [0, 1, 2])
    """
    values, offsets = text_buffers(texts)
    return Candidates(
        *core.privacy_candidates(values, offsets, wanted.values, wanted.offsets, wanted.marks, wanted.reaches)
    )
