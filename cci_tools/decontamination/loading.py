"""Indexes and frequencies by the names that a recipe gives them, loaded once a process."""

import functools
from collections.abc import Iterable
from pathlib import Path

from cci_tools.decontamination.frequencies import load_frequencies
from cci_tools.decontamination.index import load_index, merge_indexes
from cci_tools.decontamination.match import Matcher
from cci_tools.resources import resolve


def index_files(indexes: Iterable[str]) -> list[Path]:
    """The index files meant: a folder means all ``*.idx`` in it, sorted by name.

    Raises
    ------
    FileNotFoundError
        A path does not exist, or a folder holds no index.
    """
    found: list[Path] = []
    for name in indexes:
        path = resolve(name)
        inside = sorted(path.glob("*.idx")) if path.is_dir() else [path]
        if not inside or not all(p.is_file() for p in inside):
            raise FileNotFoundError(f"{path}: no benchmark index (*.idx); build one with `cci-clean index benchmarks`")
        found += inside
    return found


@functools.cache
def load_matcher(indexes: tuple[str, ...], frequencies: str = "") -> Matcher:
    """A matcher of all items of some indexes.

    Parameters
    ----------
    indexes : tuple of str
        Index files, or folders of them.
    frequencies : str, default ""
        File of `Frequencies` that were counted for these indexes; none where it is empty.

    Raises
    ------
    FileNotFoundError, ValueError
        A file is missing, damaged, or was made for something else; the message names it.
    """
    index = merge_indexes([load_index(path) for path in index_files(indexes)])
    if not frequencies:
        return Matcher(index)
    path = resolve(frequencies)
    try:
        return Matcher(index, load_frequencies(path).of(index))
    except ValueError as error:
        raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
