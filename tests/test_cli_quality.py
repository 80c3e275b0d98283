"""``cci-clean train`` and ``cci-clean tune``, as a user runs them."""

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from cci_tools.cli import main
from cci_tools.quality.model import load_model
from cci_tools.recipe import load_recipe

RNG = random.Random(3)
GOOD = [
    "".join(RNG.choices("春夏秋冬风花雪月山水天地", k=24)) + "。\n" + "".join(RNG.choices("人来车往日出日落", k=9))
    for _ in range(300)
]
BAD = ["".join(RNG.choices("代开发票加微信电话优惠折扣", k=30)) + "！" for _ in range(300)]


def call(*args: object) -> str:
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert result.exit_code == 0, result.output
    return result.output


def dump(path: Path, texts: list[str]) -> Path:
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    return path


def test_train_quality(tmp_path: Path) -> None:
    good, bad, out = dump(tmp_path / "good.jsonl", GOOD), dump(tmp_path / "bad.jsonl", BAD), tmp_path / "m.ftz"
    said = call("train", "quality", "--positive", good, "--negative", bad, "--out", out, "--dim", 4, "--features", 800)
    assert "AUC" in said and out.with_suffix(".json").is_file()
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert "300 good and 300 bad texts" in card and "good.jsonl" in card and "AUC" in card
    assert set(load_model(str(out)).labels) == {"__label__good", "__label__bad"}
    (tmp_path / "mine.toml").write_text('[quality]\nmodel = "m.ftz"\n', encoding="utf-8")
    assert load_recipe(str(tmp_path / "mine.toml")).quality is not None


def test_train_quality_with_too_little(tmp_path: Path) -> None:
    few = dump(tmp_path / "few.jsonl", GOOD[:3])
    result = CliRunner().invoke(main, ["train", "quality", "--positive", str(few), "--negative", str(few),
                                       "--out", str(tmp_path / "m.ftz")])  # fmt: skip
    assert result.exit_code == 2 and "at least 20" in result.output


def test_train_perplexity(tmp_path: Path) -> None:
    out = tmp_path / "good.ngram"
    said = call("train", "perplexity", dump(tmp_path / "good.jsonl", GOOD), "--out", out, "--order", 3)
    assert "270 documents" in said and "of 30 documents held out" in said
    (tmp_path / "mine.toml").write_text('[quality]\nmodel = ""\nperplexity = "good.ngram"\n', encoding="utf-8")
    load_recipe(str(tmp_path / "mine.toml")).quality.open()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("tune")
    (home / "mine.toml").write_text("[quality]\nthresholds = { min_characters = 20 }\n", encoding="utf-8")
    texts = ["一二三四五六七八九十" * n + f"第{n}段。" for n in range(1, 4)] + [
        "今年" + "".join(f"{i}月卖出{i * 7919}台，收入{i * 104729}元；" for i in range(1, 13)),
        "山中有雨，\n水上无风。",
        "加微信领彩金，注册送，秒提现，百家乐代理佣金高，下注返水。",
        "无",
    ]
    call("run", dump(home / "in.jsonl", texts), "--recipe", home / "mine.toml", "--out", home / "out", "--workers", 1)
    return home / "out"


def test_tune_of_the_same_settings_changes_nothing(corpus: Path) -> None:
    said = call("tune", corpus).split("\n")
    row = next(line.split() for line in said if line.split()[:1] == ["all"])
    assert row[1] == "7" and row[2] == row[3] and row[4] == "+0"
    assert int(row[2]) == sum(pq.read_metadata(path).num_rows for path in (corpus / "data").glob("*.parquet"))


def test_tune(corpus: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in corpus.rglob("*.parquet")}
    analysis = tmp_path / "analysis.parquet"
    changed = ("max_digit_fraction=0.1", "verse.min_characters=5", "min_score=0")
    said = call("tune", corpus, *(word for change in changed for word in ("--set", change)), "--analysis", analysis)
    table = pq.read_table(analysis)
    assert table.num_rows == 7 and {"id", "kind", "digit_fraction", "quality_score", "before", "after"} <= set(
        table.column_names
    )
    changes = {
        (b, a) for b, a in zip(*(table.column(name).to_pylist() for name in ("before", "after")), strict=True) if b != a
    }
    assert changes == {(None, "max_digit_fraction"), ("min_characters", None), ("min_quality_score", None)}
    assert "max_digit_fraction = 0.1, documents nearest to it:" in said and "今年1月卖出" in said
    assert before == {path: path.read_bytes() for path in corpus.rglob("*.parquet")}


def test_tune_with_another_preset(corpus: Path) -> None:
    assert "min_mean_line_length" in call("tune", corpus, "--preset", "cci4")


@pytest.mark.parametrize(
    "change",
    ["max_digit_fraction", "digits=0.1", "max_digit_fraction=x", "min_characters=nan", "novel.min_characters=5"],
)
def test_tune_with_a_wrong_setting(corpus: Path, change: str) -> None:
    result = CliRunner().invoke(main, ["tune", str(corpus), "--set", change])
    assert result.exit_code == 2 and change.partition("=")[0].partition(".")[0] in result.output


def test_tune_of_a_run_without_quality(tmp_path: Path) -> None:
    out = tmp_path / "out"
    call("dedup", dump(tmp_path / "in.jsonl", ["无", "山中有雨，水上无风，天色渐晚。"]), "--out", out, "--workers", 1)
    said = call("tune", out)
    row = next(line.split() for line in said.split("\n") if line.split()[:1] == ["all"])
    assert "has no [quality]" in said and row[1:] == ["2", "2", "1", "-1"]


def test_tune_tells_what_a_run_with_these_thresholds_keeps(corpus: Path, tmp_path: Path) -> None:
    analysis = tmp_path / "analysis.parquet"
    call("tune", corpus, "--preset", "map-cc", "--set", "prose.min_sentences=1", "--set", "min_score=0.9",
         "--analysis", analysis)  # fmt: skip
    recipe = tmp_path / "again.toml"
    recipe.write_text(
        '[quality]\npreset = "map-cc"\nmin_score = 0.9\nthresholds = { prose = { min_sentences = 1 } }\n',
        encoding="utf-8",
    )
    call("run", corpus.parent / "in.jsonl", "--recipe", recipe, "--out", tmp_path / "out", "--workers", 1)
    table = pq.read_table(analysis).to_pylist()
    rejects = [row for path in (tmp_path / "out/rejects").glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    found = {row["id"]: json.loads(row["detail"])["rule"] for row in rejects}
    assert len(found) > 2
    assert {row["id"]: row["after"][4:] for row in table if row["after"]} == found


def test_tune_of_what_is_no_corpus(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["tune", str(tmp_path)])
    assert result.exit_code == 2 and "manifest.json" in result.output
