"""What makes a run start at once and keep its memory: imported before anything else, by the command and its workers."""

import ctypes
import gc
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec

KEPT_BYTES = 400_000_000
"""Freed memory that a process keeps. To give a batch's memory back, and be given it cleared for the next batch, costs
more than to compute with it."""

MALLOPT_TRIM_THRESHOLD, MALLOPT_MMAP_THRESHOLD = -1, -3  # of glibc


class _NoPandas:
    """Says that pandas is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None


def _keep_memory() -> None:
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")  # Arrow's allocator; read when Arrow is loaded
    with suppress(AttributeError, OSError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(MALLOPT_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(MALLOPT_MMAP_THRESHOLD, KEPT_BYTES)


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
_keep_memory()
_arrow_without_pandas()
