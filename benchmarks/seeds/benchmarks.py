"""Build seeds/benchmarks/*.idx from extracts in JSON lines:  python benchmarks/seeds/benchmarks.py FOLDER

FOLDER holds the files below, as they are or as .zst; each line has benchmark, split, id, question, choices, answer and,
where the item has a passage, text (passage, question and choices). The digest is that of the unpacked file: an index is
built from this input or not at all.
"""

import hashlib
import sys
from pathlib import Path

from zstandard import ZstdDecompressor

from cci_tools.decontamination.index import build_index

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
INPUTS = {
    # name: (licence, date of the benchmark's publication, SHA-256 of the unpacked input)
    "agieval": ("MIT", "2023-04-13", "517570a591e9d67ecdbea5082e52c45ccadbf6ca89c05d5d5d631c73bef17961"),
    "cmrc2018": ("CC-BY-SA-4.0", "2018-10-17", "470bbab70b6b7c3469abdfdf35b5ddc7858b0fef2a1a1669e976c2acacb9aef5"),
    "gaokao-bench": ("Apache-2.0", "2023-05-21", "2ffe810c9230b99cf48fabaa8d5bed513330671263d4fbe94a50e81c9c5ef9ba"),
    "math23k": ("MIT", "2017-09-07", "8e0dead8f3cd30769264e03ca6463f6520a44026b1bd79dcb58afd86820b50b4"),
}


def unpacked_digest(path: Path) -> str:
    """SHA-256 of a file's content, unpacked where it is packed."""
    data = path.read_bytes()
    if path.suffix == ".zst":
        with ZstdDecompressor().stream_reader(data) as stream:
            data = stream.read()
    return hashlib.sha256(data).hexdigest()


def main(folder: Path) -> None:
    """Build every index of `INPUTS`, and the demo's."""
    for name, (licence, date, digest) in INPUTS.items():
        path = next(p for p in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.zst") if p.exists())
        if unpacked_digest(path) != digest:
            raise SystemExit(f"{path}: not the input this index was made from (SHA-256 {unpacked_digest(path)})")
        build_index([path], SEEDS / "benchmarks" / f"{name}.idx", licence=licence, date=date)
    demo = SEEDS / "demo" / "benchmark.jsonl"
    build_index([demo], SEEDS / "benchmarks" / "demo.idx", licence="Apache-2.0", date="2026-11-22")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
