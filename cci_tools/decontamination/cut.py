"""Benchmark items cut out of a text: whole sentences and whole option lists, and the rest joined again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cci_tools.decontamination.match import Hit

ROUNDS = 20
"""Searches for what is left: an item that stands many times in a text is found a few times in each."""
SENTENCE = 200
"""Characters on either side in which the end of a sentence is looked for; beyond, a clause has to do."""

_ENDS = "。！？!?\n"
_CLOSING = "”’」』）)】]》\"'"
_CLAUSE = re.compile(r"[，,；;：:、\s]")
_NUMBER_LINE = re.compile(
    r"[ \t\u3000]*(?:第?[ \d一二三四五六七八九十]{1,5}题?[、.．:：)）]*|[（(]\d{1,3}[)）]|例\s*\d{0,3}[:：.．]?"
    r"|[【\[]?(?:题目|例题|试题|问题?|题)\s*\d{0,3}[】\]]?[:：]?|Q\s*\d{0,3}[:：.．]?)[ \t\u3000]*\n"
)
_BELONGS = re.compile(
    r"(?:[\s。．.；;]|[（(]\s*[）)])*(?:[-*•·▪>#][ \t]*)*"  # the end of a question, bullets, markup
    r"(?:[（(]?[A-HＡ-Ｈ][)）.．、:：]|[【\[](?:正确|参考|标准)?(?:答案|选项|解析|详解|点评|考点|分析|解答)[】\]]"
    r"|(?:正确|参考|标准|点击|查看|显示)*(?:答案|选项)[* ]*[:：是为]"
    r"|(?:答|解|分析|解析|解答|点评|[Aa]nswer)[* ]*[:：]|故(?:本题)?(?:应)?选)"
    r'|[\s\]}]*,\s*"(?:answer|label|solution|explanation|analysis|答案|正确答案|解析)"\s*:'
)
"""What belongs to the item before it: a further option, the answer, its explanation."""

_ROW = re.compile(r"[ \t]*\|")
_ORPHAN = re.compile(r"[ \t]*[|。．.；;，,）)]+[ \t]*(?:\n|$)")
"""A line of nothing but the mark that closed the item."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text without the items that were found in it.

    Attributes
    ----------
    text : str
        What is left.
    hits : list of Hit
        Every hit, its place in characters of the text as it was.
    places : list of (int, int)
        What was cut out with each hit, likewise.
    clean : bool
        Whether another search finds nothing.
    """

    text: str
    hits: list[Hit]
    places: list[tuple[int, int]]
    clean: bool


def cut_items(text: str, search: Callable[[str], Sequence[Hit]], found: Sequence[Hit] | None = None) -> Cut:
    """Cut items out of a text until none is found.

    Parameters
    ----------
    text : str
        The text.
    search : callable
        Text to its hits.
    found : sequence of Hit, optional
        The hits of the whole text, where they are known.

    Returns
    -------
    Cut

    Examples
    --------
    >>> hit = Hit(0, "b", "", "1", "question", 1.0, 0.0, 0.0, 0.0, 9, 6, 12)
    >>> cut_items("天晴了。1．桥有几个孔？答：三。\\n船来了。", lambda text: [hit] if "几" in text else []).text
    '天晴了。\\n船来了。'
    """
    origin = np.arange(len(text))
    hits: list[Hit] = []
    places: list[tuple[int, int]] = []
    for _ in range(ROUNDS):
        found = search(text) if found is None else found
        if not found:
            return Cut(text, hits, places, True)
        bounds = [item_bounds(text, hit.start, hit.end) for hit in found]
        for hit, (start, end) in zip(found, bounds, strict=True):
            hits.append(replace(hit, start=int(origin[hit.start]), end=int(origin[hit.end - 1]) + 1))
            places.append((int(origin[start]), int(origin[end - 1]) + 1))
        touched = np.zeros(len(text), bool)
        for start, end in bounds:
            touched[start:end] = True
        keep = np.ones(len(text), bool)
        for start, end in _runs(touched):
            keep[slice(*_joint(text, start, end))] = False
        text, origin, found = "".join(text[start:end] for start, end in _runs(keep)), origin[keep], None
    return Cut(text, hits, places, not search(text))


def item_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole sentences that a place of a text touches, with the item's number before and its options behind.

    Examples
    --------
    >>> text = "序。\\n3．\\n（2020年）桥有几个孔？\\nA．二\\nB．三\\n答案：B\\n船来了。"
    >>> text[slice(*item_bounds(text, text.index("桥"), text.index("A")))]
    '3．\\n（2020年）桥有几个孔？\\nA．二\\nB．三\\n答案：B\\n'
    """
    begin = start
    if start > 0 and text[start - 1] not in _ENDS:
        low = max(0, start - SENTENCE)
        ends = [text.rfind(mark, low, start) for mark in _ENDS]
        begin = max(ends) + 1 if max(ends) >= 0 or low == 0 else _last_clause(text, low, start)
    while begin < start and begin > 0 and text[begin] in _CLOSING:
        begin += 1  # the quotation mark that closes the sentence before
    line = text.rfind("\n", 0, max(begin - 1, 0)) + 1
    if begin > 0 and text[begin - 1] == "\n" and _NUMBER_LINE.fullmatch(text, line, begin):
        begin = line
    row = text.rfind("\n", 0, start) + 1
    table = _ROW.match(text, row) is not None
    if table:
        begin = min(begin, row)
    finish = _sentence_end(text, end)
    if table and text[finish - 1] != "\n":
        finish = text.find("\n", finish) + 1 or len(text)
    while match := _BELONGS.match(text, finish):
        behind = text.find("\n", match.end())
        finish = behind + 1 if behind >= 0 else len(text)
    orphan = _ORPHAN.match(text, finish)
    return begin, orphan.end() if orphan else finish


def _last_clause(text: str, low: int, start: int) -> int:
    marks = [match.end() for match in _CLAUSE.finditer(text, low, start)]
    return marks[-1] if marks else start


def _sentence_end(text: str, at: int) -> int:
    """Behind the mark that ends the sentence, and behind what closes with it."""
    high = min(len(text), at + SENTENCE)
    ends = [place for mark in _ENDS if (place := text.find(mark, at, high)) >= 0]
    if not ends:
        clause = _CLAUSE.search(text, at, high)
        return len(text) if high == len(text) else clause.start() if clause else at
    finish = min(ends) + 1
    while text[finish - 1] != "\n" and finish < len(text) and text[finish] in _CLOSING + _ENDS:
        finish += 1
    return finish


def _joint(text: str, start: int, end: int) -> tuple[int, int]:
    """What is cut with a place so that no empty lines are left that were not there."""
    if start == 0 or text[start - 1] == "\n":
        while end < len(text) and text[end] == "\n" and (start < 2 or text[start - 2] == "\n"):
            end += 1
    elif text[end - 1] == "\n":
        end -= 1  # the line before goes on being a line
    return start, end


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of the runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
