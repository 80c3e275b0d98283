"""Prepare: the first half of the screen pass, when passages that repeat must be learnt from all documents first.

prepare   reader -> compliance -> cleaning -> count passages
learn     which lines are furniture of a site, which paragraphs stand in many documents
screen    goes on with the prepared documents: passages -> quality -> decontamination -> sign
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from cci_tools.dedup.passages import learn
from cci_tools.dedup.stages_passages import Passages
from cci_tools.ledger import Ledger
from cci_tools.shards.writer import read_arrow
from cci_tools.workspace import STAMPS, done, mark, stamp

FOLDER = "prepare"
"""Where the prepared documents lie in the work folder."""


@dataclass(frozen=True)
class Prepared:
    """A split of the screen pass that has been prepared; it stands in for the split that was read from the dump."""

    work: Path
    number: int
    stored_bytes: int

    def _file(self, kind: str) -> Path:
        return self.work / FOLDER / f"{self.number:06d}.{kind}.arrow"

    def documents(self) -> Iterator[pa.RecordBatch]:
        """The documents that the first stages kept."""
        return read_arrow(self._file("documents"))

    def rejects(self) -> Iterator[pa.RecordBatch]:
        """The documents that the first stages rejected."""
        return read_arrow(self._file("rejects"))

    def ledger(self) -> Ledger:
        """The counts of the first stages."""
        finished = done(self.work, f"{FOLDER}/{self.number:06d}")
        assert finished is not None
        return Ledger.from_dict(finished["ledger"])

    @property
    def name(self) -> str:
        """For messages."""
        return f"prepared split {self.number}"

    def is_there(self) -> bool:
        """Whether the documents have not been deleted."""
        return all(self._file(kind).exists() for kind in ("documents", "rejects"))

    def discard(self) -> None:
        """Delete the documents; they have been screened."""
        for kind in ("documents", "rejects"):
            self._file(kind).unlink(missing_ok=True)


@dataclass(frozen=True)
class Learn:
    """Learns from the counts of all splits which passages repeat, unless that is done.

    Parameters
    ----------
    work : Path
        The work folder.
    splits : int
        Number of prepared splits.
    passages : Passages
        Settings.
    memory : int
        Bytes to stay under.
    """

    work: Path
    splits: int
    passages: Passages
    memory: int

    def __call__(self, task: str) -> dict[str, Any]:
        """Write `learnt_file`."""
        return done(self.work, task) or mark(self.work, task, self._learn())

    def _learn(self) -> dict[str, Any]:
        counts = [counts_file(self.work, number) for number in range(self.splits)]
        learnt = learnt_file(self.work)
        learn(counts, self.passages, learnt, memory=self.memory // 2)
        return {STAMPS: {learnt.name: stamp(learnt)}}


def counts_file(work: Path, number: int) -> Path:
    """Where the passages of a split are counted."""
    return work / FOLDER / f"{number:06d}.passages.arrow"


def learnt_file(work: Path) -> Path:
    """Where it stands which passages repeat."""
    return work / "passages.arrow"
