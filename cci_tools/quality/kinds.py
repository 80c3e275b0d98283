"""The kind of a document, from its measures alone: much repetition for a report is little for a statute."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cci_tools.quality.presets import Rule, judge, rule, rules_of

KINDS: dict[str, str] = {
    "statute": "Laws, regulations, contracts: lines begin with 第…条, 章 or 节.",
    "tables": "Most lines have cells, or most of the text is figures.",
    "forum": "Threads of posts and replies: @ before names.",
    "documentation": "Manuals, articles with code, recipes: headings and bullets, or many Latin words.",
    "verse": "Poems and songs: a few short lines of Hanzi that end in punctuation.",
    "prose": "Everything else: news, reports, stories, web pages.",
}
"""Kinds in the order in which they are tried, and what each is."""


def kind_of(measures: Mapping[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.int8]:
    """The kind of each document: its position in `KINDS`.

    A rule of thumb for choosing thresholds, not a judgement of genre: no kind rejects by itself. Its boundaries
    were drawn on 98,000 documents of 23 known origins (benchmarks/accuracy/quality.py prints
    how they fall).

    Parameters
    ----------
    measures : mapping of str to ndarray, shape (n,)
        As `cci_tools.quality.measures.measure` gives them.

    Returns
    -------
    ndarray of int8, shape (n,)

    Examples
    --------
    >>> from cci_tools.quality.measures import measure
    >>> texts = ["床前明月光。\\n疑是地上霜。", "第一条 本办法适用于本市。\\n第二条 本办法自公布之日起施行。"]
    >>> found = kind_of(measure(texts))
    >>> [list(KINDS)[i] for i in found]
    ['verse', 'statute']
    """
    m = measures
    several, many = m["lines"] >= 2, m["lines"] >= 5
    tests = {
        "statute": several
        & (m["article_line_fraction"] * m["lines"] >= 2)
        & (m["article_line_fraction"] >= 0.05)
        & (m["hanzi_fraction"] >= 0.5),
        "tables": (many & (m["table_line_fraction"] >= 0.4)) | (m["digit_fraction"] >= 0.5),
        "forum": many & (m["mention_fraction"] >= 0.002) & (m["letter_fraction"] < 0.35),
        "documentation": (m["letter_fraction"] >= 0.15)
        | (many & (m["hash_fraction"] >= 0.0005))
        | (many & (m["bullet_line_fraction"] >= 0.2))
        | (m["markup_fraction"] >= 0.05),
        "verse": several
        & (m["mean_line_length"] <= 24)
        & (m["tokens"] <= 1000)
        & (m["hanzi_fraction"] >= 0.75)
        & (m["digit_fraction"] <= 0.01)
        & (m["letter_fraction"] <= 0.01)
        & (m["punctuated_line_fraction"] >= 0.3),
    }
    choices: list[npt.NDArray[np.bool_]] = list(tests.values())
    return np.select(choices, range(len(choices)), len(choices)).astype(np.int8)


BY_KIND: dict[str, dict[str, tuple[Rule, ...]]] = {
    # Each value lies well beyond what the clean documents of its kind reach (98,000 of 20 origins, cleaned).
    "cci": {
        "statute": (
            rule("min_hanzi_fraction", 0.3),
            rule("max_digit_fraction", 0.5, characters=100),
            rule("max_duplicate_line_character_fraction", 0.6, lines=10),
            rule("max_top_2gram_fraction", 0.4, tokens=100),
            rule("max_top_3gram_fraction", 0.5, tokens=100),
            rule("max_duplicate_10gram_fraction", 0.8, tokens=200),
        ),
        "tables": (
            rule("min_hanzi_fraction", 0.004),
            rule("max_digit_fraction", 0.95, characters=100),
            rule("max_duplicate_line_character_fraction", 0.85, lines=10),
        ),
        "forum": (
            rule("min_hanzi_fraction", 0.05),
            rule("max_more_line_fraction", 0.2, lines=10),
            rule("max_top_2gram_fraction", 0.5, tokens=100),
            rule("max_top_3gram_fraction", 0.5, tokens=100),
            rule("max_top_4gram_fraction", 0.5, tokens=100),
        ),
        "verse": (
            rule("max_longest_run_fraction", 0.3, characters=20),
            rule("max_duplicate_line_character_fraction", 0.7, lines=10),
            rule("max_top_2gram_fraction", 0.4, tokens=100),
            rule("max_top_3gram_fraction", 0.4, tokens=100),
            rule("max_top_4gram_fraction", 0.4, tokens=100),
        ),
        "prose": (
            rule("max_digit_fraction", 0.7, characters=100),
            rule("max_link_fraction", 0.6),
            rule("max_more_line_fraction", 0.3, lines=10),
            rule("min_unigram_entropy", 2.0, tokens=100),
        ),
    },
}
"""Rules of a preset that are others for a kind: they replace those of the same name, or come after all."""

Thresholds = Mapping[str, float | Mapping[str, float]]


def rules_by_kind(preset: str, thresholds: Thresholds | None = None) -> dict[str, tuple[Rule, ...]]:
    """The rules that hold for each kind.

    Parameters
    ----------
    preset : str
        A key of `cci_tools.quality.presets.PRESETS`. The published ones know no kinds.
    thresholds : mapping, optional
        Rule name to value, for all kinds; or kind to such a mapping, for that kind alone, which comes last.

    Returns
    -------
    dict of str to tuple of Rule
        One entry a kind, in the order of `KINDS`.

    Raises
    ------
    ValueError
        There is no such preset, kind or measure.

    Examples
    --------
    >>> rules = rules_by_kind("cci", {"max_longest_run_fraction": 0.6, "verse": {"min_characters": 10}})
    >>> [next(r.value for r in rules[kind] if r.name == "min_characters") for kind in ("verse", "prose")]
    [10, 5]
    >>> [next(r.value for r in rules[kind] if r.name == "max_longest_run_fraction") for kind in ("verse", "prose")]
    [0.6, 0.6]
    """
    for_all, for_one = {}, {}
    for name, value in (thresholds or {}).items():
        if not isinstance(value, Mapping):
            for_all[name] = value
        elif name in KINDS:
            for_one[name] = value
        else:
            raise ValueError(f"there is no kind of document {name!r}; there are: {', '.join(KINDS)}")
    return {
        kind: rules_of(preset, {**for_all, **for_one.get(kind, {})}, BY_KIND.get(preset, {}).get(kind, ()))
        for kind in KINDS
    }


def judge_by_kind(
    measures: Mapping[str, npt.NDArray[np.float32]], kinds: npt.NDArray[np.int8], rules: Mapping[str, tuple[Rule, ...]]
) -> list[tuple[Rule, npt.NDArray[np.bool_]]]:
    """Each rule that some document breaks before any other rule, and the documents that do.

    Parameters
    ----------
    measures : mapping of str to ndarray, shape (n,)
    kinds : ndarray of int8, shape (n,)
        From `kind_of`.
    rules : mapping of str to tuple of Rule
        From `rules_by_kind`.

    Returns
    -------
    list of (Rule, ndarray of bool, shape (n,))
        No document is in two of the masks.
    """
    found = []
    for number, kind in enumerate(KINDS):
        here = kinds == number
        if not here.any():
            continue
        verdict = np.where(here, judge(measures, rules[kind]), -1)
        found += [(rules[kind][position], verdict == position) for position in np.unique(verdict[verdict >= 0])]
    return found
