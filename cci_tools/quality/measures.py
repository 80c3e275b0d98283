"""Quality measures of texts as Arrow columns: numbers first, verdicts later (presets.py)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.measures import MEASURES
from cci_tools.kernels.measures import measure as measure_rows

Column = npt.NDArray[np.float32]
QUALITY = pa.struct([pa.field(name, pa.float32(), nullable=False) for name in MEASURES])
"""Type of the column `quality`: one float32 for each measure."""


def measure(texts: pa.Array | pa.ChunkedArray | Sequence[str]) -> dict[str, Column]:
    """All measures of texts, by name.

    Parameters
    ----------
    texts : pyarrow.Array, pyarrow.ChunkedArray or sequence of str
        A null counts as an empty text.

    Returns
    -------
    dict of str to ndarray of float32, shape (n,)
        Names and definitions are those of `cci_tools.kernels.measures.MEASURES`.

    Examples
    --------
    >>> found = measure(["春眠不觉晓，处处闻啼鸟。", "ok"])
    >>> found["hanzi_fraction"].round(2).tolist()
    [0.8299999833106995, 0.0]
    """
    return dict(zip(MEASURES, measure_rows(*text_buffers(texts)), strict=True))


def to_struct(measures: Mapping[str, Column]) -> pa.StructArray:
    """The measures as one column of type `QUALITY`."""
    return pa.StructArray.from_arrays([pa.array(measures[field.name]) for field in QUALITY], fields=list(QUALITY))


def from_struct(column: pa.StructArray) -> dict[str, Column]:
    """The measures of a column that `to_struct` made: verdicts can be given again without reading any text."""
    return {field.name: column.field(i).to_numpy() for i, field in enumerate(column.type)}
