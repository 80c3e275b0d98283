"""Whether keyword libraries are large, fresh and sharp enough; which words are useless."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from cci_tools.compliance.libraries import Library
from cci_tools.compliance.standards import Figure
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.keywords import Keywords, fold_word

CLASSES = {"A.1": "keywords_a1", "A.2": "keywords_a2"}
"""Prefix of a class of risk to the figure that says how many words it needs."""

TOO_GENERAL = 0.01
"""Share of clean documents, one in a hundred, from which on a word that needs no cue is too general."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the result.

    Parameters
    ----------
    name : str
        What was looked at, such as ``total`` or ``class A.1.c``.
    value : str
        What was found.
    setting : str
        The figure, with its standard and version; empty: no standard asks for it.
    passed : bool
    """

    name: str
    value: str
    setting: str = ""
    passed: bool = True


def check_libraries(
    libraries: Iterable[Library],
    standards: Mapping[str, Figure],
    *,
    today: date,
    classes: Sequence[str] = (),
    clean: Sequence[str] = (),
    too_general: float = TOO_GENERAL,
) -> list[Check]:
    """Check libraries as one.

    Words count once, in the form in which they are looked for, however many files, spellings or scripts have them; a
    line with ``{a|b}`` counts once, however many words it stands for. Allowed phrases (weight 0), cues and
    contexts are not counted.

    Parameters
    ----------
    libraries : iterable of Library
    standards : mapping of str to Figure
        `keywords_total`, `keywords_a1`, `keywords_a2`, `keywords_age_days`; a figure that is missing is not checked.
    today : datetime.date
        From which age is counted.
    classes : sequence of str
        Classes that must be there (``A.1.a``); without them, those that the words name are checked.
    clean : sequence of str
        Texts known to be clean, to find words that are too general; empty: not checked.
    too_general : float, default 0.01
        Share of clean texts with a word from which on the word is too general.

    Returns
    -------
    list of Check
        Totals, classes, age by file, words of one character, words given twice, and words that are too general.

    Raises
    ------
    ValueError
        `too_general` is not a share above 0.
    """
    if not 0 < too_general <= 1:
        raise ValueError(f"too_general: a share above 0 is needed, not {too_general}")
    libraries = list(libraries)
    labels: dict[str, set[str]] = defaultdict(set)
    short: list[str] = []
    seen: Counter[tuple[str, str]] = Counter()
    unconditional, entries = set(), set()
    for library in libraries:
        for word in library.words:
            folded = fold_word(word.text)
            if not word.weight:
                continue
            if len(folded) < 2:
                short.append(word.text)
                continue
            labels[word.label].add(word.entry or folded)
            entries.add(word.entry or folded)
            seen[word.category, folded] += 1
            if not word.requires:
                unconditional.add(folded)
    forms = len({folded for _, folded in seen})
    checks = [_at_least("total", len(entries), standards.get("keywords_total"), forms)]
    for label in sorted({*labels, *classes} - {""}):
        figure = next((standards.get(name) for prefix, name in CLASSES.items() if label.startswith(prefix)), None)
        checks.append(_at_least(f"class {label}", len(labels.get(label, ())), figure))
    if not any(label.startswith(tuple(CLASSES)) for label in (*labels, *classes)):
        checks.append(
            Check(
                name="classes",
                value="no word names a class of A.1 or A.2: not checked",
                passed=False,
                setting=_setting(standards),
            )
        )
    checks += [_age(library, today, standards.get("keywords_age_days")) for library in libraries if library.words]
    checks.append(_listed("words of one character", short))
    checks.append(_listed("words given twice", [word for (_, word), count in seen.items() if count > 1], fails=False))
    if len(clean):
        checks.append(_listed("words that are too general", _general(sorted(unconditional), clean, too_general)))
    return checks


def _at_least(name: str, count: int, figure: Figure | None, forms: int = 0) -> Check:
    value = f"{count:,} words" + (f", which stand for {forms:,}" if forms > count else "")
    if figure is None:
        return Check(name=name, value=value)
    setting = f"at least {figure.value:,.0f} ({figure.standard}, {figure.version})"
    return Check(name=name, value=value, setting=setting, passed=count >= figure.value)


def _setting(standards: Mapping[str, Figure]) -> str:
    return "; ".join(
        f"{prefix}: at least {standards[name].value:,.0f} each" for prefix, name in CLASSES.items() if name in standards
    )


def _age(library: Library, today: date, figure: Figure | None) -> Check:
    name = f"age of {library.file}"
    setting = f"at most {figure.value:,.0f} days ({figure.standard}, {figure.version})" if figure else ""
    if library.updated is None:
        return Check(name=name, value="no day of the last change is given", setting=setting, passed=figure is None)
    days = (today - library.updated).days
    passed = days >= 0 and (figure is None or days <= figure.value)
    return Check(name=name, value=f"{days:,} days ({library.updated})", setting=setting, passed=passed)


def _listed(name: str, words: Sequence[str], fails: bool = True) -> Check:
    value = "none" if not words else f"{len(words):,}: {', '.join(words[:20])}{', ...' if len(words) > 20 else ''}"
    return Check(name=name, value=value, passed=not (words and fails))


def _general(words: list[str], clean: Sequence[str], limit: float) -> list[str]:
    """Words found in too large a share of clean texts, the most general first."""
    keywords = Keywords(words)
    hits = keywords.find(*text_buffers(clean))
    rows = np.repeat(np.arange(len(clean)), np.diff(hits.offsets))
    pairs = np.unique(rows[keywords.sound(hits)] * len(words) + hits.words[keywords.sound(hits)])
    shares = np.bincount(pairs % max(len(words), 1), minlength=len(words)) / len(clean)
    found = [(share, word) for share, word in zip(shares.tolist(), words, strict=True) if share > 0 and share >= limit]
    return [f"{word} ({share:.1%})" for share, word in sorted(found, key=lambda item: (-item[0], item[1]))]
