"""Removal on request: documents leave the corpus, its index and its rejects, and the manifest records it.

New files are written beside the old ones first; then one mark says that they are complete, and they take the places of
the old ones. A removal that is killed before the mark has done nothing, one that is killed after it is finished by the
next command that removes from the corpus. Pages that may show what is removed go first; `report.html` is made anew at
the end, an assessment is to be asked for again.
"""

import fcntl
import json
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools import schema
from cci_tools.audit.find import Wanted, find
from cci_tools.corpus import Corpus, CorpusError, Place, open_corpus
from cci_tools.kernels.sign import sign
from cci_tools.ledger import Ledger
from cci_tools.publish import Tally, entry
from cci_tools.report.card import card
from cci_tools.report.figures import figures
from cci_tools.report.html import report_page
from cci_tools.shards.manifest import dates_of, tiers_of, to_json
from cci_tools.shards.writer import write_shard
from cci_tools.workspace import write_atomic

REASON = "removed.on_request"

Rows = dict[str, list[int]]


def remove(folder: Path, wanted: Wanted, *, request: str, when: str, duplicates: bool = True) -> dict[str, Any]:
    """Take documents out of a corpus.

    Of a document that was removed, a row without its text, address, title and other fields stays in ``rejects/``, so
    that the ledger closes and the request can be accounted for.

    Parameters
    ----------
    folder : Path
        Folder of a finished run.
    wanted : Wanted
        Which documents.
    request : str
        Why, or whose request: goes into the manifest as it is.
    when : str
        Day, such as ``2026-03-01``; goes into the manifest.
    duplicates : bool, default True
        Also empty the rows of documents that were rejected as duplicates of those that are removed: they hold the
        same text.

    Returns
    -------
    dict
        The record that the manifest got: `when`, `request`, number of `documents` that were kept, in review and
        rejected, their `ids`, and the digests of their matching keys.

    Raises
    ------
    CorpusError
        The folder is not a finished corpus, or nothing is found.
    OSError
        The disk is full; nothing has changed.
    """
    if not folder.is_dir():
        open_corpus(folder)  # says what is wrong
    with _alone(folder):
        finish(folder)
        corpus = open_corpus(folder)
        rows = _chosen(corpus, wanted, duplicates)
        if not rows:
            raise CorpusError(f"{folder}: no such document, neither kept nor rejected")
        record = _prepared(corpus, rows, folder / ".removal", request, when)
        finish(folder)
        left = open_corpus(folder)
        write_atomic(folder / "report.html", report_page(left.manifest, figures(left)))
    return record


def _prepared(corpus: Corpus, rows: Rows, journal: Path, request: str, when: str) -> dict[str, Any]:
    """Write the new files and the mark that they are complete; the record of the removal."""
    shutil.rmtree(journal, ignore_errors=True)
    try:
        record, manifest = _write(corpus, rows, journal, request, when)
        write_atomic(journal / "README.md", card(manifest))
        write_atomic(journal / "manifest.json", to_json(manifest))
        files = sorted(str(path.relative_to(journal)) for path in journal.rglob("*") if path.is_file())
        write_atomic(journal / "ready.json", json.dumps([name for name in files if name != "manifest.json"]))
    except BaseException:
        shutil.rmtree(journal, ignore_errors=True)
        raise
    return record


def finish(folder: Path) -> bool:
    """Finish a removal that was stopped while files took their places; True if there was one."""
    journal = folder / ".removal"
    if not (journal / "ready.json").exists():
        return False
    for name in ("report.html", "assessment.html", "assessment.json"):  # they may show what is removed
        (folder / name).unlink(missing_ok=True)
    for name in (*json.loads((journal / "ready.json").read_text(encoding="utf-8")), "manifest.json"):
        if (journal / name).exists():  # else it is in its place already
            os.replace(journal / name, folder / name)
    (journal / "ready.json").unlink()
    shutil.rmtree(journal)
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else removes from the folder meanwhile; the system gives the lock back when the process ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CorpusError(f"{folder}: another command removes from it at the moment; try again after it") from None
    finally:
        os.close(handle)


def _chosen(corpus: Corpus, wanted: Wanted, duplicates: bool) -> Rows:
    """Rows to remove, by file."""
    rows: dict[str, set[int]] = defaultdict(set)
    kept = []
    places = list(find(corpus, wanted))
    rejected = [place for place in places if place.file.startswith("rejects/")]
    reasons = (row["reason"] for row in corpus.documents(rejected, ["reason"]))
    emptied = {place for place, reason in zip(rejected, reasons, strict=True) if reason == REASON}
    for place in places:
        if place not in emptied:
            rows[place.file].add(place.row)
    if duplicates:
        kept = corpus.documents([place for place in places if place.file.startswith("data/")], ["id"])
    if kept:
        ids = pa.array([row["id"] for row in kept], pa.string())
        for file, first, batch in corpus.batches("rejects", ["duplicate_of", "detail"]):
            same = pc.is_in(batch.column("duplicate_of"), ids)
            for row in np.flatnonzero(same.to_numpy(zero_copy_only=False)):
                if '"corpus"' not in (batch.column("detail")[int(row)].as_py() or ""):  # else of an earlier release
                    rows[file].add(first + int(row))
    return {file: sorted(numbers) for file, numbers in rows.items() if numbers}


def _write(corpus: Corpus, rows: Rows, journal: Path, request: str, when: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write the new files; the record of the removal, and the new manifest."""
    ledger = Ledger.from_dict(corpus.manifest["ledger"])
    files = {file["path"]: file for file in corpus.manifest["files"]}
    counts, removed, out = Counter[str](), list[dict[str, Any]](), list[dict[str, Any]]()
    for name, numbers in rows.items():
        kind = name.partition("/")[0]
        gone = corpus.documents([Place(name, number) for number in numbers])
        counts[kind] += len(gone)
        removed += gone
        for row in gone:
            if kind == "data":
                ledger.kept -= 1
                ledger.bytes_kept -= len(row["text"].encode())
            else:
                ledger.rejected[row["reason"]] -= 1
        if kind == "rejects":
            emptied = chain(_without(corpus, name, numbers), [_emptied(gone)])
            files[name] = _rewritten(corpus, name, emptied, journal)
            continue
        out += gone
        files[name] = _rewritten(corpus, name, _without(corpus, name, numbers), journal)
        index = name.replace("data/", "index/", 1)
        if kind == "data" and index in files:
            files[index] = _rewritten(corpus, index, _without(corpus, index, numbers), journal)
    if out:
        last = max((int(name[-13:-8]) for name in files if name.startswith("rejects/")), default=-1)
        name = f"rejects/part-{last + 1:05d}.parquet"
        (journal / "rejects").mkdir(parents=True, exist_ok=True)
        files[name] = entry(name, write_shard(journal / name, [_emptied(out)], schema.REJECTS))
    ledger.rejected[REASON] += len(removed)
    ledger.rejected += Counter()  # drops the reasons that no document has any more
    record = {
        "when": when,
        "request": request,
        "documents": {kind: counts[kind] for kind in ("data", "review", "rejects")},
        "ids": sorted(row["id"] for row in removed),
        "digests": _digests([row["text"] for row in removed]),
    }
    manifest = dict(corpus.manifest)
    manifest["files"] = list(files.values())
    manifest["ledger"] = ledger.check().to_dict()
    manifest["removals"] = [*manifest.get("removals", []), record]
    tally = Tally()
    for kind_file in (name for name in files if name.startswith("data/")):
        path = journal / kind_file if (journal / kind_file).exists() else corpus.folder / kind_file
        for _ in tally.over(_batches(path)):
            pass
    manifest |= {"sources": tiers_of([vars(tally)]), "dates": dates_of([vars(tally)], ledger.kept)}
    return record, manifest


def _digests(texts: list[str]) -> list[str]:
    """Digests of the matching keys, by which the next release knows the texts again; an empty key says nothing."""
    signed = sign(texts)
    return sorted({digest.tobytes().hex() for digest in signed.digests[signed.key_lengths > 0]})


def _rewritten(corpus: Corpus, name: str, batches: Iterator[pa.RecordBatch], journal: Path) -> dict[str, Any]:
    """A file of the corpus written anew; its entry in the manifest."""
    path = journal / name
    path.parent.mkdir(parents=True, exist_ok=True)
    layout = pq.read_schema(corpus.folder / name).remove_metadata()
    sized_by = "signature" if name.startswith("index/") else "text"
    return entry(name, write_shard(path, batches, layout, sized_by=sized_by))


def _without(corpus: Corpus, name: str, numbers: list[int]) -> Iterator[pa.RecordBatch]:
    """The rows of a file but for some."""
    gone, first = np.array(numbers, np.int64), 0
    for batch in _batches(corpus.folder / name):
        stay: npt.NDArray[np.bool_] = ~np.isin(np.arange(first, first + batch.num_rows), gone)
        first += batch.num_rows
        yield batch.filter(pa.array(stay))


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(4096):
            yield batch.replace_schema_metadata(None)


def _emptied(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows of ``rejects/`` that say no more of documents than that they were removed."""
    said = {"stage": schema.stage_of(REASON), "reason": REASON, "text": ""}
    kept = [{"id": row["id"], "origin": row["origin"], **said} for row in rows]
    return pa.RecordBatch.from_pylist(kept, schema.REJECTS)
