"""Precision and recall of decontamination: benchmark items planted in real documents, and what must be left alone.

    python benchmarks/accuracy/decontamination.py --evals DIR --corpus FILE [--widths 6 8 10 13] [--seed 1]

DIR holds benchmarks as JSON lines (.jsonl, .jsonl.zst), FILE documents with `id` and `text`. Half of the items are
indexed; the other half, drawn from the same subjects, is planted too and must not be reported.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc

from cci_tools.decontamination.files import benchmark_files, read_records
from cci_tools.decontamination.index import WIDTH, index_items
from cci_tools.decontamination.items import Item, items_of
from cci_tools.decontamination.match import Matcher, find_contamination

FURNITURE = (
    "\n第 {} 页 共 30 页\n",
    "\n【打印本页】【关闭窗口】 {}\n",
    "\n更多内容请关注本站公众号 {}\n",
    "\n责任编辑：小{}\n",
)
SYNONYMS = """下列 以下 正确 对 错误 不对 因为 由于 所以 因此 可以 能够 如果 假如 需要 须 进行 开展 主要 重要 以及 和
表示 说 导致 造成 已知 已经知道 什么 啥 多少 几 一个 某个 我国 中国 但是 但 认为 觉得"""
TO_TRADITIONAL = opencc.OpenCC("s2t")


def choices_of(item: Item, rng: random.Random, letters: bool = True) -> str:
    between = rng.choice(("\n", " ", "　"))
    return between.join((f"{'ABCDEFGHIJ'[i]}．{c}" if letters else c) for i, c in enumerate(item.choices))


def answer_of(item: Item) -> str:
    if item.correct:
        return "".join("ABCDEFGHIJ"[i] for i in sorted(item.correct))
    return item.answers[0] if item.answers else "略"


def body(item: Item) -> str:
    return f"{item.passage}\n{item.question}" if item.passage else item.question


def whole(item: Item, rng: random.Random) -> str:
    return f"{body(item)}\n{choices_of(item, rng)}\n答案：{answer_of(item)}"


def reordered(item: Item, rng: random.Random) -> str:
    choices = rng.sample(item.choices, len(item.choices))
    return f"{body(item)}\n{' '.join(choices)}\n答案：{answer_of(item)}"


def full_width(item: Item, rng: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in whole(item, rng))


def half_width(item: Item, rng: random.Random) -> str:
    return whole(item, rng).translate(str.maketrans("，。：；？！（）１２３４５６７８９０", ",.:;?!()1234567890"))


def traditional(item: Item, rng: random.Random) -> str:
    return str(TO_TRADITIONAL.convert(whole(item, rng)))


def numbers_spaced(item: Item, rng: random.Random) -> str:
    return re.sub(r"(?<=\d)(?=\d)|(?<=[一-鿿])(?=\d)|(?<=\d)(?=[一-鿿])", " ", whole(item, rng))


def furniture(item: Item, rng: random.Random) -> str:
    text = f"{item.question}\n{choices_of(item, rng)}\n答案：{answer_of(item)}"
    cut = rng.randrange(len(text) // 4, max(len(text) // 4 + 1, len(text) * 3 // 4))
    passage = f"{item.passage}\n" if item.passage else ""
    return passage + text[:cut] + rng.choice(FURNITURE).format(rng.randrange(1, 99)) + text[cut:]


def with_answer(item: Item, rng: random.Random) -> str:
    right = next((item.choices[i] for i in sorted(item.correct)), None) or answer_of(item)
    return f"问：{body(item)}\n答：{right}"


def paraphrased(item: Item, rng: random.Random) -> str:
    text = whole(item, rng)
    words = SYNONYMS.split()
    for old, new in zip(words[::2], words[1::2], strict=True):
        if rng.random() < 0.7:
            text = text.replace(old, new)
    return text


def question_only(item: Item, rng: random.Random) -> str:
    return item.question


def choices_only(item: Item, rng: random.Random) -> str:
    return choices_of(item, rng, letters=False)


def passage_only(item: Item, rng: random.Random) -> str:
    return item.passage


def answer_only(item: Item, rng: random.Random) -> str:
    return f"答案：{answer_of(item)}"


def stated(item: Item, rng: random.Random) -> str:
    """The fact behind a question with a blank at its end or in it, as a book has it."""
    right = item.choices[min(item.correct)]
    if re.search(r"_{2,}|[（(]\s*[)）]", item.question):
        return re.sub(r"_{2,}|[（(]\s*[)）]", lambda blank: right, item.question, count=1)
    return item.question + right + "。"


def has_choices(item: Item) -> bool:
    return len(item.choices) >= 3 and bool(item.correct)


def is_stem(item: Item) -> bool:
    """A question that a statement was cut to: filling it in gives the statement back."""
    return has_choices(item) and not item.asks


@dataclass(frozen=True)
class Kind:
    make: Callable[[Item, random.Random], str]
    aim: str  # "find", "leave" or "" (shown, no aim)
    fits: Callable[[Item], bool] = lambda item: True


KINDS = {
    "whole": Kind(whole, "find"),
    "choices reordered": Kind(reordered, "find", has_choices),
    "full-width": Kind(full_width, "find"),
    "half-width": Kind(half_width, "find"),
    "Traditional": Kind(traditional, "find"),
    "numbers spaced": Kind(numbers_spaced, "find"),
    "page furniture": Kind(furniture, "find"),
    "question and answer": Kind(with_answer, "find", lambda item: item.asks),
    "light paraphrase": Kind(paraphrased, ""),
    "long question only": Kind(question_only, "", lambda item: item.asks and len(item.question) >= 40),
    "choices only": Kind(choices_only, "leave", has_choices),
    "passage only": Kind(passage_only, "leave", lambda item: len(item.passage) > 60),
    "answer only": Kind(answer_only, "leave"),
    "fact stated": Kind(stated, "leave", is_stem),
    "items not indexed": Kind(whole, "leave"),
}


def documents(path: Path) -> Iterator[tuple[str, str]]:
    for row in read_records(path):
        yield row["id"].split("-")[0], row["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--evals", type=Path, default=Path("../shared/data/evals"))
    parser.add_argument("--corpus", type=Path, default=Path("../shared/data/corpus/sample_dev.jsonl.zst"))
    parser.add_argument("--widths", type=int, nargs="+", default=[WIDTH])
    parser.add_argument("--each", type=int, default=300, help="documents of each kind")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    items = [
        item
        for path in benchmark_files([arguments.evals])
        if "fewclue" not in path.name  # texts to be classified, not questions
        for item in items_of(list(read_records(path)), benchmark=path.name.split(".")[0])
    ]
    rng.shuffle(items)
    indexed, held_out = items[: len(items) // 2], items[len(items) // 2 :]
    known = {re.sub(r"\W", "", item.question) for item in indexed}
    held_out = [item for item in held_out if re.sub(r"\W", "", item.question) not in known]
    corpus = list(documents(arguments.corpus))
    carriers = [
        text for part, text in corpus if part not in ("law", "twlaw", "justlaws", "poetry") and 400 < len(text) < 4000
    ]

    texts, planted, kinds = [], [], []
    for name, kind in KINDS.items():
        pool = [item for item in (held_out if name == "items not indexed" else indexed) if kind.fits(item)]
        for item in rng.sample(pool, min(arguments.each, len(pool))):
            carrier = rng.choice(carriers)
            cut = carrier.find("\n", len(carrier) // 2) + 1 or len(carrier)
            texts.append(f"{carrier[:cut]}\n{kind.make(item, rng)}\n{carrier[cut:]}")
            planted.append(item)
            kinds.append(name)
    for part in ("law", "justlaws", "twlaw", "poetry", "xwlb"):
        chosen = [text for p, text in corpus if p == part]
        texts += chosen
        kinds += [f"real {part}"] * len(chosen)

    for width in arguments.widths:
        matcher = Matcher(index_items(indexed, width=width))
        start = time.process_time()
        hits = find_contamination(texts, matcher)
        seconds = time.process_time() - start
        report(width, matcher, hits, texts, planted, kinds, seconds)


def report(width, matcher, hits, texts, planted, kinds, seconds) -> None:  # type: ignore[no-untyped-def]
    found: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    names = [set() for _ in texts]
    for hit in hits:
        names[hit.text].add((hit.benchmark, hit.split, hit.item))
    for number, kind in enumerate(kinds):
        found[kind] += bool(names[number])
        if number < len(planted):
            item = planted[number]
            exact[kind] += (item.benchmark, item.split, item.id) in names[number]
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"\nn-gram width {width}: {len(matcher.index)} items, {matcher.unreachable} of them unreachable")
    print(f"{size:.1f} MB of text, {size / seconds:.0f} MB/s")
    print(f"{'kind':<22}{'documents':>10}{'reported':>10}{'this item':>11}   aim")
    totals = Counter(kinds)
    for kind, total in totals.items():
        aim = KINDS[kind].aim if kind in KINDS else "leave"
        print(f"{kind:<22}{total:>10}{found[kind] / total:>10.3f}{exact[kind] / total:>11.3f}   {aim}")
    wanted = [kind for kind in totals if kind in KINDS and KINDS[kind].aim == "find"]
    unwanted = [kind for kind in totals if kind not in KINDS or KINDS[kind].aim == "leave"]
    true, false = sum(found[kind] for kind in wanted), sum(found[kind] for kind in unwanted)
    print(f"recall {true / sum(totals[kind] for kind in wanted):.4f}, precision {true / (true + false):.4f}")


if __name__ == "__main__":
    main()
