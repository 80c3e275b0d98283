"""Texts as tokens, and the scores of a fastText classifier for them, in the compiled core."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

LIMIT = 6144
"""Bytes of a text that are read by default: about 2,000 Hanzi."""


def char_tokens(values: Bytes, offsets: Offsets, limit: int = LIMIT) -> tuple[Bytes, Offsets]:
    """Each text as a line of tokens separated by spaces, as fastText reads it.

    A Hanzi or any other letter is a token, folded to half width, lower case and Simplified, so that a model judges
    Traditional text like Simplified. A run of ASCII letters is one token (its first 12 letters), a run of digits one
    token that tells only its length ("2024" and "1984" are "0000"). A sign is a token, the same sign over and over
    one. New lines in a row are one token "↵"; other white space is passed over; controls and the like in a row are one
    "\\ufffd".

    Parameters
    ----------
    values : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
        Text i is ``values[offsets[i]:offsets[i + 1]]``, UTF-8; malformed input is read as U+FFFD.
    limit : int, default 6144
        A longer text is read at its head, its middle and its end, a third of so many bytes each. The time for a text is
        bounded by it; what lies between goes unseen, so a small limit misses an advert inside a long text.

    Returns
    -------
    values : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)

    Raises
    ------
    ValueError
        `limit` is below 12.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> tokens, _ = char_tokens(*text_buffers(["國務院 2024年！！\\n\\nＡＰＰ下载"]))
    >>> bytes(tokens).decode()
    '国 务 院 0000 年 ！ ↵ app 下 载'
    """
    starts = np.empty(len(offsets), np.int64)
    return core.char_tokens(values, offsets, limit, starts), starts


class Classifier:
    """A trained fastText classifier, plain (``.bin``) or quantised (``.ftz``), for prediction without the GIL.

    Gives the probabilities that fastText's `predict` gives, but none above 1.

    Parameters
    ----------
    path : Path
        The model's file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not a fastText classifier.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._core = core.Classifier(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        self.path = path
        self.labels: list[str] = list(self._core.labels)

    def label_index(self, label: str) -> int:
        """Position of a label; a ValueError names the labels that there are."""
        if label not in self.labels:
            raise ValueError(f"{self.path}: the model has no label {label!r}; it has: {', '.join(self.labels[:20])}")
        return self.labels.index(label)

    def score(self, values: Bytes, offsets: Offsets, label: str) -> npt.NDArray[np.float32]:
        """Probability of a label for each line of tokens, shape (n,); NaN where the model knows no feature of it."""
        return self._run(values, offsets, label, odds=False)

    def log_odds(self, values: Bytes, offsets: Offsets, label: str) -> npt.NDArray[np.float32]:
        """Natural logarithm of the odds of a label, from -50 to 50, shape (n,): it still differs where the probability
        is as good as 1. NaN where the model knows no feature of the line."""
        return self._run(values, offsets, label, odds=True)

    def _run(self, values: Bytes, offsets: Offsets, label: str, *, odds: bool) -> npt.NDArray[np.float32]:
        out = np.empty(len(offsets) - 1, np.float32)
        self._core.score(values, offsets, self.label_index(label), odds, out)
        return out
