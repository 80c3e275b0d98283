"""Scores of documents by fastText classifiers of the user's or our own, one or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers
from cci_tools.kernels.classifier import LIMIT, Classifier, char_tokens
from cci_tools.quality.calibration import Scores, load_calibration

Texts: TypeAlias = pa.Array | pa.ChunkedArray | Sequence[str]
GOOD = "__label__good"


@cache
def load_model(path: str) -> Classifier:
    """The classifier of a file, read once a process.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is no fastText classifier.
    """
    return Classifier(Path(path))


@dataclass(frozen=True)
class Judge:
    """One model, and how it is asked.

    Attributes
    ----------
    path : str
        The model's file; its calibration is read from beside it.
    label : str, default "__label__good"
        The label whose probability is the score.
    reads_text : bool, default False
        Give the model the text itself, cut at white space, and not the tokens of `char_tokens`: for models that were
        not trained here, such as those for languages.
    """

    path: str
    label: str = GOOD
    reads_text: bool = False

    def open(self) -> None:
        """Load model and calibration; a clear error where either cannot be used."""
        load_model(self.path).label_index(self.label)
        load_calibration(self.path)

    def log_odds(self, text: tuple[Bytes, Offsets], tokens: tuple[Bytes, Offsets]) -> Scores:
        """Log odds of the label for each text, shape (n,)."""
        return load_model(self.path).log_odds(*(text if self.reads_text else tokens), self.label)


def score_all(
    judges: Sequence[Judge], texts: Texts, combine: Literal["max", "mean"] = "max", *, limit: int = LIMIT
) -> tuple[Scores, Scores]:
    """Calibrated score and rank of each text, over one or several models.

    Parameters
    ----------
    judges : sequence of Judge
        One at least.
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
    combine : {"max", "mean"}
        Of several models: "max" keeps what any of them finds good, as CCI4.0 does with its ranks; "mean" asks for their
        agreement.
    limit : int, default 6144
        Bytes of a text that are read, see `char_tokens`.

    Returns
    -------
    score : ndarray of float32, shape (n,)
        Calibrated probability, 0 to 1. 0.5 where a model has nothing to go by.
    rank : ndarray of float32, shape (n,)
        0 to 19: in which twentieth of good texts the text lies. NaN where no model has anything to go by.
    """
    text = text_buffers(texts)
    tokens = text if all(judge.reads_text for judge in judges) else char_tokens(*text, limit)
    scores, ranks = [], []
    for judge in judges:
        calibration, odds = load_calibration(judge.path), judge.log_odds(text, tokens)
        scores.append(calibration.probability(odds))
        ranks.append(calibration.rank(odds))
    if len(judges) == 1:
        return scores[0], ranks[0]
    if combine == "max":
        return np.maximum.reduce(scores), np.fmax.reduce(ranks)
    known = np.isfinite(ranks)
    total, count = np.where(known, ranks, 0).sum(0), known.sum(0)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.mean(scores, axis=0, dtype=np.float32), mean.astype(np.float32)


def score(model: Classifier, texts: Texts, label: str = GOOD, *, limit: int = LIMIT) -> npt.NDArray[np.float32]:
    """A model's own probability of a label for each text, without calibration.

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
