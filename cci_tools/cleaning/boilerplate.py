"""Page furniture at the head and the tail of a text: bylines, tools, breadcrumbs, notices of copyright."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from cci_tools import resources
from cci_tools.cleaning.unicode import BLANK

HEAD_LINES, TAIL_LINES, LONGEST = 8, 15, 100
"""Lines at each end that are looked at, and the longest such line in characters."""

_AROUND = "[\\s\\[\\](){}【】（）〔〕<>《》|｜·•>»*~-]*"
_OPEN = "（([【"
_EDITORS = ("责任编辑", "责编", "编辑", "视频编辑", "文字编辑", "网络编辑", "值班编辑")
_CREDITS = (*_EDITORS, "审核", "校对", "监制", "来源", "稿源")
_GAP = "[ \u3000]*"
_NAMES = "[\u3400-\u9fff·A-Za-z]{0,12}[ \u3000、，,；;/|_\\w]{0,16}"
_CLOSING = re.compile(  # credits in brackets at the end of the last paragraph
    f"[{re.escape(_OPEN)}](?:(?:{'|'.join(_CREDITS)}){_GAP}[:：]?{_GAP}{_NAMES}){{1,3}}[)）\\]】]{_GAP}\\Z"
)
_CORRECTION = re.compile(  # the tail of a page in one line
    f"【(?:我要)?纠错】(?:{_GAP}【?责任编辑[:：][^】。\n]{{0,20}}】?)?{_GAP}"
    "(?:阅读下一篇[:：]?[^。\n]{0,80}|新闻链接[^。\n]{0,400})?(?=\n|\\Z)"
)
_SENTENCE = re.compile("[。！？；]")
_BRACKETS = re.compile("[(（\\[【]"), re.compile("[)）\\]】]")
_CLOSING_LINE = re.compile("[)）\\]】]+")


@dataclass(frozen=True)
class Rule:
    """One rule of ``seeds/boilerplate.toml``; the file explains the fields."""

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
    """The rules of a file, and one pattern that finds any of their needles."""

    rules: tuple[Rule, ...]
    any_needle: re.Pattern[str]


@cache
def load(path: str = "seeds/boilerplate.toml") -> Furniture:
    """Rules of a file.

    Raises
    ------
    ValueError
        A rule lacks a field, has an unknown one, or a pattern does not compile; the message names file and rule.
    """
    file = resources.resolve(path)
    table = tomllib.loads(Path(file).read_text("utf-8"))
    fragments = dict(table.get("fragments", {}))
    rules = tuple(_rule(entry, fragments, file) for entry in table["rule"])
    return Furniture(rules, _any_of({needle for rule in rules for needle in rule.needles}))


def _any_of(literals: set[str]) -> re.Pattern[str]:
    """A pattern for any of some strings, grouped by their first characters so that it has few branches to try."""
    rests: dict[str, list[str]] = {}
    for literal in sorted(literals):
        rests.setdefault(literal[0], []).append(re.escape(literal[1:]))
    return re.compile("|".join(f"{re.escape(c)}(?:{'|'.join(rest)})" for c, rest in rests.items()) or "(?!)")


def _rule(entry: dict[str, object], fragments: dict[str, str], file: Path) -> Rule:
    known = {"id", "pattern", "position", "needles", "max_chars", "guard", "needs", "next", "cut", "lines"}
    where = f"{file}: rule {entry.get('id', '?')!r}"
    if unknown := set(entry) - known:
        raise ValueError(f"{where}: unknown field {', '.join(sorted(unknown))}")
    if missing := {"id", "pattern", "position", "needles"} - set(entry):
        raise ValueError(f"{where}: {', '.join(sorted(missing))} is missing")
    if entry["position"] not in ("head", "tail", "ends"):
        raise ValueError(f"{where}: position is head, tail or ends, not {entry['position']!r}")

    def compiled(key: str, around: str = "") -> re.Pattern[str] | None:
        pattern = str(entry.get(key) or "")
        for name, text in fragments.items():
            pattern = pattern.replace("{" + name + "}", text)
        return re.compile(f"{around}(?:{pattern}){around}", re.M) if pattern else None

    try:
        whole = compiled("pattern", _AROUND) or re.compile("(?!)")
        guard, needs, following = compiled("guard"), compiled("needs"), compiled("next")
    except re.error as error:
        raise ValueError(f"{where}: {error}") from error
    return Rule(
        id=str(entry["id"]),
        pattern=whole,
        position=str(entry["position"]),
        needles=tuple(form for needle in entry["needles"] for form in _forms(needle)),  # type: ignore[attr-defined]
        max_chars=min(LONGEST, int(entry.get("max_chars", 40))),  # type: ignore[call-overload]
        guard=guard,
        needs=needs,
        next=following,
        cut=bool(entry.get("cut", False)),
        lines=int(entry.get("lines", 1)),  # type: ignore[call-overload]
    )


def _forms(needle: str) -> tuple[str, ...]:
    """A needle that ends in a colon stands for either width, with or without a space before it."""
    if not needle.endswith(":"):
        return (needle,)
    return tuple(needle[:-1] + colon for colon in (":", "：", " :", " ："))


def needles(furniture: Furniture) -> set[str]:
    """Literal strings without one of which at the ends of a text `strip` changes nothing."""
    return (
        {needle for rule in furniture.rules for needle in rule.needles}
        | {"纠错】"}
        | {b + label for b in _OPEN for label in _CREDITS}
    )


def strip(text: str, furniture: Furniture) -> tuple[str, int]:
    r"""Remove lines of page furniture, and credits in brackets at the end of the last paragraph.

    Parameters
    ----------
    text : str
        A document with ``\n`` line ends.
    furniture : Furniture
        From `load`.

    Returns
    -------
    tuple of (str, int)
        The text, and how many lines and credits were removed.

    Examples
    --------
    >>> strip("来源：本站  浏览次数：12\n市政府召开会议。\n责任编辑：王某\n【打印本页】【关闭窗口】", load())
    ('市政府召开会议。', 3)
    """
    drop = {number for number, _ in _matches(text, furniture)}
    if drop:
        lines = text.split("\n")
        text = "\n".join(line for i, line in enumerate(lines) if i not in drop)
        if 0 in drop:
            text = text.lstrip("\n")
        if len(lines) - 1 in drop:
            text = text.rstrip("\n")
    corrections = credits = 0
    if "纠错】" in text:
        text, corrections = _CORRECTION.subn("", text)
    if closing := _CLOSING.search(text, max(0, len(text) - LONGEST)):
        text, credits = text[: closing.start()].rstrip(BLANK), 1
    return text, len(drop) + credits + corrections


def metadata(text: str, furniture: Furniture) -> dict[str, str]:
    r"""What the lines that `strip` removes say of the document: `source`, `published`.

    >>> metadata("来源：某市日报 发布时间：2024-03-18 10:22\n正文", load())
    {'source': '某市日报', 'published': '2024-03-18 10:22'}
    """
    found: dict[str, str] = {}
    for _, match in _matches(text, furniture):
        for name, value in match.groupdict().items():
            if value and (value := _unclosed(value.replace("\xa0", " ").strip())):
                found.setdefault(name, value)
    return dict(sorted(found.items(), reverse=True))  # `source` first, wherever the groups stand in a pattern


def _unclosed(value: str) -> str:
    """A value without the closing bracket of the line that it comes from."""
    opening, closing = (len(bracket.findall(value)) for bracket in _BRACKETS)
    return value[:-1].rstrip(BLANK) if closing > opening and _BRACKETS[1].match(value[-1]) else value


def _matches(text: str, furniture: Furniture) -> list[tuple[int, re.Match[str]]]:
    """Numbers of the lines that are furniture, each with the match of its rule."""
    lines = text.split("\n")
    head, tail = _head(lines), _tail(lines)
    filled = sorted({*head, *tail})
    candidates = [i for i in filled if len(lines[i]) <= LONGEST and furniture.any_needle.search(lines[i])]
    if not candidates:
        return []
    top, bottom = ("\n".join(lines[i].strip(BLANK) for i in filled if i in end) for end in (head, tail))
    found: dict[int, re.Match[str]] = {}
    left: set[int] = set()  # of groups that stay
    for rule in furniture.rules:
        for number in candidates:
            if number in found or number in left:
                continue
            if not (rule.position == "ends" or number in (head if rule.position == "head" else tail)):
                continue
            if not any(map(lines[number].__contains__, rule.needles)):
                continue
            pair = _pair(rule, lines, number)
            match = pair[1] if pair else _match(rule, lines[number])
            if not match or (rule.guard and rule.guard.search(top if number in head else bottom)):
                continue
            if rule.lines > 1:
                group = _group(rule, lines, number)
                if len(group) < rule.lines:
                    continue
                if rule.needs is None or rule.needs.search("|".join(lines[i].strip(BLANK) for i in group)):
                    found.update(group)
                else:
                    left.update(group)
            elif not rule.needs or any(rule.needs.search(lines[i]) for i in filled if i != number):
                found.update({number: match, pair[0]: match} if pair else _lines(rule, lines, number, match, furniture))
    return sorted(found.items())


def _match(rule: Rule, line: str) -> re.Match[str] | None:
    line = line.strip(BLANK)
    return rule.pattern.fullmatch(line) if len(line) <= rule.max_chars else None


def _beside(lines: list[str], number: int, step: int) -> int | None:
    """The nearest line that is not blank."""
    number += step
    while 0 <= number < len(lines):
        if lines[number].strip(BLANK):
            return number
        number += step
    return None


def _group(rule: Rule, lines: list[str], number: int) -> dict[int, re.Match[str]]:
    """The lines around one that match with it, without a gap."""
    group: dict[int, re.Match[str]] = {}
    for step in (-1, 1):
        at: int | None = number
        while at is not None and (match := _match(rule, lines[at])):
            group[at] = match
            at = _beside(lines, at, step)
    return dict(sorted(group.items()))


def _pair(rule: Rule, lines: list[str], number: int) -> tuple[int, re.Match[str]] | None:
    """The line after one that ends in a colon, if the two are furniture together."""
    line = lines[number].strip(BLANK)
    if not rule.next or not line.endswith((":", "：")) or (after := _beside(lines, number, 1)) is None:
        return None
    both = f"{line} {lines[after].strip(BLANK)}"
    match = rule.pattern.fullmatch(both) if len(both) <= rule.max_chars and rule.next.fullmatch(both) else None
    return (after, match) if match else None


def _lines(
    rule: Rule, lines: list[str], number: int, match: re.Match[str], furniture: Furniture
) -> dict[int, re.Match[str]]:
    """The line that matched, with those that go with it; none if it is half of something unknown."""
    if rule.cut:
        rest = _rest(lines, number)
        return {} if rest is None else dict.fromkeys((number, *rest), match)
    after = _beside(lines, number, 1)
    if after is None:
        return {number: match}
    line, value = lines[number].strip(BLANK), lines[after].strip(BLANK)
    is_value = len(value) <= 20 and not _SENTENCE.search(value) and not furniture.any_needle.search(value)
    if rule.next and line.endswith((":", "：")) and is_value:
        return {}
    opening, closing = (len(bracket.findall(line)) for bracket in _BRACKETS)
    if opening > closing and _CLOSING_LINE.fullmatch(value):
        return {number: match, after: match}
    return {number: match}


def _head(lines: list[str]) -> list[int]:
    """Numbers of the first lines that are not blank."""
    return list(islice((i for i, line in enumerate(lines) if line.strip(BLANK)), HEAD_LINES))


def _tail(lines: list[str]) -> list[int]:
    """Numbers of the last lines that are not blank, from the last up."""
    return list(islice((i for i in range(len(lines) - 1, -1, -1) if lines[i].strip(BLANK)), TAIL_LINES))


def _rest(lines: list[str], number: int) -> list[int] | None:
    """The lines after a heading of links, if they are nothing but short lines without a sentence or a link target."""
    rest = [i for i in range(number + 1, len(lines)) if lines[i].strip(BLANK)]
    if any(len(lines[i]) > 45 or re.search("[。！？；]|\\]\\(|://|^[ \t]*[-*+#>]|```", lines[i]) for i in rest):
        return None
    return rest
