"""The rules of a registry compiled for look-ups: the source of a URL in well under a microsecond."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.compliance.hosts import host_of, is_address, split_url
from cci_tools.compliance.registry import Source, merge

UNKNOWN = Source(domain="")
"""The source of a host that no rule matches."""

CLAIMED = Source(domain="", tier="claimed")
"""The source of a document of which nothing is known but a byline with a listed name."""

GOVERNMENT = Source(domain="gov.cn", tier="government_unclassified", origin="built in")
"""The source of a ``*.gov.cn`` host that no rule matches: government by its name, at a level that is not known."""

USER_LABELS = frozenset(
    ("bbs", "blog", "blogs", "boke", "club", "forum", "forums", "luntan", "shequ", "sns", "tieba", "weibo")
)
"""Labels of sub-domains that hold what users wrote, not what the site published; a number may follow (``bbs2``)."""

_ORDINARY = r"^[A-Za-z][A-Za-z0-9+.-]*://(?P<authority>[^/\\?#\x00-\x20]+)(?:[/\\?#]|$)"
_EACH = -1  # every URL by itself
_CACHED_HOSTS = 200_000  # about 60 MB; then the cache starts again


class Match(NamedTuple):
    """A host, and the row that holds for it."""

    host: str
    source: Source


class SourceTable:
    """Rules of a registry and of deny lists, compiled.

    The most specific rule wins: the longer host before the shorter, on one host the longer path before the shorter.
    On the same host and path a refusing rule (denied, blocked, quarantined) beats an allowing one, and an exact rule
    a suffix rule. Sub-domains of a listed site that hold forums and blogs, such as ``bbs.``, are user content and
    refused, unless they are listed themselves.

    Parameters
    ----------
    sources : iterable of Source
        Registry rows; a later row replaces an earlier one for the same domain and path.
    denied : iterable of Source
        Rows of deny lists.

    Examples
    --------
    >>> table = SourceTable([Source(domain="people.com.cn", name="人民网", tier="central_news", region="CN")])
    >>> host, source = table.lookup("http://politics.people.com.cn/n1/2024/0318/c1001-1.html")
    >>> host, source.tier
    ('politics.people.com.cn', 'central_news')
    >>> table.lookup("http://bbs.people.com.cn/").source.tier, table.lookup("http://example.com/").source.tier
    ('user_content', 'unknown')
    """

    def __init__(self, sources: Iterable[Source], denied: Iterable[Source] = ()) -> None:
        self.sources = merge(sources)
        """The rows in force, in order of their first appearance."""
        self._exact: dict[str, Source] = {}
        self._suffix: dict[str, Source] = {}
        self._paths: dict[str, list[Source]] = {}
        rules = [*self.sources, *merge(denied)]
        # What comes last wins, and denied rows do; a refused suffix refuses the host itself, too.
        for rule in rules:
            if rule.path:
                self._paths.setdefault(rule.domain, []).append(rule)
                continue
            (self._suffix if rule.match == "suffix" else self._exact)[rule.domain] = rule
            if rule.refused:
                self._exact[rule.domain] = rule
        for scoped in self._paths.values():
            scoped.sort(key=lambda rule: len(rule.path))
            scoped.reverse()
        self._names = _names(rules)
        self._cache: dict[str, Match | None] = {}

    def lookup(self, url: str) -> Match:
        """Host of a URL (see `cci_tools.compliance.hosts.host_of`) and the source that holds for it."""
        ordinary = re.match(_ORDINARY, url)
        match = self._lookup_authority(ordinary["authority"]) if ordinary else None
        if match:
            return match
        host, path = split_url(url)
        return Match(host, self._find(host, path))

    def lookup_source(self, name: str) -> Match:
        """The source of a document that has no URL, from what its dump gives as the source.

        It counts when it is a listed name, letter for letter (``新华网``), or a host or URL that a rule matches. A
        name that two rows of different tiers bear counts for neither, unless one of them is refused.
        """
        name = name.strip()
        if name in self._names:
            return Match("", self._names[name])
        if "." in name:
            match = self.lookup(name)
            if match.source is not UNKNOWN:
                return match
        return Match("", UNKNOWN)

    def lookup_all(self, urls: pa.Array) -> tuple[npt.NDArray[np.int32], list[Match]]:
        """The sources of a column of URLs.

        The authority of ordinary web addresses is cut out by Arrow, and each different one is looked up once; any
        other string, and any URL of a host that has rules for a path, goes through `lookup`.

        Parameters
        ----------
        urls : pyarrow.Array
            `string` or `large_string`.

        Returns
        -------
        codes : ndarray of int32, shape (n,)
            Place of each URL's match in `matches`.
        matches : list of Match
            The matches that occur; the first stands for a missing URL: no host, unknown source.
        """
        matches = [Match("", UNKNOWN)]
        authorities = pc.struct_field(pc.extract_regex(urls, pattern=_ORDINARY), "authority").dictionary_encode()
        places = [len(matches)]
        for authority in authorities.dictionary.to_pylist():
            match = self._lookup_authority(authority)
            places.append(len(matches) if match else _EACH)
            if match:
                matches.append(match)
        places[0] = _EACH  # not an ordinary web address
        numbers = pc.fill_null(pc.add(authorities.indices, 1), 0).to_numpy(zero_copy_only=False)
        codes = np.asarray(places, np.int32)[numbers]
        codes[pc.is_null(urls).to_numpy(zero_copy_only=False)] = 0
        for row in np.flatnonzero(codes == _EACH).tolist():
            codes[row] = len(matches)
            matches.append(self.lookup(urls[row].as_py()))
        return codes, matches

    def _lookup_authority(self, authority: str) -> Match | None:
        """The match of all URLs with this authority; None where it depends on the path."""
        try:
            return self._cache[authority]
        except KeyError:
            pass
        host = host_of(f"http://{authority}")
        scoped = any(name in self._paths for name in _with_parents(host))
        match = None if scoped else Match(host, self._find(host, "/"))
        if len(self._cache) >= _CACHED_HOSTS:
            self._cache.clear()
        self._cache[authority] = match
        return match

    def _find(self, host: str, path: str) -> Source:
        """The source that holds for a host and path."""
        for name in _with_parents(host):
            rule = self._find_scoped(name, host, path) or (self._exact.get(name) if name == host else None)
            rule = rule or self._suffix.get(name)
            if rule:
                return _user_content(rule) if not rule.refused and _is_user_part(host, name) else rule
        if host.endswith(".gov.cn"):
            registered = ".".join(host.split(".")[-3:])
            return _user_content(GOVERNMENT) if _is_user_part(host, registered) else GOVERNMENT
        return UNKNOWN

    def _find_scoped(self, name: str, host: str, path: str) -> Source | None:
        for rule in self._paths.get(name, ()):
            if (rule.match == "suffix" or name == host) and (path == rule.path or path.startswith(rule.path + "/")):
                return rule
        return None


def _with_parents(host: str) -> Iterator[str]:
    """A host and its parent domains, longest first; an IP address alone.

    >>> list(_with_parents("a.gov.cn"))
    ['a.gov.cn', 'gov.cn', 'cn']
    """
    while host:
        yield host
        host = "" if is_address(host) else host.partition(".")[2]


def _is_user_part(host: str, name: str) -> bool:
    """Whether the labels of a host before a rule's domain name a forum, a blog or the like."""
    labels = host[: len(host) - len(name)].split(".")
    return any(label.rstrip("0123456789") in USER_LABELS for label in labels)


def _user_content(rule: Source) -> Source:
    return replace(rule, tier="user_content", status="denied", reason="user_content")


def _names(rules: Iterable[Source]) -> dict[str, Source]:
    """Name to row: refused rows first, rows in review last, and no name that stands for rows of different tiers."""
    rows: dict[str, Source] = {}
    ambiguous = set()
    for rule in sorted(rules, key=lambda rule: (not rule.refused, rule.status == "review")):
        for name in filter(None, map(str.strip, rule.name.split("/"))):
            first = rows.setdefault(name, rule)
            if first.tier != rule.tier and first.status == rule.status and not first.refused:
                ambiguous.add(name)
    return {name: rule for name, rule in rows.items() if name not in ambiguous}
