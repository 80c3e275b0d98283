"""The demo dump: made by its script, as varied as it claims, its planted documents end as `expected.json` says."""

import csv
import gzip
import itertools
import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import zstandard

from cci_tools import pipeline
from cci_tools.engines.local import LocalEngine
from cci_tools.recipe import load_recipe
from cci_tools.resources import folder

DEMO = folder("seeds") / "demo"
DUMP = DEMO / "dump"
MAKER = Path(__file__).resolve().parents[1] / "benchmarks" / "demo" / "make_demo.py"
EXPECTED = json.loads((DEMO / "expected.json").read_text(encoding="utf-8"))
PLANTED = EXPECTED["planted"]


def name_of(entry):
    return entry.get("id") or entry["origin"]


def unpacked(path):
    data = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(data).read()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def lines_of(path):
    """Records of a JSON lines file that can be read, and the number of those that cannot."""
    good, bad = [], 0
    for line in unpacked(path).split(b"\n")[:-1]:
        try:
            record = json.loads(line.decode("utf-8"))
            good.append((record["id"], record["text"]))
            bad += not isinstance(record["text"], str)
        except (ValueError, TypeError, KeyError):
            bad += 1
    return [pair for pair in good if isinstance(pair[1], str)], bad


def read_dump():
    """File name -> pairs of id and text; and the number of records that are no documents."""
    files, broken = {}, 0
    for path in sorted(path for path in DUMP.rglob("*") if path.is_file()):
        name = path.relative_to(DUMP).as_posix()
        if ".jsonl" in name:
            files[name], bad = lines_of(path)
            broken += bad
        elif name.endswith(".parquet"):
            files[name] = [(row["id"], row["content"]) for row in pq.read_table(path).to_pylist()]
        elif name.endswith(".csv"):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                files[name] = [(row["id"], row["text"]) for row in csv.DictReader(stream)]
        else:
            charset = "gb18030" if name.startswith("gb18030") else "utf-8"
            files[name] = [(name, path.read_bytes().decode(charset))]
    return files, broken


def shingles(text):
    key = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).lower())
    return {key[i : i + 5] for i in range(max(1, len(key) - 4))}


def jaccard(one, two):
    common = len(one & two)
    return common / max(1, len(one) + len(two) - common)


@pytest.fixture(scope="module")
def documents():
    files, _ = read_dump()
    return {id: text for pairs in files.values() for id, text in pairs}


def test_the_script_makes_these_files(tmp_path):
    if not MAKER.exists():
        pytest.skip("the generator is not part of this installation")
    subprocess.run([sys.executable, str(MAKER), "--out", str(tmp_path)], check=True, timeout=60)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    here = sorted(path.relative_to(DEMO) for path in [*DUMP.rglob("*"), DEMO / "expected.json"] if path.is_file())
    assert made == here
    for name in made:
        if name.suffix == ".parquet":
            assert pq.read_table(tmp_path / name).equals(pq.read_table(DEMO / name)), name
        else:
            assert unpacked(tmp_path / name) == unpacked(DEMO / name), name


def test_size_formats_and_kinds():
    files, broken = read_dump()
    documents = sum(map(len, files.values())) + broken
    assert documents == EXPECTED["documents"] == sum(EXPECTED["kinds"].values())
    assert broken == sum(entry["stage"] == "reader" for entry in PLANTED) == 5
    assert EXPECTED["kinds"]["planted"] == len(PLANTED)
    least = {"news": 90, "notice": 80, "essay": 20, "verse": 15, "forum post": 15, "traditional": 10, "recipe": 8}
    assert all(EXPECTED["kinds"][kind] >= number for kind, number in least.items())
    text_bytes = sum(len(text.encode()) for pairs in files.values() for _, text in pairs)
    assert 300_000 <= text_bytes <= 800_000
    endings = {name.partition(".")[2] for name in files}
    assert endings == {"jsonl", "jsonl.zst", "jsonl.gz", "parquet", "csv", "txt"}


def test_the_gb18030_file_is_no_utf8():
    data = (DUMP / "gb18030" / "almanac.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        data.decode("gbk")  # it has a character of four bytes
    assert "䲟" in data.decode("gb18030")


def test_every_planted_document_is_there(documents):
    for entry in PLANTED:
        if "origin" in entry:
            name, _, byte = entry["origin"].partition("#byte=")
            data = unpacked(DEMO / name)
            assert byte == "0" or data[int(byte) - 1 : int(byte)] == b"\n"
            assert data[int(byte) : int(byte) + 1] in b"{["
        elif entry["stage"] != "reader":
            assert entry["id"] in documents
        if "duplicate_of" in entry:
            assert entry["duplicate_of"] in documents


def test_no_two_other_documents_are_alike(documents):
    planted = {name_of(entry) for entry in PLANTED}
    keys = {id: shingles(text) for id, text in documents.items() if id not in planted}
    for (one, a), (two, b) in itertools.combinations(keys.items(), 2):
        if not (one.startswith("notice") and two.startswith("notice")):
            assert jaccard(a, b) < 0.6, (one, two)


def test_some_notices_differ_in_figures_only(documents):
    notices = [shingles(text) for id, text in documents.items() if id.startswith("notice")]
    assert sum(jaccard(a, b) >= 0.8 for a, b in itertools.combinations(notices, 2)) >= 50
    assert max(jaccard(a, b) for a, b in itertools.combinations(notices, 2)) < 1


def test_copies_are_near_and_the_ends_of_the_chain_are_not(documents):
    opencc = pytest.importorskip("opencc")
    simplified = opencc.OpenCC("t2s").convert
    for entry in PLANTED:
        if entry["stage"] == "dedup":
            one, two = (shingles(simplified(documents[id])) for id in (entry["id"], entry["duplicate_of"]))
            assert jaccard(one, two) >= 0.75, entry["id"]  # at least 0.8 once furniture is gone
    ends = [shingles(documents[id]) for id in ("chain-1", "chain-3")]
    assert jaccard(*ends) < 0.78
    assert jaccard(shingles(documents["chain-2"]), ends[1]) > 0.82


def test_benchmark_items_are_carried_whole(documents):
    opencc = pytest.importorskip("opencc")
    lines = (DEMO / "benchmark.jsonl").read_text(encoding="utf-8").splitlines()
    items = {item["id"]: item for item in map(json.loads, lines)}

    def key(text):
        return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", opencc.OpenCC("t2s").convert(text)).lower())

    carriers = [entry for entry in PLANTED if entry["stage"] == "decontamination"]
    assert len(carriers) >= 2
    for entry in carriers:
        item, text = items[entry["item"]], key(documents[entry["id"]])
        assert all(key(part) in text for part in (item["question"], *item["choices"], item["answer"]))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What a run over the demo keeps and rejects, by id and, where that is unknown, by origin."""
    out = tmp_path_factory.mktemp("demo") / "out"
    pipeline.run([str(DUMP)], out, load_recipe("demo"), LocalEngine(1), memory=2_000_000_000)
    rows = [ds.dataset(sorted((out / kind).glob("*.parquet"))).to_table().to_pylist() for kind in ("data", "rejects")]
    return [{key: row for row in part for key in (row["id"], row["origin"])} for part in rows]


@pytest.mark.parametrize("entry", PLANTED, ids=name_of)
def test_planted_documents_end_as_expected(outcome, entry):
    kept, rejects = outcome
    if entry["stage"] != "kept":
        row = rejects.get(name_of(entry))
        assert row is not None, f"kept, although: {entry['defect']}"
        assert row["stage"] == entry["stage"], row["detail"]
        assert row["reason"] == entry.get("reason", row["reason"])
        assert row["duplicate_of"] == entry.get("duplicate_of")
        return
    row = kept.get(name_of(entry))
    assert row is not None, rejects[name_of(entry)]["detail"]
    text = row["text"]
    assert [part for part in entry.get("absent", ()) if part in text] == []
    assert [part for part in entry.get("present", ()) if part not in text] == []
    if "clean" in entry:  # an indent may stay
        assert re.sub("[ \u3000]", "", text.strip()) == re.sub("[ \u3000]", "", entry["clean"])


def test_nothing_else_is_rejected_or_touched(outcome, documents):
    kept, rejects = outcome
    planted = {name_of(entry) for entry in PLANTED}
    lost = {row["id"]: row["reason"] for row in rejects.values() if not {row["id"], row["origin"]} & planted}
    assert lost == {}
    changed = [id for id in documents.keys() - planted if id in kept and kept[id]["text"] != documents[id]]
    assert changed == []
