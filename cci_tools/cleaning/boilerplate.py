"""Page furniture at the head and the tail of a text: bylines, tools, breadcrumbs, notices of copyright."""

import re
from itertools import islice

from cci_tools.cleaning.boilerplate_rules import FILES, GROUPS, LONGEST, Furniture, Rule, load
from cci_tools.cleaning.unicode import BLANK

__all__ = ["FILES", "Furniture", "load", "metadata", "needles", "strip"]

HEAD_LINES, TAIL_LINES = 8, 15
"""Lines at each end that are looked at."""

_OPEN = "（([【"
_EDITORS = ("责任编辑", "责编", "编辑", "视频编辑", "文字编辑", "网络编辑", "值班编辑")
_CREDITS = (*_EDITORS, "审核", "校对", "监制", "来源", "稿源")
_GAP = "[ \u3000]*"
_NAMES = "[\u3400-\u9fff·A-Za-z]{0,12}[ \u3000、，,；;/|_\\w]{0,16}"
_CLOSING = re.compile(  # credits in brackets at the end of the last paragraph
    f"[{re.escape(_OPEN)}](?:(?:{'|'.join(_CREDITS)}){_GAP}[:：]?{_GAP}{_NAMES}){{1,3}}[)）\\]】]{_GAP}\\Z"
)
_CREDIT = re.compile(
    f"(?:来源|稿源){_GAP}[:：]{_GAP}(?P<source>[^\\s:：)）\\]】]{{2,16}})"
    f"|(?:责任编辑|责编|编辑){_GAP}[:：]{_GAP}(?P<editor>[\u3400-\u9fff·]{{2,6}})"
)
_CORRECTION = re.compile(  # the tail of a page in one line
    f"【(?:我要)?纠错】(?:{_GAP}【?责任编辑[:：][^】。\n]{{0,20}}】?)?{_GAP}"
    "(?:阅读下一篇[:：]?[^。\n]{0,80}|新闻链接[^。\n]{0,400})?(?=\n|\\Z)"
)
_SENTENCE = re.compile("[。！？；]")
_BRACKETS = re.compile("[(（\\[【]"), re.compile("[)）\\]】]")
_CLOSING_LINE = re.compile("[)）\\]】]+")


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
    r"""What `strip` removes says of the document: `source`, `published`, `editor`.

    >>> metadata("来源：某市日报 发布时间：2024-03-18 10:22\n正文。（责任编辑：王某）", load())
    {'source': '某市日报', 'published': '2024-03-18 10:22', 'editor': '王某'}
    """
    values: dict[str, str] = {}
    closing = [
        _CLOSING.search(text, max(0, len(text) - LONGEST)),
        _CORRECTION.search(text) if "纠错】" in text else None,
    ]
    credits = (found for match in closing if match for found in _CREDIT.finditer(match.group()))
    for match in (*(match for _, match in _matches(text, furniture)), *credits):
        for name, value in match.groupdict().items():
            if value and (value := _unclosed(value.replace("\xa0", " ").strip())):
                values.setdefault(name, value)
    return {name: values[name] for name in GROUPS if name in values}


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
