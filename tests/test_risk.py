"""The risk stage: golden cases both ways for every category, its settings, and how verdicts come about."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from cci_tools.compliance.libraries import LibraryError
from cci_tools.compliance.stage_risk import EXEMPT_TIERS, Risk
from cci_tools.quality.fit import fit
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "risk"
CATEGORIES = ("advertising", "fraud", "gambling", "pornography")
CASES = [
    (category, row["text"], row["caught"])
    for category in CATEGORIES
    for row in map(json.loads, (GOLDEN / f"{category}.jsonl").read_text(encoding="utf-8").strip().split("\n"))
]
ADVERT = "长期代开正规发票，验证后付款，电话13812345678"
OWN = """
category = "smoking"
[[group]]
weight = 3
words = ["免税香烟批发"]
[cues]
contact = ["加微信"]
"""


def verdicts(stage: Risk, texts: list[str]) -> tuple[list[str | None], list[dict | None]]:
    result = apply(stage, make_batch(texts)).to_pydict()
    return result["reason"], [json.loads(risk) if risk else None for risk in result["risk"]]


@pytest.mark.parametrize(("category", "text", "caught"), CASES, ids=lambda value: str(value)[:24])
def test_golden(category: str, text: str, caught: bool) -> None:
    (reason,), (found,) = verdicts(Risk(), [text])
    assert (reason is not None) == caught, found
    if caught:
        assert reason == f"risk.{category}", found


def test_there_are_enough_cases_of_both_kinds() -> None:
    for category in CATEGORIES:
        for caught in (True, False):
            assert sum(case[0] == category and case[2] == caught for case in CASES) >= 8


def test_settings_are_stages(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    for stage in (Risk(), Risk(actions={"default": "review"}), Risk(libraries=(str(own),), min_score=1.0)):
        check_stage(stage)
        hash(stage)
    assert Risk().resolved()["words"] >= 10_000 and tuple(Risk().resolved()["categories"]) == CATEGORIES


def test_reports_and_long_texts_stay() -> None:
    report = "警方提醒，受害人看到“代开正规发票”的广告后被骗，民警依法立案侦查，记者就此采访了税务局。"
    long = "市政府召开会议，部署年度重点工作，听取各部门汇报。" * 200 + ADVERT
    reasons, found = verdicts(Risk(), [ADVERT, report, long, "市政府召开会议。"])
    assert reasons == ["risk.fraud", None, None, None]
    assert found[1]["fraud"]["contexts"] >= 4 and found[2]["fraud"]["density"] < 5 and found[3] is None


def test_detail_says_why() -> None:
    detail = json.loads(apply(Risk(), make_batch([ADVERT])).column("detail")[0].as_py())
    assert detail["rule"] == "keywords" and detail["category"] == "fraud" and detail["threshold"] == 4.0
    assert detail["value"] >= 4 and "number" in detail["cues"] and any("发票" in word for word in detail["words"])


def test_a_tier_may_be_exempt() -> None:
    stage, batch = Risk(), make_batch([ADVERT] * 3)
    with_tier = batch.append_column("tier", pa.array(["central_news", "unknown", None]))
    result = apply(stage, with_tier).to_pydict()
    assert result["reason"] == [None, "risk.fraud", "risk.fraud"] and None not in result["risk"]
    assert "central_government" in EXEMPT_TIERS and "local_newspaper" in EXEMPT_TIERS
    assert not {"government_unclassified", "unknown", "claimed", "user_content"} & set(EXEMPT_TIERS)


def test_actions_and_own_categories(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")
    texts = [ADVERT, "免税香烟批发，加微信 yan88668"]
    libraries = ("seeds/keywords/context.toml", "seeds/keywords/gambling.toml", str(own))
    assert verdicts(Risk(libraries=libraries), texts)[0] == [None, "risk.keywords"]
    for action, reason in (("keep", None), ("review", "risk.in_review"), ("drop", "risk.fraud")):
        reasons, found = verdicts(Risk(actions={"fraud": action}), texts[:1])
        assert reasons == [reason] and found[0]["fraud"]["score"] >= 4
    assert verdicts(Risk(actions={"default": "keep", "fraud": "drop"}), texts[:1])[0] == ["risk.fraud"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_score": -1.0}, "min_score: -1.0 is negative"),
        ({"min_probability": 0.0}, "min_probability: a probability above 0"),
        ({"actions": {"fraud": "maybe"}}, "actions: fraud: expected keep, drop or review"),
    ],
)
def test_wrong_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Risk(**settings)  # type: ignore[arg-type]


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="actions: 'nonsense' is no category"):
        Risk(actions={"nonsense": "keep"}).open()
    with pytest.raises(LibraryError, match="no such file"):
        Risk(libraries=(str(tmp_path / "missing.toml"),)).open()
    with pytest.raises(LibraryError, match="no keyword library"):
        Risk(libraries=(str(tmp_path),)).open()


def test_a_model_speaks_too(tmp_path: Path) -> None:
    lines = [f"__label__gambling 下 注 {n} 押 大 小\n__label__clean 春 天 来 {n} 花 开\n" for n in range(200)]
    (tmp_path / "train.txt").write_text("".join(lines), encoding="utf-8")
    fit(tmp_path / "train.txt", tmp_path / "risk.bin", {"dim": 8, "epoch": 20, "lr": 0.2, "minCount": 1})
    stage = Risk(model=str(tmp_path / "risk.bin"), min_probability=0.9)
    reasons, found = verdicts(stage, ["下注押大小押大小", "春天来花开", ""])
    assert reasons == ["risk.gambling", None, None]
    assert found[0]["gambling"]["probability"] > 0.9 and found[2] is None
    check_stage(stage)
