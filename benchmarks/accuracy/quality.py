"""What the quality stage drops, by kind of text: rules of every preset, and the model that ships.

    python benchmarks/accuracy/quality.py DATA [--clean]

DATA is a folder with corpus/corpus_dev.jsonl.zst (the part of a document is its id before the first "-") and
labelled/spam/*.jsonl.zst. With --clean the texts pass the cleaning stage first, as they do in a run. Prints for each
part the share that each preset rejects, the reasons of "cci", the kinds, and the share rejected by the score;
then the model's AUC and recall on labelled spam, which it has never seen, and on text that was decoded wrongly.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
import zstandard

from cci_tools.cleaning.stage import Cleaning
from cci_tools.quality.kinds import KINDS, judge_by_kind, kind_of, rules_by_kind
from cci_tools.quality.measures import measure
from cci_tools.quality.model import load_model, score
from cci_tools.quality.presets import PRESETS
from cci_tools.quality.stage import SCORED_TOKENS, Quality
from cci_tools.quality.train import auc
from cci_tools.resources import resolve
from cci_tools.stage import live, make_batch

BATCH = 2000


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON objects of a zstd-packed file of lines."""
    with path.open("rb") as raw, zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw) as stream:
        rest = b""
        while block := stream.read(1 << 24):
            *lines, rest = (rest + block).split(b"\n")
            yield from map(json.loads, lines)


def cleaned(texts: list[str]) -> list[str]:
    """The texts that the cleaning stage keeps, as it leaves them."""
    stage, kept = Cleaning(), []
    stage.open()
    for first in range(0, len(texts), BATCH):
        batch = stage.process(make_batch(texts[first : first + BATCH]))
        kept += batch.filter(live(batch)).column("text").to_pylist()
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--clean", action="store_true")
    options = parser.parse_args()
    stage = Quality()
    model = load_model(str(resolve(stage.model)))
    corpus = options.data / "corpus" / "corpus_dev.jsonl.zst"
    print(f"{corpus.name} {xxhash.xxh3_64_hexdigest(corpus.read_bytes())}, model {Path(stage.model).name} "
          f"{xxhash.xxh3_64_hexdigest(resolve(stage.model).read_bytes())}")  # fmt: skip
    parts: dict[str, list[str]] = {}
    for row in rows(corpus):
        parts.setdefault(row["id"].partition("-")[0], []).append(row["text"])
    print(
        f"{'part':10} {'texts':>6}  "
        + " ".join(f"{name:>14}" for name in PRESETS)
        + f" {'low score':>10}  cci: reasons, kinds"
    )
    good = []
    for part, texts in sorted(parts.items()):
        if options.clean:
            texts = cleaned(texts)
        measures, scores = measure(texts), score(model, texts)
        low = (scores < stage.min_score) & (measures["tokens"] >= SCORED_TOKENS)
        kinds = kind_of(measures)
        falls = {name: judge_by_kind(measures, kinds, rules_by_kind(name)) for name in PRESETS}
        counts = {name: sum(int(mask.sum()) for _, mask in found) for name, found in falls.items()}
        dropped = " ".join(f"{count / len(texts):14.2%}" for count in counts.values())
        reasons: Counter[str] = Counter()
        for rule, mask in falls["cci"]:
            reasons[rule.name] += int(mask.sum())
        sorts = Counter(list(KINDS)[number] for number in kinds)
        print(f"{part:10} {len(texts):6}  {dropped} {low.mean():10.2%}  {dict(reasons)} {dict(sorts)}")
        if part in ("xwlb", "sogouc", "weibo", "lctt"):
            good.append(scores)
    honest = np.concatenate(good)
    spam = options.data / "labelled" / "spam"
    messages = list({row["text"].replace(" ", "") for row in rows(spam / "fbs_sms.jsonl.zst")})
    chat = list(rows(spam / "tg_spam.jsonl.zst"))
    sets = {
        "spam messages": messages,
        "spam in chats": list({row["text"] for row in chat if row["label"] == "spam"}),
        "talk in chats": list({row["text"] for row in chat if row["label"] == "ham"}),
        "UTF-8 as GBK": [text.encode().decode("gb18030", "replace") for text in parts["xwlb"][:2000]],
        "GBK as Latin-1": [text.encode("gb18030").decode("latin-1") for text in parts["xwlb"][:2000]],
    }
    print(f"\nagainst {len(honest)} texts of xwlb, sogouc, weibo and lctt")
    for name, texts in sets.items():
        scores = score(model, texts)
        low = (scores < stage.min_score) & (measure(texts)["tokens"] >= SCORED_TOKENS)
        print(f"{name:16} {len(texts):6}  AUC {auc(honest, scores):.4f}  rejected by score {low.mean():.2%}")


if __name__ == "__main__":
    main()
