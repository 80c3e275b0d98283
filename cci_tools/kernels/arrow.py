"""Arrow string arrays as the two NumPy arrays that every kernel takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


def text_buffers(texts: pa.Array | pa.ChunkedArray | Sequence[str]) -> tuple[Bytes, Offsets]:
    """UTF-8 bytes and offsets of a column of texts, without copying the bytes where they lie together.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        `string` or `large_string`; `string_view` and dictionaries of strings too, which are copied. A slice is
        honoured. A null counts as an empty text.

    Returns
    -------
    values : ndarray of uint8
        The bytes of all texts of the array's parent buffer.
    offsets : ndarray of int64, shape (n + 1,)
        Text i is ``values[offsets[i]:offsets[i + 1]]``.

    Raises
    ------
    TypeError
        The array holds something other than strings, or a string that is no valid Unicode.

    Examples
    --------
    >>> values, offsets = text_buffers(["中", "", "ab"])
    >>> offsets.tolist()
    [0, 3, 3, 5]
    """
    if isinstance(texts, str | bytes):
        raise TypeError("texts: expected a sequence of texts, got a single one; put it into a list")
    array: Any = texts
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    elif not isinstance(array, pa.Array):
        try:
            array = pa.array(array, pa.large_string())
        except (pa.ArrowException, TypeError, UnicodeEncodeError) as error:
            raise TypeError(
                f"texts: expected str without lone surrogates, in a sequence or a pyarrow string array, got "
                f"{type(texts).__name__}: {error}"
            ) from error
    if pa.types.is_dictionary(array.type) or pa.types.is_string_view(array.type):
        held = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
        if pa.types.is_string(held) or pa.types.is_large_string(held) or pa.types.is_string_view(held):
            array = array.cast(pa.large_string())
    if pa.types.is_large_string(array.type):
        width: Any = np.int64
    elif pa.types.is_string(array.type):
        width = np.int32
    else:
        raise TypeError(f"texts: expected a column of strings, got {array.type}")
    if len(array) == 0:
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, starts, data = array.buffers()
    offsets = np.frombuffer(starts, width)[array.offset : array.offset + len(array) + 1].astype(np.int64, copy=False)
    values = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    return values, offsets
