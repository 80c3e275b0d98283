"""Precision and recall of decontamination: benchmark items planted in real documents, and what must be left alone.

    python benchmarks/accuracy/decontamination.py --data DIR [--widths 6 8 10 13] [--peers] [--each 300] [--seed 1]

DIR holds ``evals`` (benchmarks as JSON lines), ``corpus`` (documents with `id` and `text`) and
``labelled/contamination/natural_hits.jsonl.zst`` (items and documents that share 20 characters). Half of the items are
indexed; the other half, drawn from the same subjects, is planted too and must not be reported (though some are items
of another benchmark in other words). The planted texts are searched as they are, with n-gram frequencies learnt from
the corpus, and with `--peers` (needs jieba) by the rules of others. Then the natural pairs of
``decontamination_judged.csv``: somebody read both texts of each and judged.
"""

import argparse
import csv
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from decontamination_kinds import KINDS
from decontamination_peers import PEERS, run_peer

from cci_tools.decontamination.files import benchmark_files, read_records
from cci_tools.decontamination.frequencies import FrequencyCounter
from cci_tools.decontamination.index import WIDTH, index_items
from cci_tools.decontamination.items import Item, items_of
from cci_tools.decontamination.match import Matcher, find_contamination

REAL = ("law", "justlaws", "twlaw", "poetry", "fortunes", "oiwiki", "xwlb")
"""Parts of the corpus that are searched as they are: statutes, poems, sayings, a textbook, news."""


@dataclass(frozen=True)
class Text:
    kind: str
    text: str
    item: Item | None = None

    @property
    def aim(self) -> str:
        return KINDS[self.kind].aim if self.kind in KINDS else "leave"


def all_items(folder: Path) -> list[Item]:
    return [
        item
        for path in benchmark_files([folder])
        for item in items_of(list(read_records(path)), benchmark=path.name.split(".")[0])
    ]


def documents(path: Path) -> Iterator[tuple[str, str]]:
    for row in read_records(path):
        yield row["id"], row["text"]


def planted(
    items: list[Item], corpus: list[tuple[str, str]], each: int, rng: random.Random
) -> tuple[list[Item], list[Text]]:
    """The items to index, and the texts to search."""
    rng.shuffle(items)
    indexed, held_out = items[: len(items) // 2], items[len(items) // 2 :]
    known = {re.sub(r"\W", "", item.question) for item in indexed}
    held_out = [item for item in held_out if re.sub(r"\W", "", item.question) not in known]
    parts = [(name.split("-")[0], text) for name, text in corpus]
    carriers = [text for part, text in parts if part not in REAL[:4] and 400 < len(text) < 4000]
    texts = []
    for name, kind in KINDS.items():
        pool = [item for item in (held_out if name == "items not indexed" else indexed) if kind.fits(item)]
        for item in rng.sample(pool, min(each, len(pool))):
            carrier = rng.choice(carriers)
            cut = carrier.find("\n", len(carrier) // 2) + 1 or len(carrier)
            texts.append(Text(name, f"{carrier[:cut]}\n{kind.make(item, rng)}\n{carrier[cut:]}", item))
    texts += [Text(f"real {wanted}", text) for wanted in REAL for part, text in parts if part == wanted]
    return indexed, texts


def search(matcher: Matcher, texts: list[str]) -> tuple[list[set[tuple[str, str, str]]], float]:
    """The items found in each text, and the seconds of processor time."""
    start = time.process_time()
    hits = find_contamination(texts, matcher)
    seconds = time.process_time() - start
    found: list[set[tuple[str, str, str]]] = [set() for _ in texts]
    for hit in hits:
        found[hit.text].add((hit.benchmark, hit.split, hit.item))
    return found, seconds


def table(texts: list[Text], flags: dict[str, list[bool]], seconds: dict[str, float]) -> None:
    """A row a kind, a column a rule: the share of documents that it reports."""
    totals = Counter(text.kind for text in texts)
    print(f"{'kind':<21}{'documents':>9}  {'aim':<6}" + "".join(f"{name:>21}" for name in flags))
    for kind, total in totals.items():
        aim = next(text.aim for text in texts if text.kind == kind)
        shares = [
            sum(f for f, text in zip(flag, texts, strict=True) if text.kind == kind) / total for flag in flags.values()
        ]
        print(f"{kind:<21}{total:>9}  {aim:<6}" + "".join(f"{share:>21.3f}" for share in shares))
    right = {name: sum(f for f, t in zip(flag, texts, strict=True) if t.aim == "find") for name, flag in flags.items()}
    wrong = {name: sum(f for f, t in zip(flag, texts, strict=True) if t.aim == "leave") for name, flag in flags.items()}
    wanted = sum(text.aim == "find" for text in texts)
    size = sum(len(text.text.encode()) for text in texts if text.item is None) / 1e6
    rows = (
        ("recall", [f"{right[name] / wanted:.4f}" for name in flags]),
        ("precision", [f"{right[name] / max(right[name] + wrong[name], 1):.4f}" for name in flags]),
        ("MB/s on real texts", [f"{size / seconds[name]:.2f}" for name in flags]),
    )
    for name, cells in rows:
        print(f"{name:<38}" + "".join(f"{cell:>21}" for cell in cells))


def judged(path: Path, items: list[Item], natural: Path, corpus: Path, peers: bool) -> None:
    """Natural pairs of item and document, as judged by reading, against the rules."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {(row["benchmark"], row["id"], row["best_doc"]) for row in read_records(natural)}
    rows = [row for row in rows if (row["benchmark"], row["item"], row["document"]) in known]
    by_id = {(item.benchmark.split("/")[0].lower(), item.id): item for item in items}
    chosen = [by_id[row["benchmark"], row["item"]] for row in rows]
    wanted = {row["document"] for row in rows}
    texts = {name: text for name, text in documents(corpus) if name in wanted}
    order = sorted(texts)
    found, _ = search(Matcher(index_items(chosen)), [texts[name] for name in order])
    at = {name: found[number] for number, name in enumerate(order)}
    verdicts = Counter(row["verdict"] for row in rows)
    reported = Counter(
        row["verdict"]
        for row, item in zip(rows, chosen, strict=True)
        if (item.benchmark, item.split, item.id) in at[row["document"]]
    )
    print(f"\nnatural pairs judged by reading: {len(rows)}, {dict(verdicts)}; documents {len(order)}")
    print(f"reported by this rule: {dict(reported) or 'none'}; documents reported {sum(map(bool, found))}")
    for name in PEERS if peers else ():
        flagged, _ = run_peer(name, chosen, [texts[document] for document in order], [])
        print(f"documents reported by {name}: {sum(flagged)} of {len(order)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--widths", type=int, nargs="+", default=[WIDTH])
    parser.add_argument("--each", type=int, default=300, help="documents of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    everything = all_items(arguments.data / "evals")
    items = [item for item in everything if not item.benchmark.startswith("FewCLUE")]  # texts to classify, no questions
    corpus = list(documents(arguments.data / "corpus" / "sample_dev.jsonl.zst"))
    indexed, texts = planted(items, corpus, arguments.each, rng)
    plain, real = [text.text for text in texts], [text.text for text in texts if text.item is None]

    flags: dict[str, list[bool]] = {}
    seconds: dict[str, float] = {}
    exact: Counter[str] = Counter()
    for width in arguments.widths:
        index = index_items(indexed, width=width)
        name = f"{width} characters"
        matcher = Matcher(index)
        found, _ = search(matcher, plain)
        _, seconds[name] = search(matcher, real)
        flags[name] = [bool(items) for items in found]
        counter = FrequencyCounter(matcher)
        counter.add([text for _, text in corpus])
        learnt = Matcher(index, counter.result().of(index))
        found, _ = search(learnt, plain)
        _, seconds[f"{name}, learnt"] = search(learnt, real)
        flags[f"{name}, learnt"] = [bool(items) for items in found]
        exact[name] = sum(
            text.item is not None and (text.item.benchmark, text.item.split, text.item.id) in items
            for text, items in zip(texts, found, strict=True)
            if text.aim == "find"
        )
        print(f"{len(matcher.index)} items, {matcher.unreachable} unreachable; the planted item named: {exact[name]}")
    for name in PEERS if arguments.peers else ():
        flags[name], seconds[name] = run_peer(name, indexed, plain, real)
    table(texts, flags, seconds)
    natural = arguments.data / "labelled" / "contamination" / "natural_hits.jsonl.zst"
    judgements = Path(__file__).with_name("decontamination_judged.csv")
    judged(judgements, everything, natural, arguments.data / "corpus" / "corpus_dev.jsonl.zst", arguments.peers)


if __name__ == "__main__":
    main()
