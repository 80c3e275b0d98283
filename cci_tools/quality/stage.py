"""The quality stage: measures as a column, verdicts by thresholds, and the score of a model where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.quality import perplexity
from cci_tools.quality.calibration import RANKS
from cci_tools.quality.kinds import KINDS, judge_by_kind, kind_of, rules_by_kind
from cci_tools.quality.measures import QUALITY, Column, measure, to_struct
from cci_tools.quality.model import GOOD, Judge, score_all
from cci_tools.quality.presets import REASONS, Rule, rules_of
from cci_tools.resources import resolve
from cci_tools.stage import Stage, path_field, reject, set_column

SCORED_TOKENS = 10  # a shorter text is not rejected by its score


class Verdict(NamedTuple):
    """Documents that fall for one reason.

    Attributes
    ----------
    rule : str
        ``max_digit_fraction``, ``min_quality_score``.
    reason : str
        A key of `Quality.reasons`.
    measure : str
        What was compared: a measure, "quality_score" or "quality_rank".
    threshold : float
    values : ndarray of float32, shape (n,)
        The measure of every document.
    mask : ndarray of bool, shape (n,)
        The documents that fall.
    """

    rule: str
    reason: str
    measure: str
    threshold: float
    values: Column
    mask: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Quality(Stage):
    """Measure every document, and reject what breaks a threshold.

    Attributes
    ----------
    preset : str, default "cci"
        A set of rules of `cci_tools.quality.presets`: "cci" keeps whatever reads as text; "fineweb2-zh",
        "chinesewebtext", "map-cc" and "cci4" are the published ones and drop far more.
    thresholds : dict of str to float, default {}
        Values that differ from the preset's, by rule name: ``{max_digit_fraction = 0.5}``; or for one kind of document,
        ``{verse = {min_characters = 10}}`` (kinds: statute, tables, forum, documentation, verse, prose).
    model : str, default "seeds/quality.ftz"
        A fastText model that labels documents; "" for none: `quality_score` is then null.
    models : tuple of str, default ()
        Further models, to be combined with `model`.
    combine : {"max", "mean"}, default "max"
        Of several models: score and rank are the highest, as CCI4.0 has it, or the mean.
    model_label : str, default "__label__good"
        The label whose probability is the score.
    labels : dict of str to str, default {}
        That label where it is another, by the model's file name: ``{"lid.176.ftz" = "__label__zh"}``.
    text_models : tuple of str, default ()
        File names of models that read the text itself, cut at white space, and not our tokens: such as those for
        languages.
    min_score : float, default 0.05
        A document that scores less is rejected, unless it has fewer than 10 tokens: of so little the model knows
        nothing. The default model is a filter for spam and wrong decoding, not a taste for good prose: raising the
        threshold much drops honest but unusual text.
    perplexity : str, default ""
        An n-gram model of good text (`cci-clean train perplexity`, or one of KenLM's), for the column `perplexity`; ""
        for none.
    max_perplexity : float, default 0
        A document of higher perplexity is rejected, unless it has fewer than 10 tokens; 0 rejects none.
    min_rank : float, default 0
        A document of a lower rank is rejected likewise. Rank 0 to 19 is the twentieth of good texts (those held out
        when the model was trained) in which its score lies; of several models, as combined. 0 rejects none.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {
        **REASONS,
        "low_score": "The model finds the text less probable to be good than the recipe asks.",
        "high_perplexity": "The text is stranger to the model of good text than the recipe allows.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (
        pa.field("quality", QUALITY),
        pa.field("kind", pa.string()),
        pa.field("quality_score", pa.float32()),
        pa.field("quality_rank", pa.float32()),
        pa.field("perplexity", pa.float32()),
    )

    preset: str = "cci"
    thresholds: dict[str, float | dict[str, float]] = field(default_factory=dict)
    model: str = path_field("seeds/quality.ftz")
    models: tuple[str, ...] = path_field(())
    combine: Literal["max", "mean"] = "max"
    model_label: str = GOOD
    labels: dict[str, str] = field(default_factory=dict)
    text_models: tuple[str, ...] = ()
    min_score: float = 0.05
    min_rank: float = 0.0
    perplexity: str = path_field("")
    max_perplexity: float = 0.0

    def __post_init__(self) -> None:
        rules_by_kind(self.preset, self.thresholds)
        if not 0 <= self.min_score <= 1:
            raise ValueError(f"quality.min_score: a probability from 0 to 1 is needed, not {self.min_score}")

        if not 0 <= self.min_rank < RANKS:
            raise ValueError(f"quality.min_rank: a rank from 0 to {RANKS - 1} is needed, not {self.min_rank}")
        if not self.max_perplexity >= 0 or (self.max_perplexity and not self.perplexity):
            raise ValueError("quality.max_perplexity: a value above 0 and a model (quality.perplexity) are needed")
        names = {Path(model).name for model in (self.model, *self.models)}
        for setting, given in (("labels", self.labels), ("text_models", self.text_models)):
            for name in given:
                if name not in names:
                    raise ValueError(f"quality.{setting}: no model has the file name {name!r}")

    def __hash__(self) -> int:
        return hash(repr(self))

    @property
    def judges(self) -> tuple[Judge, ...]:
        """The models, and what each is asked."""
        return tuple(
            Judge(
                str(resolve(model)),
                self.labels.get(Path(model).name, self.model_label),
                Path(model).name in self.text_models,
            )
            for model in (self.model, *self.models)
            if model
        )

    def open(self) -> None:
        """Load the models."""
        for judge in self.judges:
            judge.open()
        if self.perplexity:
            perplexity.load(str(resolve(self.perplexity)))

    def resolved(self) -> dict[str, Any]:
        """The thresholds in force, by kind of document: those of the preset, with the recipe's own in their place."""

        def said(rule: Rule) -> str:
            return f"{rule.value:g}" + "".join(f", where {name} >= {least:g}" for name, least in rule.given)

        for_all = {name: value for name, value in self.thresholds.items() if isinstance(value, float | int)}
        told = {"rules": {rule.name: said(rule) for rule in rules_of(self.preset, for_all)}}
        for kind, rules in rules_by_kind(self.preset, self.thresholds).items():
            told[f"rules of {kind}"] = {
                rule.name: said(rule) for rule in rules if said(rule) != told["rules"].get(rule.name)
            }
        return {name: values for name, values in told.items() if values}

    def verdicts(
        self, measures: Mapping[str, Column], kinds: npt.NDArray[np.int8], scores: Mapping[str, Column]
    ) -> list[Verdict]:
        """What each document breaks first, from numbers alone: no text is needed to judge again.

        Parameters
        ----------
        measures : mapping of str to ndarray of float32, shape (n,)
        kinds : ndarray of int8, shape (n,)
        scores : mapping of str to ndarray of float32, shape (n,)
            "quality_score", "quality_rank" and "perplexity", as far as there are models; NaN where a model knows
            nothing of the text.

        Returns
        -------
        list of Verdict
            No document is in two of the masks.
        """
        found = [
            Verdict(broken.name, broken.reason, broken.measure, broken.value, measures[broken.measure], mask)
            for broken, mask in judge_by_kind(measures, kinds, rules_by_kind(self.preset, self.thresholds))
        ]
        left = measures["tokens"] >= SCORED_TOKENS
        for one in found:
            left &= ~one.mask
        bounds = {"min_quality_score": self.min_score, "min_quality_rank": self.min_rank}
        bounds["max_perplexity"] = self.max_perplexity
        for name, bound in bounds.items():
            values = scores.get(name[4:])
            if values is None or not bound:
                continue
            limit = np.float32(bound)
            mask = left & (values < limit if name.startswith("min_") else values > limit)
            reason = "high_perplexity" if name == "max_perplexity" else "low_score"
            found.append(Verdict(name, reason, name[4:], bound, values, mask))
            left &= ~mask
        return found

    def scores(self, texts: pa.Array) -> dict[str, Column]:
        """What the models say of texts: "quality_score", "quality_rank", "perplexity", as far as there are models."""
        scores: dict[str, Column] = {}
        if judges := self.judges:
            scores["quality_score"], scores["quality_rank"] = score_all(judges, texts, self.combine)
        if self.perplexity:
            scores["perplexity"] = perplexity.perplexity(perplexity.load(str(resolve(self.perplexity))), texts)
        return scores

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the columns; reject by the first rule broken, then by score and rank."""
        texts = batch.column("text")
        measures = measure(texts)
        kinds = kind_of(measures)
        scores = self.scores(texts)
        for one in self.verdicts(measures, kinds, scores):

            def because(row: int, one: Verdict = one) -> dict[str, Any]:
                return {"rule": one.measure, "value": round(float(one.values[row]), 4), "threshold": one.threshold}

            batch = reject(batch, self, one.mask, one.reason, because)
        columns = [to_struct(measures), pa.array(list(KINDS), pa.string()).take(pa.array(kinds))]
        for column in self.adds[2:]:
            values = scores.get(column.name)
            columns.append(
                pa.nulls(batch.num_rows, column.type) if values is None else pa.array(values, from_pandas=True)
            )
        for column, values in zip(self.adds, columns, strict=True):
            batch = set_column(batch, column, values)
        return batch
