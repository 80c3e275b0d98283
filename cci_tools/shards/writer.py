"""Files of a run: Parquet shards with a digest, and Arrow files for work in progress. Whole or not at all."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools.shards.atomic import AtomicFile

ROW_GROUP_BYTES = 32 * 1024 * 1024
"""Text bytes of a row group: a reader needs a few times as much memory."""

PAGE_BYTES = 4 * 1024 * 1024
"""Of a page: texts are a hundredth smaller, and faster to compress, than in pages of the usual megabyte."""

NO_DICTIONARY = ("id", "text", "title", "url", "origin", "meta", "detail", "signature", "digest")
"""Columns whose values hardly repeat; a dictionary would be built and thrown away."""

ROW_BYTES = 256
"""What a row counts for beside its text, so that very short documents make no endless row groups."""


@dataclass(frozen=True)
class Shard:
    """A file that was written.

    Attributes
    ----------
    path : str
        Its name as it was asked for.
    rows, text_bytes, file_bytes : int
        Rows, bytes of the column that it is measured by, and bytes on the disk.
    sha256 : str
        Digest of the file, in hexadecimal digits.
    """

    path: str
    rows: int
    text_bytes: int
    file_bytes: int
    sha256: str


def write_shard(
    path: str | os.PathLike[str],
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    *,
    row_group_bytes: int = ROW_GROUP_BYTES,
    sized_by: str = "text",
    level: int = 3,
) -> Shard:
    """Write batches to a Parquet file.

    The bytes of the file depend on the rows alone, not on how they come in batches: a row group ends with the row that
    brings its text, and `ROW_BYTES` for each row, to `row_group_bytes`.

    Parameters
    ----------
    path : path
        File to write; it appears under this name when it is complete and on the disk.
    batches : iterable of pyarrow.RecordBatch
        Rows with the columns of `schema` in that order.
    schema : pyarrow.Schema
        Columns of the file, so that a shard without rows has them too.
    row_group_bytes : int, default 32 MiB
        More compresses slightly better and takes more memory, here and in every reader.
    sized_by : str, default "text"
        Column of strings or bytes that row groups, and the text bytes of the result, are measured by.
    level : int, default 3
        Of zstd. Text is a third larger with 1; random bytes are as large with any, and written in half of the time.

    Returns
    -------
    Shard

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written; the error names the file.
    ValueError
        A batch has other columns than `schema`.
    """
    rows = text_bytes = 0
    with AtomicFile(Path(path)) as file:
        plain = [name for name in schema.names if name not in NO_DICTIONARY]
        statistics = [name for name in schema.names if name not in ("text", "meta", "detail")]
        options: dict[str, Any] = {"compression": "zstd", "compression_level": level}
        options |= {"data_page_size": PAGE_BYTES, "write_batch_size": 1024}
        with pq.ParquetWriter(
            pa.PythonFile(file, "w"), schema, use_dictionary=plain, write_statistics=statistics, **options
        ) as writer:
            for group in _row_groups(batches, schema, sized_by, row_group_bytes):
                writer.write_table(group, row_group_size=max(group.num_rows, 1))
                rows += group.num_rows
                text_bytes += int(_sizes(group, sized_by).sum())
    return Shard(str(path), rows, text_bytes, file.size, file.digest.hexdigest())


def _sizes(rows: pa.RecordBatch | pa.Table, column: str) -> npt.NDArray[np.int64]:
    sizes = pc.fill_null(pc.binary_length(rows.column(column)), 0)
    return np.asarray(sizes.to_numpy() if isinstance(sizes, pa.ChunkedArray) else sizes, np.int64)


def _row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema, sized_by: str, size: int) -> Iterator[pa.Table]:
    """Tables of one chunk, cut after the row that brings them to `size` bytes."""
    held: list[pa.RecordBatch] = []
    missing = size
    for batch in batches:
        if not batch.schema.equals(schema):
            raise ValueError(f"columns are {batch.schema.names}, the shard's are {schema.names}, or their types differ")
        ends = np.cumsum(_sizes(batch, sized_by) + ROW_BYTES)
        at = before = 0
        while at < batch.num_rows:
            end = int(np.searchsorted(ends, before + missing, "left")) + 1
            if end > batch.num_rows:
                held.append(batch.slice(at))
                missing -= int(ends[-1]) - before
                break
            held.append(batch.slice(at, end - at))
            yield pa.Table.from_batches(held, schema).combine_chunks()
            held, missing = [], size
            at, before = end, int(ends[end - 1])
    if held:
        yield pa.Table.from_batches(held, schema).combine_chunks()


class ArrowFile:
    """An Arrow file under construction; a context manager.

    On leaving it the file is put under its name; when an exception passes, nothing is left.

    Parameters
    ----------
    path : path
        File to write.
    compression : {"lz4", "zstd", None}, default "lz4"
        None makes a file whose columns are read in place, without a copy.
    schema : pyarrow.Schema, optional
        Columns; those of the first batch when it is not given. A file that gets neither has no columns and no rows.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.arrow")
    >>> with ArrowFile(path) as file:
    ...     file.write(pa.record_batch({"id": ["a", "b", "c"]}))
    >>> read_rows(path, [0, 2]).column("id").to_pylist()
    ['a', 'c']
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        compression: Literal["lz4", "zstd"] | None = "lz4",
        schema: pa.Schema | None = None,
    ) -> None:
        self._file = AtomicFile(Path(path), lasting=False)
        self._options = pa.ipc.IpcWriteOptions(compression=compression)
        self._schema = schema
        self._writer: Any = None
        self.rows = 0

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch; one without rows leaves no trace beyond its columns.

        Raises
        ------
        OSError
            The disk is full; the error names the file.
        """
        self._open(batch.schema)
        if batch.num_rows:
            self._writer.write_batch(batch)
            self.rows += batch.num_rows

    def stamp(self) -> dict[str, tuple[int, str]]:
        """Name, size and digest of the finished file, for the mark of the task that wrote it."""
        return {self._file.path.name: (self._file.size, self._file.digest.hexdigest())}

    def _open(self, schema: pa.Schema) -> None:
        if self._writer is None:
            sink = pa.PythonFile(self._file, "w")
            self._writer = pa.ipc.new_file(sink, self._schema or schema, options=self._options)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._open(pa.schema([]))
                self._writer.close()
        except BaseException as late:
            self._file.__exit__(type(late), late, late.__traceback__)
            raise
        self._file.__exit__(kind, error, trace)


def write_arrow(
    path: str | os.PathLike[str],
    batches: Iterable[pa.RecordBatch],
    compression: Literal["lz4", "zstd"] | None = "lz4",
    schema: pa.Schema | None = None,
) -> int:
    """Write batches to an Arrow file and return the number of rows; see `ArrowFile`."""
    with ArrowFile(path, compression, schema) as file:
        for batch in batches:
            file.write(batch)
    return file.rows


def map_arrow(path: str | os.PathLike[str], columns: Sequence[str] | None = None) -> pa.Table:
    """A whole Arrow file as a table, mapped into memory: uncompressed columns are not read before they are used.

    Parameters
    ----------
    path : path
        File that `ArrowFile` wrote.
    columns : sequence of str, optional
        Columns to read; compressed ones are decompressed, so name those that are needed.
    """
    with pa.memory_map(str(path)) as file:
        return _open(path, file, columns).read_all()


def read_arrow(path: str | os.PathLike[str], columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of an Arrow file, one after the other, as `map_arrow` reads them."""
    with pa.memory_map(str(path)) as file:
        reader = _open(path, file, columns)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def arrow_schema(path: str | os.PathLike[str]) -> pa.Schema:
    """Columns of an Arrow file; no rows are read."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).schema


def read_rows(
    path: str | os.PathLike[str],
    rows: Sequence[int] | npt.NDArray[np.int64],
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Rows of an Arrow file by their number.

    Parameters
    ----------
    path : path
        File that `ArrowFile` wrote.
    rows : sequence of int
        Row numbers, ascending. Batches that none of them lies in are not decompressed.
    columns : sequence of str, optional
        Columns to read.

    Raises
    ------
    IndexError
        A number is not a row of the file, or they are not ascending.
    """
    wanted = np.asarray(rows, np.int64)
    if len(wanted) and (wanted[0] < 0 or (np.diff(wanted) < 0).any()):
        raise IndexError(f"{path}: row numbers must be ascending and not negative")
    parts = []
    first = found = 0
    with pa.memory_map(str(path)) as file:
        reader = _open(path, file, columns)
        counter = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=[0]))
        for number in range(reader.num_record_batches):
            last = first + counter.get_batch(number).num_rows
            end = int(np.searchsorted(wanted, last))
            if end > found:
                parts.append(reader.get_batch(number).take(pa.array(wanted[found:end] - first)))
            first, found = last, end
        if found < len(wanted):
            raise IndexError(f"{path}: has {first} rows, no row {wanted[found]}")
        return pa.Table.from_batches(parts, reader.schema)


def _open(path: str | os.PathLike[str], file: pa.NativeFile, columns: Sequence[str] | None) -> Any:
    reader = pa.ipc.open_file(file)
    if columns is None:
        return reader
    missing = [name for name in columns if name not in reader.schema.names]
    if missing:
        raise KeyError(f"{path}: has no column {', '.join(missing)}")
    fields = sorted(reader.schema.get_field_index(name) for name in columns)
    return pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=fields))
