"""Registry files and deny lists: what is read, what is refused and how it is said; the shipped lists."""

import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from cci_tools.compliance.registry import (
    COLUMNS,
    TIERS,
    RegistryError,
    Source,
    merge,
    missing_evidence,
    read_denied,
    read_registry,
)
from cci_tools.resources import folder


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_only_domain_and_tier_are_needed(tmp_path: Path) -> None:
    text = "\ufefftier,domain\r\nlocal_news,WWW.A.Example\r\n\r\nlocal_news, b.example/col/ \r\n"
    file = write(tmp_path / "r.csv", text)
    first, second = read_registry(file)
    assert (first.domain, first.path, first.match, first.status, first.file) == (
        "a.example",
        "",
        "suffix",
        "allowed",
        "r.csv: row 2",
    )
    assert (second.domain, second.path, second.file) == ("b.example", "/col", "r.csv: row 4")


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    columns = {
        "domain": ["a.example", "新闻.中国"],
        "tier": ["local_news", "unknown"],
        "name": ["甲报", None],
        "licence": ["合同一号", ""],
    }
    pq.write_table(pa.table(columns), tmp_path / "r.parquet")
    text = "domain,tier,name,licence\na.example,local_news,甲报,合同一号\n新闻.中国,unknown,,\n"
    rows = read_registry(write(tmp_path / "r.csv", text))
    without_place = [[getattr(row, column) for column in COLUMNS] for row in rows]
    assert [
        [getattr(row, column) for column in COLUMNS] for row in read_registry(tmp_path / "r.parquet")
    ] == without_place
    assert rows[1].domain == "xn--efvy88h.xn--fiqs8s"


def test_default_match(tmp_path: Path) -> None:
    exact = ["gov.cn", "www.gov.cn", "com.cn", "bj.cn", "cn", "1.2.3.4"]
    suffix = ["a.gov.cn", "people.com.cn", "a.cn/path"]
    text = "domain,tier\n" + "".join(f"{domain},unknown\n" for domain in (*exact, *suffix))
    found = [row.match for row in read_registry(write(tmp_path / "r.csv", text))]
    assert found == ["exact"] * len(exact) + ["suffix"] * len(suffix)
    row = read_registry(write(tmp_path / "r.csv", "domain,tier,match\nedu.cn,unknown,suffix\n"))[0]
    assert row.match == "suffix"


def test_later_rows_replace_earlier_ones() -> None:
    rows = [
        Source(domain="a.example", tier="local_news"),
        Source(domain="a.example", path="/p"),
        Source(domain="a.example", tier="central_news", match="exact"),
    ]
    assert [(row.path, row.tier) for row in merge(rows)] == [("", "central_news"), ("/p", "unknown")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("r.csv", "domain\na.example\n", "r.csv: column 'tier' is missing"),
        ("r.csv", "", "r.csv: column 'domain' is missing"),
        ("r.csv", "domain,tier,staus\n", "r.csv: unknown column 'staus'; known are domain, match"),
        (
            "r.csv",
            "domain,tier\na.example,nice\n",
            "r.csv: row 2: column 'tier': 'nice' is not one of central_party_org",
        ),
        ("r.csv", "domain,tier\na.example,\n", "r.csv: row 2: column 'tier': '' is not one of"),
        ("r.csv", "domain,tier\na b,local_news\n", "r.csv: row 2: column 'domain': 'a b' is not a host"),
        ("r.csv", "domain,tier\n,local_news\n", "r.csv: row 2: column 'domain': '' is not a host"),
        (
            "r.csv",
            "domain,tier,status\na.cn,unknown,\nb.cn,unknown,ok\n",
            "r.csv: row 3: column 'status': 'ok' is not one of allowed",
        ),
        ("r.csv", "domain,tier,status\na.cn,unknown,denied\n", "r.csv: row 2: column 'status': 'denied' is not one of"),
        (
            "r.csv",
            "domain,tier,match\na.cn,unknown,regex\n",
            "r.csv: row 2: column 'match': 'regex' is not one of exact, suffix",
        ),
        (
            "r.csv",
            "domain,tier,acquisition\na.cn,unknown,stolen\n",
            "r.csv: row 2: column 'acquisition': 'stolen' is not one of open",
        ),
        ("r.csv", "domain,tier\na.cn,unknown,x\n", "r.csv: row 2: 3 values for 2 columns"),
        ("r.csv", 'domain,tier\n"a.cn,unknown\n', "r.csv: not a CSV table"),
        ("r.csv", "domain,tier,tier\na.cn,unknown,unknown\n", "r.csv: column 'tier' is there twice"),
        ("r.csv", "domain,tier\nb.cn/path # why,unknown\n", "r.csv: row 2: column 'domain': 'b.cn/path # why' is not"),
        ("r.xlsx", "x", "r.xlsx: expected a .csv or .parquet file"),
    ],
)
def test_errors_name_file_row_and_column(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(RegistryError, match=re.escape(message)):
        read_registry(write(tmp_path / name, text))


def test_heads_and_blank_rows_as_spreadsheets_leave_them(tmp_path: Path) -> None:
    rows = read_registry(write(tmp_path / "r.csv", "\ufeff Domain , TIER \r\n , \r\na.example,local_news\r\n,,\r\n"))
    assert [(row.domain, row.tier, row.file) for row in rows] == [("a.example", "local_news", "r.csv: row 3")]


def test_parquet_columns_of_other_types(tmp_path: Path) -> None:
    columns = {
        "domain": pa.array(["a.example"]).dictionary_encode(),
        "tier": pa.array([b"local_news"]),
        "first_collected": pa.array([date(2024, 1, 2)]),
    }
    pq.write_table(pa.table(columns), tmp_path / "r.parquet")
    (row,) = read_registry(tmp_path / "r.parquet")
    assert (row.domain, row.tier, row.first_collected) == ("a.example", "local_news", "2024-01-02")
    pq.write_table(pa.table({"domain": ["a.cn"], "tier": ["unknown"], "name": [["甲", "乙"]]}), tmp_path / "l.parquet")
    with pytest.raises(RegistryError, match=r"l\.parquet: column 'name': list<element: string> is no text"):
        read_registry(tmp_path / "l.parquet")


def test_missing_and_badly_encoded_files(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"none\.csv: no such file"):
        read_registry(tmp_path / "none.csv")
    (tmp_path / "gb.csv").write_bytes("domain,tier,name\na.cn,unknown,甲报\n".encode("gb18030"))
    with pytest.raises(RegistryError, match=r"gb\.csv: not UTF-8 at byte 30; save the file as UTF-8"):
        read_registry(tmp_path / "gb.csv")
    with pytest.raises(RegistryError, match=r"text\.parquet: not a readable Parquet file"):
        read_registry(write(tmp_path / "text.parquet", "domain,tier\n"))


def test_a_deny_list_that_is_not_compressed_as_it_says(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"d\.txt\.zst: not a Zstandard file"):
        read_denied(write(tmp_path / "d.txt.zst", "a.example\n"))


def test_plain_deny_lists(tmp_path: Path) -> None:
    text = "# a comment\r\na.example\r\n\r\nB.Example/path\n10.0.0.1\n"
    plain = read_denied(write(tmp_path / "casino.txt", text))
    (tmp_path / "casino.txt.zst").write_bytes(zstandard.compress(text.encode()))
    packed = read_denied(tmp_path / "casino.txt.zst")
    for rows in (plain, packed):
        assert [(row.domain, row.path, row.match) for row in rows] == [
            ("a.example", "", "suffix"),
            ("b.example", "/path", "suffix"),
            ("10.0.0.1", "", "exact"),
        ]
        assert {(row.status, row.reason, row.tier) for row in rows} == {("denied", "casino", "unknown")}
    with pytest.raises(RegistryError, match=r"bad\.txt: row 2: column 'domain': 'not a host' is not a host"):
        read_denied(write(tmp_path / "bad.txt", "a.example\nnot a host\n"))


def test_missing_evidence() -> None:
    rows = [
        Source(domain="a.example"),
        Source(domain="b.example", acquisition="open"),
        Source(domain="c.example", acquisition="commercial", licence="合同"),
        Source(
            domain="d.example",
            acquisition="self",
            robots="x",
            first_collected="2024-01-01",
            last_collected="2024-02-01",
        ),
        Source(domain="e.example", acquisition="user"),
        Source(domain="f.example", status="blocked"),
    ]
    found = [(row.domain, missing) for row, missing in missing_evidence(rows)]
    assert found == [("a.example", "acquisition"), ("b.example", "licence"), ("e.example", "licence")]


def test_shipped_registry() -> None:
    rows = read_registry(folder("seeds") / "sources.csv")
    assert len(rows) == len(merge(rows)) >= 900
    assert [row.domain for row in rows if row.match == "exact"] == ["gov.cn"]
    assert all(row.origin and row.name and row.region for row in rows)
    assert all((row.status == "review") == bool(row.reason) for row in rows)
    assert all(row.status == "review" for row in rows if row.origin.split("+")[0] == "unsourced")
    order = [TIERS.index(row.tier) for row in rows]
    assert order == sorted(order)
    # Cities whose names sound alike must keep the host that is theirs.
    named = {row.name.removesuffix("人民政府"): row.domain for row in rows if row.tier == "prefecture_government"}
    assert {
        city: named[city]
        for city in ("福州市", "抚州市", "苏州市", "宿州市", "玉林市", "榆林市", "泰州市", "台州市", "徐州市", "忻州市")
    } == {
        "福州市": "fuzhou.gov.cn",
        "抚州市": "jxfz.gov.cn",
        "苏州市": "suzhou.gov.cn",
        "宿州市": "ahsz.gov.cn",
        "玉林市": "yulin.gov.cn",
        "榆林市": "yl.gov.cn",
        "泰州市": "taizhou.gov.cn",
        "台州市": "zjtz.gov.cn",
        "徐州市": "xz.gov.cn",
        "忻州市": "sxxz.gov.cn",
    }


def test_shipped_deny_list() -> None:
    rows = read_denied(folder("seeds") / "denied_hosts.csv")
    listed = {row.domain for row in read_registry(folder("seeds") / "sources.csv")}
    kinds = {"user_content", "redirect", "url_shortener", "advertising", "parked", "gambling", "link_farm", "hijacked"}
    assert {row.reason for row in rows} == kinds
    assert not listed & {row.domain for row in rows}
    invented = [row.domain for row in rows if row.reason in ("gambling", "link_farm", "hijacked")]
    assert invented and all(domain.endswith((".example", ".invalid")) for domain in invented)
    assert {row.status for row in rows} == {"denied"}


def test_an_id_of_ones_own_and_evidence_by_acquisition(tmp_path: Path) -> None:
    text = "domain,tier,id,acquisition,licence,robots,first_collected,last_collected\n"
    rows = ("a.example,local_news,S1,open,,,,", "b.example,local_news,S1,self,,2024-03-01 allow,,2024-03-02")
    rows += (
        "c.example,local_news,,commercial,合同一号,,,",
        "d.example,local_news,,user,,,,",
        "e.example,unknown,,,,,,",
    )
    sources = read_registry(write(tmp_path / "r.csv", text + "\n".join(rows)))
    assert [source.id for source in sources] == ["S1", "S1", "", "", ""]
    assert [(source.domain, missing) for source, missing in missing_evidence(sources)] == [
        ("a.example", "licence"),
        ("b.example", "first_collected"),
        ("d.example", "licence"),
        ("e.example", "acquisition"),
    ]
