"""Seeded texts from a grammar: themes with alternatives, and slots for names, figures and choices.

A slot is ``{name}`` (a word of `vocabulary.WORDS`, a person or woman with a number, or a part of the document's date:
the same all through a document), ``{数a-b}`` (a whole number, drawn anew each time), ``{date}``, or ``{this|that}``.
Slots may be nested.
"""

import datetime
import random
import re
from dataclasses import dataclass, field

from texts import Piece, read_pieces
from vocabulary import GIVEN, GIVEN_WOMEN, MATCHING, SURNAMES, WORDS

_SLOT = re.compile(r"\{([^{}]*)\}")


@dataclass
class Filler:
    """Fills the slots of one document.

    Attributes
    ----------
    rng : random.Random
        Source of every choice.
    day : datetime.date
        Day of the document.
    fixed_date : bool
        Whether ``{date}`` is the day before (news), or a day in the weeks after, drawn anew each time (notices).
    """

    rng: random.Random
    day: datetime.date
    fixed_date: bool
    known: dict[str, str] = field(default_factory=dict)

    def __call__(self, template: str) -> str:
        while _SLOT.search(template):
            template = _SLOT.sub(self._slot, template)
        return template

    def _slot(self, match: re.Match[str]) -> str:
        name: str = match[1]
        if "|" in name:
            return self.rng.choice(name.split("|"))
        if name.startswith("数"):
            low, high = map(int, name[1:].split("-"))
            return str(self.rng.randint(low, high))
        if name == "date" and not self.fixed_date:
            day = self.day + datetime.timedelta(days=self.rng.randint(1, 30))
            return f"{day.year}年{day.month}月{day.day}日"
        if name not in self.known:
            self.known[name] = self._new(name)
        return self.known[name]

    def _new(self, name: str) -> str:
        if name == "date":
            day = self.day - datetime.timedelta(days=1)
            return f"{day.month}月{day.day}日"
        if name == "day":
            return f"{self.day.year}年{self.day.month}月{self.day.day}日"
        if name in ("date_year", "month"):
            return str(self.day.year if name == "date_year" else self.day.month)
        if name.startswith(("person", "woman")):
            while True:
                person = self.rng.choice(SURNAMES) + self.rng.choice(
                    GIVEN if name.startswith("person") else GIVEN_WOMEN
                )
                if person not in self.known.values():
                    return person
        if name in MATCHING:
            other = MATCHING[name]
            self.known.setdefault(other, self.rng.choice(WORDS[other]))
            return WORDS[name][WORDS[other].index(self.known[other])]
        return self.rng.choice(WORDS[name])


@dataclass(frozen=True)
class Made:
    """A text made from a grammar: its theme, title, text, day, and the name of the site that carries it."""

    theme: str
    title: str
    text: str
    day: datetime.date
    site: str


def make_news(rng: random.Random, per_theme: int, blocks: int = 6, shared: int = 4) -> list[Made]:
    """News from ``texts/grammar_news.txt``: a title and its lead, `blocks` paragraphs in their order, an
    ending.

    No two texts of a theme have more than `shared` paragraphs in common, so none is a near-duplicate of another.
    """
    made = []
    for theme in read_pieces("grammar_news"):
        lines = theme.text.split("\n")
        titles, leads, body, ends = ([line[2:] for line in lines if line[0] == mark] for mark in "=>-<")
        used: list[set[int]] = []
        for number in range(per_theme):
            while True:
                chosen = set(rng.sample(range(len(body)), blocks))
                if all(len(chosen & other) <= shared for other in used):
                    break
            used.append(chosen)
            months = theme.fields[2] if len(theme.fields) > 2 else "1-12"
            fill = Filler(rng, _day(rng, *map(int, months.split("-"))), fixed_date=True)
            turn = number % len(leads)
            parts = [leads[turn], *(body[i] for i in sorted(chosen)), rng.choice(ends)]
            text = "\n\n".join(fill(part) for part in parts)
            site = rng.choice(theme.fields[1].split(","))
            made.append(Made(theme.title, fill(titles[turn]), text, fill.day, site))
    return made


def make_notices(rng: random.Random, per_theme: int) -> list[Made]:
    """Notices from ``texts/grammar_notices.txt``: of a theme, they differ in names, dates and figures only."""
    made = []
    for theme in read_pieces("grammar_notices"):
        for _ in range(per_theme):
            made.append(_notice(rng, theme))
    return made


def _notice(rng: random.Random, theme: Piece) -> Made:
    fill = Filler(rng, _day(rng), fixed_date=False)
    title, _, _ = fill(theme.fields[2]).partition("\n")
    lines = [fill(line) for line in theme.text.split("\n")]
    if theme.text.startswith(theme.fields[2]):  # the title is the first line: one set of figures for both
        lines[0] = title
    return Made(theme.fields[1], title, "\n".join(lines), fill.day, "gov")


def _day(rng: random.Random, first_month: int = 1, last_month: int = 12) -> datetime.date:
    return datetime.date(rng.randint(2023, 2025), rng.randint(first_month, last_month), rng.randint(2, 28))
