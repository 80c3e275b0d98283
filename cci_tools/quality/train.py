"""Train a quality model: fastText on the tokens that `char_tokens` makes, quantised to fit beside the code."""

import tempfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import LIMIT, Classifier, char_tokens
from cci_tools.quality.calibration import Calibration, calibrate, write_calibration
from cci_tools.quality.fit import fit
from cci_tools.quality.model import GOOD

BAD = "__label__bad"


def train(
    positive: Sequence[str],
    negative: Sequence[str],
    out: Path,
    *,
    held_out: float = 0.1,
    dim: int = 16,
    epochs: int = 5,
    learning_rate: float = 0.1,
    buckets: int = 1 << 18,
    features: int = 40_000,
    limit: int = LIMIT,
    seed: int = 0,
) -> dict[str, Any]:
    """Train a classifier of good text against bad, and test it on texts held out.

    Parameters
    ----------
    positive, negative : sequence of str
        Examples. Equal lines of tokens count once, before the split, and not at all where both sides have them.
    out : Path
        The model, a quantised fastText file (``.ftz``) with the labels ``__label__good`` and ``__label__bad``. Its
        calibration (`cci_tools.quality.calibration`) is written beside it, with the ending ``.json``.
    held_out : float, default 0.1
        Share of the texts that only tests; which ones depends on the texts alone.
    dim : int, default 16
        Width of the vectors; more is slower and, for two classes, hardly better.
    epochs, learning_rate
        More of either makes scores more extreme.
    buckets : int, default 262,144
        Slots of token pairs while training.
    features : int, default 40,000
        Tokens and pairs that the quantised model keeps: 40,000 are about 0.8 MB.
    limit : int, default 6144
        Bytes read of a text, see `char_tokens`.
    seed : int, default 0
        The same data and seed give the same file.

    Returns
    -------
    dict
        `positive`, `negative` (examples used), `data` (digest of the examples), `bytes` (size of the file),
        `held_out` (number), `auc`, `calibration_error` (expected, ten bins, after calibration), `good_quantiles` (score
        below which that share of good texts falls), `settings`.

    Raises
    ------
    ValueError
        There are fewer than 20 different examples of a kind, or none of a kind is held out.
    """
    positives, negatives = _lines(positive, limit), _lines(negative, limit)
    good, bad = sorted(positives - negatives), sorted(negatives - positives)
    if min(len(good), len(bad)) < 20:
        raise ValueError(f"{len(good)} good and {len(bad)} bad examples that differ: at least 20 of each are needed")
    order = np.random.default_rng(seed).permutation(len(good) + len(bad))
    examples = [(GOOD, line) for line in good] + [(BAD, line) for line in bad]
    digest = xxhash.xxh3_128()
    for label, line in examples:
        digest.update(f"{label} {line}\n".encode())
    tests = [e for e in examples if _held_out(e[1], held_out)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for i in order:
                label, line = examples[i]
                if not _held_out(line, held_out):
                    file.write(f"{label} {line}\n")
        out.parent.mkdir(parents=True, exist_ok=True)
        settings = {"dim": dim, "epoch": epochs, "lr": learning_rate, "bucket": buckets, "seed": seed}
        quantise = {"qnorm": True, "retrain": True, "cutoff": features, "epoch": 1, "lr": 0.05}
        fit(path, out, {**settings, "wordNgrams": 2, "minCount": 3, "loss": "softmax"}, quantise)
    odds = Classifier(out).log_odds(*text_buffers([line for _, line in tests]), GOOD)
    truth = np.array([label == GOOD for label, _ in tests])
    odds, truth = odds[np.isfinite(odds)], truth[np.isfinite(odds)]
    if not (truth.any() and (~truth).any()):
        raise ValueError(f"the share held out ({held_out}) leaves no test of one of the kinds: hold out more")
    # A calibration fitted on one half has to prove itself on the other; where the model's own probabilities are nearer
    # to the truth, they stay. What is kept is fitted on all.
    half = np.arange(len(odds)) % 2 == 0
    fitted, own = calibrate(odds[half], truth[half]), calibrate(odds, truth)
    errors = {
        one: calibration_error(one.probability(odds[~half]), truth[~half])
        for one in (Calibration(edges=own.edges), fitted)
    }
    plain, mended = errors.values()
    calibration = own if mended < plain else Calibration(edges=own.edges)
    quantiles = (0.001, 0.002, 0.005, 0.01, 0.05, 0.5)
    report = {
        "positive": len(good),
        "negative": len(bad),
        "data": digest.hexdigest(),
        "bytes": out.stat().st_size,
        "held_out": len(tests),
        "auc": auc(odds[truth], odds[~truth]),
        "calibration_error": min(plain, mended),
        "good_quantiles": {
            str(q): round(float(np.quantile(calibration.probability(odds[truth]), q)), 4) for q in quantiles
        },
        "settings": {**settings, "features": features, "limit": limit, "held_out": held_out},
    }
    write_calibration(out, calibration, report)
    return report


def model_card(out: Path, report: dict[str, Any], positive: Sequence[str], negative: Sequence[str]) -> Path:
    """Write the card of a model that `train` made beside it (``.md``): data, figures, limits.

    Parameters
    ----------
    out : Path
        The model.
    report : dict
        What `train` returned.
    positive, negative : sequence of str
        Where the examples come from, a line each.
    """
    rows = "\n".join(f"| score below which {float(q):.1%} of good texts fall | {value} |"
                     for q, value in report["good_quantiles"].items())  # fmt: skip
    text = CARD.format(
        name=out.name, rows=rows, good="\n".join(f"- {line}" for line in positive),
        bad="\n".join(f"- {line}" for line in negative), **report,
    )  # fmt: skip
    card = out.with_suffix(".md")
    card.write_text(text, encoding="utf-8")
    return card


CARD = """# {name}

A fastText classifier (Joulin et al. 2016) of good text (`__label__good`) against bad (`__label__bad`), on the tokens of
`cci_tools.kernels.classifier.char_tokens` and pairs of them; {bytes:,} bytes. Its calibration lies beside it.

## Data
{positive:,} good and {negative:,} bad texts, all different; digest {data}. Good:
{good}

Bad:
{bad}

## What it does
| | |
|---|---|
| texts held out by their hash | {held_out:,} |
| AUC on them | {auc:.4f} |
| expected calibration error | {calibration_error:.4f} |
{rows}

Settings: {settings}. The same texts and settings give the same file.

## What it does not know
Whatever neither kind of example shows: held-out figures are of texts like those it learnt from, and say nothing of
others. Try it on text that nobody chose (`cci-clean tune` shows documents at the border) before you trust a threshold.
"""


def auc(good: npt.ArrayLike, bad: npt.ArrayLike) -> float:
    """Probability that a good text scores above a bad one; ties count half.

    >>> auc([0.9, 0.8], [0.1, 0.8])
    0.875
    """
    first, second = np.sort(np.asarray(good, float)), np.sort(np.asarray(bad, float))
    below, above = np.searchsorted(second, first, "left"), np.searchsorted(second, first, "right")
    return float((below + above).mean() / 2 / len(second))


def calibration_error(scores: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Expected calibration error in ten equal bins: how far a score is, on average, from the share of good texts.

    >>> calibration_error([0.75, 0.75, 0.75, 0.75], [True, True, True, False])
    0.0
    """
    values, good = np.asarray(scores, float), np.asarray(truth, float)
    bins = np.minimum((values * 10).astype(int), 9)
    parts = [(bins == b) for b in range(10) if (bins == b).any()]
    return float(sum(part.mean() * abs(values[part].mean() - good[part].mean()) for part in parts))


def _lines(texts: Iterable[str], limit: int) -> set[str]:
    values, offsets = char_tokens(*text_buffers(list(texts)), limit)
    data = values.tobytes()
    lines = {data[a:b].decode() for a, b in pairwise(offsets)}
    return lines - {""}


def _held_out(line: str, share: float) -> bool:
    return xxhash.xxh3_64_intdigest(line.encode()) < share * 2**64
