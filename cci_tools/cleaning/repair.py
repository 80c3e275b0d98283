"""One text, or a column of them, through all rules until nothing changes any more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.cleaning import mojibake, script, unicode, verdicts
from cci_tools.cleaning.rules import Plan, Rule, plan
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.scan import Flag, scan

LIMIT = 0.3
"""A repair that would remove a larger share of a text's Hanzi is given up: it has misunderstood the text."""

_ROUNDS = 8
_HANZI = re.compile(f"[{unicode.HANZI}]")
_RESIDUE = int(Flag.PRIVATE | Flag.REPLACEMENT | Flag.MISREAD)


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
    wanted = flags != 0
    if chosen.script != "keep":
        wanted |= script.convertible(script.count(values, offsets), chosen.script)[rows]
    marked = np.flatnonzero(wanted)
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
            if (rule.flags >= 0 and not self.flags & rule.flags) or rule.name in self.stable:
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
