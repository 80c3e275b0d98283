"""The library call: one row of measures, score and reason for each text."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from cci_tools.quality.kinds import KINDS, judge_by_kind, kind_of, rules_by_kind
from cci_tools.quality.measures import measure
from cci_tools.quality.model import Judge, score_all
from cci_tools.resources import resolve


def quality(
    texts: pa.Array | pa.ChunkedArray | Sequence[str], preset: str = "cci", model: str = "seeds/quality.ftz"
) -> pa.Table:
    """Measures, model score and verdict of texts.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
    preset : str, default "cci"
        A key of `cci_tools.quality.presets.PRESETS`.
    model : str, default "seeds/quality.ftz"
        A fastText model with a label ``__label__good``; "" leaves `quality_score` null.

    Returns
    -------
    pyarrow.Table
        One row a text: a float32 column for each measure, `kind`, `quality_score` and `quality_rank` (float32), and
        `reason` (string, null where the text keeps all rules of the preset for its kind; the score does not decide).

    Examples
    --------
    >>> table = quality(["第一条 本办法自公布之日起施行。", "哈" * 60], model="")
    >>> table.column("reason").to_pylist()
    [None, 'repeated_character']
    """
    measures = measure(texts)
    kinds = kind_of(measures)
    reasons: list[str | None] = [None] * len(kinds)
    for rule, mask in judge_by_kind(measures, kinds, rules_by_kind(preset)):
        for row in np.flatnonzero(mask):
            reasons[row] = rule.reason
    columns = {name: pa.array(values) for name, values in measures.items()}
    columns["kind"] = pa.array(list(KINDS), pa.string()).take(pa.array(kinds))
    scored = score_all([Judge(str(resolve(model)))], texts) if model else (None, None)
    for name, values in zip(("quality_score", "quality_rank"), scored, strict=True):
        found = pa.nulls(len(reasons), pa.float32()) if values is None else pa.array(values, from_pandas=True)
        columns[name] = found
    return pa.table({**columns, "reason": pa.array(reasons, pa.string())})
