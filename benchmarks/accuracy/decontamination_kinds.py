"""What is planted into documents to measure decontamination: items in many shapes, and what must be left alone."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

import opencc

from cci_tools.decontamination.items import Item

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


def material(item: Item, rng: random.Random) -> str:
    """A question without the clause that asks: what it quotes, a statute or a text, as others quote it too."""
    return "".join(re.split(r"(?<=[。！；，])", item.question.strip().rstrip("。！；，"))[:-1])


def has_choices(item: Item) -> bool:
    return len(item.choices) >= 3 and bool(item.correct)


def is_stem(item: Item) -> bool:
    """A question that a statement was cut to: filling it in gives the statement back."""
    return has_choices(item) and not item.asks


def quotes(item: Item) -> bool:
    """A question that asks in its last clause and quotes something before; sheets with several questions are none."""
    quoted = Item(id="", benchmark="", question=material(item, random.Random(0)))
    return item.asks and len(quoted.question) >= 40 and len(item.question) < 300 and not quoted.asks


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
    "material quoted": Kind(material, "leave", quotes),
    "fact stated": Kind(stated, "leave", is_stem),
    "items not indexed": Kind(whole, "leave"),
}
