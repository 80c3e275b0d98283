"""A new dump against earlier releases: what they have goes, they stay as they are, and what cannot be used is told."""

import hashlib
import json
import shutil
from collections import Counter
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import match as twin

from cci_tools import pipeline
from cci_tools.dedup import candidates
from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.index import Index
from cci_tools.dedup.known import select, take_rows
from cci_tools.dedup.match import Documents, Settings, match
from cci_tools.dedup.releases import open_releases
from cci_tools.dedup.search import estimate_bounds
from cci_tools.engines.local import LocalEngine
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.match import jaccard_pairs
from cci_tools.kernels.sign import sign
from cci_tools.recipe import RecipeError, load_recipe

SEEDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
HANZI = list("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈")


def prose(rng, length=160):
    return "".join(rng.choice(HANZI, length))


def edited(text, rng, times=2):
    """A copy with a few other characters."""
    characters = list(text)
    for at in rng.integers(0, len(characters), times):
        characters[at] = "改"
    return "".join(characters)


def repeated(text):
    """The same key in other punctuation."""
    return "，".join(text[i : i + 20] for i in range(0, len(text), 20)) + "。"


def notice(number):
    return (
        f"第{number}号线路检修：定于{number % 12 + 1}月{number % 28 + 1}日停电，影响{number * 7 % 900}户。"
        + "".join(HANZI)
    )


# Matching


def expect(texts, old, comparable, ranks, setting):
    """Match, and compare the kept documents with those of brute force; the last `old` are earlier ones."""
    signed = sign(texts, width=setting.width, slots=setting.slots)
    documents = Documents(signed.digests, signed.signatures, signed.key_lengths, ranks)
    column = pa.array(texts, pa.large_string())
    new = len(texts) - old

    def fetch(rows):
        assert not set(rows.tolist()) & set((new + np.flatnonzero(~comparable)).tolist()), "texts that are not there"
        return column.take(pa.array(rows))

    found = match(documents, fetch, setting, earlier=comparable)
    json.dumps(found.report)
    banding = choose_bands(setting.threshold, setting.recall, setting.slots)
    near = estimate_bounds(setting.threshold, setting.slots).near

    def exact(a, b):
        return signed.key_lengths[a] > 0 and (signed.digests[a] == signed.digests[b]).all()

    def similar(a, b):
        one = np.array([0])
        pair = text_buffers([texts[a], texts[b]])
        equal = signed.signatures[a] == signed.signatures[b]
        shares = equal[: banding.bands * banding.rows].reshape(banding).all(axis=1).any() and equal.sum() >= near
        if min(signed.key_lengths[[a, b]]) < setting.width or not shares:
            return False
        return twin.conflicting(texts[a], texts[b], setting.width) is False and (
            np.divide(*jaccard_pairs(*pair, one, one + 1, width=setting.width))[0] >= setting.threshold
        )

    kept = list(range(new, len(texts)))
    for row in sorted(range(new), key=lambda row: ranks[row]):
        ends = [b for b in kept if exact(row, b) or ((b < new or comparable[b - new]) and similar(row, b))]
        if ends:
            assert found.winner[row] in ends
            assert found.exact[row] == exact(row, found.winner[row])
        else:
            kept.append(row)
    assert sorted(kept) == np.flatnonzero(found.winner < 0).tolist()
    return found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans())
def test_kept_documents_are_those_of_brute_force(rng, all_texts):
    base = [prose(rng, 120) for _ in range(5)]
    texts = ["", "短", "短。"]
    for _ in range(40):
        texts.append(edited(base[rng.integers(0, 5)], rng, int(rng.integers(0, 12))))
    texts += [texts[rng.integers(0, len(texts))] + "！" for _ in range(10)]
    rng.shuffle(texts)
    old = int(rng.integers(1, 30))
    ranks = np.concatenate((old + rng.permutation(len(texts) - old), rng.permutation(old))).astype(np.uint32)
    comparable = np.ones(old, bool) if all_texts else rng.random(old) < 0.5
    expect(texts, old, comparable, ranks, Settings(threshold=0.7, recall=0.9))


def test_templates_with_other_figures_stay_and_copies_go_in_full_buckets():
    rules = prose(np.random.default_rng(1), 900)  # so long that all notices share their buckets
    old = [notice(n) + rules for n in range(300)]
    new = [notice(n) + rules for n in range(300, 400)] + [repeated(text) + "特此通知" for text in old[::3]]
    signed = sign(new + old)
    ranks = np.concatenate((300 + np.arange(200), np.arange(300))).astype(np.uint32)
    documents = Documents(signed.digests, signed.signatures, signed.key_lengths, ranks)
    column = pa.array(new + old, pa.large_string())
    found = match(documents, lambda rows: column.take(pa.array(rows)), Settings(), earlier=np.ones(300, bool))
    assert found.winner[:100].tolist() == [-1] * 100
    assert found.winner[100:200].tolist() == [200 + n for n in range(0, 300, 3)]
    bucket = found.report["largest_full_buckets"][0]
    assert bucket["documents"] > 400 and bucket["left_over"] == 0
    assert found.report["earlier"]["candidate_pairs"] < 200 * candidates.LEADERS  # of 60,000


def test_full_buckets_that_cannot_be_split_are_reported(monkeypatch):
    monkeypatch.setattr(candidates, "LEADERS", 2)
    rng = np.random.default_rng(9)
    base = prose(rng, 300)
    texts = [base[:262] + prose(rng, 38) for _ in range(40)]
    signed = sign(texts)
    ranks = np.concatenate((20 + np.arange(20), np.arange(20))).astype(np.uint32)
    column = pa.array(texts)
    documents = Documents(*signed[1::-1], signed[2], ranks)
    found = match(documents, lambda rows: column.take(pa.array(rows)), Settings(), earlier=np.ones(20, bool))
    assert found.report["largest_full_buckets"][0]["left_over"] > 0


def test_earlier_documents_must_have_the_best_ranks():
    signed = sign(["甲乙丙丁戊己", "子丑寅卯辰巳"])
    documents = Documents(*signed[1::-1], signed[2], np.array([0, 1], np.uint32))
    with pytest.raises(ValueError, match="earlier"):
        match(documents, lambda rows: pa.array([]), Settings(), earlier=np.ones(1, bool))


def test_a_cluster_can_be_capped():
    rng = np.random.default_rng(3)
    base = prose(rng)
    texts = [base, *(edited(base, rng, 1) for _ in range(6)), repeated(base)]
    texts.append(repeated(texts[6]))
    signed = sign(texts)
    documents = Documents(*signed[1::-1], signed[2], np.arange(len(texts), dtype=np.uint32))
    column = pa.array(texts)
    free = match(documents, lambda rows: column.take(pa.array(rows)), Settings())
    assert free.winner.tolist() == [-1, *[0] * 8] and free.report["kept_beyond_max_cluster"] == 0
    capped = match(documents, lambda rows: column.take(pa.array(rows)), Settings(max_cluster=4))
    assert capped.winner.tolist() == [-1, 0, 0, 0, 0, -1, -1, 0, 6]  # equal keys always go, to what is kept
    assert capped.exact[[7, 8]].all() and capped.similarity[5] == 0
    assert capped.report["kept_beyond_max_cluster"] == 2
    assert capped.report["largest_clusters"][0] == {"row": 0, "documents": 6, "sample": [1, 2, 3]}
    with pytest.raises(ValueError, match="max_cluster"):
        Settings(max_cluster=-1)


# Whole runs


def run(folder, name, texts, against=(), workers=1, memory=2_000_000_000, extra="", out=None):
    """A run over texts, given as {id: text}; the folder of the corpus."""
    recipe = folder / f"{name}.toml"
    recipe.write_text(f"[dedup]\nagainst = {json.dumps([str(a) for a in against])}\n{extra}\n", encoding="utf-8")
    dump = folder / f"{name}.jsonl"
    lines = [
        json.dumps({"id": i, "text": text, "source": f"站{i[0]}"}, ensure_ascii=False) for i, text in texts.items()
    ]
    dump.write_text("\n".join(lines), encoding="utf-8")
    out = out or folder / name
    with LocalEngine(workers) as engine:
        pipeline.run([str(dump)], out, load_recipe(str(recipe)), engine, memory=memory, workers=workers)
    return out


def rows(out, kind):
    return {row["id"]: row for row in ds.dataset(sorted((out / kind).glob("*.parquet"))).to_table().to_pylist()}


def digests(out):
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def dumps():
    """Two dumps: the second has new texts, copies of all kinds of the first, and copies of its own."""
    rng = np.random.default_rng(5)
    first = {f"a{n}": prose(rng) for n in range(60)} | {f"n{n}": notice(n) for n in range(50)}
    second = {f"b{n}": prose(rng) for n in range(60)} | {f"m{n}": notice(n) for n in range(50, 80)}
    second |= {f"e{n}": repeated(first[f"a{n}"]) for n in range(30)}
    second |= {f"f{n}": edited(first[f"a{n}"], rng) for n in range(20, 50)}
    second |= {f"g{n}": notice(n).replace("停电", "停电（转载）") for n in range(10)}
    second |= {f"h{n}": edited(second[f"b{n}"], rng) + "全文完" for n in range(10)}
    return first, second


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    first, second = dumps()
    one = run(folder, "one", first)
    before = digests(one)
    two = run(folder, "two", second, [one])
    assert digests(one) == before
    return folder, one, two


def test_copies_of_an_earlier_release_go_and_name_it(releases):
    _, one, two = releases
    first, second = dumps()
    old, kept, gone = rows(one, "data"), rows(two, "data"), rows(two, "rejects")
    assert set(old) == set(first)
    assert set(kept) | set(gone) == set(second)
    own = {row["duplicate_of"] for row in gone.values() if "corpus" not in json.loads(row["detail"])}
    assert {i[0] for i in kept} == {"b", "m", "h"} and own <= set(kept)
    assert len(own) == sum(i[0] in "bh" for i in gone) == 10
    for i, row in gone.items():
        if i[0] in "efg":
            detail = json.loads(row["detail"])
            assert detail["corpus"] == "one"
            assert row["duplicate_of"] == ("n" if i[0] == "g" else "a") + i[1:] and row["duplicate_of"] in old
            assert row["reason"] == ("dedup.exact_duplicate" if i[0] == "e" else "dedup.near_duplicate")
            assert row["similarity"] == 1.0 if i[0] == "e" else 0.8 <= row["similarity"] < 1
            assert detail.get("figures") == {"e": None, "f": 0, "g": 2}[i[0]]  # of 3: 转载 stands behind one
            assert detail.get("figures_differ") == (None if i[0] == "e" else 0)
    manifest = json.loads((two / "manifest.json").read_text("utf8"))
    against = manifest["matching"]["against"]
    digest = hashlib.sha256((one / "manifest.json").read_bytes()).hexdigest()
    assert against == [
        {"corpus": "one", "manifest_sha256": digest, "documents": 110, "compared": "texts", "duplicates": 70}
    ]
    assert "| `one` | 110 | texts | 70 |" in (two / "README.md").read_text("utf8")


def test_the_report_counts_sources_and_names_documents(releases):
    *_, two = releases
    matching = json.loads((two / "manifest.json").read_text("utf8"))["matching"]
    gone = rows(two, "rejects").values()
    expected = Counter(
        ("站" + row["id"][0], "站" + row["duplicate_of"][0], json.loads(row["detail"]).get("corpus")) for row in gone
    )
    assert {(r["source"], r["kept_source"], r["corpus"]): r["documents"] for r in matching["sources"]["largest"]} == (
        expected
    )
    assert matching["sources"]["others"] == {"pairs": 0, "documents": 0}
    cluster = matching["largest_clusters"][0]
    assert cluster["id"] == "one: a20" and sorted(cluster["sample"]) == ["e20", "f20"] and cluster["documents"] == 3


@pytest.mark.parametrize("options", [{"workers": 2}, {"memory": 340_000_000}])
def test_same_bytes_however_it_is_carried_out(releases, tmp_path, options):
    folder, one, two = releases
    shutil.copytree(one, tmp_path / "one")
    again = run(folder, "two", dumps()[1], [one], out=tmp_path / "again", **options)
    assert digests(again) == digests(two)


def test_little_memory_selects_the_same_documents(releases, tmp_path):
    _, one, _ = releases
    signed = sign(list(dumps()[1].values()))
    found = []
    for memory in (1, 1 << 30):
        with open(tmp_path / "signatures", "wb") as sink:
            known = select(
                open_releases([str(one)], width=5, slots=128),
                signed.digests,
                signed.signatures,
                signed.key_lengths,
                banding=choose_bands(0.8, 0.99, 128),
                width=5,
                memory=memory,
                sink=sink,
            )
        found.append((known.ids.to_pylist(), known.row.tolist(), (tmp_path / "signatures").read_bytes()))
    assert found[0] == found[1]
    assert len(found[0][2]) == 512 * len(found[0][0])
    assert {f"a{n}" for n in range(50)} <= set(found[0][0]) and "a55" not in found[0][0]


def test_rows_are_taken_from_their_row_groups(tmp_path):
    table = pa.table(
        {"id": [str(n) for n in range(100)], "text": [f"第{n}条" for n in range(100)], "other": range(100)}
    )
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=7)
    for rows in ([0], [6, 7, 8, 41, 98, 99], range(100)):
        found = take_rows(tmp_path / "x.parquet", np.array(rows))
        assert found.to_pydict() == table.select(["id", "text"]).take(pa.array(rows)).to_pydict()


def test_a_chain_of_three_releases(releases):
    folder, one, two = releases
    first, second = dumps()
    rng = np.random.default_rng(8)
    texts = {f"c{n}": prose(rng) for n in range(20)}
    texts |= {f"x{n}": edited(first[f"a{n}"], rng) for n in range(20)}
    texts |= {f"y{n}": repeated(second[f"b{n}"]) for n in range(10, 30)}
    three = run(folder, "three", texts, [one, two])
    kept, gone = rows(three, "data"), rows(three, "rejects")
    assert {i[0] for i in kept} == {"c"} and len(kept) == 20
    for i, row in gone.items():
        corpus, winner = ("one", f"a{i[1:]}") if i[0] == "x" else ("two", f"b{i[1:]}")
        assert (json.loads(row["detail"])["corpus"], row["duplicate_of"]) == (corpus, winner)
    four = run(folder, "four", texts, [three, two])  # without the first, its copies are kept once
    assert {i[0] for i in rows(four, "data")} == {"x"}
    everything = [{r["text"] for r in rows(out, "data").values()} for out in (one, two, three)]
    assert all(not a & b for a, b in combinations(everything, 2))


def test_releases_of_one_name_are_told_apart(releases, tmp_path):
    _, one, two = releases
    for parent, corpus in (("x", one), ("y", two)):
        shutil.copytree(corpus, tmp_path / parent / "corpus")
    texts = {"p": dumps()[0]["a1"], "q": dumps()[1]["b30"]}
    out = run(tmp_path, "new", texts, [tmp_path / "x" / "corpus", tmp_path / "y" / "corpus"])
    corpora = {i: json.loads(row["detail"])["corpus"] for i, row in rows(out, "rejects").items()}
    assert corpora == {"p": "x/corpus", "q": "y/corpus"}
    assert rows(out, "data") == {}


def test_without_texts_only_equal_keys_go_and_the_report_says_so(releases, tmp_path):
    _, one, _ = releases
    shutil.copytree(one, tmp_path / "one", ignore=shutil.ignore_patterns("data"))
    out = run(tmp_path, "two", dumps()[1], [tmp_path / "one"])
    gone = rows(out, "rejects")
    assert {i for i, row in gone.items() if "corpus" in row["detail"]} == {f"e{n}" for n in range(30)}
    # f20 to f29 duplicate e20 to e29, which are gone: no kept document of this run stands for them.
    assert {f"f{n}" for n in range(20, 50)} <= set(rows(out, "data"))
    assert "its data/ is not there" in (out / "README.md").read_text("utf8")


def test_a_resumed_run_needs_the_same_releases(releases, tmp_path):
    from cci_tools.workspace import WorkspaceError

    _, one, _ = releases
    corpus = shutil.copytree(one, tmp_path / "one")
    run(tmp_path, "two", dumps()[1], [corpus])
    recipe = load_recipe(str(tmp_path / "two.toml"))

    class StopError(Exception):
        pass

    def stop(progress):
        if progress.phase == "match":
            raise StopError

    def begin(watch=lambda progress: None):
        with LocalEngine(1) as engine:
            return pipeline.run(
                [str(tmp_path / "two.jsonl")], tmp_path / "again", recipe, engine, memory=10**9, watch=watch
            )

    with pytest.raises(StopError):
        begin(stop)
    manifest = corpus / "manifest.json"
    before = manifest.read_text("utf8")
    manifest.write_text(before + "\n", "utf8")
    with pytest.raises(WorkspaceError, match=r"with other .*recipe"):
        begin()
    manifest.write_text(before, "utf8")
    assert begin().resumed
    assert digests(tmp_path / "again") == digests(tmp_path / "two")


def change_manifest(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text("utf8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf8")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "extra", "message"),
    [
        (lambda f: (f / "manifest.json").unlink(), "", "no manifest.json"),
        (lambda f: (f / "manifest.json").write_text("{", "utf8"), "", "not the manifest of a run"),
        (lambda f: (f / "index" / "part-00000.parquet").unlink(), "", "index/part-00000.parquet: is missing"),
        (lambda f: (f / "data" / "part-00000.parquet").unlink(), "", "data/part-00000.parquet: is missing"),
        (lambda f: flip(f / "index" / "part-00000.parquet"), "", "SHA-256 is not that of the manifest"),
        (lambda f: (f / "data" / "part-00000.parquet").write_bytes(b"PAR1"), "", "size is not that of the manifest"),
        (lambda f: None, "slots = 64", "slots = 128, the recipe has 64"),
        (lambda f: None, "width = 4", "width = 5, the recipe has 4"),
        (lambda f: None, 'scheme = "affine32"', "scheme = fss, the recipe has affine32"),
        (lambda f: change_manifest(f, lambda m: m["recipe"].pop("dedup")), "", r"made without \[dedup\]"),
        (lambda f: change_manifest(f, lambda m: m["versions"].update(signature_scheme="fss-0")), "", "fss-0"),
        (shutil.rmtree, "", "no such file or folder"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(releases, tmp_path, damage, extra, message):
    corpus = shutil.copytree(releases[1], tmp_path / "corpus")
    damage(corpus)
    with pytest.raises(RecipeError, match=message) as error:
        run(tmp_path, "new", {"p": "甲乙丙丁"}, [corpus], extra=extra)
    assert "\n" not in str(error.value) and "corpus" in str(error.value)
    assert not (tmp_path / "new").exists()


def test_data_of_another_release_is_noticed(releases, tmp_path):
    first, _ = dumps()
    other = run(tmp_path, "other", {f"z{i}": text for i, text in first.items()})
    corpus = shutil.copytree(releases[1], tmp_path / "corpus")
    shutil.copy(other / "data" / "part-00000.parquet", corpus / "data" / "part-00000.parquet")
    size = (corpus / "data" / "part-00000.parquet").stat().st_size
    change_manifest(corpus, lambda m: [f.update(bytes=size) for f in m["files"] if f["path"].startswith("data/")])
    with pytest.raises(OSError, match="does not hold the documents of"):
        run(tmp_path, "new", {"p": edited(first["a1"], np.random.default_rng(1))}, [corpus])


def test_the_same_folder_twice_is_refused(releases, tmp_path):
    with pytest.raises(RecipeError, match="named twice"):
        run(tmp_path, "new", {"p": "甲"}, [releases[1], releases[1]])


@pytest.mark.parametrize("command", [["dedup"], ["run", "--recipe"]])
def test_the_command_line_takes_earlier_corpora(releases, tmp_path, command, monkeypatch):
    from click.testing import CliRunner

    from cci_tools.cli import main

    folder, one, two = releases
    monkeypatch.chdir(folder)
    if command[0] == "run":
        (tmp_path / "r.toml").write_text("[dedup]", "utf8")
        command = [*command, str(tmp_path / "r.toml")]
    texts = {
        "p": edited(rows(one, "data")["a1"]["text"], np.random.default_rng(1)),
        "q": rows(two, "data")["b20"]["text"],
    }
    lines = [json.dumps({"id": i, "text": text, "source": "站"}, ensure_ascii=False) for i, text in texts.items()]
    (tmp_path / "new.jsonl").write_text("\n".join(lines), "utf8")
    inputs = [str(tmp_path / "new.jsonl"), "--out", str(tmp_path / "new"), "--workers", "1"]
    done = CliRunner().invoke(main, [*command, *inputs, "--against", "one", "--against", str(two)])
    assert done.exit_code == 0, done.output
    gone = {
        i: (row["duplicate_of"], json.loads(row["detail"])["corpus"])
        for i, row in rows(tmp_path / "new", "rejects").items()
    }
    assert gone == {"p": ("a1", "one"), "q": ("b20", "two")}
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text("utf8"))
    assert manifest["recipe"]["dedup"]["against"] == [str(one), str(two)]
    missing = CliRunner().invoke(main, [*command, *inputs[:2], str(tmp_path / "more"), "--against", "nowhere"])
    assert missing.exit_code == 2 and missing.output.count("\n") == 1 and "nowhere" in missing.output


def test_releases_of_the_second_scheme_are_matched_as_those_of_the_first(releases, tmp_path):
    *_, two = releases
    first, second = dumps()
    one = run(tmp_path, "one", first, extra='scheme = "affine32"')
    again = run(tmp_path, "two", second, [one], extra='scheme = "affine32"')
    assert json.loads((one / "manifest.json").read_text("utf8"))["versions"]["signature_scheme"] == "affine32-1"
    for kind in ("data", "rejects"):
        columns = ("text", "duplicate_of", "similarity")
        there, here = (
            {i: [row.get(name) for name in columns] for i, row in rows(out, kind).items()} for out in (two, again)
        )
        assert here == there
    corpus = Index.load(again)
    assert corpus.scheme == "affine32"
    corpus.save(tmp_path / "saved")
    text = rows(again, "data")["b20"]["text"]
    assert Index.load(tmp_path / "saved").query([text, text + "续"]).column("id").to_pylist() == ["b20", "b20"]
    with pytest.raises(ValueError, match="same scheme"):
        corpus.merge(Index.load(two))


def test_ids_of_an_earlier_corpus_can_be_used_again(releases, tmp_path):
    _, one, _ = releases
    old, rng = rows(one, "data"), np.random.default_rng(8)
    texts = {"a1": edited(old["a1"]["text"], rng), "a2": prose(rng), "a3": old["a4"]["text"]}
    new = run(tmp_path, "new", texts | {"x": texts["a2"] + "！"}, [one])
    gone = rows(new, "rejects")
    assert set(rows(new, "data")) == {"a2"}
    named = {i: (row["duplicate_of"], json.loads(row["detail"]).get("corpus")) for i, row in gone.items()}
    assert named == {"a1": ("a1", "one"), "a3": ("a4", "one"), "x": ("a2", None)}
    with pytest.raises(ValueError, match="prefix"):
        Index.load(one).merge(Index.load(new))
    both = Index.load(one, prefix="one/").merge(Index.load(new, prefix="new/"))
    found = both.query([texts["a2"], old["a2"]["text"]]).column("id").to_pylist()
    assert len(both) == len(old) + 1 and found == ["new/a2", "one/a2"]


def test_the_command_line_ends_with_2_and_one_line(releases, tmp_path):
    from click.testing import CliRunner

    from cci_tools.cli import main

    corpus = shutil.copytree(releases[1], tmp_path / "corpus")
    flip(corpus / "index" / "part-00000.parquet")
    recipe = tmp_path / "r.toml"
    recipe.write_text('[dedup]\nagainst = ["corpus"]\n', "utf8")
    (tmp_path / "x.jsonl").write_text('{"text": "甲"}', "utf8")
    for arguments in (["plan"], ["run", str(tmp_path / "x.jsonl"), "--out", str(tmp_path / "out")]):
        done = CliRunner().invoke(main, [*arguments, "--recipe", str(recipe)])
        assert done.exit_code == 2 and done.output.count("\n") == 1 and "part-00000.parquet: damaged" in done.output
