"""Generated spam, adverts and pages without content: the negative examples of the quality model.

`spam(rng)` gives one text of a random class, sometimes disguised as spammers do. Words and templates are those of
quality_templates/spam.toml.
"""

import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

with (Path(__file__).parent / "quality_templates" / "spam.toml").open("rb") as _file:
    _TABLES = tomllib.load(_file)
WORDS: dict[str, list[str]] = {name: words.split() for name, words in _TABLES["words"].items()}
MESSAGES: dict[str, list[str]] = _TABLES["messages"]
SOUP: dict[str, list[str]] = {name: words.split() for name, words in _TABLES["soup"].items()}
ERRORS: list[str] = _TABLES["pages"]["errors"]
CONTACTS: list[str] = _TABLES["pages"]["contacts"]
MONEY = [8, 18, 38, 58, 88, 100, 188, 300, 500, 888, 1000, 3000, 5000, 8888]


def _number(rng: random.Random, digits: int) -> str:
    return str(rng.randint(1, 9)) + "".join(rng.choice("0123456789") for _ in range(digits - 1))


def fill(template: str, rng: random.Random) -> str:
    """A template with random words, each place its own."""

    def made(match: re.Match[str]) -> str:
        letters = "".join(rng.choice("abcdefghkmnpqrstuvwxyz") for _ in range(rng.randint(4, 8)))
        match match.group(1):
            case "money":
                return str(rng.choice(MONEY))
            case "percent":
                return str(rng.randint(1, 99))
            case "phone":
                return "1" + _number(rng, 10) if rng.random() < 0.7 else "400" + _number(rng, 7)
            case "qq":
                return _number(rng, rng.randint(7, 10))
            case "address":
                end = rng.choice([".com", ".cc", ".vip", ".top", ".xyz", ".net"])
                return rng.choice(["www.", "http://", ""]) + letters + _number(rng, rng.randint(1, 3)) + end
            case "account":
                return letters + (_number(rng, rng.randint(2, 5)) if rng.random() < 0.7 else "")
            case "letters":
                return letters
            case name:
                return rng.choice(WORDS[name])

    return re.sub(r"\{([a-z]+)\}", made, template)


def disguise(text: str, rng: random.Random) -> str:
    """Signs between the characters, circled digits, full-width letters, or emoji, as spam hides its words."""
    match rng.randrange(5):
        case 0:
            sign = rng.choice("★·丨-_~|．◆*")
            return "".join(c + (sign if rng.random() < 0.4 else "") for c in text)
        case 1:
            return text.translate(str.maketrans("1234567890", "①②③④⑤⑥⑦⑧⑨⓪"))
        case 2:
            return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        case 3:
            return "".join(c + (rng.choice("🔥💰✅❤️👉🎁📞💎") if rng.random() < 0.15 else "") for c in text)
        case _:
            return "".join(c + (" " if rng.random() < 0.6 else "") for c in text)


def soup(rng: random.Random) -> str:
    """Words of one class of spam, with numbers and addresses between, as short messages string them together."""
    words = rng.choice(list(SOUP.values()))
    separator = rng.choice(["", "", "", " ", "，", "，", "！", "、", "|"])
    parts = []
    for _ in range(rng.randint(3, 18)):
        parts.append(rng.choice(words))
        if rng.random() < 0.25:
            parts.append(fill(rng.choice(CONTACTS), rng))
    return separator.join(parts) + rng.choice(["", "", "！", "!!!", "。", fill(rng.choice(CONTACTS), rng)])


def diluted(rng: random.Random, draw: Callable[[random.Random, int], str]) -> str:
    """Words of one class of spam with everyday words between, as real messages have them; `draw` gives those."""
    words = rng.choice(list(SOUP.values()))
    separator = rng.choice(["", "", "，", "！", " ", "。"])
    parts = []
    for _ in range(rng.randint(3, 10)):
        parts.append(draw(rng, rng.randint(0, 2)) + rng.choice(words) + draw(rng, rng.randint(0, 1)))
    parts.insert(rng.randint(1, len(parts)), fill(rng.choice(CONTACTS), rng))
    return separator.join(parts) + rng.choice(["", "！", fill(rng.choice(CONTACTS), rng)])


def advert(rng: random.Random) -> str:
    """One to six messages of one class of spam, or a soup of its words."""
    if rng.random() < 0.5:
        text = soup(rng)
    else:
        templates = rng.choice(list(MESSAGES.values()))
        between = rng.choice(["\n", "", " ", "。"])
        text = between.join(fill(rng.choice(templates), rng) for _ in range(rng.randint(1, 6)))
    return disguise(text, rng) if rng.random() < 0.2 else text


def menu(rng: random.Random, least: int, most: int) -> str:
    """Entries of menus, and titles between them."""
    items = [rng.choice(WORDS["menu"]) for _ in range(rng.randint(least, most))]
    for _ in range(len(items) // 10):
        items.insert(
            rng.randrange(len(items)), rng.choice(WORDS["city"]) + rng.choice(WORDS["service"] + WORDS["goods"])
        )
    return rng.choice(["\n", " | ", " ", "\n\n", " > "]).join(items)


def page(rng: random.Random) -> str:
    """A page that is only menus, or an error."""
    return menu(rng, 15, 120) if rng.random() < 0.7 else fill(rng.choice(ERRORS), rng)


def furniture(text: str, rng: random.Random) -> str:
    """An honest text with the menus of its page before and behind: a positive example."""
    most = max(1, len(text) // 20)
    return f"{menu(rng, 1, most)}\n{text}\n{menu(rng, 1, most)}"


def spam(rng: random.Random) -> str:
    """One generated negative example."""
    return advert(rng) if rng.random() < 0.75 else page(rng)
