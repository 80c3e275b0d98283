"""Whole sources that are refused at the match barrier, and documents that wait for a decision."""

import json

import pyarrow.parquet as pq
import pytest

from cci_tools import pipeline
from cci_tools.compliance.source_rates import judge_sources
from cci_tools.compliance.stage import Compliance
from cci_tools.engines.local import LocalEngine
from cci_tools.recipe import load_recipe

GOOD = "第{n}次例会讨论了第{n}号水库的加固方案，会议决定由{a}组负责坝体检查，{b}组负责渠道清淤，{c}组汛前验收公布。"


def texts(count, word):
    names = "东西南北中前后左右上下里外"
    return [
        GOOD.format(n=n, a=names[n % 13] + word, b=names[n % 7] + word * 2, c=names[n % 5] + word * 3) * 2
        for n in range(count)
    ]


def run(tmp_path, rows, recipe, name="out"):
    dump, config = tmp_path / "dump.jsonl", tmp_path / "r.toml"
    dump.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    config.write_text(recipe, encoding="utf-8")
    with LocalEngine(1) as engine:
        pipeline.run([str(dump)], tmp_path / name, load_recipe(str(config)), engine, memory=2 * 10**9)
    out = tmp_path / name
    read = {}
    for kind in ("data", "rejects", "review"):
        files = sorted((out / kind).glob("*.parquet"))
        read[kind] = [row for file in files for row in pq.read_table(file).to_pylist()]
    return read, json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def rows_of(host, texts):
    return [{"id": f"{host}-{n}", "url": f"http://{host}/{n}.html", "text": text} for n, text in enumerate(texts)]


RECIPE = """
[compliance]
registry = []
denied = []
bad_reasons = ["quality.*"]
source_documents = 20
{more}
[quality]
model = ""
preset = "cci"
thresholds = {{ min_characters = 50 }}
[dedup]
"""


def test_a_source_over_the_limit_is_not_used_and_its_copies_elsewhere_stay(tmp_path):
    shared = texts(5, "河")
    bad = rows_of("bad.example", [*shared, *texts(20, "山"), *["短"] * 3])
    good = rows_of("good.example", [*shared, *texts(60, "林"), "短"])
    read, manifest = run(tmp_path, [*bad, *good], RECIPE.format(more=""))
    assert {row["host"] for row in read["data"]} == {"good.example"}
    quarantined = [row for row in read["rejects"] if row["reason"] == "compliance.quarantined_source"]
    assert len(quarantined) == 25 and {row["host"] for row in quarantined} == {"bad.example"}
    detail = json.loads(quarantined[0]["detail"])
    assert (detail["bad"], detail["documents"], detail["threshold"]) == (3, 28, 0.05)
    assert detail["value"] == pytest.approx(3 / 28, abs=1e-5) and detail["bound"] > detail["value"]
    rates = manifest["source_rates"]
    assert [row["source"] for row in rates["quarantined"]] == ["bad.example"]
    assert [row["source"] for row in rates["worst_kept"]] == ["good.example"]
    assert rates["largest_kept_rate"] == pytest.approx(1 / 66, abs=1e-5)
    kept = {row["text"] for row in read["data"]}
    assert set(shared) <= kept  # the copy of the refused source does not stand for that of the good one
    assert len(read["data"]) + len(read["rejects"]) == len(bad) + len(good)


@pytest.mark.parametrize("more", ["source_rate = 1.0", "#documents", "bad_reasons = []"])
def test_the_limit_is_a_setting(tmp_path, more):
    recipe = RECIPE.format(more=more)
    recipe = recipe.replace('bad_reasons = ["quality.*"]\n', "", 1) if "bad_reasons = []" in more else recipe
    recipe = recipe.replace("source_documents = 20\n", "") if "documents" in more else recipe
    read, manifest = run(tmp_path, rows_of("bad.example", [*texts(25, "山"), *["短"] * 3]), recipe)
    assert len(read["data"]) == 25 and not manifest["source_rates"]["quarantined"]


def test_by_the_bound_a_small_sample_is_not_trusted(tmp_path):
    rows = rows_of("a.example", [*texts(57, "山"), "短"])
    assert len(run(tmp_path, rows, RECIPE.format(more=""), "one")[0]["data"]) == 57
    assert len(run(tmp_path, rows, RECIPE.format(more='source_rate_by = "bound"'), "two")[0]["data"]) == 0


def test_all_sources_may_be_refused(tmp_path):
    read, manifest = run(tmp_path, rows_of("a.example", [*texts(20, "山"), *["短"] * 9]), RECIPE.format(more=""))
    assert read["data"] == [] and len(read["rejects"]) == 29 and manifest["ledger"]["kept"] == 0


def test_a_host_that_hides_advertising_is_refused_whatever_its_rate():
    kept, rejected = {"a.cn": 200, "b.cn": 5}, {"a.cn": {"cleaning.hidden_advertising": 3}, "b.cn": {"quality.x": 5}}
    assert [(row.source, row.rule) for row in judge_sources(kept, rejected)] == [("a.cn", "hijacked")]
    assert judge_sources(kept, rejected, hijacked=0)[0].rule is None
    assert judge_sources(kept, rejected, hijacked=4)[0].rule is None
    assert judge_sources({"a.cn": 998}, rejected)[-1].rule is None  # few pages of a large site may be mistakes


def test_names_that_are_no_publishers_are_not_judged(tmp_path):
    rows = [{"id": str(n), "source": "crawl-7", "text": text} for n, text in enumerate([*texts(25, "山"), *["短"] * 9])]
    read, manifest = run(tmp_path, rows, RECIPE.format(more=""))
    assert len(read["data"]) == 25 and not manifest["source_rates"]["quarantined"]
    recipe = RECIPE.format(more="").replace("registry = []", 'registry = ["mine.csv"]')
    (tmp_path / "mine.csv").write_text("domain,tier,name\nx.example,local_news,crawl-7\n", encoding="utf-8")
    read, manifest = run(tmp_path, rows, recipe, "listed")
    assert not read["data"] and manifest["source_rates"]["quarantined"][0]["source"] == "crawl-7"


@pytest.mark.parametrize(
    "wrong", [{"source_rate": 1.5}, {"source_rate": -0.1}, {"source_documents": -1}, {"hijacked_pages": -1}]
)
def test_a_limit_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Compliance(**wrong)


def test_documents_in_review_are_kept_apart(tmp_path):
    recipe = RECIPE.format(more='policy = { unknown = "review" }')
    (tmp_path / "mine.csv").write_text("domain,tier\ngood.example,local_news\n", encoding="utf-8")
    recipe = recipe.replace("registry = []", 'registry = ["mine.csv"]')
    rows = [*rows_of("good.example", texts(5, "河")), *rows_of("new.example", texts(7, "山"))]
    read, manifest = run(tmp_path, rows, recipe)
    assert {row["host"] for row in read["data"]} == {"good.example"} and not read["rejects"]
    assert [row["text"] for row in read["review"]] == texts(7, "山")
    assert {row["reason"] for row in read["review"]} == {"compliance.in_review"}
    assert manifest["ledger"]["rejected"] == {"compliance.in_review": 7}
    assert "review/part-00000.parquet" in {file["path"] for file in manifest["files"]}
