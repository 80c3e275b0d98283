"""The report of contamination, made from the published files alone."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cci_tools.decontamination.tally import EDGES, Tally, host_of

STAGE = "decontamination"


def contamination_report(
    documents: Iterable[pa.RecordBatch], rejects: Iterable[pa.RecordBatch], items: Mapping[str, int]
) -> dict[str, Any]:
    """What a corpus held of evaluation sets.

    Parameters
    ----------
    documents : iterable of pyarrow.RecordBatch
        Published documents with `contamination`; `host` and `url` are used where they are there.
    rejects : iterable of pyarrow.RecordBatch
        Rejected documents with `stage` and `detail`; `host` and `url` likewise.
    items : mapping of str to int
        Benchmarks that were looked for, with their number of items: in a manifest
        ``recipe["decontamination"]["resolved"]["benchmarks"]``.

    Returns
    -------
    dict
        ``"documents"``: how many with hits were dropped, cut or kept as they are; ``"benchmarks"``: see `Tally.report`.
    """
    tally, outcomes = Tally(items), dict.fromkeys(("dropped", "cut", "kept"), 0)
    for hits, host in _tagged(documents):
        outcome = "cut" if any("cut" in hit for hit in hits) else "kept"
        tally.add(hits, host, outcome)
        outcomes[outcome] += 1
    for hits, host in _dropped(rejects):
        tally.add(hits, host, "dropped")
        outcomes["dropped"] += 1
    return {"documents": outcomes, "benchmarks": tally.report()}


def published_contamination(folder: str | Path, items: Mapping[str, int]) -> dict[str, Any]:
    """`contamination_report` of a corpus that a run has left in a folder; reads four columns of it.

    Parameters
    ----------
    folder : str or Path
        Holds ``data/*.parquet`` and ``rejects/*.parquet``.
    items : mapping of str to int
        As for `contamination_report`.

    Returns
    -------
    dict
        As of `contamination_report`; with nothing but zeros where the run had no decontamination.
    """
    folder = Path(folder)
    data = _columns(folder / "data", ("contamination", "host", "url"))
    return contamination_report(data, _columns(folder / "rejects", ("stage", "detail", "host", "url")), items)


def contamination_table(benchmarks: Mapping[str, Mapping[str, Any]]) -> Any:
    """The report of `Tally.report` as a table for a terminal: a row a benchmark."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("benchmark", overflow="fold")
    for name in ("items", "found", "share", "hits", "documents", *(f"≥{edge}" for edge in EDGES[1:])):
        table.add_column(name, justify="right")
    table.add_column("most from", overflow="fold")
    for name, row in benchmarks.items():
        numbers = [row["items"], row["items_found"], row["share"], row["hits"], sum(row["documents"].values())]
        cells = ["" if n is None else f"{n:.2%}" if isinstance(n, float) else f"{n:,}" for n in numbers]
        counts = [str(row["coverage"][edge] or "") for edge in EDGES[1:]]
        first = row["hosts"][0] if row["hosts"] else {"host": "", "documents": 0}
        table.add_row(name, *cells, *counts, f"{first['host']} ({first['documents']:,})" if first["host"] else "")
    return table


def _tagged(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
    for batch in batches:
        if "contamination" in batch.schema.names:
            rows = batch.filter(pc.is_valid(batch.column("contamination"))).to_pylist()
            for row in rows:
                yield json.loads(row["contamination"]), host_of(row.get("host"), row.get("url"))


def _dropped(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
    for batch in batches:
        for row in batch.filter(pc.equal(batch.column("stage"), STAGE)).to_pylist():
            yield json.loads(row["detail"] or "{}").get("hits", []), host_of(row.get("host"), row.get("url"))


def _columns(folder: Path, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            there = [name for name in names if name in file.schema_arrow.names]
            yield from file.iter_batches(columns=there)
