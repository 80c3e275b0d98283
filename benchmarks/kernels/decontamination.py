"""Decontamination on one core: the n-gram probe, the search for candidates, the whole stage, in MB of text a second.

    python benchmarks/kernels/decontamination.py [FILE of documents, one JSON object with `text` a line] [index ...]

Without a file the texts are made up: random common characters, which have no hits. The probe is also measured against a
million random keys, and against its twin in tests/reference.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from timing import seconds

from cci_tools.decontamination.files import read_records
from cci_tools.decontamination.loading import load_matcher
from cci_tools.decontamination.stage import Decontamination
from cci_tools.kernels.probe import find_ngrams, key_positions, ngram_hashes, probe_set
from cci_tools.stage import make_batch
from tests.reference import probe as twin


def made_up(size: int) -> list[str]:
    random = np.random.default_rng(1)
    characters = 0x4E00 + (random.zipf(1.2, size // 3) * 7919) % 5_000
    return ["".join(map(chr, part)) for part in np.array_split(characters, size // 15_000)]


def main() -> None:
    texts = [row["text"] for row in read_records(sys.argv[1])] if len(sys.argv) > 1 else made_up(16_000_000)
    column = pa.array(texts, pa.large_string())
    size = sum(len(text.encode()) for text in texts) / 1e6
    indexes = tuple(sys.argv[2:]) or ("seeds/benchmarks",)
    matcher = load_matcher(indexes)
    stage = Decontamination(indexes=indexes)
    stage.open()
    batches = [make_batch(texts[i : i + 1000]) for i in range(0, len(texts), 1000)]
    million = probe_set(np.unique(np.random.default_rng(0).integers(0, 1 << 32, 1_000_000, dtype=np.uint32)))
    few = texts[: max(1, len(texts) // 200)]
    few_size = sum(len(text.encode()) for text in few) / 1e6
    known = np.unique(ngram_hashes(few, 8).hashes)[::100].tolist()

    print(f"{len(texts)} documents, {size:.1f} MB; index of {len(matcher.index)} items")
    rows = (
        ("positions of the key", size, lambda: key_positions(column)),
        ("n-gram hashes", size, lambda: ngram_hashes(column, 8)),
        ("probe, 1 M random keys", size, lambda: find_ngrams(column, 8, million)),
        ("candidates", size, lambda: matcher.candidates(column)),
        ("stage", size, lambda: [stage.process(batch) for batch in batches]),
        ("twin of the probe", few_size, lambda: [twin.find_ngrams(text.encode(), 8, known) for text in few]),
    )
    for name, amount, call in rows:
        print(f"{name:<24}{amount / seconds(call):>9.1f} MB/s")


if __name__ == "__main__":
    main()
