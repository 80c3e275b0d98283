"""Kernels of the matching barrier: exact groups, candidate pairs, verification, number slots, keepers.

All take and return arrays. Documents are rows; a *rank* is a document's place in the order of preference, 0 the best,
every rank once. Slow plain twins of all functions are in ``tests/reference/match.py``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

Rows = npt.NDArray[np.int64]
Ranks = npt.NDArray[np.uint32]
Signatures = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
KindCounts = npt.NDArray[np.int32]


def group_digests(digests: Keys, ranks: Ranks, rows: Rows) -> Rows:
    """Exact duplicates: the best row with the same digest.

    Parameters
    ----------
    digests : ndarray of uint64, shape (n, 2)
        128-bit digests of the matching keys.
    ranks : ndarray of uint32, shape (n,)
        Dense ranks.
    rows : ndarray of int64
        The rows to group; the others (empty keys) stand for themselves.

    Returns
    -------
    ndarray of int64, shape (n,)
        The row of the lowest rank with the same digest, the row itself where there is no better.
    """
    best = np.empty(len(ranks), np.int64)
    core.group_digests(np.ascontiguousarray(digests), ranks, rows, best)
    return best


def band_keys(signatures: Signatures, rows: Rows, first: int, bands: int, width: int) -> Keys:
    """Keys of consecutive bands: documents with equal keys fall into one bucket.

    Parameters
    ----------
    signatures : ndarray of uint32, shape (n, slots)
        May be a memory map; read once, in the order of `rows`.
    rows : ndarray of int64, shape (m,)
        The rows to compute keys for.
    first, bands : int
        The bands ``first .. first + bands - 1``.
    width : int
        Slots in a band.

    Returns
    -------
    ndarray of uint64, shape (bands, m)
        Keys of two bands never meet by equal slots alone.
    """
    keys = np.empty((bands, len(rows)), np.uint64)
    core.band_keys(signatures, rows, first, width, keys)
    return keys


class Candidates(NamedTuple):
    """What `band_candidates` finds."""

    pairs: Keys  # shape (p,): rank of the better << 32 | rank of the worse, ascending, each once
    overflow: Rows  # shape (f,): flat positions in `keys`, ascending, of what buckets with too many leaders pass on


class Figures(NamedTuple):
    """What `number_slots` finds: the number slots of some texts."""

    slots: Keys  # uint64, shape (2 k,): context and figure of each slot, by text, sorted
    starts: Rows  # shape (n + 1,): the slots of text i are starts[i] to starts[i + 1]


def band_candidates(
    keys: Keys,
    rows: Rows,
    ranks: Ranks,
    signatures: Signatures,
    hard: npt.NDArray[np.bool_],
    absorbed: npt.NDArray[np.bool_],
    *,
    near: int,
    sure: int,
    cap: int,
    last: bool = True,
    figures: Figures | None = None,
    list_of: Rows | None = None,
    rate: float = 0.0,
) -> Candidates:
    """Candidate pairs of the buckets of several bands.

    Each bucket is walked in the order of ranks with a list of leaders. A document is compared with every leader; `near`
    equal slots make a candidate pair. With `sure` equal slots it is absorbed, unless it is `hard`; else it becomes a
    leader. So a bucket of m copies costs m comparisons, and not m squared.

    Parameters
    ----------
    keys : ndarray of uint64, shape (b, m)
        From `band_keys`.
    rows : ndarray of int64, shape (m,)
        The documents that the columns of `keys` stand for. A document that occurs again in a bucket counts once.
    ranks, signatures, hard : ndarray, shapes (n,), (n, slots), (n,)
        Of all documents.
    absorbed : ndarray of bool, shape (n,)
        Set to true for every document that was absorbed in at least one bucket: pairs of it may not have been compared.
    near, sure : int
        Equal slots that make a candidate, and that absorb.
    cap : int
        Leaders a bucket at most. A document that finds no place is returned, never passed over.
    last : bool, default True
        Whether documents beyond `cap` are still compared with the leaders. If not, because the bucket will be split, it
        is left at once: all of it is returned, and nothing that was found in it counts.
    figures : Figures, optional
        Number slots. A document is compared with those leaders only that state the same in the same places, so that it
        is never absorbed by one that does not.
    list_of : ndarray of int64, shape (m,), optional
        The text in `figures` that each column of `keys` stands for.
    rate : float
        The share of differing figures above which two documents state different facts; see `number_conflicts`.

    Returns
    -------
    Candidates
        Pairs and what overflowed.
    """
    more = (*figures, list_of, rate) if figures is not None else ()
    return Candidates(
        *core.band_candidates(
            keys, rows, ranks, signatures, hard.view(np.uint8), absorbed.view(np.uint8), near, sure, cap, last, *more
        )
    )


def shared_slots(signatures: Signatures, a: Rows, b: Rows) -> npt.NDArray[np.int32]:
    """Number of equal slots of the signatures of rows ``a[i]`` and ``b[i]``; by the slots, an estimate of Jaccard."""
    equal = np.empty(len(a), np.int32)
    core.shared_slots(signatures, a, b, equal)
    return equal


def jaccard_pairs(values: Bytes, offsets: Offsets, a: Rows, b: Rows, *, width: int = 5) -> tuple[Counts, Counts]:
    """Exact Jaccard of the shingle sets of the matching keys of pairs of texts.

    Parameters
    ----------
    values, offsets : ndarray
        Texts, as `cci_tools.kernels.arrow.text_buffers` gives them.
    a, b : ndarray of int64, shape (p,)
        Numbers of the texts of each pair. Pairs with the same `a` in a row share the work for it.
    width : int, default 5
        Characters of the key in a shingle, 1 to 64. A shorter key has no shingle.

    Returns
    -------
    common, together : ndarray of int64, shape (p,)
        Sizes of the intersection and of the union.

    Notes
    -----
    Shingles are compared by 64-bit hashes: two different ones of a pair with s shingles meet with probability below
    ``s**2 / 2**65``, 3e-8 for a million characters. Memory: 48 bytes a character of the longer text, and no more than
    160 MB; longer texts are compared in several passes.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> texts = text_buffers(["天地玄黄，宇宙洪荒", "天地玄黄 宇宙洪荒。日月"])
    >>> [counts.tolist() for counts in jaccard_pairs(*texts, np.array([0]), np.array([1]))]
    [[4], [6]]
    """
    common, together = np.empty(len(a), np.int64), np.empty(len(a), np.int64)
    core.jaccard_pairs(values, offsets, a, b, width, common, together)
    return common, together


def number_conflicts(values: Bytes, offsets: Offsets, a: Rows, b: Rows) -> tuple[KindCounts, KindCounts]:
    """Figures that two texts state in the same place, and those that differ.

    A figure is a run of numerals, and two agree if their values do, however they are written: 3, ３, 三, 叁, ③ and Ⅲ;
    100万, 一百万 and 1000000; 1.5万 and 一万五千; 3.5% and 百分之三点五; 九成 and 90%. A date or time written with
    年月日时点分 is one figure, because its parts change together: 2024年3月 and 二〇二四年三月. Roman numerals are
    those with code points of their own, and capitals I, V, X that stand alone. A slot is the three characters of the
    key before a figure and the three behind it, all figures left out. Of a slot that occurs several times in a text,
    the figures are compared as a multiset, by as many as the text with fewer of them has: a table that lost a row
    disagrees in nothing.

    Where a passage is missing, its neighbours meet and make the slot of one figure out of those of two; so a figure
    differs only if its text has it more often than the other text has it anywhere. That does not excuse four figures
    and more that are over a fifth of those shared: there the figures were moved, as the numbers of articles are in a
    later version of a law. Figures of the page and not of the text do not count: when it was published, how often it
    was read, numbers of its address and licence.

    Returns
    -------
    shared, conflicts : ndarray of int32, shape (p, 3)
        Slots in both texts, and those whose figures differ: where both write a digit, where both write numerals alone,
        and where one writes a digit and the other does not. Texts have many numerals that are no facts, and they must
        not outweigh a date that differs.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> texts = text_buffers(["定于5月3日至5月9日停水十二小时", "定于5月4日至05月09日停水十五小时"])
    >>> [counts.tolist() for counts in number_conflicts(*texts, np.array([0]), np.array([1]))]
    [[[2, 1, 0]], [[1, 1, 0]]]
    """
    shared, conflicts = np.empty((len(a), 3), np.int32), np.empty((len(a), 3), np.int32)
    core.number_conflicts(values, offsets, a, b, shared, conflicts)
    return shared, conflicts


def number_slots(values: Bytes, offsets: Offsets, most: int) -> Figures:
    """The number slots of each text, as `number_conflicts` compares them; none of a text that has more than `most`."""
    return Figures(*core.number_slots(values, offsets, most))


def slot_conflicts(figures: Figures, a: Rows, b: Rows) -> tuple[KindCounts, KindCounts]:
    """What `number_conflicts` returns, by the number slots of texts ``a[i]`` and ``b[i]``."""
    shared, conflicts = np.empty((len(a), 3), np.int32), np.empty((len(a), 3), np.int32)
    core.slot_conflicts(*figures, a, b, shared, conflicts)
    return shared, conflicts


def number_sketch(values: Bytes, offsets: Offsets, hashes: int) -> Keys:
    """Min-hashes of each text's (slot, figure) pairs, shape (n, hashes): alike where texts state the same figures."""
    sketch = np.empty((len(offsets) - 1, hashes), np.uint64)
    core.number_sketch(values, offsets, sketch)
    return sketch


def keep_first(
    better: Ranks, worse: Ranks, similarity: npt.NDArray[np.float64], n: int
) -> tuple[Rows, npt.NDArray[np.float64]]:
    """Lexicographically first maximal independent set of the graph of verified pairs.

    Parameters
    ----------
    better, worse : ndarray of uint32, shape (e,)
        Ranks of each edge, ``better < worse``, sorted by `worse`, then `better`.
    similarity : ndarray of float64, shape (e,)
        Of each edge.
    n : int
        Number of documents.

    Returns
    -------
    winner : ndarray of int64, shape (n,)
        By rank: -1 for a kept document; for a removed one the rank of its most similar kept neighbour.
    score : ndarray of float64, shape (n,)
        Similarity with the winner, 0 for a kept document.
    """
    winner, score = np.empty(n, np.int64), np.empty(n, np.float64)
    core.keep_first(better, worse, similarity, winner, score)
    return winner, score


def components(a: Rows, b: Rows, n: int) -> Rows:
    """Connected components under the edges ``a[i] - b[i]``: the lowest node of each node's component, shape (n,)."""
    component = np.empty(n, np.int64)
    core.components(a, b, component)
    return component
