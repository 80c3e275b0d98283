"""Cleaning: golden cases in both directions, soundness of the scan, idempotence, and the stage."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools.cleaning import boilerplate, repair
from cci_tools.cleaning.repair import LIMIT, clean, clean_text
from cci_tools.cleaning.rules import FORMAT, NAMES, plan
from cci_tools.cleaning.stage import Cleaning
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.scan import scan
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "cleaning"
VERDICTS = tuple(Cleaning.reasons)


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").split("\n") if line]


CASES = [(name, row) for name in (*NAMES, *VERDICTS) for row in rows(name)]


@pytest.mark.parametrize("name", NAMES)
def test_five_golden_cases_in_both_directions(name: str) -> None:
    changed = sum(row["text"] != row["cleaned"] for row in rows(name))
    assert changed >= 5 and len(rows(name)) - changed >= 5


def test_golden_files_are_those_of_the_rules() -> None:
    """No rule without cases, no cases without a rule; each rule for page furniture has its own ten."""
    files = {path.stem for path in GOLDEN.glob("*.jsonl")}
    assert files == {*NAMES, *VERDICTS, "script_simplified", "script_traditional", "boilerplate_rules"}
    count = Counter((row["rule"], row["goes"]) for row in rows("boilerplate_rules"))
    ids = [rule.id for rule in boilerplate.load().rules]
    assert {rule for rule, _ in count} == set(ids)
    assert all(count[rule, goes] >= 5 for rule in ids for goes in (True, False))


@pytest.mark.parametrize("name", VERDICTS)
def test_five_golden_verdicts_in_both_directions(name: str) -> None:
    rejected = sum(row["reject"] is not None for row in rows(name))
    assert rejected >= 5 and len(rows(name)) - rejected >= 5


@pytest.mark.parametrize(("name", "row"), [case for case in CASES if case[0] in NAMES])
def test_golden_repair(name: str, row: dict[str, str]) -> None:
    result = clean(row["text"], url=row.get("url"))
    assert result.text == row["cleaned"]
    assert (name in result.repairs) == (row["text"] != row["cleaned"])


@pytest.mark.parametrize(("name", "row"), [case for case in CASES if case[0] in VERDICTS])
def test_golden_verdict(name: str, row: dict[str, str]) -> None:
    result = clean(row["text"])
    assert result.reject == row["reject"]
    if result.reject:
        assert result.detail["rule"] == name and result.detail["value"] >= result.detail["threshold"] * (
            name != "empty"
        )


FRAGMENTS = sorted(
    {row["text"] for _, row in CASES} | {"&", "amp;", "#", "nbsp", ";", "<", ">", "p", "\\u4e2d", "\r", "\n", " ", "("}
)
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=8)
texts = st.tuples(texts, st.sampled_from(["", "\n", " ", "\u3000"])).map(lambda pair: pair[1].join(pair[0]))
texts = texts.map(lambda text: text.encode("utf-8", "replace").decode())


@settings(deadline=None)
@given(texts)
def test_a_rule_changes_nothing_where_its_flag_is_not_set(text: str) -> None:
    chosen = plan()
    flags = int(scan(*text_buffers([text]), chosen.needles)[0])
    for rule in chosen.rules:
        if not flags & rule.flags:
            assert rule.apply(text)[0] == text, rule.name


@settings(deadline=None)
@given(texts)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    twice = clean(once.text)
    assert twice.text == once.text and not twice.repairs
    assert (twice.reject, twice.residue) == (once.reject, once.residue)


@settings(deadline=None)
@given(texts)
def test_count_is_zero_if_and_only_if_nothing_changed(text: str) -> None:
    result = clean(text)
    assert bool(result.repairs) == (result.text != text)
    assert all(count > 0 for count in result.repairs.values())


@settings(deadline=None)
@given(st.lists(texts, max_size=6))
def test_batch_equals_single_texts(batch: list[str]) -> None:
    whole = repair.clean_all(pa.array(batch, pa.string()), np.arange(len(batch)), plan())
    for row, text in enumerate(batch):
        single = clean(text)
        assert whole.get(row, repair.Cleaned(text)) == single


def test_check_stage() -> None:
    check_stage(Cleaning())
    check_stage(Cleaning(skip=("boilerplate", "punctuation"), keep=("spun_copy",)))


def test_every_stage_column() -> None:
    batch = make_batch(["第一条&nbsp;总则 \r\n", "第一条 总则", "管教\ufffd一轮", "……"])
    out = apply(Cleaning(), batch)
    assert out.column("text").to_pylist() == ["第一条 总则\n", "第一条 总则", "管教\ufffd一轮", "……"]
    assert out.column("repairs").to_pylist() == [4, 0, 0, 0]
    assert out.column("residue").to_pylist() == [0, 0, 1, 0]
    assert json.loads(out.column("cleaned")[0].as_py()) == {
        "line_ends": 1,
        "entities": 1,
        "trailing": 1,
        "wide_spaces": 1,
    }
    assert out.column("cleaned").to_pylist()[1:] == [None, None, None]
    assert out.column("reason").to_pylist() == [None, None, None, "cleaning.empty"]
    assert json.loads(out.column("detail")[3].as_py()) == {"rule": "empty", "value": 1.0, "threshold": 1}


ARTICLE = "市政府今天召开全体会议，研究部署下半年重点工作，审议并原则通过有关文件。\n会议强调，要持续改善民生。"


def test_skip_and_keep() -> None:
    text = "第一条&nbsp;为了规范管理，制定本办法。"
    assert apply(Cleaning(skip=("entities",)), make_batch([text])).column("text").to_pylist() == [text]
    assert apply(Cleaning(keep=("empty",)), make_batch([""])).column("reason").to_pylist() == [None]
    with pytest.raises(ValueError, match=r"cleaning\.skip.*entity.*entities"):
        Cleaning(skip=("entity",))
    with pytest.raises(ValueError, match=r"cleaning\.keep.*nothing"):
        Cleaning(keep=("nothing",))


def test_a_repair_that_would_remove_too_much_is_given_up() -> None:
    furniture = "责任编辑：王某\n【打印本页】【关闭窗口】"  # 14 Hanzi
    short, long = "今天发布短讯一条。" * 4, "今天发布短讯一条。" * 5  # 32 and 40 Hanzi
    assert 14 / 46 > LIMIT > 14 / 54
    assert clean(f"{short}\n{furniture}").repairs == {}
    assert clean(f"{long}\n{furniture}").text == long


def test_share_of_lost_characters() -> None:
    sound = [f"第{i}天，{ARTICLE}" for i in range(120)]
    broken = "".join(f"会议\ufffd\ufffd开幕，{line}" for line in sound[:3])
    below, above = ("".join(sound[:days]) + broken for days in (120, 80))
    assert 6 / len(below) < 0.001 < 6 / len(above)
    assert clean(below).reject is None and clean(above).reject == "mojibake"


def test_texts_of_the_wrong_type() -> None:
    for wrong in (None, b"text", 3, ["text"]):
        with pytest.raises(TypeError, match=f"expected str, got {type(wrong).__name__}"):
            clean_text(wrong)  # type: ignore[arg-type]


def test_the_address_of_the_page() -> None:
    url = "http://news.example/1"
    batch = make_batch([f"{url}\n{ARTICLE}", f"{url}\n{ARTICLE}"], url=[url, "http://news.example/2"])
    assert apply(Cleaning(), batch).column("text").to_pylist() == [ARTICLE, f"{url}\n{ARTICLE}"]


def test_large_text_in_one_line() -> None:
    text = "中华人民共和国" * 200_000
    assert clean_text(text) == text
    assert Counter(clean_text(text + "\u200b" * 9)) == Counter(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000 + "](x)&nbsp;",
        " " * 300_000 + "共找到 [1] 下一页 纠错】",
        "\u3000" * 300_000 + "下一页",
        "<!--" * 100_000 + "&nbsp",
        "<script>" * 50_000,
        "<pre><code>" * 50_000 + "&nbsp;",
        "<!--enpproperty" * 30_000,
        "TRS_Editor" + " a , " * 50_000,
        "上一页" + "<" * 200_000 + "x",
        "下一页" + "1" * 200_000 + "x",
        "&amp;" * 100_000,
        "&#38;" * 100_000 + "#",
        "`" * 100_001 + "a&nbsp;",
        "\\u4e2d" * 100_000 + "\\u",
        "(" * 300_000,
        "中 " * 200_000,
        "打印本页" * 24 + "x\n" + "责任编辑：王某 " * 12 + "x",
        "\n" * 300_000 + "中",
        "锛" * 300_000,
        "Ã" * 300_000,
        "\ue000中" * 100_000,
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_long_and_hostile_texts_end_and_stay(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


def test_format_rules_exist() -> None:
    assert set(FORMAT) <= set(NAMES)
