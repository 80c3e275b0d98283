"""What became of a document, and why: from its place in the dump to where it is now."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.audit.find import Wanted, find
from cci_tools.corpus import Corpus, Place
from cci_tools.kernels.sign import sign

STEPS: dict[str, tuple[str, ...]] = {
    "source": ("source", "url", "host", "tier", "region", "contributor", "claimed_source", "licence", "title"),
    "date": ("published", "date", "date_from"),
    "cleaning": ("charset", "repairs", "residue", "cleaned", "script"),
    "passages": ("passages_removed",),
    "risk": ("risk",),
    "privacy": ("privacy", "sensitive"),
    "quality": ("kind", "quality_score"),
    "decontamination": ("contamination",),
}
"""Step of the pipeline to the columns that say what it did, as far as a run has them."""

SAMPLE = 5
"""Duplicates to name."""

CHUNK = 500
"""Documents that are read at once."""


def explain(corpus: Corpus, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The story of every document that is found.

    Parameters
    ----------
    corpus : Corpus
    wanted : Wanted
        What is looked for.

    Yields
    ------
    dict
        ``id``; ``verdict``: kept, in review, or rejected; ``place`` of the row now; ``origin`` in the dump, and the
        SHA-256 of that file; ``digest`` of its matching key; what each step of the pipeline found (columns that are
        null are left out); for a rejected one `stage`, `reason`, `detail`, and the kept document for a duplicate; for
        a kept one the documents that were removed as its duplicates; the beginning of the text.
    """
    places = find(corpus, wanted)
    while chunk := list(islice(places, CHUNK)):
        yield from _stories(corpus, chunk)


def _stories(corpus: Corpus, places: list[Place]) -> Iterator[dict[str, Any]]:
    inputs = {row["name"]: row["sha256"] for row in corpus.manifest["inputs"]}
    rows = corpus.documents(places)
    winners = _winners(corpus, rows)
    duplicates = _duplicates(corpus, [row["id"] for place, row in zip(places, rows, strict=True) if _kept(place)])
    for place, row in zip(places, rows, strict=True):
        kind = place.file.partition("/")[0]
        file = row["origin"].rpartition("#")[0] or row["origin"]
        file = file if file in inputs else row["origin"]
        story: dict[str, Any] = {
            "id": row["id"],
            "verdict": {"data": "kept", "review": "in review", "rejects": "rejected"}[kind],
            "place": str(place),
            "origin": row["origin"],
            "input_sha256": inputs.get(file.partition("!")[0]),
            "digest": sign([row["text"]]).digests[0].tobytes().hex(),
        }
        for step, columns in STEPS.items():
            found = {name: _plain(row[name]) for name in columns if row.get(name) not in (None, "")}
            if found:
                story[step] = found
        if kind != "data":
            story |= {"stage": row["stage"], "reason": row["reason"], "detail": _plain(row["detail"])}
        if row.get("duplicate_of"):
            story["duplicate_of"] = _winner(row, winners)
        if _kept(place):
            story["duplicates"] = duplicates[row["id"]]
        story["text"] = row["text"][:200] + ("…" if len(row["text"]) > 200 else "")
        yield story


def _kept(place: Place) -> bool:
    return place.file.startswith("data/")


def _plain(value: Any) -> Any:
    """A JSON object where a column holds one, text else."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value if isinstance(value, str | int | float | bool) else str(value)


def _release(row: dict[str, Any]) -> Any:
    """The earlier release that holds the document which a duplicate names, if it is none of this corpus."""
    detail = _plain(row["detail"] or "")
    return detail.get("corpus") if isinstance(detail, dict) else None


def _winners(corpus: Corpus, rows: list[dict[str, Any]]) -> dict[str, Place]:
    """Where the kept documents are that duplicates name."""
    ids = {row["duplicate_of"] for row in rows if row.get("duplicate_of") and not _release(row)}
    if not ids:
        return {}
    places = list(find(corpus, Wanted(ids=tuple(ids)), ["data"]))
    return {row["id"]: place for place, row in zip(places, corpus.documents(places, ["id"]), strict=True)}


def _winner(row: dict[str, Any], places: dict[str, Place]) -> dict[str, Any]:
    """The kept document that a duplicate names, which may lie in an earlier release."""
    name = row["duplicate_of"]
    winner: dict[str, Any] = {"id": name, "similarity": row["similarity"]}
    if release := _release(row):
        return {**winner, "corpus": release}
    return {**winner, "place": str(places[name]) if name in places else "removed on request"}


def _duplicates(corpus: Corpus, names: list[str]) -> dict[str, dict[str, Any]]:
    """How many documents were removed for each of some, and the first of them."""
    told: dict[str, dict[str, Any]] = {name: {"documents": 0, "first": []} for name in names}
    columns = ["id", "origin", "reason", "similarity", "duplicate_of", "detail"]
    wanted = pa.array(names, pa.string())
    for file, start, batch in corpus.batches("rejects", columns) if names else ():
        same = pc.is_in(batch.column("duplicate_of"), wanted).to_numpy(zero_copy_only=False)
        for number in np.flatnonzero(same):
            row = {key: batch.column(key)[int(number)].as_py() for key in columns}
            if _release(row):
                continue  # a document of an earlier release that has the same id
            said = told[row["duplicate_of"]]
            said["documents"] += 1
            if len(said["first"]) < SAMPLE:
                place = Place(file, start + int(number))
                said["first"].append({key: row[key] for key in columns[:4]} | {"place": str(place)})
    return told
