"""The index of texts: what it finds against brute force, exact and estimated; files, corpora, merges."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import match as twin

import cci_tools
from cci_tools import Index, pipeline
from cci_tools.dedup import index as module
from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.lookup import Lookup, Signed, rows_of
from cci_tools.dedup.search import estimate_bounds
from cci_tools.engines.local import LocalEngine
from cci_tools.kernels.sign import sign
from cci_tools.recipe import load_recipe

SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
HANZI = list("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈")


def prose(rng, length=120):
    return "".join(rng.choice(HANZI, length))


def edited(text, rng, times):
    characters = list(text)
    for at in rng.integers(0, len(characters), times):
        characters[at] = str(rng.choice([*HANZI, "3", "，"]))
    return "".join(characters)


def brute_force(corpus, queries, *, threshold, recall, numbers, texts):
    """Rows of the answer as (query, document, similarity, kind), by comparing every query with every document."""
    banding, bounds = choose_bands(threshold, recall, 128), estimate_bounds(threshold, 128)
    a, b = sign(corpus), sign(queries)
    found = []
    for q, query in enumerate(queries):
        for d, document in enumerate(corpus):
            if twin.key(query) and twin.key(query) == twin.key(document):
                found.append((q, d, 1.0, "exact_duplicate"))
                continue
            equal = a.signatures[d] == b.signatures[q]
            shares = equal[: banding.bands * banding.rows].reshape(banding).all(axis=1).any()
            if min(len(twin.key(query)), len(twin.key(document))) < 5 or not shares:
                continue
            if not texts:
                if equal.sum() >= bounds.sure:
                    found.append((q, d, equal.sum() / 128, "estimate"))
                continue
            common, together = twin.jaccard_counts(query, document, 5)
            differ = numbers == "distinct" and twin.conflicting(document, query, 5)
            if equal.sum() >= bounds.near and common / together >= threshold and not differ:
                found.append((q, d, common / together, "near_duplicate"))
    return sorted(found, key=lambda row: (row[0], -row[2], row[3] != "exact_duplicate", row[1]))


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans(), st.sampled_from(["distinct", "ignore"]), st.sampled_from([(0.8, 0.99), (0.6, 0.9)]))
def test_answers_are_those_of_brute_force(rng, texts, numbers, wanted):
    threshold, recall = wanted
    base = [prose(rng) + "共30户" for _ in range(4)]
    corpus = [edited(base[rng.integers(0, 4)], rng, int(rng.integers(0, 12))) for _ in range(20)] + ["", "短", "短文。"]
    queries = [edited(base[rng.integers(0, 4)], rng, int(rng.integers(0, 12))) for _ in range(10)]
    queries += ["短，文", "", "无关", corpus[0] + "。", corpus[1]]
    index = Index(corpus, keep_texts=texts)
    answer = index.query(queries, threshold=threshold, recall=recall, numbers=numbers)
    rows = [(r["index"], int(r["id"]), r["similarity"], r["kind"]) for r in answer.to_pylist()]
    assert rows == brute_force(corpus, queries, threshold=threshold, recall=recall, numbers=numbers, texts=texts)
    for row in answer.to_pylist():
        assert (row["standard_error"] > 0) == (row["kind"] == "estimate")


def test_estimates_err_by_as_much_as_they_say():
    rng = np.random.default_rng(3)
    base = [prose(rng, 300) for _ in range(300)]
    copies = [text[:270] + prose(rng, 30) for text in base]
    exact = Index(base).query(copies, threshold=0.6, numbers="ignore")
    true = dict(zip(exact.column("id").to_pylist(), exact.column("similarity").to_numpy(), strict=True))
    answer = Index(base, keep_texts=False).query(copies, threshold=0.6).to_pylist()
    assert len(answer) > 290
    errors = np.array([(row["similarity"] - true[row["id"]]) / row["standard_error"] for row in answer])
    assert abs(errors.mean()) < 0.3 and 0.7 < errors.std() < 1.3


def test_keys_are_equal_in_all_bits():
    def signed(low):
        return Signed(
            np.zeros((len(low), 128), np.uint32), np.array([[7, x] for x in low], np.uint64), np.ones(len(low))
        )

    pairs = Lookup(signed([1, 2, 3, 2]), 5).equal(signed([2, 4]))
    assert [rows.tolist() for rows in rows_of(pairs)] == [[1, 3], [0, 0]]


@pytest.fixture
def corpus():
    rng = np.random.default_rng(1)
    texts = [prose(rng) for _ in range(30)] + ["短", ""]
    queries = [edited(text, rng, 2) for text in texts[:20]] + ["短。"]
    return texts, [f"doc-{n}" for n in range(32)], queries


@pytest.mark.parametrize("kind", ["list", "array", "large", "chunks", "datasets"])
def test_texts_of_any_kind(corpus, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 7)
    texts, ids, queries = corpus
    expected = Index(texts, ids).query(queries)

    def column(values):
        if kind == "list":
            return values
        if kind == "array":
            return pa.array(["前", *values]).slice(1)
        if kind == "large":
            return pa.array(values, pa.large_string())
        if kind == "chunks":
            return pa.chunked_array([values[:3], values[3:]])
        datasets = pytest.importorskip("datasets")
        return datasets.Dataset.from_dict({"text": values})["text"]

    index = Index(column(texts), column(ids) if kind != "datasets" else ids)
    assert expected.num_rows == 21 and len(index) == 32
    assert index.query(column(queries)).equals(expected)


@pytest.mark.parametrize("keep_texts", [True, False])
def test_saved_and_loaded_it_answers_the_same(corpus, keep_texts, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 7)
    texts, ids, queries = corpus
    index = Index(texts, ids, slots=256, width=4, keep_texts=keep_texts)
    index.save(tmp_path / "x.idx")
    loaded = Index.load(tmp_path / "x.idx")
    assert (len(loaded), loaded.exact, loaded.slots, loaded.width) == (32, keep_texts, 256, 4)
    assert loaded.query(queries).equals(index.query(queries))
    loaded.save(tmp_path / "y.idx")
    assert (tmp_path / "y.idx").read_bytes() == (tmp_path / "x.idx").read_bytes()
    loaded.save(tmp_path / "y.idx", texts=False)
    assert not Index.load(tmp_path / "y.idx").exact
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.idx", "y.idx"]


def test_merged_it_answers_as_one(corpus, tmp_path):
    texts, ids, queries = corpus
    whole = Index(texts, ids)
    parts = [Index(texts[a:b], ids[a:b]) for a, b in ((0, 5), (5, 5), (5, 20), (20, 32))]
    parts[2].save(tmp_path / "part.idx")
    merged = parts[0].merge(parts[1], Index.load(tmp_path / "part.idx"), parts[3])
    assert merged.query(queries).equals(whole.query(queries))
    assert merged.merge().query(queries).equals(whole.query(queries))
    merged.save(tmp_path / "all.idx")
    assert Index.load(tmp_path / "all.idx").query(queries).equals(whole.query(queries))
    with pytest.raises(ValueError, match="same scheme, width and slots"):
        whole.merge(Index(texts, keep_texts=False))
    with pytest.raises(ValueError, match="occurs twice"):
        whole.merge(parts[0])


def test_a_corpus_is_an_index(corpus, tmp_path):
    texts, ids, queries = corpus
    lines = [json.dumps({"id": i, "text": text}) for i, text in zip(ids, texts, strict=True) if text]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with LocalEngine(1) as engine:
        pipeline.run([str(tmp_path / "x.jsonl")], tmp_path / "out", load_recipe("dedup"), engine, memory=10**9)
    index = Index.load(tmp_path / "out")
    assert index.exact and index.query(queries).equals(Index(texts, ids).query(queries))
    index.save(tmp_path / "x.idx")
    assert Index.load(tmp_path / "x.idx").query(queries).equals(index.query(queries))
    for file in (tmp_path / "out" / "data").iterdir():
        file.unlink()
    (tmp_path / "out" / "data").rmdir()
    assert set(Index.load(tmp_path / "out").query(queries).column("kind").to_pylist()) == {
        "estimate", "exact_duplicate",
    }  # fmt: skip


def test_empty_indexes_and_questions(tmp_path):
    empty = Index([])
    empty.save(tmp_path / "empty.idx")
    for index in (empty, Index.load(tmp_path / "empty.idx"), Index(["甲乙丙丁戊"])):
        assert index.query([]).num_rows == 0
        assert index.query(["子丑寅卯辰巳", "", None]).num_rows == 0


def test_files_that_are_no_index_are_refused(tmp_path):
    path = tmp_path / "x.idx"
    with pytest.raises(FileNotFoundError):
        Index.load(path)
    path.write_text("something else")
    with pytest.raises(ValueError, match="not an index"):
        Index.load(path)
    Index(["甲乙丙丁戊"]).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match="not an index"):
        Index.load(path)
    for old, new, message in ((b'"format": 1', b'"format": 7', "format 7"), (b"fss-1", b"fss-0", "fss-0")):
        path.write_bytes(content.replace(old, new))
        with pytest.raises(ValueError, match=f"{message}.* make the index again"):
            Index.load(path)
    with pytest.raises(ValueError, match="no manifest"):
        Index.load(tmp_path)


@pytest.mark.parametrize("ids", [["a"], ["a", "a"], ["a", None]])
def test_ids_must_name_each_text(ids):
    with pytest.raises(ValueError, match="ids"):
        Index(["甲", "乙"], ids)


def test_one_text_is_no_list():
    with pytest.raises(TypeError, match="one text"):
        Index("甲乙丙")
    with pytest.raises(TypeError, match="one text"):
        Index(["甲乙丙"]).query("甲乙丙")
    assert cci_tools.Index is Index


@pytest.mark.parametrize("texts", [[1, 2], "一篇", b"x", ["\ud800"], pa.array([1]), pa.array([b"x"])])
def test_what_are_no_texts_is_said(texts):
    with pytest.raises(TypeError, match="texts"):
        Index(texts)
