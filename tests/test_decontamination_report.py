"""What is reported of contamination, frequencies of n-grams, and the commands."""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from rich.console import Console

from cci_tools import schema
from cci_tools.cli import main
from cci_tools.decontamination.frequencies import FrequencyCounter, load_frequencies
from cci_tools.decontamination.index import index_items, load_index
from cci_tools.decontamination.items import Item
from cci_tools.decontamination.match import Matcher, find_contamination
from cci_tools.decontamination.stage import Decontamination
from cci_tools.decontamination.tally import Tally
from cci_tools.ledger import Ledger
from cci_tools.report.contamination import contamination_report, contamination_table, published_contamination
from cci_tools.resources import folder
from cci_tools.stage import make_batch
from cci_tools.walk import walk

GOLDEN = Path(__file__).parent / "golden" / "decontamination"
DEMO = "seeds/benchmarks/demo.idx"
SIZES = {"cci-demo": 12, "other": 5}


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


FOUND = [row["text"] for row in rows("benchmark_item")[:3]]
LEFT = [row["text"] for row in rows("kept")[:3]]
URLS = ["http://a.example/1", "http://a.example/2", "http://b.example/", None, "http://c.example/", "http://["]


def walked(action: str) -> tuple[list[pa.RecordBatch], list[pa.RecordBatch]]:
    stage = Decontamination(indexes=(DEMO,), action=action)
    batch = make_batch(FOUND + LEFT, url=URLS)
    pairs = list(walk([batch], [stage], Ledger()))
    return [kept for kept, _ in pairs], [gone for _, rejects in pairs for gone in rejects]


@pytest.mark.parametrize(("action", "outcome"), [("drop", "dropped"), ("tag", "kept")])
def test_report_of_a_run(action: str, outcome: str) -> None:
    report = contamination_report(*walked(action), SIZES)
    assert report["documents"] == {"dropped": 0, "cut": 0, "kept": 0} | {outcome: 3}
    demo = report["benchmarks"]["cci-demo"]
    assert (demo["items"], demo["items_found"], demo["hits"], demo["documents"]) == (12, 3, 3, {outcome: 3})
    assert demo["hosts"] == [{"host": "a.example", "documents": 2}, {"host": "b.example", "documents": 1}]
    assert sum(demo["coverage"].values()) == 3
    assert report["benchmarks"]["other"]["hits"] == 0


def test_report_counts_cut_documents() -> None:
    texts = [row["text"] for row in rows("cut")[:2]]
    stage = Decontamination(indexes=(DEMO,), action="cut")
    ((kept, rejects),) = walk([make_batch(texts)], [stage], Ledger())
    report = contamination_report([kept], rejects, SIZES)
    assert report["documents"] == {"dropped": 0, "cut": 2, "kept": 0}
    assert report["benchmarks"]["cci-demo"]["hosts"] == [{"host": "", "documents": 2}]


@pytest.mark.parametrize("action", ["drop", "tag"])
def test_report_is_made_from_the_published_files(tmp_path: Path, action: str) -> None:
    kept, rejects = walked(action)
    for name, batches in (("data", kept), ("rejects", rejects)):
        (tmp_path / name).mkdir()
        if batches:
            pq.write_table(pa.Table.from_batches(batches), tmp_path / name / "0.parquet")
    assert published_contamination(tmp_path, SIZES) == contamination_report(kept, rejects, SIZES)


def test_report_of_a_run_without_the_stage(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"text": ["甲"]}), tmp_path / "data" / "0.parquet")
    report = published_contamination(tmp_path, {})
    assert report == {"documents": {"dropped": 0, "cut": 0, "kept": 0}, "benchmarks": {}}


def test_other_rejects_are_not_counted() -> None:
    row = dict.fromkeys(schema.REJECTS.names, "x") | {
        "stage": "quality",
        "detail": '{"rule": 1}',
        "similarity": 0.0,
    }
    report = contamination_report([], [pa.RecordBatch.from_pylist([row], schema.REJECTS)], SIZES)
    assert sum(report["documents"].values()) == 0


HIT = {"benchmark": "b", "split": "", "item": "1", "rule": "question", "coverage": 0.93}


def test_tallies_add_up_in_any_order() -> None:
    added = [
        ([HIT], "a.cn", "cut"),
        ([HIT, {**HIT, "item": "2", "coverage": 1.0}], None, "kept"),
        ([{**HIT, "benchmark": "c", "coverage": 0.0, "rule": "passage+choices"}], "a.cn", "dropped"),
    ]
    whole, left, right = Tally({"b": 4}), Tally({"b": 4}), Tally({})
    for number, document in enumerate(added):
        whole.add(*document)
        (left if number % 2 else right).add(*document)
    assert (left + right).report() == (right + left).report() == whole.report()
    report = whole.report()["b"]
    assert (report["items_found"], report["share"], report["hits"]) == (2, 0.5, 3)
    assert report["documents"] == {"cut": 1, "kept": 1}
    assert {edge: count for edge, count in report["coverage"].items() if count} == {"0.9": 2, "1": 1}
    assert whole.report()["c"]["items"] is None
    assert whole.report()["c"]["coverage"]["0"] == 1


def test_table_shows_every_benchmark() -> None:
    tally = Tally({"甲集": 10, "乙集": 20})
    tally.add([{**HIT, "benchmark": "甲集"}], "a.cn", "kept")
    console = Console(width=200)
    with console.capture() as capture:
        console.print(contamination_table(tally.report()))
    text = capture.get()
    assert "甲集" in text and "乙集" in text and "10.00%" in text and "a.cn (1)" in text


ITEM = Item(
    id="1",
    benchmark="t",
    question="为什么说修好这一段河堤是今年全镇防汛工作里最要紧的一件事情呢？",
    choices=("沿河住户最多", "石料已经备齐", "河道变得更窄"),
    correct=frozenset({0}),
)
WHOLE = f"{ITEM.question}\nA. 沿河住户最多\nB. 石料已经备齐\nC. 河道变得更窄"
SAYING = "修好这一段河堤是今年全镇防汛工作里最要紧的一件事情"


def learnt(texts: list[str]) -> Matcher:
    index = index_items([ITEM])
    counter = FrequencyCounter(index)
    counter.add(texts)
    return Matcher(index, counter.result().of(index))


def test_what_a_corpus_says_often_is_no_evidence() -> None:
    asked = f"会上有人问：{ITEM.question}大家议论了一阵。"
    assert find_contamination([asked], index_items([ITEM]))
    often = learnt([f"镇长说，{SAYING}，{number}号再议。" for number in range(200)])
    assert not find_contamination([asked], often)
    assert find_contamination([WHOLE], often)  # with its choices it still is the item


def test_a_question_that_was_copied_often_does_not_hide_itself() -> None:
    often = learnt([f"第{number}份卷子\n{WHOLE}" for number in range(500)])
    assert [hit.coverage for hit in find_contamination([WHOLE, f"问：{ITEM.question}"], often)] == [1.0, 1.0]


def test_frequencies_do_not_depend_on_order_or_batches(tmp_path: Path) -> None:
    index = load_index(folder("seeds") / "benchmarks" / "demo.idx")
    texts = [row["text"] for name in ("benchmark_item", "kept", "cut") for row in rows(name)]
    whole = FrequencyCounter(index)
    whole.add(texts)
    random.Random(1).shuffle(texts)
    parts = [FrequencyCounter(index) for _ in range(3)]
    for number, part in enumerate(parts):
        part.add(texts[number::3])
        part.add([])
    added = parts[2].result() + parts[0].result() + parts[1].result()
    whole.result().save(tmp_path / "a.freq")
    added.save(tmp_path / "b.freq")
    assert (tmp_path / "a.freq").read_bytes() == (tmp_path / "b.freq").read_bytes()
    read = load_frequencies(tmp_path / "a.freq")
    assert read.documents == len(texts)
    assert read.counts.max() > 0
    assert (read.of(index) == whole.result().of(index)).all()


def test_unusable_frequencies_are_named(tmp_path: Path) -> None:
    index = load_index(folder("seeds") / "benchmarks" / "demo.idx")
    path = tmp_path / "x.freq"
    with pytest.raises(FileNotFoundError, match="no such file of frequencies"):
        load_frequencies(path)
    counter = FrequencyCounter(index)
    counter.result().save(path)
    good = path.read_bytes()
    for data, message in (
        (b"PAR1" + good, "not a file of frequencies"),
        (good[:8] + b"\x09" + good[9:], "format 9"),
        (good[:30], "header is cut off"),
        (good[:-4], "digest differs"),
        (good.replace(b'"scheme":"1-', b'"scheme":"7-'), "scheme 7-"),
    ):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=message) as error:
            load_frequencies(path)
        assert str(path) in str(error.value)
    path.write_bytes(good)
    with pytest.raises(ValueError, match="counted for other benchmark indexes"):
        load_frequencies(path).of(index_items([ITEM]))
    with pytest.raises(ValueError, match=r"x\.freq: .*other benchmark indexes"):
        Decontamination(indexes=("seeds/benchmarks/math23k.idx",), frequencies=str(path)).open()
    Decontamination(indexes=(DEMO,), frequencies=str(path)).open()


def corpus(path: Path) -> Path:
    path.mkdir()
    lines = [
        json.dumps({"text": text, "url": url}, ensure_ascii=False) for text, url in zip(FOUND + LEFT, URLS, strict=True)
    ]
    (path / "a.jsonl").write_bytes("\n".join([*lines, '{"text": ', "\x00\udcff"]).encode("utf-8", "surrogateescape"))
    pq.write_table(pa.table({"text": FOUND[:1], "id": ["p"]}), path / "b.parquet")
    (path / "c.txt").write_text(FOUND[1], encoding="gb18030")
    return path


def test_check_of_every_format_and_of_broken_input(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["check-contamination", str(corpus(tmp_path / "in")), "--index", DEMO, "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.output
    found = pq.read_table(tmp_path / "out" / "hits.parquet").to_pylist()
    assert sorted({row["origin"].split("#")[0].split("/")[-1] for row in found}) == ["a.jsonl", "b.parquet", "c.txt"]
    assert all(0 <= row["span_start"] < row["span_end"] for row in found)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["documents_hit"], summary["hits"], summary["unreadable"]) == (5, 5, 2)
    hosts = {row["host"]: row["documents"] for row in summary["benchmarks"]["cci-demo"]["hosts"]}
    assert hosts == {"": 2, "a.example": 2, "b.example": 1}
    assert "cci-demo" in result.output and "2 of them unreadable" in result.output


def test_frequencies_from_the_command_line(tmp_path: Path) -> None:
    made = tmp_path / "x.freq"
    source = str(corpus(tmp_path / "in"))
    counted = CliRunner().invoke(main, ["index", "frequencies", source, "--index", DEMO, "--out", str(made)])
    assert counted.exit_code == 0, counted.output
    arguments = ["check-contamination", source, "--index", DEMO, "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(main, [*arguments, "--frequencies", str(made)]).exit_code == 0
    wrong = CliRunner().invoke(main, [*arguments, "--frequencies", str(tmp_path / "none.freq")])
    assert wrong.exit_code == 2
    assert "none.freq" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check-contamination", "nowhere", "--index", DEMO, "--out", "o"], "nowhere"),
        (["check-contamination", "{in}", "--index", "nowhere.idx", "--out", "o"], "nowhere.idx"),
        (["check-contamination", "{in}", "--index", "{in}/a.jsonl", "--out", "o"], "not a benchmark index"),
        (["index", "benchmarks", "{in}/c.txt", "--out", "o.idx"], "ends in .json"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    source = corpus(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    indexed = [argument.replace("{in}", str(source)) for argument in arguments]
    result = CliRunner().invoke(main, indexed)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_indexes_are_merged_from_the_command_line(tmp_path: Path) -> None:
    one, both = tmp_path / "one.jsonl", tmp_path / "both.idx"
    one.write_text(
        json.dumps({"question": ITEM.question, "choices": ITEM.choices}, ensure_ascii=False), encoding="utf-8"
    )
    demo = str(folder("seeds") / "benchmarks" / "demo.idx")
    result = CliRunner().invoke(main, ["index", "benchmarks", demo, str(one), "--out", str(both), "--licence", "MIT"])
    assert result.exit_code == 0, result.output
    merged = load_index(both)
    assert [(of.benchmark, of.items, of.licence) for of in merged.sets] == [
        ("cci-demo", 12, "Apache-2.0"),
        ("one", 1, "MIT"),
    ]
    assert {hit.benchmark for hit in find_contamination([WHOLE, FOUND[0]], merged)} == {"one", "cci-demo"}
