"""Damaged text: clean text that was decoded wrongly or stuffed with keywords and adverts, as negative examples.

Text whose characters were only put in another order is not among them: a model of character pairs that learned from it
would take every word that it has never seen for damage.
"""

import random

from quality_spam import WORDS, advert

WRONG = [("utf-8", "gb18030"), ("utf-8", "latin-1"), ("gb18030", "latin-1"), ("gb18030", "big5")]
"""Written in one charset, read in another."""


def mojibake(text: str, rng: random.Random) -> str:
    """UTF-8 read as GBK or Latin-1, or GBK read as Latin-1 or Big5."""
    written, read = rng.choice(WRONG)
    return text.encode(written, "replace").decode(read, "replace")


def stuffed(text: str, rng: random.Random) -> str:
    """Keywords between the words, again and again."""
    nouns, ends = WORDS["name"] + WORDS["service"] + WORDS["goods"], ["", "官网", "价格", "下载", "哪家好"]
    words = [rng.choice(nouns) + rng.choice(ends) for _ in range(3)]
    step = rng.randint(8, 20)
    return "".join(text[i : i + step] + rng.choice(words) for i in range(0, len(text), step))


def hijacked(text: str, rng: random.Random) -> str:
    """Adverts between the sentences of an honest text, as many as the text is long."""
    sentences = [part + "。" for part in text.split("。") if part][:6]
    return "".join(sentence + advert(rng) for sentence in sentences)


def damaged(text: str, rng: random.Random) -> str:
    """The text, damaged in one of these ways."""
    return rng.choice([mojibake, stuffed, hijacked])(text, rng)
