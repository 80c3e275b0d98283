"""Generated everyday prose: positive examples of registers that the openly licensed corpora do not have.

News, court reports, warnings against fraud, talk, diaries, stories, sport, reviews and questions from the templates of
quality_templates/prose.toml, and random words of a general lexicon.
"""

import itertools
import random
import re
import tomllib
from pathlib import Path

from quality_spam import SOUP

with (Path(__file__).parent / "quality_templates" / "prose.toml").open("rb") as _file:
    _TABLES = tomllib.load(_file)
SLOTS: dict[str, list[str]] = {name: words.split() for name, words in _TABLES["slots"].items()}
SLOTS["loaded"] = [word for words in SOUP.values() for word in words]  # what spam says, too
REGISTERS: list[list[str]] = list(_TABLES["sentences"].values())
ABOUT = ["warning", "judgment", "study"]
"""Registers that speak of spam."""

ENDS = ["，", "，", "。", "。", "、", "\n", " ", "！", "？", "：", "；"]


def prose(rng: random.Random) -> str:
    """One to twelve sentences of one register, in one paragraph or a line each."""
    sentences = rng.choice(REGISTERS)
    count = rng.choice([1, 1, 2, 3, 5, 8, 12])
    templates = [rng.choice(sentences) for _ in range(count)]
    made = [re.sub(r"\{([a-z]+)\}", lambda match: rng.choice(SLOTS[match.group(1)]), text) for text in templates]
    return rng.choice(["", "", "\n"]).join(made)


def about_spam(rng: random.Random) -> str:
    """One to five sentences that tell, forbid or warn of one class of spam, in its own words."""
    words = rng.choice(list(SOUP.values()))

    def made(match: re.Match[str]) -> str:
        if match.group(1) == "loaded":
            return rng.choice(["、", "、", "、“", "，"]).join(rng.sample(words, rng.randint(1, 4)))
        return rng.choice(SLOTS[match.group(1)])

    sentences = [text for name in ABOUT for text in _TABLES["sentences"][name]]
    return "".join(re.sub(r"\{([a-z]+)\}", made, rng.choice(sentences)) for _ in range(rng.choice([1, 1, 2, 3, 5])))


def price_list(rng: random.Random, lexicon: "Lexicon") -> str:
    """Two to twenty things with their prices, in a line or a line each: a bill, fees, a menu of dishes, wages."""

    def amount() -> str:
        number = rng.choice([rng.randint(1, 99), rng.randint(1, 999), rng.randint(100, 99_999)])
        return rng.choice(
            [f"{number}", f"{number}", f"{number}.{rng.randint(0, 9)}", f"{number}.{rng.randint(0, 99):02}"]
        )

    def framed(name: str) -> str:
        template = rng.choice(_TABLES["prices"][name])
        return re.sub(r"\{([a-z]+)\}", lambda match: rng.choice(SLOTS[match.group(1)]), template)

    between = rng.choice(["", "", " ", " ", "：", "\t", "每斤", "每次", "每人", "每月"])
    unit, end = rng.choice(["元", "元", "元", "元", "元起", "块", "元/天", ""]), rng.choice("，，；、\n\n  ")
    count = rng.choice([2, 3, 4, 5, 6, 8, 12, 20])
    rows = [lexicon.draw(rng, rng.randint(1, 3)) + between + amount() + unit for _ in range(count)]
    return framed("heads") + end.join(rows) + framed("tails")


class Lexicon:
    """Random words of a general lexicon, drawn by frequency, in the shapes that text and posts have."""

    def __init__(self, path: Path) -> None:
        rows = [line.split(" ") for line in path.read_text(encoding="utf-8").split("\n") if line]
        self.words = [row[0] for row in rows]
        self.weights = list(itertools.accumulate(int(row[1]) ** 0.75 for row in rows))

    def draw(self, rng: random.Random, count: int) -> str:
        """So many words, one after the other."""
        return "".join(rng.choices(self.words, cum_weights=self.weights, k=count))

    def title(self, rng: random.Random) -> str:
        """A title, a name, or a row of figures."""
        words = self.draw(rng, rng.randint(1, 3))
        figures = " ".join(str(rng.randint(0, 10 ** rng.randint(1, 6))) for _ in range(rng.randint(1, 12)))
        return rng.choice([words, words, f"{words} {figures}", figures, f"{words}：{figures}"])

    def ornament(self, rng: random.Random) -> str:
        """What posts have between the words: a name, a topic, a face, an address, a figure."""
        word, link = self.draw(rng, 1), "http://t.cn/" + "".join(rng.choices("aZ3xQ", k=6))
        figure = str(rng.randint(1, 3000))
        return rng.choice([f"@{word}", f"[{word}]", f"#{word}#", link, "😂", "❤", "~", "！！", "…", "？", figure, " X"])

    def text(self, rng: random.Random) -> str:
        """One to thirty clauses of one to nine words, or a title.

        Long ones hold a word or two of the vocabulary of spam: it is the company that makes a word suspicious.
        """
        if rng.random() < 0.25:
            return self.title(rng)
        online, parts = rng.random() < 0.4, []
        for _ in range(rng.choice([1, 1, 2, 3, 5, 10, 30])):
            words = self.draw(rng, rng.randint(1, 9))
            if len(parts) > 2 and rng.random() < 0.1:
                words += rng.choice(SLOTS["loaded"]) + self.draw(rng, 2)
            if online and rng.random() < 0.4:
                words += self.ornament(rng)
            parts.append(words + rng.choice(ENDS))
        return "".join(parts)
