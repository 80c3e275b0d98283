"""Content risk by keywords: what a text's words, their number, neighbours and surroundings say of it.

One word proves nothing: statutes forbid gambling and newspapers warn of forged invoices in the words of those who
offer them. So words have weights, weak ones count only beside signs of an offer (*cues*: ways to get in touch, calls to
act), and signs that somebody judges, warns, reports or heals (*contexts*) count against them.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.compliance.libraries import BUILT_IN_CUES, Library, LibraryError
from cci_tools.kernels.arrow import Bytes, Offsets
from cci_tools.kernels.keywords import Hits, Keywords, fold_words

NEAR = 240
"""Bytes before and behind a word within which a cue counts: about 80 Hanzi."""

CONTEXT_NEAR = 600
"""The same for contexts: about 200 Hanzi, a paragraph."""

OFTEN, OFTEN_FACTOR = 3, 1.5
"""A word that is found so often weighs so much more."""

MOST_CUES = 3
REPORT_CONTEXTS = 4
_MOST_WINDOWS = 64  # words of a text that numbers and addresses are looked for beside

_NUMBER = re.compile(
    r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)(?:400|800)[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)"
    r"|(?:QQ|扣扣|微信|Q群|vx|wx|(?<![a-z])[vq])[号群同:：+ ]{0,4}(?=[a-z_-]*\d)[a-z\d][\w-]{4,15}|@[a-z]\w{4,}",
    re.I | re.ASCII,
)
_ADDRESS = re.compile(
    r"[a-z0-9-]{2,}\s?[.。]\s?(?:com|net|cc|vip|top|xyz|club|cn|me|tv|app|info|shop|site|bet|live)(?![a-z])",
    re.I,
)


class Finding(NamedTuple):
    """What the words of one category say of a text.

    Attributes
    ----------
    score : float
        Weights of the different words, one more for each kind of cue beside them (three at most, and no more than the
        words themselves weigh), less the context.
    density : float
        Weight of all finds per 1,000 characters.
    hits, distinct : int
        Finds, and different words found.
    cues : tuple of str
        Kinds of cues near a word.
    contexts : int
        Different words of context near a word.
    context_kinds : tuple of str
        Their kinds.
    words : tuple of str
        The heaviest words as the libraries have them, five at most.
    """

    score: float
    density: float
    hits: int
    distinct: int
    cues: tuple[str, ...]
    contexts: int
    context_kinds: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def reported(self) -> bool:
        """Whether the words stand in a report, judgement or warning: much context, nobody to call.

        Of one kind more words are needed than of two.
        """
        enough = REPORT_CONTEXTS if len(self.context_kinds) > 1 else REPORT_CONTEXTS + 1
        return self.contexts >= enough and not set(BUILT_IN_CUES) & set(self.cues)


class _Role(NamedTuple):
    """What a folded word is to one category (a number), or that it is a cue or a context of a kind."""

    category: int
    weight: float
    requires: tuple[str, ...]
    kind: str


_CUE, _CONTEXT = -1, -2


class Scanner:
    """Libraries compiled into one search.

    Parameters
    ----------
    libraries : iterable of Library
        Words, cues and contexts of all of them hold together.
    context_weight : float, default 1.0
        What one word of context takes off a score.

    Raises
    ------
    LibraryError
        A word is shorter than two characters, or requires a kind of cue that no library has.

    Examples
    --------
    >>> from cci_tools.compliance.libraries import Library, Word
    >>> words = (Word(text="代开发票", category="fraud", weight=3),)
    >>> library = Library(file="a", words=words, cues={"contact": ("电话",)})
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> scanner = Scanner([library])
    >>> [(row, name, found.score) for row, name, found in scanner.scan(*text_buffers(["", "代 开 發 票，电话联系"]))]
    [(1, 'fraud', 4.0)]
    """

    def __init__(self, libraries: Iterable[Library], context_weight: float = 1.0) -> None:
        libraries = list(libraries)
        categories: dict[str, int] = {}
        roles: dict[str, list[_Role]] = {}
        spellings: dict[str, str] = {}
        for library in libraries:
            given = list(_roles(library, categories))
            for (text, role), folded in zip(given, fold_words([text for text, _ in given]), strict=True):
                if len(folded) < 2:
                    raise LibraryError(f"{library.file}: {text!r}: a word of one character cannot be looked for")
                spellings.setdefault(folded, text)
                _add(roles.setdefault(folded, []), role)
        kinds = {kind for library in libraries for kind in library.cues} | set(BUILT_IN_CUES)
        for library in libraries:
            for word in library.words:
                for kind in set(word.requires) - kinds:
                    raise LibraryError(f"{library.file}: {word.text}: requires the cue {kind!r}, which no library has")
        self.categories = tuple(categories)
        self._words = list(roles)
        self._spellings = [spellings[folded] for folded in self._words]
        self._roles = list(roles.values())
        self.keywords = Keywords(self._words)
        self._context_weight = context_weight
        # A text is looked at closer for one word that needs no cue, or two that do.
        self._alone = np.array([any(r.category >= 0 and r.weight and not r.requires for r in rs) for rs in self._roles])
        self._worth = np.array([any(r.category >= 0 and r.weight for r in rs) for rs in self._roles])

    def __len__(self) -> int:
        return len(self._words)

    def scan(self, values: Bytes, offsets: Offsets) -> Iterator[tuple[int, str, Finding]]:
        """Findings of each text and category; nothing for a text without words, or with one weak word only.

        Parameters
        ----------
        values, offsets : ndarray
            Texts, see `cci_tools.kernels.arrow.text_buffers`.

        Yields
        ------
        row : int
        category : str
        finding : Finding
        """
        hits = self.keywords.find(values, offsets)
        sound = self.keywords.sound(hits)
        for row in self._rows(hits, sound):
            first, last = hits.offsets[row], hits.offsets[row + 1]
            chosen = np.flatnonzero(sound[first:last]) + first
            places = zip(
                hits.starts[chosen].tolist(), hits.ends[chosen].tolist(), hits.words[chosen].tolist(), strict=True
            )
            text = values[offsets[row] : offsets[row + 1]]
            characters = int(np.count_nonzero((text & 0xC0) != 0x80))
            span = (int(offsets[row]), int(offsets[row + 1]))
            for category, finding in self._judge(sorted(places, key=_widest_first), values, span, characters):
                yield row, self.categories[category], finding

    def _rows(self, hits: Hits, sound: npt.NDArray[np.bool_]) -> list[int]:
        """Texts that are looked at closer."""
        if not len(hits.words):
            return []
        rows = np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets))
        strong = np.bincount(rows, sound & self._alone[hits.words], len(hits.offsets) - 1) > 0
        weak = sound & self._worth[hits.words]
        pairs = np.unique(rows[weak] * len(self._words) + hits.words[weak]) // len(self._words)
        several = np.bincount(pairs, minlength=len(hits.offsets) - 1) > 1
        found: list[int] = np.flatnonzero(strong | several).tolist()
        return found

    def _judge(
        self, places: list[tuple[int, int, int]], values: Bytes, span: tuple[int, int], characters: int
    ) -> Iterator[tuple[int, Finding]]:
        """Findings of one text, from its hits (start, end, word) in order."""
        cues: dict[str, list[int]] = {}
        contexts: list[tuple[int, int, str]] = []
        found: dict[int, list[tuple[int, int, int, _Role]]] = {}
        reached: dict[int, int] = {}  # end of the hit that reaches furthest, by category: hits inside it do not count
        for start, stop, word in places:
            for role in self._roles[word]:
                if role.category == _CUE:
                    cues.setdefault(role.kind, []).append(start)
                elif stop > reached.get(role.category, 0):
                    reached[role.category] = stop
                    if role.category == _CONTEXT:
                        contexts.append((start, word, role.kind))
                    elif role.weight:
                        found.setdefault(role.category, []).append((start, stop, word, role))
        if not found:
            return
        for kind, place in _numbers([hit for hits in found.values() for hit in hits], values, *span):
            cues.setdefault(kind, []).append(place)
        for near in cues.values():
            near.sort()
        for category, hits in found.items():
            kept = [hit for hit in hits if not hit[3].requires or any(_near(cues.get(k), hit) for k in hit[3].requires)]
            if kept:
                yield category, self._finding(kept, cues, contexts, characters)

    def _finding(
        self,
        hits: Sequence[tuple[int, int, int, _Role]],
        cues: dict[str, list[int]],
        contexts: list[tuple[int, int, str]],
        characters: int,
    ) -> Finding:
        counts = Counter(word for _, _, word, _ in hits)
        weights = {word: role.weight for _, _, word, role in hits}
        kinds = tuple(sorted(kind for kind, places in cues.items() if any(_near(places, hit) for hit in hits)))
        positions = [place for place, _, _ in contexts]
        told: dict[int, str] = {}
        for start, stop, _, _ in hits:
            first, last = bisect_left(positions, start - CONTEXT_NEAR), bisect_left(positions, stop + CONTEXT_NEAR)
            told.update((word, kind) for _, word, kind in contexts[first:last])
        score = sum(weight * (OFTEN_FACTOR if counts[word] >= OFTEN else 1) for word, weight in weights.items())
        score += min(len(kinds), MOST_CUES, score) - self._context_weight * len(told)
        density = sum(weights[word] * count for word, count in counts.items()) * 1000 / max(characters, 1)
        heaviest = sorted(weights, key=lambda word: (-weights[word], self._words[word]))[:5]
        shown = tuple(self._spellings[word] for word in heaviest)
        return Finding(
            round(score, 2),
            round(density, 2),
            len(hits),
            len(counts),
            kinds,
            len(told),
            tuple(sorted(set(told.values()))),
            shown,
        )


def _roles(library: Library, categories: dict[str, int]) -> Iterator[tuple[str, _Role]]:
    """What a library says of each of its words; `categories` grows."""
    for word in library.words:
        number = categories.setdefault(word.category, len(categories))
        yield word.text, _Role(number, word.weight, word.requires, "")
    for number, table in ((_CUE, library.cues), (_CONTEXT, library.contexts)):
        for kind, words in table.items():
            for text in words:
                yield text, _Role(number, 0, (), kind)


def _add(present: list[_Role], role: _Role) -> None:
    """Add a role, unless the word has it for the same category or kind with as much weight."""
    for place, other in enumerate(present):
        if (other.category, other.kind) == (role.category, role.kind):
            if role.weight > other.weight:
                present[place] = role
            return
    present.append(role)


def _widest_first(place: tuple[int, int, int]) -> tuple[int, int]:
    return place[0], -place[1]


def _near(places: list[int] | None, hit: tuple[int, int, int, _Role]) -> bool:
    """Whether one of some sorted places is near a hit."""
    if not places:
        return False
    at = bisect_left(places, hit[0] - NEAR)
    return at < len(places) and places[at] <= hit[1] + NEAR


def _numbers(hits: list[tuple[int, int, int, _Role]], values: Bytes, begin: int, end: int) -> Iterator[tuple[str, int]]:
    """Cues that are no words, near hits: kind and place."""
    done = begin
    for start, stop, _, _ in sorted(hits)[:_MOST_WINDOWS]:
        first, last = max(done, start - NEAR), min(end, stop + NEAR)
        if first >= last:
            continue
        window = values[first:last].tobytes().decode("utf-8", "ignore")
        if _NUMBER.search(window):
            yield "number", max(first, start - NEAR)
        if _ADDRESS.search(window):
            yield "address", max(first, start - NEAR)
        done = last
