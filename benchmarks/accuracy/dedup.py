"""Accuracy of near-duplicate removal: natural pairs of real texts, and planted edits with known truth, beside peers.

    python benchmarks/accuracy/dedup.py CORPUS [--ids FILE --pairs FILE] [--documents 3000] [--seeds 1 2 3] [--peers]

CORPUS is a .jsonl.zst of documents with `id` and `text`. PAIRS lists all pairs of the documents in IDS whose exact
Jaccard is at least 0.6 (fields `a`, `b`, `jaccard`); documents in no pair serve as bases of the planted set. Peers are
datasketch and rensa as their documentation uses them: 5-grams of the text as it is, 128 permutations, threshold 0.8.
"""

import argparse
import hashlib
import io
import json
import random
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from dedup_bins import Pairs, by_bin, edited_pairs, print_bins
from dedup_plant import EDITS, Planted, jaccard, plant

from cci_tools.dedup.near_duplicates import near_duplicates

THRESHOLD = 0.8


def read(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n"):
            yield json.loads(line)


Remover = Callable[[list[str]], dict[int, int]]
"""Texts -> for each text removed, the kept one that it duplicates."""


def ours(texts: list[str]) -> dict[int, int]:
    found = near_duplicates(texts)
    return dict(zip(found.column("index").to_pylist(), found.column("duplicate_of").to_pylist(), strict=True))


def grams(text: str) -> list[str]:
    return list({text[i : i + 5] for i in range(max(1, len(text) - 4))})


def by_datasketch(texts: list[str]) -> dict[int, int]:
    from datasketch import MinHash, MinHashLSH

    index, removed = MinHashLSH(threshold=THRESHOLD, num_perm=128), {}
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([gram.encode() for gram in grams(text)])
        found = index.query(sketch)
        if found:
            removed[i] = min(found)
        else:
            index.insert(i, sketch)
    return removed


def by_rensa(texts: list[str]) -> dict[int, int]:
    from rensa import RMinHash, RMinHashLSH

    index, removed, sketches = RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=16), {}, {}
    for i, text in enumerate(texts):
        sketches[i] = sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(grams(text))
        found = [j for j in index.query(sketch) if sketch.jaccard(sketches[j]) >= THRESHOLD]
        if found:
            removed[i] = min(found)
        else:
            index.insert(i, sketch)
    return removed


def judge(planted: list[Planted], remove: Remover) -> dict[str, Any]:
    start = time.process_time()
    winner = remove([p.text for p in planted])
    seconds = time.process_time() - start
    base = {p.cluster: i for i, p in enumerate(planted) if p.edit == "base"}
    found = defaultdict(list)
    for i, p in enumerate(planted):
        if p.edit in EDITS and p.jaccard >= THRESHOLD + 0.02:
            found[p.edit].append(winner.get(i, i) == winner.get(base[p.cluster], base[p.cluster]))
    gone = [planted[i] for i in winner]
    kept = defaultdict(list)
    for i, p in enumerate(planted):
        if i not in winner:
            kept[p.cluster].append(p.text)
    missed = [jaccard(a, b) >= THRESHOLD + 0.02 for texts in kept.values() for a, b in combinations(texts, 2)]
    clusters = {p.cluster for p in planted}
    return {
        "recall": {edit: round(sum(hits) / len(hits), 3) for edit, hits in sorted(found.items())},
        "near_pairs_both_kept": sum(
            missed
        ),  # the rest of what recall lacks is near to a copy that lost, and to no winner
        "wrong_merges": sum(planted[i].cluster != planted[w].cluster for i, w in winner.items()),
        "other_figures_merged": sum(p.edit == "figures" for p in gone),
        "notices_merged": sum(p.edit == "notice" for p in gone),
        "clusters_lost": len(clusters - {p.cluster for i, p in enumerate(planted) if i not in winner}),
        "seconds": round(seconds, 2),
    }


def natural(texts: dict[str, str], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Removals by exact Jaccard, computed apart; and close pairs of which no document was removed."""
    names = list(texts)
    winner = ours(list(texts.values()))
    exact = [jaccard(texts[names[i]], texts[names[w]]) for i, w in winner.items()]
    kept = set(texts) - {names[i] for i in winner}

    def figures(name: str) -> list[str]:
        return re.findall(r"\d+", unicodedata.normalize("NFKC", texts[name]))

    close = [p for p in pairs if p["jaccard"] >= THRESHOLD + 0.05 and p["a"] in texts and p["b"] in texts]
    same = [p for p in close if figures(p["a"]) == figures(p["b"])]
    return {
        "documents": len(texts),
        "removed": len(winner),
        "winner_removed": sum(w in winner for w in winner.values()),
        "removals_below_threshold": sum(j < THRESHOLD for j in exact),
        "lowest_similarity": round(min(exact, default=1.0), 3),
        "close_pairs": len(close),
        "close_pairs_kept": sum(p["a"] in kept and p["b"] in kept for p in close),
        "close_pairs_of_equal_figures": len(same),
        "close_pairs_of_equal_figures_kept": sum(p["a"] in kept and p["b"] in kept for p in same),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--ids", type=Path, help="ids, one a line, for which --pairs is complete")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--documents", type=int, default=3000, help="bases of the planted set (default 3000)")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", type=Path, help="save the figures here")
    arguments = parser.parse_args()

    documents = {d["id"]: d["text"] for d in read(arguments.corpus)}
    pairs = list(read(arguments.pairs)) if arguments.pairs else []
    if arguments.ids:
        wanted = set(arguments.ids.read_text("utf-8").split())
        documents = {name: text for name, text in documents.items() if name in wanted}
    results: dict[str, Any] = {"data_sha256": {}, "bins": {}, "planted": []}
    for path in (arguments.corpus, arguments.pairs):
        if path:
            results["data_sha256"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    print(json.dumps(results["data_sha256"]))
    if pairs:
        rows = {name: i for i, name in enumerate(documents)}
        here = [p for p in pairs if p["a"] in rows and p["b"] in rows]
        numbers = (np.array([rows[p[end]] for p in here]) for end in ("a", "b"))
        known = Pairs(list(documents.values()), *numbers, np.array([p["jaccard"] for p in here]))
        results["bins"]["natural pairs"] = list(by_bin(known))
        results["natural"] = natural(documents, pairs)
        print("natural pairs:", json.dumps(results["natural"], indent=1))
    paired = {name for pair in pairs for name in (pair["a"], pair["b"])}
    alone = sorted(name for name, text in documents.items() if name not in paired and 300 <= len(text) <= 4000)
    rng = random.Random(0)
    chosen = rng.sample(alone, min(4000, len(alone)))
    for name, characters in (("edited texts", 2000), ("short edited texts", 120)):
        edited = edited_pairs([documents[each] for each in chosen], rng, characters, jaccard)
        results["bins"][name] = list(by_bin(edited))
    for name, table in results["bins"].items():
        print_bins(name, table)
    removers: dict[str, Remover] = {"cci-tools": ours}
    if arguments.peers:
        removers |= {"datasketch": by_datasketch, "rensa": by_rensa}
    for seed in arguments.seeds:
        rng = random.Random(seed)
        chosen = rng.sample(alone, min(arguments.documents, len(alone)))
        planted = plant([documents[name] for name in chosen], rng)
        for name, remove in removers.items():
            row = {"seed": seed, "name": name, "documents": len(planted), **judge(planted, remove)}
            results["planted"].append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
