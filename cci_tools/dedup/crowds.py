"""Over-full buckets: a template used a hundred thousand times with other figures, say.

The documents of a bucket with more leaders than it may have are taken to smaller ones: by a min-hash of their figures,
on most of which true copies agree, then by two of them, by four, and then by two bands. What finds no place even there
is compared with the leaders only, and reported.

All sketches of such a crowd are near, so the figures decide what is a candidate: documents that state other facts are
no pair. A document has a limited number of comparisons in each bucket, and candidates are about as many as copies.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from cci_tools.dedup.search import Index, Mask, in_buckets_of
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.match import (
    Figures,
    Keys,
    Ranks,
    Rows,
    band_keys,
    number_sketch,
    number_slots,
    slot_conflicts,
)

SKETCHES = 8
"""Min-hashes of the figures by which an over-full bucket is split."""

FEW = 64
"""Figures of a text at most that are compared while an over-full bucket is split; texts with more are parted well."""

NO_FIGURES = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Min-hash of a text without digits."""

_PAIRS = 1 << 22  # compared at once
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Crowd(NamedTuple):
    """The documents of over-full buckets."""

    rows: Rows  # ascending
    sketch: Keys  # shape (m, SKETCHES): min-hashes of their figures
    figures: Figures


class Search(Protocol):
    """A walk through buckets, and the candidate pairs that it found so far."""

    index: Index
    pairs: Keys

    def walk(self, keys: Keys, rows: Rows, crowd: Crowd | None = None, last: bool = False) -> Rows:
        """Add the pairs of some buckets; the positions in `keys` that buckets with too many leaders pass on.

        With a crowd, `rows` are numbers of its documents, and their figures are compared too.
        """
        ...


def gather(index: Index, rows: Rows) -> Crowd:
    """The documents of over-full buckets with their figures: 64 bytes each, and 16 for each figure."""
    sketches, slots, counts = [np.empty((0, SKETCHES), np.uint64)], [np.empty(0, np.uint64)], [np.zeros(1, np.int64)]
    for start in range(0, len(rows), 4096):
        texts = index.fetch(rows[start : start + 4096])
        values, offsets = texts if isinstance(texts, tuple) else text_buffers(texts)
        sketches.append(number_sketch(values, offsets, SKETCHES))
        figures = number_slots(values, offsets, FEW)
        slots.append(figures.slots)
        counts.append(np.diff(figures.starts))
    return Crowd(rows, np.concatenate(sketches), Figures(np.concatenate(slots), np.cumsum(np.concatenate(counts))))


def agreeing(index: Index, crowd: Crowd, pairs: Keys) -> Keys:
    """The pairs without those of two documents of a crowd whose figures say that they state other facts."""
    kept = []
    for part in np.split(pairs, range(_PAIRS, len(pairs), _PAIRS)):
        a, b = index.order[part >> np.uint64(32)], index.order[part & np.uint64(0xFFFFFFFF)]
        at, bt = (np.minimum(np.searchsorted(crowd.rows, rows), len(crowd.rows) - 1) for rows in (a, b))
        both = np.flatnonzero((crowd.rows[at] == a) & (crowd.rows[bt] == b))
        shared, conflicts = slot_conflicts(crowd.figures, at[both], bt[both])
        agree = np.ones(len(part), bool)
        agree[both] = (conflicts <= index.conflict_rate * shared).all(axis=1)
        kept.append(part[agree])
    return np.concatenate(kept)


def split_crowd(search: Search, crowd: Crowd, active: Mask | None = None) -> Rows:
    """Compare the documents of over-full buckets in smaller ones; those that are left over even there."""
    index, rows = search.index, crowd.rows

    def walk(keys: Keys, at: Rows, last: bool = False) -> Rows:
        places = np.arange(len(at)) if active is None else np.flatnonzero(in_buckets_of(keys, active[rows[at]]))
        passed_on: Rows = places[search.walk(keys[None, places], at[places], crowd, last)]
        return passed_on

    without = crowd.sketch[:, 0] == NO_FIGURES
    at = np.flatnonzero(~without)
    passed_on = [walk(keys, at) for keys in crowd.sketch[at].T]
    which, at = np.repeat(np.arange(SKETCHES), [len(places) for places in passed_on]), at[np.concatenate(passed_on)]
    keys = crowd.sketch[at, which]
    for hashes in (2, 4):
        for more in range(hashes // 2, hashes):
            keys = _mix(keys, crowd.sketch[at, (which + more) % SKETCHES])
        places = walk(keys, at)
        at, which, keys = at[places], which[places], keys[places]

    at = np.concatenate((at, np.flatnonzero(without)))
    keys = np.concatenate((keys, np.full(int(without.sum()), NO_FIGURES)))
    bands, width = index.banding
    left = np.zeros(len(rows), bool)
    for band in range(bands):
        one, other = (band_keys(index.signatures, rows[at], b, 1, width)[0] for b in (band, (band + 1) % bands))
        left[at[walk(_mix(keys, _mix(one, other)), at, last=True)]] = True
    return rows[left]


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


def _mix(key: Keys, more: Keys) -> Keys:
    mixed: Keys = (key ^ (more * _MULTIPLIER)) * _MULTIPLIER
    return mixed ^ (mixed >> np.uint64(29))
