"""What a search for candidate pairs reads and finds."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.dedup.bands import Banding
from cci_tools.kernels.arrow import Bytes, Offsets
from cci_tools.kernels.match import Keys, Ranks, Rows, Signatures

Mask = npt.NDArray[np.bool_]
Fetch = Callable[[Rows], pa.Array | pa.ChunkedArray | tuple[Bytes, Offsets]]
"""Texts of the rows asked for, in their order; the rows are ascending."""

_FILTER_BITS = 22


class Estimate(NamedTuple):
    """What the share of equal slots says about the Jaccard similarity."""

    near: int  # equal slots from which a pair is verified: four standard deviations below the threshold
    sure: int  # equal slots from which a document is taken to be the leader's copy, until verification refutes it


def estimate_bounds(threshold: float, slots: int) -> Estimate:
    """Equal slots that a pair at the threshold has at least, but for 1 in 30,000, and on average.

    Examples
    --------
    >>> estimate_bounds(0.8, 128)
    Estimate(near=85, sure=103)
    """
    sigma = math.sqrt(threshold * (1 - threshold) / slots)
    return Estimate(max(1, math.ceil((threshold - 4 * sigma) * slots)), math.ceil(threshold * slots))


class Index(NamedTuple):
    """What the search reads."""

    signatures: Signatures
    ranks: Ranks
    order: Rows  # the row of each rank
    banding: Banding
    bounds: Estimate
    fetch: Fetch
    memory: int  # bytes for keys or texts held at once
    conflict_rate: float  # share of differing figures above which two documents state different facts
    threads: int = 1  # that compare texts side by side


class Found(NamedTuple):
    """Candidates of one round."""

    pairs: Keys  # rank << 32 | rank, ascending, each once
    absorbed: Mask  # shape (n,): documents that were taken for a leader's copy somewhere
    full: list[dict[str, Any]]  # the buckets with more than LEADERS leaders, as plain data


def union(a: Keys, b: Keys) -> Keys:
    """Sorted union of two ascending arrays without repeats.

    `numpy.unique` hashes integers since 2.3, and is a hundred times slower on pairs of ranks than sorting is.
    """
    if not len(a) or not len(b):
        return a if len(a) else b
    both = np.sort(np.concatenate((a, b)))
    new = np.ones(len(both), bool)
    np.not_equal(both[1:], both[:-1], out=new[1:])
    merged: Keys = both[new]
    return merged


def difference(a: Keys, b: Keys) -> Keys:
    """What is in `a` and not in `b`, both ascending and without repeats."""
    if not len(b):
        return a
    rest: Keys = a[b[np.minimum(np.searchsorted(b, a), len(b) - 1)] != a]
    return rest


def in_buckets_of(keys: Keys, active: Mask) -> Mask:
    """Which documents share a bucket with an active one, and a few more: only some bits of the keys are compared."""
    bits = keys & np.uint64((1 << _FILTER_BITS) - 1)
    table = np.zeros(1 << _FILTER_BITS, bool)
    table[bits[active]] = True
    chosen: Mask = table[bits]
    return chosen
