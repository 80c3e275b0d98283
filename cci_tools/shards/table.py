"""Tables in files: Parquet and Arrow, columns taken as they are wherever their type allows it."""

import contextlib
import mmap
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools import schema
from cci_tools.shards.columns import binary_kind, check, is_text, names_once, objects, plain, records, strings, utf8
from cci_tools.shards.fields import (
    COLUMNS,
    Reading,
    Rows,
    as_json,
    digest,
    failed_row,
    to_batch,
    verdicts,
)
from cci_tools.shards.inputs import printable
from cci_tools.shards.lines import HEAD, Failure

BLOCK_BYTES = 1024 * 1024
"""Bytes of a Parquet file decoded at a time. Fixed: what a damaged file still gives must not depend on batch sizes."""

Source = str | IO[bytes]
"""A path, or a file that can be read from its end."""


def read_parquet(
    source: Source, name: str, start: int, stop: int | None, batch_bytes: int, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Rows `start` to `stop` of a Parquet file as batches with the core columns.

    `origin` is ``"<name>#row=<number>"``, counted from 0 through the file. A row group that cannot be decoded is one
    row with ``reader.corrupt_file`` that says how many rows are lost; the groups after it are read.
    """
    try:
        file = parquet_file(source)
    except Exception as error:  # a broken footer shows as any of several types
        yield _broken(f"{name}#row={start}" if start else name, error)
        return
    with file:
        first = 0
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            last = first + group.num_rows
            if last > start and (stop is None or first < stop):
                per_row = max(1, group.total_byte_size // max(1, group.num_rows))
                size = min(max(1, BLOCK_BYTES // per_row), 65_536)
                batches = file.iter_batches(batch_size=size, row_groups=[number])
                yield from _read(batches, name, first, last, start, stop, batch_bytes, reading)
            first = last


def parquet_file(source: Source) -> pq.ParquetFile:
    """A Parquet file, opened; a path may have bytes that are not UTF-8, which Arrow does not open itself."""
    if isinstance(source, str) and printable(source) != source:
        source = mapped(source)
    return pq.ParquetFile(source, buffer_size=1 << 20, pre_buffer=False)


def read_arrow(
    source: Source, name: str, start: int, stop: int | None, batch_bytes: int, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Rows of an Arrow file or stream (``.arrow``, ``.feather``), as `read_parquet` does."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(mapped(source) if isinstance(source, str) else pa.PythonFile(source))
            batches = arrow_batches(file)
        except Exception as error:
            yield _broken(f"{name}#row={start}" if start else name, error)
            return
        yield from _read(batches, name, 0, None, start, stop, batch_bytes, reading)


def arrow_batches(file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow file (which Feather is too) or an Arrow stream."""
    magic = file.read(6)
    file.seek(0)
    if magic == b"ARROW1":
        try:
            reader = pa.ipc.open_file(file)
        except pa.ArrowInvalid as error:
            return _without_footer(file, error)
        return (reader.get_batch(number) for number in range(reader.num_record_batches))
    if magic.startswith(b"FEA1"):
        raise ValueError("the first version of Feather, which pyarrow gives up; write the file again as Arrow")
    return iter(pa.ipc.open_stream(file))


def _without_footer(file: pa.NativeFile, error: pa.ArrowInvalid) -> Iterator[pa.RecordBatch]:
    """Batches of an Arrow file that has lost its end; before its footer it is a stream."""
    file.seek(8)
    yield from pa.ipc.open_stream(file)
    raise error


def mapped(path: str) -> pa.NativeFile:
    """A file on the disk as Arrow reads it; the path may have bytes that are not UTF-8."""
    with open(path, "rb") as file:
        try:
            data: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file cannot be mapped
            data = b""
    return pa.BufferReader(pa.py_buffer(data))


def _read(
    batches: Iterator[pa.RecordBatch],
    name: str,
    first: int,
    last: int | None,
    start: int,
    stop: int | None,
    batch_bytes: int,
    reading: Reading,
) -> Iterator[pa.RecordBatch]:
    """Rows of batches that begin at row `first`; what breaks is one row."""
    while stop is None or first < stop:
        try:
            batch = next(batches, None)
            if batch is not None:
                for column in batch.columns:
                    check(column)
                batch = names_once(batch)
        except Exception as error:  # Arrow's, OSError, MemoryError: damage shows in many ways
            if first >= start:
                yield _broken(f"{name}#row={first}", error, None if last is None else last - first)
            return
        if batch is None:
            return
        skip = min(max(0, start - first), batch.num_rows)
        keep = batch.num_rows if stop is None else min(batch.num_rows, stop - first)
        if keep > skip:
            for part, row in _pieces(batch.slice(skip, keep - skip), first + skip, batch_bytes, reading):
                yield from _convert(part, name, row, reading)
        first += batch.num_rows


def _broken(origin: str, error: Exception, rows: int | None = None) -> pa.RecordBatch:
    reason = "unreadable_file" if isinstance(error, PermissionError | FileNotFoundError) else "corrupt_file"
    message = str(error) or type(error).__name__
    return failed_row(origin, Failure(reason, message if rows is None else f"{message} ({rows} rows lost)"))


def _pieces(
    batch: pa.RecordBatch, row: int, batch_bytes: int, reading: Reading
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Slices with at most `batch_bytes` of text, a single row excepted, and the number of their first row."""
    sizes = np.zeros(batch.num_rows, np.int64)
    for name in reading.text:
        if name in batch.schema.names:
            with contextlib.suppress(pa.ArrowException, TypeError):  # `to_core` says what is wrong with it
                column = plain(batch.column(name))
                if is_text(column.type):
                    sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(sizes)
    at = 0
    while at < batch.num_rows:
        before = ends[at - 1] if at else 0
        end = max(at + 1, int(np.searchsorted(ends, before + batch_bytes, "right")))
        yield batch.slice(at, end - at), row + at
        at = end


def _convert(batch: pa.RecordBatch, name: str, row: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """`to_core`; rows that it cannot take are found by halving, and each is rejected alone."""
    try:
        yield to_core(batch, name, row, reading)
    except MemoryError:
        raise
    except Exception as error:  # Arrow's, and what any of its types may raise for a value
        if batch.num_rows == 1:
            failure = Failure("malformed_row", str(error) or type(error).__name__)
            yield failed_row(f"{name}#row={row}", failure, _readable(batch, reading))
            return
        half = batch.num_rows // 2
        yield from _convert(batch.slice(0, half), name, row, reading)
        yield from _convert(batch.slice(half), name, row + half, reading)


def _readable(batch: pa.RecordBatch, reading: Reading) -> str:
    """The text of a row, if it has one that can be read."""
    with contextlib.suppress(Exception):
        found = (objects(batch[name])[0] for name in reading.text if name in batch.schema.names)
        return next(text for text in found if isinstance(text, str))
    return ""


def to_core(batch: pa.RecordBatch, name: str, row: int, reading: Reading) -> pa.RecordBatch:
    """A batch of a table as a batch with the core columns; its first row is number `row` of the file."""
    origins = [f"{name}#row={row + i}" for i in range(batch.num_rows)]
    taken: dict[str, str] = {}
    for column in COLUMNS:
        for candidate in getattr(reading, column):
            if batch.schema.names.count(candidate) != 1:
                continue
            if column in taken:
                if batch.column(taken[column]).null_count:  # rows differ in the field that is taken
                    return _row_by_row(batch, origins, reading)
                break
            taken[column] = candidate
    texts, failures = _texts(batch, taken.get("text"), reading)
    arrays = {column: _strings(batch, taken.get(column)) for column in COLUMNS if column != "text"}
    arrays["text"] = texts
    arrays["origin"] = pa.array(origins, pa.string())
    if arrays["id"].null_count or pc.any(pc.equal(arrays["id"], "")).as_py():
        values = arrays["id"].to_pylist()
        arrays["id"] = pa.array([v or digest(o) for v, o in zip(values, origins, strict=True)], pa.string())
    rest = [field.name for field in batch.schema if field.name not in taken.values()]
    arrays["meta"] = _meta(batch, rest)
    arrays["reason"], arrays["detail"] = verdicts(failures, batch.num_rows)
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.CORE.names], schema=schema.CORE)


def _texts(
    batch: pa.RecordBatch, name: str | None, reading: Reading
) -> tuple[pa.Array, dict[int, tuple[Failure, str]]]:
    failures: dict[int, tuple[Failure, str]] = {}
    if name is None:
        values: list[Any] = [None] * batch.num_rows
    else:
        column = plain(batch.column(name))
        if is_text(column.type):
            sizes = pc.binary_length(column)
            if not column.null_count and (pc.max(sizes).as_py() or 0) <= reading.max_document_bytes:
                with contextlib.suppress(pa.ArrowInvalid):
                    return utf8(column), failures
            values = column.cast(binary_kind(column.type)).to_pylist()
        else:
            values = objects(column)
    texts = []
    for row, value in enumerate(values):
        failure = None
        if value is None:
            text = as_json(records(batch.slice(row, 1))[0])
            failure = Failure("missing_text", sorted(batch.schema.names))
        elif not isinstance(value, bytes):
            text = as_json(records(batch.slice(row, 1))[0])
            failure = Failure("text_not_string", type(value).__name__)
        elif len(value) > reading.max_document_bytes:
            text = value[:HEAD].decode("utf-8", "replace")
            failure = Failure("too_large", len(value), reading.max_document_bytes)
        else:
            text = value.decode("utf-8", "replace")
            try:
                value.decode("utf-8")
            except UnicodeDecodeError as error:
                failure = Failure("invalid_utf8", f"{error.reason} at byte {error.start} of the text")
        texts.append(text)
        if failure:
            failures[row] = (failure, text)
    return pa.array(texts, pa.string()), failures


def _strings(batch: pa.RecordBatch, name: str | None) -> pa.Array:
    return pa.nulls(batch.num_rows, pa.string()) if name is None else strings(batch.column(name))


def _row_by_row(batch: pa.RecordBatch, origins: list[str], reading: Reading) -> pa.RecordBatch:
    rows = records(batch)
    return to_batch(Rows(rows, origins, lambda row: as_json(rows[row])), reading)


def _meta(batch: pa.RecordBatch, names: list[str]) -> pa.Array:
    if not names:
        return pa.nulls(batch.num_rows, pa.string())
    rows = ({k: v for k, v in record.items() if v is not None} for record in records(batch.select(names)))
    return pa.array([as_json(record) if record else None for record in rows], pa.string())
