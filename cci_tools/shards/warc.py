"""Crawls: WARC files of pages, WET files of texts.

Records of the types response, resource and conversion are documents, and each is a row. All others (warcinfo, request,
metadata, revisit) and answers of name servers are about documents, and are passed over.
"""

from collections.abc import Iterator

import pyarrow as pa

from cci_tools.shards.compression import Stream
from cci_tools.shards.documents import Document
from cci_tools.shards.documents import read as read_documents
from cci_tools.shards.fields import Reading
from cci_tools.shards.http import parse_response
from cci_tools.shards.inputs import SourceFile
from cci_tools.shards.lines import HEAD, Failure
from cci_tools.shards.members import Members
from cci_tools.shards.warc_records import MARK, Record, Records

_PAGES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
_TYPES = ("response", "resource", "conversion")


def read(
    file: SourceFile, start: int, stop: int | None, batch_bytes: int, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Documents of a crawl as batches with the core columns.

    `url` is the address that was fetched; `meta` has ``fetched``, which says nothing of when the page was published.
    `origin` is ``"<name>#byte=<position>"``; in a gzip file that of the record's member, as indexes have it.

    Parameters
    ----------
    file : SourceFile
        Plain or compressed. Positions in zstd, bzip2 and xz files are those of the decompressed bytes.
    start, stop : int, int or None
        The records that begin there; of a gzip file, the members.
    batch_bytes : int
        Text bytes of a batch, at most.
    reading : Reading
        Encoding, limits, and what is taken of a page.
    """
    opened = (
        Members(file.path, start, MARK) if file.compression == "gzip" else Stream(file.path, file.compression, start)
    )
    with opened as stream:
        records = Records(stream, start, stop, reading.max_document_bytes)
        yield from read_documents(_documents(records, file.name, reading), batch_bytes // 8, reading)


def _documents(records: Records, name: str, reading: Reading) -> Iterator[Document]:
    for record in records:
        kind = record.headers.get("warc-type", "").lower()
        url = record.headers.get("warc-target-uri", "").strip("<> ")
        passed_over = kind and kind not in (*_TYPES, "continuation")
        if passed_over and (record.failure is None or record.failure.reason == "too_large"):
            continue
        if url.startswith("dns:"):
            continue
        yield _document(record, kind, url, f"{name}#byte={record.place}", reading)


def _document(record: Record, kind: str, url: str, origin: str, reading: Reading) -> Document:
    known = {"url": url, "fetched": record.headers.get("warc-date", "")}
    known = {field: value for field, value in known.items() if value}
    body, failure = record.body, record.failure
    if failure is None and kind not in _TYPES:
        failure = Failure("broken_record", f"WARC-Type: {kind!r}")
    headers = record.headers
    if kind == "response" and failure is None:
        response = parse_response(body, reading.max_document_bytes)
        headers, body = response.headers, response.body
        if not 200 <= response.status < 300:
            failure = Failure("http_status", response.status, 200)
        elif len(body) > reading.max_document_bytes:
            body, failure = body[:HEAD], Failure("too_large", len(body), reading.max_document_bytes)
    content, _, parameters = headers.get("content-type", "").partition(";")
    content = content.strip().lower()
    looks = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    is_page = content in _PAGES or (content in ("", "text/plain") and looks.startswith((b"<!doctype html", b"<html")))
    if failure is None and not is_page and content not in ("text/plain", ""):
        body, failure = b"", Failure("not_a_page", content[:100])
    declared = parameters.lower().partition("charset=")[2].split(";")[0].strip("\"' ")
    return Document(origin, "html" if is_page else "text", body, failure, declared, known)
