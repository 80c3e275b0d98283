"""The scan for personal information equals its plain twin on any bytes, honours slices, and refuses unusable cues."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import privacy as twin

from cci_tools.kernels import core
from cci_tools.kernels.privacy import Trigger, cues, privacy_candidates

TABLE = [("qq", 16, 4), ("微信", 17, 3), ("微信号", 18, 3), ("住址", 19, 0), ("wx:", 20, 255), ("电话", 21, 2)]
CUES = cues(TABLE)

# fmt: off
PIECES = (
    "1", "0", "86", "12", "123", "0571", "13800138000", "１３８", "138-0013-8000", "6222", " ", "-", "－", "\u3000",
    ".", "．", "1.2.3.4", "110101199001010007", "91110000600037341L", "９１110000600037341L", "X", "x", "ａ", "abc",
    "@", "＠", "_", "+", "京A", "京Ａ", "京a", "沪", "B·1", "C12345", "qq", "ＱＱ", "Qq", "微信", "微信号", "号",
    "住址", "wx:", "WX：", "电话", "，", "中", "\n", "\ufffd", "é", "𠀀", "\u0660", "²",
)
# fmt: on
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)
texts = texts.map(lambda text: text.encode("utf-8", "replace"))
hostile = st.lists(st.sampled_from([piece.encode() for piece in PIECES]) | st.binary(max_size=4), max_size=30)


def places(raw: bytes) -> list[tuple[int, ...]]:
    values = np.frombuffer(raw, np.uint8) if raw else np.empty(0, np.uint8)
    rows, _ = core.privacy_candidates(
        values, np.array([0, len(raw)], np.int64), CUES.values, CUES.offsets, CUES.marks, CUES.reaches
    )
    return [tuple(row) for row in rows.tolist()]


@given(texts | hostile.map(b"".join))
def test_equals_twin(raw: bytes) -> None:
    assert places(raw) == twin.candidates(raw, TABLE)


@given(st.lists(st.text(max_size=20) | st.sampled_from(["电话13800138000", "京A12345"]), max_size=8), st.data())
def test_slices(batch: list[str], data: st.DataObject) -> None:
    batch = [text.encode("utf-8", "replace").decode() for text in batch]
    start, length = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 8))
    part = privacy_candidates(pa.array(batch, pa.string()).slice(start, length), CUES)
    chosen = batch[start : start + length]
    assert len(part.offsets) == len(chosen) + 1
    for i, text in enumerate(chosen):
        rows = part.rows[part.offsets[i] : part.offsets[i + 1]]
        assert [tuple(row) for row in rows.tolist()] == places(text.encode())


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("电话１３８００１３８０００", Trigger.NUMBER), ("010-62345678", Trigger.NUMBER), ("8.8.8.8", Trigger.QUAD),
        ("a@b.cn", Trigger.AT), ("91110000600037341L", Trigger.CODE), ("京A·12345", Trigger.PLATE), ("住址", 19),
    ],
)  # fmt: skip
def test_every_trigger(text: str, trigger: int) -> None:
    assert [mark for _, _, mark in places(text.encode())].count(trigger) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-05-01 12:30",
        "第12345678号",
        "1.2.3",
        "1.2.3.4.5",
        "增长12.5%",
        "@某人",
        "京城A级",
        "12345678901234567890",
    ],
)
def test_nothing_of_interest(text: str) -> None:
    assert places(text.encode()) == []


def test_cues_that_cannot_be_looked_for() -> None:
    with pytest.raises(ValueError, match="begins with a digit"):
        cues([("1号", 16, 0)])
    with pytest.raises(ValueError, match="out of range"):
        cues([("号", 15, 0)])
    with pytest.raises(ValueError, match="no digit"):
        values = np.frombuffer(b"1", np.uint8)
        ends, byte = np.array([0, 1], np.int64), np.zeros(1, np.uint8)
        core.privacy_candidates(values, ends, values, ends, byte, byte)
