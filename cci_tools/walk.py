"""One split through a list of stages: rejects leave after the stage that rejected them, and no row is lost."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.ledger import Ledger
from cci_tools.stage import Stage


class OneRowError(Exception):
    """A stage dropped, added, reordered or overwrote rows."""


def apply(stage: Stage, batch: pa.RecordBatch) -> pa.RecordBatch:
    """One batch through one stage, with the one-row rule asserted.

    Raises
    ------
    OneRowError
        The stage changed ids, their order or count, left out a column that it declares, or gave a reason that it
        does not declare.
    """
    result = stage.process(batch)
    if not result.column("id").equals(batch.column("id")) or not result.column("origin").equals(batch.column("origin")):
        raise OneRowError(
            f"stage {stage.name!r} changed the rows of a batch: {batch.num_rows} in, {result.num_rows} out"
        )
    wanted = batch.schema.names + [field.name for field in stage.adds if field.name not in batch.schema.names]
    if result.schema.names != wanted:
        raise OneRowError(f"stage {stage.name!r} left columns {result.schema.names}, expected {wanted}")
    before, after = batch.column("reason"), result.column("reason")
    if not after.filter(pc.is_valid(before)).equals(before.drop_null()):
        raise OneRowError(f"stage {stage.name!r} changed the reason of a row that was rejected before")
    given = set(after.filter(pc.is_null(before)).drop_null().unique().to_pylist())
    undeclared = given - {f"{stage.name}.{reason}" for reason in stage.reasons}
    if undeclared:
        raise OneRowError(f"stage {stage.name!r} gave undeclared reasons: {', '.join(sorted(undeclared))}")
    return result


def rejects_of(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows that have a reason, in the columns of ``rejects/``."""
    gone = batch.filter(pc.is_valid(batch.column("reason")))
    values = {name: gone.column(name) for name in schema.REJECTS.names if name in gone.schema.names}
    values["stage"] = pa.array([schema.stage_of(r) for r in gone.column("reason").to_pylist()], pa.string())
    arrays = [values.get(f.name, pa.nulls(gone.num_rows, f.type)) for f in schema.REJECTS]
    return pa.RecordBatch.from_arrays(arrays, schema=schema.REJECTS)


def walk(
    batches: Iterable[pa.RecordBatch], stages: Sequence[Stage], ledger: Ledger
) -> Iterator[tuple[pa.RecordBatch, list[pa.RecordBatch]]]:
    """Take batches through the stages.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        Documents as a reader gives them; rows that could not be read already have a reason.
    stages : sequence of Stage
        In order. Open stages: `Stage.open` has been called.
    ledger : Ledger
        Counts are added to it.

    Yields
    ------
    kept : pyarrow.RecordBatch
        The documents without a reason, with the columns that the stages add.
    rejects : list of pyarrow.RecordBatch
        The others, in the columns of ``rejects/``, a batch for each stage that rejected any.
    """
    for batch in batches:
        ledger.read += batch.num_rows
        ledger.bytes_read += text_bytes(batch)
        rejects = []
        for stage in (None, *stages):
            if stage is not None:
                batch = apply(stage, batch)
            reasons = batch.column("reason")
            if reasons.null_count < batch.num_rows:
                gone = rejects_of(batch)
                rejects.append(gone)
                ledger.rejected.update(gone.column("reason").to_pylist())
                batch = batch.filter(pc.is_null(reasons))
        ledger.kept += batch.num_rows
        ledger.bytes_kept += text_bytes(batch)
        yield batch, rejects


def text_bytes(batch: pa.RecordBatch) -> int:
    """UTF-8 bytes of the column `text`."""
    return int(pc.sum(pc.binary_length(batch.column("text"))).as_py() or 0)
