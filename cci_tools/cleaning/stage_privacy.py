"""The privacy stage: personal information is counted, masked, or a reason to drop the document."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.cleaning import privacy
from cci_tools.cleaning.privacy_kinds import KINDS, SENSITIVE, Action, actions
from cci_tools.stage import Stage, live, reject, set_column


@dataclass(frozen=True, kw_only=True)
class Privacy(Stage):
    """Find personal information, and mask it with placeholders such as ``<手机号1>``.

    By default what leads to one person is masked: id_card, bank_card, passport, hk_macao_permit, taiwan_permit, email,
    mobile, qq, wechat, licence_plate, and address where the text says that somebody lives there. What names an
    organisation or a machine is counted and stays: credit_code, landline (on public pages nearly all are switchboards;
    hotlines such as 12345 and 400 numbers are not even counted), and ip (nearly all that are written in documents are
    those of servers and examples). Names of persons are not looked for. Only `text` is masked, not `title` or `meta`.

    Parameters
    ----------
    kinds : dict of str to {"keep", "mask", "drop"}, default {}
        Kinds that are treated otherwise than by default, see `cci_tools.cleaning.privacy_kinds.KINDS`. "keep" counts,
        "mask" counts and masks, "drop" rejects the document.
    most : int, default 0
        A document is dropped when it has more finds of a kind whose action is "drop". Up to then they are masked.
    sensitive : tuple of str, default identity, card, passport and permit numbers
        Kinds that set the column `sensitive`: those that GB/T 35273-2020, annex B, lists as sensitive.

    Raises
    ------
    ValueError
        There is no such kind or action, or `most` is negative.

    Notes
    -----
    A dropped document goes to ``rejects/`` with its text as it was read, as every reject does, so that the decision can
    be looked into and taken back. So ``rejects/`` holds personal information and is to be kept as the dump is.
    """

    kinds: dict[str, Literal["keep", "mask", "drop"]] = field(default_factory=dict, hash=False)
    most: int = 0
    sensitive: tuple[str, ...] = SENSITIVE

    name = "privacy"
    version = privacy.VERSION
    reasons: ClassVar[Mapping[str, str]] = {
        kind: f"More {kind.replace('_', ' ')} finds than the recipe allows in a document that is kept."
        for kind in KINDS
    }
    adds = (
        pa.field("privacy", pa.string()),  # JSON object: kind to number of finds, masked or not; null where none
        pa.field("sensitive", pa.bool_()),  # whether one of them is of a sensitive kind
    )

    def __post_init__(self) -> None:
        try:
            actions(self.kinds)
        except ValueError as error:
            raise ValueError(f"privacy.kinds: {error}") from error
        if unknown := [kind for kind in self.sensitive if kind not in KINDS]:
            raise ValueError(f"privacy.sensitive: no such kind: {', '.join(unknown)}; there are {', '.join(KINDS)}")
        if self.most < 0:
            raise ValueError(f"privacy.most = {self.most}: must not be negative")

    def resolved(self) -> dict[str, Any]:
        return {"kinds": actions(self.kinds)}

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        chosen = actions(self.kinds)
        masking: dict[str, Action] = {kind: "keep" if chosen[kind] == "keep" else "mask" for kind in chosen}
        done = privacy.mask_all(batch.column("text"), np.flatnonzero(live(batch)), masking)
        counts = {row: masked.counts for row, masked in done.items()}
        dropped = {
            kind: [row for row, found in counts.items() if found.get(kind, 0) > self.most]
            for kind, action in chosen.items()
            if action == "drop"
        }
        lost = {row for rows in dropped.values() for row in rows}
        texts = {row: masked.text for row, masked in done.items() if row not in lost}
        batch = set_column(batch, schema.CORE.field("text"), _replaced(batch.column("text"), texts))
        empty = pa.nulls(batch.num_rows, pa.string())
        found = _replaced(empty, {row: json.dumps(count) for row, count in counts.items()})
        sensitive = np.zeros(batch.num_rows, bool)
        sensitive[[row for row, count in counts.items() if not count.keys().isdisjoint(self.sensitive)]] = True
        for column, values in zip(self.adds, (found, pa.array(sensitive)), strict=True):
            batch = set_column(batch, column, values)
        for kind, rows in dropped.items():
            mask = np.zeros(batch.num_rows, bool)
            mask[rows] = True
            batch = reject(batch, self, mask, kind, partial(self._detail, counts, kind))
        return batch

    def _detail(self, counts: Mapping[int, Mapping[str, int]], kind: str, row: int) -> dict[str, Any]:
        """The number of finds, never one of them: a ledger must not spread what it keeps out of the corpus."""
        return {"rule": kind, "value": counts[row][kind], "threshold": self.most}


def _replaced(column: pa.Array, values: Mapping[int, str]) -> pa.Array:
    """The column with the values of some rows replaced."""
    if not values:
        return column
    mask = np.zeros(len(column), bool)
    mask[list(values)] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([values[i] for i in sorted(values)], column.type))
