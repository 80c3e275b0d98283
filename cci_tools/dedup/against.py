"""New documents against those of earlier releases: candidates between the two, and none within the earlier ones.

Earlier documents are kept whatever happens, so one search is enough and there are no rounds: a new document with a
verified pair is gone, and what is left is matched as if there were no releases. In a bucket the earlier documents are
the leaders. Where they are more than `cci_tools.dedup.candidates.LEADERS`, its documents are taken to smaller buckets,
as those of a single run are.
"""

from typing import Any

import numpy as np

from cci_tools.dedup import candidates
from cci_tools.dedup.crowds import Crowd, agreeing, gather, report_full, split_crowd
from cci_tools.dedup.search import Found, Index, in_buckets_of, union
from cci_tools.kernels.match import Keys, Rows, band_keys, shared_slots, slot_conflicts

_PAIRS = 1 << 22
"""Pairs whose sketches are compared at once."""


def find_known(index: Index, new: Rows, earlier: Rows) -> Found:
    """Candidate pairs of an earlier document and a new one.

    Parameters
    ----------
    index : Index
        All documents; the ranks of the earlier ones are better.
    new, earlier : ndarray of int64
        Rows, ascending; all rows of `earlier` are behind those of `new`.

    Returns
    -------
    Found
        Nobody is absorbed. The same for any ``index.memory``.
    """
    bands, width = index.banding
    pool = np.concatenate((new, earlier))
    old = np.arange(len(pool)) >= len(new)
    search = _Join(index, int(earlier[0]) if len(earlier) else len(index.ranks))
    full: list[tuple[Keys, Rows, Rows]] = []
    step = max(1, min(bands, index.memory // (8 * max(1, len(pool)))))
    for first in range(0, bands, step):
        lines = band_keys(index.signatures, pool, first, min(step, bands - first), width)
        for band, line in enumerate(lines, first):
            both = in_buckets_of(line, old) & in_buckets_of(line, ~old)
            keys, rows = line[both], pool[both]
            left = search.walk(keys[None], rows)
            if len(left):
                full.append((keys[left], rows[left], np.full(len(left), band)))
    nobody = np.zeros(len(index.ranks), bool)
    if not full:
        return Found(search.pairs, nobody, [])
    bucket, rows, band_of = (np.concatenate(arrays) for arrays in zip(*full, strict=True))
    crowd = gather(index, np.unique(rows))
    search.pairs = agreeing(index, crowd, search.pairs)
    left = split_crowd(search, crowd)
    return Found(search.pairs, nobody, report_full(bucket, rows, band_of, np.isin(rows, left), index.ranks))


class _Join:
    """The candidate pairs so far; `walk` as that of the search within one run."""

    def __init__(self, index: Index, first: int) -> None:
        self.index, self.first = index, first  # the row of the first earlier document
        self.pairs: Keys = np.empty(0, np.uint64)

    def walk(self, keys: Keys, rows: Rows, crowd: Crowd | None = None, last: bool = False) -> Rows:
        """Add the pairs of some buckets; the positions in `keys` of what buckets with too many leaders pass on."""
        left = [self._walk(line, rows, crowd, last) + number * len(rows) for number, line in enumerate(keys)]
        return np.concatenate(left) if left else np.empty(0, np.int64)

    def _walk(self, key: Keys, at: Rows, of: Crowd | None, last: bool) -> Rows:
        rows = of.rows[at] if of else at
        order = np.lexsort((rows, key))
        fresh = np.ones(len(order), bool)  # a document that occurs again in a bucket counts once
        fresh[1:] = (np.diff(key[order]) != 0) | (np.diff(rows[order]) != 0)
        order = order[fresh]
        if not len(order):
            return order
        key, row, place = key[order], rows[order], at[order]
        old = row >= self.first
        start = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        size = np.diff(np.append(start, len(key)))
        leaders = np.add.reduceat(old.astype(np.int64), start)
        lead = start + size - leaders  # the earlier documents of a bucket are its last ones
        bucket = np.repeat(np.arange(len(start)), size)

        full = (leaders > candidates.LEADERS) & (leaders < size)
        crowd = full[bucket] & (~old if last else True)
        leaders = np.minimum(leaders, candidates.LEADERS) if last else np.where(full, 0, leaders)
        self._compare(row, place, of, np.flatnonzero(~old), leaders[bucket], lead[bucket])
        passed_on: Rows = np.sort(order[crowd])
        return passed_on

    def _compare(self, row: Rows, place: Rows, crowd: Crowd | None, new: Rows, times: Rows, lead: Rows) -> None:
        """Compare the documents at the places `new` with the leaders of their buckets."""
        new = new[times[new] > 0]
        before = np.cumsum(times[new])
        for here in np.split(new, np.flatnonzero(np.diff(before // _PAIRS)) + 1):
            count = times[here]
            ramp = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            leader, other = np.repeat(lead[here], count) + ramp, np.repeat(here, count)
            a, b = row[leader], row[other]
            near = shared_slots(self.index.signatures, a, b) >= self.index.bounds.near
            if crowd:
                shared, conflicts = slot_conflicts(crowd.figures, place[leader], place[other])
                near &= (conflicts <= self.index.conflict_rate * shared).all(axis=1)
            ranks: Any = self.index.ranks.astype(np.uint64, copy=False)
            found = np.sort(ranks[a[near]] << np.uint64(32) | ranks[b[near]])
            self.pairs = union(self.pairs, found)
