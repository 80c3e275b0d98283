"""The perplexity kernel equals its twin; the model is a distribution; what it finds strange; its files."""

import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import perplexity as twin

from cci_tools.kernels import core
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import char_tokens
from cci_tools.kernels.perplexity import perplexity as of_tokens
from cci_tools.kernels.perplexity import token_grams
from cci_tools.quality.perplexity import Model, load, perplexity, train
from cci_tools.quality.stage import Quality
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

RNG = random.Random(5)
WORDS = ["春天", "来了", "花开", "风吹", "山上", "河边", "孩子", "老人", "走过", "看见", "2024年", "book"]
GOOD = ["，".join("".join(RNG.choices(WORDS, k=4)) for _ in range(5)) + "。" for _ in range(300)]
MODEL = train(GOOD, order=4)
LINES = st.lists(st.sampled_from([*"春天来了花开甲，。", "book", "0000", " ", "x"]), max_size=20).map(" ".join)


def twin_of(model: Model, line: str) -> float:
    return twin.perplexity(line.encode(), model.slots.tolist(), model.order, model.unknown)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3))
def test_equals_twin(lines: list[str]) -> None:
    found = of_tokens(*text_buffers(lines), MODEL.slots, MODEL.order, MODEL.unknown)
    for line, value in zip(lines, found.tolist(), strict=True):
        assert value == pytest.approx(twin_of(MODEL, line), rel=1e-5, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=12), min_size=1, max_size=3), st.integers(1, 8))
def test_grams_equal_twin_on_any_bytes(lines: list[bytes], order: int) -> None:
    values = np.frombuffer(b"".join(lines), np.uint8)
    offsets = np.cumsum([0, *map(len, lines)]).astype(np.int64)
    wanted = []
    for line in lines:
        tokens = [token for token in line.split(b" ") if token]
        wanted += [twin.gram_hash(tokens[i + 1 - order : i + 1]) if i + 1 >= order else 0 for i in range(len(tokens))]
    assert token_grams(values, offsets, order).tolist() == wanted


@pytest.mark.parametrize("order", [1, 2, 4])
def test_probabilities_of_what_may_follow_sum_to_one(order: int) -> None:
    model = train(GOOD, order=order, least=(1, 1, 2))
    values, _ = char_tokens(*text_buffers(GOOD), 1 << 30)
    vocabulary = sorted(set(bytes(values).decode().replace("。", " 。 ").split()))
    for context in ("春 天", "book 春", "甲 乙", "。"):
        before = of_tokens(*text_buffers([context]), model.slots, order, model.unknown)[0]
        size = len(context.split())
        total = 0.0
        for token in [*vocabulary, "未知"]:
            after = of_tokens(*text_buffers([f"{context} {token}"]), model.slots, order, model.unknown)[0]
            total += after ** -(size + 1) / before**-size
        assert total == pytest.approx(1, abs=0.02), (context, order)


def test_good_text_is_foretold_and_damage_is_strange() -> None:
    rng = random.Random(9)
    fresh = ["，".join("".join(rng.choices(WORDS, k=4)) for _ in range(5)) + "。" for _ in range(50)]
    shuffled = ["".join(rng.sample(text, len(text))) for text in fresh]
    wrong = [text.encode().decode("gb18030", "replace") for text in fresh]
    good, mixed, broken = (perplexity(MODEL, texts) for texts in (fresh, shuffled, wrong))
    assert good.max() < mixed.min() and mixed.max() < broken.min()
    assert good.max() < 2 * len(WORDS)


def test_traditional_text_is_read_like_simplified() -> None:
    assert perplexity(MODEL, ["春天來了，風吹"])[0] == perplexity(MODEL, ["春天来了，风吹"])[0]


def test_empty_and_unknown_texts() -> None:
    values = perplexity(MODEL, ["", "\n", "龘"])
    assert np.isnan(values[:2]).all()
    assert values[2] == pytest.approx(math.exp(MODEL.unknown), rel=1e-3)


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "good.ngram"
    MODEL.write(path)
    read = load(str(path))
    assert (read.order, read.unknown) == (MODEL.order, MODEL.unknown)
    assert np.array_equal(read.slots, MODEL.slots)
    train(GOOD, order=4).write(tmp_path / "again.ngram")
    assert path.read_bytes() == (tmp_path / "again.ngram").read_bytes()
    whole = path.read_bytes()
    head = len(whole) - MODEL.slots.nbytes
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 4
    # "e" is cut to half its slots: their number is a power of two again.
    damaged = {"a": b"", "b": whole[:-4], "c": b"CCINGRAM" + bytes(16), "d": b"x" * 1048, "f": bytes(flipped)}
    damaged["e"] = whole[: head + MODEL.slots.nbytes // 2]
    for name, data in damaged.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match="n-gram model"):
            load(str(tmp_path / name))


def test_wrong_settings() -> None:
    with pytest.raises(ValueError, match="order 9"):
        train(GOOD, order=9)
    with pytest.raises(ValueError, match="must not fall"):
        train(GOOD, least=(2, 1))
    with pytest.raises(ValueError, match="no tokens"):
        train(["", " "])
    with pytest.raises(ValueError, match="power of two"):
        core.perplexity(np.empty(0, np.uint8), np.zeros(1, np.int64), np.zeros(3, np.uint64), 2, 1.0,
                        np.empty(0, np.float32))  # fmt: skip
    with pytest.raises(ValueError, match="max_perplexity"):
        Quality(max_perplexity=100.0)


def test_a_full_table_is_searched_once_around() -> None:
    slots = np.full(4, (12345 << 32) | (1 << 32), np.uint64)
    assert of_tokens(*text_buffers(["甲 乙"]), slots, 2, 3.0)[0] == pytest.approx(math.exp(3), rel=1e-4)


def test_stage(tmp_path: Path) -> None:
    path = tmp_path / "good.ngram"
    MODEL.write(path)
    stage = Quality(model="", perplexity=str(path), max_perplexity=200.0)
    check_stage(stage)
    batch = apply(stage, make_batch([GOOD[0], "".join(RNG.sample("龙虎豹熊鹿马牛羊鸡犬豕鼠", 12)), "龘犇骉淼焱"]))
    assert batch.column("reason").to_pylist() == [None, "quality.high_perplexity", None]
    assert batch.column("perplexity")[0].as_py() < 20
