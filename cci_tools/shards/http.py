"""An HTTP response as it is kept in a crawl: its status, headers, and body without the encodings of the way."""

import zlib
from typing import NamedTuple

from cci_tools.shards.warc_records import parse_headers

_HEAD = 256 * 1024


class Response(NamedTuple):
    """A response; `status` is 0 where there is none to be read."""

    status: int
    headers: dict[str, str]
    body: bytes


def parse_response(data: bytes, limit: int) -> Response:
    """Status, headers and body.

    Chunks are joined and gzip, deflate and Brotli undone where the headers name them and the body is so indeed: many
    crawlers store the body decoded and leave the headers. At most `limit` bytes and one are decompressed.

    >>> parse_response(b"HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n3\\nabc\\n0\\n\\n", 100).body
    b'abc'
    """
    ends = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := data.find(end, 0, _HEAD)) >= 0]
    if not data.startswith(b"HTTP/") or not ends:
        return Response(0, {}, data)
    head, body = data[: min(ends)], data[min(ends) :]
    words = head.split(b"\n", 1)[0].split()
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0
    headers = parse_headers(head)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body = _decoded(body, coding.strip(), limit)
    return Response(status, headers, body)


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at, at + 1024)
        size = body[at:end].split(b";")[0].strip() if end >= 0 else b""
        try:
            length = int(size, 16) if size.isalnum() else -1
        except ValueError:
            length = -1
        if length < 0:  # not in chunks, or cut: as it is, or what there was
            return b"".join(parts) if parts else body
        if length == 0:
            return b"".join(parts)
        parts.append(body[end + 1 : end + 1 + length])
        at = end + 1 + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1


def _decoded(body: bytes, coding: str, limit: int) -> bytes:
    try:
        if coding in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(31).decompress(body, limit + 1)
        if coding == "deflate":
            for bits in (15, -15):  # with the header that the name asks for, and as most servers send it
                try:
                    return zlib.decompressobj(bits).decompress(body, limit + 1)
                except zlib.error:
                    continue
        if coding == "br":
            return _brotli(body, limit)
    except Exception:  # stored decoded, or broken: the reader of the page decides
        return body
    return body


def _brotli(body: bytes, limit: int) -> bytes:
    import brotli

    decompressor = brotli.Decompressor()
    parts, length = [], 0
    for at in range(0, len(body), 4096):
        part = decompressor.process(body[at : at + 4096])
        parts.append(part)
        length += len(part)
        if length > limit:
            break
    return b"".join(parts)
