"""Deduplication: bands, ranks, keepers, and matching as a whole against brute force."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import match as twin
from shared_data import shared_data

from cci_tools.dedup import candidates
from cci_tools.dedup.bands import Banding, choose_bands, curve, recall_at
from cci_tools.dedup.keepers import NO_DATE, keepers, rank_documents
from cci_tools.dedup.match import Documents, Matches, Settings, match
from cci_tools.dedup.near_duplicates import near_duplicates
from cci_tools.dedup.search import estimate_bounds
from cci_tools.dedup.stages import Dedup, Sign, digests_of, signatures_of
from cci_tools.kernels.sign import sign
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage

GOLDEN = Path(__file__).parent / "golden" / "dedup"
SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
HANZI = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


# Bands


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("recall", [0.9, 0.99])
def test_no_banding_of_more_rows_reaches_the_recall(threshold, recall):
    chosen = choose_bands(threshold, recall, 128)
    assert recall_at(threshold, chosen) >= recall
    assert recall_at(threshold, Banding(chosen.bands - 1, chosen.rows)) < recall
    for rows in range(chosen.rows + 1, 129):
        assert recall_at(threshold, Banding(128 // rows, rows)) < recall
    assert curve(chosen, [0.1, threshold])[1] == (threshold, recall_at(threshold, chosen))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.3, 0.999999, 8), "raise slots"),
        ((1.0, 0.9, 128), "threshold"),
        ((0.8, 1.0, 128), "recall"),
        ((0.8, 0.9, 0), "slots"),
    ],
)
def test_unreachable_bandings_say_what_to_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        choose_bands(*arguments)


# Ranks and keepers


@settings(deadline=None)
@given(SEEDS, st.integers(0, 60), st.sampled_from([2, 2**31 - 1]))
def test_ranks_are_the_sorted_order_whatever_the_order_of_rows(rng, n, spread):
    columns = [rng.integers(0, spread, n) for _ in range(3)] + [rng.choice([3, 5, NO_DATE], n)]
    ids = [f"{'文' * int(rng.integers(0, 2))}{i}" for i in range(n)]
    ranks = rank_documents(*columns, pa.array(ids, pa.string()))
    tier, damage, length, date = (column.tolist() for column in columns)

    def worth(i):
        damaged = (1 + 1000 * damage[i] // (1000 + length[i])).bit_length()
        return tier[i], damaged, -length[i], date[i], ids[i].encode()

    order = sorted(range(n), key=worth)
    assert np.argsort(ranks).tolist() == order
    shuffle = rng.permutation(n)
    chunks = pa.chunked_array([pa.array([ids[i] for i in part], pa.string()) for part in np.array_split(shuffle, 2)])
    assert rank_documents(*(column[shuffle] for column in columns), chunks).tolist() == ranks[shuffle].tolist()


def test_a_copy_cut_short_is_no_better_for_its_fewer_repairs():
    same = np.zeros(2, int)
    assert rank_documents(same, np.array([1, 0]), np.array([400, 300]), same, pa.array(["b", "a"])).tolist() == [0, 1]
    assert rank_documents(same, np.array([9, 5]), np.array([1000, 600]), same, pa.array(["b", "a"])).tolist() == [0, 1]
    assert rank_documents(same, np.array([40, 0]), np.array([1000, 990]), same, pa.array(["a", "b"])).tolist() == [1, 0]


@settings(deadline=None)
@given(SEEDS, st.integers(1, 25), st.integers(0, 60))
def test_keepers_against_brute_force(rng, n, count):
    ranks = rng.permutation(n).astype(np.uint32)
    a, b = rng.integers(0, n, count), rng.integers(0, n, count)
    a, b = a[a != b], b[a != b]
    score = dict.fromkeys(zip(np.minimum(a, b).tolist(), np.maximum(a, b).tolist(), strict=True))
    for pair in score:
        score[pair] = float(rng.integers(80, 84)) / 100
    similarity = np.array([score[min(p), max(p)] for p in zip(a.tolist(), b.tolist(), strict=True)])
    winner, best = keepers(ranks, a, b, similarity)
    by_rank = {tuple(sorted((int(ranks[x]), int(ranks[y])))): s for (x, y), s in score.items()}
    expected = twin.keep_first(n, by_rank)
    assert {int(ranks[i]): int(ranks[w]) if w >= 0 else None for i, w in enumerate(winner)} == expected
    for row, w in enumerate(winner):
        assert best[row] == (0 if w < 0 else score[min(row, int(w)), max(row, int(w))])
        assert w < 0 or winner[w] < 0


# Matching


def arrays(texts, ranks=None, setting=None):
    setting = setting or Settings()
    signed = sign(texts, width=setting.width, slots=setting.slots)
    ranks = np.arange(len(texts), dtype=np.uint32) if ranks is None else ranks
    return Documents(signed.digests, signed.signatures, signed.key_lengths, ranks)


def run(texts, ranks=None, setting=None, **options) -> Matches:
    setting = setting or Settings()
    column = pa.array(texts, pa.large_string())
    asked = []

    def fetch(rows):
        assert (np.diff(rows) > 0).all(), "rows are asked for in ascending order"
        asked.append(len(rows))
        return column.take(pa.array(rows))

    found = match(arrays(texts, ranks, setting), fetch, setting, **options)
    json.dumps(found.report)
    check(texts, found, setting)
    return found


def check(texts, found, setting):
    """What holds for every result: winners are kept, and really similar."""
    for row in np.flatnonzero(found.winner >= 0):
        winner = found.winner[row]
        assert found.winner[winner] < 0, "the winner was removed itself"
        if found.exact[row]:
            assert twin.key(texts[row]) == twin.key(texts[winner]) != "" and found.similarity[row] == 1.0
        else:
            common, together = twin.jaccard_counts(texts[row], texts[winner], setting.width)
            assert found.similarity[row] == common / together >= setting.threshold
            assert setting.numbers == "ignore" or not twin.conflicting(texts[row], texts[winner], setting.width)
    kept = found.winner < 0
    assert not found.similarity[kept].any() and not found.exact[kept].any()


def family(rng, size, length=120, strength=12):
    """A text and edited copies of it, and copies of copies: chains in which the ends are far apart."""
    texts = ["".join(rng.choice(list(HANZI), length))]
    while len(texts) < size:
        characters = list(texts[rng.integers(0, len(texts))])
        for _ in range(rng.integers(0, strength)):
            at = int(rng.integers(0, len(characters)))
            characters[at : at + int(rng.integers(0, 2))] = list(f"{rng.choice(list(HANZI))}")
        for _ in range(rng.integers(0, 4)):
            characters.insert(int(rng.integers(0, len(characters))), str(rng.integers(1, 60)))
        texts.append("".join(characters))
    return texts


def windows(rng, size=40, length=300, step=12):
    """Texts that share a middle, with a few heads, tails and figures: a dense graph, most of it near the threshold."""
    base, *ends = ["".join(rng.choice(list(HANZI), n)) for n in (length, *[60] * 6)]
    texts = []
    for _ in range(size):
        head, tail = rng.integers(0, 5, 2)
        text = (
            ends[head % 3][: head * step] + base[head * step : length - tail * step] + ends[3 + tail % 3][: tail * step]
        )
        figure = str(rng.integers(1, 4)) * 2
        texts.append(text[:100] + figure + text[100:150] + figure + text[150:200] + figure + text[200:])
    return list(dict.fromkeys(texts))


def expect_brute_force(texts, ranks, setting):
    found = run(texts, ranks, setting)
    banding = choose_bands(setting.threshold, setting.recall, setting.slots)
    near = estimate_bounds(setting.threshold, setting.slots).near
    expected = twin.kept_rows(texts, arrays(texts, ranks, setting), setting, banding, near)
    assert np.flatnonzero(found.winner < 0).tolist() == expected
    return found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(["distinct", "ignore"]))
def test_kept_documents_are_those_of_brute_force(rng, numbers):
    texts = [text for _ in range(3) for text in family(rng, int(rng.integers(1, 12)))]
    texts += ["", "。", "短文", "短文！", "短 句"]
    rng.shuffle(texts)
    expect_brute_force(
        texts, rng.permutation(len(texts)).astype(np.uint32), Settings(threshold=0.7, recall=0.9, numbers=numbers)
    )


def test_dense_graphs_need_rounds_and_end_as_brute_force_does():
    rounds = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        texts = windows(rng)
        found = expect_brute_force(texts, rng.permutation(len(texts)).astype(np.uint32), Settings(recall=0.5))
        rounds.append(len(found.report["rounds"]))
    assert max(rounds) > 2


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(1, 20_000))
def test_order_of_rows_and_memory_change_nothing(rng, memory):
    texts = [text for _ in range(4) for text in family(rng, 8)] + ["短文", "短文", ""]
    ranks = rng.permutation(len(texts)).astype(np.uint32)
    found = run(texts, ranks)
    shuffle = rng.permutation(len(texts))
    other = run([texts[i] for i in shuffle], ranks[shuffle], memory=memory)
    assert np.where(other.winner >= 0, shuffle[other.winner], -1).tolist() == found.winner[shuffle].tolist()
    assert other.similarity.tolist() == found.similarity[shuffle].tolist()
    assert other.exact.tolist() == found.exact[shuffle].tolist()
    for name in ("rounds", "candidate_pairs", "verified_pairs", "kept_apart_by_numbers"):
        assert other.report[name] == found.report[name]


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_parts_of_the_texts_change_nothing(parts, tmp_path):
    rng = np.random.default_rng(11)
    texts = [text for _ in range(14) for text in family(rng, 6)]
    whole = run(texts)
    size = sum(4 * len(twin.key(text)) + 64 for text in texts)
    asked = []
    column = pa.array(texts, pa.large_string())

    def fetch(rows):
        asked.extend(rows)
        return column.take(pa.array(rows))

    found = match(arrays(texts), fetch, Settings(), memory=size // parts, scratch=tmp_path)
    assert found.winner.tolist() == whole.winner.tolist() and found.similarity.tolist() == whole.similarity.tolist()
    rounds = len(found.report["rounds"])
    assert max(asked.count(row) for row in set(asked)) <= rounds, "a text is read once a round"
    assert not list(tmp_path.iterdir()), "scratch files are removed"


def chain():
    """Three texts of which the first and the last are too far from each other, but both are near the one between."""
    rng = np.random.default_rng(2)
    middle = "".join(rng.choice(list(HANZI), 200))
    return [middle + "".join(rng.choice(list(HANZI), 30)), middle, "".join(rng.choice(list(HANZI), 30)) + middle]


@pytest.mark.parametrize("ranks", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_chains_are_not_merged(ranks):
    texts = chain()
    assert twin.jaccard_counts(texts[0], texts[2])[0] / twin.jaccard_counts(texts[0], texts[2])[1] < 0.8
    found = run(texts, np.array(ranks, np.uint32))
    if ranks[1] == 0:
        assert found.winner.tolist() == [1, -1, 1]
    else:  # an end is best, or an end beats the middle: both ends stay
        assert found.winner[[0, 2]].tolist() == [-1, -1] and found.winner[1] in (0, 2)


def test_exact_copies_follow_their_twin_to_the_kept_document():
    left, middle, _ = chain()
    found = run([left, middle, middle.replace(middle[50], middle[50] + "，"), middle + "。"])
    assert found.winner.tolist() == [-1, 0, 0, 0]
    assert not found.exact.any() and len(set(found.similarity[1:])) == 1


def test_all_equal_and_none_equal():
    rng = np.random.default_rng(1)
    same = run(["".join(HANZI)] * 500, rng.permutation(500).astype(np.uint32))
    assert (same.winner < 0).sum() == 1 and same.exact.sum() == 499
    assert same.report["largest_clusters"][0]["documents"] == 500
    other = run(["".join(rng.choice(list(HANZI), 60)) for _ in range(500)])
    assert (other.winner < 0).all() and other.report["candidate_pairs"] == 0
    assert run([]).report["documents"] == 0


def test_a_round_can_bring_a_document_back():
    def scene(rng):
        words = ["".join(rng.choice(list(HANZI), 120)) for _ in range(5)]
        best = "".join(word + str(rng.integers(10, 99)) for word in words)
        other = "".join(word + str(rng.integers(10, 99)) for word in words)  # the same, but for its figures
        copy = "".join(rng.choice(list(HANZI), 50)) + other[50:]
        last = copy[:-50] + "".join(rng.choice(list(HANZI), 50))  # near to the copy, too far from the other
        return [best, other, copy, last]

    # The best document hides that the copy is one of the other: that is found in the second round. In the first, the
    # copy is kept, and the last one loses to it.
    results = [run(scene(np.random.default_rng(seed))) for seed in range(40)]
    returned = [
        found.winner.tolist() == [-1, -1, 1, -1] and [r["documents"] for r in found.report["rounds"][:3]] == [4, 3, 3]
        for found in results
    ]
    assert any(returned)


def test_a_document_that_returns_is_compared_with_those_it_missed():
    # Signatures made by hand, so that the sketches hide the pairs: five documents, ranked best to worst.
    rng = np.random.default_rng(7)
    other, middle = ("".join(rng.choice(list(HANZI), 400)) for _ in range(2))
    w = "".join(rng.choice(list(HANZI), 30)) + middle[30:]
    x = w[:30] + "".join(rng.choice(list(HANZI), 30)) + w[60:]
    u = middle[:-30] + "".join(rng.choice(list(HANZI), 30))
    texts = [other, x, w, u, middle]
    near = {(a, b) for a in range(5) for b in range(a) if np.divide(*twin.jaccard_counts(texts[a], texts[b])) >= 0.8}
    assert near == {(2, 1), (4, 2), (4, 3)}

    slots = np.tile(np.arange(128, dtype=np.uint32), (5, 1))  # 16 bands of 6, and 32 slots that no band reads
    slots[1, 125:] += 1000  # like the first in all bands, and surely near to it
    slots[2, 12:18] += 2000  # all but band 2
    slots[3, 96:121] += 3000
    slots[4] = slots[3]
    slots[4, 6 : 6 * 16 : 6] += 4000  # shares band 0 with all, band 2 with the third
    slots[4, 12:18] = slots[2, 12:18]
    documents = arrays(texts)._replace(signatures=slots)
    column = pa.array(texts)
    found = match(documents, lambda rows: column.take(pa.array(rows)), Settings())
    # Round 1: the first hides all that is like it; the last loses to the third. Round 2: the third loses to the second.
    # Round 3: the last is back, and is compared with the fourth, that the first had hidden from it.
    assert [entry["documents"] for entry in found.report["rounds"]] == [5, 4, 4]
    assert found.winner.tolist() == [-1, -1, 1, -1, 3]


RULES = (
    "停电期间请保管好贵重物品，不要使用电梯，冰箱内的食物请尽早处理。检修车辆进出小区时请主动避让，看护好老人和儿童。"
    "如遇雨雪大风等恶劣天气，检修顺延，时间另行通知。送电前请关闭家用电器的开关，以免电压波动造成损坏。"
    "因检修给您的生活带来不便，我们深表歉意，感谢您的理解与支持，也请邻里之间相互转告，特别是家中有病人需要用电的住户。"
)


def notices(count, seed=0):
    """One template, other figures."""
    rng = np.random.default_rng(seed)
    return [
        f"第{rng.integers(100, 999)}号线路检修通知：定于{rng.integers(2015, 2026)}年{rng.integers(1, 13)}月"
        f"{rng.integers(1, 29)}日停电，影响{rng.integers(100, 999)}户。{RULES}值班电话{rng.integers(10**7, 10**8)}。"
        for _ in range(count)
    ]


def test_notices_that_differ_in_figures_stay_and_their_copies_go():
    originals = notices(400)
    copies = [text.replace("，", ", ") + "（转载）" for text in originals[::4]]
    found = run(originals + copies)
    assert (found.winner[:400] < 0).all()
    assert found.winner[400:].tolist() == list(range(0, 400, 4))
    assert found.report["full_buckets"] > 0
    bucket = found.report["largest_full_buckets"][0]
    assert bucket["documents"] > candidates.LEADERS and bucket["left_over"] == 0 and len(bucket["sample"]) == 3
    assert (run(notices(40), setting=Settings(threshold=0.6, numbers="ignore")).winner >= 0).sum() > 30
    few = run(notices(40), setting=Settings(threshold=0.6))
    assert (few.winner < 0).all() and few.report["kept_apart_by_numbers"] > 30


def test_reposts_of_a_template_in_other_numerals_go():
    originals = notices(200)
    copies = [text.translate(str.maketrans("0123456789", "〇一二三四五六七八九")) for text in originals[::4]]
    similar = [np.divide(*twin.jaccard_counts(a, b)) >= 0.7 for a, b in zip(originals[::4], copies, strict=True)]
    found = run(originals + copies, setting=Settings(threshold=0.7, recall=0.99))
    assert (found.winner[:200] < 0).all() and found.report["full_buckets"] > 0 and np.mean(similar) > 0.9
    assert (found.winner[200:] == np.where(similar, np.arange(0, 200, 4), -1)).mean() > 0.97


def test_a_template_costs_by_its_documents_and_not_by_their_pairs():
    originals = notices(3000)
    copies = [text.replace("停电期间", "停电时") + "特此通知" for text in originals[::10]]
    found = run(originals + copies)
    assert (found.winner[:3000] < 0).all()
    assert (found.winner[3000:] == np.arange(0, 3000, 10)).mean() > 0.97
    assert found.report["candidate_pairs"] < 2 * len(copies)  # of 5 million
    assert all(bucket["left_over"] == 0 for bucket in found.report["largest_full_buckets"])


def test_full_buckets_without_figures_are_reported(monkeypatch):
    monkeypatch.setattr(candidates, "LEADERS", 2)
    rng = np.random.default_rng(9)
    base = "".join(rng.choice(list(HANZI), 300))
    # Near in sketch, but below the threshold, so that every document becomes a leader.
    texts = [base[:262] + "".join(rng.choice(list(HANZI), 38)) for _ in range(40)]
    found = run(texts)
    assert (found.winner < 0).all()
    assert found.report["full_buckets"] > 0 and found.report["largest_full_buckets"][0]["left_over"] > 0


def test_a_bucket_of_many_copies_is_cheap():
    rng = np.random.default_rng(4)
    base = "".join(rng.choice(list(HANZI), 400))
    texts = [base[:i] + "改" + base[i + 1 :] for i in range(300)]
    found = run(texts)
    assert (found.winner < 0).sum() == 1
    assert found.report["candidate_pairs"] < 5 * 300  # of 44,850


def test_memory_stays_within_bounds(tmp_path):
    rng = np.random.default_rng(8)
    base = ["".join(rng.choice(list(HANZI), 4000)) for _ in range(300)]
    column = pa.array(base + [text[:-9] for text in base], pa.large_string())
    documents = arrays(column.to_pylist())
    budget = 1 << 20  # a seventh of the texts
    tracemalloc.start()
    found = match(documents, lambda rows: column.take(pa.array(rows)), Settings(), memory=budget, scratch=tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.winner >= 0).sum() == 300
    assert peak < 2 * budget + 20_000_000  # the filter of active buckets takes 4 MB


@pytest.mark.parametrize("name", ["exact_duplicate", "near_duplicate"])
def test_golden(name):
    for line in (GOLDEN / f"{name}.jsonl").read_text("utf8").rstrip("\n").split("\n"):
        case = json.loads(line)
        found = near_duplicates([case["a"], case["b"]])
        assert found.num_rows == case["duplicate"], case["why"]
        if case["duplicate"]:
            assert found.column("kind").to_pylist() == [name], case["why"]


def test_figures_are_compared_by_what_they_say():
    for line in (GOLDEN / "figures.jsonl").read_text("utf8").rstrip("\n").split("\n"):
        case = json.loads(line)
        texts = [case["a"], case["b"]]
        assert near_duplicates(texts, numbers="ignore").num_rows == 1, case["why"]
        assert near_duplicates(texts).num_rows == case["duplicate"], case["why"]


# The library call, the stage, the settings


def test_near_duplicates_keeps_by_priority_then_length_then_place():
    long, short = notices(1)[0] + "特此通知。", notices(1)[0]
    assert near_duplicates([short, long]).to_pylist()[0]["duplicate_of"] == 1
    assert near_duplicates([short, long], priority=[0, 1]).to_pylist()[0]["duplicate_of"] == 0
    assert near_duplicates([long, long, long]).column("duplicate_of").to_pylist() == [0, 0]
    assert near_duplicates([]).num_rows == 0
    texts = notices(30) + [text.replace("停电期间", "停电时") for text in notices(10)]
    found = near_duplicates(texts, scheme="affine32")
    assert len(found) == 10 and found.equals(near_duplicates(texts))
    assert near_duplicates(pa.array(["春眠不觉晓", "春眠不觉晓"]).slice(1)).num_rows == 0
    with pytest.raises(ValueError, match="priority"):
        near_duplicates(["甲"], priority=[1, 2])


def test_stage_keeps_the_contract():
    check_stage(Sign())
    check_stage(Dedup(width=3, slots=64).sign())


def test_columns_read_back_as_arrays():
    texts = [*notices(5), "", "短"]
    batch = Sign().process(make_batch(texts))
    signed = sign(texts)
    table = pa.Table.from_batches([batch.slice(0, 2), batch.slice(2)])
    assert (signatures_of(table.column("signature")) == signed.signatures).all()
    assert (signatures_of(batch.slice(3, 2).column("signature")) == signed.signatures[3:5]).all()
    assert (digests_of(table.column("digest")) == signed.digests).all()
    assert signatures_of(batch.slice(0, 0).column("signature")).shape == (0, 128)
    assert batch.column("key_length").to_pylist() == signed.key_lengths.tolist()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"slots": 100}, "slots"),
        ({"width": 0}, "width"),
        ({"numbers": "same"}, "numbers"),
        ({"threshold": 0.02}, "raise slots"),
    ],
)
def test_wrong_settings_are_named(values, message):
    with pytest.raises(ValueError, match=message):
        Dedup(**values)


def test_wrong_arrays_are_named():
    good = arrays(notices(3))
    for changed, message in (
        (good._replace(ranks=np.array([0, 0, 1], np.uint32)), "ranks"),
        (good._replace(key_lengths=good.key_lengths[:2]), "one entry"),
        (good._replace(signatures=good.signatures[:, :64]), "slots"),
    ):
        with pytest.raises(ValueError, match=message):
            match(changed, lambda rows: pa.array([]), Settings())
    with pytest.raises(ValueError, match="fetch"):
        match(arrays(notices(1) * 2 + [notices(1)[0] + "以上"]), lambda rows: pa.array([], pa.string()), Settings())


def test_near_pairs_of_real_texts(tmp_path):
    import io

    import zstandard

    def lines(*parts):
        with open(shared_data(*parts), "rb") as file:
            yield from map(
                json.loads, io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf8", newline="\n")
            )

    documents = {d["id"]: d["text"] for d in lines("corpus", "small_public.jsonl.zst")}
    known = {tuple(sorted((p["a"], p["b"]))): p["jaccard"] for p in lines("labelled", "neardup", "pairs.jsonl.zst")}
    names = list(documents)
    found = near_duplicates(list(documents.values()), numbers="ignore")
    removed = {names[row["index"]]: names[row["duplicate_of"]] for row in found.to_pylist()}
    expected = [pair for pair, jaccard in known.items() if jaccard >= 0.85 and documents.keys() >= set(pair)]
    assert expected and all(pair[0] in removed or pair[1] in removed for pair in expected)
