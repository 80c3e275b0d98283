"""Files as each benchmark publishes them, by its field names, give the same items."""

import json
from pathlib import Path
from typing import Any

import pytest

from cci_tools.decontamination.files import read_records
from cci_tools.decontamination.index import build_index, index_items, load_index
from cci_tools.decontamination.items import Item, items_of
from cci_tools.decontamination.match import Matcher, find_contamination
from cci_tools.resources import folder

QUESTION = "灯塔管理员每天傍晚登塔前，先要记录的是哪一项？"
CHOICES = ("潮位读数", "风向风力", "油灯余量", "过往船名")
TABLE = {
    "cmmlu.csv": f",Question,A,B,C,D,Answer\n0,{QUESTION},{','.join(CHOICES)},C\n",
    "c-eval_val.csv": f"id,question,A,B,C,D,answer,explanation\n0,{QUESTION},{','.join(CHOICES)},C,略\n",
    "mmlu_without_head.csv": f"{QUESTION},{','.join(CHOICES)},C\n",
}
LINES: dict[str, Any] = {
    "agieval.jsonl": {
        "passage": None,
        "question": QUESTION,
        "options": [f"({x}){c}" for x, c in zip("ABCD", CHOICES, strict=True)],
        "label": "C",
        "answer": None,
        "other": {"source": "2010年"},
    },
    "xiezhi.json": {"question": QUESTION, "options": "\n".join(CHOICES), "answer": "油灯余量", "labels": ["航海"]},
    "mmlu.jsonl": {"question": QUESTION, "subject": "navigation", "choices": list(CHOICES), "answer": 2},
}


def items(tmp_path: Path, name: str, content: str) -> list[Item]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return list(items_of(list(read_records(path)), benchmark="b"))


@pytest.mark.parametrize("name", [*TABLE, *LINES])
def test_choice_questions(tmp_path: Path, name: str) -> None:
    content = TABLE.get(name) or json.dumps(LINES[name], ensure_ascii=False)
    (item,) = items(tmp_path, name, content)
    assert (item.question, item.choices, item.correct, item.answers) == (QUESTION, CHOICES, {2}, ())


def test_c_eval_test_has_no_answers(tmp_path: Path) -> None:
    (item,) = items(tmp_path, "test.csv", f"id,question,A,B,C,D\n0,{QUESTION},{','.join(CHOICES)}\n")
    assert (item.choices, item.correct) == (CHOICES, set())


def test_several_right_choices(tmp_path: Path) -> None:
    row = LINES["agieval.jsonl"] | {"label": ["A", "C"]}
    (item,) = items(tmp_path, "jec-qa.jsonl", json.dumps(row, ensure_ascii=False))
    assert item.correct == {0, 2}


WORD = "塔上一共要点亮几盏灯？"


@pytest.mark.parametrize(
    ("name", "row", "question", "answer"),
    [
        (
            "agieval_cloze",
            {"passage": None, "question": WORD, "options": None, "label": None, "answer": "14"},
            WORD,
            "14",
        ),
        ("cmath", {"grade": 1, "question": WORD, "golden": "14", "reasoning_step": 1, "num_digits": 2}, WORD, "14"),
        ("gsm8k", {"question": WORD, "answer": "7+7=<<7+7=14>>14\n#### 14"}, WORD, "14"),
        (
            "math23k",
            {"id": "1", "original_text": WORD, "segmented_text": "x", "equation": "x=7+7", "ans": "14"},
            WORD,
            "14",
        ),
        ("iflytek", {"label": "110", "label_des": "工具", "sentence": WORD}, WORD, "110"),
        ("csl", {"id": 1, "abst": WORD, "keyword": ["灯塔", "光源"], "label": "1"}, WORD, "1"),
        ("afqmc", {"sentence1": WORD, "sentence2": "亮几盏", "label": "1"}, f"{WORD}\n亮几盏", "1"),
        (
            "cluewsc",
            {
                "target": {"span2_index": 28, "span1_index": 0, "span1_text": "老邵", "span2_text": "他"},
                "idx": "261",
                "label": "true",
                "text": WORD,
            },
            WORD,
            "老邵",
        ),
    ],
)
def test_questions_and_texts(tmp_path: Path, name: str, row: dict[str, Any], question: str, answer: str) -> None:
    (item,) = items(tmp_path, f"{name}.jsonl", json.dumps(row, ensure_ascii=False))
    assert (item.question, item.answers[:1], item.choices) == (question, (answer,), ())


def test_gaokao_bench_open_questions(tmp_path: Path) -> None:
    data = {
        "keywords": "History_Open-ended_Questions",
        "example": [
            {"year": "2014", "question": f"（12分）{WORD}\n", "answer": "①七盏②十四盏", "analysis": "略", "index": 0}
        ],
    }
    (item,) = items(tmp_path, "open.json", json.dumps(data, ensure_ascii=False))
    assert (item.question.strip(), item.answers) == (WORD, ("①七盏②十四盏",))


def test_clue_chid_has_one_list_of_candidates_for_many_sentences(tmp_path: Path) -> None:
    row = {"groupid": 1, "candidates": ["一丝不苟", "风平浪静"], "content": ["做事#idiom1#。", "海上#idiom2#。"]}
    found = items(tmp_path, "chid.jsonl", json.dumps(row, ensure_ascii=False))
    assert [(item.question, item.choices) for item in found] == [
        ("做事#idiom1#。", ("一丝不苟", "风平浪静")),
        ("海上#idiom2#。", ("一丝不苟", "风平浪静")),
    ]


def test_c3_in_columns(tmp_path: Path) -> None:
    row = {
        "documents": ["男：塔上的灯亮了。", "女：那船该回来了。"],
        "document_id": "1-3",
        "questions": {
            "question": ["船在哪儿？", "谁在塔上？"],
            "answer": ["海上", "老邵"],
            "choice": [["海上", "港里"], ["老邵", "没人"]],
        },
    }
    found = items(tmp_path, "c3.jsonl", json.dumps(row, ensure_ascii=False))
    assert [(item.question, item.choices, item.correct) for item in found] == [
        ("船在哪儿？", ("海上", "港里"), {0}),
        ("谁在塔上？", ("老邵", "没人"), {0}),
    ]
    assert {item.passage for item in found} == {"男：塔上的灯亮了。\n女：那船该回来了。"}


@pytest.mark.parametrize("content", ["", "a,b\n", "你好,世界\n再见,朋友\n", "甲,乙,丙,丁\n1,2,3,4\n"])
def test_tables_of_something_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="no item with a question"):
        build_index([path])


@pytest.mark.parametrize(
    "question",
    [
        "船",
        "归帆",
        "何为灯塔",
        "灯芯几钱",
        "灯塔守夜人姓什么",
        "灯塔守夜人每晚点几盏灯",
        "守夜人换下的旧灯芯最后都放在哪个柜子",
    ],
)
def test_short_questions_need_what_follows_them(question: str) -> None:
    item = Item(
        id="1",
        benchmark="b",
        question=question,
        choices=("左手第一个木柜", "右手靠窗的柜子", "楼梯下的铁皮箱"),
        correct=frozenset({1}),
    )
    matcher = Matcher(index_items([item]))
    assert not find_contamination([question, f"都说{question}，谁知道呢。", f"{question}右手靠窗的柜子。"], matcher)
    assert not find_contamination(["左手第一个木柜、右手靠窗的柜子、楼梯下的铁皮箱都锁着。"], matcher)
    text = f"练习\n{question}\nA. 左手第一个木柜\nB. 右手靠窗的柜子\nC. 楼梯下的铁皮箱"
    assert [hit.item for hit in find_contamination([text], matcher)] == ["1"]


def test_shipped_indexes_are_small_and_say_what_they_are() -> None:
    paths = sorted((folder("seeds") / "benchmarks").glob("*.idx"))
    assert sum(path.stat().st_size for path in paths) < 8_000_000
    for path in paths:
        for of in load_index(path).sets:
            assert of.benchmark and of.licence and of.date and of.items > 0
