"""The JSON lines kernel equals its plain twin on any bytes, and the fast reader the slow one."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import jsonl as twin

from cci_tools.kernels import core
from cci_tools.kernels.jsonl import read_json_lines
from cci_tools.shards import jsonl
from cci_tools.shards.fields import Reading, to_batch
from cci_tools.shards.lines import Block

NAMES = [["text", "正文"], ["id", "uid"], ["url"], ["date", "time"]]

names = st.sampled_from(
    ["text", "正文", "id", "uid", "url", "date", "time", "x", "栏目", "a\nb", 'q"', "é", "", "\U0001f600"]
)
strings = st.text(max_size=8) | st.sampled_from(
    ["", "春眠不觉晓" * 9, "a" * 15, "b" * 16, "\\" * 17, '"', "\n\n处处\t", "\x00\x1f\x7f"]
)
numbers = (
    st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.floats(0, 1, width=16)
    | st.sampled_from([0, 1.0, 0.5, 1.5, 0.001, 0.0001, 0.00015, 1e15, 1e16, 123456789012345.0, -0.0, 2.0**53])
)
values = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
records = st.dictionaries(names, values, max_size=6) | st.fixed_dictionaries(
    {"text": strings}, optional={"id": values, "url": values, "date": values, "time": values, "x": values}
)
lines = st.builds(
    lambda record, escaped, spaced: json.dumps(
        record, ensure_ascii=escaped, separators=(" , ", "\t: ") if spaced else (",", ":")
    ).encode("utf-8", "surrogatepass"),
    records,
    st.booleans(),
    st.booleans(),
)
hostile = st.sampled_from(
    [
        rb'{"text": "\ud83d\ude00", "id": "\u4e2d"}',
        rb'{"text": "\ud83d"}',
        rb'{"text": "\ude00\ud83d"}',
        rb'{"text": "\ud83dx"}',
        rb'{"text": "\u12"}',
        rb'{"text": "\q"}',
        rb'{"text": "\/ \b\f\n\r\t \" \\"}',
        rb'{"t\u0065xt": "escaped name", "\u6b63\u6587": "other"}',
        rb'{"text": "a", "text": "b"}',
        rb'{"text": "a", "x": {"b": 1, "\u0062": 2}}',
        rb'{"text": "a", "x": {"b": {"c": [1, 2 , {"d": null}]}}}',
        rb'{"text": "a"} ',
        rb'{"text": "a"}x',
        rb'{"text": "a",}',
        rb'{"text" "a"}',
        rb'{"text": a}',
        rb'{"text": "a", "x": 01}',
        rb'{"text": "a", "x": -0}',
        rb'{"text": "a", "x": -}',
        rb'{"text": "a", "x": 1.}',
        rb'{"text": "a", "x": .5}',
        rb'{"text": "a", "x": 1e5, "id": 7.0}',
        rb'{"text": "a", "x": 1.50}',
        rb'{"text": "a", "x": [1.0, 0.25, -3.125], "id": 7.0}',
        rb'{"text": "a", "x": 0.10000000000000001}',
        rb'{"text": "a", "x": 123456789012345678, "id": 1234567890123456789}',
        rb'{"text": "a", "x": truth}',
        rb'{"text": "a", "x": nul}',
        rb'{"text": "a", "x": NaN}',
        b'{"text": "a\x01"}',
        b'{"text": "\xff"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\xc0\x80"}',
        b'{"text": "\xf4\x90\x80\x80"}',
        b'{"text": "' + "中".encode()[:2] + b'"}',
        b'\xef\xbb\xbf{"text": "mark"}',
        b'{"text": "a"}\r',
        b"{}",
        b"[1]",
        b"7",
        b"",
        b" \t\x0b\x0c\r",
        b"\xa0",
        b'{"text": "a", "x": ' + b"[" * 31 + b"]" * 31 + b"}",
        b'{"text": "a", "x": ' + b"[" * 32 + b"]" * 32 + b"}",
        b'{"text": "a", "x": ' + b"[" * 33 + b"]" * 33 + b"}",
        b'{"text": "' + "汉".encode() * 700 + b'"}',
        ("{" + ",".join(f'"{i}": {i}' for i in range(64)) + ', "text": "a"}').encode(),
        ("{" + ",".join(f'"{i}": {i}' for i in range(63)) + ', "text": "a"}').encode(),
        b'{"text": null, "id": 1}',
        b'{"text": "", "id": ""}',
        b'{"text": "a", "id": "", "uid": 0, "date": null, "time": ""}',
        b'{"text": "a", "date": "", "time": "2020"}',
    ]
)


@st.composite
def spoilt(draw):
    """A line with a byte changed, left out or put in."""
    line = draw(lines | hostile)
    at = draw(st.integers(0, len(line)))
    return (
        line[:at]
        + draw(st.sampled_from([b"", b'"', b"\\", b"\x80", b"{", b",", b" ", b"0"]))
        + line[at + draw(st.integers(0, 1)) :]
    )


blocks = st.builds(
    lambda many, end: b"\n".join(many).replace(b"\n\n", b"\n") + end,
    st.lists(lines | hostile | spoilt() | st.binary(max_size=12), max_size=7),
    st.sampled_from([b"", b"\n", b"\n\n"]),
)


def column(strings):
    buffers = [pa.py_buffer(each) for each in (strings.valid, strings.offsets, strings.values)]
    array = pa.StringArray.from_buffers(len(strings.offsets) - 1, buffers[1], buffers[2], buffers[0], strings.nulls)
    array.validate(full=True)
    return array.to_pylist()


def read(data, limit=1 << 20):
    columns, left = read_json_lines(data, 70, "文#", NAMES, limit=limit)
    return [list(row) for row in zip(*map(column, columns), strict=True)], left.tolist()


@settings(max_examples=400, deadline=None)
@given(blocks)
@example(b'{"text": "a", "x": 1}\n{"x": 1, "text": "a"}\n{"text": "a", "x": 1, "y": 2}\n{"text": "b"}')
def test_equals_twin(data):
    assert read(data) == twin.read(data, 70, "文#", NAMES, 1 << 20)


@settings(max_examples=400, deadline=None)
@given(blocks)
@example(b'{"text": "a", "date": null}\n{"text": "a", "time": null}\n{"text": "a", "time": 1, "x": NaN}')
def test_the_fast_reader_equals_the_slow_one(data):
    block = Block(70, data)
    slow = to_batch(jsonl._rows(block, "文", "utf-8", Reading()), Reading())
    fast = jsonl._fast(block, "文", Reading())
    fast.validate(full=True)
    assert fast.to_pylist() == slow.to_pylist()
    assert fast.schema.equals(slow.schema)


@settings(deadline=None)
@given(st.lists(lines | hostile, max_size=12), st.integers(1, 5))
def test_rows_do_not_depend_on_the_lines_around_them(many, size):
    """What becomes of a field is decided for each record, so that blocks change nothing."""
    many = [line for line in many if b"\n" not in line]
    data = b"\n".join(many)
    whole = jsonl._fast(Block(0, data), "x", Reading()).to_pylist()
    parts, at = [], 0
    for start in range(0, len(many), size):
        part = b"\n".join(many[start : start + size])
        parts += jsonl._fast(Block(at, part), "x", Reading()).to_pylist()
        at += len(part) + 1
    assert parts == whole


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("lines", [3, 4, 5, 8, 9])
def test_batches_of_very_short_lines_are_small(monkeypatch, lines, charset, end):
    monkeypatch.setattr(jsonl, "MOST_LINES", 4)
    data = b"\n".join(b'{"text": "%d"}' % line for line in range(lines)) + end
    batches = list(jsonl.read([Block(7, data)], "x", charset, Reading()))
    assert max(batch.num_rows for batch in batches) <= 5  # a last line may have no end
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [row["text"] for row in rows] == [str(line) for line in range(lines)]
    assert [row["origin"] for row in rows] == [f"x#byte={7 + 14 * line}" for line in range(lines)]


@pytest.mark.parametrize("level", core.levels())
@settings(deadline=None)
@given(data=st.lists(st.sampled_from(["中", "é", "\U0001f600", "a", "a" * 15]) | st.binary(max_size=4), max_size=30))
def test_utf8_at_every_level(level, data):
    raw = b"".join(each.encode() if isinstance(each, str) else each for each in data)
    raw = bytes(byte for byte in raw if byte not in b'"\\' and byte >= 0x20)
    before = core.level()
    core.set_level(level)
    try:
        _, left = read(b'{"text": "' + raw + b'"}')
    finally:
        core.set_level(before)
    try:
        raw.decode()
        assert left == []
    except UnicodeDecodeError:
        assert len(left) == 1


def test_long_lines_are_left():
    data = b'{"text": "aaaa"}\n{"text": "aaaaa"}\n'
    assert read(data, limit=16) == twin.read(data, 70, "文#", NAMES, 16)
    assert read(data, limit=16)[1] == [[1, 17, 34]]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="two at least"):
        read_json_lines(b"", 0, "", [["text"]], limit=1)
    assert (
        len(
            core.read_json_lines(
                np.empty(0, np.uint8),
                0,
                np.empty(0, np.uint8),
                *[np.empty(0, np.uint8), np.zeros(1, np.int64), np.empty(0, np.int32)],
                2,
                1,
            )[0]
        )
        == 4
    )
