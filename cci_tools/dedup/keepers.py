"""Which of several copies stays: an order of preference over all documents, and the set that follows from it."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.kernels.match import Ranks, Rows, keep_first

Integers = npt.NDArray[np.integer[Any]]
NO_DATE = np.iinfo(np.int32).max
"""The date of a document that has none: later than all others."""


def rank_documents(
    tier: Integers, damage: Integers, key_length: Integers, date: Integers, ids: pa.Array | pa.ChunkedArray
) -> npt.NDArray[np.uint32]:
    """Rank of every document, 0 for the one to keep before all others.

    The order: source tier, then least damage (`damage_class`), then the longest key (the most complete copy), then the
    earliest date, then the id in the order of its UTF-8 bytes. It depends on nothing but these values, so neither the
    order of the rows nor their division into files can change who is kept.

    Parameters
    ----------
    tier : ndarray of int, shape (n,)
        Source tier, the lowest is preferred.
    damage : ndarray of int, shape (n,)
        Repairs and residue that cleaning counted.
    key_length : ndarray of int, shape (n,)
        Characters of the matching key.
    date : ndarray of int, shape (n,)
        Days since an epoch; `NO_DATE` where there is none.
    ids : pyarrow.Array or pyarrow.ChunkedArray of string, shape (n,)
        Unique.

    Returns
    -------
    ndarray of uint32, shape (n,)
        Every number from 0 to n - 1 once.

    Examples
    --------
    >>> rank_documents(np.array([2, 1, 1]), np.zeros(3, int), np.array([9, 9, 9]), np.zeros(3, int),
    ...                pa.array(["a", "c", "b"])).tolist()
    [2, 1, 0]
    """
    lengths = np.asarray(key_length).astype(np.int64)
    columns = [np.asarray(tier), damage_class(np.asarray(damage), lengths), -lengths, _known(np.asarray(date))]
    n = len(columns[0])
    if any(len(column) != n for column in columns) or len(ids) != n:
        raise ValueError("tier, damage, key_length, date, ids: one value for each document is needed")
    code = _pack(columns)
    order = np.argsort(code, kind="stable") if code is not None else np.lexsort(columns[::-1])
    tied = np.ones(n, bool)  # tied[i]: the document at place i is equal to the one before, but for its id
    tied[:1] = False
    for column in columns if code is None else [code]:
        ordered = column[order]
        tied[1:] &= ordered[1:] == ordered[:-1]
    _break_ties(order, tied, ids)
    ranks = np.empty(n, np.uint32)
    ranks[order] = np.arange(n, dtype=np.uint32)
    return ranks


def damage_class(damage: Integers, key_length: Integers) -> npt.NDArray[np.int64]:
    """How damaged a text is, in classes that double: ``floor(log2(1 + damage / (1 + key_length / 1000)))``.

    Class 0 is about one repair, in a short text or in 1,000 characters: a full stop that was mended must not make a
    worse copy of a whole text than of its first half. A bare count would also prefer the half for its half of the
    damage.

    Examples
    --------
    >>> damage_class(np.array([0, 1, 3, 6, 60]), np.array([500, 500, 500, 1000, 1000])).tolist()
    [0, 0, 1, 2, 4]
    """
    # In integers, so that no machine rounds otherwise: floor(log2(1 + x)) is that of the whole part of x.
    whole = 1 + 1000 * np.asarray(damage, np.int64) // (1000 + np.asarray(key_length, np.int64))
    _, exponent = np.frexp(whole.astype(float))
    result: npt.NDArray[np.int64] = exponent.astype(np.int64) - 1
    return result


def _known(date: Integers) -> npt.NDArray[np.int64]:
    """The dates with `NO_DATE` drawn close, behind the last of them, so that they pack into few bits."""
    dates = date.astype(np.int64)
    known = dates != NO_DATE
    dates[~known] = dates[known].max(initial=0) + 1
    return dates


def _pack(columns: list[Integers]) -> npt.NDArray[np.uint64] | None:
    """The columns as one number that sorts as they do, or None where 64 bits are too few."""
    code, bits = np.zeros(len(columns[0]), np.uint64), 0
    if not len(code):
        return code
    for column in columns:
        low, high = int(column.min()), int(column.max())
        width = (high - low).bit_length()
        bits += width
        if bits > 64:
            return None
        if width:
            code = (code << np.uint64(width)) | (column.astype(np.int64) - low).astype(np.uint64)
    return code


def _break_ties(order: npt.NDArray[np.int64], tied: npt.NDArray[np.bool_], ids: pa.Array | pa.ChunkedArray) -> None:
    """Sort every run of equal documents in `order` by id."""
    inside = tied.copy()
    inside[:-1] |= tied[1:]
    places = np.flatnonzero(inside)
    if not len(places):
        return
    rows = order[places]
    # The group's own number is already ascending, so this sorts ids within groups only.
    table = pa.table({"group": np.cumsum(~tied[places]), "id": ids.take(pa.array(rows))})
    order[places] = rows[pc.sort_indices(table, sort_keys=[("group", "ascending"), ("id", "ascending")]).to_numpy()]


def keepers(
    ranks: npt.NDArray[np.uint32], a: Integers, b: Integers, similarity: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Who stays: the lexicographically first maximal independent set of the verified pairs.

    All documents are walked from the best rank to the worst, and one is removed if and only if it has a verified pair
    with one that is kept. So every removed document names a kept one that is really near to it, no two kept documents
    are near to each other, and there are no chains.

    Parameters
    ----------
    ranks : ndarray of uint32, shape (n,)
        From `rank_documents`.
    a, b : ndarray of int, shape (e,)
        Rows of each verified pair, in any order; the same pair may occur again.
    similarity : ndarray of float64, shape (e,)
        Of each pair.

    Returns
    -------
    winner : ndarray of int64, shape (n,)
        -1 for a kept document; for a removed one the row of the kept document that is most similar to it, the better
        rank where two are equally similar.
    score : ndarray of float64, shape (n,)
        That similarity; 0 for a kept document.

    Examples
    --------
    >>> ranks = np.array([1, 0, 2], np.uint32)  # a chain 0 - 1 - 2, best in the middle
    >>> keepers(ranks, np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8]))[0].tolist()
    [1, -1, 1]
    """
    n = len(ranks)
    order = np.empty(n, np.int64)
    order[ranks] = np.arange(n)
    better, worse = np.minimum(ranks[a], ranks[b]), np.maximum(ranks[a], ranks[b])
    by_worse = np.lexsort((better, worse))
    place, score = keep_first(better[by_worse], worse[by_worse], np.asarray(similarity, float)[by_worse], n)
    winner = np.full(n, -1, np.int64)
    removed = np.flatnonzero(place >= 0)
    winner[order[removed]] = order[place[removed]]
    by_row = np.empty(n, np.float64)
    by_row[order] = score
    return winner, by_row


def follow_twins(twin: Rows, winner: Rows, similarity: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Let exact duplicates follow their twin: to it, or to the kept document that it is near to. Which are exact?"""
    rows = np.flatnonzero(twin != np.arange(len(twin)))
    best = twin[rows]
    gone = winner[best] >= 0
    similarity[rows] = np.where(gone, similarity[best], 1.0)
    winner[rows] = np.where(gone, winner[best], best)
    exact = np.zeros(len(twin), bool)
    exact[rows] = ~gone
    return exact


def cap_clusters(winner: Rows, similarity: npt.NDArray[np.float64], ranks: Ranks, most: int) -> int:
    """Bring back what a kept document removes beyond its first `most` near-duplicates by rank; how many these are."""
    lost = np.flatnonzero(winner >= 0)
    if not most or not len(lost):
        return 0
    lost = lost[np.lexsort((ranks[lost], winner[lost]))]
    start = np.flatnonzero(np.diff(winner[lost], prepend=-1))
    place = np.arange(len(lost)) - np.repeat(start, np.diff(np.append(start, len(lost))))
    spared = lost[place >= most]
    winner[spared], similarity[spared] = -1, 0.0
    return len(spared)


def largest_clusters(winner: Rows, ranks: Ranks, most: int = 10) -> list[dict[str, Any]]:
    """The kept documents that the most others duplicate, each with the first three of these by rank."""
    kept, size = np.unique(winner[winner >= 0], return_counts=True)
    order = np.lexsort((ranks[kept], -size))[:most]
    clusters = []
    for row, count in zip(kept[order].tolist(), size[order].tolist(), strict=True):
        losers = np.flatnonzero(winner == row)
        sample = losers[np.argsort(ranks[losers])[:3]]
        clusters.append({"row": row, "documents": count + 1, "sample": sample.tolist()})
    return clusters
