"""Keywords in texts as a reader finds them, however width, script, look-alikes and characters in between hide them."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets
from cci_tools.kernels.sign import keys

IGNORED, GAP, BREAK, STOP = range(4)
"""What a code point is that is no key: invisible; a space or symbol, three of which may stand between two keys of a
word; punctuation, which may too; the end of a line, which no word crosses."""

LIMIT = 0x33000
"""Code points from here on are `STOP`."""

_LOOK_ALIKES = str.maketrans("авекмнорстухіѕјґανορτυχι", "abekmhopctyxisjravoptuxi")
_PUNCTUATION = frozenset("，。！？；：、…,;:!?()（）《》〈〉“”‘’「」『』【】〔〕\"'")
_SCRIPTS = ((0x2E80, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7B0), (0x20000, LIMIT))  # Hanzi, kana, bopomofo, Hangul


class Hits(NamedTuple):
    """What `Keywords.find` returns; hit k is one occurrence of one word.

    Attributes
    ----------
    words : ndarray of uint32, shape (k,)
        Number of the word.
    starts, ends : ndarray of int64, shape (k,)
        Bytes of `values` that the occurrence covers.
    gaps, breaks : ndarray of uint8, shape (k,)
        So many neighbours in the word have spaces or symbols between them; punctuation between them.
    offsets : ndarray of int64, shape (n + 1,)
        Hits of text i are ``offsets[i]:offsets[i + 1]``, in order of their start.
    """

    words: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    gaps: npt.NDArray[np.uint8]
    breaks: npt.NDArray[np.uint8]
    offsets: Offsets


@cache
def fold_table() -> npt.NDArray[np.uint32]:
    """What the search makes of each code point, shape (`LIMIT`,).

    A letter, a Hanzi or a digit becomes its form in the matching key (`cci_tools.kernels.sign.keys`); a circled or
    otherwise dressed digit or letter the plain one; a Cyrillic or Greek letter that looks like a Latin one, that one.
    Letters of other scripts are symbols. The rest is one of `IGNORED`, `GAP`, `BREAK`, `STOP`.
    """
    characters = [chr(c) for c in range(LIMIT)]
    for c in range(0xD800, 0xE000):
        characters[c] = "\n"  # no characters
    codes, offsets = keys(characters)
    table = np.full(LIMIT, GAP, np.uint32)
    kept = np.diff(offsets) == 1
    table[kept] = codes[offsets[:-1][kept]]
    plain_hanzi = kept.copy()  # most of all, and nothing below concerns them
    for first, end in ((0, 0x3400), (0x4DC0, 0x4E00), (0xA000, 0x20000)):
        plain_hanzi[first:end] = False
    for c in np.flatnonzero(~plain_hanzi).tolist():
        character = characters[c]
        category = unicodedata.category(character)
        plain = unicodedata.normalize("NFKC", character).lower().strip("().\u2070")
        if category in ("Mn", "Me", "Cf"):
            table[c] = IGNORED
        elif category in ("Cc", "Zl", "Zp", "Cs") and character != "\t":
            table[c] = STOP
        elif character in _PUNCTUATION:
            table[c] = BREAK
        elif len(plain) == 1 and plain.isascii() and plain.isalnum():
            table[c] = ord(plain)
        elif kept[c]:
            folded = chr(table[c]).translate(_LOOK_ALIKES)
            known = folded.isascii() or any(first <= ord(folded) < end for first, end in _SCRIPTS)
            table[c] = ord(folded) if known else GAP
    return table


def fold_word(word: str) -> str:
    """A word in the form in which it is looked for; what is no key is left out.

    >>> fold_word("６合－彩"), fold_word("加 微信①")
    ('6合彩', '加微信1')
    """
    return fold_words([word])[0]


def fold_words(words: Sequence[str]) -> list[str]:
    """`fold_word` of many words at once.

    >>> fold_words(["６合－彩", "", "加 微信①"])
    ['6合彩', '', '加微信1']
    """
    joined = "\0".join(word.replace("\0", "") for word in words)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    table = fold_table()
    folded = np.where(codes < LIMIT, table[np.minimum(codes, LIMIT - 1)], np.uint32(STOP))
    folded[codes == 0] = 0
    left = folded[(folded > STOP) | (codes == 0)]
    return left.tobytes().decode("utf-32-le", "surrogatepass").split("\0") if len(words) else []


class Keywords:
    """Words to look for, compiled.

    Parameters
    ----------
    words : sequence of str
        Words as `fold_word` gives them: no two alike, two characters each at least.

    Raises
    ------
    ValueError
        A word is too short, given twice, or not folded.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> hits = Keywords(["代开发票"]).find(*text_buffers(["正规代 開 发*票", "发票"]))
    >>> hits.words.tolist(), hits.starts.tolist(), hits.gaps.tolist(), hits.offsets.tolist()
    ([0], [6], [3], [0, 1, 1])
    """

    def __init__(self, words: Sequence[str]) -> None:
        for word, folded in zip(words, fold_words(words), strict=True):
            if len(word) < 2 or folded != word:
                raise ValueError(f"keywords: {word!r} is not a folded word of two characters or more")
        self._lengths = np.array([len(word) for word in words], np.int64)
        offsets = np.concatenate([[0], np.cumsum(self._lengths)]).astype(np.int64)
        codes = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
        self._table = core.Keywords(fold_table(), codes, offsets)

    def find(self, values: Bytes, offsets: Offsets) -> Hits:
        """Every occurrence of every word, overlapping ones too.

        A word of letters or digits does not count inside a longer one (``qq`` in ``qqq``). No word crosses a line
        end, nor more than three spaces, symbols or punctuation marks between two of its characters.

        Parameters
        ----------
        values, offsets : ndarray
            Texts, see `cci_tools.kernels.arrow.text_buffers`. Malformed UTF-8 counts as U+FFFD.
        """
        return Hits(*self._table.find(values, offsets))

    def sound(self, hits: Hits) -> npt.NDArray[np.bool_]:
        """Mask of hits that are one word: not two ends of sentences that happen to make it up, shape (k,).

        Punctuation between two characters of a word makes two words of it, unless something stands between all of
        them (``博,彩,平,台``), which is done to hide it.
        """
        between = self._lengths[hits.words] - 1
        hidden = (hits.gaps.astype(np.int64) + hits.breaks == between) & (between >= 2)
        mask: npt.NDArray[np.bool_] = (hits.breaks == 0) | hidden
        return mask
