"""Good text against bad, by rules, by the model, by both, by perplexity, and by the peers' published rules.

    python benchmarks/accuracy/quality_against.py DATA [--border 30]

DATA as for quality.py. Good: news, articles, posts, statutes, reports, poems and Traditional text, cleaned, as many
of each as there are, 1,000 at most. Bad: real spam in messages and chats (never trained on), generated adverts and
empty pages (the training script's templates, other random numbers), and good text of DATA that was decoded wrongly,
shuffled, or spun (every fourth Hanzi another common one). Prints for each kind of bad text the share that each judge
rejects; the false kills of each on every kind of good text; then AUC and precision at 95 % recall of the scores. With
--border prints that many documents around the threshold of the score, for the eye.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from quality import cleaned, rows
from quality_damage import mojibake
from quality_spam import advert, page

from cci_tools.kernels.measures import MEASURES
from cci_tools.quality.kinds import judge_by_kind, kind_of, rules_by_kind
from cci_tools.quality.measures import Column, measure
from cci_tools.quality.model import score_all
from cci_tools.quality.perplexity import perplexity, train
from cci_tools.quality.presets import PRESETS
from cci_tools.quality.stage import SCORED_TOKENS, Quality
from cci_tools.quality.train import auc

GOOD = {
    "xwlb": "news",
    "sogouc": "news",
    "lctt": "articles",
    "weibo": "posts",
    "law": "statutes",
    "twlaw": "Traditional",
}
GOOD |= {"govreport": "reports", "poetry": "poems", "howtocook": "recipes", "tidb": "manuals"}
MOST = 1000


def shuffled(text: str, rng: random.Random) -> str:
    """The characters of each line in another order."""
    return "\n".join("".join(rng.sample(line, len(line))) for line in text.split("\n"))


def spun(text: str, rng: random.Random) -> str:
    """About every fourth Hanzi another one of the text."""
    hanzi = [c for c in text if "\u4e00" <= c <= "\u9fff"] or ["一"]
    return "".join(rng.choice(hanzi) if "\u4e00" <= c <= "\u9fff" and rng.random() < 0.25 else c for c in text)


def precision_at(recall: float, good: Column, bad: Column) -> float:
    """Share of bad texts among those below the score under which `recall` of the bad texts are."""
    limit = np.quantile(bad, recall)
    caught, lost = (bad <= limit).sum(), (good <= limit).sum()
    return float(caught / (caught + lost))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--border", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(20)
    good, known = {}, []
    parts: dict[str, list[str]] = {}
    for row in rows(options.data / "corpus" / "corpus_dev.jsonl.zst"):
        if (part := row["id"].partition("-")[0]) in GOOD:
            parts.setdefault(part, []).append(row["text"])
    for part, texts in parts.items():
        rng.shuffle(texts)
        found = cleaned(texts[: 3 * MOST])
        good[part], rest = found[:MOST], found[MOST:]
        known += rest[:500]
    honest = [text for part in ("xwlb", "sogouc", "lctt", "weibo") for text in good[part][:500]]
    spam = options.data / "labelled" / "spam"
    chat = {row["text"] for row in rows(spam / "tg_spam.jsonl.zst") if row["label"] == "spam"}
    messages = {row["text"].replace(" ", "") for row in rows(spam / "fbs_sms.jsonl.zst")}
    bad = {
        "messages": sorted(messages)[::4],
        "chats": sorted(chat)[::4],
        "adverts": [advert(rng) for _ in range(MOST)],
        "empty pages": [page(rng) for _ in range(MOST)],
        "mojibake": [mojibake(text, rng) for text in honest[:MOST]],
        "shuffled": [shuffled(text, rng) for text in honest[:MOST]],
        "spun": [spun(text, rng) for text in honest[:MOST]],
    }
    stage = Quality()
    strange = train(known)
    limit = float(np.nanquantile(perplexity(strange, [text for texts in good.values() for text in texts]), 0.995))
    numbers = {name: measure(texts) for name, texts in {**good, **bad}.items()}
    scores = {name: score_all(stage.judges, texts)[0] for name, texts in {**good, **bad}.items()}
    odds = {name: stage.judges[0].log_odds(*_buffers(texts)) for name, texts in {**good, **bad}.items()}
    strangeness = {name: perplexity(strange, texts) for name, texts in {**good, **bad}.items()}

    def by_rules(preset: str) -> Callable[[str], Column]:
        def falls(name: str) -> Column:
            found = judge_by_kind(numbers[name], kind_of(numbers[name]), rules_by_kind(preset))
            mask = np.zeros(len(scores[name]), bool)
            for _, one in found:
                mask |= one
            return mask

        return falls

    def by_score(name: str) -> Column:
        return (scores[name] < stage.min_score) & (numbers[name]["tokens"] >= SCORED_TOKENS)

    judges: dict[str, Callable[[str], Column]] = {
        "cci rules": by_rules("cci"),
        "model": by_score,
        "both": lambda name: by_rules("cci")(name) | by_score(name),
        f"perplexity>{limit:.0f}": lambda name: np.nan_to_num(strangeness[name]) > limit,
        **{preset: by_rules(preset) for preset in PRESETS if preset != "cci"},
    }
    print(f"{len(MEASURES)} measures, model {stage.model}, min_score {stage.min_score}, perplexity learnt from "
          f"{len(known)} other documents of DATA, its limit the 99.5th percentile of good text")  # fmt: skip
    for title, sets in (("false kills", good), ("rejected of bad text", bad)):
        print(f"\n{title:22} {'texts':>6} " + " ".join(f"{name:>15}" for name in judges))
        for name, texts in sets.items():
            shares = " ".join(f"{falls(name).mean():15.2%}" for falls in judges.values())
            print(f"{f'{GOOD[name]} ({name})' if name in GOOD else name:22} {len(texts):6} {shares}")
    names = ("xwlb", "sogouc", "lctt", "weibo")
    print("\nagainst news, articles and posts: AUC, and precision at 95 % recall")
    for name in bad:
        line = []
        for judge, sign in ((odds, 1), (strangeness, -1)):
            first, second = np.concatenate([judge[part] for part in names]) * sign, judge[name] * sign
            first, second = first[np.isfinite(first)], second[np.isfinite(second)]
            line.append(f"{auc(first, second):.4f} {precision_at(0.95, first, second):7.2%}")
        print(f"{name:14} model {line[0]}   perplexity {line[1]}")
    if options.border:
        border, every = np.log(stage.min_score / (1 - stage.min_score)), []
        for name in (*GOOD, "messages", "chats"):
            for value, shown, text in zip(odds[name], scores[name], {**good, **bad}[name], strict=True):
                if len(text) > 12:
                    every.append((abs(float(value) - border), name, float(shown), text))
        for _, name, value, text in sorted(every)[: options.border]:
            print(f"{value:.3f} {name:10} {' '.join(text.split())[:90]}")


def _buffers(texts: list[str]) -> tuple[tuple, tuple]:
    from cci_tools.kernels.arrow import text_buffers
    from cci_tools.kernels.classifier import char_tokens

    text = text_buffers(texts)
    return text, char_tokens(*text)


if __name__ == "__main__":
    main()
