"""How well personal information is found: labelled persons, sentences without any, and samples to be read by eye.

    python benchmarks/accuracy/privacy.py LABELLED [--negatives FILE] [--corpus FILE --read KIND=N ...]

LABELLED and the negatives have one JSON object with `text` and `spans` (type, start, end) a line; .zst too. A find
is right where kind, start and end are those of a span. With a corpus, N finds of a kind are drawn evenly from its parts
(what stands before the first "-" of the id) and printed with what stands around them, to be judged.
"""

import argparse
import io
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
import zstandard

from cci_tools.cleaning.privacy import find
from cci_tools.cleaning.privacy_kinds import KINDS
from cci_tools.cleaning.privacy_numbers import id_card, id_card_shape

TYPES = {"idCardNumbers": "id_card", "phoneNumbers": "mobile", "emailAddress": "email", "location": "address"}
"""Types of the labelled spans that are kinds of ours; the others (name, age, diagnosis, ...) are none."""


def read(path: str) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as file:
        unpacked = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file)
        yield from map(orjson.loads, io.BufferedReader(unpacked) if path.endswith(".zst") else file)  # type: ignore[arg-type]


def labelled(path: str) -> None:
    right, missed, wrong = Counter[str](), defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    numbers = Counter[str]()
    for row in read(path):
        text = row["text"]
        gold = {(TYPES[s["type"]], s["start"], s["end"]) for s in row["spans"] if s["type"] in TYPES}
        got = {tuple(span) for span in find(text)}
        right.update(kind for kind, _, _ in gold & got)
        for kind, start, end in gold - got:
            missed[kind].append(f"{text[max(0, start - 8) : start]}[{text[start:end]}]{text[end : end + 8]}")
        for kind, start, end in got - gold:
            wrong[kind].append(f"{text[max(0, start - 8) : start]}[{text[start:end]}]{text[end : end + 8]}")
        for kind, start, end in gold:
            if kind == "id_card":
                number = text[start:end]
                numbers["valid" if id_card(number) else "wrong check" if id_card_shape(number) else "no such date"] += 1
    print(f"{'kind':10} {'spans':>6} {'precision':>9} {'recall':>7} {'F1':>7}")
    for kind in (kind for kind in KINDS if right[kind] or missed[kind]):
        hits, lost, more = right[kind], len(missed[kind]), len(wrong[kind])
        precision, recall = (hits / (hits + n) if hits + n else 0.0 for n in (more, lost))
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        print(f"{kind:10} {hits + lost:6} {precision:9.4f} {recall:7.4f} {f1:7.4f}")
    print(f"labelled identity numbers: {dict(numbers)}")
    for name, errors in (("missed", missed), ("wrong", wrong)):
        for kind, examples in errors.items():
            if examples:
                print(f"{name} {kind}: {' | '.join(examples)}")


def negatives(path: str) -> None:
    rows = [row["text"] for row in read(path)]
    found = [(span.kind, text[span.start : span.end]) for text in rows for span in find(text)]
    print(f"{len(rows)} texts without contacts: {len(found)} finds {found[:10]}")


def samples(path: str, wanted: dict[str, int]) -> None:
    by: dict[str, dict[str, dict[str, str]]] = {kind: defaultdict(dict) for kind in wanted}
    for row in read(path):
        text, part = row["text"], row["id"].partition("-")[0]
        for kind, start, end in find(text):
            if kind in by:
                shown = f"{text[max(0, start - 30) : start]}[{text[start:end]}]{text[end : end + 20]}"
                by[kind][part].setdefault(text[start:end], shown.replace("\n", "⏎"))
    rng = random.Random(1)
    for kind, parts in by.items():
        piles = {part: rng.sample(sorted(shown.values()), len(shown)) for part, shown in parts.items()}
        drawn = [(part, pile[i]) for i in range(wanted[kind]) for part, pile in piles.items() if i < len(pile)]
        print(f"\n{kind}: { ({part: len(pile) for part, pile in piles.items()}) } different values")
        for part, shown in drawn[: wanted[kind]]:
            print(f"  {part:9} {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("labelled")
    parser.add_argument("--negatives")
    parser.add_argument("--corpus")
    parser.add_argument("--read", nargs="*", default=[], metavar="KIND=N")
    chosen = parser.parse_args()
    labelled(chosen.labelled)
    if chosen.negatives:
        negatives(chosen.negatives)
    if chosen.corpus:
        samples(chosen.corpus, {kind: int(number) for kind, _, number in (item.partition("=") for item in chosen.read)})


if __name__ == "__main__":
    main()
