"""The rules of cleaning in their order, and the choice of them that a run makes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Literal

from cci_tools.cleaning import boilerplate, edges, lines, markup, mojibake, residue, unicode, verdicts, width
from cci_tools.cleaning.script import converter
from cci_tools.kernels.scan import Flag, Needles, Place, needles

VERSION = "5"
"""Raised when a rule may give another result."""

Script = Literal["keep", "simplified", "traditional"]
Repair = Callable[..., tuple[str, int]]


@dataclass(frozen=True)
class Rule:
    """One repair.

    Attributes
    ----------
    name : str
        Its name in counts and recipes.
    flags : int
        Flags without all of which it changes nothing; -1 where no flag says so.
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
SCRIPT = "script"
"""Name of the last rule, the conversion between Simplified and Traditional, which only a recipe asks for."""
FORMAT = ("line_ends", "invisible", "controls", "wide_spaces", "trailing", "blank_runs")
"""Rules that change nothing that a reader sees."""


@dataclass(frozen=True)
class Plan:
    """The rules of a run, the needles of its scan, and the script that all texts are brought to."""

    rules: tuple[Rule, ...]
    needles: Needles
    furniture: boilerplate.Furniture
    script: Script = "keep"


@cache
def plan(skip: tuple[str, ...] = (), furniture: tuple[str, ...] = boilerplate.FILES, script: Script = "keep") -> Plan:
    """The rules without those that are skipped.

    Parameters
    ----------
    skip : tuple of str, default ()
        Names of rules to leave out.
    furniture : tuple of str
        Files of boilerplate rules; the default has those that come with the package.
    script : {"keep", "simplified", "traditional"}, default "keep"
        What every text is brought to after all other rules; see `cci_tools.cleaning.script.converter`.

    Raises
    ------
    ValueError
        `skip` names a rule that does not exist, or a file has a mistake.
    """
    if unknown := set(skip) - set(NAMES):
        raise ValueError(f"cleaning: no such rule: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    loaded = boilerplate.load(furniture)
    special = {"boilerplate": partial(boilerplate.strip, furniture=loaded)}
    rules = tuple(
        replace(r, flags=int(r.flags), apply=special.get(r.name, r.apply)) for r in RULES if r.name not in skip
    )
    if script != "keep":
        rules += (Rule(SCRIPT, -1, converter(script), limited=False),)
    table = [(text, Flag.BOILERPLATE, Place.ENDS) for text in sorted(boilerplate.needles(loaded))]
    table += [(text, Flag.EDGE, Place.ENDS) for text in edges.NEEDLES]
    table += [("纠错】", Flag.BOILERPLATE, Place.ANYWHERE)]
    table += [(text, Flag.MISREAD, Place.ANYWHERE) for text in mojibake.BIG5_LETTERS]
    table += [("锟斤", Flag.REPLACEMENT, Place.ANYWHERE)]
    table += [(text, Flag.RESIDUE, Place.ANYWHERE) for text in residue.NEEDLES]
    table += [(text, Flag.ADVERTISING, Place.THRICE) for text in verdicts.ADVERTISING]
    return Plan(rules, needles(table), loaded, script)
