"""Benchmark files of every layout become the same items; an index is exact, repeatable and never misread."""

import csv
import gzip
import json
import re
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from cci_tools.decontamination.files import benchmark_files, read_records
from cci_tools.decontamination.index import ARRAYS, build_index, index_items, load_index, merge_indexes
from cci_tools.decontamination.items import Item, items_of, split_choices
from cci_tools.decontamination.match import find_contamination
from cci_tools.resources import folder

QUESTION = "灯塔管理员每天傍晚登塔前，先要记录的是哪一项？"
CHOICES = ["潮位读数", "风向风力", "油灯余量", "过往船名"]
PASSAGE = "灯塔建在礁石尽头，退潮时有一条石径可以走到。管理员姓邵，五十多岁，随身带着一本蓝皮册子。"
TABLE = {"Question": QUESTION, **dict(zip("ABCD", CHOICES, strict=True)), "Answer": "C"}
LAYOUTS = {
    "cmmlu": [TABLE],
    "c-eval": [
        {"id": 0, "question": QUESTION, **dict(zip("ABCD", CHOICES, strict=True)), "answer": "C", "explanation": ""}
    ],
    "agieval": [
        {
            "passage": None,
            "question": QUESTION,
            "options": [f"({x}){c}" for x, c in zip("ABCD", CHOICES, strict=True)],
            "label": "C",
        }
    ],
    "gaokao-bench": {
        "keywords": "mcq",
        "example": [
            {
                "index": 0,
                "question": f"3．（ 4分）{QUESTION}\nA．潮位读数　　B．风向风力\nC．油灯余量　　D．过往船名\n",
                "answer": ["C"],
                "analysis": "略",
            }
        ],
    },
    "xiezhi": [{"question": QUESTION, "options": "\n".join(CHOICES), "answer": "油灯余量", "labels": ["航海"]}],
    "mmlu": [{"question": QUESTION, "choices": CHOICES, "answer": 2}],
    "mapping": [{"question": QUESTION, "options": dict(zip("ABCD", CHOICES, strict=True)), "answer": "C"}],
    "arc": [{"question": QUESTION, "choices": {"text": CHOICES, "label": list("ABCD")}, "answerKey": "C"}],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_choice_questions(layout: str) -> None:
    (item,) = items_of(LAYOUTS[layout], benchmark=layout)
    assert (item.question, list(item.choices), item.correct) == (QUESTION, CHOICES, {2})
    assert item.asks


def test_layout_of_c3() -> None:
    data = [
        [
            ["女：潮退了吗？", "男：还要半个钟头。"],
            [{"question": "男的是什么意思？", "choice": CHOICES, "answer": "油灯余量"}],
            "1-5",
        ]
    ]
    (item,) = items_of(data, benchmark="c3")
    assert item.passage == "女：潮退了吗？\n男：还要半个钟头。"
    assert (item.question, item.correct, item.id) == ("男的是什么意思？", {2}, "1-5/0")


def test_layouts_of_cmrc() -> None:
    answers = [{"text": "蓝皮册子", "answer_start": 3}, {"text": "蓝皮册子", "answer_start": 3}]
    squad = {
        "data": [
            {
                "paragraphs": [
                    {
                        "context": PASSAGE,
                        "id": "D0",
                        "qas": [{"id": "D0_Q0", "question": "他带着什么？", "answers": answers}],
                    }
                ]
            }
        ]
    }
    trial = [
        {
            "context_id": "D0",
            "context_text": PASSAGE,
            "qas": [{"query_id": "D0_Q0", "query_text": "他带着什么？", "answers": ["蓝皮册子"]}],
        }
    ]
    flat = [
        {
            "id": "D0_Q0",
            "context": PASSAGE,
            "question": "他带着什么？",
            "answers": {"text": ["蓝皮册子"], "answer_start": [3]},
        }
    ]
    wanted = Item(id="D0_Q0", benchmark="cmrc", question="他带着什么？", answers=("蓝皮册子",), passage=PASSAGE)
    for data in (squad, trial, flat):
        assert list(items_of(data, benchmark="cmrc")) == [wanted]


def test_layouts_of_word_problems() -> None:
    rows = [
        {
            "id": "7",
            "original_text": "三袋盐共重六千克，每袋重多少千克？",
            "segmented_text": "略",
            "equation": "x=6/3",
            "ans": "2",
        },
        {"id": "7", "question": "三袋盐共重六千克，每袋重多少千克？", "golden": "2", "grade": 1},
        {"id": "7", "question": "三袋盐共重六千克，每袋重多少千克？", "answer": "6/3=<<6/3=2>>2\n#### 2"},
    ]
    for row in rows:
        (item,) = items_of([row], benchmark="m")
        assert (item.id, item.question, item.answers) == ("7", "三袋盐共重六千克，每袋重多少千克？", ("2",))


def test_layouts_of_fewclue() -> None:
    pair = {"sentence1": "灯还亮着吗", "sentence2": "灯亮不亮", "label": "1"}
    (item,) = items_of([pair], benchmark="bustm")
    assert item.question == "灯还亮着吗\n灯亮不亮"
    (item,) = items_of([{"sentence": "灯塔今夜换岗", "label": "104"}], benchmark="tnews")
    assert (item.question, item.asks) == ("灯塔今夜换岗", False)
    (item,) = items_of(
        [{"content": "他做事#idiom#，从不马虎。", "candidates": ["一丝不苟", "马马虎虎"], "answer": 0}],
        benchmark="chid",
    )
    assert (item.question, item.correct) == ("他做事#idiom#，从不马虎。", {0})


def test_field_that_repeats_the_whole_item_gives_the_passage() -> None:
    row = {
        "question": QUESTION,
        "choices": CHOICES,
        "answer": "C",
        "text": f"{PASSAGE}\n{QUESTION}\n" + "\n".join(CHOICES),
    }
    (item,) = items_of([row], benchmark="t")
    assert item.passage == PASSAGE


def test_named_fields() -> None:
    row = {"wen": QUESTION, "xuan": CHOICES, "da": "油灯余量"}
    (item,) = items_of([row], benchmark="t", fields={"question": "wen", "choices": "xuan", "answer": "da"})
    assert (item.question, item.correct) == (QUESTION, {2})
    with pytest.raises(ValueError, match="frage is not one of"):
        list(items_of([row], benchmark="t", fields={"frage": "wen"}))


def test_choices_in_a_question_need_their_letters_in_order() -> None:
    assert split_choices("点A．在圆上，点B．在圆外") == ("点A．在圆上，点B．在圆外", [])
    assert split_choices("长为1.5米的绳子 A. 甲 B. 乙 C. 丙") == ("长为1.5米的绳子", ["甲", "乙", "丙"])


@pytest.mark.parametrize(
    "suffix", [".json", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".tsv", ".parquet", ".json.gz"]
)
def test_file_kinds(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bench{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([TABLE]), path)
    elif suffix in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(TABLE), delimiter="\t" if suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerow(TABLE)
    else:
        data = json.dumps([TABLE] if ".jsonl" not in suffix else TABLE, ensure_ascii=False).encode()
        pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(path.suffix, bytes)
        path.write_bytes(pack(data))
    index = build_index([path])
    assert index.name(0) == ("bench", "", "0")
    assert len(find_contamination([f"{QUESTION}\n" + " ".join(CHOICES)], index)) == 1


def test_json_values_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"question": "甲是谁？",\n "ans": "1"}\n{"question": "乙是谁？"}', encoding="utf-8")
    assert [row["question"] for row in read_records(path)] == ["甲是谁？", "乙是谁？"]


def test_line_separators_inside_strings(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps({"question": "甲\u2028乙\x85丙是谁？"}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert [row["question"] for row in read_records(path)] == ["甲\u2028乙\x85丙是谁？"]


def test_folder_and_numbered_subjects(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"question": f"{name}{QUESTION}"}), encoding="utf-8")
    assert [path.name for path in benchmark_files([tmp_path])] == ["a.jsonl", "b.jsonl"]
    index = build_index([tmp_path], benchmark="set", split="test")
    assert [index.name(i) for i in range(2)] == [("set", "test", "a-0"), ("set", "test", "b-0")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.txt", b"x", "ends in .json"),
        ("b.json", b"{", "not readable as json"),
        ("b.jsonl.gz", b"nope", "not readable as jsonl"),
        ("b.jsonl.zst", b"nope", "not readable as jsonl"),
        ("b.parquet", b"nope", "not readable as parquet"),
        ("b.json", b'[{"x": 1}]', "no item with a question"),
        ("b.jsonl", b"\xff\xfe", "not readable as jsonl"),
    ],
)
def test_unusable_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        build_index([path])
    assert str(path) in str(error.value)


def test_missing_file() -> None:
    with pytest.raises(FileNotFoundError, match="no such benchmark file"):
        build_index(["nowhere.json"])


def demo() -> Path:
    return folder("seeds") / "demo" / "benchmark.jsonl"


def test_same_input_same_bytes_and_back(tmp_path: Path) -> None:
    first = build_index([demo()], tmp_path / "a.idx", licence="x", date="2026-01-01")
    build_index([demo()], tmp_path / "b.idx", licence="x", date="2026-01-01")
    assert (tmp_path / "a.idx").read_bytes() == (tmp_path / "b.idx").read_bytes()
    read = load_index(tmp_path / "a.idx")
    assert (read.sets, read.width, len(read)) == (first.sets, first.width, 12)
    assert all(np.array_equal(read.arrays[name], first.arrays[name]) for name in ARRAYS)
    assert str(read) == "12 items: cci-demo test (12)"


def test_shipped_demo_index_is_built_from_the_demo_benchmark(tmp_path: Path) -> None:
    build_index([demo()], tmp_path / "demo.idx", licence="Apache-2.0", date="2026-11-22")
    assert (tmp_path / "demo.idx").read_bytes() == (folder("seeds") / "benchmarks" / "demo.idx").read_bytes()


def test_index_holds_no_text(tmp_path: Path) -> None:
    build_index([demo()], tmp_path / "a.idx")
    data = (tmp_path / "a.idx").read_bytes()
    for line in demo().read_text(encoding="utf-8").split("\n"):
        for text in json.loads(line)["choices"] if line else ():
            assert text.encode() not in data
            assert text.encode("utf-16-le") not in data
            assert text.encode("utf-32-le") not in data


def test_merging_is_the_same_as_using_both() -> None:
    a = Item(id="1", benchmark="x", question=QUESTION, choices=tuple(CHOICES), correct=frozenset({2}))
    b = Item(
        id="2", benchmark="y", question="木匠罗师傅量料时先看的是哪一面？", choices=("纹理朝上的一面", "刨光朝外的一面")
    )
    both, merged = index_items([a, b]), merge_indexes([index_items([a]), index_items([b])])
    text = f"{QUESTION}\n" + " ".join(CHOICES) + f"\n{b.question}\n" + " ".join(b.choices)
    assert find_contamination([text], merged) == find_contamination([text], both) != []
    assert [merged.name(i) for i in range(2)] == [("x", "", "1"), ("y", "", "2")]
    with pytest.raises(ValueError, match="different n-gram widths"):
        merge_indexes([index_items([a]), index_items([b], width=9)])
    with pytest.raises(ValueError, match="no benchmark index"):
        merge_indexes([])


def test_damaged_indexes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.idx"
    with pytest.raises(FileNotFoundError, match="no such benchmark index"):
        load_index(path)
    build_index([demo()], path)
    good = path.read_bytes()
    counted = (b"entry_part", b"ngram_hash")  # a number in the header that is not that of the array
    cases = [
        (b"PAR1" + good, "not a benchmark index"),
        (b"", "not a benchmark index"),
        (good[:8] + struct.pack("<I", 9) + good[12:], "index format 9"),
        (good[:200], "header is cut off"),
        (good[:-8], "digest differs"),
        (good[:-20] + b"\1" + good[-19:], "digest differs"),
        (good.replace(b'"scheme":"1-', b'"scheme":"7-'), "scheme 7-"),
        *((re.sub(name + rb'","<u4",\d', name + b'","<u4",9', good), "header is cut off") for name in counted),
    ]
    for data, message in cases:
        path.write_bytes(data)
        with pytest.raises(ValueError, match=message) as error:
            load_index(path)
        assert str(path) in str(error.value)
