"""Items are cut out of documents with the sentences that they touch, and nothing else changes."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools.decontamination.cut import Cut, cut_items, item_bounds
from cci_tools.decontamination.index import load_index
from cci_tools.decontamination.match import Hit, Matcher, find_contamination
from cci_tools.decontamination.stage import Decontamination
from cci_tools.resources import folder
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage

GOLDEN = Path(__file__).parent / "golden" / "decontamination"
DEMO = Matcher(load_index(folder("seeds") / "benchmarks" / "demo.idx"))
STAGES = {
    action: Decontamination(indexes=("seeds/benchmarks/demo.idx",), action=action) for action in ("drop", "cut", "tag")
}


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


def search(text: str) -> list[Hit]:
    return find_contamination([text], DEMO)


def cut(text: str) -> Cut:
    return cut_items(text, search)


@pytest.mark.parametrize("row", rows("cut"), ids=lambda row: row["why"])
def test_item_is_cut_and_the_rest_kept(row: dict[str, str]) -> None:
    result = STAGES["cut"].process(make_batch([row["text"]]))
    assert result.column("reason").to_pylist() == [None]
    assert result.column("text").to_pylist() == [row["left"]]
    hits = json.loads(result.column("contamination")[0].as_py())
    assert {hit["item"] for hit in hits} == set(row["items"])
    for hit in hits:
        start, end = hit["cut"]
        assert start <= hit["span"][0] < hit["span"][1] <= end
        assert hit["ngrams"] > 0
    again = STAGES["cut"].process(make_batch([row["left"]]))
    assert again.column("text").to_pylist() == [row["left"]]
    assert again.column("contamination").to_pylist() == [None]


@pytest.mark.parametrize("row", rows("too_little_left"), ids=lambda row: row["why"])
def test_too_little_left_is_rejected_whole(row: dict[str, str]) -> None:
    result = STAGES["cut"].process(make_batch([row["text"]]))
    assert result.column("reason").to_pylist() == ["decontamination.too_little_left"]
    assert result.column("text").to_pylist() == [row["text"]]
    detail = json.loads(result.column("detail")[0].as_py())
    assert detail["value"] < detail["threshold"]
    assert detail["hits"]


@pytest.mark.parametrize("action", STAGES)
@pytest.mark.parametrize("row", rows("kept"), ids=lambda row: row["why"])
def test_ordinary_text_stays_to_the_byte(row: dict[str, str], action: str) -> None:
    result = STAGES[action].process(make_batch([row["text"]]))
    assert result.column("text").to_pylist() == [row["text"]]
    assert (result.column("reason").null_count, result.column("contamination").null_count) == (1, 1)


@pytest.mark.parametrize("row", rows("cut"), ids=lambda row: row["why"])
def test_the_other_actions_leave_the_text(row: dict[str, str]) -> None:
    for action, reasons in (("drop", ["decontamination.benchmark_item"]), ("tag", [None])):
        result = STAGES[action].process(make_batch([row["text"]]))
        assert result.column("reason").to_pylist() == reasons
        assert result.column("text").to_pylist() == [row["text"]]
        tagged = json.loads(result.column("contamination")[0].as_py())
        assert {hit["item"] for hit in tagged} == set(row["items"])
        if action == "drop":
            assert json.loads(result.column("detail")[0].as_py())["hits"] == tagged


@pytest.mark.parametrize("action", STAGES)
def test_stage_keeps_the_contract(action: str) -> None:
    check_stage(STAGES[action])


def test_rows_that_are_rejected_already_are_left_alone() -> None:
    batch = make_batch([row["text"] for row in rows("cut")[:3]], reason=[None, "quality.x", None])
    result = STAGES["cut"].process(batch)
    assert result.column("text")[1] == batch.column("text")[1]
    assert [text.as_py() for text in result.column("text")][0::2] == [row["left"] for row in rows("cut")[0:3:2]]
    assert result.column("contamination")[1].as_py() is None
    assert result.schema.field("text") == batch.schema.field("text")


def test_wrong_settings_are_named() -> None:
    for name, value in (("keep_characters", 0), ("keep_share", 1.5)):
        with pytest.raises(ValueError, match=name):
            Decontamination(**{name: value})


ITEMS = [row["text"] for row in rows("benchmark_item")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(ITEMS), st.text(alphabet="春夏秋冬，。？\n ”（）A．12😀𠮷", max_size=60)), max_size=5
    )
)
def test_a_second_pass_finds_nothing(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    result = cut(text)
    assert result.clean
    assert search(result.text) == []
    assert cut(result.text).text == result.text
    kept = iter(text)
    assert all(character in kept for character in result.text)  # in order: nothing was put in or moved
    assert result.text.encode().decode() == result.text  # no half of a pair
    for hit, (start, end) in zip(result.hits, result.places, strict=True):
        assert 0 <= start <= hit.start < hit.end <= end <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="甲乙。？\n ”A．1答案：，", max_size=80), st.data())
def test_bounds_hold_the_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    end = data.draw(st.integers(start, len(text)))
    begin, finish = item_bounds(text, start, end)
    assert 0 <= begin <= start <= end <= finish <= len(text)


def test_long_lines_are_cut_at_a_clause() -> None:
    text = "甲" * 500 + "，" + "乙" * 30 + "题目" + "丙" * 30 + "，" + "丁" * 500
    at = text.index("题目")
    assert text[slice(*item_bounds(text, at, at + 2))] == "乙" * 30 + "题目" + "丙" * 30


def test_a_search_that_never_ends_is_told() -> None:
    endless = Hit(0, "b", "", "1", "question", 1.0, 0.0, 0.0, 0.0, 1, 0, 1)
    result = cut_items("甲。" * 100, lambda text: [endless] if text else [])
    assert not result.clean


def test_text_column_may_be_large() -> None:
    row = rows("cut")[0]
    batch = make_batch([row["text"], "乙"])
    table = pa.Table.from_batches([batch])
    left = STAGES["cut"](table)
    assert left.column("text").to_pylist() == [row["left"], "乙"]
