"""Keyword libraries: what is read and refused, how words are weighed, and the check of a library."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cci_tools.cli import main
from cci_tools.compliance.keywords import CONTEXT_NEAR, NEAR, Finding, Scanner
from cci_tools.compliance.libraries import Library, LibraryError, Word, expand, library_files, read_library
from cci_tools.compliance.library_check import check_libraries
from cci_tools.compliance.standards import read_standards
from cci_tools.kernels.arrow import text_buffers
from cci_tools.resources import folder

TODAY = date(2026, 11, 22)
SMALL = """
category = "gambling"
updated = 2026-11-20
allow = ["反赌场"]
[[group]]
class = "A.1.a"
weight = 2
words = ["{网上|在线}赌场", "赌场"]
[[group]]
requires = ["contact"]
words = ["下注"]
[cues]
contact = ["加微信"]
[contexts]
law = ["判决", "依法"]
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def findings(library: Path, text: str) -> dict[str, Finding]:
    found = Scanner([read_library(library)]).scan(*text_buffers(["", text]))
    return {category: finding for row, category, finding in found if row == 1}


def test_toml(tmp_path: Path) -> None:
    library = read_library(write(tmp_path / "a.toml", SMALL))
    assert [(word.text, word.weight, word.requires, word.label) for word in library.words] == [
        ("反赌场", 0, (), ""),
        ("网上赌场", 2, (), "A.1.a"),
        ("在线赌场", 2, (), "A.1.a"),
        ("赌场", 2, (), "A.1.a"),
        ("下注", 1, ("contact",), ""),
    ]
    assert library.updated == date(2026, 11, 20) and library.contexts == {"law": ("判决", "依法")}


def test_csv_and_text(tmp_path: Path) -> None:
    text = (
        "word,category,class,weight,requires,updated\n赌场,gambling,A.1.a,2,contact/call,2026-11-01\n,,,,,\n刷单,,,,,\n"
    )
    library = read_library(write(tmp_path / "own.csv", text))
    assert library.words == (
        Word(text="赌场", category="gambling", weight=2, requires=("contact", "call"), label="A.1.a"),
        Word(text="刷单", category="own"),
    )
    assert library.updated == date(2026, 11, 1)
    library = read_library(write(tmp_path / "list.txt", "\ufeff# 说明\n赌场\r\n\n 刷单 \n"))
    assert [(word.text, word.category) for word in library.words] == [("赌场", "list"), ("刷单", "list")]
    assert [file.name for file in library_files(tmp_path)] == ["list.txt", "own.csv"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "category = 1 2", r"a\.toml: "),
        ("a.toml", "words = []", "unknown key 'words'"),
        ("a.toml", "[[group]]\nword = []", "group 1: unknown key 'word'"),
        ("a.toml", '[[group]]\nwords = "赌场"', "group 1: expected a list of words"),
        ("a.toml", '[[group]]\nweight = "x"\nwords = []', "group 1: weight: 'x' is not a number"),
        ("a.toml", '[[group]]\nwords = ["{a|b"]', "a brace is not closed"),
        ("a.toml", '[[group]]\nwords = ["a}b"]', "a brace is closed that was not opened"),
        ("a.toml", f'[[group]]\nwords = ["{"{a|b}" * 20}"]', "stands for 1,048,576 words"),
        ("a.toml", 'updated = "gestern"', "updated: 'gestern' is not a day"),
        ("a.csv", "category\nx\n", "column 'word' is missing"),
        ("a.csv", "word,colour\nx,y\n", "unknown column 'colour'"),
        ("a.csv", "word,weight\n赌场,-1\n", "row 2: weight: '-1'"),
        ("a.csv", "word,updated\n赌场,2026\n", "row 2: updated: '2026' is not a day"),
        ("a.csv", "word,weight\n赌场\n", "row 2: not 2 values"),
        ("a.xlsx", "", "expected a .toml, .csv or .txt file"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(LibraryError, match=message):
        read_library(write(tmp_path / name, text))


def test_words_that_cannot_be_used() -> None:
    with pytest.raises(LibraryError, match="a: '赌': a word of one character"):
        Scanner([Library(file="a", words=(Word(text="赌", category="x"),))])
    with pytest.raises(LibraryError, match="a: 赌场: requires the cue 'nobody'"):
        Scanner([Library(file="a", words=(Word(text="赌场", category="x", requires=("nobody",)),))])


@given(st.text("ab{|}", max_size=12))
def test_expand_never_breaks(pattern: str) -> None:
    try:
        words = expand(pattern)
    except ValueError:
        return
    assert all("{" not in word and "}" not in word for word in words) and words
    if "{" not in pattern:
        assert words == [pattern]


def test_score(tmp_path: Path) -> None:
    library = write(tmp_path / "a.toml", SMALL)
    assert findings(library, "下注") == {} and findings(library, "反赌场活动") == {}
    one = findings(library, "网上赌场")["gambling"]
    assert (one.score, one.hits, one.distinct, one.words) == (2, 1, 1, ("网上赌场",))  # 赌场 lies inside it
    assert one.density == 500
    several = findings(library, "赌场下注，加微信")["gambling"]
    assert (several.score, several.distinct, several.cues) == (4, 2, ("contact",))
    often = findings(library, "赌场，赌场，赌场")["gambling"]
    assert (often.score, often.hits) == (3, 3)
    judged = findings(library, "赌场一案依法判决")["gambling"]
    assert (judged.score, judged.contexts, judged.context_kinds) == (0, 2, ("law",))


def test_cues_and_contexts_count_only_near(tmp_path: Path) -> None:
    library = write(tmp_path / "a.toml", SMALL)
    near, far = "字" * (NEAR // 3 - 1), "字" * (NEAR // 3 + 1)
    assert findings(library, f"赌场{near}加微信")["gambling"].cues == ("contact",)
    assert findings(library, f"赌场{far}加微信")["gambling"].cues == ()
    assert findings(library, f"赌场{'字' * (CONTEXT_NEAR // 3 - 1)}判决")["gambling"].contexts == 1
    assert findings(library, f"赌场{'字' * (CONTEXT_NEAR // 3 + 1)}判决")["gambling"].contexts == 0


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("赌场13812345678", ("number",)),
        ("赌场 138-1234-5678", ("number",)),
        ("赌场 QQ：123456", ("number",)),
        ("赌场 vx abc889900", ("number",)),
        ("赌场 @abcde", ("number",)),
        ("赌场 abc123.vip/a", ("address",)),
        ("赌场2024年12345678件", ()),
        ("赌场 very quickly", ()),
        ("赌场 13812345678901", ()),
        ("赌场 file.common", ()),
    ],
)
def test_numbers_and_addresses(tmp_path: Path, text: str, cues: tuple[str, ...]) -> None:
    assert findings(write(tmp_path / "a.toml", SMALL), text)["gambling"].cues == cues


def test_check_of_a_library(tmp_path: Path) -> None:
    standards = read_standards(folder("seeds") / "standards.toml")
    words = "".join(f"词{number:05},A.1.a\n" for number in range(10_000)) + "".join(f"语{n},A.2.b\n" for n in range(99))
    path = write(tmp_path / "big.csv", f"word,class,updated\n{words}".replace("A.1.a\n", "A.1.a,2026-11-20\n"))
    path = write(path, path.read_text(encoding="utf-8").replace("A.2.b\n", "A.2.b,2026-11-20\n"))
    checks = {c.name: c for c in check_libraries([read_library(path)], standards, today=TODAY, classes=("A.1.c",))}
    assert checks["total"].passed and checks["total"].value == "10,099 words"
    assert "10,000 (TC260-003" in checks["total"].setting and "2024-02" in checks["total"].setting
    assert checks["class A.1.a"].passed and not checks["class A.2.b"].passed and not checks["class A.1.c"].passed
    assert checks["age of big.csv"].passed
    old = check_libraries([read_library(path)], standards, today=date(2026, 11, 28))
    assert [check.name for check in old if not check.passed] == ["class A.2.b", "age of big.csv"]


def test_check_names_useless_words(tmp_path: Path) -> None:
    text = SMALL + '[[group]]\nclass = "A.1.b"\nwords = ["賭場", "{赌|下注}", "会议"]\n'
    text = (
        text.replace("[cues]", "[unused]").partition("[unused]")[0] + text[text.index('[[group]]\nclass = "A.1.b"') :]
    )
    library = read_library(write(tmp_path / "a.toml", text))
    clean = ["会议今天召开", "天气晴", "会议，下注"]
    checks = {c.name: c for c in check_libraries([library], {}, today=TODAY, clean=clean, too_general=0.5)}
    assert checks["words of one character"].value == "1: 赌" and not checks["words of one character"].passed
    assert checks["words given twice"].value.startswith("2: ") and checks["words given twice"].passed
    assert checks["words that are too general"].value == "1: 会议 (66.7%)"
    # An entry counts once, however many words it stands for.
    assert checks["total"].value == "5 words" and checks["class A.1.b"].value == "3 words"
    with pytest.raises(ValueError, match="too_general: a share above 0"):
        check_libraries([library], {}, today=TODAY, too_general=0)


def test_on_the_command_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.toml", SMALL)
    arguments = ["audit", "keywords", str(path), "--today", "2026-11-22"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1 and "3 words, which stand for 4" in result.output
    figures = "".join(
        f'[[figure]]\nid = "{name}"\nvalue = {value}\nstandard = "S"\nversion = "1"\nmeaning = "m"\n'
        for name, value in (("keywords_total", 3), ("keywords_a1", 2), ("keywords_age_days", 7))
    )
    own = write(tmp_path / "standards.toml", figures)
    result = CliRunner().invoke(main, [*arguments, "--standards", str(own)])
    assert result.exit_code == 0 and "at least 3 (S, 1)" in result.output
    result = CliRunner().invoke(main, ["audit", "keywords", str(write(tmp_path / "b.toml", "x = 1"))])
    assert result.exit_code == 2 and "unknown key 'x'" in result.output
    clean = write(tmp_path / "clean.jsonl", '{"text": "这家赌场"}\n')
    result = CliRunner().invoke(main, [*arguments, "--standards", str(own), "--clean", str(clean)])
    assert result.exit_code == 1 and "赌场 (100.0%)" in result.output
