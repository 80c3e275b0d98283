"""JSON lines as columns of strings: every ordinary line at once, and a word on those that are not ordinary."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, text_buffers


class Strings(NamedTuple):
    """A column of strings in Arrow's layout: the buffers of a `string` array."""

    values: Bytes
    offsets: npt.NDArray[np.int32]  # shape (n + 1,)
    valid: Bytes  # a bit a row, the lowest first
    nulls: int


class Lines(NamedTuple):
    """What stands in some lines, and what does not.

    Attributes
    ----------
    columns : list of Strings
        As many as were asked for; then the origin of each row, then the fields for which no column is, as a JSON object
        with sorted names, null where there are none.
    left : ndarray of int64, shape (k, 3)
        Row, first byte and end of every line that is left to the caller. The row is there, and null but for its origin.
    """

    columns: list[Strings]
    left: npt.NDArray[np.int64]


def read_json_lines(
    data: bytes | memoryview, position: int, prefix: str, names: Sequence[Sequence[str]], *, limit: int
) -> Lines:
    r"""Parse lines that hold a JSON object each.

    A line that is blank is no row. An ordinary line is one that every JSON reader takes in the same way: an object
    whose first column is a string; UTF-8; no name twice; whole pairs of surrogates; no number that a double or an
    integer of 64 bits would write in another way than the line. All others are left.

    Parameters
    ----------
    data : bytes
        The lines, at most 2 GiB. The last newline may be missing.
    position : int
        Of the first byte in its file.
    prefix : str
        The origin of a row is `prefix` and the position of its line.
    names : sequence of sequence of str, two or more
        For every column the names that its field may have. The first is taken that is neither null nor an empty string,
        or else the first that is not null; what is no string is taken as it is written, without spaces. The first
        column must be a string; an empty string in the second counts as null.
    limit : int
        Longer lines are left.

    Returns
    -------
    Lines

    Examples
    --------
    >>> lines = b'{"text": "\\u4e2d", "id": 7, "n": [1, 2]}\n\n{"text": 1}\n'
    >>> columns, left = read_json_lines(lines, 100, "a#byte=", [["text"], ["id"]], limit=1000)
    >>> [bytes(column.values).decode() for column in columns], left.tolist()
    (['中', '7', 'a#byte=100a#byte=142', '{"n":[1,2]}'], [[1, 42, 53]])
    """
    values, offsets = text_buffers([name for column in names for name in column])
    number = np.repeat(np.arange(len(names), dtype=np.int32), [len(column) for column in names])
    start = np.frombuffer(prefix.encode(), np.uint8)
    found, left = core.read_json_lines(
        np.frombuffer(data, np.uint8), position, start, values, offsets, number, len(names), limit
    )
    return Lines([Strings(*column) for column in found], left.reshape(-1, 3))
