"""The documents of earlier releases that a new dump may repeat: found in the indexes, read where they are needed.

An index is read as a stream. Only documents that share a bucket or a key with a new one are copied to the work folder,
so a release takes memory and disk by what it has in common with the dump, not by its size: of a million documents 1 MB
of memory, and of a million that are copied 150 MB, and 4 bytes a slot on the disk.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools.dedup.bands import Banding
from cci_tools.dedup.columns import digests_of, signatures_of
from cci_tools.dedup.releases import Release
from cci_tools.kernels.match import Keys, Rows, Signatures, band_keys

_CHUNK = 16_384
"""Rows of an index read at once: 8 MB of signatures of 128 slots."""


class Known(NamedTuple):
    """The documents of releases that may have a duplicate among new ones, in the order of releases and rows."""

    release: npt.NDArray[np.int32]  # number of the release
    part: npt.NDArray[np.int32]  # number of its part
    row: Rows  # in the part
    ids: pa.Array
    sources: pa.Array  # the host where it is known, else the source
    digests: Keys
    key_lengths: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)


def select(
    releases: Sequence[Release],
    digests: Keys,
    signatures: Signatures,
    key_lengths: npt.NDArray[np.int32],
    *,
    banding: Banding,
    width: int,
    memory: int,
    sink: IO[bytes],
) -> Known:
    """The documents of releases that share a key or a bucket with a new one; their signatures go to a file.

    Parameters
    ----------
    releases : sequence of Release
        In which to look.
    digests, signatures, key_lengths : ndarray
        Of the new documents; see `cci_tools.kernels.sign.sign`.
    banding : Banding
        Bands of a signature.
    width : int
        Characters of a shingle; documents with a shorter key are found by their key alone.
    memory : int
        Bytes for the keys of new documents: 16 each, for each of the bands that are searched in one reading.
    sink : binary file
        The signatures of the result are appended to it, row by row.

    Returns
    -------
    Known
        The same for any `memory`.
    """
    if not releases:
        return _known([])
    equal = _Set(digests[key_lengths > 0, 0])
    rows = np.flatnonzero(key_lengths >= width)
    step = max(1, min(banding.bands, memory // (16 * max(1, len(rows)))))
    marks = [[np.zeros(part.rows, bool) for part in release.parts] for release in releases]
    pieces: list[tuple[int, int, Rows, pa.RecordBatch]] = []
    for first in range(0, banding.bands, step):
        near = _Set(band_keys(signatures, rows, first, min(step, banding.bands - first), banding.rows).reshape(-1))
        last = first + step >= banding.bands
        for number, release in enumerate(releases):
            for place, part in enumerate(release.parts):
                for start, batch in _read(part.index_file):
                    mark = marks[number][place][start : start + batch.num_rows]
                    lengths = batch.column("key_length").to_numpy()
                    mark |= (lengths > 0) & equal.holds(digests_of(batch.column("digest"))[:, 0])
                    if release.texts:
                        long = np.flatnonzero(lengths >= width)
                        signed = signatures_of(batch.column("signature"))
                        lines = band_keys(signed, long, first, min(step, banding.bands - first), banding.rows)
                        mark[long] |= near.holds(lines.reshape(-1)).reshape(lines.shape).any(axis=0)
                    if last and mark.any():
                        chosen = np.flatnonzero(mark)
                        found = batch.take(pa.array(chosen))
                        sink.write(signatures_of(found.column("signature")).tobytes())
                        pieces.append((number, place, start + chosen, found.drop_columns(["signature"])))
    return _known(pieces)


def every_document(release: Release) -> tuple[Known, Signatures]:
    """All documents of a release, with their signatures, in memory."""
    pieces, signatures = [], [np.empty((0, release.slots), np.uint32)]
    for place, part in enumerate(release.parts):
        for start, batch in _read(part.index_file):
            pieces.append((0, place, start + np.arange(batch.num_rows), batch.drop_columns(["signature"])))
            signatures.append(signatures_of(batch.column("signature")))
    return _known(pieces), np.concatenate(signatures)


def _read(index: Path) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The batches of an index file, each with the number of its first row."""
    with pq.ParquetFile(index, pre_buffer=False) as file:  # else the whole file would be held
        names = ["id", "source", "host", "key_length", "digest", "signature"]
        row = 0
        for batch in file.iter_batches(_CHUNK, columns=[n for n in names if n in file.schema_arrow.names]):
            yield row, batch
            row += batch.num_rows


def _known(pieces: list[tuple[int, int, Rows, pa.RecordBatch]]) -> Known:
    counts = [len(rows) for _, _, rows, _ in pieces]
    sources = [pc.coalesce(b.column("host"), b.column("source")) if "host" in b.schema.names else b.column("source")
               for *_, b in pieces]  # fmt: skip
    return Known(
        np.repeat(np.array([number for number, *_ in pieces], np.int32), counts),
        np.repeat(np.array([place for _, place, *_ in pieces], np.int32), counts),
        np.concatenate([np.empty(0, np.int64), *(rows for _, _, rows, _ in pieces)]),
        pa.concat_arrays([pa.array([], pa.string()), *(b.column("id") for *_, b in pieces)]),
        pa.concat_arrays([pa.array([], pa.string()), *sources]),
        np.concatenate([np.empty((0, 2), np.uint64), *(digests_of(b.column("digest")) for *_, b in pieces)]),
        np.concatenate([np.empty(0, np.int32), *(b.column("key_length").to_numpy() for *_, b in pieces)]),
    )


class _Set:
    """Sorted numbers, with a table of their last bits so that most others are told at once."""

    def __init__(self, values: Keys) -> None:
        self._values = np.sort(values)
        bits = min(28, max(10, len(values).bit_length() + 2))
        self._mask = np.uint64((1 << bits) - 1)
        self._table = np.zeros(1 << bits, bool)
        self._table[self._values & self._mask] = True

    def holds(self, values: Keys) -> npt.NDArray[np.bool_]:
        """Which of the numbers are in the set."""
        found: npt.NDArray[np.bool_] = self._table[values & self._mask]
        maybe = np.flatnonzero(found)
        place = np.minimum(np.searchsorted(self._values, values[maybe]), max(0, len(self._values) - 1))
        if len(maybe):
            found[maybe] = self._values[place] == values[maybe]
        return found


def read_texts(releases: Sequence[Release], known: Known, rows: Rows) -> pa.ChunkedArray:
    """Texts of some known documents, read from the releases' data files.

    Parameters
    ----------
    releases : sequence of Release
        As they were given to `select`.
    known : Known
        From `select`.
    rows : ndarray of int64
        Rows of `known`, ascending.

    Raises
    ------
    OSError
        A data file does not hold the documents that its index names.
    """
    chunks: list[pa.Array] = []
    release, place = known.release[rows], known.part[rows]
    for mine in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(release) | np.diff(place)) + 1):
        if not len(mine):
            continue
        part = releases[release[mine[0]]].parts[place[mine[0]]]
        if part.data_file is None:
            raise OSError(f"{part.index_file}: there is no data/ beside it to read texts from")
        table = take_rows(part.data_file, known.row[rows[mine]])
        if not table.column("id").combine_chunks().equals(known.ids.take(pa.array(rows[mine]))):
            raise OSError(f"{part.data_file}: does not hold the documents of {part.index_file}; bring the file back")
        chunks += table.column("text").chunks
    return pa.chunked_array(chunks, pa.string())


def take_rows(path: Path, rows: Rows) -> pa.Table:
    """Ids and texts of rows, ascending, of a Parquet file; row groups that have none of them are not read."""
    pieces = []
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        bounds = np.searchsorted(rows, np.cumsum([0, *sizes]))
        for number in np.flatnonzero(np.diff(bounds)):
            local = rows[bounds[number] : bounds[number + 1]] - sum(sizes[:number])
            pieces.append(file.read_row_group(int(number), ["id", "text"]).take(pa.array(local)))
    return pa.concat_tables(pieces)
