"""The probe kernel equals its plain twin, on any bytes."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import probe as twin

from cci_tools.kernels import core
from cci_tools.kernels.probe import find_ngrams, key_positions, ngram_hashes, probe_set

CHARACTERS = "的國国乾干１1Ａa，。éア①⑴𠀀👍 \u3000\n\u2028\ue000\ufffd\x00"
PIECES = st.sampled_from([*CHARACTERS, "竹林深处，溪水较清的地方是", "下列说法正确的是（　）", "答案：B"]).map(
    str.encode
)
HOSTILE = st.sampled_from(
    [b"\xe4", b"\xe4\xb8", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x80", b"\xe0\x80\x80"]
)
DATA = st.lists(PIECES | HOSTILE, max_size=30).map(b"".join) | st.binary(max_size=60)


def buffers(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer(b"".join(texts), np.uint8), np.cumsum([0, *map(len, texts)]).astype(np.int64)


def split(values: np.ndarray, offsets: np.ndarray) -> list[list[int]]:
    return [values[a:b].tolist() for a, b in pairwise(offsets)]


@settings(max_examples=150, deadline=None)
@given(st.lists(DATA, max_size=4), st.integers(1, 12))
def test_ngram_hashes_equal_twin(texts: list[bytes], width: int) -> None:
    hashes, offsets = core.ngram_hashes(*buffers(texts), width)
    assert split(hashes, offsets) == [twin.ngram_hashes(text, width) for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.lists(DATA, max_size=4))
def test_key_positions_equal_twin(texts: list[bytes]) -> None:
    positions, offsets = core.key_positions(*buffers(texts))
    assert split(positions, offsets) == [twin.key_positions(text) for text in texts]


@settings(max_examples=150, deadline=None)
@given(st.lists(DATA, min_size=1, max_size=4), st.integers(1, 9), st.integers(1, 5))
def test_found_ngrams_equal_twin(texts: list[bytes], width: int, every: int) -> None:
    known = sorted({h for text in texts for h in twin.ngram_hashes(text, width)})[::every]
    bloom, slots = core.probe_set(np.array(known, np.uint32))
    positions, numbers, offsets = core.find_ngrams(*buffers(texts), width, bloom, slots)
    found = [
        list(zip(p, n, strict=True)) for p, n in zip(split(positions, offsets), split(numbers, offsets), strict=True)
    ]
    assert found == [twin.find_ngrams(text, width, known) for text in texts]


def test_long_text_crosses_blocks() -> None:
    text = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(20_000)).encode()
    hashes, _ = core.ngram_hashes(*buffers([text]), 13)
    assert hashes.tolist() == twin.ngram_hashes(text, 13)
    known = np.unique(hashes)
    found = core.find_ngrams(*buffers([text]), 13, *core.probe_set(known))
    assert found[0].tolist() == list(range(len(hashes)))
    assert (known[found[1]] == hashes).all()


def test_positions_of_a_long_text_cross_blocks() -> None:
    text = "".join(chr(0x4E00 + (i * 7919) % 20_000) + "，" * (i % 3 == 0) for i in range(12_000)).encode()
    positions, _ = core.key_positions(*buffers([text, text[:6], b"", text]))
    assert positions.tolist() == [p for part in (text, text[:6], text) for p in twin.key_positions(part)]


def test_short_texts_after_a_long_one_start_anew() -> None:
    texts = ["竹林深处溪水较清的地方是".encode(), "竹林".encode(), b"", "溪水较清".encode()]
    hashes, offsets = core.ngram_hashes(*buffers(texts), 4)
    assert split(hashes, offsets) == [twin.ngram_hashes(text, 4) for text in texts]


def test_every_code_point_has_its_position() -> None:
    text = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000).encode()
    assert core.key_positions(*buffers([text]))[0].tolist() == twin.key_positions(text)


def test_large_set_has_no_false_hit_beyond_the_hash() -> None:
    rng = np.random.default_rng(0)
    known = np.unique(rng.integers(0, 1 << 32, 300_000, dtype=np.uint32))
    texts = ["".join(map(chr, rng.integers(0x4E00, 0x9FA5, 50_000)))]
    hashes = ngram_hashes(texts, 8).hashes
    found = find_ngrams(texts, 8, probe_set(known))
    assert found.positions.tolist() == np.flatnonzero(np.isin(hashes, known)).tolist()


def test_width_case_and_script_make_no_difference() -> None:
    a, b = ngram_hashes(["ＡＢＣ１２３國務院著作「乾」！", "abc 123国务院，着作干"], 5).hashes.reshape(2, -1)
    assert a.tolist() == b.tolist()


def test_slices_are_honoured() -> None:
    array = pa.array(["甲乙丙丁", "春夏秋冬", "东南西北", None, "子丑寅卯"])
    assert key_positions(array.slice(1, 3)).offsets.tolist() == [0, 4, 8, 8]
    assert ngram_hashes(array.slice(4), 2).hashes.tolist() == ngram_hashes(["子丑寅卯"], 2).hashes.tolist()


def test_empty_input() -> None:
    empty = probe_set(np.empty(0, np.uint32))
    assert find_ngrams([], 8, empty).offsets.tolist() == [0]
    assert find_ngrams(["没有任何已知的片段在此"], 8, empty).positions.tolist() == []


@pytest.mark.parametrize("width", [0, 1025])
def test_width_out_of_range(width: int) -> None:
    with pytest.raises(ValueError, match="width"):
        ngram_hashes(["甲"], width)


def test_wrong_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        probe_set(np.array([5, 5], np.uint32))
    good = probe_set(np.array([5], np.uint32))
    with pytest.raises(ValueError, match="powers of two"):
        find_ngrams(["甲"], 8, good._replace(bloom=good.bloom[:3]))
    with pytest.raises(ValueError, match="no empty slot"):
        find_ngrams(["甲"], 8, good._replace(slots=np.ones(2, np.uint64)))
