"""Items of evaluation sets: question, choices, answer and passage, out of the layouts that sets are published in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "item_id", "qid", "query_id", "index", "idx", ""),
    "question": (
        "question", "Question", "query_text", "query", "original_text", "problem", "stem", "题目", "问题", "题干",
        "sentence", "prompt", "instruction",
    ),
    "choices": ("choices", "choice", "options", "option", "candidates", "选项", "备选项"),
    "answer": ("answer", "Answer", "answers", "answerKey", "golden", "gold", "ans", "solution", "target", "label",
               "答案", "正确答案"),
    "passage": ("passage", "context", "context_text", "article", "material", "abst", "documents", "材料", "文章",
                "content", "text"),
    "benchmark": ("benchmark", "dataset"),
    "split": ("split",),
}  # fmt: skip
"""Field names that are looked for, the first that a record has wins."""

_LETTERS = "ABCDEFGHIJ"
_LABEL = re.compile(r"^\s*[（(]?\s*([A-J])\s*(?:[）)]|[.．、:：](?!\d)|\s(?=\S))[.．、:：]?\s*")
_NUMBER = re.compile(
    r"^\s*(?:(?:例|第)?\s*\d{1,3}\s*题?\s*[.．、:：)）](?!\d)\s*|[（(]\s*\d{1,3}\s*[)）]\s*)?(?:[（(]\s*\d{1,2}\s*分\s*[)）])?\s*"
)
_OPTION = re.compile(r"(?:(?<=[\s（(。．，,；;?？$_、])|(?<=^))[（(]?\s*([A-H])\s*[.．、:：)）]")
_BLANK = r"(?:[（(\[][\s\u3000$\\quad{}]*[)）\]]|_{2,})"
_ASK = re.compile(
    r"[?？]|哪|什么|多少|几[个种项次年天倍]|为何|怎样|怎么|谁[的是]|是否"
    r"|(?:正确|错误|恰当|符合|属于|体现|合理|相同|不同)的?一?[项组]?是"
    r"|(?:^|[。，,；;．.\n])\s*(?:试?求|计算|解答|证明|概括|简述|写出|试述|分析)"
    rf"|[=＝]\s*[．.]?\s*$|[是为的有][\s$]*{_BLANK}[。．.\s$]*$|的[是有][\s:：]*$"
)
_LETTER_ANSWER = re.compile(r"^[\s（(]*([A-J][A-J,，、;；\s]*)[)）\s.。]*$")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of an evaluation set.

    Attributes
    ----------
    id, benchmark, split : str
        What a hit is reported by.
    question : str
        The question without its number and its choices.
    choices : tuple of str
        The options without their letters.
    correct : frozenset of int
        Which choices are right, where that is known.
    answers : tuple of str
        Right answers that are not one of the choices.
    passage : str
        The text that the question is about; empty where there is none.
    """

    id: str
    benchmark: str
    split: str = ""
    question: str
    choices: tuple[str, ...] = ()
    correct: frozenset[int] = frozenset()
    answers: tuple[str, ...] = ()
    passage: str = ""

    @property
    def asks(self) -> bool:
        """Whether the question ends by asking something, as a quoted sentence does not."""
        return _ASK.search(self.question.rstrip()[-60:]) is not None


def items_of(
    records: Any, *, benchmark: str, split: str = "", fields: Mapping[str, str] | None = None
) -> Iterator[Item]:
    """Items in a decoded JSON value, at whatever depth.

    Understood: records with a question (CMMLU, C-Eval, Xiezhi, CMATH, GSM8K, MMLU, Math23K, FewCLUE), choices as a
    list, a mapping, lines, or columns ``A`` to ``J``; answers as text, letter, number of a choice or several; a
    passage beside its questions (AGIEval) or above them (CMRC, C3); choices that stand in the question (GAOKAO-Bench).
    A record without a question of its own hands its passage down to the records in it.

    Parameters
    ----------
    records : list or dict
        What the file holds.
    benchmark, split : str
        Names for records that do not carry their own.
    fields : mapping of str to str, optional
        Field of the records for ``"question"``, ``"choices"``, ``"answer"``, ``"passage"`` or ``"id"``, where it is
        none of `FIELDS`.

    Yields
    ------
    Item
        In the order of the records; records without a question are passed over.

    Raises
    ------
    ValueError
        `fields` has a key that is none of `FIELDS`.

    Examples
    --------
    >>> row = {"Question": "1．下列属于行星的是（　）", "A": "太阳", "B": "木星", "Answer": "B"}
    >>> item = next(items_of([row], benchmark="demo"))
    >>> item.question, item.choices, item.correct
    ('下列属于行星的是（　）', ('太阳', '木星'), frozenset({1}))
    """
    names = {key: ((fields[key],) if fields and key in fields else known) for key, known in FIELDS.items()}
    if fields and set(fields) - set(FIELDS):
        wrong = ", ".join(sorted(set(fields) - set(FIELDS)))
        raise ValueError(f"fields: {wrong} is not one of {', '.join(FIELDS)}")
    for number, (record, passage, above) in enumerate(_records(records, names, "", "")):
        item = _item(record, names, passage, f"{above}/{number}" if above else str(number), benchmark, split)
        if item is not None:
            yield item


def _records(
    value: Any, names: Mapping[str, tuple[str, ...]], passage: str, above: str
) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Records with a question, each with the passage and the id of what it stands in."""
    if isinstance(value, list):
        if len(value) == 3 and _is_lines(value[0]) and isinstance(value[1], list) and isinstance(value[2], str):
            value = {"passage": "\n".join(value[0]), "qas": value[1], "id": value[2]}  # C3
        else:
            for element in value:
                yield from _records(element, names, passage, above)
            return
    if not isinstance(value, dict):
        return
    pair = "sentence1" in value and "sentence2" in value
    asked = _first(value, names["question"])
    if pair or isinstance(asked, str):
        yield value, passage, above
        return
    if _is_lines(asked):  # columns instead of records
        columns = {key: lines for key, lines in value.items() if isinstance(lines, list) and len(lines) == len(asked)}
        for row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, row, strict=True)), passage, above
        return
    inner = _first(value, names["passage"])
    if _is_lines(inner) and _first(value, names["choices"]):  # CLUE's ChID: sentences with one list of candidates
        for line in inner:
            yield {**value, names["question"][0]: line, "content": ""}, "", above
        return
    inner = "\n".join(inner) if _is_lines(inner) else inner
    here = inner if isinstance(inner, str) and inner.strip() else passage
    name = _first(value, (*names["id"], "context_id"))
    children = [child for child in value.values() if isinstance(child, list | dict) and not _is_lines(child)]
    alone = not children or _first(value, names["answer"]) is not None
    if alone and here and here is not passage:
        yield {**value, names["question"][0]: here, "passage": ""}, "", above  # a text to be classified
        return
    for child in children:
        yield from _records(child, names, here, str(name) if isinstance(name, str | int) else above)


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(line, str) for line in value)


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        if name in record and record[name] is not None:
            return record[name]
    return None


def _item(
    record: dict[str, Any],
    names: Mapping[str, tuple[str, ...]],
    passage: str,
    fallback: str,
    benchmark: str,
    split: str,
) -> Item | None:
    question = _first(record, names["question"])
    if "sentence1" in record and "sentence2" in record:
        question = f"{record['sentence1']}\n{record['sentence2']}"
    if not isinstance(question, str) or not question.strip():
        return None
    own = _first(record, names["passage"])
    if isinstance(own, str) and own.strip() and own is not question:
        # A field that repeats the whole item (passage, question, choices) leaves the part before the question.
        passage = own[: own.index(question)] if question in own else own
    choices = _choices(_first(record, names["choices"]), record)
    stem = question
    if not choices:
        stem, choices = split_choices(question)
    stem = _NUMBER.sub("", stem, count=1)
    correct, answers = _answers(record, names["answer"], choices)
    name = _first(record, names["id"])
    return Item(
        id=str(name) if isinstance(name, str | int) and str(name) else fallback,
        benchmark=str(_first(record, names["benchmark"]) or benchmark),
        split=str(_first(record, names["split"]) or split),
        question=stem if stem.strip() else question,
        choices=tuple(choices),
        correct=frozenset(correct),
        answers=tuple(answers),
        passage=passage.strip(),
    )


def _choices(value: Any, record: Mapping[str, Any]) -> list[str]:
    if isinstance(value, dict):
        value = value["text"] if isinstance(value.get("text"), list) else list(value.values())
    if isinstance(value, str):
        value = split_choices(value)[1] or value.split("\n")
    if value is None:
        for pattern in ("{}", "option_{}", "选项{}", "option{}"):
            found = [record.get(pattern.format(letter)) for letter in _LETTERS]
            found += [] if any(found) else [record.get(pattern.format(letter.lower())) for letter in _LETTERS]
            value = [text for text in found if text is not None and str(text).strip()]
            if len(value) >= 2:
                break
    if not isinstance(value, list) or len(value) < 2:
        return []
    texts = [str(text.get("text", "") if isinstance(text, dict) else text) for text in value]
    labels = [match.group(1) if (match := _LABEL.match(text)) else "" for text in texts]
    if labels == list(_LETTERS[: len(texts)]):
        texts = [_LABEL.sub("", text, count=1) for text in texts]
    return [text.strip() for text in texts]


def split_choices(question: str) -> tuple[str, list[str]]:
    """A question and the choices that stand in it, ``A`` to at least ``C``, else the question as it is.

    Examples
    --------
    >>> split_choices("下列属于行星的是（　）\\nA．太阳　　B．木星\\nC．月球　　D．哈雷彗星")
    ('下列属于行星的是（　）', ['太阳', '木星', '月球', '哈雷彗星'])
    """
    run: list[re.Match[str]] = []
    for match in _OPTION.finditer(question):
        if match.group(1) == "A":
            run = [match]  # the last list counts: an earlier A may be a point in a figure
        elif run and match.group(1) == _LETTERS[len(run)]:
            run.append(match)
    if len(run) < 3:
        return question, []
    ends = [match.start() for match in run[1:]] + [len(question)]
    choices = [question[match.end() : end].strip() for match, end in zip(run, ends, strict=True)]
    return question[: run[0].start()].rstrip(), choices


def _answers(record: Mapping[str, Any], names: tuple[str, ...], choices: list[str]) -> tuple[set[int], list[str]]:
    """Numbers of the right choices, and right answers that are no choice."""
    correct: set[int] = set()
    texts: list[str] = []
    for name in names:
        value = record.get(name)
        if isinstance(value, dict):
            value = value.get("text") or value.get("span1_text")
        for answer in value if isinstance(value, list) else [value]:
            if isinstance(answer, dict):
                answer = answer.get("text")
            if answer is None or isinstance(answer, bool) or not str(answer).strip():
                continue
            if isinstance(answer, int) and 0 <= answer < len(choices):
                correct.add(answer)
                continue
            text = str(answer).strip()
            letters = _LETTER_ANSWER.match(text)
            if letters and choices:
                correct |= {_LETTERS.index(c) for c in letters.group(1) if c in _LETTERS} & set(range(len(choices)))
            elif text in choices:
                correct.add(choices.index(text))
            else:
                text = text.rsplit("####", 1)[-1].strip()  # GSM8K: the working, then the number
                if text not in texts:
                    texts.append(text)
        if correct or texts:
            break
    return correct, texts[:3]
