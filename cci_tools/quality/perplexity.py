"""Perplexity: how strange a text is to a model of good text. The model is the user's own, and off by default.

An interpolated Kneser-Ney model (Chen and Goodman 1999) of the tokens of `char_tokens`: characters, folded to
Simplified, ASCII words in one piece and numbers by their length. It is one file that holds a hash table; texts are not
in it. It tells fluent text from shuffled, mistyped or wrongly decoded text, but a poem, a table or a statute of a kind
that it has not seen is strange to it, too: choose thresholds by kind and source, as CCI4.0 does (the 99.5th percentile
of each domain, arXiv 2506.07463).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import LIMIT, char_tokens
from cci_tools.kernels.perplexity import MOST_ORDER, STEP, Hashes, token_grams
from cci_tools.kernels.perplexity import perplexity as of_tokens
from cci_tools.quality.model import Texts

MAGIC = b"CCINGRAM"
VERSION = 2
HEADER = struct.Struct("<8sIIdQ")  # magic, version, order, cost of an unknown token, digest of what follows
KENLM = (".arpa", ".klm", ".kenlm")


@dataclass(frozen=True, eq=False)
class Model:
    """An n-gram model: see `cci_tools.kernels.perplexity.perplexity` for its slots."""

    slots: Hashes
    order: int
    unknown: float

    def write(self, path: Path) -> None:
        """Write the model's file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        slots = self.slots.astype("<u8").tobytes()
        digest = xxhash.xxh3_64_intdigest(slots)
        path.write_bytes(HEADER.pack(MAGIC, VERSION, self.order, self.unknown, digest) + slots)


@cache
def load(path: str) -> Any:
    """The model of a file, read once a process: ours, or one of KenLM's (``.arpa``, ``.klm``) where that is installed.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is not a model.
    """
    if Path(path).suffix in KENLM:
        try:
            import kenlm  # type: ignore[import-not-found]
        except ImportError:
            raise ValueError(f"{path}: a model of KenLM needs the package kenlm, which is not installed") from None
        return kenlm.Model(path)
    data = Path(path).read_bytes()
    size = len(data) - HEADER.size
    if size < 8 or not data.startswith(MAGIC):
        raise ValueError(f"{path}: not an n-gram model; make one with `cci-clean train perplexity`")
    _, version, order, unknown, digest = HEADER.unpack_from(data)
    if version != VERSION:
        raise ValueError(f"{path}: an n-gram model of format {version}, this release reads {VERSION}; train it again")
    whole = xxhash.xxh3_64_intdigest(memoryview(data)[HEADER.size :]) == digest
    whole &= size % 8 == 0 and (size // 8) & (size // 8 - 1) == 0
    if not whole or not 1 <= order <= MOST_ORDER or not 0 <= unknown < np.inf:
        raise ValueError(f"{path}: an n-gram model that is cut short or damaged; train it again")
    return Model(np.frombuffer(data, "<u8", offset=HEADER.size).astype(np.uint64), order, unknown)


def perplexity(model: Any, texts: Texts, *, limit: int = LIMIT) -> npt.NDArray[np.float32]:
    """Perplexity of texts for each token, shape (n,); NaN for a text without tokens.

    Parameters
    ----------
    model : Model, or kenlm.Model
        From `load` or `train`.
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
    limit : int, default 6144
        Bytes of a text that are read, see `char_tokens`.
    """
    values, offsets = char_tokens(*text_buffers(texts), limit)
    if isinstance(model, Model):
        return of_tokens(values, offsets, model.slots, model.order, model.unknown)
    data = values.tobytes()
    lines = [data[a:b].decode() for a, b in pairwise(offsets)]
    return np.array([model.perplexity(line) if line else np.nan for line in lines], np.float32)


def train(texts: Sequence[str], *, order: int = 4, least: Sequence[int] = (1, 1, 2, 2), limit: int = 1 << 40) -> Model:
    """Learn a model from good text.

    Parameters
    ----------
    texts : sequence of str
        All are in memory at once, with some 60 bytes for each character.
    order : int, default 4
        Tokens of the longest n-gram, 1 to 8. A model of more is larger and, of the same text, little better.
    least : sequence of int, default (1, 1, 2, 2)
        How often an n-gram of 1, 2, ... tokens must occur to be kept; the last value holds for longer ones. Ascending.
    limit : int
        Bytes of a text that are read; all of them by default.

    Raises
    ------
    ValueError
        The order is out of range, `least` falls, or there are no tokens.
    """
    if not 1 <= order <= MOST_ORDER:
        raise ValueError(f"order {order}: from 1 to {MOST_ORDER}")
    wanted = [least[min(n, len(least) - 1)] for n in range(order)]
    if wanted != sorted(wanted) or wanted[0] < 1:
        raise ValueError(f"least {tuple(least)}: the counts must not fall with the length of the n-gram")
    values, offsets = char_tokens(*text_buffers(list(texts)), limit)
    levels = [_count(token_grams(values, offsets, n), n) for n in range(1, order + 1)]
    if not len(levels[0].grams):
        raise ValueError("the texts have no tokens to learn from")
    hashes: list[Hashes] = []
    costs: list[npt.NDArray[np.float64]] = []
    backs: list[npt.NDArray[np.float64]] = []
    lower: npt.NDArray[np.float64] = np.empty(0)
    unknown = 0.0
    for n, level in enumerate(levels):
        # Kneser-Ney: what counts for a shorter n-gram is after how many different tokens it occurs.
        count = level.counts.astype(np.float64)
        if n + 1 < order:
            above = levels[n + 1]
            followed = np.searchsorted(level.grams, level.at(above.first))
            count = np.maximum(np.bincount(followed, minlength=len(count)), 1)
        once, twice = (count == 1).sum(), (count == 2).sum()
        discount = once / (once + 2 * twice) if once and twice else 0.5
        kept = level.counts >= wanted[n]
        contexts = levels[n - 1].grams if n else np.zeros(1, np.uint64)
        context = np.searchsorted(contexts, levels[n - 1].at(level.first - 1)) if n else np.zeros(len(count), np.int64)
        total = np.bincount(context, count, len(contexts))[context]
        own = np.where(kept, (count - discount) / total, 0)
        left: npt.NDArray[np.float64] = np.clip(1 - np.bincount(context, own, len(contexts)), 1e-9, 1)
        if n:
            suffix = np.searchsorted(contexts, levels[n - 1].at(level.first))
            backs.append(left[levels[n - 1].counts >= wanted[n - 1]])
            probability = own + left[context] * lower[suffix]
        else:
            share = float(left[0]) / (len(count) + 1)
            unknown = -float(np.log(share))
            probability = own + share
        lower = probability
        hashes.append(level.grams[kept])
        costs.append(probability[kept])
    backs.append(np.ones(len(hashes[-1])))
    return Model(_table(np.concatenate(hashes), np.concatenate(costs), np.concatenate(backs)), order, unknown)


@dataclass(frozen=True, eq=False)
class _Level:
    """The different n-grams of one length, ascending; how often each occurs, and the token at which it ends first."""

    every: Hashes
    grams: Hashes
    first: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    def at(self, places: npt.NDArray[np.int64]) -> Hashes:
        """The n-gram that ends at each token."""
        return self.every[places]


def _count(every: Hashes, order: int) -> _Level:
    grams, first, counts = np.unique(every, return_index=True, return_counts=True)
    skipped = int(len(grams) > 0 and grams[0] == 0)
    return _Level(every, grams[skipped:], first[skipped:], counts[skipped:])


def _table(hashes: Hashes, probability: npt.NDArray[np.float64], back: npt.NDArray[np.float64]) -> Hashes:
    """An open table, no more than two thirds full, in which each n-gram is found from its hash."""
    size = 1 << int(np.ceil(np.log2(len(hashes) * 1.5 + 1)))
    cost, step_back = (np.minimum(np.rint(-np.log(p) / STEP), 0xFFFF).astype(np.uint64) for p in (probability, back))
    prints = hashes >> np.uint64(32) | np.uint64(1)
    entries = prints << np.uint64(32) | cost << np.uint64(16) | step_back
    slots = np.zeros(size, np.uint64)
    place, left = (hashes >> np.uint64(1) & np.uint64(size - 1)).astype(np.int64), np.arange(len(hashes))
    while len(left):  # every round fills the empty slots that are asked for; who comes second asks for the next one
        free = slots[place[left]] == 0
        winners, chosen = np.unique(place[left][free], return_index=True)
        slots[winners] = entries[left[free][chosen]]
        settled = np.zeros(len(left), bool)
        settled[np.flatnonzero(free)[chosen]] = True
        left = left[~settled]
        place[left] = (place[left] + 1) & (size - 1)
    return slots
