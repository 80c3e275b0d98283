"""Files of boilerplate rules: read, checked, and timed against hostile lines before they see a document."""

import re
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from cci_tools import resources

FILES = ("seeds/boilerplate.toml",)
"""The rules that come with the package."""

LONGEST = 100
"""Characters of a line that a rule may match at most."""

GROUPS = ("source", "published", "editor")
"""Names of groups whose text is metadata."""

AROUND = "[\\s\\[\\](){}【】（）〔〕<>《》|｜·•>»*~-]*"
"""What may stand around the words of a rule in its line."""

SLOW = 0.02
"""Seconds of CPU for one line of at most `LONGEST` characters; what takes longer tries each combination of readings."""


@dataclass(frozen=True)
class Rule:
    """One rule; ``seeds/boilerplate.toml`` explains the fields."""

    id: str
    pattern: re.Pattern[str]
    position: str
    needles: tuple[str, ...]
    max_chars: int
    guard: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    next: re.Pattern[str] | None
    cut: bool
    lines: int


@dataclass(frozen=True, eq=False)
class Furniture:
    """Rules, and one pattern that finds any of their needles."""

    rules: tuple[Rule, ...]
    any_needle: re.Pattern[str]


@cache
def load(paths: tuple[str, ...] = FILES) -> Furniture:
    """The rules of some files, in their order; one with the id of a rule of an earlier file takes its place.

    Raises
    ------
    ValueError
        A file is no table of rules, or a rule of it is wrong or too slow; the message names file, rule and fault.
    """
    rules: dict[str, Rule] = {}
    for path in paths:
        rules |= _read(resources.resolve(path), trusted=path in FILES)
    return Furniture(tuple(rules.values()), any_of({needle for rule in rules.values() for needle in rule.needles}))


def any_of(literals: set[str]) -> re.Pattern[str]:
    """A pattern for any of some strings, grouped by their first characters so that it has few branches to try."""
    groups = groupby(sorted(literals), key=lambda literal: literal[0])
    branches = [f"{re.escape(c)}(?:{'|'.join(re.escape(literal[1:]) for literal in group)})" for c, group in groups]
    return re.compile("|".join(branches) or "(?!)")


def _read(file: Path, trusted: bool) -> dict[str, Rule]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: not a readable TOML file: {error}") from error
    if unknown := set(table) - {"version", "fragments", "rule"}:
        raise ValueError(f"{file}: unknown key {', '.join(sorted(unknown))}; there are version, fragments and [[rule]]")
    entries, fragments = table.get("rule", []), table.get("fragments", {})
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or not entries:
        raise ValueError(f"{file}: no [[rule]]")
    if not isinstance(fragments, dict) or not all(isinstance(text, str) for text in fragments.values()):
        raise ValueError(f"{file}: fragments are strings")
    rules: dict[str, Rule] = {}
    for number, entry in enumerate(entries, 1):
        where = f"{file}: rule {entry['id']!r}" if "id" in entry else f"{file}: rule number {number}"
        rule = _rule(entry, fragments, where)
        if rule.id in rules:
            raise ValueError(f"{where}: there are two of that id")
        if not trusted:
            _time(rule, where)
        rules[rule.id] = rule
    return rules


_KINDS: dict[str, tuple[type[Any], str]] = {
    **dict.fromkeys(("id", "pattern", "position", "guard", "needs", "next"), (str, "a string")),
    "needles": (list, "a list of strings"),
    **dict.fromkeys(("max_chars", "lines"), (int, "a whole number above 0")),
    "cut": (bool, "true or false"),
}


def _rule(entry: Mapping[str, Any], fragments: Mapping[str, str], where: str) -> Rule:
    if unknown := set(entry) - set(_KINDS):
        raise ValueError(f"{where}: unknown field {', '.join(sorted(unknown))}")
    if missing := {"id", "pattern", "position", "needles"} - set(entry):
        raise ValueError(f"{where}: {', '.join(sorted(missing))} is missing")
    value: Any
    for key, value in entry.items():
        kind, shown = _KINDS[key]
        if type(value) is not kind or (kind is int and value < 1):
            raise ValueError(f"{where}: {key} is {shown}, not {value!r}")
    if entry["position"] not in ("head", "tail", "ends"):
        raise ValueError(f"{where}: position is head, tail or ends, not {entry['position']!r}")
    if entry.get("max_chars", 40) > LONGEST:
        raise ValueError(f"{where}: max_chars is at most {LONGEST}, not {entry['max_chars']}")
    for needle in entry["needles"]:
        if not isinstance(needle, str) or len(needle.encode()) < 3:
            raise ValueError(f"{where}: a needle is a string of a Hanzi or three letters at least, not {needle!r}")

    def compiled(key: str, around: str = "") -> re.Pattern[str] | None:
        pattern = entry.get(key, "")
        for name, text in fragments.items():
            pattern = pattern.replace("{" + name + "}", text)
        if left := re.search("\\{[a-z_]+\\}", pattern):
            raise ValueError(f"{where}: {key}: there is no fragment {left.group()}")
        try:
            made = re.compile(f"{around}(?:{pattern}){around}", re.M)
        except (re.error, OverflowError) as error:
            raise ValueError(f"{where}: {key}: {error}") from error
        if other := set(made.groupindex) - set(GROUPS):
            raise ValueError(f"{where}: {key}: no group {', '.join(sorted(other))}; there are {', '.join(GROUPS)}")
        return made if pattern else None

    return Rule(
        id=entry["id"],
        pattern=compiled("pattern", AROUND) or re.compile("(?!)"),
        position=entry["position"],
        needles=tuple(form for needle in entry["needles"] for form in _forms(needle)),
        max_chars=entry.get("max_chars", 40),
        guard=compiled("guard"),
        needs=compiled("needs"),
        next=compiled("next"),
        cut=entry.get("cut", False),
        lines=entry.get("lines", 1),
    )


def _forms(needle: str) -> tuple[str, ...]:
    """A needle that ends in a colon stands for either width, with or without a space before it."""
    if not needle.endswith(":"):
        return (needle,)
    return tuple(needle[:-1] + colon for colon in (":", "：", " :", " ："))


def _time(rule: Rule, where: str) -> None:
    """Try the patterns of a rule on lines that repeat what they look for and then fail.

    The lines grow a little at a time, so that a pattern whose time doubles with each step is found while it is short.
    """
    units = [*rule.needles, "中", "a", "1", " ", "\u3000", "：", "|", "，", "中 ", "1 ", "a,", "中中 "]
    for field in fields(rule):
        pattern = getattr(rule, field.name)
        if not isinstance(pattern, re.Pattern):
            continue
        words = re.findall("[\u3400-\u9fff]+|[A-Za-z]{2,}", pattern.pattern)
        tried: Callable[[str], object] = pattern.fullmatch if field.name in ("pattern", "next") else pattern.search
        for line in _hostile(dict.fromkeys([*units, *words[:60]])):
            if _seconds(tried, line) > SLOW and min(_seconds(tried, line) for _ in range(3)) > SLOW:
                raise ValueError(
                    f"{where}: {field.name}: takes too long on a line such as {line[:12]!r}…: a repeat inside a repeat "
                    "has many ways to match the same characters; make one of them atomic, (?>…), or possessive, …++"
                )


def _hostile(units: Mapping[str, None]) -> Iterator[str]:
    for unit in units:
        for length in range(8, LONGEST, 3):
            yield (unit * length)[: length - 1] + "\x00"


def _seconds(tried: Callable[[str], object], line: str) -> float:
    start = time.process_time()
    tried(line)
    return time.process_time() - start
