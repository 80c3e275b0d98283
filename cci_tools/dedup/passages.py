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
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cci_tools.dedup.passage_counts import Collector, Counts, as_counts, merge, merged_ranges, read_counts, write_counts
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.passages import Cut, Keys, count_passages, cut_passages

FREQUENT = 0.5
"""Share of a host's documents that must have a line of less certain kind: a short line known only as the first or the
last, a sentence of more than 30 characters, a line without Hanzi. Page templates reach it; ``公告`` as the title of
every fifth document does not."""

MEMORY = 1_000_000_000
"""Bytes that learning takes by default."""

_SITES, _LINES, _PARAGRAPHS = range(3)  # the kinds of counts in a file
_NONE = as_counts(np.empty(0, np.uint64), np.empty(0, np.uint64))
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

    @property
    def label(self) -> str:
        """What counts must have been counted with to be used together."""
        return f"passages-1 {self.site_line_characters} {self.paragraph_characters}"


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
    result: Keys = np.array([*hashes, 0], np.uint64)[places]
    return result


class PassageCounter:
    """Counts the passages of the documents of one split.

    Memory: 20 bytes for each different key of a million entries; a line has up to two, a paragraph one. Measured on
    news, statutes, verse and web pages: 8 MB for a million lines, and 100 MB to work in.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kinds = [Collector(), Collector(), Collector()]

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
        write_counts(path, [kind.runs() for kind in self._kinds], self._settings.label)


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
    kinds: list[list[Counts]] = [[], [], []]
    for path in paths:
        for kind, runs in zip(kinds, read_counts(path, settings.label), strict=True):
            kind += runs
    sites = merge(kinds[_SITES])
    large = sites.documents >= settings.site_documents
    hosts, documents = sites.keys[large], sites.documents[large]

    lines, paragraphs = [_NONE], [_NONE]
    for counts in merged_ranges(kinds[_LINES], memory, hosts) if len(hosts) else ():
        of_host = documents[np.searchsorted(hosts, counts.groups)]
        frequent = (counts.keys & np.uint64(1)).astype(bool)
        share = np.where(frequent, max(FREQUENT, settings.site_share), settings.site_share)
        lines.append(_only(counts, counts.documents >= share * of_host))
    for counts in merged_ranges(kinds[_PARAGRAPHS], memory):
        paragraphs.append(_only(counts, counts.documents > settings.paragraph_documents))
    write_counts(out, [[], [merge(lines)], [merge(paragraphs)]], settings.label)


def _only(counts: Counts, mask: npt.NDArray[np.bool_]) -> Counts:
    return Counts(counts.keys[mask], counts.groups[mask], counts.documents[mask])


def load(path: str, settings: Settings) -> Learnt:
    """Read what `learn` wrote; an empty path holds nothing. It is kept in memory for further calls.

    Raises
    ------
    ValueError
        The file is of another kind, or was learnt with another length of lines or paragraphs.
    """
    if not path:
        return NOTHING
    status = os.stat(path)
    # The time alone is too coarse to tell two files that were written one right after the other.
    return _load(path, (status.st_ino, status.st_size, status.st_mtime_ns), settings)


@lru_cache(maxsize=2)
def _load(path: str, state: tuple[int, int, int], settings: Settings) -> Learnt:
    file = read_counts(path, settings.label)
    lines = merge(file[_LINES]) if settings.site_lines else _NONE
    paragraphs = merge(file[_PARAGRAPHS]) if settings.paragraphs else _NONE
    return Learnt(lines.keys, paragraphs.keys, paragraphs.groups)


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
