"""How far a run has come, and what it came to: for whoever watches."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cci_tools.ledger import Ledger


@dataclass(frozen=True)
class Progress:
    """How far a phase has come: `done` of `total` bytes, with the documents and text bytes so far."""

    phase: str
    done: int
    total: int
    documents: int = 0
    text_bytes: int = 0


@dataclass
class Summary:
    """What a run did: ledger, report of matching, files that were not read, stages in order, seconds by phase."""

    ledger: Ledger
    matching: dict[str, Any]
    skipped: Sequence[str]
    stages: Sequence[str]
    seconds: dict[str, float] = field(default_factory=dict)
    resumed: bool = False


class Clock:
    """Wall seconds between laps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """End of a phase."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 2)
        self._last = now
