"""Content risk by keywords on real texts: what is caught, what is lost of clean documents; and the one-word rule.

    python benchmarks/accuracy/risk.py [--show 20] [--data ../shared/data]

Spam is fake-base-station SMS and chat spam, each text once; the telephone numbers and addresses that the SMS set hides
behind words such as CELLPHONE are put back as made-up ones. Clean are statutes, news, verse, manuals and the like; no
tier exempts them here. The one-word rule drops a text for any word of a list of 105 advert words. Generated spam is
that of the quality model (quality_spam.py); a good part of it is no risk, but pages without content.
"""

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import zstandard
from quality_spam import spam

from cci_tools.compliance.stage_risk import Risk
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.keywords import Keywords, fold_word
from cci_tools.stage import make_batch
from cci_tools.walk import apply

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CLEAN = (
    "law",
    "justlaws",
    "twlaw",
    "govreport",
    "xwlb",
    "xwlb2",
    "poetry",
    "tidb",
    "lctt",
    "goldminer",
    "oiwiki",
    "paddle",
)
CLEAN += ("howtocook", "manpages", "deb", "ruanyf", "fortunes", "sogouc", "weibo")
MIXED = ("web", "cclines", "feed", "ccweb")
NOT_SPAM = {"ham", "Other"}
BATCH = 2000


def lines(path: Path) -> Iterator[dict[str, str]]:
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(path.open("rb")) as stream:
        rest = b""
        while block := stream.read(1 << 22):
            *whole, rest = (rest + block).split(b"\n")
            yield from map(json.loads, whole)
        if rest:
            yield json.loads(rest)


def refused(texts: list[str]) -> list[tuple[str | None, str | None]]:
    """Reason and detail of each text."""
    found = []
    for start in range(0, len(texts), BATCH):
        result = apply(Risk(), make_batch(texts[start : start + BATCH]))
        found += zip(result.column("reason").to_pylist(), result.column("detail").to_pylist(), strict=True)
    return found


def one_word(words: Keywords, texts: list[str]) -> int:
    """Texts with any word."""
    hits = words.find(*text_buffers(texts))
    return sum(last > first for first, last in zip(hits.offsets[:-1].tolist(), hits.offsets[1:].tolist(), strict=True))


def unmask(text: str) -> str:
    return re.sub(r"CELLPHONE|HOTLINE|PHONE", "13812345678", re.sub(r"URL\w*", "www.abcd.com", text))


def report(name: str, texts: list[str], words: Keywords, show: int) -> tuple[int, int]:
    """Print one line, and some of the refused; texts refused, and by the one-word rule."""
    found = refused(texts)
    reasons = Counter(reason.partition(".")[2] for reason, _ in found if reason)
    total, naive = sum(reasons.values()), one_word(words, texts)
    kinds = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    print(f"{name:28}{len(texts):8,}{total:8,}{total / len(texts):9.2%}{naive:9,}{naive / len(texts):9.2%}  {kinds}")
    for row in [row for row, (reason, _) in enumerate(found) if reason][:show]:
        print(f"    {found[row][1]}\n      {texts[row][:160]!r}")
    return total, naive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", type=int, default=0, help="refused texts to print of each set")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"no data at {options.data}")
    lexicon = options.data / "labelled" / "lexicons" / "fwwdn_sensitive-stop-words" / "adverts.txt"
    folded = {fold_word(word) for word in lexicon.read_text(encoding="utf-8").split("\n")}
    words = Keywords(sorted(word for word in folded if len(word) > 1))

    print(f"{'':28}{'texts':>8}{'refused':>17}{'one-word rule':>18}")
    for name in ("fbs_sms", "tg_spam"):
        labelled = {
            unmask(row["text"]): row["label"] for row in lines(options.data / f"labelled/spam/{name}.jsonl.zst")
        }
        by_label = defaultdict(list)
        for text, label in labelled.items():
            by_label[label].append(text)
        caught, wrong = [0, 0], [0, 0]
        for label in sorted(by_label):
            counts = report(f"{name} {label}", by_label[label], words, options.show)
            for rule in (0, 1):
                (wrong if label in NOT_SPAM else caught)[rule] += counts[rule]
        spams = sum(len(texts) for label, texts in by_label.items() if label not in NOT_SPAM)
        for rule, title in enumerate(("ours", "one word")):
            precision = caught[rule] / max(1, caught[rule] + wrong[rule])
            print(f"  {name}, {title}: precision {precision:.3f}, recall {caught[rule] / spams:.3f}")
    rng = random.Random(7)
    report("generated spam", [spam(rng) for _ in range(5000)], words, options.show)

    parts = defaultdict(list)
    for row in lines(options.data / "corpus" / "corpus_dev.jsonl.zst"):
        parts[row["id"].partition("-")[0]].append(row["text"])
    total = [0, 0, 0]
    for part in CLEAN:
        counts = report(part, parts[part], words, options.show)
        total = [total[0] + len(parts[part]), total[1] + counts[0], total[2] + counts[1]]
    rates = [count * 10_000 / total[0] for count in total[1:]]
    print(f"  false kills per 10,000 clean documents: {rates[0]:.2f}; one-word rule: {rates[1]:.0f}")
    for part in MIXED:
        report(f"{part} (mixed)", parts[part], words, options.show)


if __name__ == "__main__":
    main()
