"""Pages, records of a crawl, and how tests read them."""

from pathlib import Path
from typing import Any

from cci_tools.shards.reader import READER_REASONS, Reading, inputs, read_split, splits

SENTENCE = "县里召开防汛工作会议，要求各乡镇落实责任，加强值守，确保群众安全。"


def page(number: int) -> bytes:
    head = f"<title>第{number}号消息</title><div class=nav><a href=/>首页</a></div>"
    return f"{head}<p>第{number}条。{SENTENCE}</p>".encode()


def http(body: bytes, headers: str = "Content-Type: text/html; charset=utf-8", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body


def record(body: bytes, kind: str = "response", url: str = "http://www.example.gov.cn/1.html", **more: str) -> bytes:
    headers = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2024-05-01T00:00:00Z"}
    headers |= {"Content-Type": "application/http; msgtype=response", "Content-Length": str(len(body))}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + body + b"\r\n\r\n"


def read(path: Path, tmp_path: Path, split_bytes: int = 1 << 26, **settings: Any) -> list[dict[str, Any]]:
    reading = Reading(**settings)
    found = []
    for split in splits(inputs([path]).files, reading, spool=tmp_path / "spool", split_bytes=split_bytes):
        for batch in read_split(split, reading):
            found += batch.to_pylist()
    for row in found:
        assert row["reason"] is None or row["reason"].removeprefix("reader.") in READER_REASONS
    return found


def reasons(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["reason"] and row["reason"].removeprefix("reader.") for row in rows]


CRAWL = [
    record(b"software: test", "warcinfo", Content_Type="application/warc-fields"),
    *(record(http(page(i)), url=f"http://www.example.gov.cn/{i}.html") for i in range(40)),
    record(b"GET / HTTP/1.1\r\n\r\n", "request"),
    record(SENTENCE.encode(), "conversion", Content_Type="text/plain"),
]
