"""Counts of passages: entries with a key each, merged in memory and across files."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.passages import Keys

HELD = 1_000_000
"""Entries that are collected before they are merged."""

_WORKING = 96  # bytes of memory for an entry while entries are merged
_SCHEMA = pa.schema([("key", pa.uint64()), ("group", pa.uint64()), ("documents", pa.uint32())])


class Counts(NamedTuple):
    """Entries with each key once, ascending; 20 bytes each.

    Attributes
    ----------
    keys : ndarray of uint64
    groups : ndarray of uint64
        What the key belongs to; where it was met several times, what it belonged to first.
    documents : ndarray of uint32
        Documents that have it.
    """

    keys: Keys
    groups: Keys
    documents: npt.NDArray[np.uint32]


def as_counts(keys: Keys, groups: Keys) -> Counts:
    """Entries of one document each."""
    return Counts(keys, groups, np.ones(len(keys), np.uint32))


def merge(parts: Sequence[Counts]) -> Counts:
    """One entry for each key; of the groups that of the first part, and therein the first place.

    Examples
    --------
    >>> numbers = [np.array(values, np.uint64) for values in ([5, 3], [1, 2], [3], [9])]
    >>> merged = merge([as_counts(*numbers[:2]), as_counts(*numbers[2:])])
    >>> [column.tolist() for column in merged]
    [[3, 5], [2, 1], [2, 1]]
    """
    if not sum(len(part.keys) for part in parts):
        return as_counts(np.empty(0, np.uint64), np.empty(0, np.uint64))
    keys = np.concatenate([part.keys for part in parts])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    groups = np.concatenate([part.groups for part in parts])[order[first]]
    documents = np.add.reduceat(np.concatenate([part.documents for part in parts])[order], first)
    return Counts(keys[first], groups, documents.astype(np.uint32))


class Collector:
    """Entries that are being collected, merged run by run."""

    def __init__(self) -> None:
        self._runs: list[Counts] = []
        self._open: list[Counts] = []

    def add(self, keys: Keys, groups: Keys) -> None:
        """Add entries of one document each."""
        self._open.append(as_counts(keys, groups))
        if sum(len(part.keys) for part in self._open) >= HELD:
            self._close()

    def runs(self) -> list[Counts]:
        """All entries, in runs that are each merged."""
        self._close()
        return self._runs

    def _close(self) -> None:
        if self._open:
            self._runs.append(merge(self._open))
            self._open = []


def merged_ranges(runs: Sequence[Counts], memory: int, groups: Keys | None = None) -> Iterator[Counts]:
    """All runs merged, one range of keys after the other.

    Parameters
    ----------
    runs : sequence of Counts
        In the order that decides which group is the first.
    memory : int
        Bytes to take for a range; keys are hashes, so ranges of equal width hold about as many.
    groups : ndarray of uint64, optional
        Entries of other groups are left out. Ascending.
    """
    rounds = max(1, -(-sum(len(run.keys) for run in runs) * _WORKING // memory))
    bounds = np.array([i * 2**64 // rounds for i in range(1, rounds)], np.uint64)
    cuts = [[0, *np.searchsorted(run.keys, bounds).tolist(), len(run.keys)] for run in runs]
    for number in range(rounds):
        parts = [
            Counts(*(column[at[number] : at[number + 1]] for column in run))  # type: ignore[arg-type]
            for run, at in zip(runs, cuts, strict=True)
        ]
        yield merge(parts if groups is None else [_of_groups(part, groups) for part in parts])


def _of_groups(part: Counts, groups: Keys) -> Counts:
    chosen = np.isin(part.groups, groups)
    return Counts(part.keys[chosen], part.groups[chosen], part.documents[chosen])


def write_counts(path: str | os.PathLike[str], kinds: Sequence[Sequence[Counts]], label: str) -> None:
    """Write runs of several kinds to an Arrow file; it appears under its name when it is complete."""
    numbers = " ".join(str(len(runs)) for runs in kinds)
    schema = _SCHEMA.with_metadata({"passages": label, "runs": numbers})
    unfinished = Path(f"{os.fspath(path)}.unfinished")
    with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for runs in kinds:
            for run in runs:
                writer.write_batch(pa.RecordBatch.from_arrays([pa.array(column) for column in run], schema=schema))
    os.replace(unfinished, path)


def read_counts(path: str | os.PathLike[str], label: str) -> list[list[Counts]]:
    """The runs of each kind, mapped into memory.

    Raises
    ------
    ValueError
        The file is of another kind, or was written with another label.
    """
    found: dict[bytes, bytes] = {}
    try:
        file: Any = pa.ipc.open_file(pa.memory_map(os.fspath(path)))
        found = file.schema.metadata or {}
    except pa.ArrowInvalid:
        pass
    if found.get(b"passages") != label.encode():
        held = found.get(b"passages", b"no passages").decode()
        raise ValueError(f"{os.fspath(path)}: holds {held!r}, expected {label!r}")
    batches = (file.get_batch(i) for i in range(file.num_record_batches))
    numbers = [int(number) for number in found[b"runs"].split()]
    return [[Counts(*(column.to_numpy() for column in next(batches).columns)) for _ in range(n)] for n in numbers]
