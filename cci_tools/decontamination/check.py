"""The check of a corpus that is already there, and the counting of its n-grams."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cci_tools.decontamination.frequencies import Frequencies, FrequencyCounter
from cci_tools.decontamination.loading import load_matcher
from cci_tools.decontamination.match import Hit, find_contamination
from cci_tools.decontamination.tally import Tally, host_of

HITS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("benchmark", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("coverage", pa.float64(), nullable=False),
        pa.field("choices", pa.float64(), nullable=False),
        pa.field("answer", pa.float64(), nullable=False),
        pa.field("passage", pa.float64(), nullable=False),
        pa.field("ngrams", pa.int64(), nullable=False),
        pa.field("span_start", pa.int64(), nullable=False),
        pa.field("span_end", pa.int64(), nullable=False),
    ]
)
"""The columns of `check_contamination`'s table."""


def describe(hit: Hit) -> dict[str, Any]:
    """A hit as the column `contamination` and the rejects hold it."""
    return {
        "benchmark": hit.benchmark,
        "split": hit.split,
        "item": hit.item,
        "rule": hit.rule,
        "coverage": hit.coverage,
        "choices": hit.choices,
        "answer": hit.answer,
        "passage": hit.passage,
        "ngrams": hit.ngrams,
        "span": [hit.start, hit.end],
    }


def check_contamination(
    batches: Iterable[pa.RecordBatch],
    indexes: Iterable[str],
    out: str | Path,
    *,
    threshold: float = 0.8,
    alone: float = 0.9,
    frequencies: str = "",
) -> dict[str, Any]:
    """Check a corpus and write what was found.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Documents with at least `id`, `origin` and `text`; `host` or `url` and `reason` are used where they are there:
        rows with a reason could not be read.
    indexes : iterable of str
        Index files, or folders of them.
    out : str or Path
        Folder to write: ``hits.parquet``, one row a document and item (`HITS`), and ``summary.json``.
    threshold, alone : float
        As for `find_contamination`.
    frequencies : str, default ""
        File of frequencies counted for these indexes.

    Returns
    -------
    dict
        The summary: documents read, unreadable and hit, hits by rule, items that cannot be found, and by benchmark what
        `Tally.report` says.
    """
    matcher = load_matcher(tuple(map(str, indexes)), frequencies)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for of in matcher.index.sets:
        sizes[of.benchmark] += of.items
    tally = Tally(dict(sizes))
    with pq.ParquetWriter(out / "hits.parquet", HITS, compression="zstd") as writer:
        for batch in batches:
            counts["documents"] += batch.num_rows
            if "reason" in batch.schema.names:
                counts["unreadable"] += batch.num_rows - batch.column("reason").null_count
            hits = find_contamination(batch.column("text"), matcher, threshold=threshold, alone=alone)
            if not hits:
                continue
            writer.write_batch(_rows(batch, hits))
            counts["hits"] += len(hits)
            rules.update(hit.rule for hit in hits)
            by_text: dict[int, list[Hit]] = {}
            for hit in hits:
                by_text.setdefault(hit.text, []).append(hit)
            for number, found in by_text.items():
                tally.add(map(describe, found), _host(batch, number), "kept")
            counts["documents_hit"] += len(by_text)
    summary = {
        **{name: counts[name] for name in ("documents", "unreadable", "documents_hit", "hits")},
        "rules": dict(sorted(rules.items())),
        "items_unreachable": matcher.unreachable,
        "benchmarks": tally.report(),
    }
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary


def count_frequencies(batches: Iterable[pa.RecordBatch], indexes: Iterable[str]) -> Frequencies:
    """In how many documents of a corpus the n-grams of some indexes occur, outside of the items that it holds.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Documents with `text`; their order makes no difference.
    indexes : iterable of str
        Index files, or folders of them.
    """
    counter = FrequencyCounter(load_matcher(tuple(map(str, indexes))))
    for batch in batches:
        counter.add(batch.column("text"))
    return counter.result()


def _rows(batch: pa.RecordBatch, hits: list[Hit]) -> pa.RecordBatch:
    places = pa.array([hit.text for hit in hits])
    columns = [batch.column("id").take(places), batch.column("origin").take(places)]
    names = [field.name.removeprefix("span_") for field in HITS][2:]
    columns += [pa.array([getattr(hit, name) for hit in hits]) for name in names]
    arrays = [values.cast(field.type) for values, field in zip(columns, HITS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=HITS)


def _host(batch: pa.RecordBatch, row: int) -> str | None:
    """The host that a column names, or the one of the address."""
    host, url = (batch.column(name)[row].as_py() if name in batch.schema.names else None for name in ("host", "url"))
    return host_of(host, url)
