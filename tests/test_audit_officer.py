"""What an officer checks: rates with their bounds, the sample as a sheet, the sources, the assessment."""

import csv
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools import pipeline
from cci_tools.audit.assess import assessment
from cci_tools.audit.sample import COLUMNS, draw, read_sheet, write_sheet
from cci_tools.audit.sources import audit_sources
from cci_tools.compliance.rates import interval, upper_bound
from cci_tools.compliance.standards import StandardsError, read_standards
from cci_tools.corpus import CorpusError, open_corpus
from cci_tools.engines.local import LocalEngine
from cci_tools.recipe import load_recipe
from cci_tools.report.figures import concentration, figures
from cci_tools.report.html import page, report_page
from cci_tools.resources import folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The demo corpus."""
    out = tmp_path_factory.mktemp("demo") / "out"
    with LocalEngine(1) as engine:
        pipeline.run([str(folder("seeds") / "demo" / "dump")], out, load_recipe("demo"), engine, memory=2 * 10**9)
    return open_corpus(out)


@pytest.fixture(scope="module")
def standards():
    return read_standards(folder("seeds") / "standards.toml")


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), st.data())
def test_bounds_are_those_of_scipy(sample, data):
    beta = pytest.importorskip("scipy.stats").beta
    bad = data.draw(st.integers(0, sample))
    expected = 1.0 if bad == sample else beta.ppf(0.95, bad + 1, sample - bad)
    assert upper_bound(bad, sample) == pytest.approx(expected, abs=1e-9)
    low, high = interval(bad, sample)
    assert low <= bad / sample <= high


def test_bounds_of_large_and_impossible_samples():
    assert upper_bound(0, 10**6) == pytest.approx(2.9957e-06, rel=1e-4)
    assert 0.05 < upper_bound(50_000, 10**6) < 0.0504
    assert upper_bound(0, 0) == 1.0
    for arguments in ((2, 1), (-1, 1), (0, 1, 0.0), (0, 1, 1.0)):
        with pytest.raises(ValueError):
            upper_bound(*arguments)


def test_every_figure_names_its_standard(standards):
    assert standards["manual_pass_rate"].value == 0.96
    assert all(figure.standard and figure.version and figure.meaning for figure in standards.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [("x", "not a TOML"), ('[[figure]]\nid = "a"', "missing or unknown"), (None, "No such file")],
)
def test_a_bad_file_of_standards_is_refused(tmp_path, text, message):
    path = tmp_path / "s.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(StandardsError, match=message):
        read_standards(path)


def test_a_figure_that_is_no_number_is_refused(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('[[figure]]\nid = "a"\nvalue = "many"\nstandard = "s"\nversion = "1"\nmeaning = "m"\n')
    with pytest.raises(StandardsError, match="not a number"):
        read_standards(path)


def test_the_sample_is_drawn_in_proportion_and_without_replacement(corpus):
    rows = draw(corpus, 100, seed=7)
    assert len(rows) == 100 and len({row["place"] for row in rows}) == 100
    assert rows == draw(corpus, 100, seed=7) != draw(corpus, 100, seed=8)
    kept = Counter(tier for _, _, batch in corpus.batches("data", ["tier"]) for tier in batch["tier"].to_pylist())
    drawn = Counter(row["tier"] for row in rows)
    for tier, count in kept.items():
        assert abs(drawn[tier] - 100 * count / corpus.rows("data")) <= 4
    assert len(draw(corpus, 10**6, seed=1)) == corpus.rows("data")


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_filled_sheet_is_read_back(corpus, tmp_path, ending):
    rows = draw(corpus, 50, seed=1)
    for number, row in enumerate(rows):
        row["verdict"] = "" if number >= 45 else "不通过" if number < 3 else "Pass"
        row["problem"] = "广告" if number < 2 else ""
    write_sheet(rows, tmp_path / "sheet")
    result = read_sheet(tmp_path / f"sheet{ending}", corpus)
    assert (result["sampled"], result["judged"], result["passed"]) == (50, 45, 42)
    assert result["pass_rate"] == pytest.approx(42 / 45, abs=1e-6) and result["low"] < 42 / 45 < result["high"]
    assert result["problems"] == {"广告": 2, "not named": 1}
    assert sum(tier["judged"] for tier in result["tiers"].values()) == 45


def test_what_a_document_holds_is_never_a_formula_nor_breaks_the_sheet(corpus, tmp_path):
    from openpyxl import load_workbook

    rows = draw(corpus, 2, seed=1)
    rows[0] |= {"text": '=HYPERLINK("http://x")', "title": "+1", "note": "@a"}
    rows[1] |= {"text": "a\x00b\x1b\ud800\nc" + "长" * 40_000, "title": None}
    rows[1]["text"] = rows[1]["text"][:32_000]
    write_sheet(rows, tmp_path / "sheet")
    sheet = load_workbook(tmp_path / "sheet.xlsx")["sample"]
    text = sheet.cell(2, COLUMNS.index("text") + 1)
    assert text.value == '=HYPERLINK("http://x")' and text.data_type == "s"
    assert sheet.cell(3, COLUMNS.index("text") + 1).value.startswith("a�b��\nc")
    with open(tmp_path / "sheet.csv", encoding="utf-8-sig", newline="") as file:
        line = next(csv.DictReader(file))
    assert line["text"][0] == line["title"][0] == line["note"][0] == "'"


def test_a_sheet_that_cannot_be_right_is_refused(corpus, tmp_path):
    rows = draw(corpus, 3, seed=1)
    for spoilt, message in (
        ([*rows, rows[0]], "occurs twice"),
        ([{**rows[0], "verdict": "maybe"}], "row 2: verdict 'maybe'"),
        ([{**rows[0], "corpus": "0" * 16}], "not of this corpus"),
    ):
        write_sheet(spoilt, tmp_path / "sheet")
        for ending in (".xlsx", ".csv"):
            with pytest.raises(CorpusError, match=message):
                read_sheet(tmp_path / f"sheet{ending}", corpus)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CorpusError, match="column corpus, place"):
        read_sheet(tmp_path / "other.csv", corpus)
    (tmp_path / "other.xlsx").write_text("no zip")
    with pytest.raises(CorpusError, match="not a sheet"):
        read_sheet(tmp_path / "other.xlsx", corpus)


def test_sources_add_up_and_say_what_is_to_settle(corpus, tmp_path):
    rows = audit_sources(corpus)
    assert sum(row["documents"] for row in rows) == corpus.rows("data")
    assert sum(row["bytes"] for row in rows) == corpus.manifest["ledger"]["bytes_kept"]
    unknown = {row["source"] for row in rows if "unknown" in row["problems"]}
    assert unknown and all(row["tier"] == "unknown" for row in rows if row["source"] in unknown)
    own = tmp_path / "own.csv"
    own.write_text("domain,tier,acquisition,licence,status,reason\nmirror.example,local_news,open,CC-BY-4.0,,\n"
                   "yunchuan.gov.example,prefecture_government,commercial,,review,contract pending\n")  # fmt: skip
    by = {row["source"]: row for row in audit_sources(corpus, [str(own)])}
    assert by["*.mirror.example"]["problems"] == {}
    assert by["*.yunchuan.gov.example"]["problems"] == {"in review": "contract pending", "no evidence": "licence"}


def test_the_assessment_compares_and_never_says_compliant(corpus, standards, tmp_path):
    rows = draw(corpus, 293, seed=1)
    for row in rows:
        row["verdict"] = "pass"
    write_sheet(rows, tmp_path / "sheet")
    result = assessment(corpus, standards, sheet=read_sheet(tmp_path / "sheet.xlsx", corpus))
    checks = {check["id"]: check["result"] for check in result["checks"]}
    assert checks["manual_pass_rate"] == "reached" and checks["manual_documents"] == "not reached"
    assert assessment(corpus, standards)["manual"] is None
    assert result["not_checked"] and result["sources"]["to_settle"]
    html = page("assessment.html", a=result)
    assert json.loads(json.dumps(result)) == result
    assert "is compliant" not in html and "TC260-003" in html


def test_figures_agree_with_the_manifest(corpus):
    counted = figures(corpus)
    ledger = corpus.manifest["ledger"]
    assert sum(row["documents"] for row in counted["groups"]["tier"]) == ledger["kept"]
    assert sum(row["bytes"] for row in counted["groups"]["tier"]) == ledger["bytes_kept"]
    assert counted["funnel"][0]["read"] == ledger["read"] and counted["funnel"][-1]["left"] == ledger["kept"]
    assert sum(counted["scores"]) == ledger["kept"]
    assert set(counted["examples"]) == set(ledger["rejected"])
    assert sum(counted["years"].values()) == corpus.manifest["dates"]["dated"]


def test_concentration_of_nothing_and_of_one():
    assert concentration({})["effective"] is None
    assert concentration({None: 5})["sources"] == 0
    assert concentration({"a": 7, "b": 0, None: 9}) == {
        "sources": 1, "largest": "a", "largest_share": 1.0, "effective": 1.0}  # fmt: skip


def test_what_documents_hold_is_shown_as_text(corpus):
    counted = figures(corpus)
    evil = "<script>alert(1)</script>"
    for rows in counted["examples"].values():
        rows[0] |= {"text": evil, "title": evil, "id": evil, "detail": evil}
    counted["hosts"][0]["value"] = evil
    html = report_page(corpus.manifest, counted)
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "src=" not in html and "http-equiv" not in html and "@import" not in html
