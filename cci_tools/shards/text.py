"""Plain text files: a document is a file, a line, or the lines up to a blank one."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from cci_tools.cleaning.charset import decode, decode_as
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.fields import TEXT_LIMIT, Reading, Rows, to_batch
from cci_tools.shards.lines import HEAD, Block, Failure


def read_file(stream: Stream, name: str, reading: Reading) -> pa.RecordBatch:
    """A text file as one document; `origin` is the file name.

    An encoding other than UTF-8 is kept in `meta` as ``charset``, with the number of undecodable places as ``damage``.
    """
    limit = reading.max_document_bytes
    failure = None
    parts: list[bytes] = []
    length = 0
    try:
        while data := stream.read(1 << 20):
            length += len(data)
            parts = [*parts, data] if length <= limit else [b"".join([*parts, data])[:HEAD]]
    except BrokenStream as error:
        failure = Failure(error.reason, error.message)
    if length > limit:
        failure = Failure("too_large", length, limit)
    data = b"".join(parts)
    text, charset, damage = decode(data) if reading.charset == "auto" else decode_as(data, reading.charset)
    if len(text) > TEXT_LIMIT // 4 and len(text.encode()) > TEXT_LIMIT:
        text, failure = text[:HEAD], Failure("too_large", length, limit)
    record = _record(text, charset, damage)
    return to_batch(Rows([record], [name], lambda row: text, {0: (failure, text)} if failure else {}), reading)


def _record(text: str, charset: str, damage: int) -> dict[str, Any]:
    return {"text": text} if charset == "utf-8" and not damage else {"text": text, "charset": charset, "damage": damage}
