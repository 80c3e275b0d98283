"""Kinds of documents, and thresholds by kind."""

import numpy as np
import pytest

from cci_tools.quality.kinds import BY_KIND, KINDS, judge_by_kind, kind_of, rules_by_kind
from cci_tools.quality.measures import measure
from cci_tools.quality.presets import PRESETS, REASONS
from cci_tools.quality.stage import Quality
from cci_tools.recipe import load_recipe
from cci_tools.stage import make_batch
from cci_tools.walk import apply

LAW = "第一条 为了规范档案管理，制定本办法。\n第二条 本市行政区域内的档案工作，适用本办法。\n"
LAW_T = "第 1 條\n為規範檔案管理，制定本辦法。\n第 2 條\n本辦法自公布日施行。\n"
TABLE = "月份\t收入\t支出\n" + "\n".join(f"{m}月\t{m * 37}\t{m * 21}" for m in range(1, 10))
MARKDOWN_TABLE = "| 名称 | 用途 |\n|---|---|\n" + "\n".join(f"| 零件{i} | 固定支架 |" for i in range(9))
FORUM = "\n".join(f"@路人{i}：说得对，我也这么看" for i in range(6))
MANUAL = "## 安装\n先下载 package，再运行 install 命令：\n- 打开 terminal\n- 输入 make && make install\n- 重启 server\n"
RECIPE = "原料\n- 豆腐\n- 青菜\n- 盐\n- 油\n做法\n- 豆腐切块\n- 下锅翻炒\n"
POEM = "小溪流过石桥边，\n柳影随风落水前。\n昨夜梦中听雨声，\n今朝花下看炊烟。"
NEWS = "本报讯 市图书馆昨天重新开放，新增座位三百个，周末的读者比去年多了两成。\n馆长说，明年还要延长开放时间。"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LAW, "statute"),
        (LAW_T, "statute"),
        (TABLE, "tables"),
        (MARKDOWN_TABLE, "tables"),
        ("1 2 3 4 5 6 7 8 9", "tables"),
        (FORUM, "forum"),
        (MANUAL, "documentation"),
        (RECIPE, "documentation"),
        (POEM, "verse"),
        (NEWS, "prose"),
        ("第一条消息是他发的。\n我没有回。" + NEWS * 8, "prose"),
        ("有事请发信到 a@b.cn，我们会在三个工作日内答复，欢迎大家来信。", "prose"),
        ("", "prose"),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert list(KINDS)[kind_of(measure([text]))[0]] == kind


def test_every_kind_has_the_rules_of_the_preset() -> None:
    for preset, rules in PRESETS.items():
        for kind, own in rules_by_kind(preset).items():
            names = [rule.name for rule in own]
            assert len(set(names)) == len(names)
            assert {rule.name for rule in rules} <= set(names)
            assert preset == "cci" or own == rules, kind
    assert {rule.reason for rules in BY_KIND["cci"].values() for rule in rules} <= set(REASONS)
    assert set(BY_KIND["cci"]) < set(KINDS)


def test_a_kind_has_its_own_threshold() -> None:
    refrain = "一更月上照楼台。\n" + "杨柳青青江水平。\n" * 15 + "五更人散各归来。\n"
    assert list(KINDS)[kind_of(measure([refrain]))[0]] == "verse"
    repeats = [f"max_top_{n}gram_fraction" for n in (2, 3, 4)]
    repeats += ["max_duplicate_line_character_fraction", "max_longest_run_fraction"]
    same = Quality(model="", thresholds={"verse": dict.fromkeys(repeats, 1.0)})
    assert apply(Quality(model=""), make_batch([refrain])).column("reason")[0].as_py().startswith("quality.")
    assert apply(same, make_batch([refrain])).column("reason").to_pylist() == [None]


def test_the_threshold_of_a_kind_comes_after_that_of_all() -> None:
    rules = rules_by_kind("cci", {"min_characters": 30.0, "verse": {"min_characters": 12.0}})
    values = {kind: next(r.value for r in own if r.name == "min_characters") for kind, own in rules.items()}
    assert values == {kind: 12 if kind == "verse" else 30 for kind in KINDS}


def test_judge_by_kind_gives_each_document_once() -> None:
    found = measure([POEM, "无", NEWS, "哈" * 60, LAW])
    masks = [mask for _, mask in judge_by_kind(found, kind_of(found), rules_by_kind("cci"))]
    assert np.sum(masks, axis=0).tolist() == [0, 1, 0, 1, 0]


def test_recipe_takes_thresholds_by_kind(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[quality]\nmodel = ""\nthresholds = { max_digit_fraction = 1, verse = { min_characters = 12 } }\n'
                    , encoding="utf-8")  # fmt: skip
    stage = load_recipe(str(path)).quality
    assert stage is not None and hash(stage) == hash(stage)
    assert stage.resolved()["rules"]["max_digit_fraction"] == "1, where characters >= 100"
    assert stage.resolved()["rules of verse"]["min_characters"] == "12"
    batch = apply(stage, make_batch(["春去也，\n花落了。", "第一条"]))
    assert batch.column("kind").to_pylist() == ["verse", "prose"]
    assert batch.column("reason").to_pylist() == ["quality.too_short"] * 2


def test_unknown_kind() -> None:
    with pytest.raises(ValueError, match="there is no kind of document 'novel'; there are: statute"):
        Quality(thresholds={"novel": {"min_characters": 5.0}})
