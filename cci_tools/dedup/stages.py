"""Deduplication as the pipeline sees it: the stage that signs documents, and the settings for matching them."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.dedup.bands import choose_bands, curve
from cci_tools.dedup.match import Settings
from cci_tools.kernels.sign import sign
from cci_tools.stage import Stage, set_column

REASONS = MappingProxyType(
    {
        "exact_duplicate": "Equal to a kept document but for width, case, punctuation, space and Traditional forms.",
        "near_duplicate": "Exact Jaccard with a kept document reaches the threshold, and the figures agree.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Sign(Stage):
    """Add the signature, the digest and the length of each document's matching key.

    Parameters
    ----------
    width : int, default 5
        Characters of a shingle.
    slots : int, default 128
        Slots of a signature, 4 bytes each: 64, 128, 256 or 512.
    """

    name: ClassVar[str] = "dedup"
    version: ClassVar[str] = "1"
    reasons: ClassVar[MappingProxyType[str, str]] = REASONS

    width: int = 5
    slots: int = 128

    @property
    def adds(self) -> tuple[pa.Field, ...]:  # type: ignore[override]  # the width of a signature depends on its slots
        return (
            pa.field("signature", pa.binary(4 * self.slots)),
            pa.field("digest", pa.binary(16)),
            pa.field("key_length", pa.int32()),
        )

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        signed = sign(batch.column("text"), width=self.width, slots=self.slots)
        signature, digest, key_length = self.adds
        batch = set_column(batch, signature, _as_binary(signed.signatures))
        batch = set_column(batch, digest, _as_binary(signed.digests))
        return set_column(batch, key_length, pa.array(signed.key_lengths, pa.int32()))


@dataclass(frozen=True, kw_only=True)
class Dedup(Settings):
    """The recipe's table ``[dedup]``: the fields of `cci_tools.dedup.match.Settings`."""

    name: ClassVar[str] = "dedup"
    version: ClassVar[str] = "1"
    reasons: ClassVar[MappingProxyType[str, str]] = REASONS
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    def resolved(self) -> dict[str, Any]:
        """Bands, and the probability with which a pair of some similarity is compared."""
        banding = choose_bands(self.threshold, self.recall, self.slots)
        shown = sorted({0.5, 0.6, 0.7, 0.8, 0.9, self.threshold})
        return {
            "bands": f"{banding.bands} of {banding.rows} slots",
            "recall by similarity": {f"{similarity:g}": round(r, 4) for similarity, r in curve(banding, shown)},
        }

    def sign(self) -> Sign:
        """The stage that computes what `cci_tools.dedup.match.match` reads."""
        return Sign(width=self.width, slots=self.slots)


def signatures_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint32]:
    """The column `signature` as an array of uint32, shape (n, slots)."""
    return _from_binary(column, np.uint32)


def digests_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """The column `digest` as an array of uint64, shape (n, 2)."""
    return _from_binary(column, np.uint64)


def _as_binary(values: npt.NDArray[Any]) -> pa.Array:
    kind = pa.binary(values.shape[1] * values.itemsize)
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _from_binary(column: pa.Array | pa.ChunkedArray, kind: Any) -> npt.NDArray[Any]:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    items = column.type.byte_width // np.dtype(kind).itemsize
    if not len(column):
        return np.empty((0, items), kind)
    data = np.frombuffer(column.buffers()[1], kind)
    return data[items * column.offset : items * (column.offset + len(column))].reshape(-1, items)
