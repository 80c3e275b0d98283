"""What reading found in each input file: documents, unreadable ones, encodings other than UTF-8, lost characters."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_PLACE = r"#[a-z]+=[0-9]+$"
_TOLD = r'"charset":"(?P<charset>[\w.-]+)","damage":(?P<damage>[0-9]+)\}$'  # how the readers of text end `meta`


class FileCounts:
    """Counts by file over the batches of a split.

    Examples
    --------
    >>> from cci_tools.stage import make_batch
    >>> told = [None, '{"charset":"hz","damage":2}']
    >>> batch = make_batch(["甲", "乙"], origin=["a.txt#byte=0", "a.txt#byte=9"], meta=told)
    >>> counts = FileCounts()
    >>> _ = list(counts.watch([batch]))
    >>> counts.to_dict()
    {'a.txt': {'documents': 2, 'unreadable': 0, 'damage': 2, 'charsets': {'hz': 1}}}
    """

    def __init__(self) -> None:
        self._documents: Counter[str] = Counter()
        self._unreadable: Counter[str] = Counter()
        self._damage: Counter[str] = Counter()
        self._charsets: Counter[tuple[str, str]] = Counter()

    def watch(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they come from a reader, each counted before it is handed on."""
        for batch in batches:
            self._count(batch)
            yield batch

    def _count(self, batch: pa.RecordBatch) -> None:
        files = pc.replace_substring_regex(batch.column("origin"), pattern=_PLACE, replacement="")
        self._documents.update(_tally(files))
        self._unreadable.update(_tally(files.filter(pc.is_valid(batch.column("reason")))))
        told = pc.extract_regex(batch.column("meta"), pattern=_TOLD)
        rows = pc.is_valid(told)
        for file, row in zip(files.filter(rows).to_pylist(), told.filter(rows).to_pylist(), strict=True):
            self._charsets[file, row["charset"]] += 1
            self._damage[file] += int(row["damage"])

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Counts of each file, or member of an archive, in the order in which they came."""
        counts: dict[str, dict[str, Any]] = {
            file: {"documents": n, "unreadable": self._unreadable[file], "damage": self._damage[file], "charsets": {}}
            for file, n in self._documents.items()
        }
        for (file, charset), n in self._charsets.items():
            counts[file]["charsets"][charset] = n
        return counts


def _tally(files: pa.Array) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in files.value_counts().to_pylist()}


def with_counts(files: Sequence[Mapping[str, Any]], splits: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows about input files, each with what all splits counted in it and in its members.

    >>> member = {"documents": 1, "unreadable": 0, "damage": 0, "charsets": {}}
    >>> with_counts([{"name": "a.zip"}], [{"a.zip!1.txt": member}])
    [{'name': 'a.zip', 'documents': 1, 'unreadable': 0, 'damage': 0, 'charsets': {}}]
    """
    rows = [{**file, "documents": 0, "unreadable": 0, "damage": 0, "charsets": {}} for file in files]
    by_name = {row["name"]: row for row in rows}
    for split in splits:
        for name, counts in split.items():
            row = by_name.get(name) or by_name.get(_archive(name, by_name))
            if row is None:  # of a file that is no input: nothing is said rather than something wrong
                continue
            for key in ("documents", "unreadable", "damage"):
                row[key] += counts[key]
            row["charsets"] = dict(sorted((Counter(row["charsets"]) + Counter(counts["charsets"])).items()))
    return rows


def _archive(name: str, known: Mapping[str, Any]) -> str:
    """The archive of a member: what comes before the first "!" that makes it a known name."""
    at = name.find("!")
    while at >= 0 and name[:at] not in known:
        at = name.find("!", at + 1)
    return name[:at] if at >= 0 else ""
