"""Quality: measures, thresholds, a model. The package itself can be called: ``cci_tools.quality(texts)``."""

import sys
from collections.abc import Sequence
from types import ModuleType

import pyarrow as pa


class _Package(ModuleType):
    def __call__(
        self, texts: pa.Array | pa.ChunkedArray | Sequence[str], preset: str = "cci", model: str = "seeds/quality.ftz"
    ) -> pa.Table:
        """See `cci_tools.quality.table.quality`."""
        from cci_tools.quality.table import quality

        return quality(texts, preset, model)


sys.modules[__name__].__class__ = _Package
