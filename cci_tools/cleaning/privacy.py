"""Personal information: where it stands in a text, and the text with typed placeholders in its place.

Names of persons are not masked: a name alone is no identifier, public life is told with names, and what finds them in
Chinese text is a model with errors of several per cent, in a corpus that must keep its text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.cleaning import privacy_cued as cued
from cci_tools.cleaning import privacy_network as network
from cci_tools.cleaning import privacy_rules as rules
from cci_tools.cleaning.privacy_context import Document, Places, fold
from cci_tools.cleaning.privacy_cues import CUES, Cue
from cci_tools.cleaning.privacy_kinds import KINDS, Action, actions
from cci_tools.cleaning.privacy_rules import Span
from cci_tools.kernels.privacy import Trigger, privacy_candidates

VERSION = "2"
"""Raised when the same text may give another result."""

_RULES: Mapping[int, Callable[[Document, int, int], Iterator[Span]]] = {
    Trigger.NUMBER: rules.number,
    Trigger.QUAD: network.quad,
    Trigger.AT: network.at,
    Trigger.CODE: rules.code,
    Trigger.PLATE: rules.plate,
    Cue.QQ: cued.qq,
    Cue.WECHAT: cued.wechat,
    Cue.PASSPORT: cued.passport,
    Cue.PERMIT: cued.permit,
    Cue.ADDRESS: cued.address,
    Cue.TELEPHONE: cued.telephone,
}
_RANK = {kind: i for i, kind in enumerate(KINDS)}
_PLACEHOLDER = re.compile(f"<({'|'.join(re.escape(kind.label) for kind in KINDS.values())})([0-9]{{1,9}})>")
_NOISE = re.compile("[ ()+-]")


class Found(NamedTuple):
    """One piece of personal information.

    Attributes
    ----------
    kind : str
        A key of `cci_tools.cleaning.privacy_kinds.KINDS`.
    start, end : int
        Its characters in the text that was given.
    value : str
        These characters.
    placeholder : str or None
        What stands in their place; None where it was kept.
    """

    kind: str
    start: int
    end: int
    value: str
    placeholder: str | None


class Masked(NamedTuple):
    """A text with its personal information masked."""

    text: str
    found: list[Found]

    @property
    def counts(self) -> dict[str, int]:
        """Number of finds by kind, masked or kept, in the order of `KINDS`."""
        counted = Counter(item.kind for item in self.found)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}


def find(text: str) -> list[Span]:
    """Personal information of every kind, in order and without overlaps.

    >>> find("请与１３８－００１３－８０００联系")
    [Span(kind='mobile', start=2, end=15)]
    """
    return _judge(text, privacy_candidates([text], CUES).rows.tolist())


def _judge(text: str, places: Iterable[tuple[int, int, int]]) -> list[Span]:
    document = Document(text)
    spans = {span for start, end, mark in places for span in _RULES[mark](document, start, end)}
    free = Places()
    surest = sorted(spans, key=lambda s: (_RANK[s.kind], s.start, -s.end))
    return sorted((span for span in surest if free.take(span.start, span.end)), key=lambda s: s.start)


def mask_privacy(text: str, kinds: Mapping[str, Action] | None = None) -> Masked:
    """Replace personal information by placeholders that carry a number: ``<手机号1>``.

    Equal values of a document, whatever their width, case and grouping, have equal numbers. Numbering goes on behind
    placeholders that the text has already. Masking twice is masking once.

    Parameters
    ----------
    text : str
        A document.
    kinds : mapping of str to {"keep", "mask", "drop"}, optional
        Actions that replace the defaults of `cci_tools.cleaning.privacy_kinds.KINDS`. Here, "drop" is as "keep": the
        find is reported, and it is for the caller to drop the document.

    Returns
    -------
    text : str
        The masked text; outside of the placeholders it is as it was.
    found : list of Found
        In order, kept ones too.

    Raises
    ------
    ValueError
        There is no such kind or action.
    TypeError
        The text holds a lone surrogate.

    Examples
    --------
    >>> text, found = mask_privacy("报名请致电13800138000或发邮件至 Wang.Li@yunchuan.cn，电话138 0013 8000。")
    >>> text
    '报名请致电<手机号1>或发邮件至 <邮箱1>，电话<手机号1>。'
    >>> [(item.kind, item.value) for item in found]
    [('mobile', '13800138000'), ('email', 'Wang.Li@yunchuan.cn'), ('mobile', '138 0013 8000')]
    """
    work = _Work(text, actions(dict(kinds or {})))
    while work.take(find(work.text)):
        pass
    return work.result()


def mask_all(texts: Any, rows: npt.NDArray[np.int64], chosen: Mapping[str, Action]) -> dict[int, Masked]:
    """`mask_privacy` for some texts of a column: only those in which something was found.

    Parameters
    ----------
    texts : pyarrow.Array
        A column of strings.
    rows : ndarray of int64
        The texts to look at.
    chosen : mapping of str to {"keep", "mask", "drop"}
        The action of every kind, as `cci_tools.cleaning.privacy_kinds.actions` gives it.

    Returns
    -------
    dict of int to Masked
        By row.
    """
    places, offsets = privacy_candidates(texts, CUES)
    wanted = np.zeros(len(offsets) - 1, bool)
    wanted[rows] = True
    open_ = []
    works = {}
    for row in np.flatnonzero(wanted & (np.diff(offsets) > 0)).tolist():
        work = _Work(texts[row].as_py(), chosen)
        if spans := _judge(work.text, places[offsets[row] : offsets[row + 1]].tolist()):
            works[row] = work
            if work.take(spans):
                open_.append(work)
    while open_:  # what was masked is looked at again, all of it at once
        places, offsets = privacy_candidates([work.text for work in open_], CUES)
        found = [places[a:b].tolist() for a, b in pairwise(offsets.tolist())]
        open_ = [work for work, at in zip(open_, found, strict=True) if work.take(_judge(work.text, at))]
    return {row: work.result() for row, work in works.items()}


class _Work:
    """A text on its way: masking one find can show another, so it is looked at until there is nothing to mask."""

    def __init__(self, text: str, chosen: Mapping[str, Action]) -> None:
        self.text = self._original = text
        self._chosen = chosen
        self._masked: list[Found] = []
        self._kept: list[Found] = []
        self._names: dict[tuple[str, str], str] = {}
        self._numbers = Counter[str]()
        for label, number in _PLACEHOLDER.findall(text):
            self._numbers[label] = max(self._numbers[label], int(number))

    def take(self, spans: list[Span]) -> bool:
        """Mask what is to be masked of the finds in the present text. False: there was none, the work is done."""
        shift, done = 0, iter([*self._masked, None])
        item = next(done)
        masked: list[Found] = []
        kept: list[Found] = []
        for kind, start, end in spans:
            # From places in the present text to those in the original one.
            while item and item.placeholder and item.start + shift < start:
                shift += len(item.placeholder) - len(item.value)
                item = next(done)
            value, mask = self.text[start:end], self._chosen[kind] == "mask"
            found = Found(kind, start - shift, end - shift, value, self._name(kind, value) if mask else None)
            (masked if mask else kept).append(found)
        if not masked:
            self._kept = kept
            return False
        self._masked = sorted([*self._masked, *masked], key=lambda item: item.start)
        self.text = _replaced(self._original, self._masked)
        return True

    def _name(self, kind: str, value: str) -> str:
        key = (kind, canonical(kind, value))
        if key not in self._names:
            label = KINDS[kind].label
            self._numbers[label] += 1
            self._names[key] = f"<{label}{self._numbers[label]}>"
        return self._names[key]

    def result(self) -> Masked:
        return Masked(self.text, sorted([*self._masked, *self._kept], key=lambda item: item.start))


def _replaced(text: str, found: Iterable[Found]) -> str:
    parts, last = [], 0
    for item in found:
        parts += [text[last : item.start], item.placeholder or item.value]
        last = item.end
    return "".join([*parts, text[last:]])


def canonical(kind: str, value: str) -> str:
    """A value in the form in which it is compared with others of its kind.

    >>> canonical("mobile", "+８６ 138-0013-8000")
    '13800138000'
    """
    plain = fold(value).lower()
    if kind in ("email", "wechat", "address", "ip"):
        return plain
    plain = _NOISE.sub("", plain)
    return plain[-11:] if kind == "mobile" else plain
