"""The compliance stage: golden cases in both directions for every reason, its columns, its settings."""

import json
from pathlib import Path

import pytest

from cci_tools.compliance.registry import RegistryError
from cci_tools.compliance.stage import Compliance
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "compliance"

REGISTRY = """domain,tier,name,status,match,reason
allowed.example,local_news,可用的来源,,,
blocked.example,local_news,停用的来源,blocked,,"hijacked, 2024"
good.blocked.example,local_news,,allowed,,
quarantined.example,local_news,,quarantined,,
review.example,local_news,待审的来源,review,,
mixed.example,local_news,,,,
mixed.example/column,local_news,,blocked,,
exact.example,local_news,,blocked,exact,
"""


@pytest.fixture
def stages(tmp_path: Path) -> dict[str, Compliance]:
    registry = tmp_path / "mine.csv"
    registry.write_text(REGISTRY, encoding="utf-8")
    return {
        "denied_host": Compliance(),
        "user_content": Compliance(),
        "blocked_source": Compliance(registry=("seeds/sources.csv", str(registry)), review="drop"),
        "denied_tier": Compliance(policy={"unknown": "drop", "local_broadcast": "drop"}),
        "outside_time_window": Compliance(since="2020-01-01", until="2023-12-31"),
        "undated": Compliance(undated="drop"),
    }


def cases(reason: str) -> list[dict[str, str | bool | None]]:
    lines = (GOLDEN / f"{reason}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("reason", Compliance.reasons)
def test_golden(stages: dict[str, Compliance], reason: str) -> None:
    rows = cases(reason)
    columns = {name: [row.get(name) for row in rows] for name in ("url", "source", "published")}
    result = apply(stages[reason], make_batch(["正文"] * len(rows), **columns))
    expected = [f"compliance.{reason}" if row["rejected"] else None for row in rows]
    for row, wanted, found in zip(rows, expected, result.column("reason").to_pylist(), strict=True):
        assert found == wanted, row
    for detail in result.column("detail").drop_null().to_pylist():
        assert {"rule", "value", "threshold"} <= json.loads(detail).keys()


def test_every_setting_is_a_stage(stages: dict[str, Compliance]) -> None:
    for stage in (*stages.values(), Compliance(registry=(), denied=()), Compliance(policy={"default": "drop"})):
        check_stage(stage)
        hash(stage)


def test_columns() -> None:
    batch = make_batch(
        ["文"] * 6,
        url=[
            "http://www.gov.cn/a",
            "http://www.fuzhou.gov.cn/20240318/",
            "http://x.gov.cn",
            "http://新闻.中国/",
            None,
            "",
        ],
        source=[None, "新华社", None, None, "新华社", "tv.cctv.com"],
        published=["2024年3月18日", None, "昨天", "2024-03-18", None, "1710777600"],
    )
    columns = Compliance().process(batch).to_pydict()
    assert columns["host"] == ["gov.cn", "fuzhou.gov.cn", "x.gov.cn", "xn--efvy88h.xn--fiqs8s", None, "tv.cctv.com"]
    assert columns["tier"] == [
        "central_government",
        "prefecture_government",
        "government_unclassified",
        "unknown",
        "central_news",
        "central_news",
    ]
    assert columns["tier_rank"] == [1, 6, 11, 12, 3, 3]
    assert columns["region"] == ["CN", "福建", None, None, "CN", "CN"]
    dates = [str(day) if day else None for day in columns["date"]]
    assert dates == ["2024-03-18", "2024-03-18", None, "2024-03-18", None, "2024-03-19"]


def test_detail_names_rule_and_file() -> None:
    batch = make_batch(["文"] * 2, url=["http://a.bocai-demo.example/x", "http://mou.blog.caixin.com/"])
    details = [json.loads(detail) for detail in Compliance().process(batch).column("detail").to_pylist()]
    assert details[0]["rule"] == "denied: gambling" and details[0]["value"] == "a.bocai-demo.example"
    assert (
        details[0]["threshold"].startswith("*.bocai-demo.example (")
        and "denied_hosts.csv: row " in details[0]["threshold"]
    )
    assert details[1]["value"] == "mou.blog.caixin.com" and details[1]["threshold"].startswith("*.caixin.com")


def test_policy_as_a_list_of_wanted_tiers() -> None:
    stage = Compliance(policy={"default": "drop", "central_government": "keep", "user_content": "keep"})
    urls = [
        "http://www.gov.cn/",
        "http://www.news.cn/",
        "http://a.example/",
        "http://bbs.people.com.cn/",
        "http://weibo.com",
    ]
    reasons = stage.process(make_batch(["文"] * 5, url=urls)).column("reason").to_pylist()
    assert reasons == [None, "compliance.denied_tier", "compliance.denied_tier", None, None]


def test_own_tiers(tmp_path: Path) -> None:
    registry = tmp_path / "mine.csv"
    registry.write_text("domain,tier\nlab.example,university\n", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"mine\.csv: row 2: column 'tier': 'university' is not one of central_"):
        Compliance(registry=(str(registry),)).open()
    stage = Compliance(
        registry=(str(registry),), tiers=("university", "unknown", "government_unclassified", "user_content")
    )
    columns = stage.process(make_batch(["文"] * 2, url=["http://lab.example/", "http://b.example/"])).to_pydict()
    assert columns["tier"] == ["university", "unknown"] and columns["tier_rank"] == [0, 1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tiers": ("central_news",)}, "tiers: 'government_unclassified' is missing"),
        ({"tiers": (*Compliance().tiers, "unknown")}, "named twice"),
        ({"policy": {"nonsense": "drop"}}, "policy: 'nonsense' is not a tier"),
        ({"policy": {"unknown": "maybe"}}, "policy: unknown: expected keep or drop"),
        ({"review": "maybe"}, "review: expected keep or drop"),
        ({"undated": ""}, "undated: expected keep or drop"),
        ({"since": "2024-13-01"}, "since: '2024-13-01' is not a date"),
        ({"until": "gestern"}, "until: 'gestern' is not a date"),
        ({"latest": "x"}, "latest: 'x' is not a date"),
        ({"since": "2024-01-02", "until": "2024-01-01"}, "since: 2024-01-02 is after until: 2024-01-01"),
    ],
)
def test_wrong_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Compliance(**settings)  # type: ignore[arg-type]
