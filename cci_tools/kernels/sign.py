"""Signing: the matching key, its digest and its similarity signature, in one pass over the UTF-8 bytes.

The formats, `SCHEMES`, are written down in ``src/sign.hpp``; ``src/fold.hpp`` says what the key is.

Which scheme is the faster one depends on the length of the texts. Nanoseconds a text, 128 slots, on one Zen 4 core with
AVX-512, as ``benchmarks/kernels/minhash.py`` prints them:

========== ===== ===== ===== ===== ===== ===== =====
characters    20    40    80   120   200   400  1000
========== ===== ===== ===== ===== ===== ===== =====
fss         1324   839   624   588   583   751  1507
affine32     109   152   233   325   512   987  2520
========== ===== ===== ===== ===== ===== ===== =====

They cross near 250 characters; near 220 with AVX2 and 125 with SSE4. The slots of the two cannot be compared, so it is
chosen for a corpus and not for a document.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers

Scheme: TypeAlias = Literal["fss", "affine32"]

SCHEMES: dict[Scheme, str] = {"fss": "fss-1", "affine32": "affine32-1"}
"""Names of the signature formats: the fold table, the shingle hash, the sketch and the digest together."""

Texts: TypeAlias = Sequence[str] | pa.Array | pa.ChunkedArray | tuple[Bytes, Offsets]
Codes = npt.NDArray[np.uint32]


class Signatures(NamedTuple):
    """What `sign` returns; row i belongs to text i.

    Attributes
    ----------
    signatures : ndarray of uint32, shape (n, slots)
        The share of equal slots of two rows estimates the Jaccard similarity of the two texts' shingle sets.
        All 0xFFFFFFFF where the key is empty.
    digests : ndarray of uint64, shape (n, 2)
        High and low half of the key's 128-bit digest; equal keys, and practically only those, have equal digests.
    key_lengths : ndarray of int32, shape (n,)
        Characters of the key, 0 where a text has neither letters nor digits.
    """

    signatures: npt.NDArray[np.uint32]
    digests: npt.NDArray[np.uint64]
    key_lengths: npt.NDArray[np.int32]


def _buffers(texts: Texts) -> tuple[Bytes, Offsets]:
    if isinstance(texts, tuple) and len(texts) == 2 and isinstance(texts[0], np.ndarray):
        return cast(tuple[Bytes, Offsets], texts)
    return text_buffers(cast(Sequence[str], texts))


@cache
def permutations(count: int, seed: int = 1) -> tuple[Codes, Codes]:
    """Multipliers and increments of the scheme ``affine32``, each of shape (count,), as datasketch draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, generator.randint(0, 1 << 32, count, dtype=np.uint32)


def sign(texts: Texts, *, width: int = 5, slots: int = 128, seed: int = 0, scheme: Scheme = "fss") -> Signatures:
    """Signature, digest and key length of each text.

    Parameters
    ----------
    texts : sequence of str, pyarrow string array, or (values, offsets)
        The texts, or their buffers as `text_buffers` gives them. Any bytes are accepted: what is not UTF-8 counts as
        U+FFFD, which the key skips.
    width : int, default 5
        Characters of a shingle, 1 to 64. A key that is shorter counts as one shingle.
    slots : int, default 128
        Slots of a signature: 64, 128, 256 or 512. The standard error of an estimate is at most
        ``sqrt(j * (1 - j) / slots)``.
    seed : int, default 0
        Chooses the shingle hash. Signatures of different seeds cannot be compared.
    scheme : {"fss", "affine32"}
        How slots are filled: by Fast Similarity Sketching, or by the minima under `permutations`, datasketch's
        ``affine32``, which is faster for texts under 250 characters and estimates a little less exactly. Signatures of
        different schemes cannot be compared.

    Returns
    -------
    Signatures
        Arrays of one row for each text.

    Raises
    ------
    ValueError
        `width` or `slots` out of range, or another scheme.

    Examples
    --------
    >>> result = sign(["臺灣的圖書館。", "台湾的图书馆"])
    >>> bool((result.digests[0] == result.digests[1]).all()), result.key_lengths.tolist()
    (True, [6, 6])
    """
    values, offsets = _buffers(texts)
    count = len(offsets) - 1
    result = Signatures(np.empty((count, slots), np.uint32), np.empty((count, 2), np.uint64), np.empty(count, np.int32))
    if scheme not in SCHEMES:
        raise ValueError(f'scheme = {scheme!r}: "fss" or "affine32"')
    core.sign(values, offsets, width, seed, *result, *(permutations(slots) if scheme == "affine32" else ()))
    return result


def sign_affine(
    texts: Texts, a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32], *, width: int = 5, seed: int = 0
) -> npt.NDArray[np.uint32]:
    """Minima of each text's shingles under given affine permutations: datasketch's scheme ``affine32``.

    Parameters
    ----------
    texts : sequence of str, pyarrow string array, or (values, offsets)
        As for `sign`.
    a, b : ndarray of uint32, shape (k,)
        Slot i is the smallest ``a[i] * h + b[i]`` modulo 2**32, where h is MurmurHash3's finaliser of the low 32 bits
        of a shingle hash; `a` must be odd for a permutation.
    width, seed : int
        As for `sign`.

    Returns
    -------
    ndarray of uint32, shape (n, k)
        All 0xFFFFFFFF where the key is empty.
    """
    values, offsets = _buffers(texts)
    result = np.empty((len(offsets) - 1, len(a)), np.uint32)
    core.sign_affine(values, offsets, width, seed, a, b, result)
    return result


def keys(texts: Texts) -> tuple[Codes, Offsets]:
    """The matching keys themselves: folded code points.

    Parameters
    ----------
    texts : sequence of str, pyarrow string array, or (values, offsets)
        As for `sign`.

    Returns
    -------
    codes : ndarray of uint32
        The code points of all keys.
    offsets : ndarray of int64, shape (n + 1,)
        Key i is ``codes[offsets[i]:offsets[i + 1]]``.

    Examples
    --------
    >>> codes, offsets = keys(["第 １ 條：ABC", "！"])
    >>> "".join(map(chr, codes)), offsets.tolist()
    ('第1条abc', [0, 6, 6])
    """
    values, offsets = _buffers(texts)
    codes = np.empty(int(offsets[-1] - offsets[0]), np.uint32)
    ends = np.empty(len(offsets), np.int64)
    core.keys(values, offsets, codes, ends)
    return codes[: ends[-1]], ends


def shingle_hashes(
    codes: Codes, offsets: Offsets, *, width: int = 5, seed: int = 0
) -> tuple[npt.NDArray[np.uint64], Offsets]:
    """64-bit hashes of the shingles of keys, in order and with repeats.

    Parameters
    ----------
    codes, offsets : ndarray
        As `keys` returns them.
    width, seed : int
        As for `sign`.

    Returns
    -------
    hashes : ndarray of uint64
        The hashes of all keys.
    offsets : ndarray of int64, shape (n + 1,)
        Those of key i are ``hashes[offsets[i]:offsets[i + 1]]``.
    """
    hashes = np.empty(len(codes), np.uint64)
    ends = np.empty(len(offsets), np.int64)
    core.shingle_hashes(codes, offsets, width, seed, hashes, ends)
    return hashes[: ends[-1]], ends
