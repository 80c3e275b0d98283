"""Reading: every format and compression, fields, hostile lines, and no line lost."""

import bz2
import gzip
import io
import json
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
import xxhash
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools import schema
from cci_tools.shards.compression import SUFFIXES
from cci_tools.shards.reader import READER_REASONS, Reading, inputs, read_split, splits

GOLDEN = Path(__file__).parent / "golden" / "reader"

PACK = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}

RECORDS = [
    {
        "id": f"n{i}",
        "text": f"第{i}条　为了加强城市绿化管理，改善生态环境，制定本条例。\n\n园林部门负责实施。" + "，" * (i % 5),
        "url": f"http://www.example.gov.cn/{i}.html",
        "title": "城市绿化条例" if i % 3 else None,
        "栏目": {"级别": i},
    }
    for i in range(40)
]


def read_all(
    *paths: Path, reading: Reading | None = None, split_bytes: int = 64 << 20, batch_bytes: int = 8 << 20
) -> list[dict[str, Any]]:
    """Rows of all splits; each batch is checked against the data contract."""
    reading = reading or Reading()
    rows = []
    spool = Path(paths[0]).parent / ".spool"
    for number, split in enumerate(splits(inputs(paths).files, reading, spool=spool, split_bytes=split_bytes)):
        assert split.number == number
        for batch in read_split(split, reading, batch_bytes=batch_bytes):
            batch.validate(full=True)
            assert batch.schema.equals(schema.CORE)
            rows += batch.to_pylist()
        split.discard()
    assert not spool.exists() or not list(spool.iterdir())
    for row in rows:
        assert row["id"] and row["origin"]
        assert (row["reason"] is None) == (row["detail"] is None)
        if row["reason"]:
            assert row["reason"].removeprefix("reader.") in READER_REASONS
            assert json.loads(row["detail"])["rule"] == row["reason"].removeprefix("reader.")
    return rows


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def test_compressions_are_all_tried() -> None:
    assert set(PACK) == {"", *SUFFIXES}


def stored(format: str) -> bytes:
    table = pa.Table.from_pylist(RECORDS)
    sink = io.BytesIO()
    if format == "parquet":
        pq.write_table(table, sink)
    elif format == "arrow":
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, 7)
    elif format == "stream.arrow":
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, 7)
    elif format == "feather":
        pyarrow.feather.write_feather(table, sink, compression="lz4")
    elif format == "array.json":
        sink.write(json.dumps(RECORDS, ensure_ascii=False, indent=1).encode())
    else:
        sink.write(lines(RECORDS))
    return sink.getvalue()


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize("format", ["jsonl", "ndjson", "json", "array.json", "parquet", "arrow", "stream.arrow", "feather"])
def test_round_trip(tmp_path: Path, format: str, packed: str) -> None:
    path = tmp_path / f"dump.{format}{packed}"
    path.write_bytes(PACK[packed](stored(format)))
    rows = read_all(path)
    mark = "#byte=" if format in ("jsonl", "ndjson", "json") else "#row="
    at = 0
    assert len(rows) == len(RECORDS)
    for number, (row, record) in enumerate(zip(rows, RECORDS, strict=True)):
        assert {name: row[name] for name in ("id", "text", "url", "title")} == {
            name: record[name] for name in ("id", "text", "url", "title")
        }
        assert json.loads(row["meta"]) == {"栏目": record["栏目"]}
        assert row["reason"] is row["source"] is row["published"] is None
        assert row["origin"] == f"{path.name}{mark}{at if mark == '#byte=' else number}"
        at += len(lines([record]))


@pytest.mark.parametrize("packed", PACK)
@pytest.mark.parametrize(("format", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_csv_round_trip(tmp_path: Path, format: str, delimiter: str, packed: str) -> None:
    body = 'id,标题,正文\r\n1,通知,"第一段，\n第二段说""好"""\r\n\r\n2,,公告\r\n3,公示,\r\n'.replace(",", delimiter)
    path = tmp_path / f"dump.{format}{packed}"
    path.write_bytes(PACK[packed](body.encode()))
    rows = read_all(path)
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert [row["title"] for row in rows] == ["通知", None, "公示"]
    assert [row["text"] for row in rows] == [f'第一段{delimiter if delimiter == "，" else "，"}\n第二段说"好"', "公告", ""]
    start = body.encode().index(b"2" + delimiter.encode() * 2)
    assert rows[1]["origin"] == f"dump.{format}{packed}#byte={start}"


@pytest.mark.parametrize("packed", PACK)
def test_text_files(tmp_path: Path, packed: str) -> None:
    body = "\ufeff第一章　总则\r\n第一条\n\n \n第二章\u2028附则\n第九条"
    path = tmp_path / f"law.txt{packed}"
    path.write_bytes(PACK[packed](body.encode()))
    (row,) = read_all(path)
    assert (row["text"], row["origin"], row["meta"]) == (body[1:], path.name, None)
    assert row["id"] == xxhash.xxh3_128_hexdigest(path.name.encode())
    found = read_all(path, reading=Reading(text_files="line"))
    assert [row["text"] for row in found] == ["第一章　总则", "第一条", "第二章\u2028附则", "第九条"]
    assert [row["origin"] for row in found][:2] == [f"{path.name}#byte=0", f"{path.name}#byte=23"]
    found = read_all(path, reading=Reading(text_files="block"))
    assert [row["text"] for row in found] == ["第一章　总则\r\n第一条", "第二章\u2028附则\n第九条"]
    assert found[1]["origin"] == f"{path.name}#byte={body.encode().index('第二章'.encode())}"


def golden_cases() -> list[Any]:
    return [
        pytest.param(json.loads(line), id=f"{path.stem}: {json.loads(line)['why']}")
        for path in sorted(GOLDEN.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").split("\n")
        if line
    ]


@pytest.mark.parametrize("case", golden_cases())
def test_golden_lines(tmp_path: Path, case: dict[str, Any]) -> None:
    """A line between two good ones becomes one row, as the case says, and the good ones stay."""
    raw = bytes.fromhex(case["hex"]) if "hex" in case else case.get("line", "").encode()
    if "repeat" in case:
        raw = (case["repeat"][0] * case["repeat"][1]).encode()
    good = '{"text": "各省、自治区、直辖市人民政府"}'.encode()
    (tmp_path / "x.jsonl").write_bytes(good + b"\n" + raw + b"\n" + good + b"\n")
    before, row, after = read_all(tmp_path / "x.jsonl")
    assert before["text"] == after["text"] == json.loads(good)["text"]
    assert row["origin"] == f"x.jsonl#byte={len(good) + 1}"
    assert row["reason"] == (f"reader.{case['reason']}" if case["reason"] else None)
    assert row["text"] == case.get("text", raw.decode("utf-8", "replace"))
    assert row["id"] == case.get("id", xxhash.xxh3_128_hexdigest(row["origin"].encode()))
    for name in ("title", "url", "source", "published"):
        assert row[name] == case.get(name)
    if "meta" in case:
        assert case["meta"] == (json.loads(row["meta"]) if row["meta"] else None)


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from([b"\n", b"\r\n", b"\xef\xbb\xbf", b'{"text": "', b'"}', "档案".encode(), b"\xff", b"[", b"\0"]),
            st.sampled_from(RECORDS).map(lambda record: lines([record])),
            st.text(max_size=20).map(lambda text: json.dumps({"text": text}).encode() + b"\n"),
        ),
        max_size=25,
    ),
    split_bytes=st.integers(1, 400),
    batch_bytes=st.integers(1, 300),
)
def test_no_line_is_lost(tmp_path_factory: Any, pieces: list[bytes], split_bytes: int, batch_bytes: int) -> None:
    """Any bytes: every line that is not blank is a row at its position, however the file is divided."""
    data = b"".join(pieces)
    folder = tmp_path_factory.mktemp("hostile")
    reading = Reading(charset="utf-8")
    (folder / "x.jsonl").write_bytes(data)
    (folder / "x.jsonl.gz").write_bytes(gzip.compress(data))
    whole = read_all(folder / "x.jsonl", reading=reading)
    at, starts = 0, []
    for line in data.split(b"\n"):
        starts += [f"x.jsonl#byte={at}"] if line.strip() else []
        at += len(line) + 1
    assert [row["origin"] for row in whole] == starts
    assert read_all(folder / "x.jsonl", reading=reading, split_bytes=split_bytes, batch_bytes=batch_bytes) == whole
    packed = read_all(folder / "x.jsonl.gz", reading=reading, split_bytes=split_bytes, batch_bytes=batch_bytes)
    assert [(r["origin"].split("#")[1], r["text"], r["reason"]) for r in packed] == [
        (r["origin"].split("#")[1], r["text"], r["reason"]) for r in whole
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from(["json", "csv", "tsv", "txt", "parquet", "arrow", "jsonl"]))
def test_any_bytes_in_any_format(tmp_path_factory: Any, data: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / f"x.{name}").write_bytes(data)
    (folder / f"x.{name}.zst").write_bytes(data)
    rows = read_all(folder / f"x.{name}")
    assert rows or not data.strip() or name == "csv" or name == "tsv" or name == "json"
    assert {row["reason"] for row in read_all(folder / f"x.{name}.zst")} <= {"reader.corrupt_file", "reader.truncated_file"}
