"""Tokens and the classifier equal their twins (plain Python, fastText); the model that ships; training."""

import random
from itertools import pairwise
from pathlib import Path

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import tokens as twin
from shared_data import shared_data

from cci_tools.kernels import core
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import Classifier, char_tokens
from cci_tools.quality.fit import fit
from cci_tools.quality.model import load_model, score
from cci_tools.quality.train import BAD, GOOD, train
from cci_tools.resources import folder

LETTERS = "國 国 著 𠀀 é ア １ ＡＢ Ⅷ abc WORD 12 2024 averyveryverylongword 1234567890123456"
SIGNS = "。 ！ ！！！ ... … ( ) < 👍 \u200b \ufeff \ue000 \ufffd \U000e0100"
SPACES = [" ", "\t", "\u3000", "\n", "\n\n", "\r\n", "\u2028", "\x85", "\x00"]
PIECES = st.sampled_from([*f"{LETTERS} {SIGNS}".split(" "), *SPACES])
TOKENS = [*"甲乙丙丁戊己好坏大小多少。，↵", "word", "0000", "</s>"]


def tokens_of(data: bytes, limit: int = 6144) -> str:
    values, offsets = char_tokens(np.frombuffer(data, np.uint8), np.array([0, len(data)]), limit)
    return bytes(values[: offsets[1]]).decode()


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES.map(str.encode) | st.binary(max_size=3), max_size=40).map(b"".join), st.integers(12, 90))
def test_tokens_equal_twin(data: bytes, limit: int) -> None:
    assert tokens_of(data, limit) == twin.char_tokens(data, limit)


def test_tokens_of_several_texts_and_a_long_one() -> None:
    texts = ["", "甲\n", "标题\n" + "字" * 1_000_000 + "\n结尾"]
    values, offsets = char_tokens(*text_buffers(texts), 600)
    lines = [bytes(values[a:b]).decode() for a, b in pairwise(offsets)]
    assert lines[:2] == ["", "甲"]
    assert lines[2].startswith("标 题 ↵ 字") and lines[2].endswith("字 ↵ 结 尾")
    assert len(lines[2].split(" ")) < 210


def test_too_small_a_limit_is_an_error() -> None:
    with pytest.raises(ValueError, match="limit"):
        char_tokens(*text_buffers(["甲"]), 11)


LINES = [" ".join(random.Random(i).choices(TOKENS, k=i % 30)) for i in range(300)]


def examples(folder_: Path) -> Path:
    path, rng = folder_ / "examples.txt", random.Random(7)
    words = {label: rng.choices(TOKENS[:-1], k=12) for label in "abcde"}
    lines = (f"__label__{label} {' '.join(rng.choices(words[label], k=12))}" for label in "abcde" for _ in range(60))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("settings_", "quantise"),
    [
        ({"loss": "softmax"}, None),
        ({"loss": "softmax", "wordNgrams": 3, "bucket": 1000}, {}),
        ({"loss": "softmax", "wordNgrams": 2, "bucket": 1000}, {"cutoff": 300, "qnorm": True, "retrain": True}),
        ({"loss": "hs", "minn": 1, "maxn": 3, "bucket": 500}, None),
        ({"loss": "hs", "wordNgrams": 2, "minn": 2, "maxn": 4, "bucket": 500}, {"qnorm": True, "qout": False}),
        ({"loss": "ova", "dim": 7, "wordNgrams": 2, "bucket": 400}, {"dsub": 3}),
        ({"loss": "ns", "wordNgrams": 2, "bucket": 300}, None),
    ],
)
def test_classifier_equals_fasttext(tmp_path: Path, settings_: dict, quantise: dict | None) -> None:
    path = examples(tmp_path)
    file = tmp_path / "model.bin"
    fit(path, file, {"dim": 6, "epoch": 2, "minCount": 1} | settings_, quantise)
    model, ours = fasttext.load_model(str(file)), Classifier(file)
    assert sorted(ours.labels) == sorted(model.labels)
    for label in ours.labels:
        got = ours.score(*text_buffers(LINES), label)
        for line, value in zip(LINES, got, strict=True):
            wanted = {name: p for p, name in model.f.predict(line + "\n", 5, -1.0, "strict")}
            if not wanted:
                assert np.isnan(value)
            else:
                assert value == pytest.approx(min(wanted[label], 1.0), abs=1e-5), line


def test_language_identification_model_gives_what_fasttext_gives() -> None:
    path = shared_data("models", "lid.176.ftz")
    texts = ["这是一个句子", "國務院辦公廳關於印發的通知", "Bonjour tout le monde", "これは日本語です", "a b", ""]
    theirs = fasttext.load_model(str(path))
    for label in ("__label__zh", "__label__ja", "__label__fr"):
        for text, value in zip(texts, Classifier(path).score(*text_buffers(texts), label), strict=True):
            wanted = {name: p for p, name in theirs.f.predict(text + "\n", 176, -1.0, "strict")}
            assert value == pytest.approx(min(wanted[label], 1.0), abs=1e-5)


def test_files_that_are_no_classifier(tmp_path: Path) -> None:
    whole = (folder("seeds") / "quality.ftz").read_bytes()
    broken = [b"", b"hello", whole[:4], whole[:-1], *(whole[:n] for n in range(5, len(whole), len(whole) // 60))]
    rng = random.Random(3)
    for _ in range(60):
        data = bytearray(whole)
        for position in rng.sample(range(8, 200), 4):
            data[position] = rng.randrange(256)
        broken.append(bytes(data))
    for data in broken:
        try:
            model = core.Classifier(bytes(data))
        except ValueError:
            continue
        assert model.labels  # damage that leaves a readable model is not noticed
    path = tmp_path / "text.ftz"
    path.write_text("no model", encoding="utf-8")
    with pytest.raises(ValueError, match=r"text\.ftz: not a fastText model"):
        Classifier(path)
    with pytest.raises(ValueError, match="the model has no label '__label__zh'; it has: __label__"):
        load_model(str(folder("seeds") / "quality.ftz")).label_index("__label__zh")


def test_word_vectors_are_no_classifier(tmp_path: Path) -> None:
    path = examples(tmp_path)
    fasttext.train_unsupervised(str(path), dim=4, epoch=1, thread=10, verbose=0).save_model(str(tmp_path / "v.bin"))
    with pytest.raises(ValueError, match="word vectors"):
        Classifier(tmp_path / "v.bin")


def test_shipped_model() -> None:
    path = folder("seeds") / "quality.ftz"
    assert path.stat().st_size < 1_000_000
    model = load_model(str(path))
    simplified = "国务院办公厅关于进一步做好档案工作的通知，请各部门认真执行。"
    traditional = "國務院辦公廳關於進一步做好檔案工作的通知，請各部門認真執行。"
    advert = "信用卡套现代还，黑户秒批，当天放款，加微信abcd8888，注册送彩金，百家乐老虎机，代理佣金高。"
    scores = score(model, [simplified, traditional, advert, "", "\x00", "\n", "\ufffe"])
    assert scores[0] == scores[1] > 0.95
    assert scores[2] < 0.01
    assert np.isfinite(scores).all()
    assert score(model, ["甲" * 3_000_000])[0] == pytest.approx(score(model, ["甲" * 30_000])[0], abs=0.05)


def test_train(tmp_path: Path) -> None:
    rng = random.Random(1)
    good = ["".join(rng.choices("春夏秋冬风花雪月山水", k=30)) + "。" for _ in range(400)]
    bad = ["".join(rng.choices("代开发票加微信电话优惠", k=30)) + "！" for _ in range(400)]
    settings_ = {"buckets": 2000, "features": 1500, "epochs": 3, "dim": 4}
    report = train(good + good, [*bad, " ".join(good[0])], tmp_path / "a.ftz", **settings_)
    assert (report["positive"], report["negative"]) == (
        399,
        400,
    )  # repeats count once; what both sides have, not at all
    assert report["auc"] > 0.99
    assert report["bytes"] == (tmp_path / "a.ftz").stat().st_size
    again = train(good, bad, tmp_path / "b.ftz", **settings_)
    assert again["data"] != report["data"]
    once_more = train(good, bad, tmp_path / "c.ftz", **settings_)
    assert (tmp_path / "b.ftz").read_bytes() == (tmp_path / "c.ftz").read_bytes()
    assert once_more == again
    assert set(Classifier(tmp_path / "a.ftz").labels) == {GOOD, BAD}
    with pytest.raises(ValueError, match="at least 20"):
        train(good[:5], bad, tmp_path / "d.ftz")
