"""The measures kernel equals its plain twin, on any bytes."""

import random
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import measures as twin

from cci_tools.kernels import core
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.measures import MEASURES, measure

LETTERS = "的 日 於 國 国 著 〇 𠀀 é ア １ Ⅷ a abc word 12 3.5 市政府 第一条 办公厅关于 更多 展开 ReadMore"
SIGNS = "。 ！ … …… . ... 。。。 ； : ” 」 ) · ● # ## ＃ < > & ; 【 】 | $ ￥ 👍 \ufffd"
ARTICLES = "第 第12条 第 一百〇三 條 第123456789条 第章 | || @ ＠ 十 节"
LINKS = "WWW. www. http:// https://x.cn/?a=1 <p> </div> <!-- &nbsp; &#8203;"
OTHERS = [
    "read more",
    "- ",
    "* ",
    "<a href='http://x.cn'>",
    "\u200b",
    "\ufeff",
    "\ue000",
    "\U000e0100",
    "\U0010ffff",
    "\x00",
]
SPACES = [" ", "\t", "\t\t", "\u3000", "\n", "\n\n", "\r\n", "\u2028", "\x85", "\x0c"]
PIECES = st.sampled_from([*f"{LETTERS} {SIGNS} {LINKS} {ARTICLES}".split(" "), *OTHERS, *SPACES])
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(alphabet="的日a1 \n。.", max_size=80)


def expect(text: str, values: np.ndarray) -> None:
    wanted = twin.measure(text)
    assert list(wanted) == list(MEASURES)
    for name, got in zip(MEASURES, values, strict=True):
        tolerance = 1e-5 if name == "unigram_entropy" else 0
        assert got == pytest.approx(np.float32(wanted[name]), rel=0, abs=tolerance), (name, text)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_equals_twin(texts: list[str]) -> None:
    for text, values in zip(texts, measure(*text_buffers(texts)).T, strict=True):
        expect(text, values)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES.map(str.encode) | st.binary(max_size=4), max_size=30).map(b"".join))
def test_malformed_bytes_read_as_replacement(data: bytes) -> None:
    values = np.frombuffer(data, np.uint8)
    expect(data.decode("utf-8", "replace"), measure(values, np.array([0, len(data)]))[:, 0])


def test_names_are_those_of_the_core() -> None:
    assert core.measure_names() == list(MEASURES)


def test_every_measure_can_differ_from_nothing() -> None:
    lines = ["# 【通知】國務院於二〇二四年印发 www.example.cn <b>重点</b>　5 ￥ \x07", "- 详情……"]
    lines += ["第一条 @某人", "| a | b |", "", "查看更多", "查看更多", "", "查看更多", "查看更多", ""]
    text = "\n".join([*lines, "安全生产人人有责，安全生产人人有责，安全生产人人有责。"])
    values = measure(*text_buffers([text, ""]))
    assert [name for name, value in zip(MEASURES, values[:, 0], strict=True) if not value] == []
    assert not values[:, 1].any()


def test_slices_and_nulls() -> None:
    texts = ["第一条", "甲\n乙", "", "the end"]
    whole = measure(*text_buffers(texts))
    assert np.array_equal(measure(*text_buffers(pa.array(texts).slice(1, 2))), whole[:, 1:3])
    assert np.array_equal(measure(*text_buffers(pa.array([None, "甲\n乙"]))), whole[:, [2, 1]])


def test_long_texts_are_searched_in_stretches() -> None:
    numbers = [f"{i:x}" for i in range(twin.STRETCH)]
    text = " ".join([*numbers, *numbers[:100], *numbers[:100]])  # the first repeat lies in the next stretch: not seen
    values = dict(zip(MEASURES, measure(*text_buffers([text]))[:, 0], strict=True))
    wanted = twin.repetition(twin.tokenize(text))
    assert wanted["duplicate_5gram_fraction"] == pytest.approx(values["duplicate_5gram_fraction"], rel=1e-6)
    assert wanted["top_2gram_fraction"] == pytest.approx(values["top_2gram_fraction"], rel=1e-6)
    lines = "\n".join([*numbers, "x", *numbers[:50], *numbers[:50]])
    found = measure(*text_buffers([lines]))[list(MEASURES).index("duplicate_line_fraction"), 0]
    assert found == np.float32(len(twin.repeated(lines.split("\n"))) / (twin.STRETCH + 101))


def expect_repetition(text: str) -> None:
    found = dict(zip(MEASURES, measure(*text_buffers([text]))[:, 0], strict=True))
    wanted = twin.repetition(twin.tokenize(text))
    assert {name: found[name] for name in wanted} == {name: np.float32(value) for name, value in wanted.items()}


@pytest.mark.parametrize("letters", ["的日", "的日年月在", "a 的b", "的 word x2 "])
@pytest.mark.parametrize("seed", range(4))
def test_texts_of_few_letters_repeat_themselves(letters: str, seed: int) -> None:
    rng = random.Random(seed)
    expect_repetition("".join(rng.choices(letters, k=2000)))


@pytest.mark.parametrize("seed", range(4))
def test_passages_that_come_again(seed: int) -> None:
    rng = random.Random(seed)
    text = "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(1500))
    for _ in range(120):
        start, length = rng.randrange(len(text)), rng.randrange(2, 30)
        cut = rng.randrange(len(text))
        text = text[:cut] + text[start : start + length] + text[cut:]
    expect_repetition(text)


def test_a_beginning_with_very_many_continuations() -> None:
    # 甲 and the common beginning go on differently each time, while what follows 甲 is all known from 乙: looking
    # through all earlier places for each would take quadratic time, so the search gives up and goes length by length.
    continuations = [chr(0x4E00 + i) + "".join(chr(0x5E00 + i + k) for k in (0, 3, 7)) for i in range(1200)]
    known = "".join(f"乙一二三四{part}" for part in continuations)
    again = "".join(f"甲一二三四{part}" for part in continuations)
    expect_repetition(known + again)


@pytest.mark.parametrize(
    "text", ["字" * 300_000, "字\n" * 150_000, "<a" * 200_000, "&#" * 200_000, "http:" * 100_000, "。" * 300_000]
)
def test_hostile_repetition(text: str) -> None:
    values = dict(zip(MEASURES, measure(*text_buffers([text]))[:, 0].tolist(), strict=True))
    assert values["characters"] == len(text)
    assert all(0 <= value <= 1 for name, value in values.items() if name.endswith("_fraction"))


@pytest.mark.skipif(unicodedata.unidata_version != "14.0.0", reason="the table is Unicode 14.0")
def test_classes_are_those_of_unicode() -> None:
    letter_of = {"L": "LM", "N": "N", "P": "P", "S": "S"}
    for code in range(0x33000):
        character = chr(code)
        kind = twin.classes().get(character, "?")
        if kind in letter_of:
            assert unicodedata.category(character)[0] in letter_of[kind], hex(code)
        assert (kind == "Z") == character.isspace(), hex(code)


def test_core_rejects_a_wrong_shape() -> None:
    with pytest.raises(ValueError, match="out"):
        core.measure(np.empty(0, np.uint8), np.zeros(1, np.int64), np.empty((3, 0), np.float32))
