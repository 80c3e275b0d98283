"""Pairs of an indexed document and a query: with equal keys, or with near sketches in a common bucket."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.dedup.bands import Banding
from cci_tools.dedup.search import union
from cci_tools.kernels.match import Keys, Rows, Signatures, band_keys

_PAIRS = 1 << 18
"""Pairs whose sketches are compared at once."""


class Signed(NamedTuple):
    """Documents as `cci_tools.kernels.sign.sign` returns them."""

    signatures: Signatures
    digests: Keys
    key_lengths: npt.NDArray[np.int32]


class Lookup:
    """The documents of an index in the orders in which they are searched.

    Parameters
    ----------
    documents : Signed
        Of the index.
    width : int
        Characters of a shingle; a document with a shorter key is found by its key alone.
    """

    def __init__(self, documents: Signed, width: int) -> None:
        self.documents, self.width = documents, width
        self._by_digest = np.argsort(documents.digests[:, 0], kind="stable")
        self._buckets: dict[Banding, tuple[Keys, Rows]] = {}

    def equal(self, queries: Signed) -> Keys:
        """Pairs with equal keys: row of the document << 32 | row of the query, ascending."""
        asked = np.flatnonzero(queries.key_lengths > 0)
        ordered = self.documents.digests[self._by_digest, 0]
        pairs = np.empty(0, np.uint64)
        for place, number in _meeting(ordered, queries.digests[asked, 0]):
            a, b = self._by_digest[place], asked[number]
            same = self.documents.digests[a, 1] == queries.digests[b, 1]
            pairs = union(pairs, np.sort(_pack(a[same], b[same])))
        return pairs

    def near(self, queries: Signed, banding: Banding, least: int) -> Keys:
        """Pairs that share a band and have at least so many equal slots, in the form of `equal`."""
        if banding not in self._buckets:
            long = np.flatnonzero(self.documents.key_lengths >= self.width)
            keys = band_keys(self.documents.signatures, long, 0, banding.bands, banding.rows)
            order = np.argsort(keys, axis=1)
            self._buckets[banding] = np.take_along_axis(keys, order, axis=1), long[order]
        asked = np.flatnonzero(queries.key_lengths >= self.width)
        lines = band_keys(queries.signatures, asked, 0, banding.bands, banding.rows)
        found = np.empty(0, np.uint64)
        for line, ordered, rows in zip(lines, *self._buckets[banding], strict=True):
            for place, number in _meeting(ordered, line):
                a, b = rows[place], asked[number]
                enough = self.shared(queries, a, b) >= least
                found = union(found, np.sort(_pack(a[enough], b[enough])))
        return found

    def shared(self, queries: Signed, a: Rows, b: Rows) -> Rows:
        """Equal slots of documents `a` and queries `b`."""
        equal: Rows = (self.documents.signatures[a] == queries.signatures[b]).sum(axis=1)
        return equal


def rows_of(pairs: Keys) -> tuple[Rows, Rows]:
    """Documents and queries of pairs."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _pack(a: Rows, b: Rows) -> Keys:
    return a.astype(np.uint64) << np.uint64(32) | b.astype(np.uint64)


def _meeting(ordered: Keys, asked: Keys) -> Iterator[tuple[Rows, Rows]]:
    """Places of asked values in a sorted array, each with the number of the value, `_PAIRS` and more at a time."""
    low = np.searchsorted(ordered, asked, "left")
    count = np.searchsorted(ordered, asked, "right") - low
    numbers = np.flatnonzero(count)
    for here in np.split(numbers, np.flatnonzero(np.diff(np.cumsum(count[numbers]) // _PAIRS)) + 1):
        times = count[here]
        ramp = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        yield np.repeat(low[here], times) + ramp, np.repeat(here, times)
