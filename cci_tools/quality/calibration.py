"""What a model's log odds mean: a probability (Platt 1999), and a rank among good texts. Kept beside the model."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
RANKS = 20
"""Rank buckets, as many as CCI4.0 has (arXiv 2506.07463)."""


@dataclass(frozen=True)
class Calibration:
    """Fitted on texts that the model was not trained on.

    Attributes
    ----------
    slope, offset : float, default 1 and 0
        Probability = logistic(slope * log odds + offset). The defaults leave a model's own probabilities.
    edges : tuple of float
        The log odds that split the good texts into 20 equal parts: 19 ascending values. Without them ranks are
        twentieths of the probability.
    """

    slope: float = 1.0
    offset: float = 0.0
    edges: tuple[float, ...] = ()

    def probability(self, odds: Scores) -> Scores:
        """Calibrated probability of log odds; 0.5 for NaN, which is a text that the model knows nothing of."""
        with np.errstate(over="ignore"):
            found = 1 / (1 + np.exp(-(self.slope * odds.astype(np.float64) + self.offset)))
        return np.where(np.isnan(odds), 0.5, found).astype(np.float32)

    def rank(self, odds: Scores) -> Scores:
        """Rank from 0 (below all but a twentieth of the good texts) to 19; NaN for NaN.

        >>> Calibration(edges=tuple(range(19))).rank(np.array([-5, 0.5, 99], np.float32)).tolist()
        [0.0, 1.0, 19.0]
        """
        if self.edges:
            found = np.searchsorted(np.array(self.edges), odds, side="right")
        else:
            found = np.minimum((self.probability(odds) * RANKS).astype(np.int64), RANKS - 1)
        return np.where(np.isnan(odds), np.nan, found).astype(np.float32)


def beside(model: Path) -> Path:
    """Where the calibration of a model is: ``model.json`` for ``model.ftz``."""
    return model.with_suffix(".json")


@cache
def load_calibration(model: str) -> Calibration:
    """The calibration that lies beside a model, read once a process; the defaults where there is none.

    Raises
    ------
    ValueError
        The file is not one that `write_calibration` wrote.
    """
    path = beside(Path(model))
    if not path.is_file():
        return Calibration()
    try:
        values = json.loads(path.read_text(encoding="utf-8"))["calibration"]
        edges = tuple(float(edge) for edge in values["edges"])
        made = Calibration(float(values["slope"]), float(values["offset"]), edges)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not the calibration of a model ({error})") from error
    finite = np.isfinite([made.slope, made.offset, *edges]).all()
    if len(edges) != RANKS - 1 or list(edges) != sorted(edges) or not made.slope > 0 or not finite:
        raise ValueError(f"{path}: a calibration needs a slope above 0 and {RANKS - 1} ascending edges")
    return made


def write_calibration(model: Path, calibration: Calibration, report: dict[str, object]) -> None:
    """Write the calibration, and what training reported, beside a model."""
    text = json.dumps({"calibration": asdict(calibration), **report}, ensure_ascii=False, indent=2)
    beside(model).write_text(text + "\n", encoding="utf-8")


def calibrate(odds: Scores, good: npt.NDArray[np.bool_]) -> Calibration:
    """Fit a calibration.

    Parameters
    ----------
    odds : ndarray of float32, shape (n,)
        Log odds of texts held out from training.
    good : ndarray of bool, shape (n,)
        Which of them are good.

    Returns
    -------
    Calibration
        Slope and offset maximise the likelihood with Platt's targets, which keep both finite where the two kinds do not
        overlap; found by Newton's method from a fixed start, so equal data give equal numbers.
    """
    positives, negatives = int(good.sum()), int((~good).sum())
    target = np.where(good, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    values, weights = np.stack([odds.astype(np.float64), np.ones(len(odds))]), np.array([1.0, 0.0])
    for _ in range(100):
        found = 1 / (1 + np.exp(-np.clip(weights @ values, -500, 500)))
        curvature = (values * (found * (1 - found))) @ values.T + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, values @ (target - found))
        weights = weights + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    edges = np.quantile(odds[good].astype(np.float64), np.arange(1, RANKS) / RANKS)
    return Calibration(round(max(float(weights[0]), 1e-3), 6), round(float(weights[1]), 6), _rounded(edges.tolist()))


def _rounded(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values)
