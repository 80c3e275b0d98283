"""N-grams of the matching key: their hashes, and where those of a given set occur in texts."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import text_buffers

SCHEME = f"1-{core.key_digest():016x}"
"""Names the hash and the matching key; hashes of different schemes must not be compared."""


class Ngrams(NamedTuple):
    """Hashes of the n-grams of some texts."""

    hashes: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]  # shape (n + 1,): those of text i are hashes[offsets[i]:offsets[i + 1]]


class Positions(NamedTuple):
    """Where the characters of the matching key stand in their texts."""

    characters: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]  # shape (n + 1,)


class Found(NamedTuple):
    """N-grams of a set that occur in some texts, in the order of the texts."""

    positions: npt.NDArray[np.int64]  # number of the n-gram's first character in the text's key
    numbers: npt.NDArray[np.uint32]  # number of the n-gram in the set
    offsets: npt.NDArray[np.int64]  # shape (n + 1,): those of text i are positions[offsets[i]:offsets[i + 1]]


class ProbeSet(NamedTuple):
    """Distinct n-gram hashes, made for look-up: a Bloom filter and the table behind it."""

    bloom: npt.NDArray[np.uint64]
    slots: npt.NDArray[np.uint64]


def ngram_hashes(texts: Any, width: int) -> Ngrams:
    """Hashes of all n-grams of the matching key of each text, in order.

    Width, case and Traditional/Simplified make no difference, punctuation and space are skipped. A text whose key is
    shorter than `width` gives one hash, that of its whole key: the same that ``width=len(key)`` gives. An empty key
    gives none.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        The texts; a null counts as empty.
    width : int
        Characters of the key in an n-gram, 1 to 1024.

    Returns
    -------
    Ngrams
        `hashes` (uint32) and `offsets`.

    Examples
    --------
    >>> ngrams = ngram_hashes(["竹林深处，溪水较清", "竹林深處溪水較清！", "竹"], 4)
    >>> ngrams.offsets.tolist()
    [0, 5, 10, 11]
    >>> bool((ngrams.hashes[:5] == ngrams.hashes[5:10]).all())
    True
    """
    return Ngrams(*core.ngram_hashes(*text_buffers(texts), width))


def key_positions(texts: Any) -> Positions:
    """Character number in the text of each character of its matching key.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        The texts.

    Returns
    -------
    Positions
        `characters` (int64, indices into the `str`) and `offsets`.

    Examples
    --------
    >>> key_positions(["“中 文”"]).characters.tolist()
    [1, 3]
    """
    return Positions(*core.key_positions(*text_buffers(texts)))


def probe_set(hashes: npt.NDArray[np.uint32]) -> ProbeSet:
    """Make distinct n-gram hashes ready for `find_ngrams`; an n-gram's number is its place in `hashes`.

    Parameters
    ----------
    hashes : ndarray of uint32, shape (n,)
        Distinct hashes. The Bloom filter takes at least 16 bits a hash up to 2 MB, 8 beyond; the table 16 to 32 bytes.

    Raises
    ------
    ValueError
        A hash occurs twice.
    """
    return ProbeSet(*core.probe_set(np.ascontiguousarray(hashes, np.uint32)))


def find_ngrams(texts: Any, width: int, ngrams: ProbeSet) -> Found:
    """Every place where an n-gram of the set occurs in the matching keys of texts.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        The texts; memory does not grow with their length.
    width : int
        The n-gram width that the set was hashed with.
    ngrams : ProbeSet
        What `probe_set` returned.

    Returns
    -------
    Found
        `positions`, `numbers` and `offsets`.

    Examples
    --------
    >>> ngrams = probe_set(ngram_hashes(["溪水较清"], 4).hashes)
    >>> found = find_ngrams(["竹林深处，溪水较清的地方", "无关的一句话"], 4, ngrams)
    >>> found.positions.tolist(), found.offsets.tolist()
    ([4], [0, 1, 1])
    """
    return Found(*core.find_ngrams(*text_buffers(texts), width, ngrams.bloom, ngrams.slots))
