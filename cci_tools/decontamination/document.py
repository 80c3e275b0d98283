"""A text addressed by the positions of its matching key."""

import re
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cci_tools.kernels.probe import key_positions, ngram_hashes

Integers = npt.NDArray[np.int64]

WHOLE = 4096
"""A text of no more key positions is hashed as a whole: one call instead of one for every window."""

_LABELS = frozenset("ABCDEFGHabcdefghＡＢＣＤＥＦＧＨ①②③④⑤⑥⑦⑧⑴⑵⑶⑷")
_CLAUSE = re.compile(
    r"第[一二三四五六七八九十百千零〇\d]{1,7}[条條款项項]\s*$|[（(〔][一二三四五六七八九十]{1,3}[）)〕]\s*$"
)
_ANSWER_MARK = re.compile(r"答案|[答解选][:：]|正确选项|应选|故选|[=＝]|[Aa]nswer")


class Document:
    """A text, its matching key addressed by position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._hashes: dict[tuple[int, int, int], npt.NDArray[np.uint32]] = {}

    @cached_property
    def characters(self) -> Integers:
        """Character number in the text of each key position."""
        return key_positions([self.text]).characters

    def __len__(self) -> int:
        return len(self.characters)

    def hashes(self, width: int, low: int, high: int) -> npt.NDArray[np.uint32]:
        """Hashes of the n-grams that lie within the key positions low to high."""
        high = min(high, len(self))
        if high - low < width:
            return np.zeros(0, np.uint32)
        if len(self) <= WHOLE:
            if (width, 0, len(self)) not in self._hashes:
                self._hashes[width, 0, len(self)] = ngram_hashes([self.text], width).hashes
            return self._hashes[width, 0, len(self)][low : high - width + 1]
        if (width, low, high) not in self._hashes:
            window = self.text[self.characters[low] : self.characters[high - 1] + 1]
            self._hashes[width, low, high] = ngram_hashes([window], width).hashes
        return self._hashes[width, low, high]

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

    def labelled(self, at: int) -> bool:
        """Whether the letter or number of a choice stands before key position `at`."""
        return at > 0 and self.text[self.characters[at - 1]] in _LABELS and self.parted(at - 1)

    def enumerated(self, at: int) -> bool:
        """Whether the number of a clause stands before key position `at`, as no examination numbers its choices."""
        start = int(self.characters[at])
        return _CLAUSE.search(self.text, max(0, start - 12), start) is not None

    def runs_on(self, end: int) -> bool:
        """Whether the sentence goes on behind the key positions before `end`: a comma stands there."""
        behind = int(self.characters[end - 1]) + 1
        return self.text[behind : behind + 1] in ("，", ",", "、", "；", ";")
