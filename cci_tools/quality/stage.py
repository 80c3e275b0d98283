"""The quality stage: measures as a column, verdicts by thresholds, and the score of a model where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from cci_tools.quality.measures import QUALITY, measure, to_struct
from cci_tools.quality.model import load_model, score
from cci_tools.quality.presets import REASONS, judge, rules_of
from cci_tools.resources import resolve
from cci_tools.stage import Stage, path_field, reject, set_column

SCORED_TOKENS = 10  # a shorter text is not rejected by its score


@dataclass(frozen=True, kw_only=True)
class Quality(Stage):
    """Measure every document, and reject what breaks a threshold.

    Attributes
    ----------
    preset : str, default "cci"
        A set of rules of `cci_tools.quality.presets`: "cci" keeps whatever reads as text; "fineweb2-zh",
        "chinesewebtext", "map-cc" and "cci4" are the published ones and drop far more.
    thresholds : dict of str to float, default {}
        Values that differ from the preset's, by rule name: ``{max_digit_fraction = 0.5}``.
    model : str, default "seeds/quality.ftz"
        A fastText model that labels documents; "" for none: `quality_score` is then null.
    model_label : str, default "__label__good"
        The label whose probability is the score.
    min_score : float, default 0.05
        A document that scores less is rejected, unless it has fewer than 10 tokens: of so little the model knows
        nothing. The default model is a filter for spam and wrong decoding, not a taste for good prose: raising the
        threshold much drops honest but unusual text.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        **REASONS,
        "low_score": "The model finds the text less probable to be good than the recipe asks.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("quality", QUALITY),
        pa.field("quality_score", pa.float32()),
    )

    preset: str = "cci"
    thresholds: dict[str, float] = field(default_factory=dict)
    model: str = path_field("seeds/quality.ftz")
    model_label: str = "__label__good"
    min_score: float = 0.05

    def __post_init__(self) -> None:
        rules_of(self.preset, self.thresholds)
        if not 0 <= self.min_score <= 1:
            raise ValueError(f"quality.min_score: a probability from 0 to 1 is needed, not {self.min_score}")

    def __hash__(self) -> int:
        return hash((self.preset, tuple(sorted(self.thresholds.items())), self.model, self.model_label, self.min_score))

    def open(self) -> None:
        """Load the model."""
        if self.model:
            load_model(str(resolve(self.model))).label_index(self.model_label)

    def resolved(self) -> dict[str, Any]:
        """The thresholds in force: those of the preset, with the recipe's own in their place."""
        rules = rules_of(self.preset, self.thresholds)
        return {
            "rules": {
                rule.name: f"{rule.value:g}" + "".join(f", where {name} >= {least:g}" for name, least in rule.given)
                for rule in rules
            }
        }

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the columns `quality` and `quality_score`; reject by the first rule broken, then by score."""
        texts = batch.column("text")
        measures = measure(texts)
        rules = rules_of(self.preset, self.thresholds)
        verdict = judge(measures, rules)
        for position in np.unique(verdict[verdict >= 0]):
            broken = rules[position]

            def because(row: int) -> dict[str, Any]:
                value = float(measures[broken.measure][row])  # noqa: B023
                return {"rule": broken.measure, "value": round(value, 4), "threshold": broken.value}  # noqa: B023

            batch = reject(batch, self, verdict == position, broken.reason, because)
        batch = set_column(batch, self.adds[0], to_struct(measures))
        if not self.model:
            return set_column(batch, self.adds[1], pa.nulls(batch.num_rows, pa.float32()))
        scores = score(load_model(str(resolve(self.model))), texts, self.model_label)

        def low(row: int) -> dict[str, Any]:
            return {"rule": "quality_score", "value": round(float(scores[row]), 4), "threshold": self.min_score}

        judged = measures["tokens"] >= SCORED_TOKENS
        batch = reject(batch, self, judged & (scores < np.float32(self.min_score)), "low_score", low)
        return set_column(batch, self.adds[1], pa.array(scores))
