"""Signatures and digests as Arrow columns and back as arrays; texts as columns."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def signatures_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint32]:
    """The column `signature` as an array of uint32, shape (n, slots)."""
    return _from_binary(column, np.uint32)


def digests_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """The column `digest` as an array of uint64, shape (n, 2)."""
    return _from_binary(column, np.uint64)


def as_binary(values: npt.NDArray[Any]) -> pa.Array:
    """A matrix as a column of fixed-size binary values, one a row, without a copy."""
    kind = pa.binary(values.shape[1] * values.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _from_binary(column: pa.Array | pa.ChunkedArray, kind: Any) -> npt.NDArray[Any]:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    items = column.type.byte_width // np.dtype(kind).itemsize
    if not len(column):
        return np.empty((0, items), kind)
    data = np.frombuffer(column.buffers()[1], kind)
    return data[items * column.offset : items * (column.offset + len(column))].reshape(-1, items)


def strings(values: Any, prefix: str = "") -> pa.Array:
    """Strings as one array, each behind a prefix."""
    column = values if isinstance(values, pa.ChunkedArray | pa.Array) else pa.array(values, pa.string())
    column = column.cast(pa.string())
    if prefix:
        column = pc.binary_join_element_wise(prefix, column, "")
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def large_strings(texts: Any) -> pa.ChunkedArray:
    """Texts as a column that may hold more than 2 GB; a null counts as an empty text.

    Raises
    ------
    TypeError
        Something other than texts.
    """
    if isinstance(texts, str | bytes):
        raise TypeError("texts: expected a sequence of texts, got a single one; put it into a list")
    if not isinstance(texts, pa.ChunkedArray | pa.Array):
        try:
            texts = pa.array(texts, pa.large_string())
        except (pa.ArrowException, TypeError, UnicodeEncodeError) as error:
            raise TypeError(f"texts: expected str without lone surrogates: {error}") from error
    kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise TypeError(f"texts: expected a column of strings, got {texts.type}")
    column = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
    return column.cast(pa.large_string()).fill_null("")
