"""Dumps in, record batches out: every line, row or file of a dump becomes one row, readable or not."""

from collections.abc import Iterator
from itertools import groupby

import pyarrow as pa

from cci_tools import schema
from cci_tools.shards import archive, csv, documents, json, jsonl, table, tars, text, warc, zips
from cci_tools.shards.compression import BrokenStream, Stream, unpacked
from cci_tools.shards.fields import Reading, failed_row
from cci_tools.shards.inputs import InputError, Inputs, SourceFile, inputs
from cci_tools.shards.lines import Block, Failure, Transcoded, blocks, is_wide
from cci_tools.shards.reasons import READER_REASONS
from cci_tools.shards.splits import Piece, Split, file_charset, read_head, splits

__all__ = [
    "READER_REASONS",
    "InputError",
    "Inputs",
    "Piece",
    "Reading",
    "SourceFile",
    "Split",
    "inputs",
    "read_split",
    "splits",
]

BATCH_BYTES = 8 * 1024 * 1024
"""Text bytes of a batch, unless told otherwise."""

ROW_BYTES = 100
"""What a row counts for beside its text, so that very short documents make no endless batches."""

BLOCK_BYTES = 1024 * 1024
"""Bytes of lines parsed at a time: little enough to stay in the processor's cache, a quarter faster than a batch."""


def read_split(split: Split, reading: Reading, *, batch_bytes: int = BATCH_BYTES) -> Iterator[pa.RecordBatch]:
    """Read a split.

    Parameters
    ----------
    split : Split
        From `splits`.
    reading : Reading
        How files are read.
    batch_bytes : int, default 8 MiB
        Text bytes of a batch, with `ROW_BYTES` for each row. A larger document is a batch of its own.

    Yields
    ------
    pyarrow.RecordBatch
        The columns of `schema.CORE`. What cannot be used is a row with a reason of `READER_REASONS` (``reader.`` before
        it), a detail, and the text as far as it can be read. Bad input never raises. There is at least one batch; the
        only one of empty files has no rows.

    Raises
    ------
    InputError
        A file has changed or vanished since it was listed.
    """
    held: list[pa.RecordBatch] = []
    size = 0
    empty = True
    for batch in _batches(split, reading, batch_bytes):
        grown = batch.column("text").nbytes + ROW_BYTES * batch.num_rows
        if held and size + grown > batch_bytes:
            yield _together(held)
            held, size, empty = [], 0, False
        held.append(batch)
        size += grown
    if held:
        yield _together(held)
    elif empty:
        yield pa.RecordBatch.from_pylist([], schema.CORE)


def _together(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    batch: pa.RecordBatch = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    return batch


def _batches(split: Split, reading: Reading, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """Batches of the pieces; files that are a document, which may be thousands, are taken together from the start."""
    for whole_files, pieces in groupby(split.pieces, lambda piece: _is_document(piece.file, reading)):
        if whole_files:
            yield from documents.read_files((piece.file for piece in pieces), batch_bytes // 8, reading)
        else:
            for piece in pieces:
                yield from _read_piece(piece, reading, batch_bytes)


def _is_document(file: SourceFile, reading: Reading) -> bool:
    return file.format in documents.WHOLE and (file.format != "text" or reading.text_files == "file")


def _read_piece(piece: Piece, reading: Reading, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    piece.file.check()
    try:
        yield from _read_format(piece, reading, batch_bytes)
    except BrokenStream as error:
        part = piece.start or piece.stop is not None
        origin = f"{piece.file.name}#byte={piece.start}" if part else piece.file.name
        yield failed_row(origin, Failure(error.reason, error.message))
    piece.file.check()


def _read_format(piece: Piece, reading: Reading, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    file = piece.file
    if file.format in ("parquet", "arrow"):
        read_table = table.read_parquet if file.format == "parquet" else table.read_arrow
        yield from read_table(_seekable(file), file.name, piece.start, piece.stop, batch_bytes, reading)
    elif file.format == "warc":
        yield from warc.read(file, piece.start, piece.stop, batch_bytes, reading)
    elif file.format in ("zip", "tar"):
        if file.format == "zip":
            members = zips.members(_seekable(file), piece.start, piece.stop)
        else:
            members = tars.members(file.path, file.compression, piece.start, piece.stop)
        yield from archive.read(members, file, batch_bytes, reading, lambda inner: _inner(inner, reading, batch_bytes))
    elif file.format == "json" and json.json_kind(read_head(file)) == "values":
        with Stream(file.path, file.compression) as stream:
            yield from json.read(stream, file.name, batch_bytes, reading)
    else:
        charset = piece.charset or file_charset(file, reading)
        lines = _lines(piece, charset, min(batch_bytes, BLOCK_BYTES), reading)
        if file.format == "csv":
            yield from csv.read(lines, file.name, charset, read_head(file), piece.start, batch_bytes, reading)
        else:
            read = text.read_lines if file.format == "text" else jsonl.read
            yield from read(lines, file.name, charset, reading)


def _inner(file: SourceFile, reading: Reading, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    """A file of an archive."""
    if _is_document(file, reading):
        yield from documents.read_files([file], batch_bytes // 8, reading)
    else:
        yield from _read_piece(Piece(file), reading, batch_bytes)


def _seekable(file: SourceFile) -> table.Source:
    if not file.compression:
        return file.path
    with Stream(file.path, file.compression) as stream:
        return unpacked(stream)


def _lines(piece: Piece, charset: str, size: int, reading: Reading) -> Iterator[Block]:
    """Lines of a piece, at their positions in the whole decompressed file."""
    limit = reading.max_document_bytes
    file = piece.file
    if piece.spool is None:
        with Stream(file.path, file.compression, max(piece.start - 1, 0)) as stream:
            source = Transcoded(stream, charset) if is_wide(charset) else stream
            yield from blocks(source, piece.start, piece.stop, size, limit)
        return
    with Stream(piece.spool, "") as stream:
        for block in blocks(_Ended(stream, piece.failure), 0, None, size, limit):
            yield block._replace(offset=block.offset + piece.start)


class _Ended:
    """A stream that breaks at its end, as the one did from which it was copied."""

    def __init__(self, stream: Stream, failure: Failure | None) -> None:
        self._stream = stream
        self._failure = failure

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data and self._failure is not None:
            raise BrokenStream(self._failure.reason, str(self._failure.value))
        return data
