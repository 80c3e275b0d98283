"""The compliance stage: tag every document with its source, and refuse what the sources or the time span forbid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.compliance import source_rates
from cci_tools.compliance.dates import find_dates
from cci_tools.compliance.documents import bylines_of, claimed_names, licences_of
from cci_tools.compliance.origins import names_of_origins
from cci_tools.compliance.registry import FALLBACK_TIERS, TIERS, read_denied, read_registry
from cci_tools.compliance.table import CLAIMED, UNKNOWN, Match, SourceTable
from cci_tools.resources import resolve
from cci_tools.schema import CORE
from cci_tools.stage import Stage, path_field, reject, set_column

QUARANTINED = "quarantined_source"
_DEFAULT = "default"  # key of a policy: every tier that it does not name

Refusal = tuple[str, dict[str, str]]
Verdict = Literal["keep", "review", "drop"]
_VERDICTS = ("keep", "review", "drop")


@dataclass(frozen=True, kw_only=True)
class Compliance(Stage):
    """Match documents with a registry of sources, and judge host, tier and date.

    The host comes from the URL; the registry and the deny lists say what it is. A document without a URL (or with one
    that has no host) takes its tier from the column `source`, when that is a listed name, letter for letter, or a
    host that a rule matches; then from `sources`, what you know of its file. Where that says nothing either, a byline
    in the text that bears a listed name makes the tier ``claimed``, never that source's own: a byline proves nothing.

    Parameters
    ----------
    registry : tuple of str
        Registry files, CSV or Parquet; see `cci_tools.compliance.registry`. A later row replaces an earlier one for
        the same domain and path. Empty: every host is unknown, but for ``*.gov.cn``.
    denied : tuple of str
        Deny lists: CSV with the column `domain`, or ``.txt``, ``.txt.zst`` with one host a line. A host that both
        name is denied; a more specific rule of a registry is an exception from a wider one of a deny list.
    tiers : tuple of str
        The tiers in order of preference, best first; the place is written as `tier_rank`, by which the better copy
        of a duplicate is kept. Name here every tier of your own registry.
    sources, contributors : dict of str to str
        Pattern of file names to the source, or to who contributed the dump: ``{"gov*.jsonl" = "中国政府网"}``,
        ``{"dumps/a/*" = "A"}``; see `cci_tools.compliance.origins`. The last pattern that fits holds. The source fills
        the column `source` where the dump left it empty.
    bylines : bool, default True
        Look for bylines in documents whose source is not known otherwise.
    policy : dict of str to ``"keep"``, ``"review"`` or ``"drop"``
        What becomes of a tier; the key ``default`` speaks for the tiers that are not named, without it they are
        kept. User content is dropped unless it is named. ``{unknown = "drop", claimed = "drop"}`` keeps listed sources
        only. ``review`` gives the reason ``compliance.in_review``: kept apart until somebody has decided.
    review : ``"keep"``, ``"review"`` or ``"drop"``
        What becomes of sources whose registry row has the status ``review``.
    licences : tuple of str
        Licences that are wanted, as the registry or the dumps write them, upper and lower case alike; a document with
        another one, or with none that is known, is refused. Empty: any.
    since, until : str
        First and last day of the wanted time span (``2023-01-31``), both included; empty: no limit.
    undated : ``"keep"`` or ``"drop"``
        What becomes of documents without a known date, with or without a time span.
    latest : str
        Dates after this day are errors and become null.
    bad_reasons : tuple of str
        Reasons of rejection that speak against the whole source; ``risk.*`` means all of a stage. When all documents
        of a run are screened, every host (or name, for documents without a URL) is judged by its share of them.
    source_rate : float, default 0.05
        A source with a larger share of bad documents is not used at all; 1.0: none is refused for its rate.
    source_rate_by : ``"estimate"`` or ``"bound"``
        Compare the share itself with the limit, or the largest share that the sample does not rule out (one-sided,
        95 %): of a source with fewer than 59 documents the bound is over 5 % even when none is bad.
    source_documents : int, default 100
        Sources with fewer documents are not judged by their rate.
    hijacked_pages : int, default 3
        A source with so many pages that hide advertising blocks, and at least one in a hundred, was taken over, and is
        not used; 0: not judged.

    Raises
    ------
    ValueError
        A tier is unknown, a date is not a date, or the time span is empty. From `open`: a file cannot be used.
    """

    name: ClassVar[str] = "compliance"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {
        "denied_host": "The host, or one of its parent domains, is on a deny list.",
        "user_content": "The host holds what users wrote: a forum, a blog, a microblog.",
        "blocked_source": "The registry has blocked or quarantined the source, or it is in review and that is refused.",
        "denied_tier": "The recipe's policy drops the tier of the source.",
        "in_review": "The source, or its tier, is kept apart until somebody has decided.",
        "licence": "The document's licence is not one of those wanted, or not known.",
        "outside_time_window": "The document was published before or after the wanted time span.",
        "undated": "No date of publication is known.",
        QUARANTINED: "Too large a share of the source's documents is bad, or its pages hide advertising: none is used.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("host", pa.string()),
        pa.field("tier", pa.string(), nullable=False),
        pa.field("tier_rank", pa.int16(), nullable=False),
        pa.field("region", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("date_from", pa.string()),  # metadata, url or text
        pa.field("licence", pa.string()),  # of the registry's row, else of the dump
        pa.field("contributor", pa.string()),
        pa.field("claimed_source", pa.string()),  # listed name that a byline bears, where nothing else is known
    )

    registry: tuple[str, ...] = path_field(("seeds/sources.csv",))
    denied: tuple[str, ...] = path_field(("seeds/denied_hosts.csv",))
    tiers: tuple[str, ...] = TIERS
    sources: dict[str, str] = field(default_factory=dict, hash=False)
    contributors: dict[str, str] = field(default_factory=dict, hash=False)
    bylines: bool = True
    policy: dict[str, Verdict] = field(default_factory=dict, hash=False)
    review: Verdict = "keep"
    licences: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    undated: Literal["keep", "drop"] = "keep"
    latest: str = "2030-12-31"
    bad_reasons: tuple[str, ...] = source_rates.BAD
    source_rate: float = 0.05
    source_rate_by: Literal["estimate", "bound"] = "estimate"
    source_documents: int = 100
    hijacked_pages: int = 3

    def __post_init__(self) -> None:
        for tier in FALLBACK_TIERS:
            if tier not in self.tiers:
                raise ValueError(f"tiers: {tier!r} is missing; hosts without a row have this tier")
        if len(set(self.tiers)) < len(self.tiers):
            raise ValueError("tiers: a tier is named twice")
        for tier, verdict in self.policy.items():
            if tier not in (*self.tiers, _DEFAULT):
                raise ValueError(f"policy: {tier!r} is not a tier; known are {_DEFAULT}, {', '.join(self.tiers)}")
            if verdict not in _VERDICTS:
                raise ValueError(f"policy: {tier}: expected keep, review or drop, got {verdict!r}")
        if self.review not in _VERDICTS:
            raise ValueError(f"review: expected keep, review or drop, got {self.review!r}")
        if self.undated not in ("keep", "drop"):
            raise ValueError(f"undated: expected keep or drop, got {self.undated!r}")
        for name in ("sources", "contributors"):
            for pattern, value in getattr(self, name).items():
                if not pattern.strip() or not value.strip():
                    raise ValueError(f"{name}: {pattern!r} = {value!r}: neither may be empty")
        if not 0 <= self.source_rate <= 1:
            raise ValueError(f"source_rate: {self.source_rate} is not a share, between 0 and 1")
        for name in ("source_documents", "hijacked_pages"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: must not be negative")
        since, until, _ = (_day(self, name) for name in ("since", "until", "latest"))
        if since and until and since > until:
            raise ValueError(f"since: {self.since} is after until: {self.until}")

    def open(self) -> None:
        """Read the registry and the deny lists."""
        _table(self.registry, self.denied, self.tiers)

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add what is known of source, date and licence; refuse by host, tier, date and licence."""
        table = _table(self.registry, self.denied, self.tiers)
        named = names_of_origins(batch.column("origin"), self.sources)
        codes, matches = table.lookup_all(batch.column("url"))
        codes = _by_source(table, codes, matches, batch.column("source"))
        codes = _by_source(table, codes, matches, named)
        codes, claims = self._claims(table, codes, matches, batch)
        tiers = [match.source.tier for match in matches]
        latest = _day(self, "latest") or date.max
        licences = pa.array([match.source.licence or None for match in matches], pa.string()).take(pa.array(codes))
        columns: list[pa.Array] = [
            pa.array([match.host or None for match in matches], pa.string()).take(pa.array(codes)),
            pa.array(tiers, pa.string()).take(pa.array(codes)),
            pa.array(np.array([self.tiers.index(tier) for tier in tiers], np.int16)[codes]),
            pa.array([match.source.region or None for match in matches], pa.string()).take(pa.array(codes)),
            *find_dates(batch.column("published"), batch.column("url"), batch.column("text"), latest),
            pc.coalesce(licences, licences_of(batch.column("meta"))),
            names_of_origins(batch.column("origin"), self.contributors),
            claims,
        ]
        if self.sources:
            source = pc.if_else(
                pc.equal(pc.utf8_trim_whitespace(batch.column("source")), ""), None, batch.column("source")
            )
            batch = set_column(batch, CORE.field("source"), pc.coalesce(source, named))
        for added, values in zip(self.adds, columns, strict=True):
            batch = set_column(batch, added, values)
        refusals = [self._refusal(match) for match in matches]
        for reason in dict.fromkeys(refusal[0] for refusal in refusals if refusal):
            refused = np.array([refusal is not None and refusal[0] == reason for refusal in refusals])
            batch = reject(batch, self, refused[codes], reason, lambda row: (refusals[codes[row]] or ("", {}))[1])
        return self._check_dates(self._check_licences(batch))

    def _claims(
        self, table: SourceTable, codes: npt.NDArray[np.int32], matches: list[Match], batch: pa.RecordBatch
    ) -> tuple[npt.NDArray[np.int32], pa.Array]:
        """The codes, with documents of which only a byline is known marked as such; and the names that bylines bear."""
        unknown = np.array([not match.host and match.source is UNKNOWN for match in matches])[codes]
        if not self.bylines or not unknown.any():
            return codes, pa.nulls(batch.num_rows, pa.string())

        def is_listed(name: str) -> bool:
            return table.lookup_source(name).source is not UNKNOWN

        of_pages = bylines_of(batch.column("meta"), is_listed)
        of_pages = pc.if_else(pa.array(unknown), of_pages, pa.scalar(None, pa.string()))
        names = pc.coalesce(of_pages, claimed_names(batch.column("text"), unknown, is_listed))
        codes[pc.is_valid(names).to_numpy(zero_copy_only=False)] = len(matches)
        matches.append(Match("", CLAIMED))
        return codes, names

    def judge_sources(
        self, kept: Mapping[str, int], rejected: Mapping[str, Mapping[str, int]]
    ) -> list[source_rates.SourceRate]:
        """Rates of the sources with bad documents; see `cci_tools.compliance.source_rates.judge_sources`."""
        return source_rates.judge_sources(
            kept,
            rejected,
            bad=self.bad_reasons,
            limit=self.source_rate,
            decided_by=self.source_rate_by,
            at_least=self.source_documents,
            hijacked=self.hijacked_pages,
        )

    def refusal(self, rate: source_rates.SourceRate) -> dict[str, object]:
        """Detail of the rejects of a source that `judge_sources` refuses."""
        evidence = {"source": rate.source, "documents": rate.documents, "bad": rate.bad, "bound": rate.bound}
        if rate.rule == "hijacked":
            return {"rule": "hijacked_pages", "value": rate.hidden, "threshold": self.hijacked_pages, **evidence}
        value = rate.rate if self.source_rate_by == "estimate" else rate.bound
        return {
            "rule": f"source_rate by {self.source_rate_by}",
            "value": value,
            "threshold": self.source_rate,
            **evidence,
        }

    def _refusal(self, match: Match) -> Refusal | None:
        """Reason and detail by which a source is refused."""
        host, source = match
        rule = f"{source.rule} ({source.file})" if source.file else source.rule
        shown = host or source.name
        if source.status == "denied" and source.tier != "user_content":
            return "denied_host", {"rule": f"denied: {source.reason}", "value": shown, "threshold": rule}
        if source.tier == "user_content" and self._verdict("user_content") == "drop":
            return "user_content", {"rule": "policy.user_content", "value": shown, "threshold": rule}
        if source.status in ("blocked", "quarantined") or (source.status == "review" and self.review == "drop"):
            return "blocked_source", {"rule": f"status: {source.status}", "value": shown, "threshold": rule}
        verdict = self._verdict(source.tier)
        if verdict != "keep":
            key = source.tier if source.tier in self.policy else _DEFAULT
            reason = "denied_tier" if verdict == "drop" else "in_review"
            return reason, {"rule": f"policy.{key}", "value": source.tier, "threshold": verdict, "host": host}
        if source.status == "review" and self.review == "review":
            return "in_review", {"rule": "status: review", "value": shown, "threshold": rule, "cause": source.reason}
        return None

    def _verdict(self, tier: str) -> Verdict:
        default: Verdict = "drop" if tier == "user_content" else self.policy.get(_DEFAULT, "keep")
        return self.policy.get(tier, default)

    def _check_licences(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        if not self.licences:
            return batch
        column = batch.column("licence")
        wanted = pa.array([licence.strip().lower() for licence in self.licences], pa.string())
        allowed = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(column)), value_set=wanted, skip_nulls=True)
        return reject(
            batch,
            self,
            ~allowed.to_numpy(zero_copy_only=False),
            "licence",
            lambda row: {"rule": "licences", "value": column[row].as_py(), "threshold": ", ".join(self.licences)},
        )

    def _check_dates(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        days = batch.column("date")
        if self.since or self.until:
            since, until = _day(self, "since") or date.min, _day(self, "until") or date.max
            inside = pc.and_(pc.greater_equal(days, pa.scalar(since)), pc.less_equal(days, pa.scalar(until)))
            outside = ~pc.fill_null(inside, True).to_numpy(zero_copy_only=False)
            span = f"{self.since}..{self.until}"
            batch = reject(
                batch,
                self,
                outside,
                "outside_time_window",
                lambda row: {"rule": "since..until", "value": str(days[row].as_py()), "threshold": span},
            )
        if self.undated == "drop":
            published = batch.column("published")
            batch = reject(
                batch,
                self,
                pc.is_null(days).to_numpy(zero_copy_only=False),
                "undated",
                lambda row: {"rule": "undated", "value": published[row].as_py(), "threshold": "a date"},
            )
        return batch


@cache
def _table(registry: tuple[str, ...], denied: tuple[str, ...], tiers: tuple[str, ...]) -> SourceTable:
    """The compiled registry of a configuration."""
    sources = [source for path in registry for source in read_registry(resolve(path), tiers)]
    return SourceTable(sources, [source for path in denied for source in read_denied(resolve(path))])


def _by_source(
    table: SourceTable, codes: npt.NDArray[np.int32], matches: list[Match], sources: pa.Array
) -> npt.NDArray[np.int32]:
    """The codes, with documents that have no host and no source yet matched by their source; `matches` grows."""
    without = np.array([not match.host and match.source is UNKNOWN for match in matches])[codes]
    without &= pc.is_valid(sources).to_numpy(zero_copy_only=False)
    if not without.any():
        return codes
    encoded = sources.filter(pa.array(without)).dictionary_encode()
    places = len(matches) + np.arange(len(encoded.dictionary), dtype=np.int32)
    matches += [table.lookup_source(name) for name in encoded.dictionary.to_pylist()]
    codes[without] = places[encoded.indices.to_numpy()]
    return codes


def _day(stage: Compliance, name: str) -> date | None:
    """A field that holds a day, or nothing."""
    value: str = getattr(stage, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise ValueError(f"{name}: {value!r} is not a date; write for example 2024-03-18") from error
