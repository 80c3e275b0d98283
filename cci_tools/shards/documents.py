"""Documents that are a file each: texts, pages, web archives of one page. From a folder, an archive or a crawl."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from cci_tools.cleaning.charset import SURE, decode_as, detect
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.fields import TEXT_LIMIT, Reading, Rows, to_batch
from cci_tools.shards.inputs import SourceFile
from cci_tools.shards.lines import HEAD, Failure, Readable

WHOLE = ("text", "html", "mhtml")
"""Formats of which a file is one document."""

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,80}encoding=["']([\w.:-]+)""", re.I
)
_READ_AS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252", "ascii": "cp1252"}
_REFRESH = re.compile(rb"http-equiv\s*=\s*[\"']?refresh|location\s*(?:\.href)?\s*=|location\.replace", re.I)


class Document(NamedTuple):
    """Bytes that are one document.

    Attributes
    ----------
    origin : str
        Where they stand in the dump.
    format : str
        One of `WHOLE`.
    data : bytes
        All of them, or the beginning where there is a failure.
    failure : Failure or None
        Why they cannot be used.
    declared : str
        Encoding that a server named, or ``""``.
    record : dict
        Fields known from outside: the address, when it was fetched.
    """

    origin: str
    format: str
    data: bytes
    failure: Failure | None = None
    declared: str = ""
    record: dict[str, Any] | None = None


def read_files(files: Iterable[SourceFile], size: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Files of the formats `WHOLE` as one document each, many in a batch; `origin` is the file name."""
    return read(map(_from_file, files, _forever(reading)), size, reading)


def read(documents: Iterable[Document], size: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Documents as batches with the core columns.

    An encoding other than UTF-8 is kept in `meta` as ``charset``, with the number of undecodable places as ``damage``.

    Parameters
    ----------
    documents : iterable of Document
        In the order of the rows.
    size : int
        Characters of a batch. A longer document is a batch of its own.
    reading : Reading
        Encoding, limits, and what is taken of a page.
    """
    rows = Rows([], [], lambda row: "")
    held = 0
    for document in documents:
        record, text, failure = _record(document, reading)
        if rows.records and held + len(text) > size:
            yield to_batch(rows, reading)
            rows, held = Rows([], [], lambda row: ""), 0
        if failure is not None:
            rows.failures[len(rows.records)] = failure, text
        rows.records.append(record)
        rows.origins.append(document.origin)
        held += len(text)
    if rows.records:
        yield to_batch(rows, reading)


def take(stream: Readable, limit: int) -> tuple[bytes, Failure | None]:
    """What a stream holds, or its beginning and what is wrong with it."""
    parts: list[bytes] = []
    length = 0
    failure = None
    try:
        while data := stream.read(1 << 20):
            length += len(data)
            parts.append(data)
            if length > limit:
                parts = [b"".join(parts)[:HEAD]]
                failure = Failure("too_large", length, limit)
                break
    except BrokenStream as error:
        failure = Failure(error.reason, error.message)
    return b"".join(parts), failure


def _forever(reading: Reading) -> Iterator[Reading]:
    while True:
        yield reading


def _from_file(file: SourceFile, reading: Reading) -> Document:
    file.check()
    try:
        with Stream(file.path, file.compression) as stream:
            data, failure = take(stream, reading.max_document_bytes)
    except BrokenStream as error:
        data, failure = b"", Failure(error.reason, error.message)
    file.check()
    return Document(file.name, file.format, data, failure)


def _record(document: Document, reading: Reading) -> tuple[dict[str, Any], str, Failure | None]:
    """Fields of a document, its text, and what is wrong with it."""
    data, declared, failure, found = document.data, document.declared, document.failure, dict(document.record or {})
    page = document.format != "text"
    if document.format == "mhtml" and failure is None:
        from cci_tools.shards.mhtml import page_of

        data, declared, url, failure = page_of(data)
        found |= {"url": url} if url else {}
    charset = reading.charset if reading.charset != "auto" else _charset(data, declared, page)
    text, charset, damage = decode_as(data, charset)
    if len(text) > TEXT_LIMIT // 4 and len(text.encode("utf-8", "replace")) > TEXT_LIMIT:
        text, failure = text[:HEAD], Failure("too_large", len(data), reading.max_document_bytes)
    if page and failure is None:
        facts, text, failure = _page(text, data, damage, reading)
        if "source" in facts:  # what a page says of itself proves nothing: not the column that sources are looked up by
            facts["byline"] = facts.pop("source")
        found = {**facts, **found}
    elif page:
        text = text[:HEAD]
    record = _fields(found, reading)
    record[reading.text[0]] = text
    if charset != "utf-8" or damage:
        record |= {"charset": charset, "damage": damage}
    return record, text, failure


def _fields(found: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Facts under the names that `reading` gives to their columns."""
    record = {}
    for name, value in found.items():
        names = getattr(reading, name) if name in ("url", "title", "source", "published") else (name,)
        record[names[0] if names else name] = value
    return record


def _page(text: str, data: bytes, damage: int, reading: Reading) -> tuple[dict[str, str], str, Failure | None]:
    from cci_tools.cleaning.page import all_text, main_text
    from cci_tools.cleaning.page_furniture import nothing_but_furniture
    from cci_tools.kernels.page import MOST_NODES, TooManyNodes

    if 10 * (damage + text.count("\0")) > len(text):
        return {}, text[:HEAD], Failure("broken_page", "binary: bytes that are no text", 0.1)
    try:
        found = main_text(text) if reading.html == "main_text" else all_text(text)
        if not found.text:
            shown = all_text(text).text[:HEAD] if reading.html == "main_text" else ""
            return found.facts.record(), shown, Failure("no_main_text", _why_empty(data, shown))
    except TooManyNodes as error:
        return {}, text[:HEAD], Failure("broken_page", str(error), MOST_NODES)
    if reading.html == "main_text" and (why := nothing_but_furniture(found.text, found.facts.title)):
        return found.facts.record(), found.text, Failure("no_main_text", why)
    return found.facts.record(), found.text, None


def _why_empty(data: bytes, shown: str) -> str:
    lower = data[: 1 << 20].lower()
    if b"<frameset" in lower:
        return "a frame set"
    if not "".join(shown.split()):
        return "a redirection" if _REFRESH.search(lower) else "nothing to read"
    return "a redirection" if len(shown) < 200 and _REFRESH.search(lower) else "no prose outside of links"


def _charset(data: bytes, declared: str, page: bool) -> str:
    """Encoding by the bytes; where these leave a doubt, the one that is declared and reads without damage."""
    found = detect(data)
    if found.score > SURE or not page:
        return found.name
    hints = [declared, *(b"".join(names).decode("ascii", "replace") for names in _DECLARED.findall(data[:HEAD]))]
    for hint in hints:
        try:
            name = codecs.lookup(hint).name
            name = _READ_AS.get(name, name)
            if name != "utf-8" and "中a".encode(name, "ignore") and decode_as(data, name).damage * 100 <= len(data):
                return name
        except Exception:  # no encoding, or none of text: each codec refuses in its own way
            continue
    return found.name
