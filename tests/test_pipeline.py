"""The whole run: nothing lost, same bytes however it is carried out, killed and resumed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import xxhash

from cci_tools import pipeline
from cci_tools.engines.local import LocalEngine
from cci_tools.ledger import Ledger, LedgerError
from cci_tools.recipe import load_recipe
from cci_tools.resources import folder
from cci_tools.shards.reader import InputError
from cci_tools.workspace import WorkspaceError

ROOT = Path(__file__).resolve().parents[1]
DEMO = folder("seeds") / "demo" / "dump"


def run(paths, out, recipe="demo", workers=1, memory=2_000_000_000, **options):
    recipe = load_recipe(str(recipe))
    paths = [str(path) for path in paths]
    with LocalEngine(workers) as engine:
        return pipeline.run(paths, out, recipe, engine, memory=memory, workers=workers, **options)


def rows(out, kind):
    return ds.dataset(sorted((out / kind).glob("*.parquet"))).to_table().to_pylist()


def digests(out):
    files = sorted(path for path in out.rglob("*") if path.is_file() and ".work" not in path.parts)
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "out"
    return out, run([DEMO], out)


def test_the_ledger_closes_on_the_disk(demo):
    out, summary = demo
    kept, gone = rows(out, "data"), rows(out, "rejects")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ledger"] == summary.ledger.to_dict()
    assert summary.ledger.read == len(kept) + len(gone)
    assert Counter(row["reason"] for row in gone) == summary.ledger.rejected
    assert all(row["stage"] and row["origin"] and row["reason"].startswith(row["stage"] + ".") for row in gone)
    assert len({row["id"] for row in kept + gone}) == len(kept + gone)
    assert {row["stage"] for row in gone} >= {
        "reader", "compliance", "cleaning", "quality", "decontamination", "dedup",
    }  # fmt: skip


def test_every_loser_names_a_kept_document(demo):
    out, _ = demo
    kept = {row["id"] for row in rows(out, "data")}
    losers = [row for row in rows(out, "rejects") if row["stage"] == "dedup"]
    assert losers
    assert all(row["duplicate_of"] in kept and row["similarity"] >= 0.8 for row in losers)


def test_the_manifest_names_every_file_by_its_digest(demo):
    out, _ = demo
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    found = digests(out)
    for file in manifest["files"]:
        assert found.pop(file["path"]) == file["sha256"]
    assert set(found) == {"manifest.json", "README.md", "report.html"}
    assert all(len(file["sha256"]) == 64 for file in manifest["inputs"])


def test_load_dataset_gives_the_kept_rows_and_nothing_else(demo, tmp_path):
    datasets = pytest.importorskip("datasets")
    out, summary = demo
    loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path))
    assert list(loaded) == ["train"]
    assert len(loaded["train"]) == summary.ledger.kept
    assert set(loaded["train"].column_names) >= {"id", "text", "origin", "tier"}
    assert not set(loaded["train"].column_names) & {"reason", "detail", "signature"}


def test_the_index_has_a_row_for_every_kept_document(demo):
    out, _ = demo
    index = [pq.read_table(path) for path in sorted((out / "index").glob("*.parquet"))]
    assert [i for part in index for i in part.column("id").to_pylist()] == [row["id"] for row in rows(out, "data")]


@pytest.mark.parametrize("options", [{"workers": 2}, {"memory": 350_000_000}])
def test_same_bytes_for_any_number_of_workers_and_any_memory(demo, tmp_path, options):
    out, summary = demo
    again = run([DEMO], tmp_path / "again", **options)
    assert again.ledger == summary.ledger
    assert digests(tmp_path / "again") == digests(out)


def test_shards_keep_to_their_size(tmp_path):
    (tmp_path / "small.toml").write_text('[dedup]\n[output]\nshard_size = "100KB"\n', encoding="utf-8")
    small = run([DEMO], tmp_path / "out", tmp_path / "small.toml")
    parts = sorted((tmp_path / "out" / "data").glob("*.parquet"))
    sizes = [sum(len(t.encode()) for t in pq.read_table(p).column("text").to_pylist()) for p in parts]
    longest = max(len(row["text"].encode()) for row in rows(tmp_path / "out", "data"))
    assert len(parts) > 2
    assert max(sizes) <= 100_000 + longest
    assert sum(sizes) == small.ledger.bytes_kept


def test_ids_that_the_dump_repeats_become_unique(tmp_path):
    texts = [f"第{n}号：" + "".join(random.Random(n).choices("春夏秋冬山水风云花月江河湖海", k=80)) for n in range(4)]
    lines = [json.dumps({"id": "same" if n < 3 else "other", "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "x.jsonl").write_text("\n".join([*lines, '{"id": "other"}']), encoding="utf-8")
    (tmp_path / "r.toml").write_text("[dedup]\n", encoding="utf-8")
    run([tmp_path / "x.jsonl"], tmp_path / "out", tmp_path / "r.toml")
    kept, gone = rows(tmp_path / "out", "data"), rows(tmp_path / "out", "rejects")
    ids = [row["id"] for row in kept + gone]
    assert len(set(ids)) == 5
    assert sorted(i.partition("#")[0] for i in ids) == ["other", "other", "same", "same", "same"]
    assert [row["text"] for row in kept] == texts


def test_ids_that_look_like_ours_stay_unique(tmp_path):
    odd = "same#" + xxhash.xxh3_64_hexdigest(b"x.jsonl#byte=0")
    texts = ["".join(random.Random(n).choices("春夏秋冬山水风云花月", k=80)) for n in range(3)]
    lines = [json.dumps({"id": i, "text": t}) for i, t in zip(["same", "same", odd], texts, strict=True)]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    run([tmp_path / "x.jsonl"], tmp_path / "out", "dedup")
    assert len({row["id"] for row in rows(tmp_path / "out", "data")}) == 3


def test_a_limit_reads_the_first_documents(tmp_path):
    (tmp_path / "r.toml").write_text("[cleaning]\n", encoding="utf-8")
    lines = [json.dumps({"id": str(n), "text": f"第{n}条 " + "内容" * 20}) for n in range(50)]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    summary = run([tmp_path / "x.jsonl"], tmp_path / "out", tmp_path / "r.toml", limit=7)
    assert summary.ledger.read == 7
    assert [row["id"] for row in rows(tmp_path / "out", "data")] == [str(n) for n in range(7)]


def test_a_dump_with_nothing_to_keep_is_an_empty_corpus(tmp_path):
    (tmp_path / "x.jsonl").write_text("{]\n{}\n", encoding="utf-8")
    summary = run([tmp_path / "x.jsonl"], tmp_path / "out", "cci")
    assert (summary.ledger.read, summary.ledger.kept) == (2, 0)
    assert rows(tmp_path / "out", "data") == []
    assert len(rows(tmp_path / "out", "rejects")) == 2


def test_an_empty_file_is_an_empty_corpus(tmp_path):
    (tmp_path / "x.jsonl").write_text("", encoding="utf-8")
    assert run([tmp_path / "x.jsonl"], tmp_path / "out", "cci").ledger == Ledger()
    assert rows(tmp_path / "out", "data") == rows(tmp_path / "out", "rejects") == []


def test_a_finished_folder_is_refused(demo):
    out, _ = demo
    with pytest.raises(WorkspaceError, match="finished run"):
        run([DEMO], out)


def test_documents_lost_by_a_stage_stop_the_run(tmp_path, monkeypatch):
    from cci_tools.cleaning.stage import Cleaning

    original = Cleaning.process
    monkeypatch.setattr(Cleaning, "process", lambda self, batch: original(self, batch).slice(1))
    with pytest.raises(Exception, match="changed the rows"):
        run([DEMO], tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()


def start(out, workers):
    command = [sys.executable, "-m", "cci_tools.cli", "run", "--demo", "--out", str(out), "--workers", str(workers)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def kill_and_resume(out, wait, workers):
    """Kill the whole process group after a while, run again to the end; the digests of what is left."""
    process = start(out, workers)
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    if not (out / "manifest.json").exists() or (out / ".work" / "run.json").exists():
        process = start(out, workers)
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error.decode()
    return digests(out)


@pytest.mark.parametrize("wait", [0.9, 1.6])
def test_killed_and_resumed(demo, tmp_path, wait):
    assert kill_and_resume(tmp_path / "out", wait, workers=2) == digests(demo[0])


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(20))
def test_killed_at_random_moments(demo, tmp_path, moment):
    wait = random.Random(moment).uniform(0.2, 4.0)
    assert kill_and_resume(tmp_path / "out", wait, workers=1 + moment % 2) == digests(demo[0])


def test_a_spoilt_work_file_is_made_again(tmp_path):
    """What a power cut took of a killed run."""
    out = tmp_path / "out"
    run([DEMO], out, keep_work=True)
    before = digests(out)
    (out / "manifest.json").unlink()
    for name in ("screen/000000.documents.arrow", "verdicts.arrow"):
        (out / ".work" / name).write_bytes(b"\0" * 1000)
    for mark in (out / ".work" / "publish").glob("*.json"):
        mark.unlink()
    assert run([DEMO], out, keep_work=True).resumed
    assert digests(out) == before


@pytest.mark.parametrize("spoilt", ["prepare/000000.passages.arrow", "passages.arrow", "screen/000000.documents.arrow"])
def test_spoilt_passages_are_learnt_again(tmp_path, spoilt):
    """Prepared documents have been used up: they are made anew where what came of them is lost."""
    site(tmp_path)
    out, task = tmp_path / "out", (tmp_path / "site.jsonl", tmp_path / "web.toml")
    run([task[0]], out, task[1], keep_work=True)
    before = digests(out)
    (out / "manifest.json").unlink()
    path = out / ".work" / spoilt
    data = path.read_bytes()
    path.write_bytes(data[:-200] + bytes(200) if spoilt != "passages.arrow" else data[: len(data) // 2])
    for mark in ("screen/000000.json", "match.json", "publish/data-00000.json", "publish/rejects-00000.json"):
        if not mark.startswith(spoilt[:6]):
            (out / ".work" / mark).unlink()
    assert run([task[0]], out, task[1], keep_work=True).resumed
    assert digests(out) == before


def test_only_what_is_missing_is_done_again(tmp_path):
    out = tmp_path / "out"
    run([DEMO], out, keep_work=True)
    before = digests(out)
    marks = sorted((out / ".work" / "screen").glob("*.json"))
    kept_mark = marks[0].stat().st_mtime_ns
    (out / "manifest.json").unlink()
    (out / ".work" / "match.json").unlink()
    for mark in (out / ".work" / "publish").glob("*.json"):
        mark.unlink()
    summary = run([DEMO], out, keep_work=True)
    assert summary.resumed
    assert marks[0].stat().st_mtime_ns == kept_mark
    assert digests(out) == before


def test_published_columns_are_what_the_plan_says(demo):
    out, _ = demo
    columns = pq.read_schema(next((out / "data").glob("*.parquet")))
    for stage in load_recipe("demo").stages()[:-1]:
        for field in stage.adds:
            if field.name != "tier_rank":
                assert columns.field(field.name).type == field.type
    assert columns.field("text").type == pa.string()


def test_a_corpus_as_input_is_what_it_kept(demo, tmp_path):
    out, summary = demo
    (tmp_path / "r.toml").write_text("[cleaning]\n", encoding="utf-8")
    again = run([out], tmp_path / "again", tmp_path / "r.toml")
    assert again.ledger.read == summary.ledger.kept
    assert [row["text"] for row in rows(tmp_path / "again", "data")] == [row["text"] for row in rows(out, "data")]


def test_rejects_say_where_a_document_came_from(demo):
    out, _ = demo
    gone = [row for row in rows(out, "rejects") if row["stage"] in ("quality", "dedup") and row["url"]]
    assert gone
    assert all(row["host"] and row["tier"] for row in gone)
    assert any(row["title"] and row["published"] for row in gone)


SITE = "首页 | 新闻 | 财经 | 体育\n{body}\n版权所有，转载请注明出处"


def site(tmp_path, pages=120):
    """Pages of one site that share their first and last line, and 30 of them a long paragraph."""
    shared = (
        "本报社郑重提示读者：凡通过非正规渠道获取的所谓内部消息均不可信，请以本报社正式发布的公告和通知内容为准，"
        "谨防上当受骗，如有疑问请及时来电来函核实。"
    )
    lines = []
    for n in range(pages):
        rng = random.Random(n)
        body = (
            "。".join("".join(rng.choices("春夏秋冬山水风云花月江河湖海东西南北天地人和", k=25)) for _ in range(4))
            + "。"
        )
        body += "\n" + shared if n % 4 == 0 else ""
        lines.append(json.dumps({"id": str(n), "url": f"http://news.site.example/{n}", "text": SITE.format(body=body)}))
    (tmp_path / "site.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "web.toml").write_text("[cleaning]\nskip = ['boilerplate']\n[passages]\n[dedup]\n", encoding="utf-8")
    return shared


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_site_repeats_is_learnt_and_cut(tmp_path, workers):
    shared = site(tmp_path)
    summary = run([tmp_path / "site.jsonl"], tmp_path / "out", tmp_path / "web.toml", workers=workers)
    kept = rows(tmp_path / "out", "data")
    assert summary.ledger.read == len(kept) == 120
    assert not any("版权所有" in row["text"] or "首页" in row["text"] for row in kept)
    assert [row["id"] for row in kept if shared in row["text"]] == ["0"]
    assert sum(row["passages_removed"] for row in kept) == 2 * 120 + 29


def test_a_limit_holds_when_passages_are_learnt(tmp_path):
    site(tmp_path)
    summary = run([tmp_path / "site.jsonl"], tmp_path / "out", tmp_path / "web.toml", limit=60)
    assert summary.ledger.read == 60


def dump(path, count=3):
    lines = [
        json.dumps({"text": "".join(random.Random(n).choices("春夏秋冬山水风云花月", k=80))}) for n in range(count)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_an_input_in_the_output_folder_is_never_deleted(tmp_path):
    path = dump(tmp_path / "corpus" / "data" / "part-x.jsonl")
    with pytest.raises(InputError, match="lies in the output folder"):
        run([path.parent], tmp_path / "corpus", "dedup", overwrite=True)
    assert path.exists()


def test_an_output_folder_inside_the_input_is_not_read(tmp_path):
    dump(tmp_path / "in" / "a.jsonl")
    out = tmp_path / "in" / "out"
    assert run([tmp_path / "in"], out, "dedup").ledger.read == 3
    assert run([tmp_path / "in"], out, "dedup", overwrite=True).ledger.read == 3
    other = run([tmp_path / "in"], tmp_path / "elsewhere", "dedup")  # of the corpus inside, its data are documents
    assert (other.ledger.read, other.ledger.kept) == (6, 3)


def test_an_input_that_changes_meanwhile_stops_the_run(tmp_path):
    path = dump(tmp_path / "a.jsonl")

    def change(progress):
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n{}")

    with pytest.raises(InputError, match="changed while it was read"):
        run([path], tmp_path / "out", "dedup", watch=change)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_list_that_changed_is_another_run(tmp_path):
    dump(tmp_path / "a.jsonl")
    (tmp_path / "mine.csv").write_text("domain,tier\na.example,local_news\n", encoding="utf-8")
    (tmp_path / "r.toml").write_text("[compliance]\nregistry = ['mine.csv']\n", encoding="utf-8")
    out = tmp_path / "out"
    run([tmp_path / "a.jsonl"], out, tmp_path / "r.toml", keep_work=True)
    named = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["recipe"]["files"]
    assert str(tmp_path / "mine.csv") in named
    (out / "manifest.json").unlink()
    (tmp_path / "mine.csv").write_text("domain,tier\na.example,central_news\n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="other files named in the recipe"):
        run([tmp_path / "a.jsonl"], out, tmp_path / "r.toml")


def test_a_published_file_that_is_gone_is_noticed(tmp_path):
    dump(tmp_path / "a.jsonl")
    out = tmp_path / "out"
    run([tmp_path / "a.jsonl"], out, "dedup", keep_work=True)
    (out / "manifest.json").unlink()
    (out / "data" / "part-00000.parquet").unlink()
    with pytest.raises(LedgerError, match="missing or not as it was written"):
        run([tmp_path / "a.jsonl"], out, "dedup")
