"""What makes a run start at once: imported before anything else, by the command and its workers."""

import gc
import os
import sys
from importlib.machinery import ModuleSpec


class _NoPandas:
    """Says that pandas is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None


def _arrow_without_pandas() -> None:
    """PyArrow imports pandas, if it is there, before it makes its first array: half of the time that a start takes."""
    import pyarrow as pa

    if "pandas" not in sys.modules:
        finder = _NoPandas()
        sys.meta_path.insert(0, finder)
        try:
            pa.array([None])
        finally:
            sys.meta_path.remove(finder)


gc.disable()  # modules are no garbage; whoever has imported all enables it
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy would start threads for linear algebra, which nobody does
_arrow_without_pandas()
