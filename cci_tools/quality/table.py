"""The library call: one row of measures, score and reason for each text."""

from collections.abc import Sequence

import pyarrow as pa

from cci_tools.quality.measures import measure
from cci_tools.quality.model import load_model, score
from cci_tools.quality.presets import judge, rules_of
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
        One row a text: a float32 column for each measure, `quality_score` (float32) and `reason` (string, null where
        the text keeps all rules of the preset; the score does not decide).

    Examples
    --------
    >>> table = quality(["第一条 本办法自公布之日起施行。", "哈" * 60], model="")
    >>> table.column("reason").to_pylist()
    [None, 'repeated_character']
    """
    measures = measure(texts)
    rules = rules_of(preset)
    reasons = [rules[position].reason if position >= 0 else None for position in judge(measures, rules)]
    columns = {name: pa.array(values) for name, values in measures.items()}
    scores = pa.array(score(load_model(str(resolve(model))), texts)) if model else pa.nulls(len(reasons), pa.float32())
    return pa.table({**columns, "quality_score": scores, "reason": pa.array(reasons, pa.string())})
