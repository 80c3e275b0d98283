"""Publish: from verdicts to the files of the corpus. A part is one Parquet file, and for data its part of the index."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.match import unique_ids
from cci_tools.shards.writer import Shard, arrow_schema, map_arrow, read_arrow, write_shard
from cci_tools.workspace import done, mark

WORTH_A_FILE = 32_000_000
"""Text bytes for which another file is worth its overhead."""


@dataclass(frozen=True)
class Part:
    """One file to write.

    Parameters
    ----------
    kind : str
        ``"data"``, ``"rejects"`` or ``"review"``.
    number : int
        Of the file.
    ranges : tuple of (split, start, stop, row)
        Rows start to stop of a split's screened documents; `row` is the number of the first one in the whole run.
    bytes : int
        Text bytes, as far as known before.
    """

    kind: str
    number: int
    ranges: tuple[tuple[int, int, int, int], ...]
    bytes: int


def plan_parts(work: Path, screened: list[dict[str, Any]], shard_bytes: int) -> list[Part]:
    """The files to write: as few as keep each under `shard_bytes` of text, and all of about the same size.

    There is at least one of data and rejects, so that an empty corpus is a corpus too.
    """
    verdicts = map_arrow(work / "verdicts.arrow")
    sizes = verdicts.column("text_bytes").to_numpy().astype(np.int64)
    lost = pc.is_valid(verdicts.column("reason")).to_numpy()
    starts = np.concatenate([[0], np.cumsum([result["ledger"]["kept"] for result in screened])]).astype(np.int64)
    parts = []
    edges = _edges(np.cumsum(np.where(lost, 0, sizes)), shard_bytes)
    for number, (start, stop) in enumerate(pairwise(edges)):
        size = int(np.where(lost, 0, sizes)[start:stop].sum())
        parts.append(Part("data", number, _ranges(starts, int(start), int(stop)), size))
    gone = np.concatenate([[0], np.cumsum(np.where(lost, sizes, 0))])
    gone = np.diff(gone[starts])
    gone += [result["ledger"]["bytes_read"] - result["ledger"]["bytes_kept"] for result in screened]
    edges = _edges(np.cumsum(gone), shard_bytes)
    for number, (first, last) in enumerate(pairwise(edges)):
        ranges = tuple((s, 0, int(starts[s + 1] - starts[s]), int(starts[s])) for s in range(first, last))
        parts.append(Part("rejects", number, ranges, int(gone[first:last].sum())))
        reasons = (reason for result in screened[first:last] for reason in result["ledger"]["rejected"])
        if any(reason.endswith(schema.IN_REVIEW) for reason in reasons):
            parts.append(Part("review", number, ranges, 0))  # its share of the bytes is counted with the rejects
    return parts


def _edges(cumulative: np.ndarray[Any, Any], limit: int) -> list[int]:
    """Row numbers at which files begin, and the end: files of equal size and at most `limit`, one at least.

    Four at least from 4 * `WORTH_A_FILE` on, so that several workers write, and later read, a corpus of that size.
    """
    total = int(cumulative[-1]) if len(cumulative) else 0
    count = max(1, -(-total // limit), min(4, total // WORTH_A_FILE))
    targets = [total * i // count for i in range(1, count)]
    return [0, *(int(e) for e in np.searchsorted(cumulative, targets, "right")), len(cumulative)]


def _ranges(starts: np.ndarray[Any, Any], start: int, stop: int) -> tuple[tuple[int, int, int, int], ...]:
    """The rows start to stop of the run, split by split."""
    first, last = np.searchsorted(starts, start, "right") - 1, np.searchsorted(starts, stop, "left")
    cuts = [(int(s), max(start, int(starts[s])), min(stop, int(starts[s + 1]))) for s in range(first, last)]
    return tuple((s, a - int(starts[s]), b - int(starts[s]), a) for s, a, b in cuts if a < b)


def entry(path: str, shard: Shard) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"path": path, "rows": shard.rows, "bytes": shard.file_bytes, "sha256": shard.sha256}


class Tally:
    """What the dataset card says of the kept documents, counted while they are written.

    Attributes
    ----------
    tiers : dict of str to [documents, bytes]
        By tier of the source, where compliance ran.
    dated : int
        Documents with a date.
    first, last : str or None
        Earliest and latest date, ISO.
    """

    def __init__(self) -> None:
        self.tiers: dict[str, list[int]] = {}
        self.dated = 0
        self.first: str | None = None
        self.last: str | None = None

    def over(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same batches, counted."""
        for batch in batches:
            if "tier" in batch.schema.names:
                sizes = pc.binary_length(batch.column("text")).cast(pa.int64())
                table = pa.table({"tier": batch.column("tier"), "bytes": sizes})
                for row in table.group_by("tier").aggregate([("bytes", "sum"), ("bytes", "count")]).to_pylist():
                    counts = self.tiers.setdefault(row["tier"] or "unknown", [0, 0])
                    counts[0] += row["bytes_count"]
                    counts[1] += row["bytes_sum"]
            if "date" in batch.schema.names and (dates := batch.column("date").drop_null()):
                self.dated += len(dates)
                span = pc.min_max(dates).as_py()
                self.first = min(filter(None, (self.first, span["min"].isoformat())))
                self.last = max(filter(None, (self.last, span["max"].isoformat())))
            yield batch


@dataclass(frozen=True)
class Publish:
    """What a worker needs to write a part.

    Parameters
    ----------
    out, work : Path
        Output folder, and the work folder in it.
    """

    out: Path
    work: Path

    def __call__(self, part: Part) -> dict[str, Any]:
        """Write one part, unless it is done; returns rows, text bytes, and the files with their digests."""
        task = f"publish/{part.kind}-{part.number:05d}"
        return done(self.work, task) or mark(self.work, task, self._write(part))

    def _write(self, part: Part) -> dict[str, Any]:
        name = f"part-{part.number:05d}.parquet"
        for folder in ("data", "rejects", "index", part.kind):
            (self.out / folder).mkdir(exist_ok=True)
        tally = Tally()
        kinds = {"data": self._kept, "rejects": self._rejects, "review": self._review}
        batches = tally.over(kinds[part.kind](part)) if part.kind == "data" else kinds[part.kind](part)
        layout = self._layout() if part.kind == "data" else schema.REJECTS
        shard = write_shard(self.out / part.kind / name, batches, layout)
        files = [entry(f"{part.kind}/{name}", shard)]
        if part.kind == "data" and "signature" in arrow_schema(self._file(0, "signed")).names:
            layout = arrow_schema(self._file(0, "signed"))
            index = write_shard(self.out / "index" / name, self._index(part), layout, sized_by="signature", level=1)
            files.append(entry(f"index/{name}", index))
        return {"kind": part.kind, "rows": shard.rows, "text_bytes": part.bytes, "files": files, **vars(tally)}

    def _file(self, split: int, kind: str) -> Path:
        return self.work / "screen" / f"{split:06d}.{kind}.arrow"

    def _layout(self) -> pa.Schema:
        """Columns of the corpus: those of the screened documents."""
        return arrow_schema(self._file(0, "documents"))

    def _judged(self, part: Part, kind: str) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        """Screened rows with their final ids, and their verdicts, batch by batch."""
        verdicts = map_arrow(self.work / "verdicts.arrow")
        for split, start, stop, row in part.ranges:
            at = 0
            for batch in read_arrow(self._file(split, kind)):
                low, high = max(start, at), min(stop, at + batch.num_rows)
                if low < high:
                    first = row + low - start
                    verdict = verdicts.slice(first, high - low).combine_chunks().to_batches()[0]
                    rows = batch.slice(low - at, high - low)
                    yield rows.set_column(0, batch.schema.field("id"), verdict.column("id")), verdict
                at += batch.num_rows

    def _kept(self, part: Part) -> Iterator[pa.RecordBatch]:
        for rows, verdict in self._judged(part, "documents"):
            yield rows.filter(pc.is_null(verdict.column("reason")))

    def _index(self, part: Part) -> Iterator[pa.RecordBatch]:
        for rows, verdict in self._judged(part, "signed"):
            yield rows.filter(pc.is_null(verdict.column("reason")))

    def _review(self, part: Part) -> Iterator[pa.RecordBatch]:
        """What waits for a person's decision, split by split."""
        for split_range in part.ranges:
            yield from self._screened_out(split_range[0], review=True)

    def _screened_out(self, split: int, *, review: bool) -> Iterator[pa.RecordBatch]:
        """What the stages rejected of a split: what is to be reviewed, or the rest."""
        repeated = map_arrow(self.work / "repeated.arrow").column("id").combine_chunks()
        for batch in read_arrow(self._file(split, "rejects")):
            ids = unique_ids(batch.column("id"), batch.column("origin"), repeated)
            waits = pc.ends_with(batch.column("reason"), schema.IN_REVIEW)
            yield batch.set_column(0, schema.REJECTS.field("id"), ids).filter(waits if review else pc.invert(waits))

    def _rejects(self, part: Part) -> Iterator[pa.RecordBatch]:
        """Split by split: what the stages rejected, then what lost against a kept document."""
        for split_range in part.ranges:
            yield from self._screened_out(split_range[0], review=False)
            alone = Part(part.kind, part.number, (split_range,), 0)
            for rows, verdict in self._judged(alone, "documents"):
                mask = pc.is_valid(verdict.column("reason"))
                known = [name for name in schema.REJECTS.names if name in rows.schema.names]
                values = {name: rows.column(name).filter(mask) for name in known}
                values |= {
                    name: verdict.column(name).filter(mask)
                    for name in ("reason", "detail", "duplicate_of", "similarity")
                }
                reasons = values["reason"].to_pylist()
                values["stage"] = pa.array([schema.stage_of(reason) for reason in reasons], pa.string())
                columns = [values.get(f.name, pa.nulls(len(reasons), f.type)) for f in schema.REJECTS]
                yield pa.RecordBatch.from_arrays(columns, schema=schema.REJECTS)
