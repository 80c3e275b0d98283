"""What a sample says of a rate: exact binomial bounds after Clopper and Pearson (Biometrika 26, 1934)."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=65536)
def upper_bound(bad: int, sample: int, confidence: float = 0.95) -> float:
    """The largest rate that is not ruled out by a sample, one-sided.

    Parameters
    ----------
    bad : int
        Bad ones in the sample.
    sample : int
        Size of the sample. Nothing seen rules nothing out: 1.0 for an empty one.
    confidence : float, default 0.95
        With this probability the bound is not below the true rate.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        More bad ones than there are, or a confidence that is none.

    Examples
    --------
    59 clean ones are needed before the bound falls under five percent:

    >>> round(upper_bound(0, 58), 5), round(upper_bound(0, 59), 5)
    (0.05034, 0.04951)
    """
    if not 0 <= bad <= sample:
        raise ValueError(f"{bad} bad ones of {sample}: not possible")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence}: must be between 0 and 1")
    if bad == sample:
        return 1.0
    low, high = bad / sample, 1.0
    for _ in range(60):  # as exact as a float can say it
        middle = (low + high) / 2
        if _at_most(bad, sample, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def interval(good: int, sample: int, confidence: float = 0.95) -> tuple[float, float]:
    """Two-sided bounds of a rate.

    >>> tuple(round(bound, 4) for bound in interval(3900, 4000))
    (0.9697, 0.9796)
    """
    one_sided = 1 - (1 - confidence) / 2
    return 1 - upper_bound(sample - good, sample, one_sided), upper_bound(good, sample, one_sided)


def _at_most(bad: int, sample: int, rate: float) -> float:
    """Probability of at most `bad` in a sample, in logarithms: the terms are far too small for a float."""
    number = np.arange(1, bad + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((sample - number + 1) / number))])
    number = np.arange(bad + 1)
    terms = ways + number * np.log(rate) + (sample - number) * np.log1p(-rate)
    top = terms.max()
    return float(np.exp(top) * np.exp(terms - top).sum())
