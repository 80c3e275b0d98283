"""Exact verification of candidate pairs, in memory that does not depend on how many there are."""

import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.dedup.search import Fetch, Mask
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers
from cci_tools.kernels.match import (
    Counts,
    Figures,
    KindCounts,
    Rows,
    components,
    jaccard_pairs,
    number_slots,
    slot_conflicts,
)

CONFLICT_RATE = 0.1
"""Share of differing figures above which two documents state different facts. Reposts have almost none, notices written
to one template nearly all."""

CORRECTION_RATE = 0.01
"""The same where nothing but figures differs. In a document with a hundred figures that agree, one that differs is
rather a correction or a misreading than another fact."""

FIGURE_LENGTH = 11
"""Characters of a long figure: a telephone number, or a date with month and day."""


class Verified(NamedTuple):
    """What verification says about each pair."""

    similarity: npt.NDArray[np.float64]  # exact Jaccard; NaN where the figures differ
    conflict: Mask  # the figures differ
    figures: KindCounts  # shape (p, 2): figures that both state in the same places, and those of them that differ


def other_facts(shared: KindCounts, conflicts: KindCounts) -> Mask:
    """Whether more than `CONFLICT_RATE` of the figures that two documents state in the same places differ.

    Figures with digits, Chinese numerals, and those that one writes so and the other so are counted apart, and each
    decides; see `cci_tools.kernels.match.number_conflicts`.

    Examples
    --------
    >>> other_facts(np.array([[9, 0, 0], [10, 0, 0], [40, 2, 0]]), np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0]])).tolist()
    [True, False, True]
    """
    return np.asarray((conflicts > CONFLICT_RATE * shared).any(axis=1))


def figures_alone(shared: KindCounts, conflicts: KindCounts, differing: Counts, width: int) -> Mask:
    """Whether two documents differ in figures and in nothing else, and in more than `CORRECTION_RATE` of them.

    A figure of `FIGURE_LENGTH` characters that differs, or is written in another form, changes ``width + 10`` shingles
    of each document. Where no more shingles differ than that, the figures are the difference.

    Examples
    --------
    >>> shared, conflicts = np.array([[40, 9, 0]] * 2 + [[200, 9, 0]]), np.array([[1, 0, 0]] * 3)
    >>> figures_alone(shared, conflicts, np.array([16, 90, 16]), 5).tolist()
    [True, False, False]
    """
    changed = conflicts[:, :2].sum(axis=1) + shared[:, 2]
    explained = 2 * (FIGURE_LENGTH + width - 1) * changed
    return np.asarray((conflicts > CORRECTION_RATE * shared).any(axis=1) & (differing <= explained))


def verify(
    a: Rows,
    b: Rows,
    key_lengths: npt.NDArray[np.int32],
    fetch: Fetch,
    *,
    width: int,
    numbers: str,
    memory: int,
    scratch: str | Path | None = None,
    threads: int = 1,
) -> Verified:
    """Exact Jaccard and number conflicts of pairs of documents.

    The texts of all documents in a pair are fetched once, in the order of rows. Where they are more than `memory`, they
    are written to files of about that size, the connected components of the candidates never parted, and compared file
    by file through a memory map: linear reading and writing, and the shape of a cluster's shuffle.

    Parameters
    ----------
    a, b : ndarray of int64, shape (p,)
        Rows of each pair. Pairs with the same `a` in a row share work.
    key_lengths : ndarray of int32, shape (n,)
        By which the bytes of a text are estimated.
    fetch : callable
        Ascending rows to their texts.
    width : int
        Characters in a shingle.
    numbers : {"distinct", "ignore"}
        Whether figures are compared.
    memory : int
        Bytes of text to hold at once.
    scratch : path, optional
        Where files may be written; the system's temporary folder by default.
    threads : int, default 1
        Pairs compared side by side; each takes up to 160 MB for long texts.

    Returns
    -------
    Verified
        The same for any `memory`.
    """
    rows, place = np.unique(np.concatenate((a, b)), return_inverse=True)
    first, second = place[: len(a)], place[len(a) :]
    size = 4 * key_lengths[rows].astype(np.int64) + 64
    if size.sum() <= memory:
        return _compare(*_texts(fetch, rows), first, second, width, numbers, threads)

    part = _partition(components(first, second, len(rows)), size, memory)
    result = Verified(np.empty(len(a)), np.empty(len(a), bool), np.empty((len(a), 2), np.int32))
    with tempfile.TemporaryDirectory(dir=scratch, prefix="cci-match-") as folder:
        spilled = _Spill(Path(folder), rows, size, part, fetch, memory)
        for number in np.unique(part):
            mine = part[first] == number
            texts = spilled.texts(number)
            local = spilled.place
            found = _compare(*texts, local[first[mine]], local[second[mine]], width, numbers, threads)
            for name in Verified._fields:
                getattr(result, name)[mine] = getattr(found, name)
    return result


def _texts(fetch: Fetch, rows: Rows) -> tuple[Bytes, Offsets]:
    texts = fetch(rows)
    values, offsets = texts if isinstance(texts, tuple) else text_buffers(texts)
    if len(offsets) != len(rows) + 1:
        raise ValueError(f"fetch: {len(rows)} rows were asked for, {len(offsets) - 1} texts came")
    return values, offsets


def _compare(values: Bytes, offsets: Offsets, a: Rows, b: Rows, width: int, numbers: str, threads: int) -> Verified:
    """By several threads, in small shares: the kernels run without the interpreter's lock."""
    shares = 8 * threads if threads > 1 else 1
    with ThreadPoolExecutor(threads) as pool:
        figures = None
        if numbers == "distinct":
            bounds = np.searchsorted(offsets, np.linspace(offsets[0], offsets[-1], shares + 1)[1:-1])
            bounds = np.concatenate(([0], bounds, [len(offsets) - 1]))
            figures = _joined(
                pool.map(lambda i, j: number_slots(values, offsets[i : j + 1], sys.maxsize), bounds[:-1], bounds[1:])
            )
        edges = np.linspace(0, len(a), shares + 1).astype(np.int64)
        found = pool.map(
            lambda i, j: _compare_some(values, offsets, a[i:j], b[i:j], width, figures), edges[:-1], edges[1:]
        )
        return Verified(*map(np.concatenate, zip(*found, strict=True)))


def _joined(parts: Iterable[Figures]) -> Figures:
    slots, starts = zip(*parts, strict=True)
    ends = np.cumsum([0, *(each[-1] for each in starts)])
    return Figures(
        np.concatenate(slots),
        np.concatenate([*(each[:-1] + end for each, end in zip(starts, ends, strict=False)), ends[-1:]]),
    )


def _compare_some(values: Bytes, offsets: Offsets, a: Rows, b: Rows, width: int, figures: Figures | None) -> Verified:
    """Figures first: they are cheap, and most pairs that fail do so by them."""
    conflict = np.zeros(len(a), bool)
    shared = conflicts = np.zeros((len(a), 3), np.int32)
    if figures is not None:
        shared, conflicts = slot_conflicts(figures, a, b)
        conflict = other_facts(shared, conflicts)
    rest = np.flatnonzero(~conflict)
    common, together = jaccard_pairs(values, offsets, a[rest], b[rest], width=width)
    conflict[rest] = figures_alone(shared[rest], conflicts[rest], together - common, width)
    similarity = np.full(len(a), np.nan)
    similarity[rest] = common / np.maximum(together, 1)
    similarity[conflict] = np.nan
    return Verified(similarity, conflict, np.stack((shared.sum(axis=1), conflicts.sum(axis=1)), axis=1))


def _partition(component: Rows, size: npt.NDArray[np.int64], memory: int) -> npt.NDArray[np.int64]:
    """A part for every document: whole components, in the order of their first rows, to about `memory` bytes each."""
    total = np.bincount(component, weights=size, minlength=len(component))
    before = np.cumsum(total) - total
    part: npt.NDArray[np.int64] = (before // memory).astype(np.int64)[component]
    return part


class _Spill:
    """The texts of all candidates, in one file for each part."""

    def __init__(
        self,
        folder: Path,
        rows: Rows,
        size: npt.NDArray[np.int64],
        part: npt.NDArray[np.int64],
        fetch: Fetch,
        memory: int,
    ) -> None:
        self._folder = folder
        self._lengths: dict[int, list[Offsets]] = {}
        self.place = np.empty(len(rows), np.int64)  # of each document among those of its part
        count: dict[int, int] = {}
        chunk = np.cumsum(size) // max(1, memory // 4)
        for here in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(chunk)) + 1):
            values, offsets = _texts(fetch, rows[here])
            texts = pa.LargeStringArray.from_buffers(len(here), pa.py_buffer(offsets), pa.py_buffer(values))
            for number in np.unique(part[here]):
                mine = np.flatnonzero(part[here] == number)
                values, offsets = text_buffers(texts.take(pa.array(mine)))
                with open(folder / str(number), "ab") as file:
                    file.write(values[offsets[0] : offsets[-1]].data)
                self._lengths.setdefault(int(number), []).append(np.diff(offsets))
                self.place[here[mine]] = count.get(int(number), 0) + np.arange(len(mine))
                count[int(number)] = count.get(int(number), 0) + len(mine)

    def texts(self, number: int) -> tuple[Bytes, Offsets]:
        path = self._folder / str(number)
        offsets = np.concatenate(([0], np.cumsum(np.concatenate(self._lengths[int(number)]))))
        values = np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8)
        return values, offsets
