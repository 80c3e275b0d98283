"""Crawls: every record a row, in any packing and split, whatever is broken."""

import bz2
import gzip
import json
import random
import zlib
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_samples import CRAWL, SENTENCE, http, page, read, reasons, record

from cci_tools.shards.compression import Stream
from cci_tools.shards.reader import Reading, inputs, splits
from cci_tools.shards.warc_records import Records


@pytest.mark.parametrize("ending", ["", ".gz", ".zst", ".bz2", ".whole.gz"])
@pytest.mark.parametrize("split_bytes", [1 << 26, 900])
def test_a_crawl_in_any_packing_and_split(ending: str, split_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / f"crawl.warc{ending.removeprefix('.whole')}"
    zstd = zstandard.ZstdCompressor().compress
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstd, ".bz2": bz2.compress, ".whole.gz": bytes}[ending]
    data = b"".join(map(pack, CRAWL))
    path.write_bytes(gzip.compress(data) if ending == ".whole.gz" else data)
    rows = read(path, tmp_path, split_bytes)
    assert reasons(rows) == [None] * 41
    assert [row["url"] for row in rows[:40]] == [f"http://www.example.gov.cn/{i}.html" for i in range(40)]
    assert rows[3]["text"] == f"第3条。{SENTENCE}"
    assert rows[3]["title"] == "第3号消息"
    assert rows[3]["published"] is None
    assert json.loads(rows[3]["meta"]) == {"fetched": "2024-05-01T00:00:00Z"}
    assert len({row["origin"] for row in rows}) == 41
    assert rows == read(path, tmp_path)  # the division changes nothing, ids included


def test_a_gzipped_crawl_is_divided(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, CRAWL)))
    found = list(splits(inputs([path]).files, Reading(), spool=tmp_path, split_bytes=8000))
    assert len(found) > 3
    assert sum(split.stored_bytes for split in found) == path.stat().st_size
    members = [row["origin"].partition("#byte=")[2] for row in read(path, tmp_path)]
    for place in members:  # where indexes of crawls say that the record is
        assert zlib.decompressobj(31).decompress(path.read_bytes()[int(place) :]).startswith(b"WARC/1.0")


BODIES = {
    "gzip": gzip.compress(page(1)),
    "deflate": zlib.compress(page(1)),
    "br": __import__("brotli").compress(page(1)),
    "identity": page(1),
}


@pytest.mark.parametrize("coding", BODIES)
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("stored_decoded", [False, True])
def test_encodings_of_the_way(coding: str, chunked: bool, stored_decoded: bool, tmp_path: Path) -> None:
    body = page(1) if stored_decoded else BODIES[coding]
    if chunked and not stored_decoded:
        body = b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 50]), body[i : i + 50]) for i in range(0, len(body), 50))
        body += b"0\r\n\r\n"
    headers = f"Content-Type: text/html\r\nContent-Encoding: {coding}"
    headers += "\r\nTransfer-Encoding: chunked" if chunked else ""
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(http(body, headers)))
    (row,) = read(path, tmp_path)
    assert row["text"] == f"第1条。{SENTENCE}"


@pytest.mark.parametrize("charset", ["gb18030", "big5hkscs"])
def test_charset_of_a_response_is_a_hint(charset: str, tmp_path: Path) -> None:
    text = "縣府召開會議，要求各單位落實責任，加強管理，確保安全。"
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(http(f"<p>{text}</p>".encode(charset), "Content-Type: text/html; charset=ISO-8859-1")))
    (row,) = read(path, tmp_path)
    assert row["text"] == text
    assert json.loads(row["meta"])["charset"] == charset


def test_what_is_no_page_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        record(http(b"\x89PNG", "Content-Type: image/png"))
        + record(http(b"", "Location: /x", "302 Found"))
        + record(http(page(1), status="404 Not Found"))
        + record(b"8.8.8.8", url="dns:www.example.gov.cn", Content_Type="text/dns")
        + record(b"x", "revisit")
        + record(b"x", "nonsense" * 2)
        + record(page(2), "resource", Content_Type="text/html")
        + record(b"x", "continuation")
    )
    rows = read(path, tmp_path)
    assert reasons(rows) == ["not_a_page", "http_status", "http_status", None, "broken_record"]
    assert rows[3]["text"] == f"第2条。{SENTENCE}"


def test_a_lying_length_costs_its_record_only(tmp_path: Path) -> None:
    good = [record(http(page(i))) for i in range(3)]
    for length in ("5", "100000", "9" * 30, "-1", "x", ""):
        path = tmp_path / "crawl.warc"
        path.write_bytes(good[0] + record(http(page(9)), Content_Length=length) + good[1] + b"junk\r\n" + good[2])
        rows = read(path, tmp_path)
        assert [row["text"] for row in rows if row["reason"] is None] == [f"第{i}条。{SENTENCE}" for i in range(3)]
        assert set(reasons(rows)) == {None, "broken_record"}
        assert rows[1]["origin"].endswith(f"#byte={len(good[0])}")


@pytest.mark.parametrize("hurt", ["cut", "flipped", "garbage"])
def test_a_damaged_member_costs_its_record_only(hurt: str, tmp_path: Path) -> None:
    noise = [b"<!--" + random.Random(i).randbytes(900).hex().encode() + b"-->" for i in range(5)]
    members = [gzip.compress(record(http(page(i) + noise[i]))) for i in range(5)]
    broken = bytearray(members[2])
    if hurt == "cut":
        del broken[len(broken) // 2 :]
    elif hurt == "flipped":
        broken[30:60] = bytes(30)
    else:
        broken[:] = b"not a gzip member at all"
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join([*members[:2], bytes(broken), *members[3:]]))
    for split_bytes in (1 << 26, 1000):
        rows = read(path, tmp_path, split_bytes)
        kept = [row["title"] for row in rows if row["reason"] is None]
        assert kept == [f"第{i}号消息" for i in (0, 1, 3, 4)]
        assert set(reasons(rows)) - {None} <= {"corrupt_file", "truncated_file", "broken_record"}
        assert len(rows) > 4
        assert any(row["origin"].split("=")[1].startswith(str(len(members[0] + members[1]))) for row in rows)


def test_a_crawl_that_ends_too_early(tmp_path: Path) -> None:
    data = b"".join(map(gzip.compress, CRAWL[:4]))
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(data[:-30])
    assert reasons(read(path, tmp_path)) == [None, None, "truncated_file"]
    path = tmp_path / "crawl.warc"
    path.write_bytes(b"".join(CRAWL[:4])[:-90])
    assert reasons(read(path, tmp_path)) == [None, None, "truncated_file"]


def test_large_records_are_bounded(tmp_path: Path) -> None:
    bomb = gzip.compress(b"<p>" + b"0" * 3_000_000)
    path = tmp_path / "crawl.warc"
    coded = "Content-Type: text/html\r\nContent-Encoding: gzip"
    path.write_bytes(record(http(b"x" * 200_000)) + record(http(bomb, coded)) + record(http(page(1))))
    rows = read(path, tmp_path, max_document_bytes=100_000)
    assert reasons(rows) == ["too_large", "too_large", None]
    assert max(len(row["text"]) for row in rows) <= 65536


def test_a_lying_length_costs_no_square(tmp_path: Path) -> None:
    """Few bytes are looked at again, however many records follow one that claims the whole file."""
    small = record(SENTENCE.encode(), "resource", Content_Type="text/plain")
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(http(page(1)), Content_Length="4000000") + small * 12_000)
    moved = 0

    class Counted(Records):
        def _drop(self, size: int) -> None:
            nonlocal moved
            before = self._held
            super()._drop(size)
            moved += len(self._held) if self._held is not before else 0

    with Stream(str(path), "") as stream:
        found = Counter(found.failure and found.failure.reason for found in Counted(stream, 0, None, 1 << 30))
    assert found == {None: 12_000, "broken_record": 1}
    assert moved < 3 * path.stat().st_size


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([record(http(page(1))), b"WARC/1.0\r\n", b"\r\n\r\n", b"WARC-Type: response\r\n", b"\n\n"]),
            st.sampled_from([gzip.compress(record(http(page(2)))), b"\x1f\x8b\x08", b"\0" * 9]),
        ),
        max_size=8,
    ),
    ending=st.sampled_from([".warc", ".warc.gz", ".zip", ".tar", ".tar.gz", ".mhtml", ".html"]),
    split_bytes=st.sampled_from([1 << 26, 700]),
)
def test_random_bytes_never_raise(parts: list[bytes], ending: str, split_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / f"hostile{ending}"
    path.write_bytes(b"".join(parts))
    rows = read(path, tmp_path, split_bytes)
    assert all(row["origin"].startswith("hostile") for row in rows)
    assert len({row["origin"] for row in rows}) == len(rows)
    assert all(row["detail"] for row in rows if row["reason"])
    if ending in (".html", ".mhtml"):
        assert len(rows) == 1


def test_mhtml(tmp_path: Path) -> None:
    path = tmp_path / "saved.mhtml"
    body = f"<title>公告</title><p>{SENTENCE}</p>".encode("gb18030")
    quoted = "".join(f"={byte:02X}" for byte in body).encode()
    path.write_bytes(
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x; type=text/html\r\n\r\n"
        b"--x\r\nContent-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"Content-Location: http://www.example.gov.cn/a.html\r\n\r\n" + quoted + b"\r\n"
        b"--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n"
    )
    (row,) = read(path, tmp_path)
    assert (row["text"], row["url"], row["title"]) == (SENTENCE, "http://www.example.gov.cn/a.html", "公告")
