"""What counts as a duplicate."""

from dataclasses import dataclass
from typing import Literal

from cci_tools.dedup.bands import choose_bands
from cci_tools.kernels.sign import SCHEMES, Scheme


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What counts as a duplicate.

    Parameters
    ----------
    threshold : float, default 0.8
        Exact Jaccard similarity from which on two documents are near-duplicates. Lower removes more.
    recall : float, default 0.99
        Probability that a pair just at the threshold is compared. Higher costs more time.
    width : int, default 5
        Characters of the matching key in a shingle, 1 to 64. Documents with a shorter key are duplicates only if their
        keys are equal.
    slots : int, default 128
        Slots of a signature: 64, 128, 256 or 512. More need fewer comparisons, and 4 bytes each for every document.
    scheme : {"fss", "affine32"}, default "fss"
        How slots are filled. "affine32" signs texts under 200 characters two to ten times faster, and long ones slower;
        its estimates are a little less exact, which costs a few more comparisons. The result is the same but for pairs
        at the edge of `recall`. Corpora of different schemes cannot be compared.
    numbers : {"distinct", "ignore"}, default "distinct"
        With "distinct", documents that state other figures in the same places are different facts, however similar, and
        both stay: those that differ in figures alone, be it in one, and those of whose figures more than a tenth
        differ. Arabic figures and Chinese numerals count, each for itself. In documents that agree in a hundred figures
        or more, a single other one is taken for a correction. Figures of the page (date of publication, number of
        readers) are passed over. `cci_tools.dedup.verify` has the rates, `cci_tools.kernels.match` the definition.
    max_cluster : int, default 0
        Near-duplicates that one kept document may remove: those with the best ranks go, the others stay and are
        counted in the report. A limit on what a mistake can cost; copies that are equal always go. 0 is no limit.

    Raises
    ------
    ValueError
        A value out of range, or a recall that so few slots can't give.
    """

    threshold: float = 0.8
    recall: float = 0.99
    width: int = 5
    slots: int = 128
    scheme: Scheme = "fss"
    numbers: Literal["distinct", "ignore"] = "distinct"
    max_cluster: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 64:
            raise ValueError(f"width = {self.width}: from 1 to 64 characters")
        if self.slots not in (64, 128, 256, 512):
            raise ValueError(f"slots = {self.slots}: 64, 128, 256 or 512")
        if self.scheme not in SCHEMES:
            raise ValueError(f'scheme = {self.scheme!r}: "fss" or "affine32"')
        if self.numbers not in ("distinct", "ignore"):
            raise ValueError(f'numbers = {self.numbers!r}: "distinct" or "ignore"')
        if self.max_cluster < 0:
            raise ValueError(f"max_cluster = {self.max_cluster}: 0 for no limit, or a number of documents")
        choose_bands(self.threshold, self.recall, self.slots)
