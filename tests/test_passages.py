"""Repeated passages: the kernel against its twin, learning in any division, the stage, and cases both ways."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import passages as twin
from shared_data import shared_data

from cci_tools.dedup.passages import PassageCounter, Settings, hashes_of, learn, load, sites_of
from cci_tools.dedup.stages_passages import Passages
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.passages import count_passages, cut_passages
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage

GOLDEN = Path(__file__).parent / "golden" / "passages"
HANZI = "天地玄黄宇宙洪荒盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"

# fmt: off
POOL = [
    "首页", "归档", "關於我們", "关于我们", "联系", "RSS", "|", "----", "}", "", " \u3000", "`", "```cpp",
    "版权所有，未经许可不得转载。", "扫一扫关注本站公众号吧", "Copyright 2026 Example. All rights.", "相关阅读：",
    "© 2026 某某网", "QQ群列表:", "第一章 总则",
    "第三条 县级以上人民政府应当加强领导。", "第四条 略。", "第十二条 略。", "一、总体要求",
    "（二）基本原则", "1. 打开页面", "12.5亿元", "(3) 说明文字十个字以上啊", "- 食用油", "* [首页](/)", "盐", "生抽",
    "return 0;", "int main() {", "# 标题", ".SH NAME", "'\\\" t", "//", "——《谚语》", "--- 本文结束感谢您的阅读 ---",
    "本报讯", "新华社北京1月1日电", "目 录", "附 則", "特此公告。", "本规定自公布之日起施行。", "某某省人民政府办公厅",
    "2026年1月1日", "二〇二六年一月一日", "某政发〔2026〕1号", "京ICP备12345678号", "根据2009年8月27日的决定第一次修正",
    "市政府昨天开会研究今年的重点工作。", "天气很好，" * 8 + "大家都很高兴。",
    "本文仅代表作者个人的观点，" * 6 + "风险自担。", "欢迎关注本站的微信公众号和微博账号，" * 4,
    "A long line of plain English words that is no paragraph at all, " * 2, "各省、自治区、直辖市人民政府，" * 5 + "：",
]
# fmt: on
lines = st.sampled_from([line.encode() for line in POOL]) | st.binary(max_size=6)
documents = st.lists(lines, max_size=14).map(b"\n".join)


def buffers(raws: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    joined = b"".join(raws)
    values = np.frombuffer(joined, np.uint8) if joined else np.empty(0, np.uint8)
    return values, np.cumsum([0, *map(len, raws)]).astype(np.int64)


def as_keys(numbers) -> np.ndarray:
    return np.array(list(numbers), np.uint64)


# The kernel


@settings(max_examples=300)
@given(st.lists(st.tuples(documents, st.sampled_from([0, 7, 2**64 - 1])), max_size=4), st.sampled_from([60, 12]))
def test_count_equals_twin(rows, longest):
    found = count_passages(
        *buffers([raw for raw, _ in rows]), as_keys(site for _, site in rows), line_characters=longest
    )
    for i, (raw, site) in enumerate(rows):
        keys, paragraphs, filled = twin.count(raw, site, longest)
        assert found.line_keys[found.line_texts == i].tolist() == sorted(keys)
        assert found.paragraph_keys[found.paragraph_texts == i].tolist() == sorted(paragraphs)
        assert bool(found.filled[i]) == filled


@settings(max_examples=400)
@given(documents, st.data())
def test_cut_equals_twin_keeps_whole_lines_and_is_idempotent(raw, data):
    """What is learnt are some keys of the text itself, of others, and of what the first cut leaves."""
    site, owner = 7, 5
    keys, paragraphs, _ = twin.count(raw, site)
    learnt = set(data.draw(st.lists(st.sampled_from(sorted(keys)), unique=True))) if keys else set()
    learnt |= twin.count(data.draw(documents), site)[0] if data.draw(st.booleans()) else set()
    owners = {key: data.draw(st.sampled_from([owner, 6])) for key in paragraphs}

    def cut(raw: bytes) -> tuple[bytes, int, int]:
        done = cut_passages(
            *buffers([raw]),
            as_keys([site]),
            as_keys([owner]),
            site_keys=as_keys(sorted(learnt)),
            paragraph_keys=as_keys(sorted(owners)),
            paragraph_owners=as_keys(owners[key] for key in sorted(owners)),
        )
        return done.values.tobytes(), int(done.lines[0]), int(done.paragraphs[0])

    result = cut(raw)
    assert result == twin.cut(raw, site, owner, learnt, owners)
    rest = iter(raw.split(b"\n"))
    assert not result[0] or all(line in rest for line in result[0].split(b"\n"))  # a subsequence of its lines
    assert result[0] == raw or result[1] + result[2] > 0
    assert cut(result[0]) == (result[0], 0, 0)


def test_texts_are_told_apart_by_offsets_and_slices():
    texts = pa.array(["甲乙丙丁戊己庚辛壬癸子丑", "首页\n归档\n联系", "", "首页"])
    whole = count_passages(*text_buffers(texts), as_keys([1, 1, 1, 1]))
    part = count_passages(*text_buffers(texts.slice(1, 2)), as_keys([1, 1]))
    assert part.line_keys.tolist() == whole.line_keys[whole.line_texts == 1].tolist()
    assert whole.filled.tolist() == [True, True, False, True]


def test_a_text_of_too_many_lines_is_left_alone():
    text = "某某网站的公共页脚一行\n" * 100_001
    found = count_passages(*text_buffers([text]), as_keys([1]))
    assert len(found.line_keys) == 0 and not found.filled[0]
    long_line = "某某网站的公共段落" * 50_000
    assert len(count_passages(*text_buffers([long_line]), as_keys([1])).paragraph_keys) == 0


# Learning


def body(number: int, sentences: int = 3) -> str:
    generator = np.random.default_rng(number)
    return "\n".join("".join(generator.choice(list(HANZI), 24)) + "。" for _ in range(sentences))


def make_pages(page: str, count: int, others: int) -> list[str]:
    pages = []
    for i in range(count):
        values = {"{body}": body(i), "{n}": str(1000 + i), "{d}": str(1 + i % 28)}
        text = page
        for name, value in values.items():
            text = text.replace(name, value)
        pages.append(text)
    return pages + [body(10_000 + i) for i in range(others)]


def run(texts: list[str], tmp_path: Path, stage: Passages, splits: int = 1, size: int = 7, **columns) -> list[str]:
    """Texts after the stage, having learnt from them in so many splits, counted in batches of `size`."""
    batch = make_batch(texts, **columns)
    bounds = [len(texts) * i // splits for i in range(splits + 1)]
    for i in range(splits):
        counter = PassageCounter(stage)
        for start in range(bounds[i], bounds[i + 1], size):
            stage.count(batch.slice(start, min(size, bounds[i + 1] - start)), counter)
        counter.write(tmp_path / f"{i}.arrow")
    paths = [tmp_path / f"{i}.arrow" for i in range(splits)]
    out = tmp_path / f"learnt-{splits}-{size}.arrow"
    learn(paths, stage, out, memory=10_000)
    done = replace(stage, learnt=str(out)).process(batch)
    return [
        f"<{reason}>" if reason else text
        for text, reason in zip(done.column("text").to_pylist(), done.column("reason").to_pylist(), strict=True)
    ]


def golden(name: str) -> list[dict]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("case", golden("site_lines") + golden("site_lines_stay"), ids=lambda case: case["why"])
def test_golden_site_lines(case, tmp_path):
    count, others = case.get("count", 40), case.get("others", 40)
    texts = make_pages(case["page"], count, others)
    expected = make_pages(case.get("expected", case["page"]), count, others)
    hosts = [f"http://www.example.cn/{i}.html" for i in range(len(texts))]
    stage = Passages(paragraphs=False)
    result = run(texts, tmp_path, stage, url=hosts)
    assert result[:count] == expected[:count]
    assert result[count:] == texts[count:]
    apart = [f"http://{i}.example.cn/" for i in range(len(texts))]  # the same pages, of as many hosts
    assert run(texts, tmp_path, stage, url=apart) == texts


@pytest.mark.parametrize("case", golden("paragraphs") + golden("paragraphs_stay"), ids=lambda case: case["why"])
def test_golden_paragraphs(case, tmp_path):
    count = case.get("count", 25)
    texts = make_pages(case["page"], count, 10)
    expected = make_pages(case.get("expected", case["page"]), count, 10)
    assert run(texts, tmp_path, Passages()) == [texts[0], *expected[1:]]  # the first keeps its copy


def test_thresholds(tmp_path):
    page, hosts = "{body}\n扫一扫关注本站公众号吧", [f"http://a.cn/{i}" for i in range(100)]
    stage = Passages(paragraphs=False)
    assert run(make_pages(page, 10, 90), tmp_path, stage, url=hosts)[0] == body(0)
    assert run(make_pages(page, 9, 91), tmp_path, stage, url=hosts)[0] != body(0)
    assert run(make_pages(page, 40, 9), tmp_path, stage, url=hosts[:49])[0] != body(0)
    assert run(make_pages(page, 40, 9), tmp_path, replace(stage, site_documents=49), url=hosts[:49])[0] == body(0)
    paragraph = "{body}\n" + "欢迎关注本站的微信公众号和微博账号，" * 4
    stage = Passages(site_lines=False)
    assert run(make_pages(paragraph, 20, 0), tmp_path, stage) == make_pages(paragraph, 20, 0)
    assert run(make_pages(paragraph, 21, 0), tmp_path, stage)[1:] == make_pages("{body}", 21, 0)[1:]
    off = Passages(site_lines=False, paragraphs=False)
    assert run(make_pages(paragraph, 60, 0), tmp_path, off, url=hosts[:60]) == make_pages(paragraph, 60, 0)


def test_a_file_learnt_anew_in_the_same_instant_is_read_anew(tmp_path):
    page, stage = "{body}\n" + "欢迎关注本站的微信公众号和微博账号，" * 4, Passages(site_lines=False)
    found = []
    for count in (20, 21):
        counter = PassageCounter(stage)
        stage.count(make_batch(make_pages(page, count, 0)), counter)
        counter.write(tmp_path / "counts.arrow")
        learn([tmp_path / "counts.arrow"], stage, tmp_path / "learnt.arrow")
        os.utime(tmp_path / "learnt.arrow", ns=(0, 0))
        found.append(len(load(str(tmp_path / "learnt.arrow"), stage).paragraphs))
    assert found == [0, 1]


def test_result_does_not_depend_on_splits_or_batches(tmp_path):
    page = "某某网\n首页\n归档\n{body}\n相关阅读\n版权所有，未经许可不得转载。\n" + "欢迎关注本站的微信公众号，" * 5
    texts = make_pages(page, 60, 20)
    order = np.random.default_rng(1).permutation(len(texts))
    texts = [texts[i] for i in order]
    columns = {"url": [f"http://a.cn/{i % 3}" for i in range(80)], "origin": [f"a.jsonl#byte={i}" for i in range(80)]}
    results = [run(texts, tmp_path, Passages(), splits, size, **columns) for splits, size in ((1, 80), (2, 3), (7, 1))]
    files = {(tmp_path / f"learnt-{name}.arrow").read_bytes() for name in ("1-80", "2-3", "7-1")}
    assert len(files) == 1
    assert results[0] == results[1] == results[2] != texts


def test_counts_are_merged_while_they_are_collected(tmp_path, monkeypatch):
    monkeypatch.setattr("cci_tools.dedup.passage_counts.HELD", 50)
    test_result_does_not_depend_on_splits_or_batches(tmp_path)


def test_page_of_furniture_alone_is_rejected_and_keeps_its_text(tmp_path):
    menu = "某某网\n首页\n新闻\n归档\n联系我们\n|\n\n页面没有找到"
    texts = [menu] * 30 + make_pages("{body}", 40, 0)
    batch = make_batch(texts, url=["http://a.cn/"] * 70)
    stage = Passages()
    counter = PassageCounter(stage)
    stage.count(batch, counter)
    counter.write(tmp_path / "0.arrow")
    learn([tmp_path / "0.arrow"], stage, tmp_path / "learnt.arrow")
    done = replace(stage, learnt=str(tmp_path / "learnt.arrow")).process(batch)
    assert done.column("reason").to_pylist() == ["passages.empty"] * 30 + [None] * 40
    assert done.column("text").to_pylist() == texts
    assert done.column("passages_removed").to_pylist() == [6] * 30 + [0] * 40
    assert json.loads(done.column("detail")[0].as_py())["rule"] == "site_lines"
    few = run(["首页\n归档\n联系我们"] * 60, tmp_path, stage, url=["http://a.cn/"] * 60)
    assert few == ["首页\n归档\n联系我们"] * 60  # three lines are no page


def test_sites():
    urls = ["http://www.A.cn/x", "https://a.cn:8080?y", "u@a.cn", "b.a.cn/1", "javascript:void(0)", "", None, None]
    sources = [None, None, None, None, None, None, "甲报", ""]
    sites = sites_of(pa.array(urls), pa.array(sources)).tolist()
    assert sites[0] == sites[1] == sites[2] != sites[3]
    assert sites[4] == sites[5] == sites[7] == 0 != sites[6]
    assert hashes_of(pa.array(["a", None, "", "a"])).tolist()[1:3] == [0, 0]


# The stage


def test_stage_conforms(tmp_path):
    check_stage(Passages())
    notice = "市人民政府办公厅印发通知，要求各部门认真落实年度重点任务，切实做好民生保障和安全生产工作。"
    pages = make_pages(notice + "\n责任编辑：王某\n【打印本页】【关闭窗口】\n上一篇：没有了\n{body}", 60, 0)
    run(pages, tmp_path, Passages(paragraph_characters=20), url=["http://www.gov.cn/a.htm"] * 60)
    stage = Passages(paragraph_characters=20, learnt=str(tmp_path / "learnt-1-7.arrow"))
    assert len(load(stage.learnt, stage).lines) and len(load(stage.learnt, stage).paragraphs)
    check_stage(stage)


@pytest.mark.parametrize(
    "bad", [{"site_share": 0.0}, {"site_share": 1.5}, {"site_documents": 1}, {"paragraph_characters": 5}]
)
def test_settings_out_of_range(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Settings(**bad)


def test_files_of_other_lengths_are_refused(tmp_path):
    run(make_pages("{body}", 3, 0), tmp_path, Passages())
    learnt = str(tmp_path / "learnt-1-7.arrow")
    with pytest.raises(ValueError, match="expected 'passages-1 40 50'"):
        Passages(site_line_characters=40, learnt=learnt).open()
    (tmp_path / "other").write_text("not a table")
    with pytest.raises(ValueError, match="no passages"):
        Passages(learnt=str(tmp_path / "other")).open()


def test_real_statutes_and_verse_keep_every_line_and_recipes_their_ingredients(tmp_path):
    with open(shared_data("corpus", "small_public.jsonl.zst"), "rb") as file:
        stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file)
        rows = [json.loads(line) for line in io.BufferedReader(stream)]
    chosen = {"law", "justlaws", "twlaw", "poetry", "howtocook", "govreport"}
    rows = [row for row in rows if row["id"].split("-")[0] in chosen]
    parts, texts = [row["id"].split("-")[0] for row in rows], [row["text"] for row in rows]
    assert set(parts) == chosen
    result = run(texts, tmp_path, Passages(), url=[f"http://{part}.cn/" for part in parts], size=100)
    for part, before, after in zip(parts, texts, result, strict=True):
        if part == "howtocook":  # all of them end by asking for reports of mistakes, below a rule
            before = "\n".join(line for line in before.split("\n") if "Pull request" not in line)
        assert after.rstrip("-\n") == before.rstrip("-\n")
