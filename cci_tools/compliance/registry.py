"""The registry of sources: who publishes under a host, of what tier, and what is known about using it.

A registry is a table, CSV (UTF-8) or Parquet, of which only the columns `domain` and `tier` are required. Several
files form one registry; a later row replaces an earlier one for the same domain and path. A deny list is a CSV table
with the column `domain`, or plain text with one host a line, compressed with Zstandard or not.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

from cci_tools.compliance.hosts import PUBLIC_SUFFIXES, is_address, split_url

TIERS = (
    "central_party_org",
    "central_government",
    "central_institution",
    "central_news",
    "central_newspaper",
    "provincial_government",
    "prefecture_government",
    "local_newspaper",
    "local_news",
    "local_broadcast",
    "industry_media",
    "government_unclassified",
    "claimed",
    "unknown",
    "user_content",
)
"""Tiers in order of preference; the place in the order is the tier's rank. The last four need no row: an unlisted
``*.gov.cn`` host; a document of which only a byline is known (which no row may have: nobody can vouch for a byline); a
host that no rule matches; and forums, blogs and the like under a listed site."""

FALLBACK_TIERS = TIERS[-4:]
STATUSES = ("allowed", "review", "quarantined", "blocked", "denied")
ACQUISITIONS = ("open", "self", "commercial", "user")
MATCHES = ("exact", "suffix")


class RegistryError(ValueError):
    """A registry or deny list cannot be used; the message names the file, the row and the column."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One row of a registry.

    Parameters
    ----------
    domain : str
        Host of the rule as `cci_tools.compliance.hosts.host_of` gives it.
    path : str
        The rule holds for this path and what lies under it; empty: for all paths. In a file it is written behind the
        domain: ``paper.people.com.cn/rmrb``.
    match : str
        ``suffix``: the domain and its sub-domains; ``exact``: the domain (with and without ``www.``) only. Where the
        file leaves it out, suffix, but exact for IP addresses and for public suffixes such as ``cn`` and ``gov.cn``.
    id : str
        By which your own records know the source; rows of several hosts may share one. Empty: the rule stands for it.
    name : str
        Names by which the source signs, divided by ``/``.
    tier : str
        What kind of source it is; see `TIERS`. Not a licence, neither to train nor to reprint.
    region : str
        ``CN``, or a province.
    status : str
        ``allowed``, ``review``, ``quarantined`` or ``blocked``; ``denied`` for rows of a deny list.
    acquisition : str
        How documents are obtained: ``open``, ``self`` (crawled), ``commercial``, ``user``, or empty: not known.
    licence : str
        Licence, contract or authorisation.
    robots, first_collected, last_collected : str
        Record of the collection: robots.txt snapshot and time, first and last day.
    reason : str
        Why a source is denied, blocked, quarantined or to be reviewed.
    origin : str
        Where the row comes from.
    file : str
        Name of the file, and row, for messages.
    """

    domain: str
    path: str = ""
    match: str = "suffix"
    id: str = ""
    name: str = ""
    tier: str = "unknown"
    region: str = ""
    status: str = "allowed"
    acquisition: str = ""
    licence: str = ""
    robots: str = ""
    first_collected: str = ""
    last_collected: str = ""
    reason: str = ""
    origin: str = ""
    file: str = ""

    @property
    def refused(self) -> bool:
        """Whether the row keeps documents out: denied, blocked or quarantined."""
        return self.status in ("denied", "blocked", "quarantined")

    @property
    def rule(self) -> str:
        """The rule as it is written in a file, for messages: ``*.`` before it when sub-domains match too.

        >>> Source(domain="people.com.cn").rule
        '*.people.com.cn'
        """
        return ("*." if self.match == "suffix" else "") + self.domain + self.path


COLUMNS = tuple(f.name for f in fields(Source) if f.name not in ("path", "file"))
"""Columns that a registry file may have."""


def read_registry(path: Path, tiers: Sequence[str] = TIERS) -> list[Source]:
    """Read one registry file.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.parquet`` with the columns `domain` and `tier`, and any others of `COLUMNS`.
    tiers : sequence of str
        The tiers that a row may have.

    Returns
    -------
    list of Source
        In the order of the file.

    Raises
    ------
    RegistryError
        A column is missing or unknown, or a value is not possible.
    """
    sources = []
    for place, row in _table(path, required=("domain", "tier")):
        place.check("tier", row["tier"], [tier for tier in tiers if tier != "claimed"])
        place.check("status", row.get("status") or "allowed", STATUSES[:-1])
        sources.append(_source(place, row))
    return sources


def read_denied(path: Path) -> list[Source]:
    """Read one deny list.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.parquet`` with the column `domain`, and any others of `COLUMNS`, of which `reason` matters; or
        ``.txt`` or ``.txt.zst`` with one host a line, where empty lines and lines that start with ``#`` are skipped.

    Returns
    -------
    list of Source
        With the status ``denied``, and the tier ``user_content`` or ``unknown``.

    Raises
    ------
    RegistryError
        A line is not a host, or a column is missing or unknown.
    """
    if path.name.endswith((".txt", ".txt.zst")):
        reason = path.name.partition(".")[0]
        lines = ((Place(path, number), line.strip()) for number, line in enumerate(_text(path).split("\n"), 1))
        return [
            Source(status="denied", reason=reason, file=place.short, **_rule(place, host))
            for place, host in lines
            if host and not host.startswith("#")
        ]
    denied = []
    for place, row in _table(path, required=("domain",)):
        tier = "user_content" if row.get("reason") == "user_content" else "unknown"
        denied.append(replace(_source(place, row), status="denied", tier=tier))
    return denied


def merge(sources: Iterable[Source]) -> list[Source]:
    """One row for each domain and path: the last."""
    return list({(source.domain, source.path): source for source in sources}.values())


def missing_evidence(sources: Iterable[Source]) -> list[tuple[Source, str]]:
    """Rows whose right of use is not documented, and what is missing.

    Open data needs a licence, bought data a contract, users' data an authorisation (all in the column `licence`),
    crawled data the robots snapshot and the days of collection.

    Examples
    --------
    >>> row = Source(domain="example.cn", acquisition="self", robots="2024-03-01 allow")
    >>> [missing for _, missing in missing_evidence([row])]
    ['first_collected, last_collected']
    """
    needed = {"self": ("robots", "first_collected", "last_collected"), "": ("acquisition",)}
    listed = []
    for source in sources:
        wanted = needed.get(source.acquisition, ("licence",))
        missing = [column for column in wanted if not getattr(source, column)]
        if missing and not source.refused:
            listed.append((source, ", ".join(missing)))
    return listed


class Place(NamedTuple):
    """A row of a file, for messages."""

    path: Path
    row: int

    @property
    def short(self) -> str:
        """File name and row: the same on every machine, for what a run writes."""
        return f"{self.path.name}: row {self.row}"

    def check(self, column: str, value: str, allowed: Sequence[str]) -> None:
        """Raise where a value is none of those allowed."""
        if value not in allowed:
            raise self.error(column, f"{value!r} is not one of {', '.join(v for v in allowed if v)}")

    def error(self, column: str, message: str) -> RegistryError:
        return RegistryError(f"{self.path}: row {self.row}: column {column!r}: {message}")


def _table(path: Path, required: Sequence[str]) -> Iterator[tuple[Place, dict[str, str]]]:
    """Rows of a CSV or Parquet file as texts, each with its place."""
    if path.suffix == ".parquet":
        columns, rows, first = *_parquet(path), 1
    elif path.suffix == ".csv":
        rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        columns, first = [column.strip().lower() for column in next(rows, [])], 2
    else:
        raise RegistryError(f"{path}: expected a .csv or .parquet file")
    for column in required:
        if column not in columns:
            raise RegistryError(f"{path}: column {column!r} is missing; the first row names the columns")
    for column in columns:
        if column not in COLUMNS:
            raise RegistryError(f"{path}: unknown column {column!r}; known are {', '.join(COLUMNS)}")
        if columns.count(column) > 1:
            raise RegistryError(f"{path}: column {column!r} is there twice")
    try:
        for number, row in enumerate(rows, first):
            if not any(map(str.strip, row)):
                continue
            if len(row) != len(columns):
                raise RegistryError(f"{path}: row {number}: {len(row)} values for {len(columns)} columns")
            yield Place(path, number), {column: value.strip() for column, value in zip(columns, row, strict=True)}
    except csv.Error as error:
        raise RegistryError(f"{path}: not a CSV table: {error}") from error


def _parquet(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (OSError, pa.ArrowInvalid) as error:
        raise RegistryError(f"{path}: not a readable Parquet file: {error}") from error
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns.append(column.cast(pa.string()).fill_null("").to_pylist())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise RegistryError(f"{path}: column {name!r}: {column.type} is no text") from error
    return table.column_names, map(list, zip(*columns, strict=True))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if path.suffix == ".zst":
            import zstandard

            try:
                with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data) as stream:
                    data = stream.read()
            except zstandard.ZstdError as error:
                raise RegistryError(f"{path}: not a Zstandard file: {error}") from error
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise RegistryError(f"{path}: no such file") from error
    except UnicodeDecodeError as error:
        raise RegistryError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error


def _source(place: Place, row: dict[str, str]) -> Source:
    values = {column: value for column, value in row.items() if value and column != "domain"}
    place.check("match", row.get("match") or "suffix", MATCHES)
    place.check("acquisition", row.get("acquisition", ""), ("", *ACQUISITIONS))
    return Source(file=place.short, **{**_rule(place, row["domain"]), **values})


def _rule(place: Place, text: str) -> dict[str, str]:
    """Domain, path and default match of a rule."""
    domain, path = split_url(text if "://" in text else f"//{text}")
    if not domain or any(map(str.isspace, text)):
        raise place.error("domain", f"{text!r} is not a host")
    exact = is_address(domain) or "." not in domain or domain in PUBLIC_SUFFIXES
    return {"domain": domain, "path": path.rstrip("/"), "match": "exact" if exact else "suffix"}
