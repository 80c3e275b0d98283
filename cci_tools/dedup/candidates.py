"""Candidate pairs: which documents are worth an exact comparison.

A walk through the buckets of every band (`cci_tools.kernels.match.band_candidates`), and what happens to a bucket with
more leaders than it may have: a template used a hundred thousand times with other figures, say. Its documents are
taken to smaller buckets: by a min-hash of their figures, on most of which true copies agree, then by two of them, then
by two bands. What finds no place even there is compared with the leaders only, and reported.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

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

NO_FIGURES = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Min-hash of a text without digits."""

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
    full: list[dict[str, Any]]  # the buckets with more than LEADERS leaders, as plain data


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
    search = _Search(index, hard, absorbed)
    full: list[tuple[Keys, Rows, Rows]] = []
    step = max(1, min(bands, index.memory // (8 * max(1, len(pool)))))
    for first in range(0, bands, step):
        lines = band_keys(index.signatures, pool, first, min(step, bands - first), width)
        for start, keys, members in _to_walk(lines, pool, active, first):
            crowd = search.walk(keys, members)
            if len(crowd):
                full.append((keys.reshape(-1)[crowd], members[crowd % len(members)], start + crowd // len(members)))
    if not full:
        return Found(search.pairs, absorbed, [])
    bucket, rows, band = (np.concatenate(arrays) for arrays in zip(*full, strict=True))
    left = split_crowd(search, np.unique(rows))
    return Found(search.pairs, absorbed, report_full(bucket, rows, band, np.isin(rows, left), index.ranks))


def union(a: Keys, b: Keys) -> Keys:
    """Sorted union of two ascending arrays without repeats.

    `numpy.unique` hashes integers since 2.3, and is a hundred times slower on pairs of ranks than sorting is.
    """
    if not len(a) or not len(b):
        return a if len(a) else b
    both = np.sort(np.concatenate((a, b)))
    new = np.ones(len(both), bool)
    np.not_equal(both[1:], both[:-1], out=new[1:])
    merged: Keys = both[new]
    return merged


def difference(a: Keys, b: Keys) -> Keys:
    """What is in `a` and not in `b`, both ascending and without repeats."""
    if not len(b):
        return a
    rest: Keys = a[b[np.minimum(np.searchsorted(b, a), len(b) - 1)] != a]
    return rest


def _to_walk(lines: Keys, pool: Rows, active: Mask | None, first: int) -> Iterator[tuple[int, Keys, Rows]]:
    """All bands at once, or the buckets with an active document band by band: the first band, keys, and their rows."""
    if active is None:
        yield first, lines, pool
        return
    for band, line in enumerate(lines, first):
        chosen = in_buckets_of(line, active[pool])
        yield band, line[None, chosen], pool[chosen]


class Search(Protocol):
    """A walk through buckets, and the candidate pairs that it found so far."""

    index: Index
    pairs: Keys

    def walk(self, keys: Keys, rows: Rows, last: bool = False) -> Rows:
        """Add the pairs of some buckets; the positions in `keys` that buckets with too many leaders pass on."""
        ...


class _Search:
    """The search among the documents of one run."""

    def __init__(self, index: Index, hard: Mask, absorbed: Mask) -> None:
        self.index, self.hard, self.absorbed = index, hard, absorbed
        self.pairs: Keys = np.empty(0, np.uint64)

    def walk(self, keys: Keys, rows: Rows, last: bool = False) -> Rows:
        index = self.index
        found = band_candidates(
            keys, rows, index.ranks, index.signatures, self.hard, self.absorbed,
            near=index.bounds.near, sure=index.bounds.sure, cap=LEADERS, last=last,
        )  # fmt: skip
        self.pairs = union(self.pairs, found.pairs)
        return found.overflow


def in_buckets_of(keys: Keys, active: Mask) -> Mask:
    """Which documents share a bucket with an active one, and a few more: only some bits of the keys are compared."""
    bits = keys & np.uint64((1 << _FILTER_BITS) - 1)
    table = np.zeros(1 << _FILTER_BITS, bool)
    table[bits[active]] = True
    chosen: Mask = table[bits]
    return chosen


def split_crowd(search: Search, crowd: Rows) -> Rows:
    """Compare the documents of over-full buckets in smaller ones; those that are left over even there."""
    index = search.index
    figures = _figures(index, crowd)
    without = figures[:, 0] == NO_FIGURES
    rows, figures = crowd[~without], figures[~without]

    passed_on = search.walk(np.ascontiguousarray(figures.T), rows)
    which, row = np.divmod(passed_on, max(1, len(rows)))
    keys = _mix(figures[row, which], figures[row, (which + 1) % SKETCHES])
    passed_on = search.walk(keys[None], rows[row])

    rows = np.concatenate((rows[row][passed_on], crowd[without]))
    keys = np.concatenate((keys[passed_on], np.full(int(without.sum()), NO_FIGURES)))
    bands, width = index.banding
    lines = band_keys(index.signatures, rows, 0, bands, width)
    left = search.walk(_mix(keys, _mix(lines, np.roll(lines, 1, axis=0))), rows, last=True)
    return np.unique(rows[left % max(1, len(rows))])


def _mix(key: Keys, more: Keys) -> Keys:
    mixed: Keys = (key ^ (more * _MULTIPLIER)) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))


def _figures(index: Index, rows: Rows) -> Keys:
    """Min-hashes of the number slots of some documents, shape (m, SKETCHES)."""
    sketches = [np.empty((0, SKETCHES), np.uint64)]
    for start in range(0, len(rows), 4096):
        texts = index.fetch(rows[start : start + 4096])
        values, offsets = texts if isinstance(texts, tuple) else text_buffers(texts)
        sketches.append(number_sketch(values, offsets, SKETCHES))
    return np.concatenate(sketches)


def report_full(bucket: Keys, rows: Rows, band: Rows, left: Mask, ranks: Ranks) -> list[dict[str, Any]]:
    """One entry for each over-full bucket, the largest first."""
    order = np.lexsort((ranks[rows], bucket))
    starts = np.flatnonzero(np.diff(bucket[order])) + 1
    entries = [
        {
            "band": int(band[members[0]]),
            "documents": len(members),  # those that no leader absorbed
            "left_over": int(left[members].sum()),  # compared with the leaders only, even in the smallest buckets
            "sample": rows[members[:3]].tolist(),
        }
        for members in np.split(order, starts)
    ]
    return sorted(entries, key=lambda entry: (-entry["documents"], entry["band"], entry["sample"]))
