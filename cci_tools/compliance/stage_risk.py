"""The risk stage: advertising spam, gambling, pornographic adverts, fraud, and categories of the user's own lists."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.compliance.keywords import Finding, Scanner
from cci_tools.compliance.libraries import library_files, read_library
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers
from cci_tools.kernels.classifier import Classifier, char_tokens
from cci_tools.resources import resolve
from cci_tools.stage import Stage, path_field, reject, set_column

_DEFAULT = "default"  # key of the actions: every category that they do not name
_LABEL = "__label__"

EXEMPT_TIERS = (
    "central_party_org",
    "central_government",
    "central_institution",
    "central_news",
    "central_newspaper",
    "provincial_government",
    "prefecture_government",
    "local_newspaper",
    "local_news",
)
"""Government, news and newspapers: they write of crime, and do not advertise it."""

Action = Literal["keep", "drop", "review"]
Details = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Risk(Stage):
    """Find the words of risky categories, and refuse texts that are made of them.

    A text is refused when, for one category, score, density and number of different signs all reach their thresholds
    (see `cci_tools.compliance.keywords.Finding`), and it is no report: statutes, judgements, warnings and news use the
    same words. What was found is written down for every text, refused or not.

    Parameters
    ----------
    libraries : tuple of str
        Keyword libraries, or folders of them; see `cci_tools.compliance.libraries`. Cues and contexts of one hold for
        all. The shipped ones are a demonstration: a lawful list for a purpose is the user's own.
    min_score : float, default 4.0
        Weights of the different words and one for each kind of cue, less the context. A word of weight 3 beside a
        telephone number reaches it. Lower values refuse texts for a single phrase.
    min_density : float, default 5.0
        Weight of all finds per 1,000 characters: so that one bad line does not condemn a long text.
    min_signs : int, default 2
        Different words and kinds of cue.
    context_weight : float, default 1.0
        What one word of context takes off a score.
    actions : dict of str to ``"drop"``, ``"review"`` or ``"keep"``
        By category; the key ``default`` speaks for those that are not named, without it they are dropped. ``review``
        gives the reason ``risk.in_review``; ``keep`` only writes down.
    exempt_tiers : tuple of str
        Texts of sources of these tiers (column `tier`) are measured and never refused.
    model : str, default ""
        A fastText classifier on the tokens of `cci_tools.quality.train` with a label ``__label__<category>`` for each
        category that it knows. It adds `probability` to what is written down.
    min_probability : float, default 0.9
        From here on the model refuses a text, whatever words it has.

    Raises
    ------
    ValueError
        A threshold is out of range, or an action is none. From `open`: a library or the model cannot be used, or an
        action names a category that no library has.
    """

    name: ClassVar[str] = "risk"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "advertising": "Advertising spam: promotion of sites, miracle cures, goods and texts sent in bulk.",
        "gambling": "The text advertises gambling.",
        "pornography": "The text advertises pornography or prostitution.",
        "fraud": "The text offers forged papers, swindlers' loans, jobs or winnings, traded accounts, tools of crime.",
        "keywords": "The text is made of words of a category of the user's lists; the detail names it.",
        "in_review": "A category whose texts people are to look at; the detail names it.",
    }
    adds: ClassVar[tuple[pa.Field, ...]] = (pa.field("risk", pa.string()),)

    libraries: tuple[str, ...] = path_field(("seeds/keywords",))
    min_score: float = 4.0
    min_density: float = 5.0
    min_signs: int = 2
    context_weight: float = 1.0
    actions: dict[str, Action] = field(default_factory=dict, hash=False)
    exempt_tiers: tuple[str, ...] = EXEMPT_TIERS
    model: str = path_field("")
    min_probability: float = 0.9

    def __post_init__(self) -> None:
        for name in ("min_score", "min_density", "min_signs", "context_weight"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: {getattr(self, name)} is negative")
        if not 0 < self.min_probability <= 1:
            raise ValueError(f"min_probability: a probability above 0 is needed, not {self.min_probability}")
        for category, action in self.actions.items():
            if action not in ("keep", "drop", "review"):
                raise ValueError(f"actions: {category}: expected keep, drop or review, got {action!r}")

    def open(self) -> None:
        """Read libraries and model."""
        categories = set(self._scanner().categories)
        if self.model:
            categories |= _labels(self.model)
        for category in self.actions:
            if category not in (*categories, _DEFAULT):
                known = ", ".join(sorted(categories))
                raise ValueError(
                    f"actions: {category!r} is no category of the libraries; known are {_DEFAULT}, {known}"
                )

    def resolved(self) -> dict[str, Any]:
        """Number of words and the categories."""
        scanner = self._scanner()
        return {"words": len(scanner), "categories": list(scanner.categories)}

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the column `risk`; refuse by score, density and signs, or by the model."""
        values, offsets = text_buffers(batch.column("text"))
        found: dict[int, dict[str, Details]] = {}
        verdicts: dict[int, list[tuple[str, Details]]] = {}
        for row, category, finding in self._scanner().scan(values, offsets):
            found.setdefault(row, {})[category] = _shown(finding)
            if self._refused(finding):
                verdicts.setdefault(row, []).append((category, self._detail(category, finding)))
        if self.model:
            self._classify(values, offsets, found, verdicts)
        column = [json.dumps(found[row], ensure_ascii=False) if row in found else None for row in range(batch.num_rows)]
        batch = set_column(batch, self.adds[0], pa.array(column, pa.string()))
        return self._reject(batch, verdicts)

    def _scanner(self) -> Scanner:
        return _scanner(self.libraries, self.context_weight)

    def _refused(self, finding: Finding) -> bool:
        signs = finding.distinct + len(finding.cues)
        enough = finding.score >= self.min_score and finding.density >= self.min_density and signs >= self.min_signs
        return enough and not finding.reported

    def _detail(self, category: str, finding: Finding) -> Details:
        found = {"density": finding.density, "words": finding.words, "cues": finding.cues, "contexts": finding.contexts}
        return {"rule": "keywords", "category": category, "value": finding.score, "threshold": self.min_score, **found}

    def _classify(
        self,
        values: Bytes,
        offsets: Offsets,
        found: dict[int, dict[str, Details]],
        verdicts: dict[int, list[tuple[str, Details]]],
    ) -> None:
        """Add what the model says."""
        tokens = char_tokens(values, offsets)
        empty = np.diff(tokens[1]) == 0
        for category in sorted(_labels(self.model)):
            scores = _model(self.model).score(*tokens, _LABEL + category)
            for row in np.flatnonzero((scores >= 0.5) & ~empty).tolist():
                probability = round(float(scores[row]), 4)
                found.setdefault(row, {}).setdefault(category, {})["probability"] = probability
                if scores[row] >= self.min_probability:
                    detail = {"rule": "model", "category": category, "value": probability}
                    verdicts.setdefault(row, []).append((category, {**detail, "threshold": self.min_probability}))

    def _reject(self, batch: pa.RecordBatch, verdicts: dict[int, list[tuple[str, Details]]]) -> pa.RecordBatch:
        refused: dict[str, dict[int, Details]] = {}
        exempt = self._exempt(batch)
        for row, found in verdicts.items():
            actions = [(self.actions.get(name, self.actions.get(_DEFAULT, "drop")), name, d) for name, d in found]
            chosen = [a for a in actions if a[0] == "drop"] or [a for a in actions if a[0] == "review"]
            if not chosen or exempt[row]:
                continue
            action, category, detail = max(chosen, key=lambda a: (a[2]["rule"] == "keywords", a[2]["value"]))
            named = category if category in self.reasons and category != "in_review" else "keywords"
            refused.setdefault("in_review" if action == "review" else named, {})[row] = detail
        for reason, details in sorted(refused.items()):
            mask = np.zeros(batch.num_rows, bool)
            mask[list(details)] = True
            batch = reject(batch, self, mask, reason, details.__getitem__)
        return batch

    def _exempt(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        if "tier" not in batch.schema.names or not self.exempt_tiers:
            return np.zeros(batch.num_rows, bool)
        inside = pc.is_in(batch.column("tier"), value_set=pa.array(self.exempt_tiers, pa.string()))
        mask: npt.NDArray[np.bool_] = pc.fill_null(inside, False).to_numpy(zero_copy_only=False)
        return mask


def _shown(finding: Finding) -> Details:
    return {name: value for name, value in finding._asdict().items() if value or name == "score"}


@cache
def _scanner(libraries: tuple[str, ...], context_weight: float) -> Scanner:
    files = [file for path in libraries for file in library_files(resolve(path))]
    return Scanner(map(read_library, files), context_weight)


@cache
def _model(path: str) -> Classifier:
    return Classifier(Path(path))


def _labels(path: str) -> set[str]:
    """Categories that the model knows."""
    return {label.removeprefix(_LABEL) for label in _model(path).labels} - {"good", "bad", "clean", "other"}
