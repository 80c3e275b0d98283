"""The matching key: the table is the rule, and the rule makes copies of a text equal."""

import unicodedata

import numpy as np
import opencc
import pytest
from reference.fold import fold, fold_text

from cci_tools.kernels import core
from cci_tools.kernels.sign import keys

EXACT = unicodedata.unidata_version == "14.0.0" and opencc.__version__ == "1.4.2"


def table() -> list[str]:
    """Folded form of every code point, "" where it is skipped."""
    characters = [chr(c) if not 0xD800 <= c < 0xE000 else "" for c in range(0x110000)]
    codes, ends = keys(characters)
    lengths = np.diff(ends)
    assert lengths.max() == 1
    folded = np.zeros(len(characters), np.uint32)
    folded[lengths == 1] = codes
    return [chr(c) if c else "" for c in folded.tolist()]


def key(text: str) -> str:
    return "".join(map(chr, keys([text])[0].tolist()))


@pytest.fixture(scope="module")
def folded() -> list[str]:
    return table()


def test_table_is_the_rule(folded: list[str]) -> None:
    # Other versions of Unicode and OpenCC know more characters: there the stable part is compared.
    parts = [range(0xD800), range(0xE000, core.FOLD_LIMIT)] if EXACT else [range(0x80), range(0xFF01, 0xFF5F)]
    wrong = [(hex(c), folded[c], fold(chr(c))) for part in parts for c in part if folded[c] != fold(chr(c))]
    assert not wrong, wrong[:20]


def test_nothing_beyond_the_limit(folded: list[str]) -> None:
    assert not any(folded[core.FOLD_LIMIT :])


def test_folding_is_idempotent(folded: list[str]) -> None:
    assert all(folded[ord(form)] == form for form in set(folded) if form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("　，。！？——《》…·\n\t ~!@#", ""),
        ("ＡＢＣ１２３", "abc123"),
        ("Straße Ⅳ ⅳ Café ΣΊΣΥΦΟΣ", "straßeⅳⅳcafeσισυφοσ"),
        ("二○○八年，二〇〇八年", "二〇〇八年二〇〇八年"),
        ("①②③ ㎡ ℃", "123㎡℃"),
        ("臺灣、台灣、台湾", "台湾台湾台湾"),
        ("那裏那裡那里，爲什麼為什麽为什么", "那里那里那里为什么为什么为什么"),
        ("想像、想象；答覆、答复；計畫、计划；家俱、家具", "想象想象答复答复计划计划家具家具"),
        ("環境衞生 環境衛生 环境卫生", "环境卫生" * 3),
        ("⻓⻢车 長馬車", "长马车长马车"),
        ("ｶﾞｷﾞ ガギ", "カキカキ"),
        ("각각", "각각"),
        ("😀👍🏻©", ""),
    ],
)
def test_meaning(text: str, expected: str) -> None:
    assert key(text) == expected


@pytest.mark.parametrize("config", ["s2t", "s2tw", "s2hk"])
def test_traditional_copies_have_the_same_key(config: str) -> None:
    text = (
        "复苏之后，他答复说：想象中的浚县，家具齐全，终点坐标清楚，乾坤未定。她背着孩子，仿佛看见了叙利亚的卫生员，"
        "在操作台前呆着，克服麻痹思想。皇后的发髻后面，干部们只有一只钟表；里程表征收了余下的云彩，借口征途。"
        "项链、粽子、屋檐、睾丸、昵称、熏陶、面条、曲酒、谷物、丑时、几案、松树、冲锋、范围、游泳、制造、准备、舍得。"
    )
    assert key(opencc.OpenCC(config).convert(text)) == key(text) == fold_text(text)
