"""Damaged text: clean text that was scrambled, decoded wrongly, spun, stuffed or repeated, as negative examples."""

import random

from quality_spam import GOODS, NAMES, SERVICES, advert


def shuffled(text: str, rng: random.Random) -> str:
    """The characters in another order, all over or within a window."""
    characters = list(text)
    width = rng.choice([6, 12, 40, len(characters)])
    for first in range(0, len(characters), width):
        part = characters[first : first + width]
        rng.shuffle(part)
        characters[first : first + width] = part
    return "".join(characters)


def mojibake(text: str, rng: random.Random) -> str:
    """UTF-8 read as GBK or Latin-1, or GBK read as Latin-1 or Big5."""
    written, read = rng.choice([("utf-8", "gb18030"), ("utf-8", "latin-1"), ("gb18030", "latin-1"), ("gb18030", "big5")])
    return text.encode(written, "replace").decode(read, "replace")


def holes(text: str, rng: random.Random) -> str:
    """Characters lost, or replaced by signs or by other characters of the text."""
    rate, kind = rng.uniform(0.25, 0.6), rng.randrange(3)
    with_what = {0: lambda: "", 1: lambda: rng.choice("?□�*"), 2: lambda: rng.choice(text)}[kind]
    return "".join(with_what() if not c.isspace() and rng.random() < rate else c for c in text)


def stuffed(text: str, rng: random.Random) -> str:
    """Keywords between the words, again and again."""
    words = [rng.choice(NAMES + SERVICES + GOODS) + rng.choice(["", "官网", "价格", "下载", "哪家好"]) for _ in range(3)]
    step = rng.randint(8, 20)
    return "".join(text[i : i + step] + rng.choice(words) for i in range(0, len(text), step))


def salad(text: str, rng: random.Random) -> str:
    """Pieces of a few characters in random order, as spinning software leaves them."""
    pieces, at = [], 0
    while at < len(text):
        size = rng.randint(1, 4)
        pieces.append(text[at : at + size])
        at += size
    rng.shuffle(pieces)
    return "".join(pieces)


def hijacked(text: str, rng: random.Random) -> str:
    """Adverts between the sentences of an honest text, as many as the text is long."""
    sentences = [part + "。" for part in text.split("。") if part][:6]
    return "".join(sentence + advert(rng) for sentence in sentences)


def damaged(text: str, rng: random.Random) -> str:
    """The text, damaged in one of these ways."""
    return rng.choice([shuffled, shuffled, mojibake, holes, stuffed, salad, hijacked])(text, rng)
