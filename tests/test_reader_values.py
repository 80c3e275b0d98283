"""Reading: values that a dump should not have cost a cell or a row, never the run."""

import decimal
import gzip
import itertools
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
import xxhash

from cci_tools.kernels.arrow import text_buffers
from cci_tools.shards import table as table_reader
from cci_tools.shards.fields import Rows, to_batch
from cci_tools.shards.reader import Reading, inputs, read_split, splits


def rows_of(path: Path, split_bytes: int = 64 << 20) -> list[dict[str, Any]]:
    rows = []
    for split in splits(inputs([path]).files, Reading(), spool=path.parent / "spool", split_bytes=split_bytes):
        for batch in read_split(split, Reading()):
            batch.validate(full=True)
            rows += batch.to_pylist()
    return rows


def write_arrow(path: Path, *batches: pa.RecordBatch) -> None:
    with pa.ipc.new_file(path, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def meta(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["meta"] and json.loads(row["meta"]) for row in rows]


def numbers(kind: pa.DataType, *values: int) -> pa.Array:
    return pa.array(values, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)


TIMES = [
    (pa.timestamp("ns"), 1_500_000_000_000_000_001, "2017-07-14 02:40:00.000000001"),
    (pa.timestamp("us"), 1_500_000_000_000_000, "2017-07-14 02:40:00"),
    (pa.timestamp("us"), 1_500_000_000_000_001, "2017-07-14 02:40:00.000001"),
    (pa.timestamp("us", "Asia/Shanghai"), 1_500_000_000_000_000, "2017-07-14 10:40:00+0800"),
    (pa.timestamp("s", "Mars/Olympus"), 1_500_000_000, "2017-07-14 02:40:00Z"),
    (pa.timestamp("s"), 2**63 - 1, "<value out of range: 9223372036854775807>"),
    (pa.date32(), 17_361, "2017-07-14"),
    (pa.date32(), 2**31 - 1, "<value out of range: 2147483647>"),
    (pa.date64(), 2**62 + 1, "<value out of range: 4611686018427387905>"),
    (pa.time64("ns"), 1, "00:00:00.000000001"),
    (pa.time64("ns"), 2**62, "<value out of range: 4611686018427387904>"),
    (pa.duration("s"), 2**63 - 1, "9223372036854775807 s"),
]


@pytest.mark.parametrize(("kind", "value", "text"), TIMES)
def test_times_of_every_kind(tmp_path: Path, kind: pa.DataType, value: int, text: str) -> None:
    """Alone, in a dictionary, a list, a struct and a map, as meta and as a core column."""
    column = numbers(kind, value)
    columns = {
        "text": pa.array(["第一条"]),
        "date": column,
        "plain": column,
        "coded": pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), column),
        "list": pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), column),
        "struct": pa.StructArray.from_arrays([column], ["at"]),
        "map": pa.MapArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["k"]), column),
    }
    write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_pydict(columns))
    (row,) = rows_of(tmp_path / "x.arrow")
    assert (row["text"], row["reason"], row["published"]) == ("第一条", None, text)
    assert meta([row]) == [{"plain": text, "coded": text, "list": [text], "struct": {"at": text}, "map": [["k", text]]}]


def test_times_do_not_need_pandas(tmp_path: Path) -> None:
    write_arrow(
        tmp_path / "x.arrow",
        pa.RecordBatch.from_pydict({"text": ["甲"], "at": numbers(pa.timestamp("ns"), 1_500_000_000_000_000_001)}),
    )
    program = f"""
import sys
class NoPandas:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoPandas())
from cci_tools.shards.reader import Reading, inputs, read_split, splits
(split,) = splits(inputs([{str(tmp_path / "x.arrow")!r}]).files, Reading(), spool="unused")
print([row["meta"] for batch in read_split(split, Reading()) for row in batch.to_pylist()])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == """['{"at":"2017-07-14 02:40:00.000000001"}']\n""", done.stderr


def test_names_given_twice(tmp_path: Path) -> None:
    for name in ("x", "id", "text"):
        given = {"text": "第一条", "id": "a", "x": "1"}
        names = [*given, name, f"{name}_1"]
        arrays = [pa.array([value]) for value in (*given.values(), "again", "named so")]
        pq.write_table(pa.Table.from_arrays(arrays, names), tmp_path / "x.parquet")
        write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_arrays(arrays, names))
        for file in ("x.parquet", "x.arrow"):
            (row,) = rows_of(tmp_path / file)
            assert (row["id"], row["text"], row["reason"]) == ("a", "第一条", None)
            assert meta([row]) == [{"x": "1", f"{name}_1": "named so", f"{name}_2": "again"}]
    twice = pa.StructArray.from_arrays([pa.array(["甲"]), pa.array(["乙"])], ["n", "n"])
    write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_pydict({"text": ["文"], "s": twice}))
    assert meta(rows_of(tmp_path / "x.arrow")) == [{"s": {"n": "甲", "n_1": "乙"}}]


def broken(*texts: bytes) -> pa.Array:
    return pa.array(texts, pa.binary()).view(pa.string())


def test_a_broken_byte_costs_its_cell_or_row_only(tmp_path: Path) -> None:
    bad = broken("甲".encode(), b"a\xff")
    codes = pa.array([0, 1], pa.int8())
    ones = pa.array([0, 1, 2], pa.int32())
    columns = {
        "coded": pa.DictionaryArray.from_arrays(codes, bad, safe=False),
        "struct": pa.StructArray.from_arrays([bad], ["n"]),
        "list": pa.ListArray.from_arrays(ones, bad),
        "map": pa.MapArray.from_arrays(ones, pa.array(["k", "k"]), bad),
        "view": pa.array(["甲".encode(), b"a\xff"], pa.binary_view()).view(pa.string_view()),
    }
    want = {"struct": {"n": "a\ufffd"}, "list": ["a\ufffd"], "map": [["k", "a\ufffd"]]}
    for name, column in columns.items():
        batch = pa.RecordBatch.from_pydict({"text": ["文", "言"], "m": column, "title": column})
        write_arrow(tmp_path / "x.arrow", batch)
        rows = rows_of(tmp_path / "x.arrow")
        assert [(row["text"], row["reason"]) for row in rows] == [("文", None), ("言", None)], name
        assert meta(rows)[1] == {"m": want.get(name, "a\ufffd")}, name
        assert "a\ufffd" in rows[1]["title"]
        if name in ("coded", "view"):
            write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_pydict({"text": column}))
            rows = rows_of(tmp_path / "x.arrow")
            assert [(r["text"], r["reason"]) for r in rows] == [("甲", None), ("a\ufffd", "reader.invalid_utf8")], name


def test_indices_outside_of_a_dictionary_are_damage(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 99], pa.int8()), pa.array(["甲"]), safe=False)
    nested = pa.StructArray.from_arrays([column], ["n"])
    for each in (column, nested):
        write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_pydict({"text": ["文", "言"], "m": each}))
        assert [row["reason"] for row in rows_of(tmp_path / "x.arrow")] == ["reader.corrupt_file"]


def test_core_columns_of_nested_types(tmp_path: Path) -> None:
    struct = pa.array([{"年": 2024}, None])
    names = ("id", "title", "url", "source", "published")
    pq.write_table(pa.table({"text": ["文", "言"], **dict.fromkeys(names, struct)}), tmp_path / "x.parquet")
    rows = rows_of(tmp_path / "x.parquet")
    assert [rows[0][name] for name in names] == ['{"年":2024}'] * 5
    assert [rows[1][name] for name in names[1:]] == [None] * 4
    assert rows[1]["id"] == xxhash.xxh3_128_hexdigest(b"x.parquet#row=1")


def test_ids_that_are_numbers_or_bytes_of_other_kinds(tmp_path: Path) -> None:
    key = uuid.UUID("12345678-1234-5678-1234-567812345678")
    columns = {
        "1.50": pa.array([decimal.Decimal("1.50")]),
        str(key): pa.ExtensionArray.from_storage(pa.uuid(), pa.array([key.bytes], pa.binary(16))),
        "ab": pa.array([b"ab"], pa.binary(2)),
        "true": pa.array([True]),
    }
    for text, column in columns.items():
        write_arrow(tmp_path / "x.arrow", pa.RecordBatch.from_pydict({"text": ["文"], "id": column, "m": column}))
        (row,) = rows_of(tmp_path / "x.arrow")
        assert row["id"] == text
        assert meta([row]) == [{"m": True if text == "true" else text}]


def test_what_conversion_cannot_take_is_one_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an Arrow type may raise: here it is asked to, for one row of many."""
    convert = table_reader.to_core

    def refuse(batch: pa.RecordBatch, name: str, row: int, reading: Reading) -> pa.RecordBatch:
        if "拒" in batch.column("text").to_pylist():
            raise OverflowError("refused")
        return convert(batch, name, row, reading)

    monkeypatch.setattr(table_reader, "to_core", refuse)
    pq.write_table(pa.table({"text": ["甲", "乙", "拒", "丙", "丁"]}), tmp_path / "x.parquet")
    rows = rows_of(tmp_path / "x.parquet")
    assert [row["reason"] for row in rows] == [None, None, "reader.malformed_row", None, None]
    assert [row["origin"] for row in rows] == [f"x.parquet#row={number}" for number in range(5)]
    assert rows[2]["text"] == "拒"


def test_a_record_that_no_column_can_hold_is_one_reject() -> None:
    class Hostile(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            raise OverflowError("refused")

    raws = ["甲", "乙", "丙"]
    records: list[dict[str, Any]] = [{"text": "甲"}, Hostile(text="乙"), {"text": "丙"}]
    rows = to_batch(Rows(records, ["x#0", "x#1", "x#2"], raws.__getitem__), Reading()).to_pylist()
    assert [(row["text"], row["reason"], row["origin"]) for row in rows] == [
        ("甲", None, "x#0"),
        ("乙", "reader.malformed_row", "x#1"),
        ("丙", None, "x#2"),
    ]


def test_an_arrow_file_without_its_end_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    batches = [pa.RecordBatch.from_pydict({"text": [f"第{n}条" * 200] * 10}) for n in range(4)]
    write_arrow(path, *batches)
    data = path.read_bytes()
    for kept, whole in ((len(data) - 3, 4), (len(data) // 2, 1)):
        path.write_bytes(data[:kept])
        rows = rows_of(path)
        assert len([row for row in rows if not row["reason"]]) >= 10 * whole
        assert [row["reason"] for row in rows if row["reason"]] == ["reader.corrupt_file"] == [rows[-1]["reason"]]
        assert rows[-1]["origin"] == f"x.arrow#row={len(rows) - 1}"
        assert rows_of(path, split_bytes=500) == rows


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    names = ("id", "title", "published", "url", "source")
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        path.write_text(f'{{"text": "甲", {", ".join(f"{name!r}: {number}" for name in names)}}}\n'.replace("'", '"'))
        (row,) = rows_of(path)
        assert [row[name] for name in names] == [xxhash.xxh3_128_hexdigest(b"x.jsonl#byte=0"), *[None] * 4], number
    pq.write_table(pa.table({"text": ["甲"], **dict.fromkeys(names, pa.array([float("nan")]))}), tmp_path / "x.parquet")
    (row,) = rows_of(tmp_path / "x.parquet")
    assert [row[name] for name in names] == [xxhash.xxh3_128_hexdigest(b"x.parquet#row=0"), *[None] * 4]


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 + 1, 2**64 + 3, 10**30 + 7, -(2**63) - 5, 10**400 + 1])
@pytest.mark.parametrize("form", ["x.jsonl", "x.json"])
def test_large_integers_keep_all_their_digits(tmp_path: Path, form: str, number: int) -> None:
    line = f'{{"text": "甲", "id": {number}, "n": {number}, "deep": [{{"n": {number}}}], "f": 1e30}}'
    (tmp_path / form).write_text(f"[{line}]" if form == "x.json" else line, encoding="utf-8")
    (row,) = rows_of(tmp_path / form)
    assert row["id"] == str(number)
    assert meta([row]) == [{"deep": [{"n": number}], "f": 1e30, "n": number}]


def test_bytes_that_are_not_utf8_in_a_json_array(tmp_path: Path) -> None:
    body = '[{"text": "甲"}, {"text": "a#b"}, {"id": "\ufffd", "text": "丙"}]'.encode().replace(b"#", b"\xff")
    for name, data in (("x.json", body), ("x.json.gz", gzip.compress(body))):
        (tmp_path / name).write_bytes(data)
        rows = rows_of(tmp_path / name)
        assert [row["reason"] for row in rows] == [None, "reader.invalid_utf8", None]
        assert rows[1]["text"] == '{"text": "a\ufffdb"}'
        assert "0xff" in json.loads(rows[1]["detail"])["value"]
        assert rows[2]["id"] == "\ufffd"
    text = '[{"text": "各省、自治区、直辖市人民政府，国务院各部委"}]'
    (tmp_path / "x.json").write_bytes(text.encode("gb18030"))
    (row,) = rows_of(tmp_path / "x.json")
    assert (row["text"], meta([row])) == (json.loads(text)[0]["text"], [{"charset": "gb18030", "damage": 0}])


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["甲", None, "乙"]).dictionary_encode(),
        pa.array(["甲", None, "乙"], pa.large_string()).dictionary_encode(),
        pa.array(["甲", None, "乙"], pa.string_view()),
        pa.array(["丁", "甲", None, "乙"], pa.string_view()).slice(1),
        pa.chunked_array([pa.array(["甲", None]).dictionary_encode(), pa.array(["乙"]).dictionary_encode()]),
    ],
    ids=lambda column: str(column.type),
)
def test_text_buffers_of_coded_and_view_columns(column: pa.Array) -> None:
    values, offsets = text_buffers(column)
    found = [values[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)]
    assert found == ["甲", "", "乙"]
    with pytest.raises(TypeError, match="expected a column of strings"):
        text_buffers(pa.array([1, 2]).dictionary_encode())
