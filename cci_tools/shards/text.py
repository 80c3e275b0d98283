"""Plain text files: a document is a file, a line, or the lines up to a blank one."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from cci_tools.cleaning.charset import decode, decode_as
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.fields import TEXT_LIMIT, Reading, Rows, to_batch
from cci_tools.shards.inputs import SourceFile
from cci_tools.shards.lines import HEAD, Block, Failure


def read_files(files: Iterable[SourceFile], size: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Text files as one document each, many in a batch; `origin` is the file name.

    An encoding other than UTF-8 is kept in `meta` as ``charset``, with the number of undecodable places as ``damage``.

    Parameters
    ----------
    files : iterable of SourceFile
        The files.
    size : int
        Characters of a batch. A longer document is a batch of its own.
    reading : Reading
        Encoding and limits.
    """
    rows = Rows([], [], lambda row: "")
    held = 0
    for file in files:
        text, charset, damage, failure = _read_file(file, reading)
        if rows.records and held + len(text) > size:
            yield to_batch(rows, reading)
            rows, held = Rows([], [], lambda row: ""), 0
        if failure is not None:
            rows.failures[len(rows.records)] = failure, text
        rows.records.append(_record(text, charset, damage, reading))
        rows.origins.append(file.name)
        held += len(text)
    if rows.records:
        yield to_batch(rows, reading)


def _read_file(file: SourceFile, reading: Reading) -> tuple[str, str, int, Failure | None]:
    """Text, encoding, damage, and what is wrong with the file."""
    limit = reading.max_document_bytes
    failure = None
    parts: list[bytes] = []
    length = 0
    file.check()
    try:
        with Stream(file.path, file.compression) as stream:
            while data := stream.read(1 << 20):
                length += len(data)
                parts.append(data)
                if length > limit:
                    parts = [b"".join(parts)[:HEAD]]
    except BrokenStream as error:
        failure = Failure(error.reason, error.message)
    file.check()
    if length > limit:
        failure = Failure("too_large", length, limit)
    data = b"".join(parts)
    text, charset, damage = decode(data) if reading.charset == "auto" else decode_as(data, reading.charset)
    if len(text) > TEXT_LIMIT // 4 and len(text.encode()) > TEXT_LIMIT:
        text, failure = text[:HEAD], Failure("too_large", length, limit)
    return text, charset, damage, failure


def _record(text: str, charset: str, damage: int, reading: Reading) -> dict[str, Any]:
    record: dict[str, Any] = {reading.text[0]: text}
    return record if charset == "utf-8" and not damage else {**record, "charset": charset, "damage": damage}


def read_lines(blocks: Iterable[Block], name: str, charset: str, reading: Reading) -> Iterator[pa.RecordBatch]:
    """A text file as a document a line, or a document for the lines up to a blank one.

    Parameters
    ----------
    blocks : iterable of Block
        Lines, ended by the byte ``\\n``. Blank lines are no documents.
    name : str
        File name for `origin`, which becomes ``"<name>#byte=<position of the document>"``.
    charset : str
        Encoding; undecodable bytes become U+FFFD and are counted in `meta`.
    reading : Reading
        `text_files` says which of the two.
    """
    held: list[bytes] = []  # lines of a paragraph that has not ended
    first = 0
    for block in blocks:
        rows = Rows([], [], lambda row: "")
        at = block.offset
        data = b"" if block.failure else block.data
        for line in data.removesuffix(b"\n").split(b"\n") if data else ():
            blank = not line.strip()
            if not blank:
                first = first if held else at
                held.append(line)
            if held and (blank or reading.text_files == "line"):
                _add(rows, held, f"{name}#byte={first}", charset, reading)
                held = []
            at += len(line) + 1
        if block.failure:
            if held:
                _add(rows, held, f"{name}#byte={first}", charset, reading)
                held = []
            rows.failures[len(rows.records)] = (block.failure, block.data.decode(charset, "replace"))
            rows.records.append({})
            rows.origins.append(f"{name}#byte={block.offset}")
        if rows.records:
            yield to_batch(rows, reading)
    if held:
        rows = Rows([], [], lambda row: "")
        _add(rows, held, f"{name}#byte={first}", charset, reading)
        yield to_batch(rows, reading)


def _add(rows: Rows, lines: list[bytes], origin: str, charset: str, reading: Reading) -> None:
    data = b"\n".join(lines)
    limit = reading.max_document_bytes
    if len(data) > limit:
        text = data[:HEAD].decode(charset, "replace")
        rows.failures[len(rows.records)] = (Failure("too_large", len(data), limit), text)
        rows.records.append({})
    else:
        text, _, damage = decode_as(data, charset)
        rows.records.append(_record(text.rstrip("\r"), charset, damage, reading))
    rows.origins.append(origin)
