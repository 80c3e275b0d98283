"""The commands on a finished corpus, as a user gives them."""

import csv
import json

import pytest
from test_cli import cci


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    done = cci("run", "--demo", "--out", out, "--workers", 1)
    assert done.returncode == 0, done.stderr
    return out


def test_explain_tells_it_to_people_and_to_programs(corpus):
    done = cci("explain", corpus, "--id", "chain-2")
    assert done.returncode == 0, done.stderr
    for word in ("rejected", "dedup.near_duplicate", "chain-1", "dump/news.jsonl#byte="):
        assert word in done.stdout
    story = json.loads(cci("explain", corpus, "--id", "chain-1", "--json").stdout)
    assert story["verdict"] == "kept" and story["duplicates"]["first"][0]["id"] == "chain-2"


def test_controls_in_a_document_are_no_commands_of_the_terminal(tmp_path):
    row = {"id": "a\x1b[2J", "url": "http://a.example/\x1b]0;owned\x07", "text": "短\x1b[31m红"}
    (tmp_path / "d.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert cci("run", tmp_path / "d.jsonl", "--out", tmp_path / "out", "--workers", 1).returncode == 0
    for done in (
        cci("explain", tmp_path / "out", "--phrase", "短"),
        cci("remove", tmp_path / "out", "--phrase", "短", "--dry-run"),
    ):
        assert done.returncode == 0 and "a�[2J" in done.stdout
        assert not set("\x1b\x07") & set(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "{corpus}"], "nothing to look for"),
        (["explain", "{corpus}", "--id", "nobody"], "no such document"),
        (["explain", "{tmp}", "--id", "x"], "no manifest.json"),
        (["explain", "{corpus}", "--digest", "12"], "not a digest"),
        (["remove", "{corpus}", "--id", "nobody"], "no such document"),
        (["remove", "{corpus}", "--id", "x", "--date", "soon"], "soon"),
        (["report", "{tmp}"], "no manifest.json"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(corpus, tmp_path, arguments, message):
    done = cci(*(argument.format(corpus=corpus, tmp=tmp_path) for argument in arguments))
    assert done.returncode == 2, done.stderr
    assert message in done.stderr and "Traceback" not in done.stderr


def test_the_report_is_written_anew_to_the_same_bytes(corpus):
    done = cci("report", corpus)
    assert done.returncode == 0, done.stderr
    first = (corpus / "report.html").read_bytes()
    (corpus / "report.html").unlink()
    assert cci("report", corpus).returncode == 0
    assert (corpus / "report.html").read_bytes() == first
    assert "chain-2" in first.decode() and b"<script" not in first
    assert b"<dt>threshold</dt>" in first and b"{&#34;rule" not in first  # details are told, not shown as JSON


def test_the_officer_s_way_from_the_sample_to_the_assessment(corpus, tmp_path):
    sheet = tmp_path / "s.xlsx"
    drawn = cci("audit", "sample", corpus, "-n", 60, "--seed", 7, "--to", sheet)
    assert drawn.returncode == 0, drawn.stderr
    empty = cci("audit", "sample", corpus, "--read", sheet)
    assert empty.returncode == 2 and "no verdict" in empty.stderr
    again = cci("audit", "sample", corpus, "-n", 60, "--to", sheet)
    assert again.returncode == 2 and "may hold verdicts" in again.stderr
    with open(sheet.with_suffix(".csv"), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row["verdict"] = "不通过" if number == 0 else "通过"
    with open(tmp_path / "filled.csv", "w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    read = cci("audit", "sample", corpus, "--read", tmp_path / "filled.csv")
    assert read.returncode == 0 and "passed 59: 98.33%" in read.stdout and "TC260-003" in read.stdout
    done = cci("audit", "assess", corpus, "--sheet", tmp_path / "filled.csv")
    assert done.returncode == 0, done.stderr
    result = json.loads((corpus / "assessment.json").read_text(encoding="utf-8"))
    assert result["manual"]["passed"] == 59 and (corpus / "assessment.html").exists()


def test_sources_are_listed_with_what_is_to_settle(corpus):
    lines = cci("audit", "sources", corpus, "--json").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert rows and all(row["problems"] for row in rows)
    assert "no row of the registry" in cci("audit", "sources", corpus).stdout
    wrong = cci("audit", "sources", corpus, "--registry", "nowhere.csv")
    assert wrong.returncode == 2 and "nowhere.csv" in wrong.stderr


def test_removal_from_a_list_of_ids(corpus, tmp_path):
    (tmp_path / "ids.txt").write_text("chain-1\nnews-105\n", encoding="utf-8")
    shown = cci("remove", corpus, "--ids", tmp_path / "ids.txt", "--dry-run")
    assert shown.stdout.count("\n") == 2 and "chain-1" in shown.stdout
    done = cci("remove", corpus, "--ids", tmp_path / "ids.txt", "--request", "letter 7", "--date", "2026-03-01")
    assert done.returncode == 0, done.stderr
    assert "2 in data/" in done.stdout
    removal = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["removals"][0]
    assert {"chain-1", "chain-2", "news-105"} <= set(removal["ids"]) and removal["when"] == "2026-03-01"
    assert "removed.on_request" in cci("explain", corpus, "--id", "chain-1").stdout
