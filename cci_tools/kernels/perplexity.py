"""N-gram hashes of tokens, and the perplexity of texts under a model of them, in the compiled core."""

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

MOST_ORDER = 8
"""Tokens of an n-gram at most."""

STEP = 1 / 2000
"""Nats of one unit of cost in a slot."""

Hashes = npt.NDArray[np.uint64]


def token_grams(values: Bytes, offsets: Offsets, order: int) -> Hashes:
    """Hash of the n-gram that ends with each token.

    Parameters
    ----------
    values : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
        Lines of tokens, as `cci_tools.kernels.classifier.char_tokens` makes them.
    order : int
        Tokens of an n-gram, 1 to 8.

    Returns
    -------
    ndarray of uint64, shape (tokens of all lines,)
        Odd numbers; 0 where the line has fewer tokens before.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> found = token_grams(*text_buffers(["甲 乙 甲 乙", "丙"]), 2)
    >>> (found > 0).tolist(), bool(found[1] == found[3])
    ([False, True, True, True, False], True)
    """
    count = core.token_grams(values, offsets, order, np.empty(0, np.uint64))
    out = np.empty(count, np.uint64)
    core.token_grams(values, offsets, order, out)
    return out


def perplexity(values: Bytes, offsets: Offsets, slots: Hashes, order: int, unknown: float) -> npt.NDArray[np.float32]:
    """Perplexity of lines of tokens: the inverse of the geometric mean of the probabilities of their tokens.

    Parameters
    ----------
    values : ndarray of uint8
    offsets : ndarray of int64, shape (n + 1,)
        Lines of tokens.
    slots : ndarray of uint64
        Open table of n-grams; their number is a power of two. A slot has, from the top, 32 bits of fingerprint (the top
        of the hash, odd), 16 bits of cost of the n-gram's last token after the others, 16 bits of cost of backing off
        from the n-gram as a context; costs are negative logarithms of probabilities in units of 1/2000. 0 is empty. An
        n-gram may be there only where the n-gram without its first token is. It is looked for from the slot
        ``hash >> 1 & (number of slots - 1)`` on.
    order : int
        Tokens of the longest n-gram.
    unknown : float
        Cost of a token that the model does not have, in nats.

    Returns
    -------
    ndarray of float32, shape (n,)
        1 and more; NaN for an empty line.
    """
    out = np.empty(len(offsets) - 1, np.float32)
    core.perplexity(values, offsets, slots, order, unknown, out)
    return out
