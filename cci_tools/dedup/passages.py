"""Passages that repeat across documents: count them split by split, learn which are furniture, cut these.

Two things repeat. The short lines of a *site*: navigation, side bars, footers; they are learnt for each host by the
share of its documents that carry them. And *paragraphs*, wherever they stand: disclaimers, adverts, licences; the first
document in input order keeps the one copy. `cci_tools.kernels.passages` says what counts as either, and what is exempt.

    counter = PassageCounter(settings)          # for each split
    counter.add(texts, sites, owners)           # for each batch, in input order
    counter.write(path)
    learn(paths, settings, out)                 # paths in the order of the splits
    cut(texts, sites, owners, load(out, settings), settings)
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.passages import Cut, Keys, count_passages, cut_passages

EDGE_SHARE = 0.5
"""Share of a host's documents that must have the same first or last line, where it is short and its neighbour is not
the same. Page templates reach it; ``公告`` as the title of every fifth document does not."""

MEMORY = 1_000_000_000
"""Bytes that learning takes by default."""

_ENTRY = pa.schema([("key", pa.uint64()), ("group", pa.uint64()), ("documents", pa.uint32())])
_SITES, _LINES, _PARAGRAPHS = range(3)  # the batches of a file
_WORKING = 96  # bytes of memory for an entry while entries are merged
_HELD = 2_000_000  # entries that a counter holds before it merges them
_HOST = r"(?i)^\s*(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/?#\s]*@)?(?:www\.)?(?P<host>[^/:?#@\\\s]+\.[^/:?#@\\\s]+)"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What repeats often enough.

    Parameters
    ----------
    site_lines : bool, default True
        Whether the lines of sites are learnt.
    site_share : float, default 0.1
        Share of a host's documents that must carry a line. Lower finds rarer furniture, and takes headings that a
        series of documents shares.
    site_documents : int, default 50
        Documents that a host must have; of fewer nothing is learnt.
    site_line_characters : int, default 60
        Longest line, in characters of the matching key.
    paragraphs : bool, default True
        Whether repeated paragraphs are learnt.
    paragraph_characters : int, default 50
        Shortest paragraph, in characters of the matching key.
    paragraph_documents : int, default 20
        A paragraph in more documents than these is kept in the first of them only.

    Raises
    ------
    ValueError
        A number is out of range.
    """

    site_lines: bool = True
    site_share: float = 0.1
    site_documents: int = 50
    site_line_characters: int = 60
    paragraphs: bool = True
    paragraph_characters: int = 50
    paragraph_documents: int = 20

    def __post_init__(self) -> None:
        if not 0 < self.site_share <= 1:
            raise ValueError(f"site_share: above 0 and up to 1, got {self.site_share}")
        for name, least in (
            ("site_documents", 2),
            ("site_line_characters", 1),
            ("paragraph_characters", 20),
            ("paragraph_documents", 1),
        ):
            if not least <= getattr(self, name) < 2**31:
                raise ValueError(f"{name}: at least {least}, got {getattr(self, name)}")


class Learnt(NamedTuple):
    """What repeats; written by `learn`, read by `load`."""

    lines: Keys  # ascending
    paragraphs: Keys  # ascending
    owners: Keys  # the document that keeps its copy of each paragraph


NOTHING = Learnt(*(np.empty(0, np.uint64) for _ in Learnt._fields))
"""Nothing repeats."""


def sites_of(urls: pa.Array, sources: pa.Array) -> Keys:
    """Hash of each document's site: the host of its URL without ``www.``, else its source; 0 where it has neither.

    Examples
    --------
    >>> a, b, c, d = sites_of(
    ...     pa.array(["http://www.gov.cn/a", "https://GOV.CN:443/b", None, None]),
    ...     pa.array(["x", None, "某报", None], pa.string()),
    ... )
    >>> bool(a == b), bool(b == c), int(d)
    (True, False, 0)
    """
    hosts = pc.struct_field(pc.extract_regex(urls, _HOST), "host")
    return hashes_of(pc.coalesce(pc.utf8_lower(hosts), sources))


def hashes_of(strings: pa.Array) -> Keys:
    """64-bit hash of each string; 0 for null and the empty string."""
    coded = pc.dictionary_encode(strings)
    hashes = [xxhash.xxh3_64_intdigest(text) if text else 0 for text in coded.dictionary.cast(pa.binary()).to_pylist()]
    places = pc.fill_null(coded.indices, len(hashes)).to_numpy(zero_copy_only=False)
    return np.array([*hashes, 0], np.uint64)[places]


class PassageCounter:
    """Counts the passages of the documents of one split.

    Memory: 20 bytes a different key, at most two keys a line and one a paragraph, and 100 MB while they are merged.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kinds = [_Entries(), _Entries(), _Entries()]

    def add(self, texts: pa.Array, sites: Keys, owners: Keys) -> None:
        """Count the passages of some documents.

        Parameters
        ----------
        texts : pyarrow.Array
            Strings, shape (n,).
        sites, owners : ndarray of uint64, shape (n,)
            Hash of the site of each document (`sites_of`), and of what tells it from all others: its `origin`.
        """
        settings = self._settings
        found = count_passages(
            *text_buffers(texts),
            sites if settings.site_lines else np.zeros(len(sites), np.uint64),
            line_characters=settings.site_line_characters,
            paragraph_characters=settings.paragraph_characters,
        )
        if settings.site_lines:
            counted = sites[found.filled & (sites != 0)]
            self._kinds[_SITES].add(counted, counted)
            self._kinds[_LINES].add(found.line_keys, sites[found.line_texts])
        if settings.paragraphs:
            self._kinds[_PARAGRAPHS].add(found.paragraph_keys, owners[found.paragraph_texts])

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the counts; the file appears under its name when it is complete."""
        _write(path, [kind.merged() for kind in self._kinds], self._settings)


class _Counts(NamedTuple):
    """Entries with each key once, ascending: the group of the first that came, the documents of all."""

    keys: Keys
    groups: Keys
    documents: npt.NDArray[np.uint32]


class _Entries:
    """Entries that are being collected, merged whenever there are too many."""

    def __init__(self) -> None:
        self._parts: list[_Counts] = []
        self._held = 0

    def add(self, keys: Keys, groups: Keys) -> None:
        self._parts.append(_Counts(keys, groups, np.ones(len(keys), np.uint32)))
        self._held += len(keys)
        if self._held >= _HELD:
            self._parts = [self.merged()]
            self._held = 0

    def merged(self) -> _Counts:
        return _merge(self._parts)


def _merge(parts: Sequence[_Counts]) -> _Counts:
    if not parts:
        return _Counts(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.uint32))
    keys, groups, documents = (np.concatenate([part[i] for part in parts]) for i in range(3))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else order
    total = np.add.reduceat(documents[order], first) if len(keys) else documents
    return _Counts(keys[first], groups[order[first]], total.astype(np.uint32))


def learn(
    paths: Sequence[str | os.PathLike[str]], settings: Settings, out: str | os.PathLike[str], *, memory: int = MEMORY
) -> None:
    """Learn from the counts of all splits which passages repeat.

    Parameters
    ----------
    paths : sequence of path
        Files of `PassageCounter.write`, in the order of the splits: of a repeated paragraph the first document keeps
        its copy.
    settings : Settings
        Those by which the passages were counted; the shares and documents may be others.
    out : path
        File to write, for `load`.
    memory : int
        Bytes to take. Less means more rounds over the files, never another result.

    Raises
    ------
    ValueError
        A file was counted with another length of lines or paragraphs.
    """
    files = [_read(path, settings) for path in paths]
    sites = _merge([file[_SITES] for file in files])
    large = sites.documents >= settings.site_documents
    hosts, documents = sites.keys[large], sites.documents[large]

    lines = [NOTHING.lines]
    for counts in _merged_ranges([file[_LINES] for file in files], memory, hosts):
        of_host = documents[np.searchsorted(hosts, counts.groups)]
        edge = (counts.keys & np.uint64(1)).astype(bool)
        share = np.where(edge, max(EDGE_SHARE, settings.site_share), settings.site_share)
        lines.append(counts.keys[counts.documents >= share * of_host])
    paragraphs, owners = [NOTHING.paragraphs], [NOTHING.owners]
    for counts in _merged_ranges([file[_PARAGRAPHS] for file in files], memory):
        often = counts.documents > settings.paragraph_documents
        paragraphs.append(counts.keys[often])
        owners.append(counts.groups[often])
    found = Learnt(np.concatenate(lines), np.concatenate(paragraphs), np.concatenate(owners))
    none = np.zeros(0, np.uint64)
    tables = [_plain(none, none), _plain(found.lines, found.lines), _plain(found.paragraphs, found.owners)]
    _write(out, tables, settings)


def _plain(keys: Keys, groups: Keys) -> _Counts:
    return _Counts(keys, groups, np.zeros(len(keys), np.uint32))


def _merged_ranges(files: Sequence[_Counts], memory: int, groups: Keys | None = None) -> Iterator[_Counts]:
    """All entries, merged, a range of keys after the other; those of other groups are left out."""
    if groups is not None and not len(groups):
        return
    total = sum(len(file.keys) for file in files)
    rounds = max(1, -(-total * _WORKING // memory))
    bounds = [i * 2**64 // rounds for i in range(1, rounds)]
    cuts = [np.searchsorted(file.keys, np.array(bounds, np.uint64)) for file in files]
    for number in range(rounds):
        parts = []
        for file, at in zip(files, cuts, strict=True):
            begin = int(at[number - 1]) if number else 0
            end = int(at[number]) if number < rounds - 1 else len(file.keys)
            part = _Counts(*(column[begin:end] for column in file))
            if groups is not None:
                place = np.minimum(np.searchsorted(groups, part.groups), len(groups) - 1)
                chosen = groups[place] == part.groups
                part = _Counts(*(column[chosen] for column in part))
            parts.append(part)
        yield _merge(parts)


def load(path: str, settings: Settings) -> Learnt:
    """Read what `learn` wrote; an empty path holds nothing. It is kept in memory for further calls.

    Raises
    ------
    ValueError
        The file is of another kind, or was learnt with another length of lines or paragraphs.
    """
    return _load(path, os.stat(path).st_mtime_ns, settings) if path else NOTHING


@lru_cache(maxsize=2)
def _load(path: str, modified: int, settings: Settings) -> Learnt:
    file = _read(path, settings)
    lines = file[_LINES].keys if settings.site_lines else NOTHING.lines
    if not settings.paragraphs:
        return Learnt(lines, NOTHING.paragraphs, NOTHING.owners)
    return Learnt(lines, file[_PARAGRAPHS].keys, file[_PARAGRAPHS].groups)


def cut(texts: pa.Array, sites: Keys, owners: Keys, learnt: Learnt, settings: Settings) -> Cut:
    """Texts without what repeats; see `cci_tools.kernels.passages.cut_passages`."""
    return cut_passages(
        *text_buffers(texts),
        sites,
        owners,
        site_keys=learnt.lines,
        paragraph_keys=learnt.paragraphs,
        paragraph_owners=learnt.owners,
        line_characters=settings.site_line_characters,
        paragraph_characters=settings.paragraph_characters,
    )


def _lengths(settings: Settings) -> bytes:
    return f"passages-1 {settings.site_line_characters} {settings.paragraph_characters}".encode()


def _write(path: str | os.PathLike[str], tables: Iterable[_Counts], settings: Settings) -> None:
    kind = _ENTRY.with_metadata({"passages": _lengths(settings)})
    unfinished = Path(f"{os.fspath(path)}.unfinished")
    with pa.OSFile(str(unfinished), "wb") as sink, pa.ipc.new_file(sink, kind) as writer:
        for table in tables:
            writer.write_batch(pa.RecordBatch.from_arrays([pa.array(column) for column in table], schema=kind))
    os.replace(unfinished, path)


def _read(path: str | os.PathLike[str], settings: Settings) -> list[_Counts]:
    """The batches of a file, mapped into memory."""
    try:
        file = pa.ipc.open_file(pa.memory_map(os.fspath(path)))
        found = (file.schema.metadata or {}).get(b"passages", b"")
    except pa.ArrowInvalid:
        found = b""
    if found != _lengths(settings):
        wanted = _lengths(settings).decode()
        raise ValueError(f"{os.fspath(path)}: holds {found.decode() or 'no passages'!r}, expected {wanted!r}")
    batches = (file.get_batch(i) for i in range(file.num_record_batches))
    return [_Counts(*(column.to_numpy() for column in batch.columns)) for batch in batches]
