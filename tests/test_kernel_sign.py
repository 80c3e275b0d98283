"""The signing kernel equals its plain twin at every instruction level, estimates without bias, and meets datasketch."""

import functools
import itertools
import random
import threading
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import sign as twin

from cci_tools.dedup.signature import MinHasher, estimate_jaccard, signatures
from cci_tools.kernels import core
from cci_tools.kernels.sign import Signatures, keys, permutations, shingle_hashes, sign, sign_affine

LEVELS = core.levels()
FRAGMENTS = [
    *(b"a", b"7", b" ", b"\n", b"\x00", b"\x7f"),
    *(c.encode() for c in "é§ѐ߿ࠀ中國。，！Ａ０￮龥\ud7ff\ue000\ufffd\uffff😀𠀀\U00033000\U0010ffff"),
    *("中" * 40).encode().split(b"\xff"),
    *(b"ab" * 40, "中a文".encode() * 20),
    # Truncated, orphaned, overlong, surrogate and out-of-range forms.
    *(b"\xe4\xb8", b"\xe4", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf0", b"\xc3", b"\x80", b"\xbf\xbf\xbf\xbf"),
    *(b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf"),
    *(
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xff",
        b"\xfe",
    ),
]
HOSTILE = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(FRAGMENTS), max_size=120).map(b"".join),
    st.tuples(st.integers(0, 200), st.sampled_from(FRAGMENTS), st.sampled_from([b"x", "中".encode(), b"\xc3\xa9"])).map(
        lambda t: t[2] * t[0] + t[1] + t[2] * 70
    ),
)


@functools.cache
def fold_map() -> dict[str, str]:
    characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    codes, ends = keys(characters)
    return {c: "".join(map(chr, codes[a:b])) for c, (a, b) in zip(characters, itertools.pairwise(ends), strict=True)}


def expected_key(data: bytes) -> str:
    fold = fold_map()
    return "".join(fold[c] for c in data.decode("utf-8", "replace"))


def buffers(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    return np.frombuffer(b"".join(texts), np.uint8), offsets


def key_strings(texts: list[bytes]) -> list[str]:
    codes, ends = keys(buffers(texts))
    return ["".join(map(chr, codes[a:b].tolist())) for a, b in itertools.pairwise(ends)]


@pytest.fixture(autouse=True)
def _restore_level() -> Iterator[None]:
    yield
    core.set_level(LEVELS[-1])


def each_level() -> Iterator[str]:
    for level in LEVELS:
        core.set_level(level)
        yield level


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_keys_of_any_bytes(texts: list[bytes]) -> None:
    expected = [expected_key(t) for t in texts]
    for level in each_level():
        assert key_strings(texts) == expected, level


def test_keys_at_every_block_boundary() -> None:
    texts = [
        pad * n + piece + tail
        for n in range(70)
        for pad in (b"a", "中".encode())
        for piece in FRAGMENTS
        for tail in (b"", b"zz")
    ]
    expected = [expected_key(t) for t in texts]
    for level in each_level():
        assert key_strings(texts) == expected, level


@settings(max_examples=120, deadline=None)
@given(
    st.lists(HOSTILE, min_size=1, max_size=3),
    st.sampled_from([1, 2, 5, 13, 64]),
    st.sampled_from([64, 128, 512]),
    st.integers(0, 2**64 - 1),
)
def test_sign_equals_twin(texts: list[bytes], width: int, slots: int, seed: int) -> None:
    expected = [expected_key(t) for t in texts]
    for level in each_level():
        result = sign(buffers(texts), width=width, slots=slots, seed=seed)
        assert result.key_lengths.tolist() == [len(k) for k in expected]
        assert [tuple(map(int, d)) for d in result.digests] == [twin.digest(k) for k in expected], level
        assert result.signatures.tolist() == [twin.signature(k, width, slots, seed) for k in expected], level


def long_texts() -> list[bytes]:
    random.seed(5)
    hanzi = [chr(c) for c in range(0x4E00, 0x9FA5)]
    texts = [
        "".join(random.choices(hanzi, k=n)) for n in (59, 60, 61, 64, 255, 256, 257, 1023, 2047, 2048, 2049, 2112, 6000)
    ]
    texts += [
        "哈" * 9000,
        "哈" * 5000 + "这是末尾的一句话",
        "一二三四五六" * 1500,
        " " * 5000 + "ab" + "。" * 5000,
        "a" * 3 + " " * 7000,
    ]
    texts += [
        "。" * 9000 + "首尾不同",
        "首尾不同" + "。" * 9000,
        "中" + "".join(random.choices(hanzi[:3], k=5000)),
        "😀中" * 3000,
    ]
    return [t.encode() for t in texts]


def test_long_texts_equal_twin() -> None:
    texts = [*long_texts(), b"".join(random.choices(FRAGMENTS, k=3000))]
    folded = [expected_key(t) for t in texts]
    expected = [(twin.signature(k), twin.digest(k)) for k in folded]
    for level in each_level():
        assert key_strings(texts) == folded
        result = sign(buffers(texts))
        for i, (row, digest) in enumerate(expected):
            assert result.signatures[i].tolist() == row, (level, i)
            assert tuple(map(int, result.digests[i])) == digest, (level, i)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from([1, 5, 9, 64]))
def test_shingle_hashes_equal_twin(text: str, width: int) -> None:
    codes, ends = keys([text, text[:3]])
    key = expected_key(text.encode())
    for level in each_level():
        hashes, starts = shingle_hashes(codes, ends, width=width)
        assert hashes[starts[0] : starts[1]].tolist() == twin.shingle_hashes(key, width), level
        assert hashes[starts[1] :].tolist() == twin.shingle_hashes(expected_key(text[:3].encode()), width), level


# Saved signatures stop matching when these change: raise SCHEME with them.
STABLE_DIGESTS = [["7e68719baf59c8a7", "56c446e3ebfa4431"], ["88e4a292c0871995", "d8c4cdcf2e2173fb"]]
STABLE_SLOTS = [[2668989804, 2578734451, 1175311160, 3592638693], [2491215857, 1660159013, 3505120099, 350401513]]


def test_format_is_stable() -> None:
    result = sign(["第一条　为了规范信息公开工作，制定本办法。", "A Ⅳ 〇"])
    assert [[f"{half:016x}" for half in row] for row in result.digests.tolist()] == STABLE_DIGESTS
    assert result.signatures[:, :4].tolist() == STABLE_SLOTS
    assert result.key_lengths.tolist() == [18, 3]


def test_no_letters_no_shingles() -> None:
    result = sign(["", " 。\n", "\ufffd"])
    assert (result.signatures == 0xFFFFFFFF).all() and not result.key_lengths.any()
    assert estimate_jaccard(result.signatures[0], result.signatures[1]) == 0


def related(rng: random.Random, length: int, edits: int) -> tuple[str, str]:
    a = rng.choices(range(0x4E00, 0x9FA5), k=length)
    b = list(a)
    for place in rng.sample(range(length), edits):
        b[place] = rng.choice(range(0x4E00, 0x9FA5))
    return "".join(map(chr, a)), "".join(map(chr, b))


@pytest.mark.parametrize("length", [30, 300, 3000])
def test_estimates_are_unbiased(length: int) -> None:
    rng = random.Random(length)
    pairs = [related(rng, length, rng.randrange(1, max(2, length // 8))) for _ in range(400)]
    rows = signatures([text for pair in pairs for text in pair])
    fold = fold_map()
    exact = []
    for a, b in pairs:
        one, two = (
            {k[i : i + 5] for i in range(length - 4)} for k in ("".join(map(fold.__getitem__, t)) for t in (a, b))
        )
        exact.append(len(one & two) / len(one | two))
    error = estimate_jaccard(rows[::2], rows[1::2]) - np.array(exact)
    theory = np.sqrt(np.mean(np.array(exact) * (1 - np.array(exact))) / 128)  # of MinHash; the sketch is no worse
    assert abs(error.mean()) < 4 * theory / np.sqrt(len(pairs))
    assert np.sqrt((error**2).mean()) < 1.08 * theory


def test_unrelated_texts_share_no_slot() -> None:
    rng = random.Random(1)
    rows = signatures(
        ["".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(n)) for n in (3, 5, 9, 50, 500, 20_000, 60_000)]
    )
    for i in range(len(rows)):
        assert not estimate_jaccard(rows[i], rows[i + 1 :]).any()


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_affine_equals_twin(text: bytes, count: int, seed: int) -> None:
    a, b = permutations(count, seed)
    expected = twin.affine(expected_key(text), a.tolist(), b.tolist())
    for level in each_level():
        assert sign_affine(buffers([text]), a, b)[0].tolist() == expected, level


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4), st.sampled_from([1, 5, 9]), st.sampled_from([64, 128, 512]))
def test_the_second_scheme_has_the_slots_of_affine_and_the_digests_of_the_first(pieces, width, slots) -> None:
    texts = buffers([*pieces, b"".join(pieces) * 40])
    for level in each_level():
        found, first = (sign(texts, width=width, slots=slots, scheme=scheme) for scheme in ("affine32", "fss"))
        assert (found.signatures == sign_affine(texts, *permutations(slots), width=width)).all(), level
        assert (found.digests == first.digests).all() and (found.key_lengths == first.key_lengths).all()


@pytest.mark.parametrize("count", [1, 16, 100, 128, 200])
def test_affine_equals_datasketch(count: int) -> None:
    datasketch = pytest.importorskip("datasketch", "2.0")
    hasher = MinHasher(scheme="affine32", slots=count, seed=7)
    texts = [*(t.decode() for t in long_texts()), "", "短文", "本办法自发布之日起施行。" * 9]
    for level in each_level():
        for text, row in zip(texts, hasher.signatures(texts), strict=True):
            other = datasketch.MinHash(num_perm=count, seed=7, hashfunc=int)
            other.update_batch(hasher.hashes(text))
            assert (other.hashvalues == row).all(), level
    assert all((a == b).all() for a, b in zip(other.permutations, permutations(count, 7), strict=True))


def test_exchange_with_datasketch() -> None:
    datasketch = pytest.importorskip("datasketch", "2.0")
    hasher = MinHasher(scheme="affine32")
    rows = hasher.signatures(
        [
            "各省、自治区、直辖市人民政府，国务院各部委、各直属机构" * 2,
            "各省自治區直轄市人民政府 國務院各部委各直屬機構" * 2,
        ]
    )
    objects = hasher.to_datasketch(rows)
    index = datasketch.MinHashLSH(threshold=0.8, num_perm=128)
    index.insert("a", objects[0])
    assert index.query(objects[1]) == ["a"]
    assert (hasher.from_datasketch(objects) == rows).all()
    assert hasher.from_datasketch([]).shape == (0, 128)
    with pytest.raises(ValueError, match="seed 2"):
        hasher.from_datasketch([datasketch.MinHash(seed=2)])


def test_arrow_and_datasets_columns() -> None:
    datasets = pytest.importorskip("datasets")
    texts = ["第一章总则", "第二章分则和其他规定", "", "附则自公布之日起施行"]
    expected = signatures(texts)
    array = pa.array(["不在切片内", *texts])
    column = datasets.Dataset.from_dict({"text": texts})["text"]
    arrow = datasets.Dataset.from_dict({"text": texts}).with_format("arrow")["text"]
    chunked = pa.chunked_array([texts[:1], [], texts[1:]], pa.large_string())
    nulls = pa.array([None if t == "" else t for t in texts])
    for given_as in (tuple(texts), array[1:], array.cast(pa.large_string())[1:], chunked, column, arrow, nulls):
        assert (signatures(given_as) == expected).all()
    assert signatures([]).shape == signatures(pa.chunked_array([], pa.string())).shape == (0, 128)
    with pytest.raises(TypeError, match="one text"):
        signatures("一个字符串")
    with pytest.raises(TypeError, match="int64"):
        signatures(pa.array([1, 2]))


def test_wrong_arguments() -> None:
    for wrong in ({"width": 0}, {"width": 65}, {"slots": 32}, {"slots": 100}, {"slots": 1024}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            sign(["甲"], **wrong)
    with pytest.raises(ValueError, match="offsets"):
        sign((np.zeros(3, np.uint8), np.array([0, 4], np.int64)))
    with pytest.raises(ValueError, match="slots"):
        estimate_jaccard(signatures(["甲"], slots=64), signatures(["甲"]))
    for wrong in ({"scheme": "affine32", "slots": 0}, {"slots": 100}, {"scheme": "minhash"}, {"width": 0}):
        with pytest.raises(ValueError, match=list(wrong)[-1]):
            MinHasher(**wrong)
    with pytest.raises(ValueError, match="affine32"):
        MinHasher().to_datasketch(signatures(["甲"]))
    with pytest.raises(ValueError, match="scheme"):
        sign(["甲"], scheme="fss-1")


def test_threads_do_not_meet() -> None:
    texts = [t.decode() for t in long_texts()] * 3
    expected = sign(texts)
    results: list[Signatures] = []
    threads = [threading.Thread(target=lambda: results.append(sign(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((a == b).all() for result in results for a, b in zip(result, expected, strict=True))
