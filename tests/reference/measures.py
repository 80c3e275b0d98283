"""Slow, plain twin of the measures kernel: Python strings, dictionaries and regular expressions."""

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "cci_tools" / "kernels" / "src"
STRETCH = 1 << 17  # tokens searched for repetition together
LINE_LIMIT = 1 << 17  # different lines remembered
STOP_WORDS = "的年在月是和日了於·為有被人中为他與後也而由"
BULLETS = "·–•‣※■□▪▫▶◀◆◇○●◦★☆➢"
CLOSERS = "\"')]}”’」』）》〉〕］＂＇"
LINE_ENDS = "。！？…．｡.!?；：;:"
SENTENCE_END = re.compile(r"[。！？…．｡!?]|\.(?=\s)")
LINK = re.compile(r"(?:https?://|(?<![0-9A-Za-z])www\.)[!#-&*-;=?-Z_a-z~]*", re.IGNORECASE | re.ASCII)
ARTICLE = re.compile(r"[#* ]*第 *(?:[0-9〇零一二三四五六七八九十百千] *){1,8}[条條章节節]")
TAG = re.compile(r"<(?=[A-Za-z/!?])[^<>]{1,998}>")
ENTITY = re.compile(r"&(?:#[0-9A-Za-z]{1,7}|[0-9A-Za-z]{2,8});")
HANZI = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def table(file: str, name: str) -> list[tuple[int, ...]]:
    """Rows of a table of the C++ sources."""
    text = (SOURCES / file).read_text(encoding="utf-8").partition(f"{name}[]")[2].partition("};")[0]
    rows = re.findall(r"\{(0x[0-9a-f]+), (0x[0-9a-f]+)(?:, (\d))?\}", text)
    return [tuple(int(value, 0) for value in row if value) for row in rows]


@cache
def classes() -> dict[str, str]:
    """Class of each character: L letter, N digit, P punctuation, S symbol, Z space, H Hanzi, T Traditional."""
    found = {}
    for first, last, number in table("measures_data.inc", "CLASS_RANGES"):
        found.update((chr(c), " LNPSZ"[number]) for c in range(first, last + 1))
    found.update((chr(c), "L") for c in range(0xE0100, 0xE01F0))
    found.update((chr(c), "H") for first, last in HANZI for c in range(first, last + 1))
    for code, folded in table("fold_data.inc", "FOLD_PAIRS"):
        compatibility = 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F
        if found.get(chr(code)) == "H" and code != folded and not compatibility:
            found[chr(code)] = "T"
    found.update((c, "H") for c in "著乾瞭藉徵")
    return found


SPACES = "".join(c for c, kind in classes().items() if kind == "Z")


def tokenize(text: str) -> list[str]:
    """Hanzi, other letters and digits one by one, ASCII letters and digits in runs."""
    kinds = classes()
    parts = re.findall(r"[0-9A-Za-z]+|.", text, re.DOTALL)
    return [part for part in parts if (part.isascii() and part.isalnum()) or kinds.get(part) in ("H", "T", "L", "N")]


def repetition(tokens: list[str]) -> dict[str, float]:
    """Characters in the most frequent 2..4-grams, and covered by repeated 5..10- and 13-grams."""
    sums: Counter[str] = Counter()
    for first in range(0, max(len(tokens), 1), STRETCH):
        stretch = tokens[first : first + STRETCH]
        for n in (*range(2, 11), 13):
            grams = [tuple(stretch[i : i + n]) for i in range(len(stretch) - n + 1)]
            if n <= 4:
                counts: Counter[tuple[str, ...]] = Counter()
                last: dict[tuple[str, ...], int] = {}
                for i, gram in enumerate(grams):
                    if gram not in last or i >= last[gram] + n:
                        counts[gram] += 1
                        last[gram] = i
                weights = (count * sum(map(len, gram)) for gram, count in counts.items() if count > 1)
                sums[f"top_{n}gram_fraction"] += max(weights, default=0)
            else:
                seen: set[tuple[str, ...]] = set()
                covered: set[int] = set()
                for i, gram in enumerate(grams):
                    if gram in seen:
                        covered.update(range(i, i + n))
                    seen.add(gram)
                sums[f"duplicate_{n}gram_fraction"] += sum(len(stretch[i]) for i in covered)
    characters = sum(map(len, tokens))
    return {name: value / characters if characters else 0.0 for name, value in sums.items()}


def repeated(items: list[str]) -> list[str]:
    """The items that occurred before, forgetting all after LINE_LIMIT different ones."""
    seen: set[str] = set()
    found = []
    for item in items:
        if len(seen) == LINE_LIMIT:
            seen.clear()
        if item in seen:
            found.append(item)
        seen.add(item)
    return found


def measure(text: str) -> dict[str, float]:
    """All measures of one text, see cci_tools.kernels.measures.MEASURES."""
    kinds = classes()
    counted = Counter(kinds.get(c, "?") for c in text)
    visible = [c for c in text if kinds.get(c) != "Z"]
    size, all_size = max(len(visible), 1), max(len(text), 1)

    def bare(part: str) -> str:
        return "".join(c for c in part if kinds.get(c) != "Z")

    raw = text.split("\n")
    stripped = [line.strip(SPACES) for line in raw]
    lines = [line for line in stripped if line]
    bare_lines = [bare(line) for line in lines]
    paragraphs: list[list[str]] = [[]]
    for line in stripped:
        if line:
            paragraphs[-1].append(bare(line))
        elif paragraphs[-1]:
            paragraphs.append([])
    blocks = ["\n".join(block) for block in paragraphs if block]
    count = max(len(lines), 1)

    def share(test: Callable[[str], object]) -> float:
        return sum(map(bool, map(test, lines))) / count

    tokens = tokenize(text)
    numeric = sum(all(c in "0123456789" or kinds.get(c) == "N" for c in token) for token in tokens)
    runs = [len(run.group()) for run in re.finditer(r"(.)\1*", text, re.DOTALL) if kinds.get(run.group()[0]) != "Z"]
    frequency = Counter(visible)
    tags = [match.span() for match in TAG.finditer(text)]
    entities = [m for m in ENTITY.finditer(text) if not any(a <= m.start() < b for a, b in tags)]
    sentences = [s for line in raw for s in SENTENCE_END.split(line + "\n") if tokenize(s)]
    hits = sum(frequency[c] for c in STOP_WORDS)
    return {
        "characters": len(text),
        "hanzi_fraction": (counted["H"] + counted["T"]) / size,
        "letter_fraction": counted["L"] / size,
        "digit_fraction": counted["N"] / size,
        "punctuation_fraction": counted["P"] / size,
        "symbol_fraction": counted["S"] / size,
        "other_fraction": counted["?"] / size,
        "space_fraction": counted["Z"] / all_size,
        "traditional_fraction": counted["T"] / max(counted["H"] + counted["T"], 1),
        "lines": len(lines),
        "mean_line_length": len(visible) / count,
        "short_line_fraction": sum(len(line) < 10 for line in bare_lines) / count,
        "punctuated_line_fraction": share(lambda line: line.rstrip(CLOSERS + SPACES).endswith(tuple(LINE_ENDS))),
        "bullet_line_fraction": sum(
            line.lstrip(SPACES)[:1] in tuple(BULLETS) or bool(re.match(r"[-*+][ \t]", line.lstrip(SPACES)))
            for line in raw
            if bare(line)
        )
        / count,
        "ellipsis_line_fraction": share(lambda line: line.endswith(("…", "...", "。。。"))),
        "more_line_fraction": share(lambda line: re.search(r"(展开|展開|更多|(?i:read ?more))$", line, re.ASCII)),
        "newline_ratio": text.count("\n") / len(tokens) if tokens else 0.0,
        "duplicate_line_fraction": len(repeated(bare_lines)) / count,
        "duplicate_line_character_fraction": sum(map(len, repeated(bare_lines))) / size,
        "duplicate_paragraph_fraction": len(repeated(blocks)) / max(len(blocks), 1),
        "duplicate_paragraph_character_fraction": sum(len(bare(block)) for block in repeated(blocks)) / size,
        **repetition(tokens),
        "unique_character_ratio": len(frequency) / size,
        "unigram_entropy": -sum(n / size * math.log(n / size) for n in frequency.values()),
        "longest_run": max(runs, default=0),
        "longest_run_fraction": max(runs, default=0) / size,
        "sentences": len(sentences),
        "stop_words": sum(frequency[c] > 0 for c in STOP_WORDS),
        "stop_word_fraction": hits / size,
        "tokens": len(tokens),
        "mean_token_length": sum(map(len, tokens)) / max(len(tokens), 1),
        "alphabetic_fraction": (len(tokens) - numeric)
        / max(len(tokens) + counted["P"] + counted["S"] + counted["?"], 1),
        "link_fraction": sum(len(match.group()) for match in LINK.finditer(text)) / size,
        "markup_fraction": (sum(b - a for a, b in tags) + sum(len(m.group()) for m in entities)) / all_size,
        "hash_fraction": len(re.findall("#+", text)) / all_size,
        "ellipsis_fraction": len(re.findall(r"…+|\.{2,}", text)) / all_size,
        "bracket_fraction": sum(len(bare(part)) for part in re.findall("【([^\n]*?)】", text)) / size,
        "article_line_fraction": share(ARTICLE.match),
        "table_line_fraction": sum(
            line.count("|") > 1 or line.count("\t") > 1 for line, found in zip(raw, stripped, strict=True) if found
        )
        / count,
        "mention_fraction": (frequency["@"] + frequency["＠"]) / size,
    }
