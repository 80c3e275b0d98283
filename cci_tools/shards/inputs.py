"""What to read: files, folders and globs become a list of files, and nothing is passed over unsaid."""

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from cci_tools.shards.compression import SUFFIXES

FORMATS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".warc": "warc",
    ".wet": "warc",
    ".zip": "zip",
    ".tar": "tar",
}
"""File name endings, and the reader that takes them."""

SHORT = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}
"""Endings that stand for two."""

SPECIAL = "not a regular file but a pipe, a socket or a device"
"""Why a path is not read: a pipe without a writer would be waited for without end."""


class InputError(Exception):
    """The inputs cannot be used; the message names the path and the remedy."""


@dataclass(frozen=True)
class SourceFile:
    """A file to read.

    Attributes
    ----------
    path : str
        Where it is.
    name : str
        How `origin` calls it, unlike any other file of the run: its path from the folder that was given as input, that
        folder's name included; where two files would have the same, the path as given, or the absolute path.
    format : str
        A value of `FORMATS`.
    compression : str
        A value of `compression.SUFFIXES`, or ``""``.
    stored_bytes, modified : int
        Size and time of change (nanoseconds) when the inputs were listed; 0 where it could not be asked.
    position : int
        Number in the list of inputs.
    """

    path: str
    name: str
    format: str
    compression: str
    stored_bytes: int
    modified: int
    position: int

    def check(self) -> None:
        """Raise `InputError` if the file is not as it was when it was listed: half of each would be no corpus."""
        if (self.stored_bytes, self.modified) != (0, 0) and _status(self.path) != (self.stored_bytes, self.modified):
            raise InputError(f"{self.name}: changed while it was read; run again with --overwrite")


@dataclass(frozen=True)
class Inputs:
    """The files of a run, in order, and the paths that are no input with the reason why."""

    files: list[SourceFile]
    skipped: list[str]

    @property
    def stored_bytes(self) -> int:
        """Bytes of all files as they are on the disk."""
        return sum(file.stored_bytes for file in self.files)


def inputs(paths: Sequence[str | os.PathLike[str]]) -> Inputs:
    """List the files to read.

    Parameters
    ----------
    paths : sequence of str or PathLike
        Files, folders (read to any depth, in alphabetical order; symbolic links are followed) and globs
        (``dumps/**/*.jsonl.zst``), in the order to read them.

    Returns
    -------
    Inputs
        In folders and globs, hidden files, files of an unknown kind, pipes and devices are skipped, and listed as
        skipped. Of a folder
        that an earlier run left, only ``data/`` is read.

    Raises
    ------
    InputError
        A path does not exist, a glob matches nothing, a file is a pipe or of an unknown kind, or nothing is left
        to read.
    """
    found: list[tuple[str, str]] = []  # path, name
    skipped: list[str] = []
    for path in [os.fspath(path) for path in paths]:
        if os.path.isdir(path):
            found += _folder(path, skipped)
        elif os.path.lexists(path):
            if kind_of(path) is None:
                raise InputError(f"{printable(path)}: not a kind of file that is read; it must end in {_endings()}")
            if _is_special(path):
                raise InputError(f"{printable(path)}: {SPECIAL}; write its bytes to a file first")
            found.append((path, os.path.basename(path)))
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))
            if not matches:
                raise InputError(f"{printable(path)}: no file matches")
            for match in matches:
                if os.path.isdir(match):
                    if "**" not in path:  # which has listed what is inside as well
                        found += _folder(match, skipped)
                elif kind_of(match) is None:
                    skipped.append(f"{printable(match)}: unknown kind of file")
                elif _is_special(match):
                    skipped.append(f"{printable(match)}: {SPECIAL}")
                else:
                    found.append((match, os.path.basename(match)))
        else:
            raise InputError(f"{printable(path)}: no such file or folder")
    files = list(_files(found, skipped))
    if not files:
        what = f"; skipped {len(skipped)} others, the first is {skipped[0]}" if skipped else ""
        raise InputError(
            f"{printable(', '.join(str(path) for path in paths)) or 'no input'}: nothing to read: no {_endings()}{what}"
        )
    return Inputs(files, skipped)


def kind_of(path: str) -> tuple[str, str] | None:
    """Format and compression of a file by its name, or None.

    >>> kind_of("dump.jsonl.zst"), kind_of("a.TXT"), kind_of("pages.tgz"), kind_of("a.zst")
    (('jsonl', 'zstd'), ('text', ''), ('tar', 'gzip'), None)
    """
    stem, ending = os.path.splitext(path.lower())
    if ending in SHORT:
        stem, ending = os.path.splitext(stem + SHORT[ending])
    compression = SUFFIXES.get(ending, "")
    if compression:
        ending = os.path.splitext(stem)[1]
    return (FORMATS[ending], compression) if ending in FORMATS else None


def printable(path: str) -> str:
    """A path as text: bytes of a file name that are not UTF-8 are written as ``\\xd6``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:  # a link to nowhere: reading it says why, in a reject
        return False


def _endings() -> str:
    return f"{' '.join([*FORMATS, *SHORT])} (or one of these with {' '.join(SUFFIXES)})"


def _folder(top: str, skipped: list[str]) -> Iterator[tuple[str, str]]:
    """Files below a folder, with their names from that folder on."""
    parent = os.path.dirname(os.path.abspath(top))
    seen = {os.path.realpath(top)}

    def unreadable(error: OSError) -> None:
        skipped.append(f"{printable(error.filename)}: {error.strerror}")

    for folder, folders, names in os.walk(top, followlinks=True, onerror=unreadable):
        corpus = "manifest.json" in names and {"data", "rejects"} <= set(folders)  # what a run left: read what it kept
        for name in sorted(names):
            path = os.path.join(folder, name)
            if corpus:
                skipped.append(f"{printable(path)}: of a corpus, whose data/ is read")
            elif name.startswith("."):
                skipped.append(f"{printable(path)}: hidden")
            elif kind_of(path) is None:
                skipped.append(f"{printable(path)}: unknown kind of file")
            elif _is_special(path):
                skipped.append(f"{printable(path)}: {SPECIAL}")
            else:
                yield path, os.path.relpath(os.path.abspath(path), parent)
        inside = []
        for name in sorted(folders):
            path = os.path.join(folder, name)
            real = os.path.realpath(path)
            if corpus and name != "data":
                skipped.append(f"{printable(path)}: of a corpus, whose data/ is read")
            elif name.startswith("."):
                skipped.append(f"{printable(path)}: hidden")
            elif real in seen:
                skipped.append(f"{printable(path)}: a link to a folder that is read already")
            else:
                seen.add(real)
                inside.append(name)
        folders[:] = inside


def _files(found: Sequence[tuple[str, str]], skipped: list[str]) -> Iterator[SourceFile]:
    unique: dict[str, tuple[str, str]] = {}
    for path, name in found:
        if os.path.abspath(path) in unique:
            skipped.append(f"{printable(path)}: given twice")
        else:
            unique[os.path.abspath(path)] = path, name
    chosen = list(unique.values())
    for position, ((path, _), name) in enumerate(zip(chosen, _names(chosen), strict=True)):
        kind = kind_of(path)
        assert kind is not None
        yield SourceFile(path, name, *kind, *_status(path), position)


def _status(path: str) -> tuple[int, int]:
    """Size and time of change; zeros where they cannot be asked: reading says why, in a reject."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _names(found: Sequence[tuple[str, str]]) -> list[str]:
    """A name for each file that no other has: from the folder given, else as the path is given, else the whole path."""
    forms = [(printable(name), printable(path), printable(os.path.abspath(path))) for path, name in found]
    levels = [0] * len(forms)
    while True:
        names = [form[level] for form, level in zip(forms, levels, strict=True)]
        counts = Counter(names)
        rising = [file for file, name in enumerate(names) if counts[name] > 1 and levels[file] < 2]
        if not rising:
            break
        for file in rising:
            levels[file] += 1
    taken, seen = set(names), set[str]()
    for file, name in enumerate(names):
        if name in seen:  # paths that differ only in how bytes that are not UTF-8 are written
            names[file] = next(new for number in count(2) if (new := f"{name} ({number})") not in taken)
            taken.add(names[file])
        seen.add(name)
    return names
