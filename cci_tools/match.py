"""Match: from the signed files of all splits to one verdict for each document. The one barrier of a run."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cci_tools.dedup.keepers import NO_DATE, rank_documents
from cci_tools.dedup.match import Documents, match
from cci_tools.dedup.stages import Dedup, digests_of, signatures_of
from cci_tools.ledger import Ledger
from cci_tools.shards.writer import map_arrow, read_arrow, read_rows, write_arrow
from cci_tools.workspace import done, mark

VERDICTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text_bytes", pa.int32(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("duplicate_of", pa.string()),
        pa.field("similarity", pa.float64()),
    ]
)
"""One row for each screened document, in input order: its final id, and why it goes where it does not stay."""

REPEATED = pa.schema([pa.field("id", pa.string())])
"""Ids that the dump uses more than once."""


@dataclass(frozen=True)
class Match:
    """What the match task needs.

    Parameters
    ----------
    work : Path
        The work folder, with the files of the screen pass.
    splits : int
        Number of splits.
    dedup : Dedup or None
        Settings; None keeps every document.
    memory : int
        Bytes to stay under.
    """

    work: Path
    splits: int
    dedup: Dedup | None
    memory: int

    def __call__(self, task: str) -> dict[str, Any]:
        """Judge all documents, unless that is done; returns counts and the report of matching."""
        return done(self.work, task) or mark(self.work, task, self._match())

    def _match(self) -> dict[str, Any]:
        signed = pa.concat_tables([map_arrow(self._file(split, "signed")) for split in range(self.splits)])
        repeated = self._repeated_ids(signed.column("id"))
        write_arrow(self.work / "repeated.arrow", pa.table([repeated], REPEATED).to_batches(), None, REPEATED)
        ids = unique_ids(signed.column("id").combine_chunks(), signed.column("origin"), repeated)
        count = len(ids)
        winner, similarity = np.full(count, -1, np.int64), np.zeros(count)
        exact, report = np.zeros(count, bool), {}
        if self.dedup is not None and count:
            documents = self._documents(signed, ids)
            matches = match(documents, self._fetch(signed), self.dedup, memory=self.memory // 2, scratch=self.work)
            winner, similarity, exact, report = matches.winner, matches.similarity, matches.exact, matches.report
        verdicts = self._verdicts(ids, signed.column("text_bytes"), winner, similarity, exact)
        write_arrow(self.work / "verdicts.arrow", verdicts.to_batches(), None, VERDICTS)
        lost = pc.is_valid(verdicts.column("reason"))
        sizes = verdicts.column("text_bytes").cast(pa.int64())
        ledger = Ledger(
            read=count,
            kept=count - pc.sum(lost).as_py() if count else 0,
            rejected=Counter(verdicts.column("reason").drop_null().to_pylist()),
            bytes_read=pc.sum(sizes).as_py() or 0,
            bytes_kept=pc.sum(sizes.filter(pc.invert(lost))).as_py() or 0,
        ).check()
        return {"documents": count, "ledger": ledger.to_dict(), "report": report}

    def _file(self, split: int, kind: str) -> Path:
        return self.work / "screen" / f"{split:06d}.{kind}.arrow"

    def _repeated_ids(self, kept: pa.ChunkedArray) -> pa.Array:
        """Ids that more than one document has, among the kept and the rejected ones of the screen pass."""
        chunks = list(kept.chunks)
        for split in range(self.splits):
            chunks += [batch.column("id") for batch in read_arrow(self._file(split, "rejects"), ["id"])]
        counts = pa.chunked_array(chunks, pa.string()).value_counts()
        return counts.filter(pc.greater(counts.field("counts"), 1)).field("values").sort()

    def _documents(self, signed: pa.Table, ids: pa.Array) -> Documents:
        """The arrays that matching works on. Signatures go to one memory-mapped file, not to memory."""
        assert self.dedup is not None
        count, slots = signed.num_rows, self.dedup.slots
        signatures = np.lib.format.open_memmap(
            self.work / "signatures.npy", mode="w+", dtype=np.uint32, shape=(count, slots)
        )
        digests = np.empty((count, 2), np.uint64)
        row = 0
        for batch in signed.to_batches():
            stop = row + batch.num_rows
            signatures[row:stop] = signatures_of(batch.column("signature"))
            digests[row:stop] = digests_of(batch.column("digest"))
            row = stop
        ranks = rank_documents(
            tier=_numbers(signed, "tier_rank"),
            damage=_numbers(signed, "damage"),
            key_length=_numbers(signed, "key_length"),
            date=signed.column("date").cast(pa.int32()).fill_null(int(NO_DATE)).to_numpy(),
            ids=ids,
        )
        return Documents(digests, signatures, _numbers(signed, "key_length").astype(np.int32), ranks)

    def _fetch(self, signed: pa.Table) -> Any:
        """A function from ascending row numbers to their texts, read from the files of the screen pass."""
        counts = [map_arrow(self._file(split, "signed")).num_rows for split in range(self.splits)]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

        def fetch(rows: npt.NDArray[np.int64]) -> pa.Array:
            chunks: list[pa.Array] = []
            bounds = np.searchsorted(rows, starts)
            for split in np.flatnonzero(np.diff(bounds)):
                local = rows[bounds[split] : bounds[split + 1]] - starts[split]
                chunks += read_rows(self._file(int(split), "documents"), local, ["text"]).column("text").chunks
            return pa.chunked_array(chunks, pa.string()).cast(pa.large_string()).combine_chunks()

        return fetch

    def _verdicts(
        self,
        ids: pa.Array,
        text_bytes: pa.ChunkedArray,
        winner: npt.NDArray[np.int64],
        similarity: npt.NDArray[np.float64],
        exact: npt.NDArray[np.bool_],
    ) -> pa.Table:
        lost = winner >= 0
        reason = pc.if_else(pa.array(exact), "dedup.exact_duplicate", "dedup.near_duplicate")
        details = np.full(len(ids), None, object)
        for row in np.flatnonzero(lost):
            rule = {"rule": "same_key", "value": 1.0, "threshold": 1.0}
            if not exact[row]:
                assert self.dedup is not None
                rule = {"rule": "jaccard", "value": round(similarity[row], 6), "threshold": self.dedup.threshold}
            details[row] = json.dumps(rule)
        values = [
            ids,
            text_bytes,
            pc.if_else(pa.array(lost), reason, pa.scalar(None, pa.string())),
            pa.array(details, pa.string()),
            ids.take(pa.array(winner, mask=~lost)),
            pa.array(similarity, pa.float64(), mask=~lost),
        ]
        return pa.table(values, schema=VERDICTS)


def unique_ids(ids: pa.Array, origins: pa.Array | pa.ChunkedArray, repeated: pa.Array) -> pa.Array:
    """Ids as published: the dump's own, and with a digest of the origin behind it where the dump repeats itself.

    Examples
    --------
    >>> ids = unique_ids(pa.array(["a", "b", "a"]), pa.array(["x#row=0", "x#row=1", "y#row=0"]), pa.array(["a"]))
    >>> ids.to_pylist()
    ['a#269f6edd1abd4d35', 'b', 'a#b63d9cccc936ff5e']
    """
    clash = pc.is_in(ids, value_set=repeated)
    rows = np.flatnonzero(clash.to_numpy(zero_copy_only=False))
    if not len(rows):
        return ids
    own, where = ids.take(rows).to_pylist(), origins.take(pa.array(rows)).to_pylist()
    new = [f"{i}#{xxhash.xxh3_64_hexdigest(o.encode())}" for i, o in zip(own, where, strict=True)]
    return pc.replace_with_mask(ids, clash, pa.array(new, pa.string()))


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = table.column(name).to_numpy().astype(np.int64)
    return numbers
