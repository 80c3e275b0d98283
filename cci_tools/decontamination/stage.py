"""The decontamination stage, and the check of a whole corpus against benchmark indexes."""

import functools
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cci_tools.decontamination.index import load_index, merge_indexes
from cci_tools.decontamination.match import Hit, Matcher, find_contamination
from cci_tools.resources import resolve
from cci_tools.stage import Stage, live, path_field, reject, set_column

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
        pa.field("span_start", pa.int64(), nullable=False),
        pa.field("span_end", pa.int64(), nullable=False),
    ]
)
"""The columns of `check_contamination`'s table."""


def index_files(indexes: Iterable[str]) -> list[Path]:
    """The index files meant: a folder means all ``*.idx`` in it, sorted by name.

    Raises
    ------
    FileNotFoundError
        A path does not exist, or a folder holds no index.
    """
    found: list[Path] = []
    for name in indexes:
        path = resolve(name)
        inside = sorted(path.glob("*.idx")) if path.is_dir() else [path]
        if not inside or not all(p.is_file() for p in inside):
            raise FileNotFoundError(f"{path}: no benchmark index (*.idx); build one with `cci-clean index benchmarks`")
        found += inside
    return found


@functools.cache
def _matcher(indexes: tuple[str, ...]) -> Matcher:
    return Matcher(merge_indexes([load_index(path) for path in index_files(indexes)]))


@dataclass(frozen=True, kw_only=True)
class Decontamination(Stage):
    """Documents that hold items of evaluation sets.

    Attributes
    ----------
    indexes : tuple of str, default ("seeds/benchmarks",)
        Index files, or folders of them. The default covers the benchmarks whose licence allows shipping an index.
    action : {"drop", "tag"}, default "drop"
        ``"tag"`` keeps the documents and only fills the column `contamination`.
    threshold : float, default 0.8
        Share of a question that must be there, beside its choices, answer or passage.
    alone : float, default 0.9
        Share of a long question that is enough without them; above 1 never.
    """

    name: ClassVar[str] = "decontamination"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {
        "benchmark_item": "The document holds an evaluation item: its question with choices, answer or passage."
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (pa.field("contamination", pa.string()),)

    indexes: tuple[str, ...] = path_field(("seeds/benchmarks",))
    action: Literal["drop", "tag"] = "drop"
    threshold: float = 0.8
    alone: float = 0.9

    def __post_init__(self) -> None:
        if not self.indexes:
            raise ValueError("decontamination.indexes: name at least one index file or folder")
        if self.action not in ("drop", "tag"):
            raise ValueError(f"decontamination.action: expected 'drop' or 'tag', got {self.action!r}")
        if not 0.5 <= self.threshold <= 1:
            raise ValueError(f"decontamination.threshold: expected 0.5 to 1, got {self.threshold}")
        if not self.threshold <= self.alone:
            raise ValueError(
                f"decontamination.alone: expected at least the threshold {self.threshold}, got {self.alone}"
            )

    def open(self) -> None:
        _matcher(self.indexes)

    def resolved(self) -> dict[str, Any]:
        """Benchmarks of the indexes, with their number of items."""
        sizes: Counter[str] = Counter()
        for of in _matcher(self.indexes).index.sets:
            sizes[of.benchmark] += of.items
        return {"benchmarks": dict(sorted(sizes.items()))}

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = np.flatnonzero(live(batch))
        texts = batch.column("text")
        if len(rows) < batch.num_rows:
            texts = texts.take(pa.array(rows))
        by_row: dict[int, list[Hit]] = {}
        for hit in find_contamination(texts, _matcher(self.indexes), threshold=self.threshold, alone=self.alone):
            by_row.setdefault(int(rows[hit.text]), []).append(hit)
        column: list[str | None] = [None] * batch.num_rows
        for row, hits in by_row.items():
            column[row] = json.dumps([describe(hit) for hit in hits], ensure_ascii=False)
        batch = set_column(batch, self.adds[0], pa.array(column, pa.string()))
        if self.action == "tag" or not by_row:
            return batch
        mask = np.zeros(batch.num_rows, bool)
        mask[list(by_row)] = True
        return reject(batch, self, mask, "benchmark_item", lambda row: self._detail(by_row[row]))

    def _detail(self, hits: list[Hit]) -> dict[str, Any]:
        first = hits[0]
        threshold = self.alone if first.rule == "question" else self.threshold
        described = {key: value for key, value in describe(first).items() if key not in ("rule", "coverage")}
        return {
            "rule": first.rule, "value": first.coverage, "threshold": threshold, **described, "items": len(hits)
        }  # fmt: skip


def describe(hit: Hit) -> dict[str, Any]:
    """A hit as it stands in the column `contamination`."""
    return {
        "benchmark": hit.benchmark,
        "split": hit.split,
        "item": hit.item,
        "rule": hit.rule,
        "coverage": hit.coverage,
        "choices": hit.choices,
        "answer": hit.answer,
        "passage": hit.passage,
        "span": [hit.start, hit.end],
    }


def check_contamination(
    batches: Iterable[pa.RecordBatch],
    indexes: Iterable[str],
    out: str | Path,
    *,
    threshold: float = 0.8,
    alone: float = 0.9,
) -> dict[str, Any]:
    """Check a corpus and write what was found.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Documents with at least `id`, `origin` and `text`.
    indexes : iterable of str
        Index files, or folders of them.
    out : str or Path
        Folder to write: ``hits.parquet``, one row a document and item (`HITS`), and ``summary.json``.
    threshold, alone : float
        As for `find_contamination`.

    Returns
    -------
    dict
        The summary: documents read and hit, and by benchmark the items in the index, the items found, the share of
        them, and the documents that hold them.
    """
    matcher = _matcher(tuple(map(str, indexes)))
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    documents = hit_documents = rows = 0
    found: dict[str, set[tuple[str, str]]] = {}
    holders: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    with pq.ParquetWriter(out / "hits.parquet", HITS, compression="zstd") as writer:
        for batch in batches:
            documents += batch.num_rows
            hits = find_contamination(batch.column("text"), matcher, threshold=threshold, alone=alone)
            if not hits:
                continue
            ids, origins = batch.column("id"), batch.column("origin")
            places = pa.array([hit.text for hit in hits])
            lists = [ids.take(places), origins.take(places)]
            names = ("benchmark", "split", "item", "rule", "coverage", "choices", "answer", "passage", "start", "end")
            lists += [pa.array([getattr(hit, name) for hit in hits]) for name in names]
            arrays = [values.cast(field.type) for values, field in zip(lists, HITS, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=HITS))
            rows += len(hits)
            hit_documents += len({hit.text for hit in hits})
            for hit in hits:
                found.setdefault(hit.benchmark, set()).add((hit.split, hit.item))
                rules[hit.rule] += 1
            holders.update(benchmark for benchmark, _ in {(hit.benchmark, hit.text) for hit in hits})
    sizes: Counter[str] = Counter()
    for of in matcher.index.sets:
        sizes[of.benchmark] += of.items
    summary = {
        "documents": documents,
        "documents_hit": hit_documents,
        "hits": rows,
        "rules": dict(sorted(rules.items())),
        "items_unreachable": matcher.unreachable,
        "benchmarks": {
            name: {
                "items": size,
                "items_found": len(found.get(name, ())),
                "share": round(len(found.get(name, ())) / size, 6),
                "documents": holders[name],
            }
            for name, size in sorted(sizes.items())
        },
    }
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary
