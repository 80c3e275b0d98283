"""The compliance stage: golden cases in both directions for every reason, its columns, its settings."""

import json
from pathlib import Path

import pytest

from cci_tools.compliance.registry import RegistryError
from cci_tools.compliance.stage import QUARANTINED, Compliance
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "compliance"

REGISTRY = """domain,tier,name,status,match,reason,licence
allowed.example,local_news,可用的来源,,,,
blocked.example,local_news,停用的来源,blocked,,"hijacked, 2024",
good.blocked.example,local_news,,allowed,,,
quarantined.example,local_news,,quarantined,,,
review.example,local_news,待审的来源,review,,,
mixed.example,local_news,,,,,
mixed.example/column,local_news,,blocked,,,
exact.example,local_news,,blocked,exact,,
licensed.example,local_news,有许可的来源,,,,合同一号
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
        "in_review": Compliance(
            registry=("seeds/sources.csv", str(registry)), review="review", policy={"claimed": "review"}
        ),
        "licence": Compliance(registry=(str(registry),), licences=("CC-BY-4.0", "合同一号")),
    }


def cases(reason: str) -> list[dict[str, str | bool | None]]:
    lines = (GOLDEN / f"{reason}.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("reason", [reason for reason in Compliance.reasons if reason != QUARANTINED])
def test_golden(stages: dict[str, Compliance], reason: str) -> None:
    rows = cases(reason)
    columns = {name: [row.get(name) for row in rows] for name in ("url", "source", "published", "meta")}
    result = apply(stages[reason], make_batch([str(row.get("text", "正文")) for row in rows], **columns))
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
    assert columns["tier_rank"] == [1, 6, 11, 13, 3, 3]
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
        registry=(str(registry),), tiers=("university", "claimed", "unknown", "government_unclassified", "user_content")
    )
    columns = stage.process(make_batch(["文"] * 2, url=["http://lab.example/", "http://b.example/"])).to_pydict()
    assert columns["tier"] == ["university", "unknown"] and columns["tier_rank"] == [0, 2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tiers": ("central_news",)}, "tiers: 'government_unclassified' is missing"),
        ({"tiers": (*Compliance().tiers, "unknown")}, "named twice"),
        ({"policy": {"nonsense": "drop"}}, "policy: 'nonsense' is not a tier"),
        ({"policy": {"unknown": "maybe"}}, "policy: unknown: expected keep, review or drop"),
        ({"review": "maybe"}, "review: expected keep, review or drop"),
        ({"sources": {"*.csv": " "}}, "sources: '\\*.csv' = ' ': neither may be empty"),
        ({"contributors": {"": "A"}}, "contributors: '' = 'A'"),
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


def test_source_of_a_file_and_contributor() -> None:
    stage = Compliance(
        sources={"*": "新华网", "gov*.jsonl": "中国政府网"}, contributors={"dumps/a/*": "甲方", "dumps/a/b/*": "乙方"}
    )
    batch = make_batch(
        ["正文"] * 6,
        url=[None, None, None, None, "http://a.example/", "not a url"],
        source=[None, "", "人民网", "没有列出的来源", None, None],
        origin=[
            "dumps/a/x.csv#byte=0",
            "dumps/a/b/gov1.jsonl#byte=77",
            "gov2.jsonl#row=3",
            "c#d.parquet#row=1",
            "gov.jsonl",
            "/data/dumps/a/gov#1.jsonl#byte=5",
        ],
    )
    columns = apply(stage, batch).to_pydict()
    assert columns["contributor"] == ["甲方", "乙方", None, None, None, "甲方"]
    assert columns["source"] == ["新华网", "中国政府网", "人民网", "没有列出的来源", "中国政府网", "中国政府网"]
    government, news = "central_government", "central_news"
    assert columns["tier"] == [news, government, news, news, "unknown", government]
    check_stage(stage)


CLAIMS = [
    ("市政府召开会议\n来源：新华社  2024-03-18\n会议指出，要抓好落实。", "新华社"),
    ("新华社北京3月5日电（记者张某）会议今天召开。", "新华社"),
    ("据新华社报道，会议今天召开。", "新华社"),
    ("人民网北京3月5日电 会议今天召开。", "人民网"),
    ("会议今天召开。\n" * 200 + "（来源：人民网）", "人民网"),
    ("本报讯 会议今天召开。", None),
    ("来源：某某公众号\n会议今天召开。", None),
    ("会议讨论了新华社的报道。" * 3, None),
    ("据了解，会议今天召开。", None),
    ("能量来源：太阳能与风能。", None),
]


def test_a_byline_is_a_claim_and_no_more() -> None:
    texts, names = [text for text, _ in CLAIMS], [name for _, name in CLAIMS]
    columns = apply(Compliance(), make_batch(texts)).to_pydict()
    assert columns["claimed_source"] == names
    assert columns["tier"] == ["claimed" if name else "unknown" for name in names]
    # It says nothing where host or source are known, and policy may refuse it.
    known = apply(
        Compliance(), make_batch(texts[:2], url=["http://a.example/", None], source=[None, "人民网"])
    ).to_pydict()
    assert known["claimed_source"] == [None, None] and known["tier"] == ["unknown", "central_news"]
    strict = apply(Compliance(policy={"claimed": "drop"}), make_batch(texts[:1])).column("reason").to_pylist()
    assert strict == ["compliance.denied_tier"]
    assert apply(Compliance(bylines=False), make_batch(texts[:1])).column("tier").to_pylist() == ["unknown"]


def test_no_row_of_a_registry_is_a_claim(tmp_path: Path) -> None:
    registry = tmp_path / "mine.csv"
    registry.write_text("domain,tier\nlab.example,claimed\n", encoding="utf-8")
    with pytest.raises(RegistryError, match="'claimed' is not one of"):
        Compliance(registry=(str(registry),)).open()


def test_where_the_date_was_found() -> None:
    batch = make_batch(
        ["发布时间：2024-03-18 10:22\n正文", "发布时间：2024-03-18\n正文", "发布日期：2024年3月18日\n正文", "正文"],
        published=["2023-01-02", "昨天", None, None],
        url=[None, "http://a.example/20230101/1.html", "http://a.example/x.html", None],
    )
    columns = apply(Compliance(), batch).to_pydict()
    assert columns["date_from"] == ["metadata", "url", "text", None]
    assert [str(day) if day else None for day in columns["date"]] == ["2023-01-02", "2023-01-01", "2024-03-18", None]


def test_a_page_s_byline_makes_no_more_than_a_claim() -> None:
    meta = ['{"byline":"新华网"}', '{"byline":"某某网"}', '{"a":{"byline":"新华网"}}', None]
    result = apply(Compliance(), make_batch(["正文一篇。"] * 4, meta=meta))
    assert result.column("tier").to_pylist() == ["claimed", "unknown", "claimed", "unknown"]
    assert result.column("claimed_source").to_pylist()[:2] == ["新华网", None]
    assert result.column("source").to_pylist() == [None] * 4
