"""The Stage contract, and the few column operations that every stage needs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema


class Stage:
    """One step of the screen pass.

    A stage is a frozen, keyword-only dataclass. Its fields are its configuration and its table in a recipe; it holds
    no other state, so it pickles small and two stages with equal fields do the same. What is heavy (a model, a table)
    is loaded by a cached function of the stage's module, which `open` calls once a worker.

    **One-row rule.** `process` returns the same ids in the same order. It may change `text` and empty core columns,
    fill the columns of `adds`, and set `reason` (with `detail`) where it is null. It never drops a row, and it leaves
    rows that already have a reason alone.

    Attributes
    ----------
    name : str
        Recipe table, and first part of every reason: ``"quality"`` gives ``"quality.too_short"``.
    version : str
        Raised when the same configuration may give another result.
    reasons : mapping of str to str
        Every reason without the stage's name (``"too_short"``), and a sentence that explains it.
    adds : tuple of pyarrow.Field
        Columns that `process` appends, in this order.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    reasons: ClassVar[Mapping[str, str]]
    adds: ClassVar[tuple[pa.Field, ...]] = ()
    # Read by recipe.py: a key that is not a field, or a value of another type, is an error of the recipe.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    def open(self) -> None:
        """Load what is heavy. Raises a clear error when a file is missing or of the wrong kind."""

    def resolved(self) -> dict[str, Any]:
        """What follows from the configuration (thresholds of a preset, contents of an index), for plan and manifest."""
        return {}

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Apply the stage to one batch, keeping to the one-row rule."""
        raise NotImplementedError

    def __call__(self, table: pa.Table | Mapping[str, Sequence[Any]]) -> pa.Table | dict[str, list[Any]]:
        """Apply the stage to a table of one's own, or inside ``datasets.Dataset.map(stage, batched=True)``.

        Parameters
        ----------
        table : pyarrow.Table or mapping of str to sequence
            Needs a column `text`; other core columns are used where they are there, any further ones stay.

        Returns
        -------
        pyarrow.Table or dict of str to list
            Of the kind that was given, with the same rows: all columns, those that the stage adds, and `reason` and
            `detail`, which are null for documents that may stay.

        Raises
        ------
        KeyError
            There is no column `text`.
        """
        if not isinstance(table, pa.Table):
            columns: dict[str, list[Any]] = self(pa.table(dict(table))).to_pydict()  # type: ignore[union-attr]
            return columns
        self.open()
        if "text" not in table.column_names:
            raise KeyError(f"a column 'text' is needed; the table has {', '.join(table.column_names)}")
        results = [self.process(batch) for batch in _core_batches(table)]
        result = pa.Table.from_batches(results)
        for name in ("text", *(added.name for added in self.adds), *schema.VERDICT):
            column = result.column(name)
            position = table.column_names.index(name) if name in table.column_names else -1
            if position < 0:
                table = table.append_column(result.schema.field(name), column)
            else:
                kept = table.schema.field(name).type if name == "text" else column.type
                table = table.set_column(position, name, column.cast(pa.string() if pa.types.is_null(kept) else kept))
        return table


def _core_batches(table: pa.Table, most: int = 4096) -> Iterator[pa.RecordBatch]:
    """The core columns of a table, in batches; what the table lacks is the row number, null, or an empty text."""
    numbers = pa.array([str(i) for i in range(table.num_rows)], pa.string())
    columns = []
    for core in schema.CORE:
        if core.name in table.column_names:
            column = table.column(core.name).cast(core.type)
            columns.append(column if core.nullable else pc.fill_null(column, ""))
        else:
            columns.append(pa.nulls(table.num_rows, core.type) if core.nullable else numbers)
    whole = pa.table(columns, schema=schema.CORE)
    yield from whole.to_batches(max_chunksize=most) if whole.num_rows else [pa.RecordBatch.from_pylist([], schema.CORE)]


def path_field(default: Any) -> Any:
    """A field that names files: a recipe's value is taken from the recipe's folder, and must exist."""
    return field(default=default, metadata={"path": True})


def live(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Mask of the rows that have no reason yet, shape (n,)."""
    mask: npt.NDArray[np.bool_] = pc.is_null(batch.column("reason")).to_numpy(zero_copy_only=False)
    return mask


def set_column(batch: pa.RecordBatch, field: pa.Field, values: pa.Array) -> pa.RecordBatch:
    """The batch with a column replaced, or appended where the batch has none of that name."""
    position = batch.schema.get_field_index(field.name)
    if position < 0:
        return batch.append_column(field, values)
    return batch.set_column(position, field, values)


def reject(
    batch: pa.RecordBatch,
    stage: Stage,
    mask: npt.NDArray[np.bool_],
    reason: str,
    detail: Callable[[int], Mapping[str, Any]],
) -> pa.RecordBatch:
    """Set a reason on the rows of a mask that have none yet.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Documents with the core columns.
    stage : Stage
        The stage that rejects.
    mask : ndarray of bool, shape (n,)
        The rows to reject.
    reason : str
        A key of ``stage.reasons``.
    detail : callable
        Row number to ``{"rule": ..., "value": ..., "threshold": ...}``; called for rejected rows only.

    Returns
    -------
    pyarrow.RecordBatch
        The same rows; `reason` and `detail` set where `mask` is true and `reason` was null.

    Raises
    ------
    KeyError
        The stage does not declare the reason.
    """
    if reason not in stage.reasons:
        raise KeyError(f"stage {stage.name!r} does not declare the reason {reason!r}")
    rows = np.flatnonzero(mask & live(batch))
    if not len(rows):
        return batch
    details = [json.dumps(dict(detail(int(row))), ensure_ascii=False) for row in rows]
    chosen = np.zeros(batch.num_rows, bool)
    chosen[rows] = True
    for name, values in (("reason", [f"{stage.name}.{reason}"] * len(rows)), ("detail", details)):
        column = pc.replace_with_mask(batch.column(name), pa.array(chosen), pa.array(values, pa.string()))
        batch = set_column(batch, schema.CORE.field(name), column)
    return batch


def make_batch(texts: Sequence[str], **columns: Sequence[Any]) -> pa.RecordBatch:
    """A batch of texts with the core columns, for library calls and tests.

    Parameters
    ----------
    texts : sequence of str
        One document each.
    **columns : sequence
        Any other core column; `id` and `origin` default to the row number, the rest to null.

    Examples
    --------
    >>> batch = make_batch(["第一条", "第二条"], url=["http://www.gov.cn/", None])
    >>> batch.column("id").to_pylist()
    ['0', '1']
    """
    numbers = [str(i) for i in range(len(texts))]
    given: dict[str, Sequence[Any]] = {"id": numbers, "origin": numbers, **columns, "text": texts}
    unknown = set(given) - set(schema.CORE.names)
    if unknown:
        raise KeyError(f"not a core column: {', '.join(sorted(unknown))}")
    arrays = [pa.array(given.get(core.name, [None] * len(texts)), core.type) for core in schema.CORE]
    return pa.RecordBatch.from_arrays(arrays, schema=schema.CORE)
