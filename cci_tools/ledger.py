"""The ledger: how many documents came in, stayed, and left, by reason. It closes, or the run fails."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cci_tools.schema import stage_of


class LedgerError(Exception):
    """Documents read are not documents kept plus documents rejected."""


@dataclass
class Ledger:
    """Counts of documents and of text bytes (UTF-8). Two ledgers add up.

    Examples
    --------
    >>> ledger = Ledger(read=3, kept=2, rejected=Counter({"quality.too_short": 1}))
    >>> (ledger + ledger).check().by_stage()
    {'quality': {'too_short': 2}}
    """

    read: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    bytes_read: int = 0
    bytes_kept: int = 0

    def __add__(self, other: "Ledger") -> "Ledger":
        return Ledger(
            self.read + other.read,
            self.kept + other.kept,
            self.rejected + other.rejected,
            self.bytes_read + other.bytes_read,
            self.bytes_kept + other.bytes_kept,
        )

    def then(self, later: "Ledger") -> "Ledger":
        """The ledger of two passes, the second over what the first kept.

        Raises
        ------
        LedgerError
            The second pass read other documents than the first kept.
        """
        if later.read != self.kept:
            raise LedgerError(f"the ledger does not close: {self.kept} documents kept, {later.read} of them read again")
        rejected = self.rejected + later.rejected
        return Ledger(self.read, later.kept, rejected, self.bytes_read, later.bytes_kept).check()

    def check(self) -> "Ledger":
        """The ledger itself, if it closes.

        Raises
        ------
        LedgerError
            A document was lost or counted twice.
        """
        lost = self.read - self.kept - self.rejected.total()
        if lost:
            raise LedgerError(
                f"the ledger does not close: read {self.read}, kept {self.kept}, rejected {self.rejected.total()}: "
                f"{abs(lost)} documents {'lost' if lost > 0 else 'too many'}"
            )
        return self

    def by_stage(self) -> dict[str, dict[str, int]]:
        """Rejected documents: stage to reason (without the stage's name) to count, both in alphabetical order."""
        stages: dict[str, dict[str, int]] = {}
        for reason in sorted(self.rejected):
            stages.setdefault(stage_of(reason), {})[reason.partition(".")[2]] = self.rejected[reason]
        return stages

    def to_dict(self) -> dict[str, Any]:
        """The ledger as JSON types, reasons in alphabetical order."""
        return {
            "read": self.read,
            "kept": self.kept,
            "rejected": {reason: self.rejected[reason] for reason in sorted(self.rejected)},
            "bytes_read": self.bytes_read,
            "bytes_kept": self.bytes_kept,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Ledger":
        """The ledger that `to_dict` wrote."""
        return cls(**{**values, "rejected": Counter(values["rejected"])})
