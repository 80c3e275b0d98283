"""The matching barrier: from signatures, ranks and a way to read texts to the kept document of every duplicate.

1. Exact duplicates: equal digests of the matching key; the best rank stays.
2. Candidates: documents that share a band and whose sketches are near (`candidates`).
3. Verification: exact Jaccard of the shingle sets, and the figures (`verify`). The estimate alone removes nobody.
4. Keepers: the lexicographically first maximal independent set of the verified pairs (`keepers`).
5. Again from 2 among the documents that stay, as long as one of them may have an untested neighbour.

A round compares documents with leaders, so it can hide a pair: v and u were both taken for copies of w, and then w is
removed, or verification refutes it. Such documents are *active* in the next round, and those that were refuted are
never absorbed again. When no document is active, every two kept documents that share a band and have near sketches
have been verified, and are not duplicates; only buckets that reached the limit of leaders can be an exception, and are
reported.

Everything depends on ranks and texts only, and not on the order of rows, the memory or the number of parts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.candidates import Fetch, Index, Mask, difference, estimate_bounds, find_candidates, union
from cci_tools.dedup.keepers import keepers
from cci_tools.dedup.verify import verify
from cci_tools.kernels.match import Keys, Ranks, Rows, Signatures, group_digests, shared_slots


class Documents(NamedTuple):
    """Arrays over all n documents that take part."""

    digests: Keys  # uint64, shape (n, 2)
    signatures: Signatures  # uint32, shape (n, slots); may be a memory map
    key_lengths: npt.NDArray[np.int32]  # shape (n,)
    ranks: Ranks  # uint32, shape (n,): every number from 0 to n - 1 once, 0 is kept before all others


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What counts as a duplicate.

    Parameters
    ----------
    threshold : float, default 0.8
        Exact Jaccard similarity from which on two documents are near-duplicates. Lower removes more.
    recall : float, default 0.99
        Probability that a pair just at the threshold is compared. Higher costs more time.
    width : int, default 5
        Characters of the matching key in a shingle, 1 to 64. Documents with a shorter key are duplicates only if their
        keys are equal.
    slots : int, default 128
        Slots of a signature: 64, 128, 256 or 512. More need fewer comparisons, and 4 bytes each for every document.
    numbers : {"distinct", "ignore"}, default "distinct"
        With "distinct", documents that differ in their figures are different facts, however similar, and both stay.

    Raises
    ------
    ValueError
        A value out of range, or a recall that so few slots can't give.
    """

    threshold: float = 0.8
    recall: float = 0.99
    width: int = 5
    slots: int = 128
    numbers: Literal["distinct", "ignore"] = "distinct"

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise ValueError(f"width = {self.width}: from 1 to 64 characters")
        if self.slots not in (64, 128, 256, 512):
            raise ValueError(f"slots = {self.slots}: 64, 128, 256 or 512")
        if self.numbers not in ("distinct", "ignore"):
            raise ValueError(f'numbers = {self.numbers!r}: "distinct" or "ignore"')
        choose_bands(self.threshold, self.recall, self.slots)


class Matches(NamedTuple):
    """The verdict on every document, by row."""

    winner: Rows  # -1 for a kept document; else the row of the kept one that it duplicates
    similarity: npt.NDArray[np.float64]  # exact Jaccard with the winner; 0 for a kept document
    exact: Mask  # the winner has the same key
    report: dict[str, Any]  # plain data: rounds, counts, largest clusters, over-full buckets


def match(
    documents: Documents, fetch: Fetch, settings: Settings, *, memory: int = 1 << 30, scratch: str | Path | None = None
) -> Matches:
    """Find the duplicates among all documents.

    Parameters
    ----------
    documents : Documents
        From `cci_tools.kernels.sign.sign` and `cci_tools.dedup.keepers.rank_documents`.
    fetch : callable
        ``fetch(rows)`` gives the texts of ascending rows: a pyarrow array of strings, or (values, offsets).
    settings : Settings
        What counts as a duplicate.
    memory : int, default 1 GiB
        Bytes for band keys or texts held at once, beside some 100 bytes a document. Changes no result.
    scratch : path, optional
        Folder for temporary files, used when the texts of all candidates exceed `memory`; the system's by default.

    Returns
    -------
    Matches
        A removed document's winner is kept, and is at least `threshold` similar to it, exactly.

    Raises
    ------
    ValueError
        Arrays of different lengths, ranks that are not dense, or signatures of another size than `slots`.
    """
    n = len(documents.ranks)
    _check(documents, settings)
    banding = choose_bands(settings.threshold, settings.recall, settings.slots)
    bounds = estimate_bounds(settings.threshold, settings.slots)
    signatures, ranks = np.asarray(documents.signatures), documents.ranks
    order = np.empty(n, np.int64)
    order[ranks] = np.arange(n)

    # An empty key says nothing, so it is nobody's duplicate; a key without a shingle can only be equal.
    twin = group_digests(documents.digests, ranks, np.flatnonzero(documents.key_lengths > 0))
    unique = (twin == np.arange(n)) & (documents.key_lengths >= settings.width)
    index = Index(signatures, ranks, banding, bounds, fetch, memory)

    hard, absorbed, pooled = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    winner, similarity = np.full(n, -1, np.int64), np.zeros(n)
    compared, edges, scores = np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0)
    apart, rounds, full = 0, [], []
    active: Mask | None = None  # all
    while active is None or active.any():
        alive = unique & (winner < 0)
        found = find_candidates(index, np.flatnonzero(alive), active, hard)
        pairs = difference(found.pairs, compared)
        compared = union(compared, pairs)
        result = _compare(pairs, order, documents, index, settings, scratch)
        edges, scores = np.concatenate((edges, result.edges)), np.concatenate((scores, result.scores))
        if len(result.edges):
            winner, similarity = keepers(ranks, *_rows(edges, order), scores)
        hard[result.refuted] = True
        absorbed[alive], pooled = found.absorbed[alive], alive
        active = unique & (winner < 0) & (absorbed | ~pooled)
        apart += result.apart
        full += found.full
        rounds.append(
            {"documents": int(alive.sum()), "candidate_pairs": len(pairs), "verified_pairs": len(result.edges)}
        )

    exactly = _add_twins(twin, winner, similarity)
    report = {
        "documents": n,
        "bands": banding.bands,
        "rows": banding.rows,
        "rounds": rounds,
        "candidate_pairs": len(compared),
        "verified_pairs": len(edges),
        "kept_apart_by_numbers": apart,
        "exact_duplicates": int(exactly.sum()),
        "near_duplicates": int((winner >= 0).sum() - exactly.sum()),
        "largest_clusters": _largest(winner, ranks),
        "full_buckets": len(full),
        "largest_full_buckets": full[:20],
    }
    return Matches(winner, similarity, exactly, report)


class _Compared(NamedTuple):
    edges: Keys  # the pairs that are near-duplicates
    scores: npt.NDArray[np.float64]  # their similarity
    refuted: Rows  # documents that an estimate had absorbed, wrongly
    apart: int  # pairs whose sketches are as near as duplicates' are, but whose figures differ


def _compare(
    pairs: Keys, order: Rows, documents: Documents, index: Index, settings: Settings, scratch: str | Path | None
) -> _Compared:
    """Verify candidate pairs, as many at once as memory allows: a pair takes some 60 bytes."""
    step = max(1 << 20, index.memory // 64)
    parts = []
    for start in range(0, len(pairs), step):
        chunk = pairs[start : start + step]
        a, b = _rows(chunk, order)
        exact = verify(
            a, b, documents.key_lengths, index.fetch,
            width=settings.width, numbers=settings.numbers, memory=index.memory, scratch=scratch,
        )  # fmt: skip
        edge = exact.similarity >= settings.threshold  # false for NaN, where figures differ
        sure = shared_slots(index.signatures, a, b) >= index.bounds.sure
        parts.append((chunk[edge], exact.similarity[edge], b[sure & ~edge], int((exact.conflict & sure).sum())))
    if not parts:
        return _Compared(pairs, np.empty(0), np.empty(0, np.int64), 0)
    edges, scores, refuted, apart = zip(*parts, strict=True)
    return _Compared(np.concatenate(edges), np.concatenate(scores), np.concatenate(refuted), sum(apart))


def _rows(pairs: Keys, order: Rows) -> tuple[Rows, Rows]:
    return order[pairs >> np.uint64(32)], order[pairs & np.uint64(0xFFFFFFFF)]


def _check(documents: Documents, settings: Settings) -> None:
    n = len(documents.ranks)
    if not len(documents.digests) == len(documents.signatures) == len(documents.key_lengths) == n:
        raise ValueError("digests, signatures, key_lengths, ranks: one entry for each document is needed")
    if documents.signatures.shape[1:] != (settings.slots,):
        raise ValueError(f"signatures: shape {documents.signatures.shape}, but settings.slots = {settings.slots}")
    if n and (documents.ranks.max() != n - 1 or (np.bincount(documents.ranks, minlength=n) != 1).any()):
        raise ValueError("ranks: every number from 0 to n - 1 is needed once, as rank_documents gives them")


def _add_twins(twin: Rows, winner: Rows, similarity: npt.NDArray[np.float64]) -> Mask:
    """Let exact duplicates follow their twin: to it, or to the kept document that it is near to. Which are exact?"""
    rows = np.flatnonzero(twin != np.arange(len(twin)))
    best = twin[rows]
    gone = winner[best] >= 0
    similarity[rows] = np.where(gone, similarity[best], 1.0)
    winner[rows] = np.where(gone, winner[best], best)
    exact = np.zeros(len(twin), bool)
    exact[rows] = ~gone
    return exact


def _largest(winner: Rows, ranks: Ranks, most: int = 10) -> list[dict[str, int]]:
    """The kept documents that the most others duplicate."""
    kept, size = np.unique(winner[winner >= 0], return_counts=True)
    order = np.lexsort((ranks[kept], -size))[:most]
    return [{"row": int(kept[i]), "documents": int(size[i]) + 1} for i in order]
