"""Tables in files: Parquet and Arrow, columns taken as they are wherever their type allows it."""

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools import schema
from cci_tools.shards.fields import (
    COLUMNS,
    Reading,
    Rows,
    as_json,
    as_string,
    digest,
    failed_row,
    to_batch,
    verdicts,
)
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
        file = pq.ParquetFile(source, buffer_size=1 << 20, pre_buffer=False)
    except Exception as error:  # a broken footer shows as any of several types
        yield _broken(name, error)
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


def read_arrow(
    source: Source, name: str, start: int, stop: int | None, batch_bytes: int, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Rows of an Arrow file or stream (``.arrow``, ``.feather``), as `read_parquet` does."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(pa.memory_map(source) if isinstance(source, str) else pa.PythonFile(source))
            batches = arrow_batches(file)
        except Exception as error:
            yield _broken(name, error)
            return
        yield from _read(batches, name, 0, None, start, stop, batch_bytes, reading)


def arrow_batches(file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    """The batches of an Arrow file (which Feather is too) or an Arrow stream."""
    magic = file.read(6)
    file.seek(0)
    if magic == b"ARROW1":
        reader = pa.ipc.open_file(file)
        return (reader.get_batch(number) for number in range(reader.num_record_batches))
    if magic.startswith(b"FEA1"):
        raise ValueError("the first version of Feather, which pyarrow gives up; write the file again as Arrow")
    return iter(pa.ipc.open_stream(file))


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
                _check(batch)
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
                yield to_core(part, name, row, reading)
        first += batch.num_rows


def _check(batch: pa.RecordBatch) -> None:
    """Raise where offsets or indices of a damaged file point outside of its data: reading them would end the process.

    Strings at the top are not asked to be UTF-8 here, so that only the rows that are not are rejected.
    """
    for column in batch.columns:
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column = column.view(_binary(kind))
        column.validate(full=True)


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
            column = _plain(batch.column(name))
            if _is_text(column.type):
                sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(sizes)
    at = 0
    while at < batch.num_rows:
        before = ends[at - 1] if at else 0
        end = max(at + 1, int(np.searchsorted(ends, before + batch_bytes, "right")))
        yield batch.slice(at, end - at), row + at
        at = end


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
        column = _plain(batch.column(name))
        if _is_text(column.type):
            sizes = pc.binary_length(column)
            if not column.null_count and (pc.max(sizes).as_py() or 0) <= reading.max_document_bytes:
                with contextlib.suppress(pa.ArrowInvalid):
                    return _utf8(column), failures
            values = column.cast(_binary(column.type)).to_pylist()
        else:
            values = column.to_pylist()
    texts = []
    for row, value in enumerate(values):
        failure = None
        if value is None:
            text = as_json(_pylist(batch.slice(row, 1))[0])
            failure = Failure("missing_text", sorted(batch.schema.names))
        elif not isinstance(value, bytes):
            text = as_json(_pylist(batch.slice(row, 1))[0])
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
    """A column as strings, whatever its type."""
    if name is None:
        return pa.nulls(batch.num_rows, pa.string())
    column = _plain(batch.column(name))
    kind = column.type
    if _is_text(kind):
        with contextlib.suppress(pa.ArrowInvalid):
            return _utf8(column)
        values = column.cast(_binary(kind)).to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in values], pa.string())
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind) and not pa.types.is_interval(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+", "")
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    return pa.array([as_string(value) for value in _pylist(column)], pa.string())


def _plain(column: pa.Array) -> pa.Array:
    """The column without dictionary, extension or view types."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type):
        column = column.cast(pa.large_binary() if pa.types.is_binary_view(column.type) else pa.large_string())
    return column


def _is_text(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _binary(kind: pa.DataType) -> pa.DataType:
    large = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    return pa.large_binary() if large else pa.binary()


def _utf8(column: pa.Array) -> pa.Array:
    """The column as `string`, with its bytes checked: a table may hold anything under the name of a string."""
    texts = column.cast(pa.string())
    texts.validate(full=True)
    return texts


def _row_by_row(batch: pa.RecordBatch, origins: list[str], reading: Reading) -> pa.RecordBatch:
    records = _pylist(batch)
    for record in records:
        for name, value in record.items():
            if isinstance(value, bytes) and name in reading.text:
                record[name] = value.decode("utf-8", "replace")
    return to_batch(Rows(records, origins, lambda row: as_json(records[row])), reading)


def _meta(batch: pa.RecordBatch, names: list[str]) -> pa.Array:
    if not names:
        return pa.nulls(batch.num_rows, pa.string())
    records = ({k: v for k, v in record.items() if v is not None} for record in _pylist(batch.select(names)))
    return pa.array([as_json(record) if record else None for record in records], pa.string())


def _pylist(values: Any) -> list[Any]:
    """Rows as Python objects; strings that are not UTF-8 are mended."""
    try:
        found: list[Any] = values.to_pylist()
        return found
    except UnicodeDecodeError:
        pass
    if isinstance(values, pa.RecordBatch):
        columns = [_pylist(column) for column in values.columns]
        return [dict(zip(values.schema.names, row, strict=True)) for row in zip(*columns, strict=True)]
    if _is_text(values.type):
        raw = values.cast(_binary(values.type)).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in raw]
    return [f"({values.type} that is not UTF-8)"] * len(values)
