"""What of a benchmark item stands at a place of a document, and whether that is contamination."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from cci_tools.decontamination.index import Index
from cci_tools.decontamination.parts import Role
from cci_tools.kernels.probe import key_positions, ngram_hashes

Integers = npt.NDArray[np.int64]

SHORT = 20
"""A question of fewer characters must be there whole. Here and below Latin letters and digits count a third."""
LEAST = 8
"""Characters, common ones counted less, that question, choices and answer must have together."""
LONG = 24
"""Characters, common ones counted less, of a question that is contamination by itself."""
TELLING = 6
"""Characters of choices that tell more than chance."""
_LABELS = frozenset("ABCDEFGHabcdefghＡＢＣＤＥＦＧＨ①②③④⑤⑥⑦⑧⑴⑵⑶⑷")
_ANSWER_MARK = re.compile(r"答案|[答解选][:：]|正确选项|应选|故选|[=＝]|[Aa]nswer")


@dataclass(frozen=True, slots=True)
class Finding:
    """Contamination: see `cci_tools.decontamination.match.Hit` for the fields."""

    rule: str
    coverage: float
    choices: float
    answer: float
    passage: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands, in characters of the matching key, and how much of it."""

    start: int
    end: int
    coverage: float = 1.0  # share of its characters, common ones counted less
    tail: float = 1.0  # share of its last third, at most 30 characters
    asked: bool = True  # whether half of its last n-gram is there: a quoted statute has not the words that ask
    closed: bool = True  # whether its last character is
    joined: float = 1.0  # share of its n-grams: less than the coverage where a blank was filled in


class Document:
    """A text, its matching key addressed by position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._hashes: dict[int, npt.NDArray[np.uint32]] = {}

    @cached_property
    def characters(self) -> Integers:
        """Character number in the text of each key position."""
        return key_positions([self.text]).characters

    def __len__(self) -> int:
        return len(self.characters)

    def hashes(self, width: int, low: int, high: int) -> npt.NDArray[np.uint32]:
        """Hashes of the n-grams that lie within the key positions low to high."""
        if width not in self._hashes:
            known = ngram_hashes([self.text], width).hashes
            self._hashes[width] = known if len(self) >= width else known[:0]
        return self._hashes[width][low : max(high - width + 1, 0)]

    def parted(self, at: int) -> bool:
        """Whether something that the key skips (punctuation, space), or an end, stands before key position `at`."""
        return at <= 0 or at >= len(self) or bool(self.characters[at] - self.characters[at - 1] > 1)

    def bounded(self, start: int, end: int) -> bool:
        """Whether the key positions start to end stand by themselves, as a choice in a list does."""
        left = self.parted(start) or self.text[self.characters[start - 1]] in _LABELS
        return left and (self.parted(end) or self.text[self.characters[end]] in _LABELS)

    def answer_marked(self, low: int, high: int) -> bool:
        """Whether the text from one key position to before another announces an answer."""
        if low >= min(high, len(self)):
            return False
        end = int(self.characters[high]) if high < len(self) else len(self.text)
        return _ANSWER_MARK.search(self.text, int(self.characters[max(low, 0)]), end) is not None


class Parts:
    """The parts of all items of an index, and what each n-gram weighs."""

    def __init__(self, index: Index, weights: npt.NDArray[np.float64]) -> None:
        self.width, self.weights = index.width, weights
        self.arrays: Mapping[str, npt.NDArray[Any]] = index.arrays
        self.offsets = index.arrays["part_offsets"].astype(np.int64)

    def entries(self, item: int) -> list[tuple[int, int]]:
        """Role and part of each part of an item."""
        start, end = self.arrays["item_offsets"][item : item + 2]
        roles, parts = self.arrays["entry_role"][start:end], self.arrays["entry_part"][start:end]
        return list(zip(roles.tolist(), parts.tolist(), strict=True))

    def length(self, part: int) -> int:
        """Characters of the part's key."""
        return int(self.arrays["part_length"][part])

    def first_hash(self, part: int) -> int:
        """Hash of the part's first n-gram, or of its whole key where that is shorter."""
        return int(self.arrays["ngram_hash"][self.offsets[part]])

    def information(self, part: int) -> float:
        """Characters of the part, Latin letters and digits counted a third, common n-grams less."""
        weights = self.weights[self.offsets[part] : self.offsets[part + 1]]
        return float(self.arrays["part_information"][part] * weights.mean()) if len(weights) else 0.0

    def locate(self, part: int, document: Document, low: int, high: int) -> Place | None:
        """Where a part stands between two key positions, a short one by itself; None where nothing of it does."""
        low, high, length = max(low, 0), min(high, len(document)), self.length(part)
        first, behind = self.offsets[part : part + 2]
        hashes = self.arrays["ngram_hash"][first:behind]
        if length < self.width:
            for place in self.short_places(part, document, low, high):
                if document.bounded(place, place + length):
                    return Place(place, place + length)
            return None
        window = document.hashes(self.width, low, high)
        there = _isin(hashes, window)
        if not there.any():
            return None
        position = self.arrays["ngram_position"][first:behind].astype(np.int64)
        size = int(position[-1]) + self.width
        covered, indexed = _union(position[there], self.width, size), _union(position, self.width, size)
        weight = np.repeat(self.weights[first:behind], np.diff(np.append(position, size))) * indexed
        third = max(self.width, min(30, size // 3))
        start, end = _span(hashes, there, position, window)
        return Place(
            start=low + start,
            end=low + end + self.width,
            coverage=float((weight * covered).sum() / weight.sum()),
            tail=float(covered[-third:].sum() / indexed[-third:].sum()),
            asked=bool(covered[-self.width :].sum() * 2 >= self.width),
            closed=bool(covered[-1]),
            joined=float(there.mean()),
        )

    def short_places(self, part: int, document: Document, low: int, high: int) -> list[int]:
        """Where a part that is shorter than an n-gram stands."""
        length = self.length(part)
        if not length:
            return []
        only = self.arrays["ngram_hash"][self.offsets[part]]
        return [int(i) + low for i in np.flatnonzero(document.hashes(length, low, high) == only)]


def judge(
    parts: Parts, item: int, document: Document, low: int, high: int, *, threshold: float, alone: float
) -> Finding | None:
    """Judge one item at one place.

    Contamination is, where the question is covered to the threshold (a short one whole):

    - at least half of its choices after it, two or more, one of them wrong: what a question was made from holds the
      right choice only; or all of three or more choices behind half of the question;
    - its right answer after it, where both stand apart as question and answer do;
    - its passage around it, where it asks and is not a sentence of that passage;
    - nothing more, where the question is long, asks, and nearly all of it is there, above all its end.

    Parameters
    ----------
    parts : Parts
        The index.
    item : int
        Number of the item.
    document : Document
        The text.
    low, high : int
        Key positions between which the question is looked for.
    threshold, alone : float
        Share of the question that is needed beside other parts, and alone.

    Returns
    -------
    Finding or None
    """
    entries = parts.entries(item)
    question = next(part for role, part in entries if role == Role.QUESTION)
    place = parts.locate(question, document, low, high)
    if place is None or place.coverage < 0.5 or (place.end - place.start) * 2 < parts.length(question):
        return None  # the last: n-grams of a formula that repeats itself, all within one line
    information, last = place.coverage * parts.information(question), place.end
    choices = [(role, part) for role, part in entries if role in (Role.CHOICE, Role.RIGHT) and parts.length(part)]
    reach = place.end + 120 + sum(2 * parts.length(part) + 4 for _, part in choices)
    # Formulas that differ in their signs only ("2", "-2") have one key: they are one choice, and a place counts once.
    different = len({(parts.length(part), parts.first_hash(part)) for _, part in choices})
    followers: dict[int, tuple[int, int]] = {}
    for role, part in choices:
        choice = parts.locate(part, document, place.end, reach)
        if choice is not None and choice.coverage >= 0.8:
            if role == Role.RIGHT or choice.start not in followers:
                followers[choice.start] = (role, part)
            last = max(last, choice.end)
    wrong = sum(role == Role.CHOICE for role, _ in followers.values())
    right = len(followers) - wrong
    told = sum(parts.information(part) for _, part in followers.values())
    information += told
    answered, passage = False, 0.0
    for role, part in entries:
        if role == Role.ANSWER:
            end = _answer_end(parts, part, document, place.end, reach + 2 * parts.length(part))
            if end is not None:
                answered, last = True, max(last, end)
                information += parts.information(part)
        elif role == Role.PASSAGE:
            span = parts.length(part) * 3 // 2 + 100
            near = parts.locate(part, document, place.start - span, place.end + span)
            passage = max(passage, near.coverage if near else 0.0)
            information += passage * parts.information(part)

    # A statement that a question was made from runs on into the answer; a question stands apart.
    apart = document.parted(place.start) and document.parted(place.end)
    asks = bool(parts.arrays["item_asks"][item])
    answered |= bool(right) and apart and (asks or document.answer_marked(place.end, last))
    whole = place.coverage >= (0.999 if parts.arrays["part_information"][question] < SHORT else threshold)
    found = wrong + right
    rule = ""
    together = (whole and 2 * found >= different) or found == different >= 3
    # Choices of a character or two may stand anywhere: then the question must be as it was.
    if wrong and found >= 2 and place.asked and together and (told >= TELLING or place.joined >= 0.9):
        rule = "question+choices"
    elif answered and whole and place.closed and place.tail >= 0.8:
        rule = "question+answer"
    elif passage >= threshold and whole and asks and apart and place.closed and place.joined >= 0.9:
        rule = "question+passage"
    elif asks and apart and place.closed and min(place.coverage, place.joined) >= alone:
        rule = "question" if place.coverage * parts.information(question) >= LONG else ""
    if not rule or information < LEAST:
        return None
    return Finding(
        rule=rule,
        coverage=round(place.coverage, 4),
        choices=round(found / different, 4) if choices else 0.0,
        answer=float(answered),
        passage=round(passage, 4),
        start=int(document.characters[place.start]),
        end=int(document.characters[last - 1]) + 1,
    )


def _answer_end(parts: Parts, part: int, document: Document, low: int, high: int) -> int | None:
    """End of a right answer that stands between two positions; a bare number or letter must be marked as answer."""
    length = parts.length(part)
    if length >= parts.width:
        place = parts.locate(part, document, low, high)
        return place.end if place is not None and place.coverage >= 0.8 else None
    for at in parts.short_places(part, document, low, min(high, len(document))):
        near = length >= 3 and at < low + 60
        if near or (
            document.bounded(at, at + length) and (length > 2 or document.answer_marked(max(low - 1, at - 12), at))
        ):
            return at + length
    return None


def _span(
    hashes: npt.NDArray[Any], there: npt.NDArray[np.bool_], position: Integers, window: npt.NDArray[Any]
) -> tuple[int, int]:
    """Where the first and the last n-gram of a part that are there stand in a window.

    Some may stand in several places (an answer takes up the words of its question): most n-grams say which is meant.
    """
    places = np.flatnonzero(_isin(window, hashes))
    order = np.argsort(hashes, kind="stable")
    begin = int(np.median(places - position[order[np.searchsorted(hashes[order], window[places])]]))
    ends = []
    for number in np.flatnonzero(there)[[0, -1]]:
        where = np.flatnonzero(window == hashes[number])
        ends.append(int(where[np.argmin(np.abs(where - position[number] - begin))]))
    return min(ends), max(ends)


def _isin(values: npt.NDArray[Any], known: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """np.isin, without its set-up cost where a plain comparison of all with all is small."""
    if len(values) * len(known) <= 65_536:
        return np.asarray((values[:, None] == known).any(axis=1))
    return np.isin(values, known)


def _union(position: Integers, width: int, size: int) -> npt.NDArray[np.bool_]:
    """Characters that the n-grams at ascending positions cover, shape (size,)."""
    edges = np.zeros(size + 1, np.int64)
    edges[position] += 1
    edges[position + width] -= 1
    return np.asarray(np.cumsum(edges[:-1]) > 0)
