"""What became of a document, and why: from its place in the dump to where it is now."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
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
    inputs = {row["name"]: row["sha256"] for row in corpus.manifest["inputs"]}
    for place in find(corpus, wanted):
        row = corpus.document(place)
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
            story["duplicate_of"] = _winner(corpus, row)
        if kind == "data":
            story["duplicates"] = _duplicates(corpus, row["id"])
        story["text"] = row["text"][:200] + ("…" if len(row["text"]) > 200 else "")
        yield story


def _plain(value: Any) -> Any:
    """A JSON object where a column holds one, text else."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value if isinstance(value, str | int | float | bool) else str(value)


def _winner(corpus: Corpus, row: dict[str, Any]) -> dict[str, Any]:
    """The kept document that a duplicate names, which may lie in an earlier release."""
    winner: dict[str, Any] = {"id": row["duplicate_of"], "similarity": row["similarity"]}
    release = (_plain(row["detail"]) or {}).get("corpus")
    if release:
        return {**winner, "corpus": release}
    places = find(corpus, Wanted(ids=(row["duplicate_of"],)), ["data"])
    exact = [place for place in places if corpus.document(place)["id"] == row["duplicate_of"]]
    return {**winner, "place": str(exact[0]) if exact else "removed on request"}


def _duplicates(corpus: Corpus, name: str) -> dict[str, Any]:
    """How many documents were removed for this one, and the first of them."""
    count, first = 0, list[dict[str, Any]]()
    columns = ["id", "origin", "reason", "similarity", "duplicate_of", "detail"]
    for file, start, batch in corpus.batches("rejects", columns):
        same = pc.fill_null(pc.equal(batch.column("duplicate_of"), name), False)
        for row in np.flatnonzero(same.to_numpy(zero_copy_only=False)):
            found = {key: batch.column(key)[int(row)].as_py() for key in columns}
            if (_plain(found["detail"]) or {}).get("corpus"):
                continue  # a document of an earlier release that has the same id
            count += 1
            if len(first) < SAMPLE:
                place = Place(file, start + int(row))
                first.append({key: found[key] for key in columns[:4]} | {"place": str(place)})
    return {"documents": count, "first": first}
