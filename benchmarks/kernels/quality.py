"""The quality stage on one core: measures, tokens, model, the whole stage, in MB of text a second; and hostile texts.

    python benchmarks/kernels/quality.py [FILE of documents, one JSON object with `text` a line, .zst or plain]

Without a file the texts are made up: random common characters in lines and sentences. The measures are also timed
against their plain twin in tests/reference, and the model against fastText's own predict.

What made the measures faster, on 60 MB of mixed Chinese text (13,157 documents) on a core of 3 to 4 GHz: naming every
n-gram exactly, level by level, 117 MB/s; bounds from counted hashes for 2..4-grams and shared lengths for the longer
ones, 137; a place that shares 13 tokens unlinks the one it shares them with, 144; no more than one token more than the
next place shares, 150; runs of Hanzi and words in registers, kinds counted from the different characters, a table of
n ln n, 173; a factor where the compiler made a branch of `?:`, 195. Without gain: choosing the candidates of the most
frequent n-gram in the counting loop; leaving out characters that occur once; counting characters apart from decoding
them; -march of level 3 or 4 (2 to 4 %).
"""

import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

import fasttext
from reference import measures as twin
from timing import seconds

from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.classifier import char_tokens
from cci_tools.kernels.measures import measure
from cci_tools.kernels.perplexity import perplexity
from cci_tools.quality.model import load_model
from cci_tools.quality.perplexity import train
from cci_tools.quality.stage import Quality
from cci_tools.resources import resolve
from cci_tools.stage import make_batch

LIMIT = 60_000_000  # bytes of text measured


def lines_of(path: Path) -> Iterator[bytes]:
    """Lines of a plain or zstd-packed file."""
    raw = path.open("rb")
    if path.suffix == ".zst":
        stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw)
        raw = io.BufferedReader(stream, 1 << 20)  # type: ignore[type-var]
    with raw:
        yield from raw


def texts_of(path: Path | None) -> list[str]:
    """Documents until there are enough; every third line of the file, so that more than its beginning is seen."""
    texts, size = [], 0
    if path is None:
        numbers = np.random.default_rng(1)
        while size < LIMIT / 3:
            characters = 0x4E00 + (numbers.zipf(1.2, 2000) * 7919) % 5000
            text = "".join(
                chr(c) + ("。\n" if i % 40 == 39 else "，" if i % 11 == 10 else "") for i, c in enumerate(characters)
            )
            texts.append(text)
            size += 3 * len(text)
        return texts
    for i, line in enumerate(lines_of(path)):
        if i % 3 == 0:
            texts.append(json.loads(line)["text"])
            size += len(texts[-1].encode())
            if size > LIMIT:
                break
    return texts


def hostile() -> dict[str, str]:
    """Texts that make careless code slow: each about 10 MB."""
    rng = random.Random(1)
    block = "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(60_000))
    return {
        "one character": "字" * 3_300_000,
        "spaces": " " * 10_000_000,
        "all different": "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(3_300_000)),
        "a block repeated": block * 55,
        "short lines": "\n".join(map(str, range(1_300_000))),
        "open tags": "<a" * 5_000_000,
        "addresses": "http://" * 1_400_000,
    }


def main() -> None:
    texts = texts_of(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts)} texts, {size:.1f} MB")
    values, offsets = text_buffers(texts)
    print(f"measures      {size / seconds(lambda: measure(values, offsets)):8.1f} MB/s")
    few = texts[: max(1, len(texts) // 200)]
    small = sum(len(text.encode()) for text in few) / 1e6
    print(f"  plain twin  {small / seconds(lambda: [twin.measure(text) for text in few], 1):8.3f} MB/s")
    print(f"tokens        {size / seconds(lambda: char_tokens(values, offsets)):8.1f} MB/s")
    stage = Quality()
    path = resolve(stage.model)
    model, tokens = load_model(str(path)), char_tokens(values, offsets)
    print(f"model         {size / seconds(lambda: model.score(*tokens, stage.model_label)):8.1f} MB/s")
    theirs, data = fasttext.load_model(str(path)), tokens[0].tobytes()
    lines = [data[a:b].decode() + "\n" for a, b in zip(tokens[1][:-1], tokens[1][1:], strict=True)]
    predict = seconds(lambda: [theirs.f.predict(line, 1, 0.0, "strict") for line in lines], 1)
    ours = model.score(*tokens, stage.model_label)
    wanted = [{name: p for p, name in theirs.f.predict(line, 2, 0.0, "strict")} for line in lines[:2000]]
    far = max(abs(min(found[stage.model_label], 1) - own) for found, own in zip(wanted, ours, strict=False) if found)
    print(f"  furthest from fastText's score: {far:.1e}")
    print(f"  fastText    {size / predict:8.1f} MB/s")
    ngrams = train(texts[::10])
    foretold = seconds(lambda: perplexity(*tokens, ngrams.slots, ngrams.order, ngrams.unknown))
    print(f"perplexity    {size / foretold:8.1f} MB/s, a model of {ngrams.slots.nbytes / 1e6:.0f} MB")
    batch = make_batch(texts)
    stage.open()
    print(f"whole stage   {size / seconds(lambda: stage.process(batch)):8.1f} MB/s")
    for name, text in hostile().items():
        values, offsets = text_buffers([text])
        print(f"{name:17} {len(values) / 1e6 / seconds(lambda v=values, o=offsets: measure(v, o), 1):8.1f} MB/s")


if __name__ == "__main__":
    main()
