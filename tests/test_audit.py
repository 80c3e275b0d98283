"""What is asked of a finished corpus: found, explained, removed; with the demo corpus as the corpus."""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cci_tools import pipeline
from cci_tools.audit import remove as removal
from cci_tools.audit.explain import explain
from cci_tools.audit.find import Wanted, find
from cci_tools.audit.remove import finish, remove
from cci_tools.corpus import CorpusError, Place, open_corpus
from cci_tools.engines.local import LocalEngine
from cci_tools.ledger import Ledger
from cci_tools.recipe import load_recipe
from cci_tools.resources import folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The demo corpus, made once."""
    out = tmp_path_factory.mktemp("demo") / "out"
    with LocalEngine(1) as engine:
        pipeline.run([str(folder("seeds") / "demo" / "dump")], out, load_recipe("demo"), engine, memory=2 * 10**9)
    return out


@pytest.fixture
def corpus(made, tmp_path):
    """A copy of it that may be changed."""
    return Path(shutil.copytree(made, tmp_path / "out"))


def rows(out, kind):
    return [row for file in sorted((out / kind).glob("*.parquet")) for row in pq.read_table(file).to_pylist()]


def check_whole(out):
    """Every file is as the manifest says, and the ledger closes against the rows that are there."""
    manifest = json.loads((out / "manifest.json").read_text())
    for file in manifest["files"]:
        content = (out / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"] and len(content) == file["bytes"]
        assert pq.read_metadata(out / file["path"]).num_rows == file["rows"]
    on_disk = {str(path.relative_to(out)) for kind in ("data", "rejects", "index") for path in (out / kind).iterdir()}
    assert on_disk == {file["path"] for file in manifest["files"]}
    ledger = Ledger.from_dict(manifest["ledger"]).check()
    assert len(rows(out, "data")) == ledger.kept and len(rows(out, "rejects")) == ledger.rejected.total()
    assert [row["id"] for row in rows(out, "data")] == [row["id"] for row in rows(out, "index")]
    assert sum(len(row["text"].encode()) for row in rows(out, "data")) == ledger.bytes_kept
    return manifest


def duplicate(out):
    """A document that was rejected as a near-duplicate."""
    return next(row for row in rows(out, "rejects") if row["reason"] == "dedup.near_duplicate")


def test_every_document_of_the_corpus_is_found_by_its_id(made):
    corpus = open_corpus(made)
    for kind in ("data", "rejects"):
        for number, row in enumerate(rows(made, kind)):
            assert Place(f"{kind}/part-00000.parquet", number) in list(find(corpus, Wanted(ids=(row["id"],))))


def test_found_by_address_phrase_and_digest(made):
    corpus = open_corpus(made)
    number, row = next((n, r) for n, r in enumerate(rows(made, "data")) if r["url"] and len(r["text"]) > 200)
    place = Place("data/part-00000.parquet", number)
    bare = row["url"].partition("://")[2]
    assert place in list(find(corpus, Wanted(urls=(f"https://{bare}/",))))
    assert list(find(corpus, Wanted(phrases=(row["text"][50:120],)), ["data"])) == [place]
    digest = rows(made, "index")[number]["digest"].hex()
    assert place in list(find(corpus, Wanted(digests=(digest,))))


@pytest.mark.parametrize("wanted", [{}, {"digests": ("12",)}, {"digests": ("g" * 32,)}, {"phrases": ("",)}])
def test_a_search_that_means_nothing_is_refused(wanted):
    with pytest.raises(ValueError):
        Wanted(**wanted)


def test_many_documents_are_explained_as_each_alone(made, monkeypatch):
    corpus = open_corpus(made)
    ids = [row["id"] for kind in ("data", "rejects") for row in rows(made, kind)][::3]
    alone = {story["place"]: story for name in ids for story in explain(corpus, Wanted(ids=(name,)))}
    monkeypatch.setattr("cci_tools.audit.explain.CHUNK", 7)
    assert {story["place"]: story for story in explain(corpus, Wanted(ids=tuple(ids)))} == alone


def test_a_reject_is_explained_by_its_kept_document(made):
    lost = duplicate(made)
    story = next(s for s in explain(open_corpus(made), Wanted(ids=(lost["id"],))) if s["id"] == lost["id"])
    assert story["verdict"] == "rejected" and story["stage"] == "dedup"
    winner = story["duplicate_of"]
    kind, number = winner["place"].split(" row ")
    assert pq.read_table(made / kind).to_pylist()[int(number)]["id"] == winner["id"] == lost["duplicate_of"]
    file = story["origin"].rpartition("#")[0]
    assert {r["name"]: r["sha256"] for r in open_corpus(made).manifest["inputs"]}[file] == story["input_sha256"]


def test_a_kept_document_names_what_was_removed_for_it(made):
    lost = duplicate(made)
    story = next(iter(explain(open_corpus(made), Wanted(ids=(lost["duplicate_of"],)))))
    expected = [row["id"] for row in rows(made, "rejects") if row["duplicate_of"] == lost["duplicate_of"]]
    assert story["verdict"] == "kept" and story["duplicates"]["documents"] == len(expected)
    assert lost["id"] in [row["id"] for row in story["duplicates"]["first"]]
    assert set(story) >= {"source", "digest", "quality"}


def test_a_removed_document_and_its_duplicates_leave_no_text(corpus):
    lost = duplicate(corpus)
    kept = next(row for row in rows(corpus, "data") if row["id"] == lost["duplicate_of"])
    before = {kind: rows(corpus, kind) for kind in ("data", "rejects")}
    record = remove(corpus, Wanted(ids=(kept["id"],)), request="letter 7", when="2026-03-01")
    manifest = check_whole(corpus)
    assert manifest["removals"] == [record] and record["when"] == "2026-03-01" and record["request"] == "letter 7"
    assert record["documents"]["data"] == 1 and record["documents"]["rejects"] >= 1
    everything = b"".join(path.read_bytes() for path in corpus.rglob("*") if path.is_file())
    assert kept["text"] not in {row["text"] for kind in ("data", "rejects") for row in rows(corpus, kind)}
    assert kept["text"].encode() not in everything
    assert lost["text"][:100] not in (corpus / "report.html").read_text(encoding="utf-8")
    gone = {row["id"]: row for row in rows(corpus, "rejects") if row["reason"] == "removed.on_request"}
    assert set(gone) == set(record["ids"]) >= {kept["id"], lost["id"]}
    for row in gone.values():
        assert row["text"] == "" and {row[name] for name in ("url", "title", "meta", "source", "published")} == {None}
    stay = [row for row in before["data"] if row["id"] not in gone]
    assert rows(corpus, "data") == stay
    assert [r for r in rows(corpus, "rejects") if r["id"] not in gone] == [
        r for r in before["rejects"] if r["id"] not in gone
    ]
    story = next(iter(explain(open_corpus(corpus), Wanted(ids=(kept["id"],)))))
    assert story["reason"] == "removed.on_request"


def test_duplicates_stay_when_that_is_asked(corpus):
    lost = duplicate(corpus)
    record = remove(corpus, Wanted(ids=(lost["duplicate_of"],)), request="", when="2026-03-01", duplicates=False)
    check_whole(corpus)
    assert record["documents"] == {"data": 1, "review": 0, "rejects": 0}
    assert next(row for row in rows(corpus, "rejects") if row["id"] == lost["id"])["text"] == lost["text"]
    story = next(iter(explain(open_corpus(corpus), Wanted(ids=(lost["id"],)))))
    assert story["duplicate_of"]["place"] == "removed on request"


def test_everything_can_be_removed_and_twice_finds_nothing(corpus):
    wanted = Wanted(ids=tuple(row["id"] for kind in ("data", "rejects") for row in rows(corpus, kind)))
    remove(corpus, wanted, request="all", when="2026-03-01")
    manifest = check_whole(corpus)
    assert manifest["ledger"]["kept"] == 0 and manifest["ledger"]["rejected"] == {"removed.on_request": 332}
    with pytest.raises(CorpusError, match="no such document"):
        remove(corpus, wanted, request="again", when="2026-03-02")


def test_nothing_changes_when_nothing_is_found(corpus):
    before = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
    with pytest.raises(CorpusError, match="no such document"):
        remove(corpus, Wanted(ids=("no such id",)), request="", when="2026-03-01")
    assert {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()} == before


class Killed(BaseException):
    """Stands for the process that ends at this moment."""


@pytest.mark.parametrize("moment", range(12))
def test_a_removal_that_is_killed_has_done_nothing_or_is_finished_later(corpus, monkeypatch, moment):
    before = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
    wanted = Wanted(ids=(duplicate(corpus)["duplicate_of"],))
    calls = 0

    def dying(function):
        def call(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls == moment + 1:
                raise Killed
            return function(*arguments, **options)

        return call

    with monkeypatch.context() as patched:
        for module, name in ((removal, "write_shard"), (removal, "write_atomic"), (removal.os, "replace")):
            patched.setattr(module, name, dying(getattr(module, name)))
        patched.setattr(removal.shutil, "rmtree", lambda *arguments, **options: None)  # a killed process tidies nothing
        with contextlib.suppress(Killed):
            remove(corpus, wanted, request="x", when="2026-03-01")
    if not finish(corpus) and "removals" not in open_corpus(corpus).manifest:
        files = [path for path in corpus.rglob("*") if path.is_file() and ".removal" not in path.parts]
        assert {path: path.read_bytes() for path in files} == before
        remove(corpus, wanted, request="x", when="2026-03-01")
    assert len(check_whole(corpus)["removals"]) == 1


def test_two_removals_at_once_do_not_meet(corpus):
    first, second = (row["id"] for row in rows(corpus, "data")[:2])
    before = (corpus / "manifest.json").read_bytes()
    with removal._alone(corpus), pytest.raises(CorpusError, match="another command removes from it"):
        remove(corpus, Wanted(ids=(first,)), request="", when="2026-01-02")
    assert (corpus / "manifest.json").read_bytes() == before
    for name in (first, second):
        remove(corpus, Wanted(ids=(name,)), request="", when="2026-01-02")
    assert len(check_whole(corpus)["removals"]) == 2


def test_a_text_that_was_removed_does_not_come_back_with_the_next_release(tmp_path):
    texts = [
        f"第{n}号渠道的清淤工程由{'甲乙丙丁戊'[n]}队承担，工期{n + 3}个月，验收后移交管理站使用。" * 3 for n in range(5)
    ]

    def run(name, texts, against=""):
        dump, recipe = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.toml"
        lines = (json.dumps({"id": f"{name}-{n}", "text": text}, ensure_ascii=False) for n, text in enumerate(texts))
        dump.write_text("\n".join([*lines, '{"text": "？！"}']), encoding="utf-8")
        recipe.write_text(f"[dedup]\nagainst = [{against}]\n", encoding="utf-8")
        with LocalEngine(1) as engine:
            pipeline.run([str(dump)], tmp_path / name, load_recipe(str(recipe)), engine, memory=2 * 10**9)
        return tmp_path / name

    old = run("old", texts[:3])
    empty = next(row["id"] for row in rows(old, "data") if row["text"] == "？！")
    remove(old, Wanted(ids=("old-1", empty)), request="r", when="2026-01-02")
    new = run("new", [f" {texts[1]}！", texts[2], texts[4]], '"old"')
    found = {row["id"]: row for row in rows(new, "rejects")}
    assert {name: row["reason"] for name, row in found.items()} == {
        "new-0": "dedup.removed_earlier",
        "new-1": "dedup.exact_duplicate",
    }
    detail = json.loads(found["new-0"]["detail"])
    assert (detail["rule"], detail["threshold"], detail["corpus"]) == ("removed_on_request", "2026-01-02", "old")
    assert {row["text"] for row in rows(new, "data")} == {texts[4], "？！"}  # an empty key stands for no text
    check_whole(new)


def test_a_folder_that_is_no_corpus_or_not_whole_is_refused(corpus, tmp_path):
    with pytest.raises(CorpusError, match="no manifest"):
        open_corpus(tmp_path)
    (corpus / "data" / "part-00000.parquet").unlink()
    with pytest.raises(CorpusError, match="missing"):
        open_corpus(corpus)
    (corpus / "manifest.json").write_text("[]")
    with pytest.raises(CorpusError, match="not the manifest"):
        open_corpus(corpus)
