"""The rules in their order, and `clean`: one text through all of them until nothing changes any more."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.cleaning import boilerplate, edges, lines, markup, mojibake, residue, unicode, verdicts, width
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.scan import Flag, Needles, Place, needles, scan

VERSION = "2"
"""Raised when a rule may give another result."""

LIMIT = 0.3
"""A repair that would remove a larger share of a text's Hanzi is given up: it has misunderstood the text."""

_ROUNDS = 8
_HANZI = re.compile(f"[{unicode.HANZI}]")
_RESIDUE = int(Flag.PRIVATE | Flag.REPLACEMENT | Flag.MISREAD)

Repair = Callable[..., tuple[str, int]]


@dataclass(frozen=True)
class Rule:
    """One repair.

    Attributes
    ----------
    name : str
        Its name in counts and recipes.
    flags : int
        Flags without all of which it changes nothing.
    apply : callable
        From a text, and its address if `addressed`, to the mended text and the number of repairs.
    limited : bool
        Whether `LIMIT` applies.
    addressed : bool
        Whether it wants the address too.
    """

    name: str
    flags: int
    apply: Repair
    limited: bool = True
    addressed: bool = False


RULES = (
    Rule("mojibake_latin", Flag.LATIN, mojibake.latin, limited=False),
    Rule("mojibake_gbk", Flag.MISREAD, mojibake.gbk, limited=False),
    Rule("mojibake_big5", Flag.MISREAD, mojibake.big5, limited=False),
    Rule("line_ends", Flag.LINE_END, unicode.line_ends, limited=False),
    Rule("controls", Flag.CONTROL, unicode.controls, limited=False),
    Rule("invisible", Flag.INVISIBLE, unicode.invisible, limited=False),
    Rule("lost_lines", Flag.REPLACEMENT, mojibake.lost_lines, limited=False),
    Rule("entities", Flag.ENTITY, markup.entities, limited=False),
    Rule("escapes", Flag.ESCAPE, markup.escapes, limited=False),
    Rule("tags", Flag.TAG, markup.tags),
    Rule("residue", Flag.RESIDUE, residue.residue),
    Rule("wide_spaces", Flag.WIDE_SPACE, unicode.wide_spaces, limited=False),
    Rule("private_use", Flag.PRIVATE, unicode.private_use, limited=False),
    Rule("compatibility", Flag.COMPATIBILITY, unicode.compatibility, limited=False),
    Rule("width", Flag.WIDTH, width.width, limited=False),
    Rule("punctuation", Flag.HALF_MARK, width.punctuation, limited=False),
    Rule("trailing", Flag.TRAILING, unicode.trailing, limited=False),
    Rule("blank_runs", Flag.BLANK_RUN, unicode.blank_runs, limited=False),
    Rule("edges", Flag.EDGE, edges.edges, addressed=True),
    Rule("boilerplate", Flag.BOILERPLATE, lambda text: boilerplate.strip(text, boilerplate.load())),
    Rule("repeats", Flag.REPEAT, lines.repeats, limited=False),
    Rule("captions", Flag.RECURRING, lines.captions, limited=False),
    Rule("lost_dashes", Flag.YEARS, lines.lost_dashes, limited=False),
    Rule("spaced", Flag.SPACED, lines.spaced, limited=False),
    Rule("wraps", Flag.WRAPPED, lines.wraps, limited=False),
)
"""Bytes first, then markup, characters, and lines last: each rule sees what the ones before it have mended."""

NAMES = tuple(rule.name for rule in RULES)
FORMAT = ("line_ends", "invisible", "controls", "wide_spaces", "trailing", "blank_runs")
"""Rules that change nothing that a reader sees."""


@dataclass
class Cleaned:
    """A cleaned text.

    Attributes
    ----------
    text : str
        The text after all repairs.
    repairs : dict of str to int
        Rule to number of repairs; empty when nothing was wrong.
    reject : str or None
        Why the text cannot be used: ``"empty"``, ``"mojibake"``, ``"font_obfuscated"``, ``"spun_copy"`` or
        ``"hidden_advertising"``.
    detail : dict
        Rule, value and threshold of the rejection.
    residue : int
        Characters whose meaning is lost and stays lost: U+FFFD, private use.
    """

    text: str
    repairs: dict[str, int] = field(default_factory=dict)
    reject: str | None = None
    detail: dict[str, object] = field(default_factory=dict)
    residue: int = 0


@dataclass(frozen=True)
class Plan:
    """The rules of a run, and the needles of its scan."""

    rules: tuple[Rule, ...]
    needles: Needles
    furniture: boilerplate.Furniture


@cache
def plan(skip: tuple[str, ...] = (), furniture: str = "seeds/boilerplate.toml") -> Plan:
    """The rules without those that are skipped, with a file of boilerplate rules.

    Raises
    ------
    ValueError
        `skip` names a rule that does not exist.
    """
    if unknown := set(skip) - set(NAMES):
        raise ValueError(f"cleaning: no such rule: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    loaded = boilerplate.load(furniture)
    special = {"boilerplate": partial(boilerplate.strip, furniture=loaded)}
    rules = tuple(
        replace(r, flags=int(r.flags), apply=special.get(r.name, r.apply)) for r in RULES if r.name not in skip
    )
    table = [(text, Flag.BOILERPLATE, Place.ENDS) for text in sorted(boilerplate.needles(loaded))]
    table += [(text, Flag.EDGE, Place.ENDS) for text in edges.NEEDLES]
    table += [("纠错】", Flag.BOILERPLATE, Place.ANYWHERE)]
    table += [(text, Flag.MISREAD, Place.ANYWHERE) for text in mojibake.BIG5_LETTERS]
    table += [("锟斤", Flag.REPLACEMENT, Place.ANYWHERE)]
    table += [(text, Flag.RESIDUE, Place.ANYWHERE) for text in residue.NEEDLES]
    table += [(text, Flag.ADVERTISING, Place.THRICE) for text in verdicts.ADVERTISING]
    return Plan(rules, needles(table), loaded)


def clean(text: str, chosen: Plan | None = None, url: str | None = None) -> Cleaned:
    """Repair one text, or say why it cannot be used.

    Parameters
    ----------
    text : str
        A document.
    chosen : Plan, optional
        Rules; the default has all.
    url : str, optional
        Its address, for the rule `edges`.

    Returns
    -------
    Cleaned
        Cleaning its text once more changes nothing.

    Raises
    ------
    TypeError
        `text` is not a str.

    Examples
    --------
    >>> clean("第一条&nbsp;为了规范管理\\u200b，制定本办法。 \\r\\n").repairs
    {'line_ends': 1, 'invisible': 1, 'entities': 1, 'trailing': 1, 'wide_spaces': 1}
    """
    if not isinstance(text, str):
        raise TypeError(f"text: expected str, got {type(text).__name__}")
    column, urls = pa.array([text], pa.large_string()), pa.array([url], pa.large_string())
    return clean_all(column, np.zeros(1, np.int64), chosen or plan(), urls).get(0, Cleaned(text))


def clean_all(
    texts: pa.Array, rows: npt.NDArray[np.int64], chosen: Plan, urls: pa.Array | None = None
) -> dict[int, Cleaned]:
    """Repair the chosen rows of a column of texts.

    Each round scans the texts that the last one changed and applies the rules whose flags are set, until a round
    changes nothing: so the result is a fixed point, and a rule that an earlier repair brought in is not forgotten.

    Parameters
    ----------
    texts : pyarrow.Array
        `string` or `large_string`, without nulls.
    rows : ndarray of int64
        Numbers of the rows to clean.
    chosen : Plan
        Rules.
    urls : pyarrow.Array, optional
        Address of each text of the column.

    Returns
    -------
    dict of int to Cleaned
        The rows where something was repaired, lost or rejected, in the order of `rows`.
    """
    values, offsets = text_buffers(texts)
    flags = scan(values, offsets, chosen.needles)[rows]
    marked = np.flatnonzero(flags)
    begins, ends = offsets[rows[marked]].tolist(), offsets[rows[marked] + 1].tolist()
    originals = (str(values.data[begin:end], "utf-8") for begin, end in zip(begins, ends, strict=True))
    addresses = urls.take(pa.array(rows[marked])).to_pylist() if urls is not None else [None] * len(marked)
    todo = {
        int(rows[i]): _Row(text, int(flags[i]), url) for i, text, url in zip(marked, originals, addresses, strict=True)
    }
    changing = todo
    for _ in range(_ROUNDS):
        changing = {row: state for row, state in changing.items() if state.repair(chosen.rules)}
        if not changing:
            break
        again = scan(*text_buffers([state.text for state in changing.values()]), chosen.needles)
        for state, f in zip(changing.values(), again, strict=True):
            state.flags = int(f)
    results = {row: judge(state.text, state.flags, state.repairs) for row, state in todo.items()}
    return {row: result for row, result in results.items() if result.repairs or result.residue or result.reject}


@dataclass
class _Row:
    """A text on its way through the rounds."""

    text: str
    flags: int
    url: str | None = None
    repairs: dict[str, int] = field(default_factory=dict)
    stable: set[str] = field(default_factory=set)  # rules that are known to leave the present text alone

    def repair(self, rules: Sequence[Rule]) -> bool:
        """One round of the rules whose flags are set; whether the text changed."""
        changed = False
        for rule in rules:
            if not self.flags & rule.flags or rule.name in self.stable:
                continue
            fixed, count = rule.apply(self.text, self.url) if rule.addressed else rule.apply(self.text)
            if fixed == self.text or (rule.limited and _removes_too_much(self.text, fixed)):
                self.stable.add(rule.name)
                continue
            self.text = fixed
            self.repairs[rule.name] = self.repairs.get(rule.name, 0) + count
            self.stable.clear()
            changed = True
        return changed


def _removes_too_much(text: str, fixed: str) -> bool:
    if len(text) - len(fixed) <= 0.1 * len(text):
        return False
    before = len(_HANZI.findall(text))
    return before - len(_HANZI.findall(fixed)) > LIMIT * before


def judge(text: str, flags: int, repairs: dict[str, int]) -> Cleaned:
    """The verdict on a repaired text, given the flags of its last scan."""
    cleaned = Cleaned(text, repairs, residue=remains(text) if flags & _RESIDUE else 0)
    found = verdicts.verdict(text, flags)
    if found:
        cleaned.reject, cleaned.detail = found
    return cleaned


def remains(text: str) -> int:
    """Characters whose meaning is lost: U+FFFD, 锟斤拷, private use."""
    return mojibake.lost(text) + len(unicode.PRIVATE.findall(text))


def clean_text(text: str) -> str:
    """The text with all safe repairs made; the same rules as the default stage.

    Raises
    ------
    TypeError
        `text` is not a str.

    Examples
    --------
    >>> clean_text("中共中央办公厅\\u200b印发&ldquo;意见&rdquo;")
    '中共中央办公厅印发“意见”'
    """
    return clean(text).text
