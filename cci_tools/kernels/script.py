"""Counts of the characters of a few classes in each text."""

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

CLASSES = 5
"""Classes that are told apart; 0 is any other character."""


def count_classes(values: Bytes, offsets: Offsets, classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """How many characters of each class each text holds.

    Parameters
    ----------
    values, offsets : ndarray
        Texts, see `cci_tools.kernels.arrow.text_buffers`. Malformed UTF-8 counts as U+FFFD.
    classes : ndarray of uint8, shape (65536,)
        Class of each code point of the Basic Multilingual Plane, 0 to 4.

    Returns
    -------
    counts : ndarray of int64, shape (n, 5)
        ASCII and characters beyond the plane are not counted.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> classes = np.zeros(65536, np.uint8)
    >>> classes[ord("国")] = 1
    >>> count_classes(*text_buffers(["中国国歌a", ""]), classes).tolist()
    [[2, 2, 0, 0, 0], [0, 0, 0, 0, 0]]
    """
    counts = np.zeros((len(offsets) - 1, CLASSES), np.int64)
    core.count_classes(values, offsets, classes, counts)
    return counts
