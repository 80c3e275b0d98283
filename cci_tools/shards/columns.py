"""Arrow columns of any type as Python objects or strings, whatever their values are; nothing here needs pandas."""

import contextlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.shards.fields import as_string

_FRACTION = r"\.0+($|[Z+-])"
"""A fraction of a second that is zero, and what follows it."""


def names_once(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with every column name once: the second ``x`` becomes ``x_1``, or what is free after it."""
    names: list[str] = []
    for name in batch.schema.names:
        count, new = 0, name
        while new in names or (count and new in batch.schema.names):
            count += 1
            new = f"{name}_{count}"
        names.append(new)
    return batch if names == batch.schema.names else batch.rename_columns(names)


def check(column: pa.Array) -> None:
    """Raise where offsets or indices of a damaged file point outside of its data: reading them would end the process.

    Values are not asked to be right: a text that is not UTF-8 or a time that no clock shows costs its row, or its
    cell, and not the batch.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
        column = column.view(_bare(column.type))
    column.validate(full=True)


def _bare(kind: pa.DataType) -> pa.DataType:
    """A type of the same layout that takes any value."""
    types = pa.types
    if types.is_string(kind) or types.is_large_string(kind):
        return binary_kind(kind)
    if types.is_string_view(kind):
        return pa.binary_view()
    if types.is_date64(kind) or types.is_time64(kind):
        return pa.int64()
    if types.is_time32(kind):
        return pa.int32()
    if types.is_decimal(kind):
        return pa.binary(kind.byte_width)
    if types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _bare(kind.value_type), kind.ordered)
    if types.is_struct(kind):
        return pa.struct([field.with_type(_bare(field.type)) for field in kind])
    if types.is_map(kind):
        return pa.map_(_bare(kind.key_type), _bare(kind.item_type))
    if types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_bare(kind.value_type)), kind.list_size)
    if types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_bare(kind.value_type)))
    if types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_bare(kind.value_type)))
    return kind


def plain(column: pa.Array) -> pa.Array:
    """The column without dictionary, extension or view types; strings that may not be UTF-8 come as binary."""
    if isinstance(column, pa.ExtensionArray):
        if column.type.extension_name == "arrow.uuid":
            return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
        column = column.storage
    kind = column.type
    if pa.types.is_dictionary(kind):
        bare = _bare(kind)
        column = (column if bare == kind else column.view(bare)).dictionary_decode()
    if pa.types.is_string_view(column.type):
        column = column.view(pa.binary_view())
    if pa.types.is_binary_view(column.type):
        column = column.cast(pa.large_binary())
    if pa.types.is_dictionary(kind) and pa.types.is_temporal(kind.value_type) and column.type != kind.value_type:
        column = column.view(kind.value_type)
    return column


def is_text(kind: pa.DataType) -> bool:
    """Strings and bytes, of which `plain` leaves these four."""
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def binary_kind(kind: pa.DataType) -> pa.DataType:
    """The bytes of a kind of text."""
    large = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    return pa.large_binary() if large else pa.binary()


def utf8(column: pa.Array) -> pa.Array:
    """A plain text column as `string`, with its bytes checked: a table may hold anything under the name of a string.

    Raises
    ------
    pyarrow.ArrowInvalid
        Something in it is not UTF-8.
    """
    texts = column.cast(pa.string())
    texts.validate(full=True)
    return texts


def strings(column: pa.Array) -> pa.Array:
    """A column as `string`, whatever its type: bytes that are not UTF-8 become U+FFFD, objects and lists JSON.

    >>> strings(pa.array([1.0, float("nan"), None])).to_pylist()
    ['1', None, None]
    """
    column = plain(column)
    kind = column.type
    if is_text(kind):
        with contextlib.suppress(pa.ArrowInvalid):
            return utf8(column)
        return pa.array(objects(column), pa.string())
    if _is_clock(kind):
        return _clock(column)
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    return pa.array([as_string(value) for value in objects(column)], pa.string())


def records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows of a batch as dictionaries; column names must not repeat."""
    columns = [objects(column) for column in batch.columns]
    names = batch.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)] if columns else []


def objects(column: pa.Array) -> list[Any]:
    """Values as Python objects that JSON can hold; times are written as Arrow writes them.

    >>> objects(pa.array([1_500_000_000_000_000_001, None], pa.int64()).view(pa.timestamp("ns")))
    ['2017-07-14 02:40:00.000000001', None]
    """
    column = plain(column)
    kind = column.type
    if _is_clock(kind):
        found: list[Any] = _clock(column).to_pylist()
        return found
    if not _holds_clock(kind):
        with contextlib.suppress(Exception):  # a text that is not UTF-8, a name given twice: every type has its own
            found = column.to_pylist()
            return [_text(value) for value in found] if is_text(kind) else found
    if is_text(kind):
        return [_text(value) for value in column.cast(binary_kind(kind)).to_pylist()]
    if pa.types.is_struct(kind):
        inner = names_once(pa.RecordBatch.from_arrays(column.flatten(), names=[field.name for field in kind]))
        given = column.is_valid().to_pylist()
        return [row if there else None for row, there in zip(records(inner), given, strict=True)]
    if pa.types.is_nested(kind) and not pa.types.is_union(kind):
        lists = [objects(value.values) if value.is_valid else None for value in column]
        return [[list(pair.values()) for pair in pairs or ()] for pairs in lists] if pa.types.is_map(kind) else lists
    return [_object(value) for value in column]


def _object(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except Exception:
        return f"({value.type} that cannot be read)"


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _is_clock(kind: pa.DataType) -> bool:
    return bool(pa.types.is_temporal(kind)) and not pa.types.is_interval(kind)


def _holds_clock(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _holds_clock(kind.value_type)
    inner = (kind.field(number).type for number in range(kind.num_fields))
    return _is_clock(kind) or any(_holds_clock(each) for each in inner)


def _clock(column: pa.Array) -> pa.Array:
    """Dates, times and durations as strings; a fraction of a second that is zero is left out."""
    kind = column.type
    if pa.types.is_duration(kind):
        return pc.binary_join_element_wise(column.view(pa.int64()).cast(pa.string()), kind.unit, " ")
    try:
        texts = column.cast(pa.string())
    except pa.ArrowInvalid:  # a time zone that this machine does not know: the time in UTC
        texts = pc.binary_join_element_wise(column.view(pa.timestamp(kind.unit)).cast(pa.string()), "Z", "")
    return pc.replace_substring_regex(texts, _FRACTION, r"\1")
