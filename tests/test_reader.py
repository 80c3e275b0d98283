"""Reading: every format and compression, fields, hostile lines, and no line lost."""

import bz2
import gzip
import io
import json
import lzma
import random
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
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
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
@pytest.mark.parametrize(
    "format", ["jsonl", "ndjson", "json", "array.json", "parquet", "arrow", "stream.arrow", "feather"]
)
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
    assert [row["text"] for row in rows] == [
        f'第一段{delimiter if delimiter == "，" else "，"}\n第二段说"好"',
        "公告",
        "",
    ]
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
            st.sampled_from(
                [b"\n", b"\r\n", b"\xef\xbb\xbf", b'{"text": "', b'"}', "档案".encode(), b"\xff", b"[", b"\0"]
            ),
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
    assert {row["reason"] for row in read_all(folder / f"x.{name}.zst")} <= {
        "reader.corrupt_file",
        "reader.truncated_file",
    }


def kinds(rows: list[dict[str, Any]]) -> list[str | None]:
    return [row["reason"] and row["reason"].removeprefix("reader.") for row in rows]


HANZI = random.Random(7).choices([chr(code) for code in range(0x4E00, 0x5E00)], k=400_000)
LONG = [{"id": str(i), "text": f"{i}　" + "".join(HANZI[i * 97 : i * 97 + i % 90])} for i in range(2000)]
"""Documents that do not pack to nothing."""


@pytest.mark.parametrize("packed", ["", ".gz", ".zst", ".bz2", ".xz"])
@pytest.mark.parametrize("split_bytes", [1 << 10, 100_003])
def test_splits_change_nothing(tmp_path: Path, packed: str, split_bytes: int) -> None:
    """One big file cut into many splits gives the rows, ids, origins and order of one split."""
    path = tmp_path / f"x.jsonl{packed}"
    path.write_bytes(PACK[packed](lines(LONG)))
    number = sum(1 for _ in splits(inputs([path]).files, Reading(), spool=tmp_path / "s", split_bytes=split_bytes))
    assert number > (2 if split_bytes > 100_000 else 100)
    whole = read_all(path)
    assert [row["id"] for row in whole] == [record["id"] for record in LONG]
    assert read_all(path, split_bytes=split_bytes, batch_bytes=5_000) == whole


@pytest.mark.parametrize("format", ["parquet", "arrow", "stream.arrow"])
@pytest.mark.parametrize("group", [100, 5000])
def test_tables_are_cut(tmp_path: Path, format: str, group: int) -> None:
    path = tmp_path / f"x.{format}"
    table = pa.Table.from_pylist(LONG)
    if format == "parquet":
        pq.write_table(table, path, row_group_size=group)
    else:
        with (pa.ipc.new_file if format == "arrow" else pa.ipc.new_stream)(path, table.schema) as writer:
            writer.write_table(table, group)
    whole = read_all(path)
    assert [row["origin"] for row in whole] == [f"x.{format}#row={i}" for i in range(len(LONG))]
    assert [row["text"] for row in whole] == [record["text"] for record in LONG]
    number = len(list(splits(inputs([path]).files, Reading(), spool=tmp_path, split_bytes=60_000)))
    assert number > 3 if format == "parquet" or group == 100 else number == 1
    assert read_all(path, split_bytes=60_000, batch_bytes=9_000) == whole


def test_csv_without_quotes_is_cut_and_with_quotes_stays_whole(tmp_path: Path) -> None:
    body = "id,text\n" + "".join(f"{i},第{i}号公告全文\n" for i in range(500))
    (tmp_path / "plain.csv").write_text(body, encoding="utf-8")
    (tmp_path / "quoted.csv").write_text(body + '500,"甲\n乙"\n', encoding="utf-8")
    for name, count in (("plain.csv", 500), ("quoted.csv", 501)):
        path = tmp_path / name
        found = list(splits(inputs([path]).files, Reading(), spool=tmp_path, split_bytes=2_000))
        assert len(found) == 1 if name == "quoted.csv" else len(found) > 5
        whole = read_all(path)
        assert [row["id"] for row in whole] == [str(i) for i in range(count)]
        assert read_all(path, split_bytes=2_000, batch_bytes=700) == whole


def test_stored_bytes_add_up(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl.zst", "c.parquet", "d.txt", "e.csv"):
        data = lines(LONG)
        if name == "c.parquet":
            pq.write_table(pa.Table.from_pylist(LONG), tmp_path / name, row_group_size=200)
        else:
            (tmp_path / name).write_bytes(PACK[".zst"](data) if name.endswith("zst") else data)
    found = inputs([tmp_path])
    made = list(splits(found.files, Reading(), spool=tmp_path / "s", split_bytes=20_000))
    assert found.stored_bytes == sum(split.stored_bytes for split in made) == sum(f.stored_bytes for f in found.files)
    assert [split.number for split in made] == list(range(len(made)))


def test_splits_that_are_done_are_not_decompressed_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(lines(LONG)))
    files, spool = inputs([path]).files, tmp_path / "spool"
    first = list(splits(files, Reading(), spool=spool, split_bytes=50_000))
    chunks = {file.name: file.read_bytes() for file in spool.iterdir()}
    assert len(chunks) == len(first) > 5
    for split in first:
        split.discard()
    assert not list(spool.iterdir())
    again = list(splits(files, Reading(), spool=spool, split_bytes=50_000, is_done=lambda number: number % 2 == 0))
    assert [split.number for split in again] == [split.number for split in first]
    assert {file.name: file.read_bytes() for file in spool.iterdir()} == {
        name: data for name, data in chunks.items() if int(name.split(".")[0]) % 2
    }
    again[0].discard()  # has nothing to delete


def test_small_files_share_a_split(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02d}.txt").write_text(f"第{number}篇", encoding="utf-8")
    (split,) = splits(inputs([tmp_path]).files, Reading(), spool=tmp_path)
    batches = list(read_split(split, Reading()))
    assert [batch.num_rows for batch in batches] == [30]
    assert batches[0].column("text").to_pylist() == [f"第{number}篇" for number in range(30)]


@pytest.mark.parametrize("packed", [".gz", ".zst", ".bz2", ".xz"])
@pytest.mark.parametrize("split_bytes", [64 << 20, 20_000])
def test_truncated_file(tmp_path: Path, packed: str, split_bytes: int) -> None:
    """What was read before the cut stays, and the cut is a reject that says where it is."""
    data = PACK[packed](lines(LONG[:300]))
    whole = tmp_path / f"x.jsonl{packed}"
    whole.write_bytes(data)
    good = read_all(whole)
    for cut in (0, 1, 5, 20, len(data) // 2, len(data) - 9, len(data) - 1):
        whole.write_bytes(data[:cut])
        rows = read_all(whole, split_bytes=split_bytes)
        assert rows[:-1] == good[: len(rows) - 1]
        assert kinds(rows)[-1] == "truncated_file"
        assert good[len(rows) - 1]["origin"] == rows[-1]["origin"] if 20 < cut < len(data) - 9 else True
    whole.write_bytes(data * 2)
    assert len(read_all(whole, split_bytes=split_bytes)) == 600
    whole.write_bytes(data + data[: len(data) // 2])
    assert kinds(read_all(whole, split_bytes=split_bytes)).count("truncated_file") == 1


@pytest.mark.parametrize("packed", [".gz", ".zst", ".bz2", ".xz"])
def test_corrupt_file(tmp_path: Path, packed: str) -> None:
    data = bytearray(PACK[packed](lines(LONG)))
    path = tmp_path / f"x.jsonl{packed}"
    path.write_bytes(b"not packed at all" * 10)
    assert kinds(read_all(path)) == ["corrupt_file"]
    path.write_bytes(data + b"garbage at the end")
    assert kinds(read_all(path)) == [None] * len(LONG) + ["corrupt_file"]
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    path.write_bytes(data)
    rows = read_all(path)
    assert set(kinds(rows[-1:])) <= {"corrupt_file", "truncated_file"}
    assert len(rows) <= len(LONG) + 1


def test_zstd_long_window_and_skippable_frames(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, enable_ldm=True)
    data = zstandard.ZstdCompressor(compression_params=parameters).compress(lines(RECORDS))
    skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"index"
    (tmp_path / "x.jsonl.zst").write_bytes(skippable + data + skippable + data)
    assert kinds(read_all(tmp_path / "x.jsonl.zst")) == [None] * 80


def test_truncated_text_file_keeps_its_beginning(tmp_path: Path) -> None:
    data = gzip.compress(lines(LONG))
    (tmp_path / "x.txt.gz").write_bytes(data[: len(data) // 2])
    (row,) = read_all(tmp_path / "x.txt.gz")
    assert row["reason"] == "reader.truncated_file"
    assert lines(LONG).decode().startswith(row["text"].removesuffix("\ufffd")) and len(row["text"]) > 1000


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("gone.jsonl", "gone.txt", "gone.parquet", "gone.arrow", "gone.csv", "gone.json.gz", "gone.parquet.gz"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
        found = inputs([tmp_path / name])
        (split,) = splits(found.files, Reading(), spool=tmp_path)
        rows = [row for batch in read_split(split, Reading()) for row in batch.to_pylist()]
        assert [(row["reason"], row["origin"]) for row in rows] == [("reader.unreadable_file", name)]


def test_empty_files(tmp_path: Path) -> None:
    for name, reason in (
        ("a.jsonl", []),
        ("a.csv", []),
        ("a.json", []),
        ("a.txt", [None]),
        ("a.parquet", ["corrupt_file"]),
        ("a.arrow", ["corrupt_file"]),
        ("a.jsonl.gz", ["truncated_file"]),
    ):
        (tmp_path / name).write_bytes(b"")
        assert kinds(read_all(tmp_path / name)) == reason, name
    (tmp_path / "b.jsonl").write_bytes(b"\n\r\n  \n")
    (split,) = splits(inputs([tmp_path / "b.jsonl"]).files, Reading(), spool=tmp_path)
    assert [batch.num_rows for batch in read_split(split, Reading())] == [0]


def test_parquet_columns_of_other_types(tmp_path: Path) -> None:
    import datetime

    texts = ["第一条", "第二条", "第三条"]
    days = [datetime.datetime(2024, 5, 1, 8, 30), None, datetime.datetime(2023, 1, 2)]
    for kind in (
        pa.string(),
        pa.large_string(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.binary(),
        pa.large_binary(),
        pa.string_view(),
    ):
        table = pa.table(
            {
                "content": pa.array([t.encode() for t in texts] if "binary" in str(kind) else texts, kind),
                "id": pa.array([5, None, 7], pa.int64()),
                "date": pa.array(days, pa.timestamp("us")),
                "source": pa.array(["甲", None, "乙"]).dictionary_encode(),
                "score": pa.array([0.5, None, float("nan")]),
                "tags": pa.array([["a"], [], None], pa.list_(pa.string())),
            }
        )
        path = tmp_path / "x.arrow"
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
        rows = read_all(path)
        assert [row["text"] for row in rows] == texts, kind
        assert [row["id"] for row in rows] == ["5", xxhash.xxh3_128_hexdigest(b"x.arrow#row=1"), "7"]
        assert [row["published"] for row in rows] == ["2024-05-01 08:30:00", None, "2023-01-02 00:00:00"]
        assert [row["source"] for row in rows] == ["甲", None, "乙"]
        assert [json.loads(row["meta"] or "{}") for row in rows] == [
            {"score": 0.5, "tags": ["a"]},
            {"tags": []},
            {"score": None},
        ]


def test_table_rows_without_usable_text(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb")])
    columns = {
        "null": pa.array([None, "好"], pa.string()),
        "list": pa.array([["a"], ["b"]], pa.list_(pa.string())),
        "bytes": pa.array([b"\xd6\xd0", "好".encode()], pa.binary()),
        "broken": bad,
        "long": pa.array(["长" * 100, "好"]),
    }
    want = {
        "null": ["missing_text", None],
        "list": ["text_not_string"] * 2,
        "bytes": ["invalid_utf8", None],
        "broken": ["invalid_utf8"],
        "long": ["too_large", None],
    }
    for name, column in columns.items():
        pq.write_table(pa.table({"id": [f"r{i}" for i in range(len(column))], "text": column}), tmp_path / "x.parquet")
        rows = read_all(tmp_path / "x.parquet", reading=Reading(max_document_bytes=200))
        assert kinds(rows) == want[name], name
        assert [row["id"] for row in rows] == [f"r{i}" for i in range(len(rows))]
    pq.write_table(pa.table({"body": ["只有正文"], "text": pa.array([None], pa.string())}), tmp_path / "x.parquet")
    assert [row["text"] for row in read_all(tmp_path / "x.parquet")] == ["只有正文"]
    pq.write_table(pa.table({"other": ["无"]}), tmp_path / "x.parquet")
    (row,) = read_all(tmp_path / "x.parquet")
    assert (row["reason"], json.loads(row["detail"])["value"]) == ("reader.missing_text", ["other"])
    assert json.loads(row["text"]) == {"other": "无"}


def test_damaged_row_group_costs_that_group_only(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist(LONG), path, row_group_size=500)
    with pq.ParquetFile(path) as file:
        column = file.metadata.row_group(1).column(1)
        start = column.dictionary_page_offset or column.data_page_offset
        size = column.total_compressed_size
    data = bytearray(path.read_bytes())
    data[start : start + size] = b"\xaa" * size
    path.write_bytes(data)
    rows = read_all(path)
    assert kinds(rows).count("corrupt_file") == 1
    assert [r["id"] for r in rows if not r["reason"]] == [str(i) for i in range(2000) if not 500 <= i < 1000]
    broken = next(row for row in rows if row["reason"])
    assert broken["origin"] == "x.parquet#row=500"
    assert "500 rows" in json.loads(broken["detail"])["value"]


@pytest.mark.parametrize("packed", [".gz", ".zst", ".bz2", ".xz"])
def test_what_a_damaged_file_gives_does_not_depend_on_batches(tmp_path: Path, packed: str) -> None:
    data = bytearray(PACK[packed](lines(LONG)))
    for at in (len(data) - 6, len(data) // 3):
        data[at] ^= 0x55
        (tmp_path / f"x.jsonl{packed}").write_bytes(data)
        whole = read_all(tmp_path / f"x.jsonl{packed}")
        assert kinds(whole)[-1] in ("corrupt_file", "truncated_file")
        for batch_bytes in (300, 70_000):
            assert read_all(tmp_path / f"x.jsonl{packed}", batch_bytes=batch_bytes, split_bytes=50_000) == whole


def test_offsets_outside_of_the_data_of_an_arrow_file(tmp_path: Path) -> None:
    """Read as they are, they would end the process."""
    table = pa.table({"id": ["甲", "乙"], "text": ["第一条款", "第二条"]})
    with pa.ipc.new_file(tmp_path / "x.arrow", table.schema) as writer:
        writer.write_table(table)
    data = (tmp_path / "x.arrow").read_bytes()
    offsets = b"".join(offset.to_bytes(4, "little") for offset in (0, 12, 21))
    assert data.count(offsets) == 1
    for wrong in (0x7FFFFFF0, -5):
        broken = wrong.to_bytes(4, "little", signed=True)
        (tmp_path / "x.arrow").write_bytes(data.replace(offsets, offsets[:8] + broken))
        assert kinds(read_all(tmp_path / "x.arrow")) == ["corrupt_file"]


def test_too_large(tmp_path: Path) -> None:
    reading = Reading(max_document_bytes=1000)
    body = b'{"text": "a"}\n{"text": "' + b"x" * 3000 + b'"}\n{"text": "b"}\n'
    path = tmp_path / "x.jsonl"
    path.write_bytes(body)
    for batch_bytes in (100, 1500, 8 << 20):
        rows = read_all(path, reading=reading, batch_bytes=batch_bytes)
        assert kinds(rows) == [None, "too_large", None]
        assert json.loads(rows[1]["detail"]) == {"rule": "too_large", "value": 3012, "threshold": 1000}
        assert [row["origin"] for row in rows] == ["x.jsonl#byte=0", "x.jsonl#byte=14", "x.jsonl#byte=3027"]
    (tmp_path / "x.txt").write_bytes(b"y" * 1001)
    assert kinds(read_all(tmp_path / "x.txt", reading=reading)) == ["too_large"]
    (tmp_path / "x.csv").write_bytes(b"id,text\n1," + b"z" * 2000 + b"\n2,good\n")
    rows = read_all(tmp_path / "x.csv", reading=reading)
    assert kinds(rows) == ["too_large", None]
    (tmp_path / "x.json").write_bytes(b'[{"text": "a"},\n{"text": "' + b"x" * (3 << 20) + b'"}]')
    assert kinds(read_all(tmp_path / "x.json", reading=reading)) == [None, "too_large"]


def test_very_short_documents_make_no_endless_batches(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "x"}\n' * 3000)
    found = splits(inputs([str(tmp_path / "a.jsonl")]).files, Reading(), spool=tmp_path)
    batches = [batch for split in found for batch in read_split(split, Reading(), batch_bytes=20_000)]
    assert sum(batch.num_rows for batch in batches) == 3000
    assert max(batch.num_rows for batch in batches) == 20_000 // len(b'{"text": "x"}\n')  # a block of lines is not cut


def test_large_document_is_a_batch_of_its_own(tmp_path: Path) -> None:
    records = [{"id": str(i), "text": "字" * (200_000 if i == 2 else 10)} for i in range(5)]
    (tmp_path / "x.jsonl").write_bytes(lines(records))
    (split,) = splits(inputs([tmp_path / "x.jsonl"]).files, Reading(), spool=tmp_path)
    batches = list(read_split(split, Reading(), batch_bytes=50_000))
    assert [batch.column("id").to_pylist() for batch in batches] == [["0", "1"], ["2"], ["3", "4"]]


@pytest.mark.slow
def test_line_of_50_megabytes(tmp_path: Path) -> None:
    records = [{"text": "前"}, {"text": "绿化" * (50_000_000 // 6)}, {"text": "后"}]
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(lines(records), 1))
    assert [len(row["text"]) for row in read_all(tmp_path / "x.jsonl.gz")] == [1, 2 * (50_000_000 // 6), 1]
    assert read_all(tmp_path / "x.jsonl.gz", split_bytes=1 << 20)[2]["text"] == "后"


DIGITS = '{"n": ' + "9" * 5000 + "}"
DEEP = "[" * 3000 + '"\\"]]"' + "]" * 3000

JSON_CASES = [
    ('{"text": "甲"}', ["甲"], [None]),
    ('{\n  "text": "甲"\n}\n', ["甲"], [None]),
    ('[{"text": "甲"}, {"text": "乙"}]', ["甲", "乙"], [None, None]),
    ('\ufeff[\n{"text": "甲"},\n{"text": "乙"}\n]\n', ["甲", "乙"], [None, None]),
    ("[]", [], []),
    ('[1, {"text": "甲"}, null]', ["1", "甲", "null"], ["not_an_object", None, "not_an_object"]),
    ('{\n"text": "甲"}\n{\n"text": "乙"\n}', ["甲", "乙"], [None, None]),
    ('{"text": "甲"}\n{"text": "乙"\n{"text": "丙"}\n', ["甲", '{"text": "乙"', "丙"], [None, "malformed_json", None]),
    ('[{"text": "甲"}, {"text": 乙}]', ["甲", '{"text": 乙}]'], [None, "malformed_json"]),
    ('[{"text": "甲"}', ["甲", ""], [None, "malformed_json"]),
    ('[{"text": "甲"}, {"te', ["甲", '{"te'], [None, "malformed_json"]),
    ('[{"text": "\\udc00甲"}]', ["\ufffd甲"], ["lone_surrogate"]),
    ("[" * 5000, ["[" * 4999], ["malformed_json"]),
    (f'[{{"text": "甲"}}, {DIGITS}, {{"text": "乙"}}]', ["甲", DIGITS, "乙"], [None, "malformed_json", None]),
    (f'[{{"text": "甲"}}, {DEEP}, {{"text": "乙"}}]', ["甲", DEEP, "乙"], [None, "malformed_json", None]),
    (f'[{{"text": "甲"}}, {DEEP[:-1]}, {{"te]', ["甲", f'{DEEP[:-1]}, {{"te]'], [None, "malformed_json"]),
]


@pytest.mark.parametrize(("body", "texts", "reasons"), JSON_CASES)
def test_json_files(tmp_path: Path, body: str, texts: list[str], reasons: list[str | None]) -> None:
    (tmp_path / "x.json").write_text(body, encoding="utf-8")
    rows = read_all(tmp_path / "x.json")
    assert [row["text"] for row in rows] == texts
    assert kinds(rows) == reasons


def test_large_json_array_is_read_in_batches(tmp_path: Path) -> None:
    records = [{"id": str(i), "text": f"{i}" + "绿化" * (i % 3000)} for i in range(1500)]
    (tmp_path / "x.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    rows = read_all(tmp_path / "x.json", batch_bytes=100_000)
    assert [(row["id"], row["text"]) for row in rows] == [(r["id"], r["text"]) for r in records]
    assert rows[7]["origin"] == "x.json#row=7"


CSV_CASES = [
    ("id,text\n1,甲,多\n2,乙\n", ["1,甲,多", "乙"], ["malformed_row", None]),
    ('id,text,b\n1,"甲\n2,乙,x\n3,丙,y\n', ['1,"甲\n2,乙,x\n3,丙,y'], ["malformed_row"]),
    ("id,text\n1\n", ["1"], ["missing_text"]),
    ("id,text\n1,甲\r乙\n2,丙\n", ["1,甲\r乙", "丙"], ["malformed_row", None]),
    ("text\n甲\n\n乙", ["甲", "乙"], [None, None]),
    ("id;text\n1;甲,乙\n", ["甲,乙"], [None]),
    ('id\ttext\n1\t"甲"说\n2\t\'乙"\n', ['"甲"说', "'乙\""], [None, None]),
    ("\ufefftext,text\n甲,乙\n", ["甲"], [None]),
]


@pytest.mark.parametrize(("body", "texts", "reasons"), CSV_CASES)
def test_csv_rows(tmp_path: Path, body: str, texts: list[str], reasons: list[str | None]) -> None:
    (tmp_path / "x.csv").write_bytes(body.encode())
    rows = read_all(tmp_path / "x.csv")
    assert [row["text"] for row in rows] == texts
    assert kinds(rows) == reasons


def test_csv_with_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    good = "".join(f"{i},各级人民政府\n" for i in range(5)).encode()
    (tmp_path / "x.csv").write_bytes(b"id,text\n" + good + b"5,\xff\n" + good)
    rows = read_all(tmp_path / "x.csv")
    assert kinds(rows) == [None] * 5 + ["invalid_utf8"] + [None] * 5
    assert rows[5]["text"] == "5,\ufffd"
    (tmp_path / "x.csv").write_bytes(b"id,text,\xff\n" + good)
    assert kinds(read_all(tmp_path / "x.csv")) == ["invalid_utf8"] + [None] * 5


def test_reading_checks_its_values() -> None:
    for wrong in (
        {"text": ()},
        {"text": ("正文",), "title": ("正文",)},
        {"max_document_bytes": 0},
        {"max_document_bytes": 2**31},
        *({"charset": name} for name in ("gb99999", "idna", "punycode", "base64", "undefined", "cp037", "a\0b", "")),
        {"text_files": "page"},
    ):
        with pytest.raises(ValueError, match=f"reading.{list(wrong)[-1]}"):
            Reading(**wrong)


def test_own_field_names(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"text": "甲", "答案": "乙", "编号": 3}\n', encoding="utf-8")
    (row,) = read_all(tmp_path / "x.jsonl", reading=Reading(text=("答案",), id=("编号",)))
    assert (row["id"], row["text"], json.loads(row["meta"])) == ("3", "乙", {"text": "甲"})
    (tmp_path / "x.txt").write_text("丙", encoding="utf-8")
    assert read_all(tmp_path / "x.txt", reading=Reading(text=("答案",)))[0]["text"] == "丙"
