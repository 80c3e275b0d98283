"""The decontamination stage: documents that hold items of evaluation sets are dropped, cut or marked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.decontamination.check import describe
from cci_tools.decontamination.cut import Cut, cut_items
from cci_tools.decontamination.loading import load_matcher
from cci_tools.decontamination.match import Hit, Matcher, find_contamination
from cci_tools.stage import Stage, live, path_field, reject, set_column


@dataclass(frozen=True, kw_only=True)
class Decontamination(Stage):
    """Documents that hold items of evaluation sets.

    Attributes
    ----------
    indexes : tuple of str, default ("seeds/benchmarks",)
        Index files, or folders of them. The default covers the benchmarks whose licence allows shipping an index.
    action : {"drop", "cut", "tag"}, default "drop"
        ``"cut"`` removes the items, with the sentences that they touch, and keeps the rest of a document where enough
        is left; ``"tag"`` changes nothing. Both note every hit in the column `contamination`, ``"drop"`` and what
        ``"cut"`` rejects in the detail.
    threshold : float, default 0.8
        Share of a question that must be there, beside its choices, answer or passage.
    alone : float, default 0.9
        Share of a long question that is enough without them; above 1 never.
    frequencies : str, default ""
        File of ``cci-clean index frequencies``: n-grams that a corpus has in many documents weigh less.
    keep_characters : int, default 200
        Characters, white space not counted, that a cut document must have left: what GPT-3 kept of a document beside
        a hit. Fewer are a heading and a footer.
    keep_share : float, default 0.5
        Share of a cut document that must be left. A page that was mostly items is a test, and what is left of it are
        items of no index.
    """

    name: ClassVar[str] = "decontamination"
    version: ClassVar[str] = "2"
    reasons: ClassVar[dict[str, str]] = {
        "benchmark_item": "The document holds an evaluation item: its question with choices, answer or passage.",
        "too_little_left": "Evaluation items were cut out of the document, and too little was left of it.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (pa.field("contamination", pa.string()),)

    indexes: tuple[str, ...] = path_field(("seeds/benchmarks",))
    action: Literal["drop", "cut", "tag"] = "drop"
    threshold: float = 0.8
    alone: float = 0.9
    frequencies: str = path_field("")
    keep_characters: int = 200
    keep_share: float = 0.5

    def __post_init__(self) -> None:
        if not self.indexes:
            raise ValueError("decontamination.indexes: name at least one index file or folder")
        if self.action not in ("drop", "cut", "tag"):
            raise ValueError(f"decontamination.action: expected 'drop', 'cut' or 'tag', got {self.action!r}")
        if not 0.5 <= self.threshold <= 1:
            raise ValueError(f"decontamination.threshold: expected 0.5 to 1, got {self.threshold}")
        if not self.threshold <= self.alone:
            raise ValueError(
                f"decontamination.alone: expected at least the threshold {self.threshold}, got {self.alone}"
            )
        if self.keep_characters < 1:
            raise ValueError(f"decontamination.keep_characters: expected at least 1, got {self.keep_characters}")
        if not 0 <= self.keep_share <= 1:
            raise ValueError(f"decontamination.keep_share: expected 0 to 1, got {self.keep_share}")

    def open(self) -> None:
        self._matcher()

    def resolved(self) -> dict[str, Any]:
        """Benchmarks of the indexes, with their number of items."""
        sizes: Counter[str] = Counter()
        for of in self._matcher().index.sets:
            sizes[of.benchmark] += of.items
        return {"benchmarks": dict(sorted(sizes.items()))}

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = np.flatnonzero(live(batch))
        texts = batch.column("text")
        if len(rows) < batch.num_rows:
            texts = texts.take(pa.array(rows))
        by_row: dict[int, list[Hit]] = {}
        for hit in self._search(texts):
            by_row.setdefault(int(rows[hit.text]), []).append(hit)
        if self.action == "cut":
            return self._cut(batch, by_row)
        notes = {row: [describe(hit) for hit in hits] for row, hits in by_row.items()}
        batch = _noted(batch, self.adds[0], notes)
        if self.action == "tag":
            return batch
        return reject(batch, self, _mask(batch, by_row), "benchmark_item", lambda row: self._detail(notes[row]))

    def _cut(self, batch: pa.RecordBatch, by_row: Mapping[int, list[Hit]]) -> pa.RecordBatch:
        texts = batch.column("text")
        before = {row: texts[row].as_py() for row in by_row}
        cuts = {row: cut_items(before[row], lambda text: self._search([text]), hits) for row, hits in by_row.items()}
        left = {row: _characters(cut.text) for row, cut in cuts.items()}
        needed = {row: max(self.keep_characters, self.keep_share * _characters(text)) for row, text in before.items()}
        notes = {row: _cut_notes(cut) for row, cut in cuts.items()}
        gone = [row for row, cut in cuts.items() if not cut.clean or left[row] < needed[row]]
        batch = _noted(batch, self.adds[0], notes)
        batch = reject(
            batch,
            self,
            _mask(batch, gone),
            "too_little_left",
            lambda row: {
                "rule": "characters_left",
                "value": left[row],
                "threshold": int(np.ceil(needed[row])),
                "hits": notes[row],
            },
        )
        kept = {row: cut.text for row, cut in cuts.items() if row not in set(gone)}
        return _replaced(batch, kept)

    def _matcher(self) -> Matcher:
        return load_matcher(self.indexes, self.frequencies)

    def _search(self, texts: Any) -> list[Hit]:
        return find_contamination(texts, self._matcher(), threshold=self.threshold, alone=self.alone)

    def _detail(self, notes: list[dict[str, Any]]) -> dict[str, Any]:
        """The fullest hit in words of a rule, and all of them."""
        first = notes[0]
        threshold = self.alone if first["rule"] == "question" else self.threshold
        value = first["passage"] if first["rule"] == "passage+choices" else first["coverage"]
        named = {key: first[key] for key in ("benchmark", "split", "item")}
        return {"rule": first["rule"], "value": value, "threshold": threshold, **named, "hits": notes}


def _cut_notes(cut: Cut) -> list[dict[str, Any]]:
    """The hits of a text and what was cut out of it with each, in characters of the text as it was."""
    return [{**describe(hit), "cut": list(place)} for hit, place in zip(cut.hits, cut.places, strict=True)]


def _characters(text: str) -> int:
    return len("".join(text.split()))


def _mask(batch: pa.RecordBatch, rows: Mapping[int, Any] | Sequence[int]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    mask = np.zeros(batch.num_rows, bool)
    mask[list(rows)] = True
    return mask


def _noted(batch: pa.RecordBatch, added: pa.Field, notes: Mapping[int, list[dict[str, Any]]]) -> pa.RecordBatch:
    column: list[str | None] = [None] * batch.num_rows
    for row, note in notes.items():
        column[row] = json.dumps(note, ensure_ascii=False)
    return set_column(batch, added, pa.array(column, pa.string()))


def _replaced(batch: pa.RecordBatch, texts: Mapping[int, str]) -> pa.RecordBatch:
    """The batch with the texts of some rows replaced."""
    if not texts:
        return batch
    column = batch.column("text")
    rows = pa.array(_mask(batch, texts))
    values = pa.array([texts[row] for row in sorted(texts)], column.type)
    return set_column(batch, batch.schema.field("text"), pc.replace_with_mask(column, rows, values))
