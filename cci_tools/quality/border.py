"""What other thresholds would do: counts of verdicts before and after, and the documents nearest to each threshold."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from cci_tools.quality.measures import Column


class Sample(NamedTuple):
    """A document near a threshold."""

    distance: float
    number: int
    value: float
    falls: bool
    kind: str
    text: str


@dataclass
class Comparison:
    """Adds up, batch by batch, what a change of thresholds does.

    Attributes
    ----------
    samples : int
        Documents kept in mind on either side of each threshold.
    """

    samples: int = 3
    documents: int = 0
    before: int = 0
    after: int = 0
    by_rule: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)
    _near: dict[tuple[str, float, bool], list[Sample]] = field(default_factory=dict)

    def add_document(self, kind: str, falls_before: str | None, falls_after: str | None) -> None:
        """Count one document by the rule that it breaks (``max_digit_fraction``), before and after; None: it stays."""
        self.documents += 1
        self.before += falls_before is None
        self.after += falls_after is None
        self.by_kind[kind, "documents"] += 1
        self.by_kind[kind, "before"] += falls_before is None
        self.by_kind[kind, "after"] += falls_after is None
        if falls_before:
            self.by_rule[falls_before, kind, "before"] += 1
        if falls_after:
            self.by_rule[falls_after, kind, "after"] += 1

    def look(self, rule: str, threshold: float, values: Column, candidates: Column, kinds: list[str],
             texts: pa.Array) -> None:  # fmt: skip
        """Remember the documents nearest to a threshold on either side.

        Parameters
        ----------
        rule : str
            ``max_...`` or ``min_...``.
        threshold : float
        values : ndarray, shape (n,)
            The rule's measure of each document.
        candidates : ndarray of bool, shape (n,)
            Documents for which the rule decides: it holds for them, and they break no rule before it.
        kinds : list of str, n
        texts : pyarrow.Array, n strings
            Only those that are remembered are taken out of it.
        """
        falls = values < np.float32(threshold) if rule.startswith("min_") else values > np.float32(threshold)
        distance = np.abs(values.astype(float) - threshold)
        for side in (False, True):
            rows = np.flatnonzero(candidates.astype(bool) & (falls == side) & np.isfinite(distance))
            if len(rows) > self.samples:
                rows = rows[np.argpartition(distance[rows], self.samples)[: self.samples]]
            kept = self._near.setdefault((rule, threshold, side), [])
            for row in rows:
                one = Sample(-float(distance[row]), -self.documents - int(row), float(values[row]), side, kinds[row],
                             texts[row].as_py())  # fmt: skip
                if len(kept) < self.samples:
                    heapq.heappush(kept, one)
                else:
                    heapq.heappushpop(kept, one)

    def near(self, rule: str) -> list[tuple[float, list[Sample]]]:
        """Thresholds of a rule (kinds may have their own), and the documents around each by value."""
        found: dict[float, list[Sample]] = {}
        for (name, threshold, _), kept in self._near.items():
            if name == rule:
                found.setdefault(threshold, []).extend(kept)
        return [(threshold, sorted(kept, key=lambda one: one.value)) for threshold, kept in sorted(found.items())]
