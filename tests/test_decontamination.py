"""Evaluation items are found however they were pasted; what they quote is left alone."""

import dataclasses
import functools
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import shared_data

from cci_tools.decontamination import match
from cci_tools.decontamination.check import HITS, check_contamination
from cci_tools.decontamination.files import read_records
from cci_tools.decontamination.frequencies import FrequencyCounter
from cci_tools.decontamination.index import index_items, load_index
from cci_tools.decontamination.items import Item, items_of
from cci_tools.decontamination.loading import index_files, load_matcher
from cci_tools.decontamination.match import Matcher, find_contamination
from cci_tools.decontamination.stage import Decontamination
from cci_tools.resources import folder
from cci_tools.stage import make_batch

GOLDEN = Path(__file__).parent / "golden" / "decontamination"
DEMO = Matcher(load_index(folder("seeds") / "benchmarks" / "demo.idx"))
ITEM = Item(
    id="a",
    benchmark="t",
    question="渡口的老艄公为什么把铜铃挂在船头而不是船尾？",
    choices=("提醒对岸的行人", "驱赶水面的野鸭", "测量河水的流速", "装饰新漆的船身"),
    correct=frozenset({0}),
)
WHOLE = f"{ITEM.question}\n" + "\n".join(f"{letter}. {text}" for letter, text in zip("ABCD", ITEM.choices, strict=True))


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("row", rows("benchmark_item"), ids=lambda row: row["why"])
def test_planted_item_is_found(row: dict[str, str]) -> None:
    hits = find_contamination([row["text"]], DEMO)
    assert [(hit.item, hit.rule) for hit in hits] == [(row["item"], row["rule"])]
    assert 0 <= hits[0].start < hits[0].end <= len(row["text"])


@pytest.mark.parametrize("row", rows("kept"), ids=lambda row: row["why"])
def test_ordinary_text_is_kept(row: dict[str, str]) -> None:
    assert find_contamination([row["text"]], DEMO) == []


@pytest.mark.parametrize("row", rows("look_alikes"), ids=lambda row: row["why"])
def test_what_looks_like_an_item_is_kept_and_the_item_found(row: dict[str, Any]) -> None:
    """Statutes that a question copies, dictionaries, poems, names that are listed together."""
    of = row["item"]
    item = Item(
        id="1",
        benchmark="t",
        question=of["question"],
        choices=tuple(of["choices"]),
        correct=frozenset(of["correct"]),
        answers=tuple(of["answers"]),
        passage=of["passage"],
    )
    index = index_items([item])
    assert find_contamination([row["text"]], index) == []
    listed = "\n".join(f"{letter}. {text}" for letter, text in zip("ABCD", item.choices, strict=False))
    answer = "".join("ABCD"[number] for number in sorted(item.correct)) or "；".join(item.answers)
    pasted = f"练习册\n{item.passage}\n{item.question}\n{listed}\n答案：{answer}\n"
    wanted = [] if len(item.correct) == len(item.choices) > 0 else ["1"]  # all right: a list as the statute has it
    assert [hit.item for hit in find_contamination([pasted], index)] == wanted


def test_span_is_the_pasted_item() -> None:
    before, after = "今天的渡口很安静，河面上起了薄雾。\n", "\n太阳出来以后，船又开了。"
    (hit,) = find_contamination([before + WHOLE + after], index_items([ITEM]))
    assert (before + WHOLE + after)[hit.start : hit.end] == WHOLE
    assert (hit.coverage, hit.choices, hit.answer) == (1.0, 1.0, 1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(ITEM.choices),
    st.sampled_from(["\n", " ", "　", "；"]),
    st.text(alphabet="春夏秋冬，。\n ", max_size=200),
)
def test_order_and_layout_make_no_difference(choices: list[str], between: str, around: str) -> None:
    text = f"{around}\n{ITEM.question}{between}{between.join(choices)}\n{around}"
    assert [hit.item for hit in find_contamination([text], MATCHER)] == ["a"]


MATCHER = Matcher(index_items([ITEM]))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert find_contamination([text, WHOLE + text], MATCHER)[-1].text == 1


def test_coverage_counts_edits() -> None:
    edited = WHOLE.replace("铜铃", "木牌")
    (hit,) = find_contamination([edited], index_items([ITEM]), threshold=0.5)
    assert hit.coverage < 1


def test_short_question_must_be_whole() -> None:
    short = Item(id="s", benchmark="t", question="石榴的籽有几种颜色？", choices=("两种以上", "只有一种"))
    index = index_items([short])
    assert find_contamination(["石榴的籽有几种颜色？两种以上；只有一种。"], index)
    assert not find_contamination(["石榴的籽大概有几种颜色？两种以上；只有一种。"], index)
    assert not find_contamination(["石榴的籽有几种颜色？"], index)


def test_question_shorter_than_an_ngram_is_found_by_what_follows() -> None:
    tiny = Item(id="s", benchmark="t", question="榫头：卯眼", choices=("锁孔：钥匙", "弓箭：靶心", "砚台：墨汁"))
    matcher = Matcher(index_items([tiny]))
    assert matcher.unreachable == 0
    text = "类比推理\n榫头∶卯眼\nA. 锁孔∶钥匙\nB. 弓箭∶靶心\nC. 砚台∶墨汁"
    assert [hit.rule for hit in find_contamination([text], matcher)] == ["question+choices"]
    assert not find_contamination(["榫头卯眼，锁孔里插着钥匙。"], matcher)


def test_generic_question_is_found_by_its_choices_or_passage() -> None:
    generic = "根据这段文字，下列理解最恰当的一项是"
    items = [
        Item(id=str(i), benchmark="t", question=generic, choices=CHOICES[i], passage=PASSAGES[i]) for i in range(40)
    ]
    matcher = Matcher(index_items(items))
    assert matcher.unreachable == 0
    text = f"{PASSAGES[7]}\n{generic}\nA. {CHOICES[7][0]}\nB. {CHOICES[7][1]}"
    assert [hit.item for hit in find_contamination([text], matcher)] == ["7"]
    assert not find_contamination([generic, PASSAGES[7]], matcher)


def _sentence(seed: int, length: int) -> str:
    return "".join(random.Random(seed).choices("山水田园渔樵耕读风雷雨雪桥路亭台鸟虫花木春秋晨昏", k=length))


CHOICES = [(_sentence(i, 12), _sentence(i + 100, 12)) for i in range(40)]
PASSAGES = [_sentence(i + 200, 80) for i in range(40)]


def test_blank_that_a_statement_fills_is_no_question() -> None:
    blank = Item(
        id="b",
        benchmark="t",
        question="______是那座旧水塔留给镇上人的最后念想",
        choices=("钟声", "青苔"),
        correct=frozenset({0}),
    )
    index = index_items([blank])
    assert not find_contamination(["钟声是那座旧水塔留给镇上人的最后念想，钟声停了。"], index)
    assert find_contamination(["______是那座旧水塔留给镇上人的最后念想（A）钟声（B）青苔"], index)


def test_several_items_in_one_text_and_one_item_twice() -> None:
    texts = [rows("benchmark_item")[0]["text"] + "\n" + rows("benchmark_item")[1]["text"], WHOLE + "\n" + WHOLE]
    assert {hit.item for hit in find_contamination(texts[:1], DEMO)} == {"demo-01", "demo-03"}
    assert len(find_contamination(texts[1:], MATCHER)) == 1


def test_common_speech_weighs_less() -> None:
    index = index_items([ITEM])
    counter = FrequencyCounter(index)
    counter.add([ITEM.question] * 200)
    counts = counter.result().of(index)
    assert counts.max() == 200
    assert find_contamination([WHOLE.replace("\n", " ")], Matcher(index))
    assert not find_contamination([ITEM.question], Matcher(index, counts))


def test_stage_drops_or_tags() -> None:
    row = rows("benchmark_item")[0]
    batch = make_batch([row["text"], "一段普通的文字。"])
    seeds = ("seeds/benchmarks/demo.idx",)
    dropped = Decontamination(indexes=seeds).process(batch)
    assert dropped.column("reason").to_pylist() == ["decontamination.benchmark_item", None]
    detail = json.loads(dropped.column("detail")[0].as_py())
    assert (detail["rule"], detail["value"], detail["threshold"]) == ("question+choices", 1.0, 0.8)
    assert (detail["benchmark"], detail["item"], len(detail["hits"])) == ("cci-demo", "demo-01", 1)
    tagged = Decontamination(indexes=seeds, action="tag").process(batch)
    assert tagged.column("reason").null_count == 2
    (hit,) = json.loads(tagged.column("contamination")[0].as_py())
    assert (hit["benchmark"], hit["item"], hit["coverage"]) == ("cci-demo", "demo-01", 1.0)
    assert row["text"][slice(*hit["span"])].startswith("某学习小组")
    assert tagged.column("contamination")[1].as_py() is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"indexes": ()}, "indexes"),
        ({"action": "remove"}, "action"),
        ({"threshold": 0.2}, "threshold"),
        ({"threshold": 0.95, "alone": 0.9}, "alone"),
    ],
)
def test_wrong_configuration_is_named(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Decontamination(**fields)


def test_folder_means_its_indexes_in_order(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no benchmark index"):
        index_files([str(tmp_path)])
    for name in ("b.idx", "a.idx", "note.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in index_files([str(tmp_path)])] == ["a.idx", "b.idx"]
    with pytest.raises(FileNotFoundError, match="missing"):
        index_files([str(tmp_path / "missing.idx")])


def test_check_of_a_corpus(tmp_path: Path) -> None:
    texts = [row["text"] for row in rows("benchmark_item")[:2]] + ["普通文字"]
    batches = [
        make_batch(texts[:1], id=["x"], origin=["f#1"]),
        make_batch(texts[1:], id=["y", "z"], origin=["f#2", "f#3"]),
    ]
    summary = check_contamination(batches, ["seeds/benchmarks/demo.idx"], tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "hits.parquet")
    assert table.schema.equals(HITS)
    assert table.select(["id", "origin", "item"]).to_pylist() == [
        {"id": "x", "origin": "f#1", "item": "demo-01"},
        {"id": "y", "origin": "f#2", "item": "demo-03"},
    ]
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8")) == summary
    assert (summary["documents"], summary["documents_hit"]) == (3, 2)
    demo = summary["benchmarks"]["cci-demo"]
    assert (demo["items"], demo["items_found"], demo["share"], demo["hits"]) == (12, 2, 0.166667, 2)


def test_check_of_an_empty_corpus(tmp_path: Path) -> None:
    check_contamination([], ["seeds/benchmarks/demo.idx"], tmp_path)
    assert pq.read_table(tmp_path / "hits.parquet").num_rows == 0


def test_long_text_is_matched_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    filler = "".join(chr(0x4E00 + i * 37 % 9_000) for i in range(1_000)) + "\n"
    text = filler * 3 + WHOLE + "\n" + filler * 5
    (wanted,) = find_contamination([text], MATCHER)
    monkeypatch.setattr(match, "OVERLAP", 400)
    for size in (700, 1_000, 1_537, 3_070):
        monkeypatch.setattr(match, "PIECE", size)
        assert find_contamination(["短", text], MATCHER) == [dataclasses.replace(wanted, text=1)]


def test_arrow_slices_and_nulls() -> None:
    texts = pa.array(["x", None, WHOLE, "y"])
    assert [hit.text for hit in find_contamination(texts.slice(1, 2), MATCHER)] == [1]


def test_no_real_document_is_dropped() -> None:
    rows = list(read_records(shared_data("corpus", "small_public.jsonl.zst")))
    hits = find_contamination([row["text"] for row in rows], seeds())
    assert [(rows[hit.text]["id"], hit.item) for hit in hits] == []


@pytest.mark.parametrize("name", ["agieval", "gaokao-bench", "cmrc2018", "math23k"])
def test_shipped_index_finds_its_benchmark(name: str) -> None:
    items = list(items_of(list(read_records(shared_data("evals", f"{name}.jsonl.zst"))), benchmark=name))[::40]
    texts = [
        "\n".join((item.passage, item.question, *item.choices, "答案：" + "".join(item.answers))) for item in items
    ]
    found = {hit.text for hit in find_contamination(texts, seeds())}
    assert len(found) >= 0.9 * len(items)  # sums of a few digits are too short to tell


@functools.cache
def seeds() -> Matcher:
    return load_matcher(("seeds/benchmarks",))
