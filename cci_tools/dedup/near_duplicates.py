"""Near-duplicates of a list of texts, in one call."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from cci_tools.dedup.match import Documents, Settings, match
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.sign import Scheme, sign


def near_duplicates(
    texts: Sequence[str] | pa.Array | pa.ChunkedArray,
    *,
    threshold: float = 0.8,
    recall: float = 0.99,
    width: int = 5,
    numbers: Literal["distinct", "ignore"] = "distinct",
    scheme: Scheme = "fss",
    priority: Sequence[int] | None = None,
) -> pa.Table:
    """The texts to remove, and the kept text that each of them duplicates.

    Texts are compared by their matching key: width, case, punctuation, space and Traditional characters make no
    difference. Every pair named has exact Jaccard similarity of at least `threshold`; texts that are related only
    through a third one are not merged.

    Parameters
    ----------
    texts : sequence of str or pyarrow string array
        The texts, in memory.
    threshold : float, default 0.8
        Jaccard similarity of the sets of character n-grams from which on two texts are near-duplicates.
    recall : float, default 0.99
        Probability that a pair just at the threshold is found.
    width : int, default 5
        Characters of an n-gram. Texts with a shorter key are duplicates only when their keys are equal.
    numbers : {"distinct", "ignore"}, default "distinct"
        With "distinct", texts that differ in figures alone, Arabic or Chinese, or in more than a tenth of those that
        they state in the same places, are no near-duplicates. See `cci_tools.dedup.match.Settings`.
    scheme : {"fss", "affine32"}, default "fss"
        "affine32" is faster for texts under 200 characters; see `cci_tools.dedup.match.Settings`.
    priority : sequence of int, optional
        For each text, the lowest is kept before the others; equal by default. Then the text with the longer key is
        kept, then the earlier one.

    Returns
    -------
    pyarrow.Table
        One row for each text to remove, ascending: `index`, `duplicate_of` (the kept text), `similarity`, `kind`
        ("exact_duplicate" or "near_duplicate").

    Raises
    ------
    ValueError
        A value out of range; `priority` of another length than `texts`.

    Examples
    --------
    >>> texts = ["人民政府办公厅关于印发通知的函", "人民政府辦公廳，關於印發通知的函。", "春眠不觉晓"]
    >>> near_duplicates(texts).to_pylist()
    [{'index': 1, 'duplicate_of': 0, 'similarity': 1.0, 'kind': 'exact_duplicate'}]
    """
    values, offsets = text_buffers(texts)
    n = len(offsets) - 1
    preferred = np.zeros(n, np.int64) if priority is None else np.asarray(priority)
    if len(preferred) != n:
        raise ValueError(f"priority: {len(preferred)} values for {n} texts")
    settings = Settings(threshold=threshold, recall=recall, width=width, numbers=numbers, scheme=scheme)
    signed = sign((values, offsets), width=width, slots=settings.slots, scheme=scheme)
    ranks = np.empty(n, np.uint32)
    ranks[np.lexsort((-signed.key_lengths, preferred))] = np.arange(n, dtype=np.uint32)
    column = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(values))
    documents = Documents(signed.digests, signed.signatures, signed.key_lengths, ranks)
    found = match(documents, lambda rows: column.take(pa.array(rows)), settings)
    removed = np.flatnonzero(found.winner >= 0)
    return pa.table(
        {
            "index": removed,
            "duplicate_of": found.winner[removed],
            "similarity": found.similarity[removed],
            "kind": pa.array(np.where(found.exact[removed], "exact_duplicate", "near_duplicate").tolist(), pa.string()),
        }
    )
