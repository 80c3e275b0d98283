"""The matching kernels against their slow twins."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import match as twin

from cci_tools.kernels import match as kernel
from cci_tools.kernels.arrow import text_buffers

SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
# Few characters, so that shingles, contexts and figures repeat; and what a key folds or skips.
TEXT = st.text(alphabet="甲乙年月日时點分0123０１〇○零一两贰貳十萬亿，。 \nAaＡ臺台①\ufeff𠀀", max_size=60)
# All that has a part in how a figure is read.
WORDS = "第 III IV ＸＩ XX I V 级 Ⅲ ⑪ 百分之 千分之 % ‰ 九成 以上 三点五 3.5 万 亿 十 百 5 三 0 年 月 星期 、 甲 圆整"
SIGNS = "甲第级05九零十陆仟億卅。:：、 ﹪‰月日时分之百千万佰成以星期礼拜③⑫⑵❸⒋㈤㊱ⅠⅱⅢⅫⅬⅿIVXＩiab"
FIGURES = st.one_of(
    st.text(alphabet="甲0135０一二五〇十百千万亿廿.，年点分之%成IVX", max_size=40),
    st.text(alphabet=SIGNS, max_size=40),
    st.lists(st.sampled_from(WORDS.split()), max_size=12).map("".join),
)
HOSTILE = st.one_of(
    TEXT.map(str.encode),
    FIGURES.map(str.encode),
    st.binary(max_size=40),
    st.binary(max_size=8).map(lambda b: b"12\xe5\xb9" + b),
)


def buffers(pieces):
    return np.frombuffer(b"".join(pieces), np.uint8), np.cumsum([0, *map(len, pieces)])


def pairs_of(count):
    a, b = np.meshgrid(np.arange(count), np.arange(count))
    return a.ravel(), b.ravel()


def decode(pieces):
    return [piece.decode("utf-8", "replace") for piece in pieces]


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=5), st.sampled_from([1, 2, 5, 64]))
def test_jaccard_is_that_of_the_sets(pieces, width):
    a, b = pairs_of(len(pieces))
    common, together = kernel.jaccard_pairs(*buffers(pieces), a, b, width=width)
    texts = decode(pieces)
    expected = [twin.jaccard_counts(texts[i], texts[j], width) for i, j in zip(a, b, strict=True)]
    assert list(zip(common, together, strict=True)) == expected


def test_jaccard_of_long_texts_is_counted_in_several_passes():
    rng = np.random.default_rng(5)
    long = "".join(map(chr, rng.integers(0x4E00, 0x9FA5, 1_100_000)))
    texts = [long, long[200_000:] + "终", "短" * 40]
    counts = kernel.jaccard_pairs(*text_buffers(texts), np.array([0, 1, 0, 2]), np.array([1, 0, 2, 0]))
    sets = [twin.shingles(text) for text in texts]
    expected = [(len(sets[i] & sets[j]), len(sets[i] | sets[j])) for i, j in ((0, 1), (1, 0), (0, 2), (2, 0))]
    assert list(zip(*counts, strict=True)) == expected


def test_jaccard_honours_slices():
    column = pa.array(["无关", "一二三四五六", "一二三四五七"]).slice(1)
    assert [c.tolist() for c in kernel.jaccard_pairs(*text_buffers(column), np.array([0]), np.array([1]))] == [[1], [3]]


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_number_conflicts(pieces):
    a, b = pairs_of(len(pieces))
    found = kernel.number_conflicts(*buffers(pieces), a, b)
    texts = decode(pieces)
    expected = [twin.number_conflicts(texts[i], texts[j]) for i, j in zip(a, b, strict=True)]
    assert [(s, c) for s, c in zip(found[0].tolist(), found[1].tolist(), strict=True)] == expected


@settings(deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=5), st.integers(0, 4))
def test_number_slots_are_compared_as_their_texts_are(pieces, most):
    figures = kernel.number_slots(*buffers(pieces), 1000)
    pairs = pairs_of(len(pieces))
    expected = kernel.number_conflicts(*buffers(pieces), *pairs)
    for found, counts in zip(kernel.slot_conflicts(figures, *pairs), expected, strict=True):
        assert found.tolist() == counts.tolist()
    counts = np.diff(figures.starts)
    few = kernel.number_slots(*buffers(pieces), most)
    assert np.diff(few.starts).tolist() == np.where(counts <= most, counts, 0).tolist()


@settings(deadline=None)
@given(HOSTILE)
def test_number_sketch(piece):
    sketch = kernel.number_sketch(*buffers([piece]), 3)
    assert sketch.tolist() == [twin.number_sketch(decode([piece])[0], 3)]


@settings(deadline=None)
@given(SEEDS, st.integers(1, 300), st.integers(1, 4))
def test_group_digests(rng, n, distinct):
    digests = rng.integers(0, distinct, (n, 2)).astype(np.uint64) << np.uint64(rng.choice([0, 40]))
    ranks = rng.permutation(n).astype(np.uint32)
    rows = np.flatnonzero(rng.random(n) < 0.9)
    assert kernel.group_digests(digests, ranks, rows).tolist() == twin.group_digests(digests, ranks, rows)


@settings(deadline=None)
@given(SEEDS, st.integers(0, 40), st.integers(1, 8))
def test_band_keys(rng, n, width):
    signatures = rng.integers(0, 2**32, (n, 64), dtype=np.uint32)
    rows = rng.permutation(n)[: n // 2]
    keys = kernel.band_keys(signatures, rows, 3, 4, width)
    expected = [[twin.band_key(signatures[r][b * width : (b + 1) * width], b) for r in rows] for b in range(3, 7)]
    assert keys.tolist() == expected


def random_signatures(rng, n, slots, families):
    """Signatures of which many are near to each other: a family shares most of its slots."""
    base = rng.integers(0, 50, (families, slots), dtype=np.uint32)
    signatures = base[rng.integers(0, families, n)]
    changed = rng.random((n, slots)) < rng.choice([0, 0.1, 0.3], (n, 1))
    signatures[changed] = rng.integers(100, 103, int(changed.sum()))
    return np.ascontiguousarray(signatures)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 120), st.integers(1, 5), st.sampled_from([1, 2, 32]), st.booleans())
def test_band_candidates(rng, n, families, cap, last):
    signatures = random_signatures(rng, n, 64, families)
    ranks = rng.permutation(n).astype(np.uint32)
    rows = np.sort(rng.permutation(n)[: max(1, n - 3)])
    hard = rng.random(n) < 0.3
    keys = kernel.band_keys(signatures, rows, 0, 8, 2)
    absorbed = np.zeros(n, bool)
    found = kernel.band_candidates(keys, rows, ranks, signatures, hard, absorbed, near=40, sure=52, cap=cap, last=last)
    pairs, taken, overflow = twin.band_candidates(
        keys.tolist(), rows, ranks, signatures, hard, near=40, sure=52, cap=cap, last=last
    )
    assert found.pairs.tolist() == sorted(int(ranks[a]) << 32 | int(ranks[b]) for a, b in pairs)
    assert set(np.flatnonzero(absorbed)) == taken
    assert found.overflow.tolist() == overflow


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 60), st.sampled_from([1, 2, 32]), st.booleans())
def test_band_candidates_of_texts_with_figures(rng, n, cap, last):
    signatures = random_signatures(rng, n, 64, 2)
    ranks, rows = rng.permutation(n).astype(np.uint32), np.arange(n)
    hard, absorbed = rng.random(n) < 0.3, np.zeros(n, bool)
    texts = [f"定于{rng.integers(1, 3)}月{rng.integers(1, 4)}号停水，影响{rng.integers(5, 7)}户。" for _ in range(n)]
    list_of = rng.integers(0, n, n)
    keys = kernel.band_keys(signatures, rows, 0, 8, 2)
    found = kernel.band_candidates(
        keys, rows, ranks, signatures, hard, absorbed, near=40, sure=52, cap=cap, last=last,
        figures=kernel.number_slots(*text_buffers(texts), 64), list_of=list_of, rate=0.1,
    )  # fmt: skip

    def other_facts(a, b):
        counts = twin.number_conflicts(texts[list_of[a]], texts[list_of[b]])
        return any(10 * conflicts > shared for shared, conflicts in zip(*counts, strict=True))

    pairs, taken, overflow = twin.band_candidates(
        keys.tolist(), rows, ranks, signatures, hard, near=40, sure=52, cap=cap, last=last, other_facts=other_facts
    )
    assert found.pairs.tolist() == sorted(int(ranks[a]) << 32 | int(ranks[b]) for a, b in pairs)
    assert set(np.flatnonzero(absorbed)) == taken
    assert found.overflow.tolist() == overflow


def test_many_keys_are_grouped_as_few_are():
    rng = np.random.default_rng(3)
    n = 300_000  # several pieces of the radix pass
    signatures = rng.integers(0, 2**32, (n, 64), dtype=np.uint32)
    copies = rng.permutation(n)[:4000]
    signatures[copies[2000:]] = signatures[copies[:2000]]
    ranks, rows = rng.permutation(n).astype(np.uint32), np.arange(n)
    absorbed = np.zeros(n, bool)
    keys = kernel.band_keys(signatures, rows, 0, 2, 8)
    found = kernel.band_candidates(keys, rows, ranks, signatures, np.zeros(n, bool), absorbed, near=50, sure=60, cap=4)
    expected = np.sort(ranks[copies.reshape(2, 2000)].astype(np.uint64), axis=0)
    assert found.pairs.tolist() == sorted((expected[0] << np.uint64(32) | expected[1]).tolist())
    assert absorbed.sum() == 2000 and not len(found.overflow)


def test_identical_signatures_cost_one_comparison_each():
    n = 20_000  # all pairs would be 200 million
    signatures = np.tile(np.arange(64, dtype=np.uint32), (n, 1))
    rows, absorbed = np.arange(n), np.zeros(n, bool)
    found = kernel.band_candidates(
        kernel.band_keys(signatures, rows, 0, 1, 8), rows, np.arange(n, dtype=np.uint32)[::-1].copy(), signatures,
        np.zeros(n, bool), absorbed, near=50, sure=60, cap=4,
    )  # fmt: skip
    assert found.pairs.tolist() == list(range(1, n))  # rank 0 with every other
    assert absorbed.sum() == n - 1


@settings(deadline=None)
@given(SEEDS, st.integers(1, 40), st.integers(0, 120))
def test_keep_first_and_components(rng, n, count):
    a, b = rng.integers(0, n, count), rng.integers(0, n, count)
    ends = [(int(min(p)), int(max(p))) for p in zip(a, b, strict=True) if p[0] != p[1]]
    edges = {pair: float(rng.integers(80, 90)) / 100 for pair in ends}
    ordered = sorted(edges, key=lambda edge: edge[::-1])
    better, worse = (np.array([edge[i] for edge in ordered], np.uint32) for i in (0, 1))
    winner, score = kernel.keep_first(better, worse, np.array([edges[e] for e in ordered], float), n)
    expected = twin.keep_first(n, edges)
    assert [None if w < 0 else w for w in winner.tolist()] == list(expected.values())
    assert score.tolist() == [0.0 if w is None else edges[w, v] for v, w in expected.items()]
    assert kernel.components(a, b, n).tolist() == twin.components(n, zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel.jaccard_pairs(*text_buffers(["甲"]), np.array([0]), np.array([1])), "beyond the texts"),
        (lambda: kernel.jaccard_pairs(*text_buffers(["甲"]), np.array([0]), np.array([0]), width=65), "width"),
        (lambda: kernel.number_conflicts(*text_buffers(["甲"]), np.array([-1]), np.array([0])), "beyond the texts"),
        (lambda: kernel.band_keys(np.zeros((2, 64), np.uint32), np.array([2]), 0, 1, 4), "beyond the signatures"),
        (lambda: kernel.band_keys(np.zeros((2, 64), np.uint32), np.array([0]), 8, 9, 4), "beyond the signature"),
        (lambda: kernel.shared_slots(np.zeros((2, 64), np.uint32), np.array([0]), np.array([5])), "beyond"),
        (lambda: kernel.keep_first(np.array([1], np.uint32), np.array([0], np.uint32), np.ones(1), 2), "not sorted"),
        (lambda: kernel.slot_conflicts(kernel.number_slots(*text_buffers(["甲"]), 9), *np.array([[0], [1]])), "lists"),
        (lambda: kernel.components(np.array([0]), np.array([9]), 2), "beyond the nodes"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
