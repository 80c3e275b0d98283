"""The demo dump's files, one format each."""

import csv
import gzip
import io
import json
from pathlib import Path

from rows import Dump, Row


def write(dump: Dump, out: Path) -> None:
    """Write the dump under ``out/dump``, and ``out/expected.json``."""
    origins: dict[int, str] = {}
    for name, rows in dump.rows.items():
        path = out / "dump" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".txt"):
            (row,) = rows
            assert isinstance(row, dict)
            path.write_bytes(row["text"].encode("gb18030" if name.startswith("gb18030") else "utf-8"))
        elif name.endswith(".csv"):
            path.write_bytes(_csv(rows))
        elif name.endswith(".parquet"):
            _parquet(rows, path)
        else:
            path.write_bytes(_packed(name, _lines(name, rows, origins)))
    for entry in dump.expected:
        if "row" in entry:
            row = entry.pop("row")
            entry["origin"] = origins[id(row)]
    report = {
        "documents": sum(dump.kinds.values()),
        "kinds": dict(sorted(dump.kinds.items())),
        "planted": sorted(dump.expected, key=lambda entry: (entry["stage"], entry["defect"], entry.get("id", ""))),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "expected.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _lines(name: str, rows: list[Row | bytes], origins: dict[int, str]) -> bytes:
    data = bytearray()
    for row in rows:
        origins[id(row)] = f"dump/{name}#byte={len(data)}"
        data += row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()
        data += b"\n"
    return bytes(data)


def _packed(name: str, data: bytes) -> bytes:
    if name.endswith(".zst"):
        import zstandard

        return zstandard.ZstdCompressor(level=19).compress(data)
    return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


def _csv(rows: list[Row | bytes]) -> bytes:
    """With a byte order mark and CRLF, as spreadsheet programs write it."""
    buffer = io.StringIO()
    names = [name for name in rows[0] if isinstance(name, str)]
    writer = csv.DictWriter(buffer, names)
    writer.writeheader()
    writer.writerows(row for row in rows if isinstance(row, dict))
    return buffer.getvalue().encode("utf-8-sig")


def _parquet(rows: list[Row | bytes], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {"content": pa.string(), "id": pa.string(), "score": pa.float64()}
    records = [row for row in rows if isinstance(row, dict)]
    table = pa.table({name: pa.array([row[name] for row in records], kind) for name, kind in names.items()})
    pq.write_table(table, path, compression="zstd")
