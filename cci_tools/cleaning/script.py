"""Simplified and Traditional Chinese: which of them a text is written in, and the way from one to the other.

What tells them apart are characters that the standard of the other side does not have: 国 is not in Big5, 國 not in
GB 2312. Characters of both (后 里 干 台, 著 乾) say nothing.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cci_tools.kernels.arrow import Bytes, Offsets, text_buffers
from cci_tools.kernels.script import count_classes

Script = Literal["simplified", "traditional", "mixed"]

SIMPLIFIED, TRADITIONAL, KANA, NEITHER = 1, 2, 3, 4
"""Classes of characters."""

FEWEST, MINORITY = 3, 0.2
"""Characters that decide about a text at least; share of them from which on the smaller side makes it mixed."""

JAPANESE, JAPANESE_LINE = 0.3, 0.1
"""Shares of kana among Hanzi and kana from which on a text and a line of it are Japanese."""


_WRITTEN = re.compile(
    "著(?:(?<=[卓顯显昭編编所專专原合譯译遺遗巨名史論论撰校]著)|(?=[作名者稱称述書书錄录]|有[成功勞劳績绩貢贡]))"
)
"""著 that is no 着, beyond what OpenCC knows: 卓著, 所著, 著有成績."""


@cache
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)


_SIDES = {SIMPLIFIED: ("s2t", "s2tw", "big5"), TRADITIONAL: ("t2s", "tw2s", "gb2312")}
"""Of each side the dictionaries that know its characters, those that convert it, and the standard of the other side.
Taiwan's forms are written (為, 裡, 群) and read (看著), for they are the usual ones; the choice of words is no matter
of script, so that those with phrases of a region (軟體 to 软件, but 文件 to 文档) are not used."""


@cache
def _forms() -> dict[int, dict[str, str]]:
    """Characters of each side, with their form on the other side where no word says otherwise."""
    hanzi = [chr(c) for c in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    sides = {}
    for side, (known, way, standard) in _SIDES.items():
        there, forms = (_converter(name).convert("\n".join(hanzi)).split("\n") for name in (known, way))
        triples = zip(hanzi, there, forms, strict=True)
        sides[side] = {a: c for a, b, c in triples if a != b and a != c and not a.encode(standard, "ignore")}
    variants = sides[SIMPLIFIED].keys() & sides[TRADITIONAL].keys()  # of a third form
    return {side: {a: b for a, b in forms.items() if a not in variants} for side, forms in sides.items()}


@cache
def classes() -> npt.NDArray[np.uint8]:
    """Class of each code point below U+10000."""
    table = np.zeros(0x10000, np.uint8)
    table[0x3400:0x4DC0] = table[0x4E00:0xA000] = NEITHER
    table[0x3041:0x3097] = table[0x30A1:0x30FB] = KANA
    for side, forms in _forms().items():
        table[[ord(char) for char in forms]] = side
    return table


def count(values: Bytes, offsets: Offsets) -> npt.NDArray[np.int64]:
    """Characters of each class in each text, shape (n, 5): others, simplified, traditional, kana, Hanzi of both."""
    return count_classes(values, offsets, classes())


def scripts(counts: npt.NDArray[np.int64]) -> list[Script | None]:
    """The script of each text, from its counts; None where fewer than three characters tell, and of Japanese.

    >>> scripts(count(*text_buffers(["经济发展", "經濟發展", "经济发展與經濟", "皇后在里", "経済の発展"])))
    ['simplified', 'traditional', 'mixed', None, None]
    """
    simplified, traditional, kana = counts[:, SIMPLIFIED], counts[:, TRADITIONAL], counts[:, KANA]
    told = simplified + traditional
    smaller = np.minimum(simplified, traditional)
    japanese = kana >= JAPANESE * np.maximum(counts[:, 1:].sum(1), 1)
    kind = np.where(simplified >= traditional, 0, 1)
    kind[(smaller >= FEWEST) & (smaller >= MINORITY * told)] = 2
    kind[(told < FEWEST) | japanese] = 3
    names: tuple[Script | None, ...] = ("simplified", "traditional", "mixed", None)
    return [names[k] for k in kind.tolist()]


def convertible(counts: npt.NDArray[np.int64], target: str) -> npt.NDArray[np.bool_]:
    """Which texts `converter` may change: those with a character of the other side."""
    return counts[:, TRADITIONAL if target == "simplified" else SIMPLIFIED] > 0


def converter(target: Literal["simplified", "traditional"]) -> Callable[[str], tuple[str, int]]:
    """A function that writes a text in one script and counts the characters that it changed.

    Words decide with OpenCC's dictionaries: 头发 becomes 頭髮 and 发展 發展. Only the writing changes and not the
    choice of words: 軟體 becomes 软体, not 软件, and nothing but Hanzi changes. A text in which the wanted script
    prevails has its words left alone, since 里 and 干 may be right in it: of such a text only the characters of the
    other side are replaced. So a second conversion changes nothing. Japanese lines and texts stay.

    Examples
    --------
    >>> converter("traditional")("理发后在公里碑前干杯，台湾的软件")
    ('理髮後在公里碑前乾杯，臺灣的軟件', 6)
    >>> converter("simplified")("皇后與後宮，乾隆年間，頭髮")
    ('皇后与后宫，乾隆年间，头发', 6)
    """
    own, other = (SIMPLIFIED, TRADITIONAL) if target == "simplified" else (TRADITIONAL, SIMPLIFIED)
    forms = _forms()[other]
    theirs, mine = (re.compile(f"[{''.join(side)}]") for side in (forms, _forms()[own]))
    engine = _converter(_SIDES[other][1])

    def convert(text: str) -> tuple[str, int]:
        if not _KANA.search(text):
            fixed = chinese(text)
        elif is_japanese(text, JAPANESE):
            return text, 0
        else:
            lines = text.split("\n")
            chosen = [i for i, line in enumerate(lines) if not is_japanese(line, JAPANESE_LINE)]
            for i, line in zip(chosen, chinese("\n".join(lines[i] for i in chosen)).split("\n"), strict=False):
                lines[i] = line
            fixed = "\n".join(lines)
        return fixed, _differences(text, fixed)

    def chinese(text: str) -> str:
        counts = count(*text_buffers([text]))[0]
        if not counts[other]:
            return text
        whole = _words(engine, text)
        if counts[own] >= counts[other]:
            fixed = _at(theirs, text, whole)
        elif counts[own] and target == "traditional":
            pairs = zip(text.split("\n"), whole.split("\n"), strict=True)
            fixed = "\n".join(_at(theirs, a, b) if mine.search(a) else b for a, b in pairs)
        else:
            fixed = whole
        return theirs.sub(lambda match: forms[match.group()], fixed)

    return convert


def _words(engine: Any, text: str) -> str:
    """The text converted word by word."""
    whole = str(engine.convert(text))
    if len(whole) != len(text):  # no dictionary does so; were one to, its words would be passed over
        return text
    if not (places := [found.start() for found in _WRITTEN.finditer(text)]):
        return whole
    chars = list(whole)
    for place in places:
        chars[place] = "著"
    return "".join(chars)


def _at(pattern: re.Pattern[str], text: str, other: str) -> str:
    """The text, with the matches of a pattern taken from another text of the same length."""
    return pattern.sub(lambda match: other[match.start() : match.end()], text)


def _differences(one: str, other: str) -> int:
    """Places at which two texts of the same length differ."""
    if one == other:
        return 0
    codes = (np.frombuffer(text.encode("utf-32-le"), np.uint32) for text in (one, other))
    return int(np.count_nonzero(np.not_equal(*codes)))


_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HANZI = re.compile("[\u3400-\u9fff]")


def is_japanese(text: str, share: float = JAPANESE) -> bool:
    """Whether two kana or more make up a share of the Hanzi and kana.

    >>> is_japanese("経済の発展について"), is_japanese("鲜の每日")
    (True, False)
    """
    kana = len(_KANA.findall(text))
    return kana >= 2 and kana >= share * (kana + len(_HANZI.findall(text)))
