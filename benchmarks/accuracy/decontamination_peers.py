"""What others do about evaluation items, written anew from their documentation, to compare on the same texts.

- 12 words: datatrove's rule. Any 12 words in a row of an answer, or across the end of a question and the beginning of
  its answer, drop the document; with `questions`, any 12 words of a question too. Text is lowered, punctuation dropped,
  every number made 0, diacritics dropped; words are jieba's, datatrove's choice for Chinese. (Punctuation here is what
  Unicode calls punctuation and symbols; datatrove has a list.)
- 13 characters: any 13 characters in a row of an item, punctuation dropped.
- 10 words, 0.85: of an item of at least 10 words, more than 0.85 of the runs of ten must be in the document.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cci_tools.decontamination.items import Item


def simplified(text: str) -> str:
    """Lower case, one space for many, no punctuation, no diacritics, numbers as 0."""
    text = re.sub(r"\s+", " ", text.lower().strip())
    text = "".join(c for c in text if unicodedata.category(c)[0] not in "PSC")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return re.sub(r"\d+", "0", text).strip()


def words(text: str) -> list[str]:
    import jieba

    return [word for word in jieba.lcut(simplified(text)) if word.strip()]


def grams(tokens: Sequence[str], size: int) -> set[int]:
    return {hash(tuple(tokens[i : i + size])) for i in range(len(tokens) - size + 1)}


def right_answer(item: Item) -> str:
    return " ".join([item.choices[i] for i in sorted(item.correct)] or item.answers[:1])


@dataclass
class TwelveWords:
    """datatrove's rule, as it is by default or with the questions' own n-grams."""

    questions: bool = False
    known: set[int] = field(default_factory=set)

    def fit(self, items: Sequence[Item]) -> None:
        for item in items:
            query, label = words(f"{item.passage} {item.question}"), words(right_answer(item))
            self.known |= grams(label, 12) | grams(query[-11:] + label[:11], 12)
            if self.questions:
                self.known |= grams(query, 12)

    def flags(self, text: str) -> bool:
        return not self.known.isdisjoint(grams(words(text), 12))


@dataclass
class ThirteenCharacters:
    known: set[int] = field(default_factory=set)

    def fit(self, items: Sequence[Item]) -> None:
        for item in items:
            self.known |= grams(self._key("".join((item.passage, item.question, *item.choices))), 13)

    def flags(self, text: str) -> bool:
        return not self.known.isdisjoint(grams(self._key(text), 13))

    @staticmethod
    def _key(text: str) -> str:
        return re.sub(r"[\W_]", "", text.lower())


@dataclass
class TenWords:
    share: float = 0.85
    items: list[set[int]] = field(default_factory=list)
    holders: dict[int, list[int]] = field(default_factory=dict)

    def fit(self, items: Sequence[Item]) -> None:
        for item in items:
            found = grams(words(" ".join((item.passage, item.question, *item.choices))), 10)
            if found:
                for gram in found:
                    self.holders.setdefault(gram, []).append(len(self.items))
                self.items.append(found)

    def flags(self, text: str) -> bool:
        counts: dict[int, int] = {}
        for gram in grams(words(text), 10):
            for item in self.holders.get(gram, ()):
                counts[item] = counts.get(item, 0) + 1
        return any(count > self.share * len(self.items[item]) for item, count in counts.items())


PEERS: dict[str, Callable[[], TwelveWords | ThirteenCharacters | TenWords]] = {
    "12 words": TwelveWords,
    "12 words, questions": lambda: TwelveWords(questions=True),
    "13 characters": ThirteenCharacters,
    "10 words, 0.85": TenWords,
}


def run_peer(name: str, items: Sequence[Item], texts: Sequence[str], timed: Sequence[str]) -> tuple[list[bool], float]:
    """Which texts a peer reports, and the seconds of processor time for others, without its index."""
    peer = PEERS[name]()
    peer.fit(items)
    flagged = [peer.flags(text) for text in texts]
    start = time.process_time()
    for text in timed:
        peer.flags(text)
    return flagged, time.process_time() - start
