"""JSON lines: a document a line."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.kernels.jsonl import Strings, read_json_lines
from cci_tools.shards.fields import COLUMNS, TEXT_LIMIT, Reading, Rows, digest, first_of, to_batch
from cci_tools.shards.lines import HEAD, Block, Failure, is_wide

MOST_LINES = 50_000
"""Of a batch: a row takes memory beside its text, which counts where lines are very short."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Unusable(Exception):
    """A line that is no document: the failure, the text to keep, and the fields where it has any."""

    def __init__(self, failure: Failure, text: str, record: dict[str, Any] | None = None) -> None:
        super().__init__(failure)
        self.failure = failure
        self.text = text
        self.record = record or {}


def read(blocks: Iterable[Block], name: str, charset: str, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Blocks of lines as batches with the core columns.

    Parameters
    ----------
    blocks : iterable of Block
        Lines, ended by the byte ``\\n``; a ``\\r`` before it is ignored, and so are blank lines.
    name : str
        File name for `origin`, which becomes ``"<name>#byte=<position of the line>"``.
    charset : str
        Encoding of the lines. A line that is not UTF-8 in a UTF-8 file is rejected; in other encodings, undecodable
        bytes become U+FFFD, and `meta` has the encoding as ``charset`` and their number as ``damage``.
    reading : Reading
        Field names and limits.

    Yields
    ------
    pyarrow.RecordBatch
        One for each block, or more where it has many lines; every line that is not blank is a row.
    """
    for block in chain.from_iterable(map(_portions, blocks)):
        if block.failure is None and charset == "utf-8":
            batch = _fast(block, name, reading)
        else:
            batch = to_batch(_rows(block, name, charset, reading), reading)
        del block  # may be large, and is not needed while the batch is
        if batch.num_rows:
            yield batch


def _portions(block: Block) -> Iterator[Block]:
    """The block in pieces of at most `MOST_LINES` lines."""
    if block.failure is not None or block.data.count(b"\n") <= MOST_LINES:
        yield block
        return
    ends = np.flatnonzero(np.frombuffer(block.data, np.uint8) == ord("\n"))[MOST_LINES - 1 :: MOST_LINES] + 1
    for start, end in pairwise(np.unique([0, *ends, len(block.data)]).tolist()):
        yield Block(block.offset + start, block.data[start:end])


def _fast(block: Block, name: str, reading: Reading) -> pa.RecordBatch:
    """A block of UTF-8: ordinary lines by the kernel, the others one by one, to the same columns."""
    names = [getattr(reading, column) for column in COLUMNS]
    found, left = read_json_lines(block.data, block.offset, f"{name}#byte=", names, limit=reading.max_document_bytes)
    arrays = dict(zip((*COLUMNS, "origin", "meta"), map(_strings, found), strict=True))
    count = len(arrays["origin"])
    arrays["reason"] = arrays["detail"] = pa.nulls(count, pa.string())
    if len(left) == count:
        return to_batch(_lines(_cut(block, left), name, "utf-8", reading), reading)
    arrays["id"] = _with_ids(arrays["id"], arrays["origin"])
    if not len(left):
        return pa.RecordBatch.from_arrays([arrays[column] for column in schema.CORE.names], schema=schema.CORE)
    others = to_batch(_lines(_cut(block, left), name, "utf-8", reading), reading)
    place = np.arange(count)
    place[left[:, 0]] = count + np.arange(len(left))
    merged = [
        pa.concat_arrays([arrays[column], others.column(column)]).take(pa.array(place)) for column in schema.CORE.names
    ]
    return pa.RecordBatch.from_arrays(merged, schema=schema.CORE)


def _strings(column: Strings) -> pa.Array:
    valid = pa.py_buffer(column.valid) if column.nulls else None
    values, offsets = pa.py_buffer(column.values), pa.py_buffer(column.offsets)
    return pa.StringArray.from_buffers(len(column.offsets) - 1, offsets, values, valid, column.nulls)


def _with_ids(ids: pa.Array, origins: pa.Array) -> pa.Array:
    """An id for every document that has none of its own."""
    if not ids.null_count:
        return ids
    missing = ids.is_null()
    made = pa.array([digest(origin) for origin in origins.filter(missing).to_pylist()], pa.string())
    return pc.replace_with_mask(ids, missing, made)


def _cut(block: Block, places: npt.NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    for _, start, end in places.tolist():
        yield block.offset + start, block.data[start:end]


def _rows(block: Block, name: str, charset: str, reading: Reading) -> Rows:
    if block.failure is not None:
        text = block.data.decode("utf-8" if is_wide(charset) else charset, "replace")
        return Rows([{}], [f"{name}#byte={block.offset}"], lambda row: text, {0: (block.failure, text)})
    return _lines(_split(block), name, charset, reading)


def _split(block: Block) -> Iterator[tuple[int, bytes]]:
    at = block.offset
    alone = block.data.find(b"\n") in (-1, len(block.data) - 1)  # a large line is not copied
    for line in (block.data,) if alone else block.data.split(b"\n"):
        yield at, line
        at += len(line) + 1


def _lines(lines: Iterable[tuple[int, bytes]], name: str, charset: str, reading: Reading) -> Rows:
    """Lines, each with its position, as records."""
    codec = "utf-8" if is_wide(charset) else charset  # lines of a wide encoding come transcoded
    rows = Rows([], [], lambda row: kept[row].decode(codec, "replace").removesuffix("\n"))
    kept: list[bytes] = []
    for at, line in lines:
        if not line.strip():
            continue
        try:
            record = _decode(line, charset, reading)
        except Unusable as error:
            rows.failures[len(kept)] = (error.failure, error.text)
            record = error.record
        rows.records.append(record)
        rows.origins.append(f"{name}#byte={at}")
        kept.append(line)
    return rows


def _decode(line: bytes, charset: str, reading: Reading) -> dict[str, Any]:
    """The record of a line."""
    line = line.removesuffix(b"\n")
    limit = reading.max_document_bytes
    codec = "utf-8" if is_wide(charset) else charset
    if len(line) > limit:
        raise Unusable(Failure("too_large", len(line), limit), line[:HEAD].decode(codec, "replace"))
    try:
        text, damage = line.decode(codec), 0
    except UnicodeDecodeError as error:
        text = line.decode(codec, "replace")
        if charset == "utf-8":
            value = f"{error.reason} at byte {error.start} of the line"
            raise Unusable(Failure("invalid_utf8", value), text) from None
        damage = text.count("\ufffd")
    if len(text) > TEXT_LIMIT // 4 and len(text.encode()) > TEXT_LIMIT:
        raise Unusable(Failure("too_large", len(line), limit), text[:HEAD])
    record = parse(text.lstrip("\ufeff"), reading)
    if charset != "utf-8":
        record.setdefault("charset", charset)
        record.setdefault("damage", damage)
    return record


def parse(text: str, reading: Reading) -> dict[str, Any]:
    """One JSON object, read leniently: NaN, raw control characters and halves of surrogate pairs are accepted.

    Halves of surrogate pairs become U+FFFD.

    Raises
    ------
    Unusable
        The text is no JSON, no object, or the document's text has half of a surrogate pair.
    """
    try:
        try:
            record = orjson.loads(text)
            if holds_large_float(record):
                record = json.loads(text)
        except ValueError:
            record = json.loads(text, strict=False)
            plain = json.dumps(record, ensure_ascii=False)
            if _SURROGATE.search(plain):
                whole = json.loads(_SURROGATE.sub("\ufffd", plain))
                if isinstance(record, dict):
                    _check_surrogates(record, whole, reading)
                record = whole
    except RecursionError:
        raise Unusable(Failure("malformed_json", "nested too deeply"), text) from None
    except ValueError as error:
        raise Unusable(Failure("malformed_json", str(error)), text) from None
    if type(record) is not dict:
        raise Unusable(Failure("not_an_object", type(record).__name__), text)
    return record


def holds_large_float(value: object) -> bool:
    """A number may have lost digits: an integer of more than 64 bits is a float to orjson.

    >>> holds_large_float({"id": 2.0**70}), holds_large_float({"id": 2**60, "scores": [0.5]})
    (True, False)
    """
    left = [value]
    for inner in left:
        kind = type(inner)
        if kind is dict:
            left += inner.values()  # type: ignore[attr-defined]
        elif kind is list:
            left += inner  # type: ignore[arg-type]
        elif kind is float and abs(inner) >= 2**53:  # type: ignore[arg-type]
            return True
    return False


def _check_surrogates(record: dict[str, Any], whole: dict[str, Any], reading: Reading) -> None:
    text = record.get(first_of(record, reading.text) or "")
    if isinstance(text, str) and (found := _SURROGATE.search(text)):
        value = f"U+{ord(found[0]):04X} at character {found.start()}"
        raise Unusable(Failure("lone_surrogate", value), _SURROGATE.sub("\ufffd", text), whole)
