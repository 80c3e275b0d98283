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

Documents of earlier releases are kept whatever happens. So they come first: what they have already is gone before the
first round (`against`), and the rounds are those of the new documents alone.

Everything depends on ranks and texts only, and not on the order of rows, the memory or the number of parts.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.dedup.against import find_known
from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.candidates import find_candidates
from cci_tools.dedup.keepers import cap_clusters, follow_twins, keepers, largest_clusters
from cci_tools.dedup.search import Fetch, Found, Index, Mask, difference, estimate_bounds, union
from cci_tools.dedup.settings import Settings as Settings
from cci_tools.dedup.verify import CONFLICT_RATE, verify
from cci_tools.kernels.match import Keys, KindCounts, Ranks, Rows, Signatures, group_digests, shared_slots


class Documents(NamedTuple):
    """Arrays over all n documents that take part."""

    digests: Keys  # uint64, shape (n, 2)
    signatures: Signatures  # uint32, shape (n, slots); may be a memory map
    key_lengths: npt.NDArray[np.int32]  # shape (n,)
    ranks: Ranks  # uint32, shape (n,): every number from 0 to n - 1 once, 0 is kept before all others


class Matches(NamedTuple):
    """The verdict on every document, by row."""

    winner: Rows  # -1 for a kept document; else the row of the kept one that it duplicates
    similarity: npt.NDArray[np.float64]  # exact Jaccard with the winner; 0 for a kept document
    exact: Mask  # the winner has the same key
    figures: KindCounts  # shape (n, 2): figures shared with the winner, and those that differ; 0 for an equal key
    report: dict[str, Any]  # plain data: rounds, counts, largest clusters, over-full buckets


def match(
    documents: Documents,
    fetch: Fetch,
    settings: Settings,
    *,
    earlier: Mask | None = None,
    memory: int = 1 << 30,
    scratch: str | Path | None = None,
    threads: int = 1,
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
    earlier : ndarray of bool, shape (k,), optional
        The last k documents are of earlier releases, and have the best k ranks: they are kept, and not compared with
        each other. True where the text can be fetched; of the others only duplicates with an equal key are found.
    memory : int, default 1 GiB
        Bytes for band keys or texts held at once, beside some 100 bytes a document. Changes no result.
    scratch : path, optional
        Folder for temporary files, used when the texts of all candidates exceed `memory`; the system's by default.
    threads : int, default 1
        Texts compared side by side. Changes no result.

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
    known = np.zeros(0, bool) if earlier is None else earlier
    new = n - len(known)
    _check(documents, settings, new)
    banding = choose_bands(settings.threshold, settings.recall, settings.slots)
    bounds = estimate_bounds(settings.threshold, settings.slots)
    signatures, ranks = np.asarray(documents.signatures), documents.ranks

    # An empty key says nothing, so it is nobody's duplicate; a key without a shingle can only be equal.
    twin = group_digests(documents.digests, ranks, np.flatnonzero(documents.key_lengths > 0))
    twin[new:] = np.arange(new, n)
    comparable = documents.key_lengths >= settings.width
    unique = (twin == np.arange(n)) & comparable
    unique[new:] = False
    rate = CONFLICT_RATE if settings.numbers == "distinct" else 1.0
    order = np.empty(n, np.int64)
    order[ranks] = np.arange(n)
    index = Index(signatures, ranks, order, banding, bounds, fetch, memory, rate, threads)
    pairs = _Pairs(documents, index, settings, scratch)

    before: dict[str, Any] = {}
    if len(known):
        before, _ = pairs.take(
            find_known(index, np.flatnonzero(unique), new + np.flatnonzero(known & comparable[new:]))
        )
        before["documents"] = len(known)

    hard, absorbed, pooled = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    rounds = []
    active: Mask | None = None  # all
    while active is None or active.any():
        alive = unique & (pairs.winner < 0)
        found = find_candidates(index, np.flatnonzero(alive), active, hard)
        counts, refuted = pairs.take(found)
        hard[refuted] = True
        absorbed[alive], pooled = found.absorbed[alive], alive
        active = unique & (pairs.winner < 0) & (absorbed | ~pooled)
        rounds.append({"documents": int(alive.sum()), **counts})

    winner, similarity = pairs.winner, pairs.similarity
    spared = cap_clusters(winner, similarity, ranks, settings.max_cluster)
    exactly = follow_twins(twin, winner, similarity)
    lost = winner >= 0
    if len(known):
        before |= {
            "exact_duplicates": int((exactly & (winner >= new)).sum()),
            "near_duplicates": int((~exactly & (winner >= new)).sum()),
        }
    report = {
        "documents": new,
        "bands": banding.bands,
        "rows": banding.rows,
        "earlier": before,
        "rounds": rounds,
        "candidate_pairs": len(pairs.compared),
        "verified_pairs": len(pairs.edges),
        "kept_apart_by_numbers": pairs.apart,
        "exact_duplicates": int(exactly.sum()),
        "near_duplicates": int(lost.sum() - exactly.sum()),
        "kept_beyond_max_cluster": spared,
        "largest_clusters": largest_clusters(winner, ranks),
        "full_buckets": len(pairs.full),
        "largest_full_buckets": pairs.full[:20],
    }
    return Matches(winner, similarity, exactly, pairs.figures_of(twin, winner), report)


class _Pairs:
    """The pairs that were compared so far, and who stays by those that are duplicates."""

    def __init__(self, documents: Documents, index: Index, settings: Settings, scratch: str | Path | None) -> None:
        self._documents, self._index, self._settings, self._scratch = documents, index, settings, scratch
        n = len(index.ranks)
        self.compared: Keys = np.empty(0, np.uint64)
        self.edges: Keys = np.empty(0, np.uint64)  # the pairs that are duplicates
        self.winner, self.similarity = np.full(n, -1, np.int64), np.zeros(n)
        self.apart, self.full = 0, list[dict[str, Any]]()
        self._scores, self._figures = np.empty(0), np.empty((0, 2), np.int32)

    def take(self, found: Found) -> tuple[dict[str, Any], Rows]:
        """Verify candidates, and find who stays; the counts, and documents that an estimate had absorbed wrongly."""
        pairs = difference(found.pairs, self.compared)
        self.compared = union(self.compared, pairs)
        result = _compare(pairs, self._documents, self._index, self._settings, self._scratch)
        self.edges = np.concatenate((self.edges, result.edges))
        self._scores = np.concatenate((self._scores, result.scores))
        self._figures = np.concatenate((self._figures, result.figures))
        if len(result.edges):
            self.winner, self.similarity = keepers(
                self._index.ranks, *_rows(self.edges, self._index.order), self._scores
            )
        self.apart += result.apart
        self.full += found.full
        return {"candidate_pairs": len(pairs), "verified_pairs": len(result.edges)}, result.refuted

    def figures_of(self, twin: Rows, winner: Rows) -> KindCounts:
        """What the number check found between each removed document, or the twin that stands for it, and its winner."""
        found, ranks = np.zeros((len(winner), 2), np.int32), self._index.ranks.astype(np.uint64)
        rows = np.flatnonzero((winner >= 0) & (winner != twin))
        by_pair = np.argsort(self.edges)
        pairs = ranks[winner[rows]] << np.uint64(32) | ranks[twin[rows]]
        found[rows] = self._figures[by_pair[np.searchsorted(self.edges, pairs, sorter=by_pair)]]
        return found


class _Compared(NamedTuple):
    edges: Keys  # the pairs that are near-duplicates
    scores: npt.NDArray[np.float64]  # their similarity
    figures: KindCounts  # and what `Verified.figures` says about them
    refuted: Rows  # documents that an estimate had absorbed, wrongly
    apart: int  # pairs whose sketches are as near as duplicates' are, but whose figures differ


def _compare(
    pairs: Keys, documents: Documents, index: Index, settings: Settings, scratch: str | Path | None
) -> _Compared:
    """Verify candidate pairs, as many at once as memory allows: a pair takes some 60 bytes."""
    step = max(1 << 20, index.memory // 64)
    parts = []
    for start in range(0, len(pairs), step):
        chunk = pairs[start : start + step]
        a, b = _rows(chunk, index.order)
        exact = verify(
            a, b, documents.key_lengths, index.fetch,
            width=settings.width, numbers=settings.numbers, memory=index.memory, scratch=scratch,
            threads=index.threads,
        )  # fmt: skip
        edge = exact.similarity >= settings.threshold  # false for NaN, where figures differ
        sure = shared_slots(index.signatures, a, b) >= index.bounds.sure
        conflicts = int((exact.conflict & sure).sum())
        parts.append((chunk[edge], exact.similarity[edge], exact.figures[edge], b[sure & ~edge], conflicts))
    if not parts:
        return _Compared(pairs, np.empty(0), np.empty((0, 2), np.int32), np.empty(0, np.int64), 0)
    edges, scores, figures, refuted, apart = zip(*parts, strict=True)
    return _Compared(
        np.concatenate(edges), np.concatenate(scores), np.concatenate(figures), np.concatenate(refuted), sum(apart)
    )


def _rows(pairs: Keys, order: Rows) -> tuple[Rows, Rows]:
    return order[pairs >> np.uint64(32)], order[pairs & np.uint64(0xFFFFFFFF)]


def _check(documents: Documents, settings: Settings, new: int) -> None:
    n = len(documents.ranks)
    if not len(documents.digests) == len(documents.signatures) == len(documents.key_lengths) == n:
        raise ValueError("digests, signatures, key_lengths, ranks: one entry for each document is needed")
    if documents.signatures.shape[1:] != (settings.slots,):
        raise ValueError(f"signatures: shape {documents.signatures.shape}, but settings.slots = {settings.slots}")
    if n and (documents.ranks.max() != n - 1 or (np.bincount(documents.ranks, minlength=n) != 1).any()):
        raise ValueError("ranks: every number from 0 to n - 1 is needed once, as rank_documents gives them")
    if not 0 <= new <= n or (documents.ranks[:new] < n - new).any():
        raise ValueError("earlier: these documents are the last ones, and have the best ranks")
