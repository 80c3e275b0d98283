"""Candidate pairs: which documents are worth an exact comparison.

A walk through the buckets of every band (`cci_tools.kernels.match.band_candidates`). What happens to a bucket with more
leaders than it may have is told in `cci_tools.dedup.crowds`.
"""

from collections.abc import Iterator

import numpy as np

from cci_tools.dedup.crowds import Crowd, agreeing, gather, report_full, split_crowd
from cci_tools.dedup.search import Found, Index, Mask, difference, in_buckets_of, union
from cci_tools.kernels.match import Keys, Rows, band_candidates, band_keys

LEADERS = 32
"""Leaders of a bucket at most: a document is compared with no more than this many in one bucket."""

_WORSE = np.uint64(0xFFFFFFFF)


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
        Documents that are never absorbed. Those that were, by documents that state other facts, are added.

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
            left = search.walk(keys, members)
            if len(left):
                full.append((keys.reshape(-1)[left], members[left % len(members)], start + left // len(members)))
    if not full:
        return Found(search.pairs, absorbed, [])
    bucket, rows, band = (np.concatenate(arrays) for arrays in zip(*full, strict=True))
    crowd = gather(index, np.unique(rows))
    pairs = agreeing(index, crowd, search.pairs)
    # Who was absorbed by documents with other figures alone, is compared by figures now, and never absorbed so again.
    hard[index.order[difference(search.pairs, pairs) & _WORSE]] = True
    near = np.zeros(len(hard), bool)
    near[index.order[pairs & _WORSE]] = True
    absorbed[crowd.rows] &= near[crowd.rows]
    search.pairs = pairs
    left = split_crowd(search, crowd, active)
    return Found(search.pairs, absorbed, report_full(bucket, rows, band, np.isin(rows, left), index.ranks))


def _to_walk(lines: Keys, pool: Rows, active: Mask | None, first: int) -> Iterator[tuple[int, Keys, Rows]]:
    """All bands at once, or the buckets with an active document band by band: the first band, keys, and their rows."""
    if active is None:
        yield first, lines, pool
        return
    for band, line in enumerate(lines, first):
        chosen = in_buckets_of(line, active[pool])
        yield band, line[None, chosen], pool[chosen]


class _Search:
    """The search among the documents of one run."""

    def __init__(self, index: Index, hard: Mask, absorbed: Mask) -> None:
        self.index, self.hard, self.absorbed = index, hard, absorbed
        self.pairs: Keys = np.empty(0, np.uint64)

    def walk(self, keys: Keys, rows: Rows, crowd: Crowd | None = None, last: bool = False) -> Rows:
        index = self.index
        figures, list_of = (crowd.figures, rows) if crowd else (None, None)
        found = band_candidates(
            keys, crowd.rows[rows] if crowd else rows, index.ranks, index.signatures, self.hard, self.absorbed,
            near=index.bounds.near, sure=index.bounds.sure, cap=LEADERS, last=last,
            figures=figures, list_of=list_of, rate=index.conflict_rate,
        )  # fmt: skip
        self.pairs = union(self.pairs, found.pairs)
        return found.overflow
