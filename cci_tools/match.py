"""Match: from the signed files of all splits to one verdict for each document. The one barrier of a run."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.columns import digests_of, signatures_of
from cci_tools.dedup.keepers import NO_DATE, rank_documents
from cci_tools.dedup.known import Known, read_texts, select
from cci_tools.dedup.match import Documents, Matches, match
from cci_tools.dedup.releases import Release
from cci_tools.dedup.stages import Dedup
from cci_tools.ledger import Ledger
from cci_tools.report.duplicates import name_documents, source_matrix
from cci_tools.shards.writer import ArrowFile, map_arrow, read_arrow, read_rows
from cci_tools.sources import judge_sources
from cci_tools.workspace import STAMPS, done, mark

if TYPE_CHECKING:  # a run without it need not load it
    from cci_tools.compliance.stage import Compliance

REMOVED = "dedup.removed_earlier"

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
    threads : int
        Texts compared side by side, while the other workers have little to do.
    compliance : Compliance or None
        By whose limits whole sources are judged; None judges none.
    """

    work: Path
    splits: int
    dedup: Dedup | None
    memory: int
    threads: int = 1
    compliance: "Compliance | None" = None

    def __call__(self, task: str) -> dict[str, Any]:
        """Judge all documents, unless that is done; returns counts and the report of matching."""
        return done(self.work, task) or mark(self.work, task, self._match())

    def _match(self) -> dict[str, Any]:
        signed = pa.concat_tables([map_arrow(self._file(split, "signed")) for split in range(self.splits)])
        repeated = self._repeated_ids(signed.column("id"))
        stamps = self._write("repeated.arrow", pa.table([repeated], REPEATED))
        ids = unique_ids(signed.column("id").combine_chunks(), signed.column("origin"), repeated)
        count, report = len(ids), dict[str, Any]()
        rejects = (self._file(split, "rejects") for split in range(self.splits))
        rates, refused = judge_sources(self.compliance, signed, rejects)
        removed = self._removed(signed)
        stay = np.flatnonzero(pc.is_null(pc.coalesce(removed, refused)).to_numpy(zero_copy_only=False))
        verdicts = _undisputed(ids, signed.column("text_bytes"), refused, removed)
        if self.dedup is not None and len(stay):
            chosen = signed if len(stay) == count else self._without(signed, stay)
            judged, report = self._judge(self.dedup, chosen, ids.take(pa.array(stay)), stay)
            verdicts = _replaced(verdicts, stay, judged)
        stamps |= self._write("verdicts.arrow", verdicts)
        lost = pc.is_valid(verdicts.column("reason"))
        sizes = verdicts.column("text_bytes").cast(pa.int64())
        ledger = Ledger(
            read=count,
            kept=count - pc.sum(lost).as_py() if count else 0,
            rejected=Counter(verdicts.column("reason").drop_null().to_pylist()),
            bytes_read=pc.sum(sizes).as_py() or 0,
            bytes_kept=pc.sum(sizes.filter(pc.invert(lost))).as_py() or 0,
        ).check()
        left = {"ledger": ledger.to_dict(), "report": report, "source_rates": rates}
        return {"documents": count, **left, STAMPS: stamps}

    def _write(self, name: str, table: pa.Table) -> dict[str, tuple[int, str]]:
        with ArrowFile(self.work / name, None, table.schema) as file:
            for batch in table.to_batches():
                file.write(batch)
        return file.stamp()

    def _file(self, split: int, kind: str) -> Path:
        return self.work / "screen" / f"{split:06d}.{kind}.arrow"

    def _repeated_ids(self, kept: pa.ChunkedArray) -> pa.Array:
        """Ids that more than one document has, among the kept and the rejected ones of the screen pass."""
        chunks = list(kept.chunks)
        for split in range(self.splits):
            chunks += [batch.column("id") for batch in read_arrow(self._file(split, "rejects"), ["id"])]
        counts = pa.chunked_array(chunks, pa.string()).value_counts()
        return counts.filter(pc.greater(counts.field("counts"), 1)).field("values").sort()

    def _removed(self, signed: pa.Table) -> pa.Array:
        """The detail for each document whose text an earlier release had to remove: it must not come back."""
        said: dict[bytes, str] = {}
        for release in self.dedup.releases() if self.dedup else ():
            for digest, when in release.removed.items():
                detail = {"rule": "removed_on_request", "value": digest, "threshold": when, "corpus": release.name}
                said.setdefault(bytes.fromhex(digest), json.dumps(detail, ensure_ascii=False))
        if not said:
            return pa.nulls(signed.num_rows, pa.string())
        places = pc.index_in(signed.column("digest"), pa.array(list(said), pa.binary(16)))
        return pa.array(list(said.values()), pa.string()).take(places.combine_chunks())

    def _without(self, signed: pa.Table, stay: npt.NDArray[np.int64]) -> pa.Table:
        """The rows that stay, in a file of their own: the signatures of a large corpus do not fit into memory."""
        path, first = self.work / "signed.arrow", 0
        with ArrowFile(path, compression=None) as file:
            for batch in signed.to_batches():
                rows = stay[(stay >= first) & (stay < first + batch.num_rows)] - first
                file.write(batch.take(pa.array(rows)))
                first += batch.num_rows
        return map_arrow(path)

    def _judge(
        self, dedup: Dedup, signed: pa.Table, ids: pa.Array, rows: npt.NDArray[np.int64]
    ) -> tuple[pa.Table, dict[str, Any]]:
        """Verdicts on documents, and the report of matching; `rows` are their numbers among the screened ones."""
        releases = dedup.releases()
        documents, known = self._documents(dedup, signed, ids, releases)
        fetch_rows, count = self._fetch(), len(ids)

        def texts(chosen: npt.NDArray[np.int64]) -> list[pa.Array]:
            return fetch_rows(rows[chosen])

        def fetch(rows: npt.NDArray[np.int64]) -> pa.Array:
            here, there = rows[rows < count], rows[rows >= count] - count
            chunks = [*texts(here), *read_texts(releases, known, there).chunks]
            return pa.chunked_array(chunks, pa.string()).cast(pa.large_string()).combine_chunks()

        matches = match(
            documents,
            fetch,
            dedup,
            earlier=np.array([release.texts for release in releases], bool)[known.release],
            memory=self.memory // 2,
            scratch=self.work,
            threads=self.threads,
        )
        names = pa.array([release.name for release in releases], pa.string())
        corpora = pa.concat_arrays([pa.nulls(count, pa.string()), names.take(pa.array(known.release))])
        everyone = pa.concat_arrays([ids, known.ids])
        verdicts = self._verdicts(dedup, everyone, corpora, signed.column("text_bytes"), matches)

        def name(row: int) -> str:
            corpus = corpora[row].as_py()
            return f"{corpus}: {everyone[row]}" if corpus else str(everyone[row])

        hosts = pc.coalesce(signed.column("host"), signed.column("source")).combine_chunks()
        sources = pa.concat_arrays([hosts, known.sources])
        losers = np.flatnonzero(matches.winner >= 0)
        winners = pa.array(matches.winner[losers])
        columns = [sources.take(losers), sources.take(winners), corpora.take(winners)]
        by = known.release[matches.winner[matches.winner >= count] - count]
        report = name_documents(matches.report, name)
        report["sources"] = source_matrix(pa.table(columns, ["source", "kept_source", "corpus"]))
        report["against"] = [
            {
                "corpus": release.name,
                "manifest_sha256": release.digest,
                "documents": release.documents,
                "compared": "texts" if release.texts else "keys only: its data/ is not there",
                "duplicates": int((by == number).sum()),
            }
            for number, release in enumerate(releases)
        ]
        return verdicts, report

    def _documents(
        self, dedup: Dedup, signed: pa.Table, ids: pa.Array, releases: Sequence[Release]
    ) -> tuple[Documents, Known]:
        """The arrays that matching works on, and the documents of releases that are their last rows.

        Signatures go to one memory-mapped file, not to memory.
        """
        count, path = signed.num_rows, self.work / "signatures.bin"
        digests, key_lengths = np.empty((count, 2), np.uint64), _numbers(signed, "key_length").astype(np.int32)
        with open(path, "wb") as file:
            row = 0
            for batch in signed.to_batches():
                stop = row + batch.num_rows
                file.write(signatures_of(batch.column("signature")).data)
                digests[row:stop] = digests_of(batch.column("digest"))
                row = stop
            file.flush()
            known = select(
                releases,
                digests,
                np.memmap(path, np.uint32, "r", shape=(count, dedup.slots)),
                key_lengths,
                banding=choose_bands(dedup.threshold, dedup.recall, dedup.slots),
                width=dedup.width,
                memory=self.memory // 2,
                sink=file,
            )
        ranks = rank_documents(
            tier=_numbers(signed, "tier_rank"),
            damage=_numbers(signed, "damage"),
            key_length=_numbers(signed, "key_length"),
            date=signed.column("date").cast(pa.int32()).fill_null(int(NO_DATE)).to_numpy(),
            ids=ids,
        )
        first = np.arange(len(known), dtype=np.uint32)
        documents = Documents(
            np.concatenate((digests, known.digests)),
            np.memmap(path, np.uint32, "r", shape=(count + len(known), dedup.slots)),
            np.concatenate((key_lengths, known.key_lengths)),
            np.concatenate((ranks + np.uint32(len(known)), first)),
        )
        return documents, known

    def _fetch(self) -> Callable[[npt.NDArray[np.int64]], list[pa.Array]]:
        """A function from ascending row numbers to their texts, read from the files of the screen pass."""
        counts = [map_arrow(self._file(split, "signed")).num_rows for split in range(self.splits)]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

        def fetch(rows: npt.NDArray[np.int64]) -> list[pa.Array]:
            chunks: list[pa.Array] = []
            bounds = np.searchsorted(rows, starts)
            for split in np.flatnonzero(np.diff(bounds)):
                local = rows[bounds[split] : bounds[split + 1]] - starts[split]
                chunks += read_rows(self._file(int(split), "documents"), local, ["text"]).column("text").chunks
            return chunks

        return fetch

    def _verdicts(
        self, dedup: Dedup, ids: pa.Array, corpora: pa.Array, text_bytes: pa.ChunkedArray, matches: Matches
    ) -> pa.Table:
        """One row for each document of the run; `ids` and `corpora` name those of releases too."""
        count = len(text_bytes)
        winner, similarity, exact = (values[:count] for values in matches[:3])
        lost = winner >= 0
        reason = pc.if_else(pa.array(exact), "dedup.exact_duplicate", "dedup.near_duplicate")
        corpus = corpora.take(pa.array(winner[lost])).to_pylist()
        details = np.full(count, None, object)
        for row, where in zip(np.flatnonzero(lost), corpus, strict=True):
            rule: dict[str, Any] = {"rule": "same_key", "value": 1.0, "threshold": 1.0}
            if not exact[row]:
                rule = {"rule": "jaccard", "value": round(similarity[row], 6), "threshold": dedup.threshold}
                if dedup.numbers == "distinct":
                    rule["figures"], rule["figures_differ"] = matches.figures[row].tolist()
            details[row] = json.dumps(rule | ({"corpus": where} if where else {}), ensure_ascii=False)
        values = [
            ids.slice(0, count),
            text_bytes,
            pc.if_else(pa.array(lost), reason, pa.scalar(None, pa.string())),
            pa.array(details, pa.string()),
            ids.take(pa.array(winner, mask=~lost)),
            pa.array(similarity, pa.float64(), mask=~lost),
        ]
        return pa.table(values, schema=VERDICTS)


def _undisputed(ids: pa.Array, text_bytes: pa.ChunkedArray, refused: pa.Array, removed: pa.Array) -> pa.Table:
    """Verdicts before matching: what was removed earlier, what is refused with its source, and the rest kept."""
    nothing = pa.scalar(None, pa.string())
    reason = pc.if_else(pc.is_valid(refused), "compliance.quarantined_source", nothing)
    reason = pc.if_else(pc.is_valid(removed), REMOVED, reason)
    given = {"id": ids, "text_bytes": text_bytes, "reason": reason, "detail": pc.coalesce(removed, refused)}
    columns = [given.get(column.name, pa.nulls(len(ids), column.type)) for column in VERDICTS]
    return pa.table(columns, schema=VERDICTS)


def _replaced(verdicts: pa.Table, rows: npt.NDArray[np.int64], judged: pa.Table) -> pa.Table:
    """The verdicts with those of some rows replaced."""
    if len(rows) == verdicts.num_rows:
        return judged
    order = np.arange(verdicts.num_rows)
    order[rows] = verdicts.num_rows + np.arange(len(rows))
    return pa.concat_tables([verdicts, judged]).take(pa.array(order))


def unique_ids(ids: pa.Array, origins: pa.Array | pa.ChunkedArray, repeated: pa.Array) -> pa.Array:
    """Ids as published: the dump's own, and with a digest of the origin behind it where the dump repeats itself.

    An id of the dump that already looks like that gets a digest too, so that no two can meet.

    Examples
    --------
    >>> ids = unique_ids(pa.array(["a", "b", "a"]), pa.array(["x#row=0", "x#row=1", "y#row=0"]), pa.array(["a"]))
    >>> ids.to_pylist()
    ['a#269f6edd1abd4d35', 'b', 'a#b63d9cccc936ff5e']
    """
    if not len(repeated):
        return ids
    clash = pc.or_(pc.is_in(ids, value_set=repeated), pc.match_substring_regex(ids, "#[0-9a-f]{16}$"))
    rows = np.flatnonzero(clash.to_numpy(zero_copy_only=False))
    own, where = ids.take(rows).to_pylist(), origins.take(pa.array(rows)).to_pylist()
    new = [f"{i}#{xxhash.xxh3_64_hexdigest(o.encode())}" for i, o in zip(own, where, strict=True)]
    return pc.replace_with_mask(ids, clash, pa.array(new, pa.string()))


def _numbers(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = table.column(name).to_numpy().astype(np.int64)
    return numbers
