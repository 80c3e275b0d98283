"""Deduplication as the pipeline sees it: the stage that signs documents, and the settings for matching them."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import pyarrow as pa

from cci_tools.dedup.bands import choose_bands, curve
from cci_tools.dedup.columns import as_binary
from cci_tools.dedup.columns import digests_of as digests_of
from cci_tools.dedup.columns import signatures_of as signatures_of
from cci_tools.dedup.match import Settings
from cci_tools.dedup.releases import Release, open_releases
from cci_tools.kernels.sign import Scheme, sign
from cci_tools.resources import resolve
from cci_tools.stage import Stage, path_field, set_column

REASONS = MappingProxyType(
    {
        "exact_duplicate": "Equal to a kept document but for width, case, punctuation, space and Traditional forms.",
        "near_duplicate": "Exact Jaccard with a kept document reaches the threshold, and the figures agree.",
        "removed_earlier": "Equal, as an exact duplicate is, to a text that an earlier release removed on request.",
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
    scheme : {"fss", "affine32"}, default "fss"
        How slots are filled; see `cci_tools.dedup.match.Settings`.
    """

    name: ClassVar[str] = "dedup"
    version: ClassVar[str] = "1"
    reasons: ClassVar[MappingProxyType[str, str]] = REASONS

    width: int = 5
    slots: int = 128
    scheme: Scheme = "fss"

    @property
    def adds(self) -> tuple[pa.Field, ...]:  # type: ignore[override]  # the width of a signature depends on its slots
        return (
            pa.field("signature", pa.binary(4 * self.slots)),
            pa.field("digest", pa.binary(16)),
            pa.field("key_length", pa.int32()),
        )

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        signed = sign(batch.column("text"), width=self.width, slots=self.slots, scheme=self.scheme)
        signature, digest, key_length = self.adds
        batch = set_column(batch, signature, as_binary(signed.signatures))
        batch = set_column(batch, digest, as_binary(signed.digests))
        return set_column(batch, key_length, pa.array(signed.key_lengths, pa.int32()))


@dataclass(frozen=True, kw_only=True)
class Dedup(Settings):
    """The recipe's table ``[dedup]``: the fields of `cci_tools.dedup.match.Settings`, and earlier releases.

    Parameters
    ----------
    against : tuple of str
        Folders of finished runs. What they hold is not kept again: their documents come before all others, and are
        never removed. Of a release without its ``data/`` only duplicates with an equal key are found, because the
        rest could not be verified. A reject names the earlier document and its corpus, since ids are unique within a
        corpus only: a later version of a page may be kept with the id of the earlier one.
    """

    name: ClassVar[str] = "dedup"
    version: ClassVar[str] = "1"
    reasons: ClassVar[MappingProxyType[str, str]] = REASONS
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    against: tuple[str, ...] = path_field(())

    def open(self) -> None:
        """Check the earlier releases.

        Raises
        ------
        ValueError
            One of them cannot be used.
        """
        self.releases()

    def releases(self) -> tuple[Release, ...]:
        """The earlier releases, checked."""
        paths = [str(resolve(path)) for path in self.against]
        return open_releases(paths, width=self.width, slots=self.slots, scheme=self.scheme)

    def resolved(self) -> dict[str, Any]:
        """Bands, the probability with which a pair of some similarity is compared, and the earlier releases."""
        banding = choose_bands(self.threshold, self.recall, self.slots)
        shown = sorted({0.5, 0.6, 0.7, 0.8, 0.9, self.threshold})
        resolved: dict[str, Any] = {
            "bands": f"{banding.bands} of {banding.rows} slots",
            "recall by similarity": {f"{similarity:g}": round(r, 4) for similarity, r in curve(banding, shown)},
        }
        if self.against:
            resolved["releases"] = {
                release.name: f"{release.documents} documents, manifest sha256 {release.digest}"
                + ("" if release.texts else ", without texts: equal keys only")
                for release in self.releases()
            }
        return resolved

    def sign(self) -> Sign:
        """The stage that computes what `cci_tools.dedup.match.match` reads."""
        return Sign(width=self.width, slots=self.slots, scheme=self.scheme)
