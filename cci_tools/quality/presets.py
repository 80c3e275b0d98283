"""Thresholds: published ones with their exact figures, and our own. A verdict depends on measures and rules alone.

A rule names a measure (`cci_tools.kernels.measures.MEASURES`), a bound and a value. Rules apply in order; the first
that a document breaks gives the reason. A rule may hold only for documents that are large enough in some measure
(`given`): a poem has eight lines and a notice two sentences, so what is judged by lines or by repetition needs a number
of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from cci_tools.kernels.measures import MEASURES

REASONS: dict[str, str] = {
    "too_short": "The text has too few characters, words, lines or sentences.",
    "too_long": "The text has too many characters or words.",
    "too_few_hanzi": "Too small a share of the visible characters is Hanzi.",
    "too_many_digits": "Too large a share of the visible characters is digits.",
    "too_many_symbols": "Too large a share of the text is symbols or punctuation.",
    "unprintable": "Too large a share of the characters is controls, private use or unassigned.",
    "short_lines": "The lines are too short, or too many of them are.",
    "unpunctuated_lines": "Too few lines end in punctuation.",
    "bullet_lines": "Too many lines begin with a bullet.",
    "cut_lines": "Too many lines end in an ellipsis or a call to read on: a page of teasers.",
    "too_many_lines": "Too many new lines for so few words.",
    "duplicate_lines": "Too large a share of the lines occurred before in the text.",
    "duplicate_paragraphs": "Too large a share of the paragraphs occurred before in the text.",
    "repeated_ngrams": "Too large a share of the text is repeated n-grams.",
    "repeated_character": "One character, over and over, makes up too large a share of the text.",
    "too_little_variety": "The text uses too few different characters.",
    "too_few_stop_words": "The text has too few of the words that any text has.",
    "odd_words": "Words are too long or too short, or too few of them have letters.",
    "too_many_links": "Too large a share of the text is addresses of other pages.",
    "too_much_markup": "Too large a share of the text is tags.",
    "other_rule": "The text breaks a threshold of the recipe that no preset has.",
}
"""Reasons that rules give, and a sentence that explains each."""

_REASON_OF = {
    "min_characters": "too_short", "min_tokens": "too_short", "min_lines": "too_short", "min_sentences": "too_short",
    "max_characters": "too_long", "max_tokens": "too_long",
    "min_hanzi_fraction": "too_few_hanzi", "max_digit_fraction": "too_many_digits",
    "max_symbol_fraction": "too_many_symbols", "max_punctuation_fraction": "too_many_symbols",
    "max_hash_fraction": "too_many_symbols", "max_ellipsis_fraction": "too_many_symbols",
    "max_bracket_fraction": "too_many_symbols", "max_other_fraction": "unprintable",
    "min_mean_line_length": "short_lines", "max_short_line_fraction": "short_lines",
    "min_punctuated_line_fraction": "unpunctuated_lines", "max_bullet_line_fraction": "bullet_lines",
    "max_ellipsis_line_fraction": "cut_lines", "max_more_line_fraction": "cut_lines",
    "max_newline_ratio": "too_many_lines", "max_duplicate_line_fraction": "duplicate_lines",
    "max_duplicate_line_character_fraction": "duplicate_lines",
    "max_duplicate_paragraph_fraction": "duplicate_paragraphs",
    "max_duplicate_paragraph_character_fraction": "duplicate_paragraphs",
    **{f"max_top_{n}gram_fraction": "repeated_ngrams" for n in (2, 3, 4)},
    **{f"max_duplicate_{n}gram_fraction": "repeated_ngrams" for n in (5, 6, 7, 8, 9, 10, 13)},
    "max_longest_run": "repeated_character", "max_longest_run_fraction": "repeated_character",
    "min_unique_character_ratio": "too_little_variety", "min_unigram_entropy": "too_little_variety",
    "min_stop_words": "too_few_stop_words", "min_stop_word_fraction": "too_few_stop_words",
    "min_mean_token_length": "odd_words", "max_mean_token_length": "odd_words", "min_alphabetic_fraction": "odd_words",
    "max_link_fraction": "too_many_links", "max_markup_fraction": "too_much_markup",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One threshold.

    Attributes
    ----------
    bound : {"min", "max"}
        A document stays where the measure is at least, or at most, the value.
    measure : str
        A key of `MEASURES`.
    value : float
        The threshold; a measure equal to it stays.
    reason : str
        A key of `REASONS`.
    given : tuple of (str, float)
        Measures that must all be at least so large for the rule to hold; none: it holds for every document.
    """

    bound: Literal["min", "max"]
    measure: str
    value: float
    reason: str
    given: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """``max_digit_fraction``: the key by which a recipe changes the value."""
        return f"{self.bound}_{self.measure}"

    def broken(self, measures: Mapping[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.bool_]:
        """Which documents break the rule, shape (n,)."""
        values, limit = measures[self.measure], np.float32(self.value)
        found: npt.NDArray[np.bool_] = values < limit if self.bound == "min" else values > limit
        for name, least in self.given:
            found = found & (measures[name] >= np.float32(least))
        return found


def rule(name: str, value: float, **given: float) -> Rule:
    """A rule from its name.

    >>> rule("max_digit_fraction", 0.3, characters=100).reason
    'too_many_digits'
    """
    bound, _, measure = name.partition("_")
    if bound not in ("min", "max") or measure not in MEASURES:
        raise ValueError(f"{name!r} is not min_ or max_ and a measure; the measures are: {', '.join(MEASURES)}")
    side: Literal["min", "max"] = "min" if bound == "min" else "max"
    return Rule(side, measure, value, _REASON_OF.get(name, "other_rule"), tuple(given.items()))


_GOPHER_N = (5, 6, 7, 8, 9, 10)

PRESETS: dict[str, tuple[Rule, ...]] = {
    # Ours: what nobody would call text, and nothing else. The figures leave statutes, news, poems, recipes, manuals
    # full of code, Traditional text and forum threads standing; benchmarks/accuracy/quality.py prints what falls.
    "cci": (
        rule("min_characters", 5),
        rule("max_other_fraction", 0.25),
        rule("min_hanzi_fraction", 0.01),
        rule("max_digit_fraction", 0.8, characters=100),
        rule("max_symbol_fraction", 0.8),
        rule("max_longest_run_fraction", 0.5, characters=20),
        rule("max_link_fraction", 0.9),
        rule("max_markup_fraction", 0.85),
        rule("max_more_line_fraction", 0.5, lines=10),
        rule("max_ellipsis_line_fraction", 0.8, lines=20),
        rule("max_duplicate_line_character_fraction", 0.8, lines=10),
        rule("max_duplicate_paragraph_character_fraction", 0.8, characters=200),
        rule("max_top_2gram_fraction", 0.6, tokens=100),
        rule("max_top_3gram_fraction", 0.6, tokens=100),
        rule("max_top_4gram_fraction", 0.6, tokens=100),
        rule("max_duplicate_10gram_fraction", 0.85, tokens=200),
    ),
    # github.com/huggingface/fineweb-2: configs/cmn_Hani.yml and fineweb-2-pipeline.py, with Gopher's defaults that it
    # leaves in place (50 to 100,000 words, # and ellipsis 0.1, bullets 0.9, ellipsis lines 0.3). Its n-grams are of
    # words, ours of characters: 5 of them repeat far more often, and nearly every statute falls. Its language score
    # (0.692) is not a measure.
    "fineweb2-zh": (
        rule("max_duplicate_line_fraction", 0.287),
        rule("max_top_2gram_fraction", 0.256),
        rule("max_top_3gram_fraction", 0.201),
        rule("max_top_4gram_fraction", 0.171),
        *(
            rule(f"max_duplicate_{n}gram_fraction", value)
            for n, value in zip(_GOPHER_N, (0.198, 0.182, 0.167, 0.154, 0.14, 0.127), strict=True)
        ),
        rule("min_punctuated_line_fraction", 0.106),
        rule("max_duplicate_line_character_fraction", 0.1),
        rule("max_newline_ratio", 0.178),
        rule("min_tokens", 50),
        rule("max_tokens", 100_000),
        rule("min_mean_token_length", 1),
        rule("max_mean_token_length", 5),
        rule("max_hash_fraction", 0.1),
        rule("max_ellipsis_fraction", 0.1),
        rule("max_bullet_line_fraction", 0.9),
        rule("max_ellipsis_line_fraction", 0.3),
        rule("min_alphabetic_fraction", 0.735),
        rule("min_stop_words", 2),
    ),
    # arXiv 2311.01149 and its preprocess.py: more than 200 characters. Left out: its rule that drops every text which
    # a Traditional-to-Simplified conversion would change (one 著 is enough), sensitive words (0.5 a line), language
    # (0.5).
    "chinesewebtext": (
        rule("min_characters", 201),
        rule("min_mean_line_length", 10),
        rule("min_hanzi_fraction", 0.3),
        rule("max_duplicate_13gram_fraction", 0.5),
    ),
    # MAP-CC, arXiv 2404.04167 (CT-LLM). Left out: the lower bound of the mean word length (1.3; a token has 1 at least)
    # and the language score (0.4).
    "map-cc": (
        rule("min_sentences", 2),
        rule("min_characters", 50),
        rule("max_characters", 10_000),
        rule("max_mean_token_length", 10),
        rule("max_hash_fraction", 0.1),
        rule("max_ellipsis_fraction", 0.1),
        rule("max_bracket_fraction", 0.1),
        rule("max_digit_fraction", 0.3),
        rule("max_more_line_fraction", 0.3),
        rule("max_bullet_line_fraction", 0.9),
        rule("min_unique_character_ratio", 0.1),
        rule("min_unigram_entropy", 3),
        rule("max_top_2gram_fraction", 0.2),
        rule("max_top_3gram_fraction", 0.18),
        rule("max_top_4gram_fraction", 0.16),
        *(rule(f"max_duplicate_{n}gram_fraction", 0.6) for n in _GOPHER_N),
    ),
    # CCI4.0-M2, arXiv 2506.07463: its heuristic rules; the classifiers and the language-model loss come after them.
    "cci4": (
        rule("min_mean_line_length", 10),
        rule("min_characters", 100),
        rule("max_characters", 20_000),
    ),
}
"""Rules by preset. The published ones judge a whole web crawl: they drop most poems, notices and pages of code."""


def rules_of(preset: str, thresholds: Mapping[str, float] | None = None, own: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """The rules of a preset with some values changed.

    Parameters
    ----------
    preset : str
        A key of `PRESETS`.
    thresholds : mapping of str to float, optional
        Rule name to value: replaces the preset's value (what the rule is `given` stays), or adds a rule that holds for
        every document. ``inf`` (for max) or ``-inf`` (for min) switches a rule off.
    own : iterable of Rule, optional
        Rules of a kind of document (`cci_tools.quality.kinds`): they replace the preset's of the same name, or come
        after all.

    Raises
    ------
    ValueError
        There is no such preset or measure.

    Examples
    --------
    >>> rules_of("cci4", {"min_characters": 30, "min_hanzi_fraction": 0.5})[1:]
    (Rule(bound='min', measure='characters', value=30, reason='too_short', given=()), \
Rule(bound='max', measure='characters', value=20000, reason='too_long', given=()), \
Rule(bound='min', measure='hanzi_fraction', value=0.5, reason='too_few_hanzi', given=()))
    """
    if preset not in PRESETS:
        raise ValueError(f"there is no preset {preset!r}; there are: {', '.join(PRESETS)}")
    rules = {one.name: one for one in (*PRESETS[preset], *own)}
    for name, value in (thresholds or {}).items():
        if value != value:
            raise ValueError(f"{name}: a number is needed, not nan")
        rules[name] = replace(rules[name], value=value) if name in rules else rule(name, value)
    return tuple(rules.values())


def judge(measures: Mapping[str, npt.NDArray[np.float32]], rules: Iterable[Rule]) -> npt.NDArray[np.int64]:
    """The first rule that each document breaks.

    Parameters
    ----------
    measures : mapping of str to ndarray, shape (n,)
        Measures by name, as `cci_tools.quality.measures.measure` gives them.
    rules : iterable of Rule

    Returns
    -------
    ndarray of int64, shape (n,)
        Position of the rule, or -1 where the document keeps all.

    Examples
    --------
    >>> from cci_tools.quality.measures import measure
    >>> judge(measure(["一二", "第一条 本办法自公布之日起施行。"]), rules_of("cci")).tolist()
    [0, -1]
    """
    verdict = np.full(len(measures["characters"]), -1, np.int64)
    for position, one in enumerate(rules):
        verdict[(verdict < 0) & one.broken(measures)] = position
    return verdict
