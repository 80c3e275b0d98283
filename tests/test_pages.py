"""Pages: the main text and its facts, the parser against its plain twin, hostile markup, encodings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference.page import parse as plain_parse

from cci_tools.cleaning.page import all_text, main_text
from cci_tools.cleaning.page_furniture import is_tool, nothing_but_furniture
from cci_tools.kernels.page import TAGS, TooManyNodes, parse
from cci_tools.shards.reader import Reading, inputs, read_split, splits

GOLDEN = sorted((Path(__file__).parent / "golden" / "html").glob("*.html"))

MARKUP = [
    *("<p>", "</p>", "<div>", "</div>", "<div class=a>", "<a href=x>", "</a>", "<br>", "<table>", "<tr>", "<td>"),
    *("</td>", "</tr>", "</table>", "<li>", "</li>", "<ul>", "</ul>", "<b>", "</b>", "<span style='display:none'>"),
    *("</span>", "<script>", "</script>", "<!--", "-->", "<title>", "</title>", "<pre>", "</pre>", "<body>", "</body>"),
    *(
        "<x-y>",
        "文字，",
        "正文一段。",
        " ",
        "\n",
        "&nbsp;",
        "&lt;",
        "&#20013;",
        "<",
        ">",
        "'",
        '"',
        "=",
        "<a b='",
        "</",
    ),
    *("<!", "\0", "<dd>", "<dt>", "<dl>", "</dl>", "<option>", "<select>", "</select>", "<th>", "<tbody>", "<h1>"),
    *(
        "</h1>",
        "<img/>",
        "<textarea>",
        "</textarea>",
        "<frameset>",
        "</b",
        "<p",
        "<style",
        "</style>",
        "<svg/>",
        "<ol>",
    ),
    *("<button>", "\ufffd"),
]
markup = st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=3)), max_size=60).map("".join)


def rows(path: Path, tmp_path: Path, **settings: Any) -> list[dict[str, Any]]:
    reading = Reading(**settings)
    found = []
    for split in splits(inputs([path]).files, reading, spool=tmp_path / "spool"):
        for batch in read_split(split, reading):
            found += batch.to_pylist()
    return found


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.stem)
def test_golden(page: Path, tmp_path: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text("utf-8"))
    (row,) = rows(page, tmp_path)
    if "reason" in expected:
        assert row["reason"] == f"reader.{expected['reason']}"
        assert json.loads(row["detail"])["value"] == expected["value"]
    else:
        assert row["reason"] is None
        assert row["source"] is None  # a page that names its source proves nothing
        meta = json.loads(row["meta"] or "{}")
        row |= {"source": meta.get("byline"), "editor": meta.get("editor")}
        assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("charset", ["gb18030", "big5hkscs", "utf-16", "utf-8-sig"])
def test_encodings(charset: str, tmp_path: Path) -> None:
    text = "市政府今天召開會議，研究部署下一階段的工作，要求各部門認真落實。" * 3
    path = tmp_path / "page.htm"
    path.write_bytes(f"<meta charset=iso-8859-1><body><p>{text}</p>".encode(charset))
    (row,) = rows(path, tmp_path)
    assert row["text"] == text


def test_declared_encoding_decides_where_bytes_do_not(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    text = "これは日本語のページです。お知らせをここに載せています。"
    path.write_bytes(f"<meta charset='shift_jis'><p>{text}</p>".encode("shift_jis"))
    (row,) = rows(path, tmp_path)
    assert row["text"] == text


def test_all_text(tmp_path: Path) -> None:
    (row,) = rows(GOLDEN[[page.stem for page in GOLDEN].index("links")], tmp_path, html="all_text")
    assert row["reason"] is None
    assert row["text"].count("\n") == 2
    assert all_text("<p>一</p><script>x</script><nav>二</nav>").text == "一\n二"


def test_field_names_are_those_of_the_recipe(tmp_path: Path) -> None:
    (row,) = rows(GOLDEN[[page.stem for page in GOLDEN].index("news")], tmp_path, text=("正文",), title=("标题",))
    assert row["title"] == "滨江新区建成百座口袋公园"
    assert json.loads(row["meta"])["editor"] == "赵二"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_main_text"),
        (b"\0" * 5000, "broken_page"),
        (bytes(range(256)) * 400, "broken_page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "broken_page"),
        (b"<b>x</b>" * 600_000, "broken_page"),
        (b"<html><body><p>", "no_main_text"),
    ],
)
def test_what_is_no_page_is_a_reject(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(data)
    (row,) = rows(path, tmp_path)
    assert row["reason"] == f"reader.{reason}"
    assert row["detail"]


FURNITURE = (
    "抱歉，您访问的页面不存在。",
    "您需要登录后才可以查看本帖。",
    "免责声明：本站内容均来自网络。",
    "版权所有 © 2014 示例网",
    "相关推荐",
    "2024",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_one_sentence_more_is_a_text(line: str) -> None:
    sentence = "因管网检修，三月五日八时至十八时停水。"
    assert nothing_but_furniture(line)
    assert not nothing_but_furniture(f"{line}\n{sentence}")
    assert not nothing_but_furniture(f"{sentence}\n{line}")
    assert not nothing_but_furniture(sentence + line)


@pytest.mark.parametrize(
    "line",
    [
        "打印机已经联网",
        "推荐三种做法",
        "1",
        "2 / 3",
        "页",
        "返回首页可以重来",
        "< 5",
        "点击按钮，程序进入下一页>>。",
        "<>",
    ],
)
def test_a_line_with_a_word_of_its_own_is_no_tool(line: str) -> None:
    assert not is_tool(line)


@pytest.mark.parametrize(
    "unit", ["1", "页1", "下一页", "赞1", "【1", "抱歉", "本站", "登录", "a", " ", "：", "您访问的", "免责声明 "]
)
def test_hostile_lines_end(unit: str) -> None:
    line = (unit * 400)[:399] + "\0"
    assert not is_tool(line[-80:])
    nothing_but_furniture(line)
    nothing_but_furniture("下一页" + line[-70:])


def test_a_page_without_body() -> None:
    assert main_text("<title>题</title><p>第一段，说一件事。<p>第二段，说<b>另一件</b>事。").text.count("\n") == 1
    assert main_text("没有标签的文字，一共两句。<br>这是第二句，<i>也</i>是最后一句。").text.count("\n") == 1


def test_a_nul_byte_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes("<p>第一段正文，\0说的是\0一件事，很重要。".encode())
    (row,) = rows(path, tmp_path)
    assert row["reason"] is None


@pytest.mark.parametrize(
    "page",
    [
        *(
            "<p>下一页" + piece * 3000 + "\0</p><p>正文一段，说一件事。</p>"
            for piece in ("1", "1/1 ", "推荐1", "【1】", "：")
        ),
        *(
            f"<p>正文一段，说一件事。</p><p>{piece * 30}\0</p>"
            for piece in ("下一页1", "推荐1", "【1", "来源：", "2019-01-01", "编辑：甲 ")
        ),
        "<div>" * 200_000 + "正文在最深处，一句话。",
        "".join(f"<font color={i}>" for i in range(3000)) + "<p>一句话，两句话。</p>" * 3000,
        "<table>" * 50_000 + "<tr><td>一句话，两句话，三句话。",
        "<!--" * 300_000 + "<p>一句话，两句话，三句话。",
        "<title>" * 100_000,
        "<a b='><a b=\"" * 100_000,
        "<ul><li>" * 50_000 + "一句话，两句话，三句话。",
    ],
    ids=[*(f"lines{i}" for i in range(11)), "divs", "fonts", "tables", "comments", "titles", "quotes", "lists"],
)
def test_hostile_pages_end(page: str) -> None:
    found = main_text(page)  # markup that takes a parser of the standard time squared, or memory squared
    assert set(found.text) <= {*page, "\n"}  # nothing but the page's own characters, and ends of its paragraphs
    assert found.nodes <= len(page)


def test_depth_is_bounded() -> None:
    page = parse(b"<div>" * 5000 + b"x")
    depth = np.zeros(len(page.tag), int)
    for node in range(1, len(page.tag)):
        depth[node] = depth[page.parent[node]] + 1
    assert depth.max() == 512


def test_too_many_nodes() -> None:
    assert len(parse(b"<p>" * 10, limit=10).tag) == 10
    with pytest.raises(TooManyNodes, match="more than 9"):
        parse(b"<p>" * 10, limit=9)


@settings(max_examples=300, deadline=None)
@given(markup)
@example("<p\0>text</p\0></p>")
def test_parser_equals_its_plain_twin(text: str) -> None:
    data = text.encode("utf-8", "replace")
    page = parse(data)
    arrays = (page.tag, page.parent, page.after, page.start, page.stop, page.chars, page.marks)
    found = [
        (TAGS[tag], parent, after, data[start:stop], chars, marks)
        for tag, parent, after, start, stop, chars, marks in zip(*(array.tolist() for array in arrays), strict=True)
    ]
    assert found == plain_parse(data)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), markup.map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_have_a_tree(data: bytes) -> None:
    page = parse(data)
    nodes = np.arange(len(page.tag))
    assert (page.parent < nodes).all()
    assert (page.after > nodes).all()
    inside = page.parent >= 0
    assert (page.after[inside] <= page.after[page.parent[inside]]).all()


@settings(max_examples=200, deadline=None)
@given(markup)
@example("\x1f")
def test_main_text_is_whole_lines_without_blank_ones(text: str) -> None:
    for found in (main_text(text), all_text(text)):
        assert not found.text or all(line.strip() for line in found.text.split("\n"))
