"""Screen: one split through the stages, into three files of the work folder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.dedup.passages import PassageCounter
from cci_tools.dedup.stages_passages import Passages
from cci_tools.ledger import Ledger
from cci_tools.prepare import FOLDER, Prepared, counts_file, learnt_file
from cci_tools.shards.file_report import FileCounts
from cci_tools.shards.reader import Reading, Split, read_split
from cci_tools.shards.writer import ArrowFile
from cci_tools.stage import Stage
from cci_tools.walk import walk
from cci_tools.workspace import STAMPS, done, mark, stamp

SIGNED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("host", pa.string()),
        pa.field("tier_rank", pa.int16(), nullable=False),
        pa.field("damage", pa.int32(), nullable=False),
        pa.field("date", pa.date32()),
        pa.field("text_bytes", pa.int32(), nullable=False),
    ]
)
"""What matching reads of a document beside the columns of the sign stage."""

NOT_PUBLISHED = (*schema.VERDICT, "tier_rank", "signature", "digest", "key_length")
"""Columns that serve the run only."""


@dataclass(frozen=True)
class Screen:
    """What a worker needs to screen a split; small, because it travels with every task.

    Parameters
    ----------
    stages : tuple of Stage
        In order.
    reading : Reading
        How files are read.
    work : Path
        The work folder.
    batch_bytes : int
        Text bytes of a batch; more is slightly faster and takes more memory.
    limit : int or None
        Documents to read of this split.
    folder : str
        Of the work folder, for the files.
    counted : Passages or None
        Count the passages of the documents that are kept, by these settings.
    packed : bool
        Compress the documents: a third of the time more, and half of the disk.
    """

    stages: tuple[Stage, ...]
    reading: Reading
    work: Path
    batch_bytes: int
    limit: int | None = None
    folder: str = "screen"
    counted: Passages | None = None
    packed: bool = True

    def __call__(self, split: Split | Prepared) -> dict[str, Any]:
        """Screen one split, unless it is done; returns its ledger and the input bytes that it stands for."""
        finished = self.finished(split.number)
        if finished is None:
            task = self._task(split.number)
            try:
                finished = mark(self.work, task, self._screen(split, task))
            except Exception as error:
                error.add_note(f"while screening {split.name}")
                raise
        split.discard()
        return finished

    def finished(self, number: int) -> dict[str, Any] | None:
        """What the task of a split has left, or None when it is still to do.

        It is to do again when what it prepared is gone, and what was made of that did not outlast a power cut.
        """
        found = done(self.work, self._task(number))
        if self.counted is None or Prepared(self.work, number, 0).is_there():
            return found
        return found if done(self.work, f"{Screen.folder}/{number:06d}") is not None else None

    def _task(self, number: int) -> str:
        return f"{self.folder}/{number:06d}"

    def _screen(self, split: Split | Prepared, task: str) -> dict[str, Any]:
        _open(self.stages)
        ledger, files = Ledger(), FileCounts()
        base = self.work / task
        base.parent.mkdir(parents=True, exist_ok=True)
        counter = None if self.counted is None else PassageCounter(self.counted)
        with (
            ArrowFile(base.with_suffix(".documents.arrow"), "lz4" if self.packed else None) as documents,
            ArrowFile(base.with_suffix(".signed.arrow"), compression=None) as signed,
            ArrowFile(base.with_suffix(".rejects.arrow"), schema=schema.REJECTS) as rejected,
        ):
            if isinstance(split, Prepared):
                batches = split.documents()
                for batch in split.rejects():
                    rejected.write(batch)
            else:
                read = read_split(split, self.reading, batch_bytes=self.batch_bytes)
                batches = files.watch(_first(read, self.limit))
            for kept, rejects in walk(batches, self.stages, ledger):
                if self.counted is not None and counter is not None:
                    self.counted.count(kept, counter)
                    documents.write(kept)  # all its columns: the screen pass goes on with them
                else:
                    documents.write(kept.drop_columns([n for n in NOT_PUBLISHED if n in kept.schema.names]))
                    signed.write(_signed(kept))
                for batch in rejects:
                    rejected.write(batch)
        stamps = documents.stamp() | signed.stamp() | rejected.stamp()
        if counter is not None:
            counts = counts_file(self.work, split.number)
            counter.write(counts)
            stamps[counts.name] = stamp(counts)
        whole = split.ledger().then(ledger) if isinstance(split, Prepared) else ledger.check()
        counted = {"ledger": whole.to_dict(), "files": files.to_dict()}
        return {**counted, "split": split.number, "stored_bytes": split.stored_bytes, STAMPS: stamps}


def divide(screen: Screen, passages: Passages) -> tuple[Screen, Screen]:
    """The screen pass in two: up to the stage that cuts passages, and from there on, with what was learnt between."""
    at = screen.stages.index(passages)
    learnt = replace(passages, learnt=str(learnt_file(screen.work)))
    before = replace(screen, stages=screen.stages[:at], folder=FOLDER, counted=passages)
    return before, replace(screen, stages=(learnt, *screen.stages[at + 1 :]))


@cache
def _open(stages: tuple[Stage, ...]) -> None:
    """Open the stages, once a worker."""
    for stage in stages:
        stage.open()


def _first(batches: Iterator[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    """The batches up to a number of rows."""
    left = limit
    for batch in batches:
        if left is None:
            yield batch
        elif left > 0:
            yield batch.slice(0, left)
            left -= batch.num_rows
        else:
            return


def _signed(kept: pa.RecordBatch) -> pa.RecordBatch:
    """Ids, priorities and signatures of kept documents. A stage that did not run leaves its priority equal for all."""
    names = kept.schema.names
    count = kept.num_rows

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return kept.column(name).cast(kind) if name in names else pa.array(np.zeros(count, np.int64)).cast(kind)

    # What cleaning mended is whole again: only dirt that is left makes a copy worse than another.
    damage = column("residue", pa.int32())
    date = kept.column("date") if "date" in names else pa.nulls(count, pa.date32())
    size = pc.binary_length(kept.column("text")).cast(pa.int32())
    host = kept.column("host") if "host" in names else pa.nulls(count, pa.string())
    values = [kept.column("id"), kept.column("origin"), kept.column("source"), host]
    values += [column("tier_rank", pa.int16()), damage, date, size]
    batch = pa.RecordBatch.from_arrays(values, schema=SIGNED)
    for name in ("key_length", "digest", "signature"):
        if name in names:
            batch = batch.append_column(kept.schema.field(name), kept.column(name))
    return batch
