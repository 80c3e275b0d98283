"""Keyword search and scoring: megabytes of text a second on one core, with libraries of 10,000 words and more.

    python benchmarks/kernels/risk.py [JSON lines, .zst ...]

The texts are the demo dump's over and over, or those of the files named. Three sets: the shipped libraries, with the
scoring of the risk stage and without; 20,000 words of random common Hanzi, of which few occur; and 20,000 words cut
from the texts themselves and shuffled, which share their beginnings with much of the text. daachorse, beside the last
two, searches for the literal words, without what may hide them.
"""

import json
import random
import sys
from collections import Counter
from pathlib import Path

import daachorse
import zstandard
from timing import seconds

from cci_tools.compliance.keywords import Scanner
from cci_tools.compliance.libraries import library_files, read_library
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.keywords import Keywords, fold_word
from cci_tools.resources import folder

WORDS, BYTES = 20_000, 16_000_000


def texts_of(paths: list[Path]) -> list[str]:
    texts, size = [], 0
    for path in paths:
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data).read()
        for line in data.split(b"\n"):
            if line and size < BYTES:
                texts.append(json.loads(line).get("text") or "")
                size += len(texts[-1].encode())
    return texts * max(1, BYTES // max(size, 1))


def random_words(text: str, rng: random.Random) -> set[str]:
    common = [c for c, _ in Counter(c for c in text if "\u4e00" <= c <= "\u9fff").most_common(3000)]
    words: set[str] = set()
    while len(words) < WORDS:
        words.add(fold_word("".join(rng.choices(common, k=rng.choice((2, 3, 4, 4, 5, 6))))))
    return {word for word in words if len(word) > 1}


def cut_words(text: str, rng: random.Random) -> set[str]:
    words: set[str] = set()
    while len(words) < WORDS:
        at = rng.randrange(len(text) - 8)
        word = fold_word(text[at : at + rng.choice((3, 4, 4, 5, 6))])
        if len(word) > 1:
            words.add("".join(rng.sample(word, len(word))))
    return words


def main() -> None:
    demo = sorted((folder("seeds") / "demo" / "dump").glob("*.jsonl"))
    texts = texts_of([Path(name) for name in sys.argv[1:]] or demo)
    values, offsets = text_buffers(texts)
    megabytes = int(offsets[-1] - offsets[0]) / 1e6
    scanner = Scanner(map(read_library, library_files(folder("seeds") / "keywords")))
    took = seconds(lambda: list(scanner.scan(values, offsets)))
    print(f"{len(texts):,} texts, {megabytes:.0f} MB")
    alone = seconds(lambda: scanner.keywords.find(values, offsets))
    print(f"shipped, {len(scanner):,} words: {megabytes / alone:.0f} MB/s; with scoring {megabytes / took:.0f} MB/s")
    rng, sample = random.Random(2), "".join(texts)[:3_000_000]
    for name, words in (("random", random_words(sample, rng)), ("cut from the texts", cut_words(sample, rng))):
        listed = sorted(words)
        ours, theirs = Keywords(listed), daachorse.CharwiseDoubleArrayAhoCorasick(listed)
        took = seconds(lambda ours=ours: ours.find(values, offsets))
        other = seconds(lambda theirs=theirs: [theirs.find(text) for text in texts])
        hits = len(ours.find(values, offsets).words)
        print(f"{len(listed):,} words, {name}: {megabytes / took:.0f} MB/s, {hits:,} hits; ", end="")
        print(f"daachorse {megabytes / other:.0f} MB/s")


if __name__ == "__main__":
    main()
