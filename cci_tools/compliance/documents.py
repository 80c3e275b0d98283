"""What documents say of themselves: licences in the fields of a dump, and bylines in the text."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.compliance.bylines import HEAD, HINT, TAIL, bylines

# A key of a JSON object, at any depth: inside a value its quotation marks would be escaped.
_LICENCE = r'"(?i:licen[cs]e(?:_id|_name)?)"\s*:\s*"(?P<licence>[^"\\]{1,200})"'

_BYLINE = r'"byline"\s*:\s*"(?P<byline>[^"\\]{1,200})"'


def licences_of(meta: pa.Array) -> pa.Array:
    """The licence that a dump's own field ``license`` or ``licence`` gives, null where there is none.

    Parameters
    ----------
    meta : pyarrow.Array
        `string`, shape (n,): further fields of the dump as a JSON object.

    Examples
    --------
    >>> licences_of(pa.array(['{"license":"CC-BY-4.0"}', '{"a":1}', None])).to_pylist()
    ['CC-BY-4.0', None, None]
    """
    return pc.struct_field(pc.extract_regex(meta, pattern=_LICENCE), "licence")


def bylines_of(meta: pa.Array, is_listed: Callable[[str], bool]) -> pa.Array:
    """The listed name in the field `byline`, in which readers of pages leave the source that a page names.

    Parameters
    ----------
    meta : pyarrow.Array
        `string`, shape (n,): further fields of the document as a JSON object.
    is_listed : callable
        Whether a name is one of the registry.

    Examples
    --------
    >>> bylines_of(pa.array(['{"byline":"新华网"}', '{"byline":"某网"}', None]), {"新华网"}.__contains__).to_pylist()
    ['新华网', None, None]
    """
    names = pc.struct_field(pc.extract_regex(meta, pattern=_BYLINE), "byline")
    listed = [name for name in names.unique().to_pylist() if name is not None and is_listed(name)]
    return pc.if_else(pc.is_in(names, pa.array(listed, pa.string())), names, pa.scalar(None, pa.string()))


def claimed_names(texts: pa.Array, rows: npt.NDArray[np.bool_], is_listed: Callable[[str], bool]) -> pa.Array:
    """The listed name that a byline of each text bears, null where there is none.

    Parameters
    ----------
    texts : pyarrow.Array
        `string`, shape (n,).
    rows : ndarray of bool, shape (n,)
        The texts to look at.
    is_listed : callable
        Whether a name is one of the registry.
    """
    chosen = texts.filter(pa.array(rows))
    ends = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(chosen, 0, HEAD), pc.utf8_slice_codeunits(chosen, -TAIL, None), "\n"
    )
    hinted = pc.fill_null(pc.match_substring_regex(ends, HINT), False).to_numpy(zero_copy_only=False)
    numbers = np.flatnonzero(rows)[hinted]
    found: dict[int, str] = {}
    for row, text in zip(numbers.tolist(), chosen.filter(pa.array(hinted)).to_pylist(), strict=True):
        name = next(filter(is_listed, bylines(text)), None)
        if name:
            found[row] = name
    return pa.array([found.get(row) for row in range(len(texts))], pa.string())
