"""Similarity signatures of texts: the default scheme, and the one that is exchanged with datasketch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.sign import Texts, keys, shingle_hashes, sign, sign_affine

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
    Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching. FOCS 2017.

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
class AffineMinHash:
    """MinHash by affine permutations of 32-bit hashes: datasketch's scheme ``affine32``, value by value.

    Slower than `signatures` on long texts; for exchange with datasketch's `MinHash`, LSH indexes and files.

    Attributes
    ----------
    num_perm : int, default 128
        Permutations, that is slots.
    seed : int, default 1
        Seed of the permutations, as in datasketch.
    width : int, default 5
        Characters of a shingle.

    Examples
    --------
    >>> hasher = AffineMinHash(num_perm=64)
    >>> rows = hasher.signatures(["北京市人民政府办公厅", "北京市人民政府辦公廳"])
    >>> a, b = hasher.to_datasketch(rows)
    >>> a.jaccard(b)
    1.0
    >>> bool((hasher.from_datasketch([a, b]) == rows).all())
    True
    """

    num_perm: int = 128
    seed: int = 1
    width: int = 5

    def __post_init__(self) -> None:
        if self.num_perm < 1:
            raise ValueError(f"num_perm: expected 1 or more, got {self.num_perm}")
        if not 1 <= self.width <= 64:
            raise ValueError(f"width: expected 1 to 64, got {self.width}")

    @cached_property
    def permutations(self) -> tuple[Matrix, Matrix]:
        """Multipliers and increments, each of shape (num_perm,), drawn as datasketch draws them."""
        generator = np.random.RandomState(self.seed)
        a = generator.randint(0, 1 << 31, self.num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
        return a, generator.randint(0, 1 << 32, self.num_perm, dtype=np.uint32)

    def signatures(self, texts: Sequence[str] | pa.Array | pa.ChunkedArray) -> Matrix:
        """Signatures of texts, shape (n, num_perm); parameters as for the function `signatures`."""
        a, b = self.permutations
        rows = [sign_affine(piece, a, b, width=self.width) for piece in pieces(texts)]
        return np.concatenate(rows) if rows else np.empty((0, self.num_perm), np.uint32)

    def hashes(self, text: str) -> Matrix:
        """32-bit shingle hashes of one text: what ``datasketch.MinHash(hashfunc=int).update_batch`` takes."""
        found, _ = shingle_hashes(*keys([text]), width=self.width)
        return found.astype(np.uint32)

    def to_datasketch(self, rows: Matrix) -> list[Any]:
        """Signatures as `datasketch.LeanMinHash`, for its LSH indexes and its byte format."""
        from datasketch import LeanMinHash

        return [LeanMinHash(seed=self.seed, hashvalues=row, scheme="affine32") for row in rows]

    def from_datasketch(self, minhashes: Iterable[Any]) -> Matrix:
        """Rows of `datasketch.MinHash` or `LeanMinHash` objects, shape (n, num_perm).

        Raises
        ------
        ValueError
            An object has another scheme, seed or number of permutations, and could not be compared.
        """
        rows = np.empty((0, self.num_perm), np.uint32)
        found = list(minhashes)
        for position, minhash in enumerate(found):
            kind = (minhash.scheme, minhash.seed, len(minhash.hashvalues))
            if kind != ("affine32", self.seed, self.num_perm):
                raise ValueError(
                    f"minhash {position}: scheme {kind[0]}, seed {kind[1]}, {kind[2]} permutations; "
                    f"expected affine32, {self.seed}, {self.num_perm}"
                )
        return np.stack([m.hashvalues for m in found]).astype(np.uint32) if found else rows
