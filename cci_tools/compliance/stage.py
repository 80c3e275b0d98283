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

from cci_tools.compliance.dates import parse_dates
from cci_tools.compliance.registry import FALLBACK_TIERS, TIERS, read_denied, read_registry
from cci_tools.compliance.table import Match, SourceTable
from cci_tools.resources import resolve
from cci_tools.stage import Stage, path_field, reject, set_column

_DEFAULT = "default"  # key of a policy: every tier that it does not name

Refusal = tuple[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Compliance(Stage):
    """Match documents with a registry of sources, and judge host, tier and date.

    The host comes from the URL; the registry and the deny lists say what it is. A document without a URL (or with one
    that has no host) takes its tier from the column `source`, when that is a listed name, letter for letter, or a
    host that a rule matches. The text is never asked: a byline proves nothing.

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
    policy : dict of str to ``"keep"`` or ``"drop"``
        What becomes of a tier; the key ``default`` speaks for the tiers that are not named, without it they are
        kept. User content is dropped unless it is named. ``{unknown = "drop"}`` keeps listed sources only.
    review : ``"keep"`` or ``"drop"``
        What becomes of sources whose registry row has the status ``review``.
    since, until : str
        First and last day of the wanted time span (``2023-01-31``), both included; empty: no limit.
    undated : ``"keep"`` or ``"drop"``
        What becomes of documents without a known date, with or without a time span.
    latest : str
        Dates after this day are errors and become null.

    Raises
    ------
    ValueError
        A tier is unknown, a date is not a date, or the time span is empty. From `open`: a file cannot be used.
    """

    name: ClassVar[str] = "compliance"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "denied_host": "The host, or one of its parent domains, is on a deny list.",
        "user_content": "The host holds what users wrote: a forum, a blog, a microblog.",
        "blocked_source": "The registry has blocked or quarantined the source, or it is in review and that is refused.",
        "denied_tier": "The recipe's policy drops the tier of the source.",
        "outside_time_window": "The document was published before or after the wanted time span.",
        "undated": "No date of publication is known.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("host", pa.string()),
        pa.field("tier", pa.string(), nullable=False),
        pa.field("tier_rank", pa.int16(), nullable=False),
        pa.field("region", pa.string()),
        pa.field("date", pa.date32()),
    )

    registry: tuple[str, ...] = path_field(("seeds/sources.csv",))
    denied: tuple[str, ...] = path_field(("seeds/denied_hosts.csv",))
    tiers: tuple[str, ...] = TIERS
    policy: dict[str, Literal["keep", "drop"]] = field(default_factory=dict, hash=False)
    review: Literal["keep", "drop"] = "keep"
    since: str = ""
    until: str = ""
    undated: Literal["keep", "drop"] = "keep"
    latest: str = "2030-12-31"

    def __post_init__(self) -> None:
        for tier in FALLBACK_TIERS:
            if tier not in self.tiers:
                raise ValueError(f"tiers: {tier!r} is missing; hosts without a row have this tier")
        if len(set(self.tiers)) < len(self.tiers):
            raise ValueError("tiers: a tier is named twice")
        for tier, verdict in self.policy.items():
            if tier not in (*self.tiers, _DEFAULT):
                raise ValueError(f"policy: {tier!r} is not a tier; known are {_DEFAULT}, {', '.join(self.tiers)}")
            if verdict not in ("keep", "drop"):
                raise ValueError(f"policy: {tier}: expected keep or drop, got {verdict!r}")
        for name in ("review", "undated"):
            if getattr(self, name) not in ("keep", "drop"):
                raise ValueError(f"{name}: expected keep or drop, got {getattr(self, name)!r}")
        since, until, _ = (_day(self, name) for name in ("since", "until", "latest"))
        if since and until and since > until:
            raise ValueError(f"since: {self.since} is after until: {self.until}")

    def open(self) -> None:
        """Read the registry and the deny lists."""
        _table(self.registry, self.denied, self.tiers)

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add host, tier, tier_rank, region and date; refuse by host, tier and date."""
        table = _table(self.registry, self.denied, self.tiers)
        codes, matches = table.lookup_all(batch.column("url"))
        codes = _by_source(table, codes, matches, batch.column("source"))
        tiers = [match.source.tier for match in matches]
        columns: list[pa.Array] = [
            pa.array([match.host or None for match in matches], pa.string()).take(pa.array(codes)),
            pa.array(tiers, pa.string()).take(pa.array(codes)),
            pa.array(np.array([self.tiers.index(tier) for tier in tiers], np.int16)[codes]),
            pa.array([match.source.region or None for match in matches], pa.string()).take(pa.array(codes)),
            parse_dates(batch.column("published"), batch.column("url"), _day(self, "latest") or date.max),
        ]
        for added, values in zip(self.adds, columns, strict=True):
            batch = set_column(batch, added, values)
        refusals = [self._refusal(match) for match in matches]
        for reason in dict.fromkeys(refusal[0] for refusal in refusals if refusal):
            refused = np.array([refusal is not None and refusal[0] == reason for refusal in refusals])
            batch = reject(batch, self, refused[codes], reason, lambda row: (refusals[codes[row]] or ("", {}))[1])
        return self._check_dates(batch)

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
        if self._verdict(source.tier) == "drop":
            key = source.tier if source.tier in self.policy else _DEFAULT
            return "denied_tier", {"rule": f"policy.{key}", "value": source.tier, "threshold": "drop", "host": host}
        return None

    def _verdict(self, tier: str) -> str:
        default = "drop" if tier == "user_content" else self.policy.get(_DEFAULT, "keep")
        return self.policy.get(tier, default)

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
    """The codes, with documents that have no host matched by their source; `matches` grows."""
    without = np.array([not match.host for match in matches])[codes]
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
