"""How a signature is cut into bands: from the recall that is asked for, at the threshold that is asked for.

Two documents are compared when they agree in all slots of at least one band. With slots that agree with probability J,
the Jaccard similarity, that happens with probability ``1 - (1 - J**rows)**bands``.

`datasketch` chooses bands by ``optimal_param``, which weighs the areas of false positives and false negatives against
each other. The result has a recall near one half **at** the threshold, because there both errors are as likely. Here
every candidate is verified, so a false candidate costs a little time and a missed one is missed for ever: recall is
given, and the false candidates are what is made few.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Banding(NamedTuple):
    """Bands of a signature, and the slots (rows) in each."""

    bands: int
    rows: int


def recall_at(similarity: float, banding: Banding) -> float:
    """Probability that two documents of this Jaccard similarity share a band.

    Examples
    --------
    >>> round(recall_at(0.8, Banding(14, 8)), 3)  # the setting of FineWeb-2
    0.924
    """
    return float(1.0 - (1.0 - similarity**banding.rows) ** banding.bands)


def curve(banding: Banding, similarities: Sequence[float]) -> list[tuple[float, float]]:
    """`recall_at` for several similarities, as (similarity, recall): the S-curve of a banding."""
    return [(s, recall_at(s, banding)) for s in similarities]


def choose_bands(threshold: float, recall: float, slots: int) -> Banding:
    """The banding with the fewest false candidates among those that reach a recall.

    Parameters
    ----------
    threshold : float
        Jaccard similarity from which on two documents are duplicates, between 0 and 1.
    recall : float
        Probability with which a pair just at the threshold must be compared, between 0 and 1. Pairs above it are
        compared more surely.
    slots : int
        Slots of a signature.

    Returns
    -------
    Banding
        The most rows a band for which enough bands fit, and of those bands no more than are needed.

    Raises
    ------
    ValueError
        A value is out of range, or no banding of so few slots reaches the recall.

    Examples
    --------
    >>> choose_bands(0.8, 0.99, 128)
    Banding(bands=16, rows=6)
    """
    if not 0.0 < threshold < 1.0:
        raise ValueError(f"threshold = {threshold}: must lie between 0 and 1; documents at 1 are exact duplicates")
    if not 0.0 < recall < 1.0:
        raise ValueError(f"recall = {recall}: must lie between 0 and 1; 1 itself can't be promised by hashing")
    if slots < 1:
        raise ValueError(f"slots = {slots}: a signature has at least one")
    for rows in range(slots, 0, -1):
        for bands in range(1, slots // rows + 1):
            if recall_at(threshold, Banding(bands, rows)) >= recall:
                return Banding(bands, rows)
    best = recall_at(threshold, Banding(slots, 1))
    raise ValueError(
        f"recall = {recall} at threshold = {threshold} can't be reached with slots = {slots} (at most {best:.4f}): "
        "raise slots, or lower recall"
    )
