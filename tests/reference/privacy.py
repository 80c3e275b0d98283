"""Slow plain twin of the scan for personal information: expressions tried at every character of the decoded text."""

import re

from cci_tools.kernels.privacy import Trigger

_FOLD = {**{c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}
_REGIONS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_CODE = re.compile("(?<![0-9A-Za-z])(?![0-9]{17}[0-9Xx])[0-9A-Za-z]{2}[0-9]{6}[0-9A-Za-z]{10}(?![0-9A-Za-z])")
_QUAD = re.compile("(?<![0-9.])[0-9]{1,3}(?:[.][0-9]{1,3}){3}(?![0-9]|[.][0-9])")
_CHAIN = re.compile("(?<![0-9])[0-9]+")
_NEXT = re.compile("[ -]([0-9]+)")
_AT = re.compile("(?<=[0-9A-Za-z._+-])@(?=[0-9A-Za-z])")
_PLATE = re.compile(f"[{_REGIONS}](?=[A-Z](?:[^0-9A-Za-z][0-9A-Za-z]{{4}}|[0-9A-Za-z]{{4}}))", re.S)


def candidates(raw: bytes, table: list[tuple[str, int, int]]) -> list[tuple[int, int, int]]:
    """Start, end and mark of each place of one text given as bytes."""
    text = raw.decode("utf-8", "replace").translate(_FOLD)
    lowered = re.sub("[A-Z]", lambda match: match.group().lower(), text)
    found, at = [], 0
    while at < len(text):
        if match := _CODE.match(text, at):
            found.append((at, match.end(), Trigger.CODE))
        elif match := _QUAD.match(text, at):
            found.append((at, match.end(), Trigger.QUAD))
        elif match := _CHAIN.match(text, at):
            end = _chain_end(text, match)
            if end:
                found.append((at, end, Trigger.NUMBER))
                at = end
                continue
        if match:
            at = match.end()
            continue
        if _AT.match(text, at):
            found.append((at, at + 1, Trigger.AT))
        if _PLATE.match(text, at):
            found.append((at, at + 1, Trigger.PLATE))
        begun = [cue for cue in table if lowered.startswith(cue[0].translate(_FOLD).lower(), at)]
        if begun:
            word, mark, reach = max(begun, key=lambda cue: len(cue[0]))
            end = at + len(word)
            if reach == 0 or re.search("[0-9A-Za-z]", text[end : end + reach]):
                found.append((at, end, mark))
        at += 1
    return found


def _chain_end(text: str, first: re.Match[str]) -> int:
    """End of the number that begins with these digits; 0 if it is of no interest."""
    groups, end = [first.group()], first.end()
    while len(groups[-1]) >= 3 or groups == ["86"]:
        match = _NEXT.match(text, end)
        if not match:
            break
        groups.append(match.group(1))
        end = match.end()
    total, digits = sum(map(len, groups)), groups[0]
    if len(groups) > 1:
        return end if total >= 10 else 0
    shaped = 13 <= total <= 19 or (total in (10, 12) and digits[0] == "0") or (total == 11 and digits[0] in "01")
    return end if shaped else 0
