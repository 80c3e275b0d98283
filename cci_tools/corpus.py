"""A finished corpus: the folder that a run left, opened for reading."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KINDS = ("data", "review", "rejects")
"""Folders with documents: the corpus, what waits for a person's decision, and what was rejected."""

BATCH_ROWS = 4096


class CorpusError(Exception):
    """A folder is not a finished corpus, or not whole; the message names the file and the remedy."""


class Place(NamedTuple):
    """Where a row is: file below the corpus, as the manifest names it, and number of the row in it."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} row {self.row}"


@dataclass(frozen=True)
class Corpus:
    """The folder of a finished run.

    Parameters
    ----------
    folder : Path
        The folder.
    manifest : dict
        Contents of its ``manifest.json``.
    """

    folder: Path
    manifest: dict[str, Any]

    def files(self, kind: str) -> list[str]:
        """Files of a folder (``data``, ``rejects``, ``review``, ``index``), as the manifest names them, in order."""
        return sorted(file["path"] for file in self.manifest["files"] if file["path"].startswith(f"{kind}/"))

    def rows(self, kind: str) -> int:
        """Documents in a folder."""
        return sum(file["rows"] for file in self.manifest["files"] if file["path"].startswith(f"{kind}/"))

    def columns(self, kind: str) -> list[str]:
        """Columns of the files of a folder; none if there is no file."""
        files = self.files(kind)
        return list(pq.read_schema(self.folder / files[0]).names) if files else []

    def batches(self, where: str, columns: Sequence[str] | None = None) -> Iterator[tuple[str, int, pa.RecordBatch]]:
        """Rows of a folder or of one file in order, a batch at a time.

        Parameters
        ----------
        where : str
            The folder, or a file as the manifest names it.
        columns : sequence of str, optional
            To read; those that the files do not have are left out. All, when not given.

        Yields
        ------
        file : str
            As the manifest names it.
        row : int
            Number of the batch's first row in the file.
        batch : pyarrow.RecordBatch
        """
        there = self.columns(where.partition("/")[0])
        chosen = there if columns is None else [name for name in columns if name in there]
        for name in [where] if "/" in where else self.files(where):
            row = 0
            with pq.ParquetFile(self.folder / name) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=chosen):
                    yield name, row, batch
                    row += batch.num_rows

    def table(self, file: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of one file, whole."""
        return pq.ParquetFile(self.folder / file).read(columns=list(columns))

    def document(self, place: Place) -> dict[str, Any]:
        """All columns of one row."""
        return self.documents([place])[0]

    def documents(self, places: Sequence[Place], columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Some rows in the order asked for, all columns or those named; every group of rows is read once."""
        found: dict[Place, dict[str, Any]] = {}
        by_file: dict[str, set[int]] = {}
        for place in places:
            by_file.setdefault(place.file, set()).add(place.row)
        for name in sorted(by_file):
            rows = np.array(sorted(by_file[name]), np.int64)
            with pq.ParquetFile(self.folder / name) as file:
                if rows[-1] >= file.metadata.num_rows:
                    raise CorpusError(f"{self.folder / name}: has no row {rows[-1]}")
                sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
                ends = np.cumsum(sizes)
                groups = np.searchsorted(ends, rows, "right")
                for group in np.unique(groups):
                    wanted = rows[groups == group]
                    table = file.read_row_group(int(group), columns).take(
                        pa.array(wanted - (ends[group] - sizes[group]))
                    )
                    found |= {Place(name, int(r)): row for r, row in zip(wanted, table.to_pylist(), strict=True)}
        return [found[place] for place in places]


def open_corpus(folder: Path) -> Corpus:
    """The corpus in a folder, after a look whether its files are there in the size that they had.

    Raises
    ------
    CorpusError
        The folder is not that of a finished run, or a file is missing or changed.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
        files = {file["path"]: file["bytes"] for file in manifest["files"]}
    except FileNotFoundError:
        raise CorpusError(f"{folder}: no manifest.json, so it is not the folder of a finished run") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: not the manifest of a run: {error!r}") from error
    for name, size in files.items():
        file = folder / name
        if not file.is_file():
            raise CorpusError(f"{file}: is missing; bring it back, or run again")
        if file.stat().st_size != size:
            raise CorpusError(f"{file}: damaged, its size is not that of the manifest; bring it back, or run again")
    return Corpus(folder, manifest)
