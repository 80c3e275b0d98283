"""Hosts and the source table: a golden table, properties, and a slow plain twin."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import shared_data

from cci_tools.compliance.hosts import host_of, split_url
from cci_tools.compliance.registry import Source, read_denied, read_registry
from cci_tools.compliance.table import UNKNOWN, SourceTable
from cci_tools.resources import folder

PATHS = ("/", "/p", "/p/q/s", "/px", "/r")
GOLDEN = Path(__file__).parent / "golden" / "compliance" / "hosts.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def shipped() -> SourceTable:
    seeds = folder("seeds")
    return SourceTable(read_registry(seeds / "sources.csv"), read_denied(seeds / "denied_hosts.csv"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["url"][:60])
def test_golden(shipped: SourceTable, row: dict[str, str]) -> None:
    host, source = shipped.lookup(row["url"])
    assert (host, source.tier) == (row["host"], row["tier"])
    assert host_of(row["url"]) == row["host"]


def test_columns_equal_single_lookups(shipped: SourceTable) -> None:
    urls = [row["url"] for row in ROWS] * 2 + [None]
    for kind in (pa.string(), pa.large_string()):
        codes, matches = shipped.lookup_all(pa.array(["cut off", *urls], kind).slice(1))
        assert [matches[code] for code in codes[:-1]] == [shipped.lookup(url) for url in urls[:-1]]
        assert matches[codes[-1]] == ("", UNKNOWN)
    codes, _ = shipped.lookup_all(pa.array([], pa.string()))
    assert len(codes) == 0


def test_path_of_a_url() -> None:
    assert split_url("http://a.cn")[1] == split_url("http://a.cn/?x/y")[1] == "/"
    assert split_url("http://a.cn/%61//b/../c/#d") == ("a.cn", "/a/c")
    assert split_url("http:\\\\a.cn\\b\\c") == ("a.cn", "/b/c")


def test_more_specific_rules_are_exceptions() -> None:
    table = SourceTable(
        [Source(domain="good.farm.example", tier="local_news"), Source(domain="farm.example", tier="local_news")],
        [Source(domain="farm.example", status="denied", reason="link_farm")],
    )
    tiers = [
        table.lookup(f"http://{host}/").source.status
        for host in ("farm.example", "a.farm.example", "a.good.farm.example")
    ]
    assert tiers == ["denied", "denied", "allowed"]


def test_listed_forum_is_not_user_content() -> None:
    table = SourceTable([Source(domain="a.example"), Source(domain="bbs.a.example", tier="local_news")])
    assert table.lookup("http://m.bbs.a.example/").source.tier == "local_news"
    assert table.lookup("http://blog.bbs.a.example/").source.tier == "user_content"


def test_addresses_have_no_parent() -> None:
    denied = [Source(domain="0.164", status="denied"), Source(domain="60.216.0.164", match="exact", tier="local_news")]
    table = SourceTable(denied)
    assert table.lookup("http://60.216.0.164/").source.tier == "local_news"
    assert table.lookup("http://61.216.0.164/").source is UNKNOWN


def test_names_of_sources() -> None:
    table = SourceTable(
        [
            Source(domain="a.example", name="甲报/甲报网", tier="local_news"),
            Source(domain="b.example", name="乙报", tier="local_news"),
            Source(domain="c.example", name="乙报", tier="industry_media"),
            Source(domain="d.example", name="丙报", tier="local_news", status="review"),
            Source(domain="e.example", name="丙报", tier="industry_media"),
            Source(domain="f.example", name="丁报", tier="industry_media"),
            Source(domain="g.example", name="丁报", tier="local_news", status="blocked"),
        ]
    )
    found = [
        table.lookup_source(name).source.domain
        for name in ("甲报", " 甲报网 ", "乙报", "丙报", "丁报", "甲", "x.a.example", "甲报.")
    ]
    assert found == ["a.example", "a.example", "", "e.example", "g.example", "", "a.example", ""]


hosts = st.sampled_from(
    ["a.cn", "b.a.cn", "bbs.a.cn", "b.bbs.a.cn", "bbs.b.a.cn", "cn", "gov.cn", "a.gov.cn", "blog2.a.gov.cn", "x.cn"]
)
rules = st.builds(
    Source,
    domain=hosts,
    path=st.sampled_from(["", "", "/p", "/p/q", "/r"]),
    match=st.sampled_from(["exact", "suffix"]),
    tier=st.sampled_from(["local_news", "central_news"]),
    status=st.sampled_from(["allowed", "allowed", "blocked"]),
)
denied = rules.map(lambda rule: replace(rule, tier="unknown", status="denied"))


def plain_lookup(rules: list[Source], denied: list[Source], host: str, path: str) -> tuple[str, str]:
    """Tier and status by trying every rule: longest domain, longest path, refusing before allowing, exact first."""
    in_force = [*{(rule.domain, rule.path): rule for rule in rules}.values()]
    in_force += [*{(rule.domain, rule.path): rule for rule in denied}.values()]
    fitting = [
        rule
        for rule in in_force
        if (rule.domain == host or (rule.match == "suffix" and host.endswith("." + rule.domain)))
        and f"{path}/".startswith(f"{rule.path}/")
    ]

    def precedence(rule: Source) -> tuple[int, int, bool, bool, bool]:
        exact = rule.match == "exact"
        return rule.domain.count("."), len(rule.path), rule.refused, rule.status == "denied", exact

    if fitting:
        best = max(fitting, key=precedence)
    elif host.endswith(".gov.cn"):
        best = Source(domain=".".join(host.split(".")[-3:]), tier="government_unclassified")
    else:
        return "unknown", "allowed"
    if not best.refused and {"bbs", "blog2"} & set(host.removesuffix(best.domain).split(".")):
        return "user_content", "denied"
    return best.tier, best.status


@settings(max_examples=300, deadline=None)
@given(st.lists(rules, max_size=8), st.lists(denied, max_size=3))
def test_table_equals_the_plain_lookup(rules: list[Source], denied: list[Source]) -> None:
    table = SourceTable(rules, denied)
    places = [
        (host, path) for host in ("a.cn", "b.bbs.a.cn", "bbs.b.a.cn", "gov.cn", "blog2.a.gov.cn") for path in PATHS
    ]
    urls = [f"http://{host}{path}" for host, path in places]
    codes, matches = table.lookup_all(pa.array(urls, pa.string()))
    for (host, path), url, code in zip(places, urls, codes, strict=True):
        source = table.lookup(url).source
        assert (source.tier, source.status) == plain_lookup(rules, denied, host, path), url
        assert matches[code] == (host, source)


hostile = st.text(max_size=60) | st.text("htpf:/\\?#@[]%.wgovcn012ａ。 \t中", max_size=40)


@given(hostile)
def test_host_of_never_fails_and_is_stable(text: str) -> None:
    host = host_of(text)
    assert host.isascii() and host == host.lower() and not set(host) & set(" /\\?#@%[]\t\n")
    if host and ":" not in host:
        assert host_of(f"http://{host}/") in (host, host.removeprefix("www."))


@given(hostile)
def test_one_way_or_the_other(text: str) -> None:
    table = SourceTable(
        [Source(domain="gov.cn", match="exact", tier="central_government"), Source(domain="w.cn", path="/p")]
    )
    codes, matches = table.lookup_all(pa.array([text], pa.string()))
    assert matches[codes[0]] == table.lookup(text) == (host_of(text), table.lookup(text).source)


@given(st.text("abc-", min_size=1, max_size=8), st.integers(0, 65535), st.text("ab:.@", max_size=8))
def test_what_does_not_matter(label: str, port: int, user: str) -> None:
    expected = f"{label}.example"
    for url in (f"https://{label}.example:{port}/x", f"http://{user}@{label}.EXAMPLE./", f"//WWW.{label}.example?x"):
        assert host_of(url) == expected


def test_a_long_public_list() -> None:
    rows = read_denied(shared_data("compliance", "ut1_gambling_domains.txt.zst"))
    assert len(rows) == 32247
    table = SourceTable([], rows)
    for row in rows[::1000]:
        assert table.lookup(f"https://www.{row.domain}:443/").source.reason == "ut1_gambling_domains"
