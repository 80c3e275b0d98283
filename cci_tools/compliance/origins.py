"""What is said of whole input files: a name for each pattern that their path fits."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_PLACE = r"#(?:byte|row)=\d+$"  # what follows the file in an origin


def name_of_file(file: str, names: Mapping[str, str]) -> str | None:
    """The name for a file: that of the last pattern that fits.

    A pattern without a slash is compared with the file's own name, one with a slash with its path or the end of it;
    ``*`` stands for anything, slashes too.

    Examples
    --------
    >>> names = {"*": "甲", "gov*.jsonl": "乙", "dumps/b/*": "丙"}
    >>> [name_of_file(file, names) for file in ("x/gov1.jsonl", "/data/dumps/b/y.csv", "z.txt")]
    ['乙', '丙', '甲']
    """
    found = None
    for pattern, name in names.items():
        if "/" in pattern:
            fits = fnmatchcase(file, pattern) or fnmatchcase(file, f"*/{pattern}")
        else:
            fits = fnmatchcase(file.rpartition("/")[2], pattern)
        if fits:
            found = name
    return found


def names_of_origins(origins: pa.Array, names: Mapping[str, str]) -> pa.Array:
    """The name for each document, from the file part of its `origin`; null where no pattern fits.

    Parameters
    ----------
    origins : pyarrow.Array
        `string`, shape (n,), such as ``dumps/a.jsonl#byte=12``.
    names : mapping of str to str
        Pattern to name, see `name_of_file`.
    """
    if not names:
        return pa.nulls(len(origins), pa.string())
    files = pc.replace_substring_regex(origins, _PLACE, "").dictionary_encode()
    found = pa.array([name_of_file(file, names) for file in files.dictionary.to_pylist()], pa.string())
    codes: npt.NDArray[np.int32] = files.indices.to_numpy(zero_copy_only=False)
    return found.take(pa.array(codes))
