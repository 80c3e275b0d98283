"""The figures of a finished corpus: everything that its pages show, counted from its files."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cci_tools.corpus import Corpus, Place
from cci_tools.ledger import Ledger
from cci_tools.report.contamination import published_contamination

GROUPS = ("tier", "region", "host", "contributor", "licence", "date_from", "script", "kind", "charset")
"""Columns by which the kept documents are counted, where a run has them."""

TALLIES = ("cleaned", "privacy", "risk")
"""Columns with a JSON object of name to number; a document counts once for each name."""

EXAMPLES = 3
"""Documents shown for each reason of rejection."""

MOST_HOSTS = 40


def figures(corpus: Corpus) -> dict[str, Any]:
    """Count a corpus.

    Parameters
    ----------
    corpus : Corpus

    Returns
    -------
    dict
        ``funnel``: documents left after each stage, and its reasons; ``groups``: for each column of `GROUPS` a list of
        value, documents and text bytes, largest first; ``tallies``: for each column of `TALLIES` name to documents;
        ``hosts``: kept and rejected documents of the largest hosts; ``concentration`` of text over the sources;
        ``years``; ``scores``: documents in 20 equal bins of the quality score; ``contamination``: see
        `cci_tools.report.contamination`; ``examples``: rejects by reason.
        Figures that the run did not collect are empty.
    """
    counts = _Counts()
    for table in _kept(corpus):
        counts.add(table)
    rejected = _rejected(corpus)
    groups = {name: _ranked(rows) for name, rows in counts.groups.items()}
    return {
        "funnel": funnel(corpus.manifest),
        "groups": groups,
        "tallies": {name: dict(tally.most_common()) for name, tally in counts.tallies.items()},
        "hosts": _hosts(groups.get("host", []), rejected),
        "concentration": concentration({row["value"]: row["bytes"] for row in groups.get("host", [])}),
        "sensitive": counts.sensitive,
        "years": {str(year): count for year, count in sorted(counts.years.items())},
        "scores": [int(count) for count in counts.scores] if counts.scores.any() else [],
        "contamination": _contamination(corpus),
        "examples": _examples(corpus),
    }


def funnel(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Stage by stage in the order of the run: documents that came in, and those it rejected by reason."""
    ledger = Ledger.from_dict(manifest["ledger"])
    stages = ledger.by_stage()
    order = ["reader", *(name for name, value in manifest["recipe"].items() if _is_stage(value))]
    order += [name for name in stages if name not in order]
    left, rows = ledger.read, []
    for stage in order:
        reasons = dict(sorted(stages.get(stage, {}).items(), key=lambda item: (-item[1], item[0])))
        gone = sum(reasons.values())
        rows.append({"stage": stage, "read": left, "rejected": gone, "left": left - gone, "reasons": reasons})
        left -= gone
    return rows


def _is_stage(value: Any) -> bool:
    return isinstance(value, dict) and "version" in value


def concentration(sizes: Mapping[Any, int]) -> dict[str, Any]:
    """How evenly text is spread over sources.

    Returns
    -------
    dict
        ``sources``: how many; ``largest``: the one with most text; ``largest_share`` of all text; ``effective``: the
        number of equal sources with the same entropy, exp(H) (Hill number of order 1).

    Examples
    --------
    >>> concentration({"a.cn": 50, "b.cn": 50})
    {'sources': 2, 'largest': 'a.cn', 'largest_share': 0.5, 'effective': 2.0}
    """
    known = {name: size for name, size in sizes.items() if name is not None and size > 0}
    total = sum(known.values())
    if not total:
        return {"sources": 0, "largest": None, "largest_share": None, "effective": None}
    largest = min(known, key=lambda name: (-known[name], str(name)))
    entropy = -sum(size / total * math.log(size / total) for size in known.values())
    return {
        "sources": len(known),
        "largest": largest,
        "largest_share": round(known[largest] / total, 6),
        "effective": round(math.exp(entropy), 2),
    }


class _Counts:
    """Sums over tables of kept documents."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[Any, list[int]]] = {}
        self.tallies: dict[str, Counter[str]] = {}
        self.years: Counter[int] = Counter()
        self.scores = np.zeros(20, np.int64)
        self.sensitive = 0

    def add(self, table: pa.Table) -> None:
        names = table.column_names
        for name in (name for name in GROUPS if name in names):
            sums = table.group_by(name).aggregate([("text_bytes", "count"), ("text_bytes", "sum")]).to_pylist()
            group = self.groups.setdefault(name, {})
            for row in sums:
                entry = group.setdefault(row[name], [0, 0])
                entry[0] += row["text_bytes_count"]
                entry[1] += row["text_bytes_sum"] or 0
        for name in (name for name in TALLIES if name in names):
            tally = self.tallies.setdefault(name, Counter())
            for value in table.column(name).drop_null().value_counts().to_pylist():
                tally.update(dict.fromkeys(json.loads(value["values"]), value["counts"]))
        if "date" in names:
            years = pc.year(table.column("date")).drop_null().value_counts().to_pylist()
            self.years.update({row["values"]: row["counts"] for row in years})
        if "quality_score" in names:
            scores = table.column("quality_score").drop_null().to_numpy()
            self.scores += np.bincount(np.clip((scores * 20).astype(int), 0, 19), minlength=20)
        if "sensitive" in names:
            self.sensitive += int(pc.sum(table.column("sensitive")).as_py() or 0)


def _kept(corpus: Corpus) -> Iterator[pa.Table]:
    """Columns to count of the kept documents, file by file, with their `text_bytes`; the index knows these for less."""
    columns = [*GROUPS, *TALLIES, "date", "quality_score", "sensitive"]
    there = set(corpus.columns("data"))
    indexes = set(corpus.files("index"))
    for name in corpus.files("data"):
        table = corpus.table(name, [column for column in columns if column in there])
        index = name.replace("data/", "index/", 1)
        if index in indexes:
            sizes = corpus.table(index, ["text_bytes"]).column("text_bytes").cast(pa.int64())
        else:
            texts = [batch.column("text") for _, _, batch in corpus.batches(name, ["text"])]
            sizes = pa.chunked_array([pc.binary_length(text) for text in texts], pa.int32()).cast(pa.int64())
        yield table.append_column("text_bytes", sizes)


def _rejected(corpus: Corpus) -> dict[Any, Counter[str]]:
    """Rejected documents by host and reason."""
    counts: dict[Any, Counter[str]] = {}
    for kind in ("review", "rejects"):
        for name in corpus.files(kind):
            table = corpus.table(name, ["host", "reason"])
            for row in table.group_by(["host", "reason"]).aggregate([([], "count_all")]).to_pylist():
                counts.setdefault(row["host"], Counter())[row["reason"]] += row["count_all"]
    return counts


def _hosts(kept: list[dict[str, Any]], rejected: dict[Any, Counter[str]]) -> list[dict[str, Any]]:
    """The largest hosts: what was kept of them, and what was rejected and why."""
    rows = {row["value"]: {**row, "rejected": 0, "reasons": {}} for row in kept if row["value"] is not None}
    for host, reasons in rejected.items():
        if host is not None:
            row = rows.setdefault(host, {"value": host, "documents": 0, "bytes": 0, "rejected": 0, "reasons": {}})
            row |= {"rejected": reasons.total(), "reasons": dict(reasons.most_common(3))}
    ordered = sorted(rows.values(), key=lambda row: (-row["documents"] - row["rejected"], row["value"]))
    return ordered[:MOST_HOSTS]


def _ranked(group: dict[Any, list[int]]) -> list[dict[str, Any]]:
    rows = [{"value": value, "documents": count, "bytes": size} for value, (count, size) in group.items()]
    return sorted(rows, key=lambda row: (-row["bytes"], str(row["value"])))


def _contamination(corpus: Corpus) -> dict[str, Any]:
    decontamination = corpus.manifest["recipe"].get("decontamination")
    if decontamination is None:
        return {}
    return published_contamination(corpus.folder, decontamination["resolved"]["benchmarks"])


def _examples(corpus: Corpus) -> dict[str, list[dict[str, Any]]]:
    """Rejects of each reason; chosen by a digest of the id, so by chance, and the same for every run."""
    chosen: dict[str, list[tuple[int, Place]]] = {}
    for kind in ("review", "rejects"):
        for name in corpus.files(kind):
            table = corpus.table(name, ["id", "reason"])
            reasons = table.column("reason").to_pylist()
            for row, (key, reason) in enumerate(zip(table.column("id").to_pylist(), reasons, strict=True)):
                best = chosen.setdefault(reason, [])
                best.append((xxhash.xxh3_64_intdigest(key.encode()), Place(name, row)))
                if len(best) > 4 * EXAMPLES:
                    best.sort()
                    del best[EXAMPLES:]
    places = {reason: [place for _, place in sorted(chosen[reason])[:EXAMPLES]] for reason in sorted(chosen)}
    documents = iter(corpus.documents([place for some in places.values() for place in some]))
    return {reason: [_example(next(documents)) for _ in some] for reason, some in places.items()}


def _example(row: dict[str, Any]) -> dict[str, Any]:
    said = ("id", "origin", "host", "title", "detail", "duplicate_of", "similarity")
    return {name: row[name] for name in said} | {"characters": len(row["text"]), "text": row["text"][:160]}
