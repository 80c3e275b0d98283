"""Slow twin of `cci_tools.kernels.keywords`: every start, every word, character by character."""

from cci_tools.kernels.keywords import BREAK, GAP, IGNORED, LIMIT, STOP, fold_table

MOST_BETWEEN = 3


def find(texts: list[bytes], words: list[str]) -> list[tuple[int, int, int, int, int, int]]:
    """Hits as (text, start, end, word, gaps, breaks), start and end in bytes from the text's beginning; sorted."""
    hits = []
    for number, raw in enumerate(texts):
        characters = decode(raw)
        for start in range(len(characters)):
            for index, word in enumerate(words):
                found = match(characters, start, word)
                if found:
                    end, gaps, breaks = found
                    hits.append((number, characters[start][1], characters[end][2], index, gaps, breaks))
    return sorted(hits)


def match(characters: list[tuple[int, int, int]], start: int, word: str) -> tuple[int, int, int] | None:
    """Place of the last character of a word that begins at a place, and its gaps and breaks."""
    if characters[start][0] != ord(word[0]) or (start and joined(characters[start - 1][0], characters[start][0])):
        return None
    at, gaps, breaks = start, 0, 0
    for wanted in word[1:]:
        between = []
        at += 1
        while at < len(characters) and characters[at][0] in (GAP, BREAK, STOP, IGNORED):
            if characters[at][0] != IGNORED:
                between.append(characters[at][0])
            at += 1
        if at == len(characters) or STOP in between or len(between) > MOST_BETWEEN or characters[at][0] != ord(wanted):
            return None
        breaks += BREAK in between
        gaps += bool(between) and BREAK not in between
    if at + 1 < len(characters) and joined(characters[at][0], characters[at + 1][0]):
        return None
    return at, gaps, breaks


def joined(a: int, b: int) -> bool:
    """Whether two codes side by side make one run of letters or of digits."""
    both = (chr(a), chr(b))
    return all("a" <= c <= "z" for c in both) or all("0" <= c <= "9" for c in both)


def decode(raw: bytes) -> list[tuple[int, int, int]]:
    """Folded code, first and last byte of each character, malformed ones replaced."""
    table, characters, place = fold_table(), [], 0
    for character in raw.decode("utf-8", "surrogateescape"):
        # Malformed bytes come one by one here; in the kernel several may be one U+FFFD.
        size = len(character.encode("utf-8", "surrogateescape"))
        lone = 0xDC80 <= ord(character) <= 0xDCFF
        code = 0xFFFD if lone else ord(character)
        characters.append((int(table[code]) if code < LIMIT else STOP, place, place + size))
        place += size
    return characters
