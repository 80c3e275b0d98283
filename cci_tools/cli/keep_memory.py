"""What makes a process keep the memory that it has freed: imported before Arrow, where there is enough of it.

To give a batch's memory back, and be given it cleared for the next batch, costs more than to compute with it. But a
process that keeps it holds the peak of each of its two allocators, where it would hold the peak of their sum.
"""

import ctypes
import os
from contextlib import suppress

KEPT_BYTES = 400_000_000
"""Freed memory that the allocator of C keeps; that of Arrow keeps all."""

MALLOPT_TRIM_THRESHOLD, MALLOPT_MMAP_THRESHOLD = -1, -3  # of glibc

os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")  # Arrow's allocator; read when Arrow is loaded
with suppress(AttributeError, OSError):  # another C library
    _libc = ctypes.CDLL(None)
    _libc.mallopt(MALLOPT_TRIM_THRESHOLD, KEPT_BYTES)
    _libc.mallopt(MALLOPT_MMAP_THRESHOLD, KEPT_BYTES)
