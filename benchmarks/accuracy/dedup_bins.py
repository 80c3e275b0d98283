"""Recall, precision and error of the sketches by bins of exact Jaccard: a part of `dedup.py`."""

import math
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cci_tools.dedup.bands import choose_bands, recall_at
from cci_tools.dedup.search import estimate_bounds
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.match import band_keys, jaccard_pairs
from cci_tools.kernels.sign import SCHEMES, sign

THRESHOLD, RECALL, SLOTS = 0.8, 0.99, 128
EDGES = (0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.01)


class Pairs(NamedTuple):
    """Texts, numbers of the two texts of each pair, and their exact Jaccard by other code."""

    texts: list[str]
    a: np.ndarray
    b: np.ndarray
    jaccard: np.ndarray


def edited_pairs(texts: list[str], rng: random.Random, characters: int, exact: Callable[[str, str], float]) -> Pairs:
    """Texts, cut to a number of characters at most, and copies with so many characters changed that J is 0.3 to 1."""
    both, similarity = [], []
    for text in texts:
        start = rng.randrange(max(1, len(text) - characters))
        text = text[start : start + rng.randint(characters // 4, characters)]
        if not exact(text, text):  # too short for a shingle
            continue
        share = 1 - (2 * (j := rng.uniform(0.3, 1.0)) / (1 + j)) ** (1 / 5)  # of characters, for 5-grams
        other = "".join(chr(rng.randrange(0x4E00, 0x9FA6)) if rng.random() < share else c for c in text)
        both += [text, other]
        similarity.append(exact(text, other))
    a = np.arange(0, len(both), 2)
    return Pairs(both, a, a + 1, np.array(similarity))


def by_bin(pairs: Pairs) -> Iterator[dict[str, Any]]:
    """One row for each scheme and bin: what banding proposes, what verification says, and how far estimates are off."""
    banding, bounds = choose_bands(THRESHOLD, RECALL, SLOTS), estimate_bounds(THRESHOLD, SLOTS)
    everybody = np.arange(len(pairs.texts))
    common, together = jaccard_pairs(*text_buffers(pairs.texts), pairs.a, pairs.b)
    verified = common / np.maximum(together, 1) >= THRESHOLD
    truly = pairs.jaccard >= THRESHOLD
    for scheme in SCHEMES:
        signed = sign(pairs.texts, slots=SLOTS, scheme=scheme)
        keys = band_keys(signed.signatures, everybody, 0, *banding)
        met = (keys[:, pairs.a] == keys[:, pairs.b]).any(axis=0)
        equal = (signed.signatures[pairs.a] == signed.signatures[pairs.b]).sum(axis=1)
        proposed = met & (equal >= bounds.near)
        error = equal / SLOTS - pairs.jaccard
        for low, high in [*pairwise(EDGES), (THRESHOLD, 2.0), (0.0, 2.0)]:
            here = (pairs.jaccard >= low) & (pairs.jaccard < high)
            if not here.any():
                continue
            j, removed = pairs.jaccard[here], here & proposed & verified
            yield {
                "scheme": scheme,
                "from": low,
                "to": high,
                "pairs": int(here.sum()),
                "proposed": round(float(proposed[here].mean()), 4),
                "bands in theory": round(float(np.mean([recall_at(x, banding) for x in j])), 4),
                "recall": round(float(removed.sum() / (here & truly).sum()), 4) if (here & truly).any() else None,
                "precision": round(float((removed & truly).sum() / removed.sum()), 4) if removed.any() else None,
                "bias": round(float(error[here].mean()), 4),
                "rmse": round(float(np.sqrt((error[here] ** 2).mean())), 4),
                "rmse in theory": round(math.sqrt(float((j * (1 - j) / SLOTS).mean())), 4),
            }


def print_bins(title: str, rows: list[dict[str, Any]]) -> None:
    """The rows as a table."""
    names = list(rows[0])
    print(f"\n{title}\n" + "".join(f"{name:>17}" if "theory" in name else f"{name:>10}" for name in names))
    for row in rows:
        values = ["-" if value is None else value for value in row.values()]
        print("".join(f"{v:>17}" if "theory" in n else f"{v:>10}" for n, v in zip(names, values, strict=True)))
