"""The scan equals its plain twin on any bytes, honours slices, and refuses needles that it cannot look for."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import scan as twin

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.scan import Flag, Place, needles, scan

TABLE = [
    ("责任编辑", Flag.BOILERPLATE, Place.ENDS),
    ("编辑", Flag.BOILERPLATE, Place.ENDS),
    ("锟斤", Flag.REPLACEMENT, Place.ANYWHERE),
    ("abc", Flag.RESIDUE, Place.ANYWHERE),
    ("彩票", Flag.ADVERTISING, Place.THRICE),
    ("aaa", Flag.ADVERTISING, Place.THRICE),
]
NEEDLES = needles(TABLE)

# fmt: off
DIRT = (
    "&nbsp;", "&#", "& ", "<a", "<!--", "</", "< ", "\\u4e2d", "\\u4e", "\x00", "\x1b[m", "\x7f", "\x85", "\r\n",
    "\r", "\x0b", "\x0c", "\u2028", "\xa0", "\u2003", "\u3000", "\u200b", "\ufe0f", "\ufeff", "\ue000",
    "\U000f0001", "⼈", "豈", "\U0002f800", "\uff21", "\uff19", "中,国", "中?", "Ã©", "å\u203a½", "ï¼Œ", "\ufffd", " ",
    "\t", "\n", "\n\n", "\n\n\n\n", "20232025年", "120232025年", "2023202学", "实(shí)", "现(xiàn)", "发(fa)",
    "(a)", "中 ", "国 中 国 中 国 中 国 ", "责任编辑", "编辑", "鎴栧皢", "涓€", "鍦ㄤ", "锟斤拷", "abc", "彩票",
    "aaaa", "a", "7", "{{", "， ", "。 ", "。", "！", "𠀀", "é", "，",
    "国务院办公厅关于印发全国安全生产专项整治行动计划的", "同一行文字\n同一行文字\n", "经" * 140, "资料图：大桥全景\n",
)
# fmt: on
fragments = (
    st.lists(st.sampled_from(DIRT) | st.text(max_size=4), max_size=40)
    .map("".join)
    .map(lambda s: s.encode("utf-8", "replace"))
)
hostile = st.lists(st.sampled_from([d.encode() for d in DIRT]) | st.binary(max_size=5), max_size=40).map(b"".join)


def flags_of(raw: bytes) -> int:
    values = np.frombuffer(raw, np.uint8) if raw else np.empty(0, np.uint8)
    return int(scan(values, np.array([0, len(raw)], np.int64), NEEDLES)[0])


@given(fragments | hostile)
def test_equals_twin(raw: bytes) -> None:
    got, wanted = flags_of(raw), twin.scan(raw, TABLE)
    assert Flag(got) == Flag(wanted), raw


LINES = "省政府今天召开全省安全生产电视电话会议部署有关工作要求各地"


@given(st.lists(st.tuples(st.integers(0, 29), st.sampled_from(["", "。", " ", "工", "ab"])), max_size=30))
def test_wrapped_equals_twin(rows: list[tuple[int, str]]) -> None:
    raw = "\n".join(LINES[:width] + end for width, end in rows).encode()
    assert Flag(flags_of(raw)) == Flag(twin.scan(raw, TABLE))


@given(st.lists(st.sampled_from(["编辑", "正文。", "", " ", "责任编辑" * 40, "很长" * 70 + "编辑"]), max_size=30))
def test_ends_equal_twin(lines: list[str]) -> None:
    raw = "\n".join(lines).encode()
    assert Flag(flags_of(raw)) == Flag(twin.scan(raw, TABLE))


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_slices(texts: list[str], start: int, length: int) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    whole = scan(*text_buffers(pa.array(texts, pa.string())), NEEDLES)
    part = scan(*text_buffers(pa.array(texts, pa.string()).slice(start, length)), NEEDLES)
    assert part.tolist() == whole[start : start + length].tolist()


@pytest.mark.parametrize("flag", list(twin.PATTERNS))
def test_every_flag_is_found_by_itself(flag: Flag) -> None:
    examples = {
        Flag.ENTITY: "a&lt;", Flag.TAG: "<p>", Flag.ESCAPE: "\\u4e2d", Flag.CONTROL: "a\x07", Flag.LINE_END: "a\rb",
        Flag.WIDE_SPACE: "a\u2003b", Flag.INVISIBLE: "a\u200bb", Flag.PRIVATE: "a\ue010", Flag.COMPATIBILITY: "⼯a",
        Flag.WIDTH: "Ａb", Flag.HALF_MARK: "中,国", Flag.LATIN: "å›½", Flag.REPLACEMENT: "a\ufffd",
        Flag.MISREAD: "鎴栧皢", Flag.YEARS: "20232025年", Flag.SPACED: "一 二 三 四 五 六 七 八",
    }  # fmt: skip
    assert Flag(flags_of(examples[flag].encode())) & flag


def test_clean_text_has_no_flag() -> None:
    text = "# 某市供水条例\n\n第一条\u3000为了规范供水，根据《中华人民共和国水法》，制定本条例（试行）。\n\n"
    text += "    代码 a < b && c；2023—2025年\n"
    assert flags_of(text.encode()) == 0


def test_needles_are_long_enough() -> None:
    with pytest.raises(ValueError, match="'ab'"):
        needles([("ab", Flag.RESIDUE, Place.ANYWHERE)])
