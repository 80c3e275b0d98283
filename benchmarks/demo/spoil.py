"""Defects of the demo dump: every function spoils or copies a text in one way that is met on the web."""

import random
import re

from texts import Piece

# One code point each for what full-width and half-width punctuation share.
_HALF = str.maketrans("，。；：？！（）“”", ',.;:?!()""')
_WIDE_DIGITS = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
_SENTENCE = re.compile(r"[^。！？\n]*[。！？][”’）]*|[^。！？\n]+|\n+")

HEAD = (
    "首页 > 新闻中心 > 正文",
    "字号：大 中 小　打印　关闭",
    "发布时间：2025-02-18 09:12　来源：本站　浏览次数：1203",
)
TAIL = (
    "责任编辑：鲁墨",
    "【打印本页】【关闭窗口】",
    "上一篇：关于做好近期工作的通知",
    "下一篇：没有了",
    "扫一扫在手机打开当前页",
    "版权声明：未经授权，不得转载。",
    "京ICP备00000000号-1",
)


def furniture(text: str, rng: random.Random) -> str:
    """The text with lines of page furniture at its head and tail."""
    head = sorted(rng.sample(range(len(HEAD)), 2))
    tail = sorted(rng.sample(range(len(TAIL)), 4))
    return "\n".join([*(HEAD[i] for i in head), text, *(TAIL[i] for i in tail)])


def half_width(text: str) -> str:
    """Punctuation half-width, digits full-width."""
    return text.translate(_HALF).translate(_WIDE_DIGITS)


def without_sentences(text: str, share: float, rng: random.Random) -> str:
    """The text without some of its sentences, up to a share of its characters."""
    parts = _SENTENCE.findall(text)
    order = list(range(len(parts)))
    rng.shuffle(order)
    dropped: set[int] = set()
    left = int(share * len(text))
    for i in order:
        if parts[i].strip() and len(parts[i]) <= left:
            dropped.add(i)
            left -= len(parts[i])
    return "".join(part for i, part in enumerate(parts) if i not in dropped)


def indented(text: str) -> str:
    """Every paragraph with an indent of two ideographic spaces, and blank lines between."""
    return "\n\n".join("　　" + line for line in text.split("\n") if line)


def with_entities(text: str) -> str:
    """HTML entities, once and twice escaped, tags and remains of a content management system."""
    lines = text.split("\n")
    marked = ["&nbsp;&nbsp;&nbsp;&nbsp;" + line.replace("，", "&#65292;", 1) if line else "<br>" for line in lines]
    marked[0] = marked[0].replace("水井", "水井&amp;nbsp;", 1)
    return "\n".join(["UCAP-CONTENT", *marked, "var _hmt = _hmt || [];", "<!-- enpproperty 20250301 -->"])


def doubled(title: str, text: str, paragraph: int) -> str:
    """The title twice above the text, and one paragraph twice."""
    lines = text.split("\n")
    return "\n".join([title, title, *lines[: paragraph + 1], *lines[paragraph:]])


def with_invisible(text: str, rng: random.Random) -> str:
    """Zero-width and directional characters between others, a line separator for a line break."""
    chars = list(text.replace("\n", "\u2028", 1))
    for mark in ("\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060") * 4:
        chars.insert(rng.randrange(2, len(chars)), mark)
    return "".join(chars)


def with_private_use(text: str) -> str:
    """Bullets of a word processor in front of list items, and radicals in place of characters."""
    text = re.sub(r"\n(?=.{2,4}法，)", "\n\uf06c ", text)
    return text.replace("面", "\u2faf").replace("人", "\u2f08", 3)


def spaced(text: str) -> str:
    """Characters set apart by spaces, as justified PDF text comes out."""
    return "\n".join(" ".join(line) for line in text.split("\n"))


def hard_wrapped(text: str, width: int) -> str:
    """Lines cut after a number of characters."""
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def as_latin(text: str) -> str:
    """UTF-8 read as Windows-1252, as browsers do it."""
    chars = []
    for byte in text.encode():
        try:
            chars.append(bytes([byte]).decode("cp1252"))
        except UnicodeDecodeError:
            chars.append(chr(byte))
    return "".join(chars)


def as_gbk(text: str) -> str:
    """Sentences whose UTF-8 bytes happen to be GBK, read as such; the others stay."""

    def misread(match: re.Match[str]) -> str:
        try:
            return match[0].encode().decode("gbk")
        except UnicodeDecodeError:
            return match[0]

    return re.sub(r"[^，。；：\n]+[，。；：]", misread, text)


def destroyed(text: str, rng: random.Random) -> str:
    """Most runs of the text replaced by what U+FFFD looks like when it is read as GBK."""
    return "".join("锟斤拷" * 2 if rng.random() < 0.7 else text[i : i + 4] for i in range(0, len(text), 4))


def obfuscated(text: str) -> str:
    """Frequent characters replaced by private-use ones that only the font of a page would show."""
    table = {ord(char): 0xE3A0 + i for i, char in enumerate("的一是不了在人有我他这个来到时")}
    return text.translate(table)


def chain(piece: Piece) -> tuple[str, str, str]:
    """A text, the text without its end, and that without its end: neighbours are near-duplicates, the ends are not.

    Lengths are to one another as 100 to 87 to 75.
    """
    return piece.text, piece.text[: int(len(piece.text) * 0.87)], piece.text[: int(len(piece.text) * 0.755)]


def repetitive() -> str:
    """One sentence said over and over with little else."""
    once = "签到打卡，天天签到，天天打卡，今天也要开心，明天也要开心。"
    return "论坛签到帖，来过的都留个名。" + once * 25
