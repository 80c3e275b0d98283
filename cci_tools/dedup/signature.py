"""Similarity signatures of texts: the default scheme, and the one that is exchanged with datasketch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.sign import SCHEMES, Scheme, Texts, keys, permutations, shingle_hashes, sign, sign_affine

Matrix = npt.NDArray[np.uint32]
EMPTY = np.uint32(0xFFFFFFFF)
"""Every slot of a text without letters and digits."""


def pieces(texts: Any) -> list[Texts]:
    """The texts as one or several arrays, without copying what is Arrow already."""
    if isinstance(texts, str):
        raise TypeError("texts: expected a list of texts, got one text")
    if not isinstance(texts, (list, tuple, pa.Array, pa.ChunkedArray)):
        texts = texts[:]  # a column of a datasets.Dataset: one read of all rows instead of one a row
    return list(texts.chunks) if isinstance(texts, pa.ChunkedArray) else [texts]


def signatures(texts: Sequence[str] | pa.Array | pa.ChunkedArray, *, width: int = 5, slots: int = 128) -> Matrix:
    """MinHash-like signatures of texts by Fast Similarity Sketching.

    What is compared is the matching key: width, case and Traditional/Simplified folded, punctuation and space skipped.

    Parameters
    ----------
    texts : sequence of str, pyarrow string array or chunked array, column of a `datasets.Dataset`
        One document each; a null counts as an empty text.
    width : int, default 5
        Characters of a shingle, 1 to 64. Smaller finds looser similarity.
    slots : int, default 128
        64, 128, 256 or 512. The standard error of an estimate is at most ``sqrt(j * (1 - j) / slots)``: 0.035 at
        j = 0.8 and 128 slots, half as much at four times the slots.

    Returns
    -------
    ndarray of uint32, shape (n, slots)
        Rows to compare with `estimate_jaccard`, or to cut into bands.

    Raises
    ------
    TypeError
        `texts` does not hold strings.
    ValueError
        `width` or `slots` out of range.

    References
    ----------
    Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching, section 2 (the algorithm). FOCS 2017.

    Examples
    --------
    >>> rows = signatures(["春眠不觉晓，处处闻啼鸟。", "春眠不覺曉 處處聞啼鳥", "白日依山尽，黄河入海流。"])
    >>> rows.shape
    (3, 128)
    >>> float(estimate_jaccard(rows[0], rows[1])), float(estimate_jaccard(rows[0], rows[2]))
    (1.0, 0.0)
    """
    rows = [sign(piece, width=width, slots=slots).signatures for piece in pieces(texts)]
    if len(rows) == 1:
        return rows[0]
    return np.concatenate(rows) if rows else np.empty((0, slots), np.uint32)


def estimate_jaccard(a: Matrix, b: Matrix) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of the shingle sets behind signatures of one scheme.

    Parameters
    ----------
    a, b : ndarray of uint32, shape (..., slots)
        Signatures; leading axes broadcast.

    Returns
    -------
    ndarray of float64, shape (...)
        Share of equal slots; 0 for a text without letters and digits, which resembles nothing.

    Raises
    ------
    ValueError
        The signatures have different numbers of slots.
    """
    if a.shape[-1:] != b.shape[-1:]:
        raise ValueError(f"signatures of {a.shape[-1]} and {b.shape[-1]} slots cannot be compared")
    return np.asarray(((a == b) & (a != EMPTY)).mean(axis=-1))


@dataclass(frozen=True, kw_only=True)
class MinHasher:
    """Signatures by a chosen scheme; those of ``affine32`` can be exchanged with datasketch, value by value.

    Attributes
    ----------
    scheme : {"fss", "affine32"}, default "fss"
        Fast Similarity Sketching [1]_, or minima under affine permutations of 32-bit hashes, datasketch's default.
        The latter is faster for texts under 200 characters.
    slots : int, default 128
        Slots of a signature: 64, 128, 256 or 512; any number with "affine32".
    width : int, default 5
        Characters of a shingle.
    seed : int, default 1
        Of the permutations of "affine32", as in datasketch; "fss" has none.

    Raises
    ------
    ValueError
        Another scheme, or a number out of range.

    References
    ----------
    .. [1] Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching, section 2 (the algorithm). FOCS 2017.

    Examples
    --------
    >>> hasher = MinHasher(scheme="affine32", slots=64)
    >>> rows = hasher.signatures(["北京市人民政府办公厅", "北京市人民政府辦公廳"])
    >>> a, b = hasher.to_datasketch(rows)
    >>> a.jaccard(b)
    1.0
    >>> bool((hasher.from_datasketch([a, b]) == rows).all())
    True
    """

    scheme: Scheme = "fss"
    slots: int = 128
    width: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ValueError(f'scheme: expected "fss" or "affine32", got {self.scheme!r}')
        if self.slots not in (64, 128, 256, 512) and (self.scheme == "fss" or self.slots < 1):
            raise ValueError(f"slots: expected 64, 128, 256 or 512 (affine32: 1 or more), got {self.slots}")
        if not 1 <= self.width <= 64:
            raise ValueError(f"width: expected 1 to 64, got {self.width}")

    def signatures(self, texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> Matrix:
        """Signatures of texts, shape (n, slots); parameters as for the function `signatures`."""
        if self.scheme == "fss":
            return signatures(texts, width=self.width, slots=self.slots)
        a, b = permutations(self.slots, self.seed)
        rows = [sign_affine(piece, a, b, width=self.width) for piece in pieces(texts)]
        return np.concatenate(rows) if rows else np.empty((0, self.slots), np.uint32)

    def estimate_jaccard(self, a: Matrix, b: Matrix) -> npt.NDArray[np.float64]:
        """Estimated Jaccard similarity of signatures; see the function `estimate_jaccard`."""
        return estimate_jaccard(a, b)

    def hashes(self, text: str) -> Matrix:
        """32-bit shingle hashes of one text: what ``datasketch.MinHash(hashfunc=int).update_batch`` takes."""
        found, _ = shingle_hashes(*keys([text]), width=self.width)
        return found.astype(np.uint32)

    def to_datasketch(self, rows: Matrix) -> list[Any]:
        """Signatures as `datasketch.LeanMinHash`, for its LSH indexes and its byte format."""
        from datasketch import LeanMinHash

        self._exchanged()
        return [LeanMinHash(seed=self.seed, hashvalues=row, scheme="affine32") for row in rows]

    def from_datasketch(self, minhashes: Iterable[Any]) -> Matrix:
        """Rows of `datasketch.MinHash` or `LeanMinHash` objects, shape (n, slots).

        Raises
        ------
        ValueError
            An object has another scheme, seed or number of permutations, and could not be compared.
        """
        self._exchanged()
        rows = np.empty((0, self.slots), np.uint32)
        found = list(minhashes)
        for position, minhash in enumerate(found):
            kind = (minhash.scheme, minhash.seed, len(minhash.hashvalues))
            if kind != ("affine32", self.seed, self.slots):
                raise ValueError(
                    f"minhash {position}: scheme {kind[0]}, seed {kind[1]}, {kind[2]} permutations; "
                    f"expected affine32, {self.seed}, {self.slots}"
                )
        return np.stack([m.hashvalues for m in found]).astype(np.uint32) if found else rows

    def _exchanged(self) -> None:
        if self.scheme != "affine32":
            raise ValueError(f'datasketch has no scheme {self.scheme}: use MinHasher(scheme="affine32")')
