"""Candidate pairs: which documents are worth an exact comparison.

A walk through the buckets of every band (`cci_tools.kernels.match.band_candidates`), and what happens to a bucket with
more leaders than it may have: a template used a hundred thousand times with other figures, say. Such a bucket is
split, first by min-hashes of the documents' figures, on most of which true copies agree, then by the key of the next
band. What still finds no place is reported.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.dedup.bands import Banding
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers
from cci_tools.kernels.match import Keys, Ranks, Rows, Signatures, band_candidates, band_keys, number_sketch

Mask = npt.NDArray[np.bool_]
Fetch = Callable[[Rows], pa.Array | pa.ChunkedArray | tuple[Bytes, Offsets]]
"""Texts of the rows asked for, in their order; the rows are ascending."""

LEADERS = 32
"""Leaders of a bucket at most: a document is compared with no more than this many in one bucket."""

SKETCHES = 8
"""Min-hashes of the figures by which an over-full bucket is split."""

_FILTER_BITS = 22
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Estimate(NamedTuple):
    """What the share of equal slots says about the Jaccard similarity."""

    near: int  # equal slots from which a pair is verified: four standard deviations below the threshold
    sure: int  # equal slots from which a document is taken to be the leader's copy, until verification refutes it


def estimate_bounds(threshold: float, slots: int) -> Estimate:
    """Equal slots that a pair at the threshold has at least, but for 1 in 30,000, and on average.

    Examples
    --------
    >>> estimate_bounds(0.8, 128)
    Estimate(near=85, sure=103)
    """
    sigma = math.sqrt(threshold * (1 - threshold) / slots)
    return Estimate(max(1, math.ceil((threshold - 4 * sigma) * slots)), math.ceil(threshold * slots))


class Index(NamedTuple):
    """What the search reads."""

    signatures: Signatures
    ranks: Ranks
    banding: Banding
    bounds: Estimate
    fetch: Fetch
    memory: int  # bytes for keys or texts held at once


class Found(NamedTuple):
    """Candidates of one round."""

    pairs: Keys  # rank << 32 | rank, ascending, each once
    absorbed: Mask  # shape (n,): documents that were taken for a leader's copy somewhere
    capped: list[dict[str, Any]]  # buckets with more than LEADERS leaders


def find_candidates(index: Index, pool: Rows, active: Mask | None, hard: Mask) -> Found:
    """Candidate pairs among the documents of a pool.

    Parameters
    ----------
    index : Index
        All documents.
    pool : ndarray of int64, shape (m,)
        Rows to compare with each other, ascending.
    active : ndarray of bool, shape (n,), optional
        Only buckets that hold one of these documents are walked; all buckets by default.
    hard : ndarray of bool, shape (n,)
        Documents that are never absorbed.

    Returns
    -------
    Found
        The same for any `memory`.
    """
    bands, width = index.banding
    absorbed = np.zeros(len(index.ranks), bool)
    pairs = np.empty(0, np.uint64)
    over: list[tuple[Keys, Rows, Rows]] = []
    step = max(1, min(bands, index.memory // (8 * max(1, len(pool)))))
    for first in range(0, bands, step):
        lines = band_keys(index.signatures, pool, first, min(step, bands - first), width)
        for band, keys, rows in _to_walk(lines, pool, active, first):
            pairs, overflow = _walk(index, keys, rows, hard, absorbed, pairs)
            if len(overflow):
                over.append((keys.reshape(-1)[overflow], rows[overflow % len(rows)], band + overflow // len(rows)))
    capped: list[dict[str, Any]] = []
    if over:
        pairs, capped = _split(index, over, hard, absorbed, pairs)
    return Found(pairs, absorbed, capped)


def _to_walk(lines: Keys, pool: Rows, active: Mask | None, first: int) -> Iterator[tuple[int, Keys, Rows]]:
    """All bands at once, or the buckets with an active document band by band: the first band, keys, and their rows."""
    if active is None:
        yield first, lines, pool
        return
    for band, line in enumerate(lines, first):
        chosen = _in_buckets_of(line, active[pool])
        yield band, line[None, chosen], pool[chosen]


def _walk(
    index: Index, keys: Keys, rows: Rows, hard: Mask, absorbed: Mask, pairs: Keys
) -> tuple[Keys, npt.NDArray[np.int64]]:
    found = band_candidates(
        keys, rows, index.ranks, index.signatures, hard, absorbed,
        near=index.bounds.near, sure=index.bounds.sure, cap=LEADERS,
    )  # fmt: skip
    return np.union1d(pairs, found.pairs) if len(found.pairs) else pairs, found.overflow


def _in_buckets_of(keys: Keys, active: Mask) -> Mask:
    """Which documents share a bucket with an active one, and a few more: only some bits of the keys are compared."""
    bits = keys & np.uint64((1 << _FILTER_BITS) - 1)
    table = np.zeros(1 << _FILTER_BITS, bool)
    table[bits[active]] = True
    chosen: Mask = table[bits]
    return chosen


def _split(
    index: Index, over: list[tuple[Keys, Rows, Rows]], hard: Mask, absorbed: Mask, pairs: Keys
) -> tuple[Keys, list[dict[str, Any]]]:
    """Compare the documents that over-full buckets left, in smaller buckets."""
    bucket = np.concatenate([keys for keys, _, _ in over])
    rows = np.concatenate([rows for _, rows, _ in over])
    band = np.concatenate([band for _, _, band in over])

    documents, place = np.unique(rows, return_inverse=True)
    figures = _figures(index, documents)[place].T
    keys = _mix(bucket, np.ascontiguousarray(figures))
    pairs, overflow = _walk(index, keys, rows, hard, absorbed, pairs)

    column = overflow % len(rows)
    bands, width = index.banding
    following = np.empty(len(column), np.uint64)
    for b in np.unique(band[column]):
        here = band[column] == b
        following[here] = band_keys(index.signatures, rows[column[here]], (int(b) + 1) % bands, 1, width)[0]
    keys = _mix(keys.reshape(-1)[overflow], following)
    pairs, overflow = _walk(index, keys[None], rows[column], hard, absorbed, pairs)

    left = np.zeros(len(rows), bool)
    left[column[overflow]] = True
    return pairs, _report(bucket, rows, band, left, index.ranks)


def _mix(key: Keys, more: Keys) -> Keys:
    mixed: Keys = (key ^ (more * _MULTIPLIER)) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))


def _figures(index: Index, rows: Rows) -> Keys:
    """Min-hashes of the number slots of some documents, shape (m, SKETCHES)."""
    sketches = []
    for start in range(0, len(rows), 4096):
        texts = index.fetch(rows[start : start + 4096])
        values, offsets = texts if isinstance(texts, tuple) else text_buffers(texts)
        sketches.append(number_sketch(values, offsets, SKETCHES))
    return np.concatenate(sketches)


def _report(bucket: Keys, rows: Rows, band: npt.NDArray[np.int64], left: Mask, ranks: Ranks) -> list[dict[str, Any]]:
    """One entry for each over-full bucket: how many found no place in it, how many in none of its parts, a sample."""
    order = np.lexsort((ranks[rows], bucket))
    starts = np.flatnonzero(np.r_[True, bucket[order][1:] != bucket[order][:-1]])
    entries = []
    for members in np.split(order, starts[1:]):
        entries.append(
            {
                "band": int(band[members[0]]),
                "documents": len(members) + LEADERS,
                "beyond_leaders": len(members),
                "not_compared": int(left[members].sum()),
                "sample": rows[members[:3]].tolist(),
            }
        )
    return sorted(entries, key=lambda entry: (-entry["documents"], entry["band"], entry["sample"]))
