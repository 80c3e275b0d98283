"""Train seeds/quality.ftz from openly licensed text and generated negatives.

    python benchmarks/accuracy/train_quality.py DATA/corpus/corpus_dev.jsonl.zst jieba/dict.txt seeds/quality.ftz

Good: parts of the corpus that anyone may use (statutes, government reports, classical poems, recipes, product and wiki
documentation), cut into pieces of every length; prose generated for registers that they lack (quality_prose.py); and
words of a general lexicon by their frequency, so that a word is suspicious only where spam uses it more than everybody
does. Bad: the same pieces damaged (quality_damage.py) and generated spam (quality_spam.py). Prints the report as JSON.
"""

import argparse
import json
import random
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import zstandard

sys.path.insert(0, str(Path(__file__).parent))

from quality_damage import damaged
from quality_prose import Lexicon, about_spam, price_list, prose
from quality_spam import diluted, furniture, menu, spam

from cci_tools.quality.train import train

PARTS = {"law": 4000, "twlaw": 4000, "justlaws": 1000, "govreport": 1000, "poetry": 8000, "howtocook": 2500}
PARTS |= {"tidb": 4000, "oiwiki": 3000, "paddle": 3000}
"""Parts of the corpus, and how many pieces of each are taken."""


def documents(path: Path) -> Iterator[tuple[str, str]]:
    """Part and text of each document of a part that is used."""
    with path.open("rb") as raw, zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw) as stream:
        rest = b""
        while block := stream.read(1 << 24):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                row = json.loads(line)
                if (part := row["id"].partition("-")[0]) in PARTS:
                    yield part, row["text"]


def piece(text: str, rng: random.Random) -> str:
    """A run of lines of a document: often one or two, seldom much of it."""
    lines = text.split("\n")
    size = rng.choice([1, 1, 2, 3, 5, 10, 30, 100])
    first = rng.randrange(max(1, len(lines) - size + 1))
    found = "\n".join(lines[first : first + size]).strip()
    if size == 1 and rng.random() < 0.5:
        sentences = [s for s in found.split("。") if s]
        found = rng.choice(sentences) + "。" if sentences else found
    return found


def coloured(text: str, rng: random.Random) -> str:
    """Terminal colours and stray controls in an honest text: dirt that cleaning removes, and no sign of rubbish."""
    pieces = text.split("。")
    marks = ["\x1b[3{0}m", "\x1b[0m", "\x07", "\x00", "\u200b", "\ufeff"]
    return "。".join(rng.choice(marks).format(rng.randint(0, 7)) + part + rng.choice(marks[1:]) for part in pieces)


def untranslated(text: str, rng: random.Random) -> str:
    """What is left of documentation without its Hanzi, under a Chinese title and menu: a page not translated."""
    words = re.sub(r"[^\x20-\x7e\n]+", " ", text)
    hanzi = "".join(c for c in text if unicodedata.category(c) == "Lo")
    return f"{hanzi[: rng.randint(2, 8)]}\n{menu(rng, 1, 6)}\n{words}"


def attributed(text: str, lexicon: Lexicon, rng: random.Random) -> str:
    """A short quotation with its author and title."""
    author, between = lexicon.draw(rng, 1), rng.choice(["·", "·", ""])
    title = between.join([lexicon.draw(rng, 1), lexicon.draw(rng, 2)])
    return f"{text[:60]}\n{' ' * rng.randint(0, 8)}{rng.choice(['-- ', '——', '—— '])}{author}《{title}》"


def useful(text: str) -> bool:
    """Enough Hanzi to say anything about Chinese text."""
    hanzi = sum(unicodedata.category(c) == "Lo" for c in text[:2000])
    return hanzi >= 6 and hanzi > 0.1 * len(text[:2000])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("lexicon", type=Path, help="lines of word, frequency and tag: jieba's dict.txt (MIT)")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    by_part: dict[str, list[str]] = {part: [] for part in PARTS}
    for part, text in documents(options.corpus):
        by_part[part].append(text)
    pieces = []
    for part, count in PARTS.items():
        made = (piece(rng.choice(by_part[part]), rng) for _ in range(count))
        pieces += [text for text in made if useful(text)]
    lexicon = Lexicon(options.lexicon)
    positive = pieces + [prose(rng) for _ in range(30_000)] + [lexicon.text(rng) for _ in range(35_000)]
    positive += [untranslated(rng.choice(by_part[rng.choice(["tidb", "paddle"])]), rng)[:3000] for _ in range(3_000)]
    positive += [attributed(rng.choice(by_part["poetry"]), lexicon, rng) for _ in range(3_000)]
    positive += [about_spam(rng) for _ in range(10_000)]
    positive += [price_list(rng, lexicon) for _ in range(6_000)]
    negative = [damaged(rng.choice(positive), rng) for _ in range(8_000)] + [spam(rng) for _ in range(45_000)]
    negative += [diluted(rng, lexicon.draw) for _ in range(12_000)]
    positive += [furniture(rng.choice(positive), rng) for _ in range(12_000)]
    positive += [coloured(rng.choice(positive), rng) for _ in range(4_000)]
    print(json.dumps(train(positive, negative, options.out, seed=options.seed), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
