"""The quality stage: golden cases in both directions for every reason, presets, overrides, columns, library call."""

import json
from pathlib import Path

import numpy as np
import pytest

import cci_tools
from cci_tools.kernels.measures import MEASURES
from cci_tools.quality.measures import QUALITY, from_struct, measure, to_struct
from cci_tools.quality.presets import PRESETS, REASONS, judge, rule, rules_of
from cci_tools.quality.stage import Quality
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "quality"
LAW = "第一条 为了规范档案管理，根据有关法律，制定本办法。\n第二条 本市行政区域内的档案工作，适用本办法。\n"


def cases(name: str) -> list[dict]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("reason", [*REASONS, "low_score", "survives"])
def test_golden(reason: str) -> None:
    rows = cases(reason)
    assert reason == "survives" or {row["rejected"] for row in rows} == {True, False}
    for row in rows:
        text = row["text"] * row.get("times", 1)
        settings = {name: row[name] for name in ("preset", "thresholds", "min_score") if name in row}
        stage = Quality(**settings) if reason in ("low_score", "survives") else Quality(model="", **settings)
        batch = apply(stage, make_batch([text]))
        found = batch.column("reason")[0].as_py()
        assert found == (f"quality.{reason}" if row["rejected"] else None), text[:200]
        assert batch.column("text")[0].as_py() == text


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_conforms(preset: str) -> None:
    check_stage(Quality(preset=preset, model=""))


def test_presets_have_the_published_figures() -> None:
    values = {name: {r.name: r.value for r in rules} for name, rules in PRESETS.items()}
    fineweb = values["fineweb2-zh"]
    assert [fineweb[f"max_top_{n}gram_fraction"] for n in (2, 3, 4)] == [0.256, 0.201, 0.171]
    repeated = [fineweb[f"max_duplicate_{n}gram_fraction"] for n in range(5, 11)]
    assert repeated == [0.198, 0.182, 0.167, 0.154, 0.14, 0.127]
    assert fineweb["max_duplicate_line_fraction"] == 0.287
    assert (fineweb["min_punctuated_line_fraction"], fineweb["max_newline_ratio"]) == (0.106, 0.178)
    assert (fineweb["min_alphabetic_fraction"], fineweb["min_stop_words"]) == (0.735, 2)
    casia = values["chinesewebtext"]
    assert (casia["min_characters"], casia["min_mean_line_length"], casia["min_hanzi_fraction"]) == (201, 10, 0.3)
    assert casia["max_duplicate_13gram_fraction"] == 0.5
    mapcc = values["map-cc"]
    assert [mapcc[f"max_top_{n}gram_fraction"] for n in (2, 3, 4)] == [0.2, 0.18, 0.16]
    assert (mapcc["min_characters"], mapcc["max_characters"], mapcc["min_unigram_entropy"]) == (50, 10_000, 3)
    assert values["cci4"] == {"min_mean_line_length": 10, "min_characters": 100, "max_characters": 20_000}


def test_every_rule_gives_a_declared_reason() -> None:
    assert {r.reason for rules in PRESETS.values() for r in rules} <= set(REASONS)
    assert set(Quality.reasons) == {*REASONS, "low_score", "high_perplexity"}


def test_verdicts_can_be_given_again_from_the_column() -> None:
    texts = [row["text"] * row.get("times", 1) for name in REASONS for row in cases(name)]
    batch = apply(Quality(model="", thresholds={"min_characters": 0}), make_batch(texts))
    again = from_struct(batch.column("quality"))
    for preset in PRESETS:
        rules = rules_of(preset)
        assert np.array_equal(judge(again, rules), judge(measure(texts), rules))


def test_struct_keeps_slices() -> None:
    column = to_struct(measure([LAW, "乙", "丙丙"]))
    assert column.type == QUALITY
    assert from_struct(column.slice(1, 2))["characters"].tolist() == [1, 2]


def test_a_value_at_the_threshold_stays() -> None:
    found = measure(["甲1乙丙丁"])
    assert judge(found, [rule("max_digit_fraction", 0.2)]).tolist() == [-1]
    assert judge(found, [rule("min_digit_fraction", 0.2)]).tolist() == [-1]
    assert judge(found, [rule("max_digit_fraction", 0.19)]).tolist() == [0]


def test_a_rule_holds_only_where_it_is_given() -> None:
    short, long = "哈" * 8, "哈" * 200
    rules = [rule("max_longest_run_fraction", 0.5, characters=20)]
    assert judge(measure([short, long]), rules).tolist() == [-1, 0]


def test_override_replaces_the_value_and_keeps_the_condition() -> None:
    rules = {r.name: r for r in rules_of("cci", {"max_longest_run_fraction": 0.9, "max_lines": 5})}
    assert rules["max_longest_run_fraction"].value == 0.9
    assert rules["max_longest_run_fraction"].given == (("characters", 20),)
    assert rules["max_lines"].reason == "other_rule"
    assert len(rules) == len(PRESETS["cci"]) + 1


def test_infinity_switches_a_rule_off() -> None:
    stage = Quality(model="", thresholds={"max_longest_run_fraction": float("inf")})
    assert apply(stage, make_batch(["哈" * 60])).column("reason").to_pylist() == [None]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"preset": "gopher"}, "there is no preset 'gopher'"),
        ({"thresholds": {"hanzi": 0.3}}, "'hanzi' is not min_ or max_ and a measure"),
        ({"thresholds": {"max_words": 3.0}}, "'max_words'"),
        ({"min_score": 1.5}, "min_score"),
    ],
)
def test_wrong_settings_are_clear_errors(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Quality(**settings)


def test_detail_names_measure_value_and_threshold() -> None:
    batch = apply(Quality(model=""), make_batch(["无"]))
    detail = json.loads(batch.column("detail")[0].as_py())
    assert detail == {"rule": "characters", "value": 1.0, "threshold": 5}


def test_without_a_model_the_score_is_null() -> None:
    assert apply(Quality(model=""), make_batch([LAW, ""])).column("quality_score").null_count == 2


def test_library_call() -> None:
    table = cci_tools.quality([LAW, "无"])
    assert table.column_names == [*MEASURES, "kind", "quality_score", "quality_rank", "reason"]
    assert table.column("reason").to_pylist() == [None, "too_short"]
    assert table.column("quality_score")[0].as_py() > 0.9
    assert cci_tools.quality([LAW], preset="cci4", model="").column("reason").to_pylist() == ["too_short"]
