"""The stage that cuts passages which repeat across documents, and how it counts them before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.dedup.passages import PassageCounter, Settings, cut, hashes_of, load, sites_of
from cci_tools.stage import Stage, live, path_field, reject, set_column


@dataclass(frozen=True, kw_only=True)
class Passages(Settings, Stage):
    """Cut the lines that a site repeats, and paragraphs that many documents share.

    Which these are must be learnt from all documents first: `count` for each batch, `cci_tools.dedup.passages.learn`
    for all of them, then ``dataclasses.replace(stage, learnt=file)``. Of a repeated paragraph the first document keeps
    its copy; a document is known again by its `origin`.

    Parameters
    ----------
    learnt : str
        File that `cci_tools.dedup.passages.learn` wrote. Empty: nothing is cut.
    **settings
        See `cci_tools.dedup.passages.Settings`.
    """

    name: ClassVar[str] = "passages"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "empty": "Every line is one that the site repeats on many pages: navigation, archives, error pages."
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (pa.field("passages_removed", pa.int32()),)  # lines and paragraphs
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    learnt: str = path_field("")

    def open(self) -> None:
        load(self.learnt, self)

    def count(self, batch: pa.RecordBatch, counter: PassageCounter) -> None:
        """Count the passages of a batch of documents that are kept so far."""
        counter.add(
            batch.column("text"),
            sites_of(batch.column("url"), batch.column("source")),
            hashes_of(batch.column("origin")),
        )

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        kept = live(batch)
        texts = batch.column("text")
        done = cut(
            texts if kept.all() else pc.if_else(pa.array(kept), texts, ""),
            sites_of(batch.column("url"), batch.column("source")),
            hashes_of(batch.column("origin")),
            load(self.learnt, self),
            self,
        )
        removed = done.lines + done.paragraphs
        empty = (removed > 0) & (np.diff(done.offsets) == 0)
        changed = (removed > 0) & ~empty
        if changed.any():
            buffers = [None, pa.py_buffer(done.offsets.astype(np.int32)), pa.py_buffer(done.values)]
            shorter = pa.StringArray.from_buffers(batch.num_rows, *buffers[1:])
            batch = set_column(batch, schema.CORE.field("text"), pc.if_else(pa.array(changed), shorter, texts))
        batch = set_column(batch, self.adds[0], pa.array(removed))
        return reject(
            batch,
            self,
            empty,
            "empty",
            lambda row: {
                "rule": "site_lines",
                "value": int(removed[row]),
                "threshold": int(removed[row]),
                "lines": int(done.lines[row]),
                "paragraphs": int(done.paragraphs[row]),
            },
        )
