"""Scores of documents by a fastText classifier of the user's or our own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import LIMIT, Classifier, char_tokens


@cache
def load_model(path: str) -> Classifier:
    """The classifier of a file, read once a process.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is no fastText classifier.
    """
    return Classifier(Path(path))


def score(
    model: Classifier,
    texts: pa.Array | pa.ChunkedArray | Sequence[str],
    label: str = "__label__good",
    *,
    limit: int = LIMIT,
) -> npt.NDArray[np.float32]:
    """Probability of a label for each text.

    Parameters
    ----------
    model : Classifier
        A model trained on the tokens that `char_tokens` makes (`cci_tools.quality.train`). A model trained on other
        tokens runs too, but its scores mean little.
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        Any text: empty, with new lines, of any length.
    label : str, default "__label__good"
    limit : int, default 6144
        Bytes of a text that are read, see `char_tokens`.

    Returns
    -------
    ndarray of float32, shape (n,)
        0 to 1. A text that gives the model nothing to go by (it is empty, or in another script) scores 0.5.

    Raises
    ------
    ValueError
        The model has no such label.
    """
    scores = model.score(*char_tokens(*text_buffers(texts), limit), label)
    return np.where(np.isnan(scores), np.float32(0.5), scores)
