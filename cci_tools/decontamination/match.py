"""Evaluation items in texts: places where rare n-grams of a question stand together, then what else is there.

A question that occurs is not yet contamination: benchmarks quote statutes, poems and news, and so do corpora. What only
an examination has is the question together with its choices, its answer or its passage, or a long question that asks;
`evidence.judge` has the rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cci_tools.decontamination.document import Document, Integers
from cci_tools.decontamination.evidence import Finding, judge
from cci_tools.decontamination.index import Index
from cci_tools.decontamination.parts import Role
from cci_tools.decontamination.places import Parts
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.probe import find_ngrams, probe_set

COMMON = 32
"""An n-gram of more items than this leads to none of them."""
SHARED = 8
"""An n-gram of up to so many items (one question in several benchmarks) has weight 1, of m items ``SHARED / m``."""
PLACES = 3
"""Places in one text that are looked at for one item."""
PIECE, OVERLAP = 2_000_000, 20_000
"""Longer texts are matched in pieces of so many characters, each with so many of the next."""
_NEEDED = {
    Role.QUESTION: 0.25,
    Role.CHOICE: 0.6,
    Role.RIGHT: 0.6,
    Role.ANSWER: 1.0,
    Role.PASSAGE: 0.5,
    Role.JOINT: 0.0,
}
"""Share of a part's rare n-grams that must stand together before the place is looked at; of a joint one will do."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One benchmark item in one text.

    Attributes
    ----------
    text : int
        Number of the text.
    benchmark, split, item : str
        The item.
    rule : str
        What made it contamination: ``question+choices``, ``question+answer``, ``question+passage``,
        ``passage+choices`` or ``question``.
    coverage : float
        Share of the question that is there, common n-grams counted less; 0 for ``passage+choices``.
    choices, answer, passage : float
        Share of the choices that follow, whether the right answer follows (0 or 1), share of the passage that is near.
    ngrams : int
        N-grams of the item, of those that the index holds, that are there.
    start, end : int
        The place of question, choices and answer, in characters of the text.
    """

    text: int
    benchmark: str
    split: str
    item: str
    rule: str
    coverage: float
    choices: float
    answer: float
    passage: float
    ngrams: int
    start: int
    end: int


class Matcher:
    """An index made ready for matching; build it once and keep it.

    Parameters
    ----------
    index : Index
        From `load_index`, `build_index` or `merge_indexes`.
    frequencies : ndarray of int, shape (number of n-grams of the index,), optional
        In how many documents of a reference corpus each n-gram occurs (`Frequencies.of`). What occurs in more than
        `SHARED` is common speech and weighs less.

    Attributes
    ----------
    index : Index
        The index.
    parts : Parts
        Its parts with the weights of their n-grams.
    unreachable : int
        Items that no rare n-gram leads to: they are too short or too common to be found.
    """

    def __init__(self, index: Index, frequencies: npt.NDArray[Any] | None = None) -> None:
        self.index, arrays = index, index.arrays
        offsets: Integers = arrays["part_offsets"].astype(np.int64)
        sizes, lengths = _counts(offsets), arrays["part_length"].astype(np.int64)
        self._ngram_part: Integers = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        entry_part, entry_role = arrays["entry_part"].astype(np.int64), arrays["entry_role"]
        entry_item = np.repeat(np.arange(len(index)), _counts(arrays["item_offsets"]))
        users = np.bincount(entry_part, minlength=len(sizes))

        whole = lengths[self._ngram_part] >= index.width
        hashes, which = np.unique(arrays["ngram_hash"], return_inverse=True)
        items = np.bincount(which, weights=np.where(whole, users[self._ngram_part], 0), minlength=len(hashes))[which]
        weights = np.minimum(1.0, SHARED / np.maximum(items, 1))
        if frequencies is not None:
            weights *= np.minimum(1.0, SHARED / np.maximum(frequencies, 1))
        self.parts = Parts(index, weights)
        leading = whole & (items <= COMMON) & (weights >= SHARED / COMMON)
        self._leading = np.bincount(self._ngram_part[leading], minlength=len(sizes))

        # A question leads to its item by its rare n-grams; an item whose question has none is found by its other parts.
        strong = (entry_role == Role.QUESTION) & (users[entry_part] <= COMMON)
        strong &= self._leading[entry_part] >= np.clip(sizes[entry_part], 1, 3)
        weak = np.ones(len(index), bool)
        weak[entry_item[strong]] = False
        anchors = weak[entry_item] & (entry_role != Role.ANSWER) & (users[entry_part] <= COMMON)
        # Where three choices follow, a passage leads to its item too: the question between them may be reworded.
        chosen = np.bincount(entry_item, weights=np.isin(entry_role, (Role.CHOICE, Role.RIGHT)), minlength=len(index))
        told = (entry_role == Role.PASSAGE) & (chosen[entry_item] >= 3) & (users[entry_part] <= COMMON)
        anchors = (anchors | strong | told | (entry_role == Role.JOINT)) & (self._leading[entry_part] > 0)
        self.unreachable = len(index) - len(np.unique(entry_item[anchors]))
        # How far the places of an item's n-grams may be apart: edits and page furniture in a question, or other parts.
        around = np.bincount(entry_item, weights=lengths[entry_part], minlength=len(index))
        self._slack: Integers = np.where(weak, 2 * around + 200, 0).astype(np.int64)
        self._slack[entry_item[strong]] = lengths[entry_part[strong]] // 3 + 40
        self._reach: Integers = self._slack.copy()
        questions = entry_role == Role.QUESTION
        self._reach[entry_item[questions]] += lengths[entry_part[questions]]
        np.add.at(self._reach, entry_item[told], lengths[entry_part[told]])

        order = np.argsort(entry_part[anchors], kind="stable")
        self._anchor_item, self._anchor_role = entry_item[anchors][order], entry_role[anchors][order]
        self._anchor_offsets = np.searchsorted(entry_part[anchors][order], np.arange(len(sizes) + 1))
        leads = np.flatnonzero(leading & (_counts(self._anchor_offsets)[self._ngram_part] > 0))
        self._postings = leads[np.argsort(arrays["ngram_hash"][leads], kind="stable")]
        keys, starts = np.unique(arrays["ngram_hash"][self._postings], return_index=True)
        self._posting_offsets = np.append(starts, len(leads))
        self._needed = np.array([_NEEDED[Role(role)] for role in range(len(Role))])
        self._set = probe_set(keys)

    def ngrams(self, item: int) -> Integers:
        """Numbers of the n-grams of an item in the arrays of the index."""
        offsets = self.parts.offsets
        parts = [np.arange(offsets[part], offsets[part + 1]) for _, part in self.parts.entries(item)]
        return np.concatenate(parts)

    def candidates(self, texts: Any) -> tuple[Integers, Integers, Integers, Integers]:
        """Places where enough rare n-grams of an item stand together to look closer.

        Returns
        -------
        text, item : ndarray of int64, shape (k,)
            The pairs, in order; a pair may have several places, the fullest first.
        low, high : ndarray of int64, shape (k,)
            The item's question is looked for between these positions of the matching key.
        """
        found = find_ngrams(texts, self.index.width, self._set)
        text = np.repeat(np.arange(len(found.offsets) - 1), np.diff(found.offsets))
        row, posting = _expand(self._posting_offsets, found.numbers.astype(np.int64))
        ngram = self._postings[posting]
        within, anchor = _expand(self._anchor_offsets, self._ngram_part[ngram])
        row, ngram = row[within], ngram[within]
        item, part = self._anchor_item[anchor], self._ngram_part[ngram]
        credit = 1.0 / np.maximum(np.floor(self._needed[self._anchor_role[anchor]] * self._leading[part]), 1.0)
        start = found.positions[row] - self.index.arrays["ngram_position"][ngram]
        pair = text[row] * len(self.index) + item
        order = np.lexsort((start, pair))
        pair, start, item, total = pair[order], start[order], item[order], np.append(0.0, np.cumsum(credit[order]))
        # Pair and start in one number, so that one search finds where each window ends.
        rank = np.cumsum(np.diff(pair, prepend=-1) != 0)
        span = int(start.max(initial=0) - start.min(initial=0) + self._slack.max(initial=0) + 1)
        place = rank * span + (start - start.min(initial=0))
        end = np.searchsorted(place, place + self._slack[item], side="right")
        sums = total[end] - total[:-1]
        kept = np.flatnonzero(sums >= 0.999)
        kept = kept[np.lexsort((start[kept], -sums[kept], pair[kept]))]
        kept = kept[_apart(pair[kept], start[kept], self._slack[item[kept]])]
        low = np.maximum(start[kept] - self._slack[item[kept]], 0)
        high = start[end[kept] - 1] + self._reach[item[kept]]
        return pair[kept] // len(self.index), item[kept], low, high


def find_contamination(
    texts: Sequence[str] | Any, index: Index | Matcher, *, threshold: float = 0.8, alone: float = 0.9
) -> list[Hit]:
    """Benchmark items that occur in texts.

    Parameters
    ----------
    texts : sequence of str, or pyarrow string array
        The documents.
    index : Index or Matcher
        A `Matcher` saves its preparation from call to call.
    threshold : float, default 0.8
        Share of a question that must be there, beside its choices, answer or passage. Lower finds paraphrases and errs
        more often.
    alone : float, default 0.9
        Share of a long question that is contamination by itself; above 1 never.

    Returns
    -------
    list of Hit
        By text, then by coverage, highest first; an item once a text.

    Examples
    --------
    >>> from cci_tools.decontamination.index import index_items
    >>> from cci_tools.decontamination.items import Item
    >>> item = Item(id="1", benchmark="demo", question="竹子开花以后通常会怎么样？", choices=("枯死", "长高"))
    >>> text = "竹子開花以後，通常會怎麼樣？　A. 枯死　B. 長高"
    >>> [(hit.item, hit.rule, text[hit.start : hit.end]) for hit in find_contamination([text], index_items([item]))]
    [('1', 'question+choices', '竹子開花以後，通常會怎麼樣？　A. 枯死　B. 長高')]
    >>> find_contamination(["竹子开花以后通常会枯死。"], index_items([item]))
    []
    """
    matcher = index if isinstance(index, Matcher) else Matcher(index)
    hits: dict[tuple[int, str, str, str], Hit] = {}
    for text, base, item, finding in findings(texts, matcher, threshold=threshold, alone=alone):
        name = (text, *matcher.index.name(item))
        if name not in hits or hits[name].coverage < finding.coverage:
            fields = {field: getattr(finding, field) for field in finding.__slots__}
            fields |= {"start": finding.start + base, "end": finding.end + base}
            hits[name] = Hit(*name, **fields)
    return sorted(hits.values(), key=lambda hit: (hit.text, -hit.coverage, hit.benchmark, hit.split, hit.item))


def findings(
    texts: Sequence[str] | Any, matcher: Matcher, *, threshold: float = 0.8, alone: float = 0.9
) -> Iterator[tuple[int, int, int, Finding]]:
    """Number of the text, first character of the piece of it that was searched, number of the item, and what is there.

    An item may come several times for one text, once for each place.
    """
    pieces = _pieces(texts)
    column = texts if pieces is None else [piece for _, _, piece in pieces]
    document, current = Document(""), -1
    for piece, item, low, high in zip(*(numbers.tolist() for numbers in matcher.candidates(column)), strict=True):
        if piece != current:
            document, current = Document(str(column[piece])), piece
        finding = judge(matcher.parts, item, document, low, high, threshold=threshold, alone=alone)
        if finding is not None:
            yield (piece, 0, item, finding) if pieces is None else (*pieces[piece][:2], item, finding)


def _pieces(texts: Any) -> list[tuple[int, int, str]] | None:
    """Overlapping pieces (number of the text, first character, piece) where a text is so long that memory counts."""
    _, offsets = text_buffers(texts)
    if np.diff(offsets).max(initial=0) <= 3 * PIECE:
        return None
    rows = texts.to_pylist() if hasattr(texts, "to_pylist") else texts
    return [
        (number, base, text[base : base + PIECE + OVERLAP])
        for number, text in enumerate(row or "" for row in rows)
        for base in range(0, max(len(text) - OVERLAP, 1), PIECE)
    ]


def _counts(offsets: npt.NDArray[Any]) -> Integers:
    """How many entries each row has, from the offsets."""
    ends: Integers = offsets.astype(np.int64)
    return ends[1:] - ends[:-1]


def _expand(offsets: Integers, rows: Integers) -> tuple[Integers, Integers]:
    """The numbers offsets[r] to offsets[r + 1] of each row r, behind the place in `rows` that each comes from."""
    counts = offsets[rows + 1] - offsets[rows]
    source = np.repeat(np.arange(len(rows)), counts)
    within = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    return source, offsets[rows][source] + within


def _apart(pair: Integers, start: Integers, slack: Integers) -> list[int]:
    """Of the places of each pair, fullest first, up to `PLACES` that are not the same place again."""
    chosen: list[int] = []
    taken: list[int] = []
    last = -1
    for i, (of, at, reach) in enumerate(zip(pair.tolist(), start.tolist(), slack.tolist(), strict=True)):
        if of != last:
            last, taken = of, []
        if len(taken) < PLACES and all(abs(at - other) > reach for other in taken):
            taken.append(at)
            chosen.append(i)
    return chosen
