"""What hits say about benchmarks: how many of their items a corpus holds, how fully, and which hosts carry them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

EDGES = ("0", "0.5", "0.6", "0.7", "0.8", "0.9", "1")
"""A hit is counted under the largest of these that its coverage reaches; 0 is for those found without the question."""
HOSTS = 20
"""Hosts that a report names for each benchmark."""


class Tally:
    """Counts over documents; two tallies add up to that of both corpora.

    Parameters
    ----------
    items : mapping of str to int
        Benchmarks that were looked for, with their number of items; those without a hit are reported too.

    Examples
    --------
    >>> tally = Tally({"demo": 12})
    >>> tally.add([{"benchmark": "demo", "split": "", "item": "3", "rule": "question", "coverage": 1.0}], "a.cn", "cut")
    >>> report = tally.report()["demo"]
    >>> report["items_found"], report["share"], report["documents"], report["hosts"]
    (1, 0.083333, {'cut': 1}, [{'host': 'a.cn', 'documents': 1}])
    """

    def __init__(self, items: Mapping[str, int]) -> None:
        self.items = dict(items)
        self.found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self.hits: Counter[str] = Counter()
        self.documents: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.rules: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.coverage: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.hosts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, hits: Iterable[Mapping[str, Any]], host: str | None, outcome: str) -> None:
        """Count one document.

        Parameters
        ----------
        hits : iterable of mapping
            The document's hits, as the column `contamination` holds them.
        host : str or None
            Where the document is from.
        outcome : str
            What became of the document, such as ``"dropped"``, ``"cut"`` or ``"kept"``.
        """
        hits = list(hits)
        for hit in hits:
            benchmark = str(hit["benchmark"])
            self.found[benchmark].add((str(hit["split"]), str(hit["item"])))
            self.hits[benchmark] += 1
            self.rules[benchmark][str(hit["rule"])] += 1
            reached = max(edge for edge in EDGES if float(edge) <= max(float(hit["coverage"]), 0.0))
            self.coverage[benchmark][reached] += 1
        for benchmark in {str(hit["benchmark"]) for hit in hits}:
            self.documents[benchmark][outcome] += 1
            self.hosts[benchmark][host or ""] += 1

    def __add__(self, other: "Tally") -> "Tally":
        """The tally of both; the numbers of items are those of the left one, where both name them."""
        both = Tally({**other.items, **self.items})
        for part in (self, other):
            both.hits += part.hits
            for benchmark, found in part.found.items():
                both.found[benchmark] |= found
            for name in ("documents", "rules", "coverage", "hosts"):
                for benchmark, counts in getattr(part, name).items():
                    getattr(both, name)[benchmark] += counts
        return both

    def report(self) -> dict[str, dict[str, Any]]:
        """For each benchmark, by name: items, items found and their share, hits, documents, rules, coverage, hosts.

        Returns
        -------
        dict
            ``"items"`` and ``"share"`` are None for a benchmark of unknown size. ``"coverage"`` holds every one of
            `EDGES`. ``"hosts"`` are the first `HOSTS` by number of documents; "" is for those without a host.
        """
        names = sorted({*self.items, *self.hits})
        return {name: self._of(name, self.items.get(name)) for name in names}

    def _of(self, name: str, size: int | None) -> dict[str, Any]:
        hosts = sorted(self.hosts[name].items(), key=lambda host: (-host[1], host[0]))[:HOSTS]
        return {
            "items": size,
            "items_found": len(self.found[name]),
            "share": round(len(self.found[name]) / size, 6) if size else None,
            "hits": self.hits[name],
            "documents": dict(sorted(self.documents[name].items())),
            "rules": dict(sorted(self.rules[name].items())),
            "coverage": {edge: self.coverage[name][edge] for edge in EDGES},
            "hosts": [{"host": host, "documents": count} for host, count in hosts],
        }


def host_of(host: str | None, url: str | None) -> str | None:
    """The host of a document: as the corpus names it, or out of its address.

    >>> host_of(None, "http://www.example.cn:8080/a"), host_of("a.cn", None), host_of(None, "http://[")
    ('www.example.cn', 'a.cn', None)
    """
    if host or not url:
        return host
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
