"""Slow, plain twin of `char_tokens`: the tokens that a fastText model reads."""

import re
from functools import cache

from reference.measures import classes, table

LONGEST = 12
LINE = "↵"


@cache
def folded() -> dict[str, str]:
    """What the matching key makes of a character; a character that it skips is missing."""
    found = {chr(c): chr(c) for first, last in table("fold_data.inc", "FOLD_KEPT") for c in range(first, last + 1)}
    found.update((chr(a), chr(b)) for a, b in table("fold_data.inc", "FOLD_PAIRS"))
    return found


def sampled(data: bytes, limit: int) -> list[bytes]:
    """The text, or head, middle and end of a long one, cut before the first byte that does not continue a character."""
    if len(data) <= limit:
        return [data]
    part = limit // 3

    def cut(position: int) -> int:
        for _ in range(3):
            position += position < len(data) and data[position] & 0xC0 == 0x80
        return position

    middle = (len(data) - part) // 2
    return [data[: cut(part)], data[cut(middle) : cut(middle + part)], data[cut(len(data) - part) :]]


def char_tokens(data: bytes, limit: int) -> str:
    """Tokens of a text, separated by spaces."""
    text = "\n".join(piece.decode("utf-8", "replace") for piece in sampled(data, limit))
    kinds, tokens = classes(), []
    letters = {c: folded().get(c, c) for c in set(text)}
    # "\ue000" stands for what is no character of text, the replacement character included: a run of it is one sign.
    plain = "".join("\ue000" if c == "\ufffd" or kinds.get(c, "?") == "?" else c for c in text)
    words = "".join(c for c, f in letters.items() if f.isascii() and f.isalpha())
    digits = "".join(c for c, f in letters.items() if f.isascii() and f.isdigit())
    pattern = "|".join(f"(?:[{re.escape(group)}])+" for group in (words, digits) if group)
    for match in re.finditer(f"{pattern}{'|' if pattern else ''}(?s:.)", plain):
        part = match.group()
        kind = kinds.get(part[0], "?")
        if part[0] in digits:
            tokens.append("0" * min(len(part), LONGEST))
        elif part[0] in words:
            tokens.append("".join(letters[c] for c in part)[:LONGEST])
        elif part == "\n":
            if tokens and tokens[-1] != LINE:
                tokens.append(LINE)
        elif kind == "Z":
            continue
        elif kind in "PS?":
            if match.start() == 0 or plain[match.start() - 1] != part:
                tokens.append("\ufffd" if kind == "?" else part)
        else:
            tokens.append(letters.get(part, part))
    return " ".join(tokens[:-1] if tokens and tokens[-1] == LINE else tokens)
