"""EUC-TW, the encoding of CNS 11643 on Unix in Taiwan, of which Python has no codec: registered here as ``euc-tw``.

The first two planes of CNS 11643 hold the characters of Big5 in nearly the same order, so the table is made of Python's
Big5 table, run by run. The other planes hold rare characters that Big5 has not; they are read as U+FFFD.
"""

import codecs
import re
from functools import cache
from typing import Any

NAME = "euc-tw"
_ROW = 157  # cells of a row of Big5

# First cell of CNS (in plane 1, then plane 2), first cell of Big5, cells. Characters that one standard places
# elsewhere, mostly for another count of strokes, break the runs.
_RUNS = (
    "0 0 5,6 6 15,21 23 2,24 22 1,29 29 44,73 74 1,74 73 1,75 75 22,98 98 1,100 100 27,127 128 1,128 127 1,129 129 19,"
    "148 149 1,149 148 1,150 150 4,155 21 1,156 158 2,158 158 76,282 234 29,312 264 1,314 266 142,470 6101 20,"
    "3290 471 1412,4702 1884 424,5126 1883 1,5127 2308 1876,7003 4571 1,7004 4184 387,7391 4572 525,7916 5286 1,"
    "7917 5097 105,8023 5203 83,8106 5287 84,8190 5517 1,8191 5371 54,8245 5426 1,8246 5425 1,8247 5427 90,"
    "8337 5518 354",
    "0 6280 10,10 6291 33,43 6372 1,44 6324 48,92 6373 46,138 6586 1,139 6419 167,306 6587 1840,2146 9074 1,"
    "2147 8428 108,2255 8537 537,2792 8427 1,2793 9075 100,2893 8536 1,2894 9175 399,3293 9575 1637,4930 11761 1,"
    "4931 11212 146,5077 11899 1,5078 11358 287,5365 12508 1,5366 11645 116,5482 11762 137,5619 11900 104,5723 12425 1,"
    "5724 12004 222,5946 12227 198,6144 12426 82,6226 12509 86,6312 12226 1,6313 12595 8,6321 12604 153,6474 12758 56,"
    "6530 13114 1,6531 12814 113,6644 12603 1,6645 12927 142,6787 12757 1,6788 13069 45,6833 13115 71,6904 13380 1,"
    "6905 13186 194,7099 13381 490,7589 13914 1,7590 13871 43,7633 13915 1,7634 13917 11,7645 13916 1,7646 13928 4",
)
_OTHERS = {5: "‧", 14: "﹑", 154: "‖", 161: "￥", 163: "￠", 164: "￡", 571: "亠", 578: "冫", 583: "勹", 8022: "彞"}
_OTHERS |= {490 + i: chr(0x2170 + i) for i in range(10)}
"""Cells of plane 1 that Big5 has not, or Python reads otherwise."""
_TOKEN = re.compile("[\xa1-\xfe]{2}|\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\x80-\xff]")


@cache
def _table() -> dict[str, str]:
    """Bytes of a character, as Latin-1, to the character."""
    table: dict[str, str] = {}
    for plane, runs in enumerate(_RUNS, 1):
        cells: dict[int, str] = {}
        for run in runs.split(","):
            first, place, length = map(int, run.split())
            cells |= {first + i: _big5(place + i) for i in range(length)}
        cells |= _OTHERS if plane == 1 else {}
        for cell, char in cells.items():
            pair = chr(0xA1 + cell // 94) + chr(0xA1 + cell % 94)
            table[f"\x8e{chr(0xA0 + plane)}{pair}"] = char
            if plane == 1:
                table[pair] = char
    return table


def _big5(cell: int) -> str:
    row, column = divmod(cell, _ROW)
    code = bytes([0xA1 + row, 0x40 + column if column < 63 else 0xA1 + column - 63])
    char = code.decode("big5", "replace")
    return char if len(char) == 1 and char != "\ufffd" else code.decode("cp950", "replace")


@cache
def _bytes() -> dict[str, bytes]:
    """The shortest bytes of each character."""
    return {char: code.encode("latin-1") for code, char in sorted(_table().items(), key=lambda item: -len(item[0]))}


def decode(data: bytes, errors: str = "strict") -> tuple[str, int]:
    """Text of bytes in EUC-TW, and how many of them were read: all.

    Raises
    ------
    UnicodeDecodeError
        Bytes are no character of plane 1 or 2, and `errors` is ``"strict"``.

    Examples
    --------
    >>> import cci_tools.cleaning.euc_tw
    >>> b"\\xc4\\xe3\\xc5\\xc6".decode("euc-tw")
    '中文'
    """
    table = _table()

    def char(match: re.Match[str]) -> str:
        found = table.get(match.group())
        if found is not None:
            return found
        error = UnicodeDecodeError(NAME, bytes(data), match.start(), match.end(), "no character of plane 1 or 2")
        return str(codecs.lookup_error(errors)(error)[0])

    return _TOKEN.sub(char, str(data, "latin-1")), len(data)


def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    """Bytes of a text in EUC-TW, and how many characters were written: all.

    Raises
    ------
    UnicodeEncodeError
        A character is in neither plane, and `errors` is ``"strict"``.
    """
    codes = _bytes()
    pieces: list[bytes] = []
    for at, char in enumerate(text):
        if char < "\x80":
            pieces.append(char.encode())
        elif char in codes:
            pieces.append(codes[char])
        else:
            error = UnicodeEncodeError(NAME, text, at, at + 1, "not in plane 1 or 2")
            instead = codecs.lookup_error(errors)(error)[0]
            pieces.append(instead if isinstance(instead, bytes) else encode(instead)[0])
    return b"".join(pieces), len(text)


_CUT = rb"(?:\x8e(?:[\xa1-\xb0][\xa1-\xfe]?)?|[\xa1-\xfe])\Z"
_WHOLE = re.compile(rb"(?:[\x00-\x7f]++|[\xa1-\xfe]{2}|\x8e[\xa1-\xb0][\xa1-\xfe]{2}|(?!" + _CUT + rb")[\x80-\xff])*+")


class _Incremental(codecs.BufferedIncrementalDecoder):
    """Holds back a character that the end of a block has cut."""

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> tuple[str, int]:
        whole = _WHOLE.match(data)
        end = len(data) if final or not whole else whole.end()
        return decode(data[:end], errors)[0], end


def _search(name: str) -> codecs.CodecInfo | None:
    if name.replace("-", "_") not in ("euc_tw", "euctw", "cns11643"):
        return None
    return codecs.CodecInfo(encode=encode, decode=decode, incrementaldecoder=_Incremental, name=NAME)  # type: ignore[arg-type]


codecs.register(_search)
