"""What of a benchmark item stands at a place of a document, and whether that is contamination."""

from dataclasses import dataclass

from cci_tools.decontamination.document import Document
from cci_tools.decontamination.parts import Role
from cci_tools.decontamination.places import Parts, Place

SHORT = 20
"""A question of fewer characters must be there whole. Here and below Latin letters and digits count a third."""
LEAST = 8
"""Characters, common ones counted less, that question, choices and answer must have together."""
LONG = 24
"""Characters, common ones counted less, of a question that is contamination by itself."""
TELLING = 6
"""Characters of choices that tell more than chance."""
LISTED = 0.6
"""Share of a question before the whole list of its choices: questions of one family have one list."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Contamination: see `cci_tools.decontamination.match.Hit` for the fields."""

    rule: str
    coverage: float
    choices: float
    answer: float
    passage: float
    ngrams: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of an item behind a key position."""

    found: int = 0
    wrong: int = 0  # of those found
    different: int = 0  # in the item
    told: float = 0.0  # characters found, common ones counted less
    start: int = 0
    end: int = 0
    ngrams: int = 0
    listed: bool = False  # all of three or more, two of them wrong, and hardly anything between them
    known: bool = False  # whether it is known which are right
    missing: int = 0  # characters of the choices that were not found
    between: int = 0  # characters between those that were
    labelled: int = 0  # how many have a letter before them

    @property
    def right(self) -> int:
        """How many of those found are right."""
        return self.found - self.wrong


def judge(
    parts: Parts, item: int, document: Document, low: int, high: int, *, threshold: float, alone: float
) -> Finding | None:
    """Judge one item at one place.

    Contamination is, where the question is covered to the threshold (a short one whole):

    - at least half of its choices after it, two or more, one of them wrong: what a question was made from holds the
      right choice only. Behind a short question all but one, in a list; behind one shorter than an n-gram, or where it
      is not known which are right, all. Clauses of a statute, numbered （一）（二）, are no choices;
    - its right answer after it, where both stand apart as question and answer do;
    - its passage around it, where it asks and is not a sentence of that passage;
    - nothing more, where the question is long, asks, and nearly all of it is there, above all its end.

    And, however the question was touched: the whole list of three or more choices, two of them wrong, behind more
    than half of the question or behind the passage; or half of the question and its marked answer behind the passage.

    Parameters
    ----------
    parts : Parts
        The index.
    item : int
        Number of the item.
    document : Document
        The text.
    low, high : int
        Key positions between which the question is looked for.
    threshold, alone : float
        Share of the question that is needed beside other parts, and alone.

    Returns
    -------
    Finding or None
    """
    entries = parts.entries(item)
    question = next(part for role, part in entries if role == Role.QUESTION)
    place = parts.locate(question, document, low, high, 0.5)
    # The last: n-grams of a formula that repeats itself, all within one line.
    if place is None or (place.end - place.start) * 2 < parts.length(question):
        return _without_question(parts, entries, document, low, high, threshold)
    choices = choices_after(parts, entries, document, place.end)
    information, last, ngrams = place.coverage * parts.information(question), place.end, place.ngrams + choices.ngrams
    information += choices.told
    last = max(last, choices.end)
    reach = _reach(parts, entries, place.end)
    answered, marked, behind, passage = False, False, False, 0.0
    for role, part in entries:
        if role == Role.ANSWER:
            end = _answer_end(parts, part, document, place.end, reach + 2 * parts.length(part))
            if end is not None:
                answered, last = True, max(last, end)
                marked |= document.answer_marked(place.end, end)
                information += parts.information(part)
                ngrams += 1
        elif role == Role.PASSAGE:
            span = parts.length(part) * 3 // 2 + 100
            near = parts.locate(part, document, place.start - span, place.end + span)
            if near is not None and near.coverage > passage:
                passage, ngrams = near.coverage, ngrams + near.ngrams
                behind = near.start <= place.start and near.end < place.end
            information += passage * parts.information(part)

    # A statement that a question was made from runs on into the answer; a question stands apart.
    apart = document.parted(place.start) and document.parted(place.end)
    asks = bool(parts.arrays["item_asks"][item])
    answered |= bool(choices.right) and apart and (asks or document.answer_marked(place.end, last))
    short = bool(parts.arrays["part_information"][question] < SHORT)
    whole = place.coverage >= (0.999 if short else threshold)
    needed = choices.different / 2
    if not choices.known or parts.length(question) < parts.width:
        needed = choices.different
    elif short:
        needed = choices.different - 1
    enough = (whole and choices.found >= needed) or choices.found == choices.different >= 3
    if short and choices.labelled < 2:
        # Names that belong together, verses, synonyms stand together in a text too, but not as a list.
        gap = choices.start - place.end + choices.between
        enough &= document.parted(place.end) and gap <= choices.missing + 2 * choices.different + 4
    # Choices of a character or two may stand anywhere: then the question must be as it was.
    telling = choices.told >= TELLING or place.joined >= 0.9
    with_choices = choices.wrong > 0 and choices.found >= 2 and place.asked and enough and telling
    with_choices |= choices.listed and choices.told >= TELLING and place.coverage >= LISTED
    with_passage = whole and asks and apart and place.closed and place.joined >= 0.9
    with_passage &= not document.runs_on(place.end)
    with_passage |= behind and marked
    alone_enough = asks and apart and place.closed and min(place.coverage, place.joined) >= alone
    alone_enough &= not document.runs_on(place.end)
    rule = ""
    if with_choices:
        rule = "question+choices"
    elif answered and whole and place.closed and place.tail >= 0.8:
        rule = "question+answer"
    elif with_passage and passage >= threshold:
        rule = "question+passage"
    elif alone_enough and place.coverage * parts.information(question) >= LONG:
        rule = "question"
    if not rule or information < LEAST:
        return None
    return Finding(
        rule=rule,
        coverage=round(place.coverage, 4),
        choices=round(choices.found / choices.different, 4) if choices.different else 0.0,
        answer=float(answered),
        passage=round(passage, 4),
        ngrams=ngrams,
        start=int(document.characters[place.start]),
        end=int(document.characters[last - 1]) + 1,
    )


def _without_question(
    parts: Parts, entries: list[tuple[int, int]], document: Document, low: int, high: int, threshold: float
) -> Finding | None:
    """The passage of an item and behind it the whole list of its choices, the question between them reworded."""
    if sum(role in (Role.CHOICE, Role.RIGHT) for role, _ in entries) < 3:
        return None
    for role, part in entries:
        if role != Role.PASSAGE:
            continue
        passage = parts.locate(part, document, low, high, threshold)
        if passage is None:
            continue
        choices = choices_after(parts, entries, document, passage.end)
        if choices.listed and choices.told >= TELLING:
            return Finding(
                rule="passage+choices",
                coverage=0.0,
                choices=1.0,
                answer=0.0,
                passage=round(passage.coverage, 4),
                ngrams=passage.ngrams + choices.ngrams,
                start=int(document.characters[passage.end]),
                end=int(document.characters[choices.end - 1]) + 1,
            )
    return None


def choices_after(parts: Parts, entries: list[tuple[int, int]], document: Document, low: int) -> Choices:
    """Which choices of an item follow a key position; each place counts once."""
    choices = [(role, part) for role, part in entries if role in (Role.CHOICE, Role.RIGHT) and parts.length(part)]
    # Formulas that differ in their signs only ("2", "-2") have one key: they are one choice, and a place counts once.
    different = {(parts.length(part), parts.first_hash(part)) for _, part in choices}
    reach = _reach(parts, entries, low)
    found: dict[int, tuple[int, int, Place]] = {}
    for role, part in sorted(choices, key=lambda choice: -parts.length(choice[1])):
        place = parts.locate(part, document, low, reach, 0.8)
        # "None of the first" is found in "None of the first or second" too: it must stand somewhere else.
        around = place and next(
            (p for _, _, p in found.values() if p.start <= place.start and place.end <= p.end), None
        )
        if place is not None and around is not None and around.end - around.start > place.end - place.start:
            place = parts.locate(part, document, around.end, reach, 0.8)
            place = place or parts.locate(part, document, low, around.start, 0.8)
        if place is None or document.enumerated(place.start):
            continue
        if role == Role.RIGHT or place.start not in found:
            found[place.start] = (role, part, place)
    known = any(role == Role.RIGHT for role, _ in choices)
    if not found:
        return Choices(different=len(different), known=known)
    places = [place for _, _, place in found.values()]
    wrong = sum(role == Role.CHOICE for role, _, _ in found.values())
    start, end = min(place.start for place in places), max(place.end for place in places)
    size = sum(place.end - place.start for place in places)
    between = max(end - start - size, 0)
    return Choices(
        found=len(found),
        wrong=wrong,
        different=len(different),
        told=sum(parts.information(part) for _, part, _ in found.values()),
        start=start,
        end=end,
        ngrams=sum(place.ngrams for place in places),
        listed=len(found) == len(different) >= 3 and wrong >= 2 and between <= 2 * len(found),
        known=known,
        missing=max(sum(parts.length(part) for _, part in choices) - size, 0),
        between=between,
        labelled=sum(document.labelled(place.start) for place in places),
    )


def _reach(parts: Parts, entries: list[tuple[int, int]], low: int) -> int:
    """Key position up to which the choices of an item are looked for behind another."""
    return low + 120 + sum(2 * parts.length(part) + 4 for role, part in entries if role in (Role.CHOICE, Role.RIGHT))


def _answer_end(parts: Parts, part: int, document: Document, low: int, high: int) -> int | None:
    """End of a right answer that stands between two positions; a bare number or letter must be marked as answer."""
    length = parts.length(part)
    if length >= parts.width:
        place = parts.locate(part, document, low, high, 0.8)
        return None if place is None else place.end
    for at in parts.short_places(part, document, low, min(high, len(document))):
        near = length >= 3 and at < low + 60
        if near or (
            document.bounded(at, at + length) and (length > 2 or document.answer_marked(max(low - 1, at - 12), at))
        ):
            return at + length
    return None
