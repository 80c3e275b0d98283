"""The keyword search: against its slow twin on any bytes, and the ways of hiding a word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import keywords as twin

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.keywords import BREAK, GAP, IGNORED, STOP, Keywords, fold_table, fold_word

LETTERS = "赌博彩场qq1２Ｑ賭 \u200b*，\n。字🀄\ufffd"
WORDS = st.lists(st.text("赌博彩场q1", min_size=2, max_size=4), min_size=1, max_size=12, unique=True)
TEXTS = st.lists(
    st.one_of(
        st.text(LETTERS, max_size=40).map(str.encode), st.binary(max_size=12), st.text(max_size=12).map(str.encode)
    ),
    max_size=4,
)


def buffers(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.frombuffer(b"".join(texts) or b"\0", np.uint8), offsets


@given(TEXTS, WORDS)
@settings(max_examples=300, deadline=None)
def test_equals_its_twin(texts: list[bytes], words: list[str]) -> None:
    values, offsets = buffers(texts)
    hits = Keywords(words).find(values, offsets)
    rows = np.repeat(np.arange(len(texts)), np.diff(hits.offsets))
    start = offsets[rows]
    columns = (rows, hits.starts - start, hits.ends - start, hits.words, hits.gaps, hits.breaks)
    found = sorted(zip(*(column.tolist() for column in columns), strict=True))
    # How many U+FFFD stand for malformed bytes is not the twin's matter: whole texts that are well-formed are compared.
    wanted = [hit for hit in twin.find(texts, words) if valid(texts[hit[0]])]
    assert [hit for hit in found if valid(texts[hit[0]])] == wanted


def valid(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


HIDDEN = (
    "代开发票",
    "代開發票",
    "代 开 发 票",
    "代*开*发*票",
    "代\u200b开\ufe0f发\u2060票",
    "代，开，发，票",
    "代【开】发【票",
    "代开 发票",
    "代--开发票",
    "代❤开❤发❤票",
)
SHOWN_APART = ("代开，发票", "代开。发票", "代开\n发票", "代开    发票", "代开发 展 票", "代 。开发票")


@pytest.mark.parametrize("text", HIDDEN)
def test_found_however_hidden(text: str) -> None:
    keywords = Keywords(["代开发票"])
    hits = keywords.find(*text_buffers(["前" + text + "后"]))
    assert keywords.sound(hits).tolist() == [True]
    assert (hits.starts.tolist(), hits.ends.tolist()) == ([3], [3 + len(text.encode())])


@pytest.mark.parametrize("text", SHOWN_APART)
def test_two_words_are_not_one(text: str) -> None:
    keywords = Keywords(["代开发票"])
    assert not keywords.sound(keywords.find(*text_buffers([text]))).any()


@pytest.mark.parametrize(
    ("text", "found"), [("加qq", 1), ("加ＱＱ12345", 1), ("加qqq", 0), ("加 q-q 群", 1), ("加\uff31\uff31", 1)]
)
def test_letters_end_where_a_run_ends(text: str, found: int) -> None:
    assert len(Keywords(["加qq"]).find(*text_buffers([text])).words) == found
    assert len(Keywords(["qq"]).find(*text_buffers(["xqq qqx qq1 1qq"])).words) == 2


def test_folding() -> None:
    assert fold_word("①⑴𝟏１Ⓐ🄰 賭·博") == "1111aa赌博"
    assert fold_word("ТЕL") == "tel"  # two Cyrillic letters
    table = fold_table()
    kinds = {"\u200b": IGNORED, " ": GAP, "\t": GAP, "，": BREAK, "\n": STOP, "\u2028": STOP, "❤": GAP, "ᚠ": GAP}
    assert {character: int(table[ord(character)]) for character in kinds} == kinds


@pytest.mark.parametrize("words", [["一"], ["两字", "两字"], ["ＡＢ"], ["兩字"], ["a b"], [""]])
def test_words_that_cannot_be_looked_for(words: list[str]) -> None:
    with pytest.raises(ValueError, match="keywords: "):
        Keywords(words)


def test_slices_and_many_words() -> None:
    words = [f"词{a}{b}" for a in "甲乙丙丁" for b in "子丑寅卯"]
    texts = ["无", "词甲子词乙丑", "", "词丁卯" * 3]
    hits = Keywords(words).find(*text_buffers(texts))
    assert hits.offsets.tolist() == [0, 0, 2, 2, 5]
    assert [words[word] for word in hits.words] == ["词甲子", "词乙丑", *["词丁卯"] * 3]
    assert len(Keywords([]).find(*text_buffers(texts)).words) == 0
