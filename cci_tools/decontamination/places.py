"""Where the parts of an item stand in a document, and how much of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cci_tools.decontamination.document import Document, Integers
from cci_tools.decontamination.index import Index

AT_HAND = 2048
"""Parts that are kept prepared: a law brings the same items to mind again and again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands, in characters of the matching key, and how much of it."""

    start: int
    end: int
    coverage: float = 1.0  # share of its characters, common ones counted less
    tail: float = 1.0  # share of its last third, at most 30 characters
    asked: bool = True  # whether half of its last n-gram is there: a quoted statute has not the words that ask
    closed: bool = True  # whether its last character is
    joined: float = 1.0  # share of its n-grams: less than the coverage where a blank was filled in
    ngrams: int = 1  # how many of its n-grams


@dataclass(frozen=True, slots=True)
class Outline:
    """What the index holds of a part, by n-gram and by character of the part's key."""

    hashes: npt.NDArray[Any]
    position: Integers
    indexed: npt.NDArray[np.bool_]  # characters that are in one of the n-grams held
    weight: npt.NDArray[np.float64]  # of each character, 0 where it is not indexed
    total: float


class Parts:
    """The parts of all items of an index, and what each n-gram weighs."""

    def __init__(self, index: Index, weights: npt.NDArray[np.float64]) -> None:
        self.width, self.weights = index.width, weights
        self.arrays: Mapping[str, npt.NDArray[Any]] = index.arrays
        self.offsets = index.arrays["part_offsets"].astype(np.int64)
        self._outlines: dict[int, Outline] = {}

    def entries(self, item: int) -> list[tuple[int, int]]:
        """Role and part of each part of an item."""
        start, end = self.arrays["item_offsets"][item : item + 2]
        roles, parts = self.arrays["entry_role"][start:end], self.arrays["entry_part"][start:end]
        return list(zip(roles.tolist(), parts.tolist(), strict=True))

    def length(self, part: int) -> int:
        """Characters of the part's key."""
        return int(self.arrays["part_length"][part])

    def first_hash(self, part: int) -> int:
        """Hash of the part's first n-gram, or of its whole key where that is shorter."""
        return int(self.arrays["ngram_hash"][self.offsets[part]])

    def information(self, part: int) -> float:
        """Characters of the part, Latin letters and digits counted a third, common n-grams less."""
        weights = self.weights[self.offsets[part] : self.offsets[part + 1]]
        return float(self.arrays["part_information"][part] * weights.mean()) if len(weights) else 0.0

    def locate(self, part: int, document: Document, low: int, high: int, least: float = 0.0) -> Place | None:
        """Where a part stands between two key positions, a short one by itself; None where too little of it does."""
        low, high, length = max(low, 0), min(high, len(document)), self.length(part)
        if length < self.width:
            for place in self.short_places(part, document, low, high):
                if document.bounded(place, place + length):
                    return Place(place, place + length)
            return None
        window, outline = document.hashes(self.width, low, high), self.outline(part)
        there = _isin(outline.hashes, window)
        if not there.any():
            return None
        covered = _union(outline.position[there], self.width, len(outline.indexed))
        coverage = float((outline.weight * covered).sum() / outline.total)
        if coverage < least:
            return None
        third = max(self.width, min(30, len(covered) // 3))
        start, end = _span(outline.hashes, there, outline.position, window)
        return Place(
            start=low + start,
            end=low + end + self.width,
            coverage=coverage,
            tail=float(covered[-third:].sum() / outline.indexed[-third:].sum()),
            asked=bool(covered[-self.width :].sum() * 2 >= self.width),
            closed=bool(covered[-1]),
            joined=float(there.mean()),
            ngrams=int(there.sum()),
        )

    def outline(self, part: int) -> Outline:
        """The n-grams of a part that is no shorter than one; the last few thousand are kept at hand."""
        found = self._outlines.get(part)
        if found is None:
            first, behind = self.offsets[part : part + 2]
            position = self.arrays["ngram_position"][first:behind].astype(np.int64)
            size = int(position[-1]) + self.width
            indexed = _union(position, self.width, size)
            weight = np.repeat(self.weights[first:behind], np.diff(np.append(position, size))) * indexed
            found = Outline(self.arrays["ngram_hash"][first:behind], position, indexed, weight, float(weight.sum()))
            if len(self._outlines) >= AT_HAND:
                self._outlines.clear()
            self._outlines[part] = found
        return found

    def short_places(self, part: int, document: Document, low: int, high: int) -> list[int]:
        """Where a part that is shorter than an n-gram stands."""
        length = self.length(part)
        if not length:
            return []
        only = self.arrays["ngram_hash"][self.offsets[part]]
        return [int(i) + low for i in np.flatnonzero(document.hashes(length, low, high) == only)]


def _span(
    hashes: npt.NDArray[Any], there: npt.NDArray[np.bool_], position: Integers, window: npt.NDArray[Any]
) -> tuple[int, int]:
    """Where the first and the last n-gram of a part that are there stand in a window.

    Some may stand in several places (an answer takes up the words of its question): most n-grams say which is meant.
    """
    places = np.flatnonzero(_isin(window, hashes))
    order = np.argsort(hashes, kind="stable")
    starts = np.sort(places - position[order[np.searchsorted(hashes[order], window[places])]])
    begin = int((starts[(len(starts) - 1) // 2] + starts[len(starts) // 2]) / 2)
    ends = []
    for number in np.flatnonzero(there)[[0, -1]]:
        where = np.flatnonzero(window == hashes[number])
        ends.append(int(where[np.argmin(np.abs(where - position[number] - begin))]))
    return min(ends), max(ends)


def _isin(values: npt.NDArray[Any], known: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """np.isin, without its set-up cost where a plain comparison of all with all is small."""
    if len(values) * len(known) <= 65_536:
        return np.asarray((values[:, None] == known).any(axis=1))
    return np.isin(values, known)


def _union(position: Integers, width: int, size: int) -> npt.NDArray[np.bool_]:
    """Characters that the n-grams at ascending positions cover, shape (size,)."""
    edges = np.zeros(size + 1, np.int64)
    edges[position] += 1
    edges[position + width] -= 1
    return np.asarray(np.cumsum(edges[:-1]) > 0)
