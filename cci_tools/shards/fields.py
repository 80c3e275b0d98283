"""Settings of reading, and the way from records of a dump to the core columns."""

import codecs
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, ClassVar, Literal

import orjson
import pyarrow as pa
import xxhash

from cci_tools import schema
from cci_tools.shards.lines import Failure, is_wide

TEXT_LIMIT = 2**31 - 2**24
"""UTF-8 bytes that a text may have, because Arrow counts them in 31 bits."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How dumps are read; the recipe table ``[reading]``.

    Parameters
    ----------
    text, id, url, title, source, published : tuple of str
        Names that a field may have in the dumps. The first that a record has, and that is neither null nor empty, is
        taken; all other fields are kept in the column `meta`.
    text_files : {"file", "line", "block"}, default "file"
        What one document of a ``.txt`` file is: the file, a line, or the lines up to a blank one.
    max_document_bytes : int, default 1 GiB
        A larger line or text file is rejected as ``reader.too_large``. A worker may need five times as much memory.
    charset : str, default "auto"
        Encoding of text, CSV and JSON lines files and of pages. ``"auto"`` decides for every file, or page, from its
        bytes; what a page or its server declares is a hint for cases of doubt. A codec name of Python holds for all.
    html : {"main_text", "all_text"}, default "main_text"
        What is taken of a page: its main text, or every line that it shows, navigation and all.

    Raises
    ------
    ValueError
        A value is out of range, or a name stands in two tuples.
    """

    text: tuple[str, ...] = ("text", "content", "raw_content", "body", "正文", "内容", "文本")
    id: tuple[str, ...] = ("id", "doc_id", "docid", "uid", "uuid", "data_id", "_id")
    url: tuple[str, ...] = ("url", "link", "source_url", "page_url", "网址", "链接")
    title: tuple[str, ...] = ("title", "headline", "标题")
    source: tuple[str, ...] = ("source", "site", "domain", "host", "source_name", "media", "来源", "网站")
    published: tuple[str, ...] = (
        *("published", "date", "publish_time", "publish_date", "pub_date", "pub_time", "time", "timestamp"),
        *("发布时间", "发布日期", "日期"),
    )
    text_files: Literal["file", "line", "block"] = "file"
    max_document_bytes: int = 2**30
    charset: str = "auto"
    html: Literal["main_text", "all_text"] = "main_text"

    # Read by recipe.py, as for a stage.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    def __post_init__(self) -> None:
        if not self.text:
            raise ValueError("reading.text: give at least one field name")
        seen: set[str] = set()
        for column in COLUMNS:
            for name in getattr(self, column):
                if name in seen:
                    raise ValueError(f"reading.{column}: the field name {name!r} is given twice")
                seen.add(name)
        if self.text_files not in ("file", "line", "block"):
            raise ValueError(f"reading.text_files: {self.text_files!r} is not 'file', 'line' or 'block'")
        if self.html not in ("main_text", "all_text"):
            raise ValueError(f"reading.html: {self.html!r} is not 'main_text' or 'all_text'")
        if not 0 < self.max_document_bytes <= 2**30:
            raise ValueError(f"reading.max_document_bytes: {self.max_document_bytes} is not between 1 and 1073741824")
        if self.charset != "auto":
            try:
                usable = is_wide(self.charset) or "\n".encode(self.charset) == b"\n"
                bytes(range(256)).decode(self.charset, "replace")
                codecs.getincrementaldecoder(self.charset)("replace").decode(bytes(range(256)))
            except Exception:  # codecs that are none of text, or that refuse what they do not know, in their own ways
                usable = False
            if not usable:
                raise ValueError(f"reading.charset: {self.charset!r} is not an encoding of text that Python knows")


COLUMNS = ("text", "id", "url", "title", "source", "published")
"""Core columns that come from fields of the dump."""


@dataclass
class Rows:
    """Records on their way to a batch.

    Attributes
    ----------
    records : list of dict
        Fields of each document; empty where there is none.
    origins : list of str
        Where each row stands in the dump.
    raw : callable
        Row number to the row as it stands in the dump, for rows that turn out to have no text.
    failures : dict of int to (Failure, str)
        Rows that are not a document: why, and the text to keep.
    """

    records: list[dict[str, Any]]
    origins: list[str]
    raw: Callable[[int], str]
    failures: dict[int, tuple[Failure, str]] = field(default_factory=dict)


def failed_row(origin: str, failure: Failure, text: str = "") -> pa.RecordBatch:
    """A batch of one row that is not a document."""
    return to_batch(Rows([{}], [origin], lambda row: text, {0: (failure, text)}), Reading())


def to_batch(rows: Rows, reading: Reading) -> pa.RecordBatch:
    """Records as a batch with the core columns.

    Parameters
    ----------
    rows : Rows
        Any number of them; texts together below `TEXT_LIMIT` bytes.
    reading : Reading
        Which fields become which columns.

    Returns
    -------
    pyarrow.RecordBatch
        `schema.CORE`, the same rows in the same order. What cannot be used has `reason` and `detail`.
    """
    try:
        return _to_batch(rows, reading)
    except MemoryError:
        raise
    except Exception as error:  # a value that no column can hold costs its row, not the run
        if len(rows.records) > 1:
            alone = [to_batch(_only(rows, row), reading) for row in range(len(rows.records))]
            batch: pa.RecordBatch = pa.Table.from_batches(alone).combine_chunks().to_batches()[0]
            return batch
        if not rows.records[0]:
            raise
        raw = rows.raw(0).encode("utf-8", "replace").decode()
        return failed_row(rows.origins[0], Failure("malformed_row", str(error) or type(error).__name__), raw)


def _only(rows: Rows, row: int) -> Rows:
    failures = {0: rows.failures[row]} if row in rows.failures else {}
    return Rows([rows.records[row]], [rows.origins[row]], lambda _: rows.raw(row), failures)


def _to_batch(rows: Rows, reading: Reading) -> pa.RecordBatch:
    records, failures = rows.records, rows.failures
    names = set(chain.from_iterable(records))
    taken: dict[str, list[Any]] = {}
    plain: set[str] = set()  # fields that are a column in every record
    chosen: list[list[str | None]] = []  # where records differ: the field taken, for each record
    nothing: set[str] = set()  # fields of which a null is not kept: any of those that a column could be taken from
    for column in COLUMNS:
        present = [name for name in getattr(reading, column) if name in names]
        if len(present) == 1:
            plain.add(present[0])
            name = present[0]
            taken[column] = [record.get(name) for record in records]
        else:
            picks = [first_of(record, present) for record in records]
            taken[column] = [
                None if pick is None else record[pick] for record, pick in zip(records, picks, strict=True)
            ]
            chosen.append(picks)
            nothing.update(present)
    texts = taken["text"]
    if set(map(type, texts)) != {str}:
        for row, text in enumerate(texts):
            if type(text) is not str and row not in failures:
                kind = "missing_text" if text is None else "text_not_string"
                value = sorted(records[row]) if text is None else type(text).__name__
                failures[row] = (Failure(kind, value), rows.raw(row))
    for row, (_, text) in failures.items():
        texts[row] = text[: TEXT_LIMIT // 8]
    arrays = {name: _strings(values) for name, values in taken.items() if name not in ("text", "id")}
    arrays["text"] = _texts(texts)
    arrays["origin"] = pa.array(rows.origins, pa.string())
    arrays["id"] = pa.array(_ids(taken["id"], rows.origins), pa.string())
    arrays["meta"] = _meta(records, names - plain, chosen, nothing)
    arrays["reason"], arrays["detail"] = verdicts(failures, len(records))
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.CORE.names], schema=schema.CORE)


def verdicts(failures: dict[int, tuple[Failure, str]], count: int) -> tuple[pa.Array, pa.Array]:
    """The columns `reason` and `detail` for a batch of `count` rows."""
    if not failures:
        return pa.nulls(count, pa.string()), pa.nulls(count, pa.string())
    reasons: list[str | None] = [None] * count
    details: list[str | None] = [None] * count
    for row, (failure, _) in failures.items():
        reasons[row] = f"reader.{failure.reason}"
        detail = {"rule": failure.reason, "value": failure.value, "threshold": failure.threshold}
        details[row] = json.dumps(detail, ensure_ascii=False)
    return pa.array(reasons, pa.string()), pa.array(details, pa.string())


def first_of(record: dict[str, Any], names: Sequence[str]) -> str | None:
    """The first field that has something in it, or else the first that is not null."""
    given = [name for name in names if record.get(name) is not None]
    return next((name for name in given if record[name] != ""), given[0] if given else None)


def as_string(value: object) -> str | None:
    """A field as a string: numbers as they are written, objects and lists as JSON; NaN and infinity are none.

    >>> as_string(1700000000), as_string(12.0), as_string(float("nan")), as_string({"年": 2024})
    ('1700000000', '12', None, '{"年":2024}')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, float) and value.is_integer():  # what a table makes of integers when some are missing
        return str(int(value))
    written = as_json(value)
    return str(json.loads(written)) if written.startswith('"') else written


def as_json(value: object) -> str:
    """JSON of anything that a dump can hold; what JSON has no form for becomes a string."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # deeper than 254 levels, integers of more than 64 bits, halves of surrogate pairs
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    except RecursionError:
        if isinstance(value, dict):
            return "{" + ",".join(f"{json.dumps(name)}:{as_json(inner)}" for name, inner in value.items()) + "}"
        return '"(nested too deeply)"'


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _texts(texts: list[str]) -> pa.Array:
    if len(texts) != 1:
        return pa.array(texts, pa.string())
    data = texts[0].encode()  # perhaps hundreds of megabytes: taken as they are, without a copy
    offsets = pa.array([0, len(data)], pa.int32()).buffers()[1]
    return pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data))


def _strings(values: list[Any]) -> pa.Array:
    if not set(map(type, values)) <= {str, type(None)}:
        values = [as_string(value) for value in values]
    return pa.array(values, pa.string())


def _ids(values: list[Any], origins: list[str]) -> list[str]:
    return [
        value if type(value) is str and value else as_string(value) or digest(origin)
        for value, origin in zip(values, origins, strict=True)
    ]


def digest(origin: str) -> str:
    """The id of a document that has none of its own: 128 bits of its origin, as 32 hexadecimal digits."""
    return xxhash.xxh3_128_hexdigest(origin.encode())


def _meta(
    records: Iterable[dict[str, Any]], names: set[str], chosen: list[list[str | None]], nothing: set[str]
) -> pa.Array:
    """Fields that became no column, as JSON objects."""
    rest = []
    order = sorted(names)
    for row, record in enumerate(records):
        left = {n: record[n] for n in order if n in record and not (n in nothing and record[n] is None)}
        for picks in chosen:
            if (name := picks[row]) is not None:
                left.pop(name, None)
        rest.append(as_json(left) if left else None)
    return pa.array(rest, pa.string())
