"""Rules for page furniture: golden cases rule by rule, metadata, and files of one's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from cci_tools.cleaning import boilerplate, boilerplate_rules
from cci_tools.cleaning.repair import clean
from cci_tools.cleaning.stage import Cleaning
from cci_tools.stage import make_batch
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "cleaning" / "boilerplate_rules.jsonl"
ARTICLE = "市政府今天召开全体会议，研究部署下半年重点工作，审议并原则通过有关文件。\n会议强调，要持续改善民生。"
LINES = [json.loads(line) for line in GOLDEN.read_text("utf-8").split("\n") if line]
PROSE = "\n".join(f"会议听取了汇报，要求各地各部门压实责任，第{i + 1}项工作已经完成。" for i in range(24))


@pytest.mark.parametrize("row", LINES, ids=lambda row: f"{row['rule']}-{row['goes']}")
def test_golden_boilerplate_rule(row: dict[str, Any]) -> None:
    furniture = boilerplate.load()
    text = "\n".join(filter(None, (row["head"], PROSE, row["tail"])))
    result = clean(text)
    assert result.text == (PROSE if row["goes"] else text)
    if row["goes"]:
        patterns = {match.re for _, match in boilerplate._matches(text, furniture)}
        assert row["rule"] in {rule.id for rule in furniture.rules if rule.pattern in patterns}


def test_metadata_moves_into_empty_columns_only() -> None:
    text = "来源：某市日报　发布时间：2024-03-18 10:22\n" + ARTICLE
    batch = make_batch([text, text], source=[None, "某省日报"], published=["", None])
    out = apply(Cleaning(), batch)
    assert out.column("text").to_pylist() == [ARTICLE, ARTICLE]
    assert out.column("source").to_pylist() == ["某市日报", "某省日报"]
    assert out.column("published").to_pylist() == ["2024-03-18 10:22", "2024-03-18 10:22"]
    credit = make_batch([ARTICLE + "\n（来源：某市&nbsp;日报） 2024年3月18日"], source=[""], published=[""])
    out = apply(Cleaning(), credit)
    assert out.column("source").to_pylist() == ["某市 日报"]
    assert out.column("published").to_pylist() == ["2024年3月18日"]
    kept = apply(Cleaning(skip=("boilerplate",)), batch)
    assert kept.column("source").to_pylist() == [None, "某省日报"] and kept.column("text").to_pylist() == [text, text]


def test_editor_goes_to_meta() -> None:
    batch = make_batch(
        [ARTICLE + "\n责任编辑：王某某  校对：李某某", ARTICLE + "（来源：某市日报 责任编辑：张某）", ARTICLE],
        meta=['{"channel":"要闻"}', None, None],
        source=[None] * 3,
    )
    out = apply(Cleaning(), batch)
    assert out.column("text").to_pylist() == [ARTICLE] * 3
    assert out.column("meta").to_pylist() == ['{"channel":"要闻","editor":"王某某"}', '{"editor":"张某"}', None]
    assert out.column("source").to_pylist() == [None, "某市日报", None]
    again = apply(Cleaning(), make_batch([ARTICLE + "\n责任编辑：王某某"], meta=['{"editor":"陈某"}']))
    assert again.column("meta").to_pylist() == ['{"editor":"陈某"}']


def test_rules_of_ones_own_are_added_and_replace_those_of_their_name(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    slogan = '[[rule]]\nid = "slogan"\npattern = "某报官方账号"\nposition = "tail"\nneedles = ["某报"]\n'
    path.write_text(slogan, "utf-8")
    text = ARTICLE + "\n责任编辑：王某\n某报官方账号"
    both = Cleaning(boilerplate=("seeds/boilerplate.toml", str(path)))
    assert apply(both, make_batch([text])).column("text").to_pylist() == [ARTICLE]
    path.write_text(slogan.replace("slogan", "byline"), "utf-8")
    boilerplate.load.cache_clear()
    furniture = boilerplate.load(("seeds/boilerplate.toml", str(path)))
    assert boilerplate.strip(text, furniture)[0] == ARTICLE + "\n责任编辑：王某"
    boilerplate.load.cache_clear()


def test_own_boilerplate_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[rule]]\nid = "slogan"\npattern = "某报官方账号"\nposition = "tail"\nneedles = ["某报"]\n', "utf-8"
    )
    stage = Cleaning(boilerplate=(str(path),))
    out = apply(stage, make_batch([ARTICLE + "\n某报官方账号", ARTICLE + "\n责任编辑：王某"]))
    assert out.column("text").to_pylist() == [ARTICLE, ARTICLE + "\n责任编辑：王某"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('pattern = "("\nposition = "head"\nneedles = []', "rule 'x'"),
        ('pattern = "a"\nposition = "middle"\nneedles = []', "head, tail or ends"),
        ('pattern = "a"\nposition = "head"', "needles is missing"),
        ('pattern = "a"\nposition = "head"\nneedles = []\nlenght = 3', "unknown field lenght"),
        ('pattern = "a"\nposition = "head"\nneedles = "abc"', "needles is a list of strings"),
        ('pattern = "a"\nposition = "head"\nneedles = ["ab"]', "a needle is a string of a Hanzi or three letters"),
        ('pattern = "a"\nposition = "head"\nneedles = []\nmax_chars = 500', "max_chars is at most 100, not 500"),
        ('pattern = "a"\nposition = "head"\nneedles = []\nlines = 0', "lines is a whole number above 0"),
        ('pattern = "a"\nposition = "head"\nneedles = []\ncut = 1', "cut is true or false"),
        ('pattern = "{naem}"\nposition = "head"\nneedles = []', r"pattern: there is no fragment \{naem\}"),
        ('pattern = "(?P<autor>a)"\nposition = "head"\nneedles = []', "no group autor"),
        ('pattern = "a"\nguard = "["\nposition = "head"\nneedles = []', "guard: unterminated"),
        ('pattern = "(?:[\u3400-\u9fff]+)+x"\nposition = "head"\nneedles = ["编辑"]', "pattern: takes too long"),
        ('pattern = "(a|aa)*c"\nposition = "head"\nneedles = ["aaa"]', "pattern: takes too long"),
        ('pattern = "a"\nneeds = "(1*)*2"\nposition = "head"\nneedles = []', "needs: takes too long"),
    ],
)
def test_boilerplate_file_errors_name_the_rule(tmp_path: Path, rule: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'[[rule]]\nid = "x"\n{rule}\n', "utf-8")
    with pytest.raises(ValueError, match=message) as raised:
        boilerplate.load((str(path),))
    assert str(raised.value).startswith(f"{path}: rule 'x': ")


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ("[[rule]", "not a readable TOML file"),
        ("", "no \\[\\[rule"),
        ("rule = 3", "no \\[\\[rule"),
        ("[[rules]]\nid = 'x'", "unknown key rules"),
        ("[fragments]\na = 1\n[[rule]]\nid = 'x'", "fragments are strings"),
        ("[[rule]]\nposition = 'head'", "rule number 1: id, needles, pattern is missing"),
        ("[[rule]]\nid='x'\npattern='a'\nposition='head'\nneedles=[]\n" * 2, "rule 'x': there are two of that id"),
    ],
)
def test_errors_of_a_boilerplate_file(tmp_path: Path, contents: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(contents, "utf-8")
    with pytest.raises(ValueError, match=message):
        boilerplate.load((str(path),))


def test_the_rules_of_the_package_are_quick_too() -> None:
    for rule in boilerplate.load().rules:
        boilerplate_rules._time(rule, rule.id)
