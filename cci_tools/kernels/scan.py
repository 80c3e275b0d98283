"""Which kinds of dirt each text could hold, so that the slow rules run only where they can change something."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cache

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers


class Flag(IntFlag):
    """What the scan found. A flag that is not set is a promise: a rule that it stands for changes nothing."""

    ENTITY = 1 << 0  # "&" before a letter or "#"
    TAG = 1 << 1  # "<" before a letter, "/" or "!"; "{{"
    ESCAPE = 1 << 2  # "\u" and four hexadecimal digits
    CONTROL = 1 << 3  # C0 (but \t \n \r), DEL, C1
    LINE_END = 1 << 4  # \r \v \f U+0085 U+2028 U+2029
    WIDE_SPACE = 1 << 5  # U+00A0 U+1680 U+2000-200A U+202F U+205F
    INVISIBLE = 1 << 6  # zero-width, bidirectional and format characters, variation selectors
    PRIVATE = 1 << 7  # private use
    COMPATIBILITY = 1 << 8  # CJK radicals, compatibility ideographs
    WIDTH = 1 << 9  # full-width letters and digits
    HALF_MARK = 1 << 10  # one of , ; : ? ! between two Hanzi
    LATIN = 1 << 11  # UTF-8 or GBK read as Latin-1 or Windows-1252 could begin here
    REPLACEMENT = 1 << 12  # U+FFFD
    TRAILING = 1 << 13  # space at the end of a line
    BLANK_RUN = 1 << 14  # three blank lines in a row
    REPEAT = 1 << 15  # two neighbouring lines (blank ones apart) are the same, and 12 bytes or longer
    YEARS = 1 << 16  # eight digits, then a character that follows a year
    PINYIN = 1 << 17  # three Hanzi with a Latin reading in brackets
    SPACED = 1 << 18  # eight Hanzi or marks in a row with one space between each two
    WRAPPED = 1 << 19  # six lines of one width, two in five of the long lines, that end in a Hanzi
    BARE = 1 << 20  # no Hanzi, ASCII letter or digit
    MISREAD = 1 << 21  # two characters side by side that UTF-8 read as GBK could begin with
    RECURRING = 1 << 22  # three lines are the same, 24 bytes or longer, and begin with a byte from 0xE3 up, as Hanzi do
    # Set by needles only:
    RESIDUE = 1 << 23  # remains of a content management system, a player, a paginator
    BOILERPLATE = 1 << 24  # words of head and tail lines
    ADVERTISING = 1 << 25  # words of hidden advertising
    EDGE = 1 << 26  # words and addresses of lines that are no part of the text at its very ends


class Place(IntEnum):
    """Where a needle counts."""

    ANYWHERE = 0
    ENDS = 1  # in the first 8 or the last 15 lines that are not blank; of lines over 400 bytes only in the very
    # last one's last 400 bytes
    THRICE = 2  # three hits of needles of this place within one line


@dataclass(frozen=True)
class Needles:
    """Literal strings that a scan looks for; build them with `needles`."""

    values: Bytes
    offsets: Offsets
    marks: npt.NDArray[np.uint32]
    places: npt.NDArray[np.uint8]


def needles(table: Sequence[tuple[str, Flag, Place]]) -> Needles:
    """Strings to look for, each with the flag that it sets and where it counts.

    Raises
    ------
    ValueError
        A string is shorter than three bytes of UTF-8.
    """
    short = [text for text, _, _ in table if len(text.encode()) < 3]
    if short:
        raise ValueError(f"needles: at least three bytes of UTF-8 each, got {short[0]!r}")
    values, offsets = text_buffers([text for text, _, _ in table])
    marks = np.array([flag for _, flag, _ in table], np.uint32)
    return Needles(values, offsets, marks, np.array([place for _, _, place in table], np.uint8))


@cache
def misread_classes() -> npt.NDArray[np.uint8]:
    """What each code point below U+10000 may be when UTF-8 was read as GBK, shape (65536,).

    1 is the first character of a run: its GBK bytes begin a UTF-8 sequence of three. 2 is the second: its first byte
    ends that sequence, its second begins the next. "€" is the single byte 0x80 of code page 936.
    """
    classes = np.zeros(0x10000, np.uint8)
    begins = (*range(0xE2, 0xEA), 0xEF)
    for begin in begins:
        for middle in range(0x80, 0xC0):
            for bits, pair in ((1, bytes([begin, middle])), (2, bytes([middle, begin]))):
                char = pair.decode("gb18030", "ignore")
                if len(char) == 1:
                    classes[ord(char)] |= bits
    classes[ord("€")] |= 2
    return classes


def scan(values: Bytes, offsets: Offsets, wanted: Needles) -> npt.NDArray[np.uint32]:
    """Flags of each text.

    Parameters
    ----------
    values, offsets : ndarray
        Texts, see `cci_tools.kernels.arrow.text_buffers`. Malformed UTF-8 counts as U+FFFD.
    wanted : Needles
        Literal strings to look for.

    Returns
    -------
    flags : ndarray of uint32, shape (n,)
        Bits of `Flag`.

    Examples
    --------
    >>> flags = scan(*text_buffers(["第一条", "第&nbsp;一条 "]), needles([]))
    >>> [Flag(int(f)) for f in flags]
    [<Flag: 0>, <Flag.ENTITY|TRAILING: 8193>]
    """
    flags = np.zeros(len(offsets) - 1, np.uint32)
    core.scan(values, offsets, wanted.values, wanted.offsets, wanted.marks, wanted.places, misread_classes(), flags)
    return flags
