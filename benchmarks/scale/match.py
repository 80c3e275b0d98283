"""Seconds and memory per million documents of the matching barrier, from ranks to the verdict on every document.

    python benchmarks/scale/match.py [--millions 1] [--memory 1024] [--template] [--scratch DIR] [--json FILE]

Texts are made up on demand: 200 Chinese characters each, every fifth a copy, somewhere else in the corpus, with one
character in a hundred changed. So only signatures (a memory map), digests and lengths exist for all documents, as in a
run of the pipeline. With `--template` all texts are one and the same but for four figures of two digits: the worst
case, because every sketch is near to every other, and only true copies may go. Memory is the peak of the process's
anonymous memory beyond what it held before. Making up texts is timed apart.
"""

import argparse
import functools
import hashlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.candidates import LEADERS
from cci_tools.dedup.keepers import NO_DATE, rank_documents
from cci_tools.dedup.match import Documents, Settings, match
from cci_tools.dedup.search import estimate_bounds
from cci_tools.kernels.arrow import Bytes, Offsets
from cci_tools.kernels.match import band_candidates, band_keys, group_digests
from cci_tools.kernels.sign import sign

CHUNK, LENGTH, EVERY = 10_000, 200, 5
FIGURES = [40, 41, 80, 81, 120, 121, 160, 161]  # places of digits in a template


@functools.lru_cache(4)
def originals(chunk: int, template: bool) -> np.ndarray:
    """Code points of the texts of a chunk before copies are planted, shape (CHUNK, LENGTH)."""
    if not template:
        return np.random.default_rng(chunk).integers(0x4E00, 0x9FA6, (CHUNK, LENGTH), dtype=np.uint32)
    codes = np.tile(np.random.default_rng(0).integers(0x4E00, 0x9FA6, LENGTH, dtype=np.uint32), (CHUNK, 1))
    figures = np.random.default_rng((chunk, 2)).integers(0xFF10, 0xFF1A, (CHUNK, len(FIGURES)), dtype=np.uint32)
    codes[:, FIGURES] = figures  # full-width digits: every character has three bytes
    return codes


@functools.lru_cache(2)
def texts(chunk: int, chunks: int, template: bool) -> Bytes:
    """UTF-8 of the texts of a chunk, shape (CHUNK, 3 * LENGTH)."""
    codes = originals(chunk, template).copy()
    copies = originals((chunk * 7 + 1) % chunks, template)[3::EVERY].copy()
    rng = np.random.default_rng((chunk, 1))
    changed = rng.random(copies.shape) < 0.01
    changed[:, FIGURES] &= not template
    copies[changed] = rng.integers(0x4E00, 0x9FA6, int(changed.sum()))
    codes[EVERY - 1 :: EVERY] = copies
    parts = (0xE0 | codes >> 12, 0x80 | codes >> 6 & 0x3F, 0x80 | codes & 0x3F)
    return np.stack(parts, axis=2).astype(np.uint8).reshape(CHUNK, 3 * LENGTH)


def offsets_of(count: int) -> Offsets:
    return np.arange(count + 1, dtype=np.int64) * (3 * LENGTH)


class Peak:
    """The largest anonymous memory of the process while measuring, in MB beyond that at the start."""

    def __init__(self) -> None:
        self.start = self.highest = self.now()
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @staticmethod
    def now() -> float:
        lines = Path("/proc/self/status").read_text().split("\n")
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.highest = max(self.highest, self.now())

    def stop(self) -> float:
        self._stop.set()
        return max(self.highest, self.now()) - self.start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--millions", type=float, default=1.0, help="documents (default 1 million)")
    parser.add_argument("--memory", type=int, default=1024, help="MiB that match may use for keys and texts")
    parser.add_argument("--template", action="store_true", help="all texts one template with other figures")
    parser.add_argument("--scratch", type=Path, help="folder for the signatures, half a GB a million")
    parser.add_argument("--json", type=Path, help="save the figures here")
    arguments = parser.parse_args()
    chunks = max(2, round(arguments.millions * 1e6 / CHUNK))
    count = chunks * CHUNK
    make = functools.partial(texts, chunks=chunks, template=arguments.template)
    data = hashlib.sha256(b"".join(make(chunk).tobytes() for chunk in (0, chunks - 1))).hexdigest()
    figures: dict[str, Any] = {
        "documents": count,
        "memory": arguments.memory,
        "template": arguments.template,
        "data_sha256": data,
    }
    spent = [0.0]  # seconds that making up texts took

    @contextmanager
    def measured(name: str) -> Iterator[None]:
        peak, start, before = Peak(), time.process_time(), spent[0]
        yield
        seconds, megabytes = time.process_time() - start - (spent[0] - before), peak.stop()
        figures[f"{name}: CPU seconds a million"] = round(seconds / count * 1e6, 3)
        figures[f"{name}: MB a million"] = round(megabytes / count * 1e6, 1)
        print(f"{name:34}{seconds / count * 1e6:8.2f} CPU s{megabytes / count * 1e6:8.1f} MB, a million documents")

    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        path = Path(folder) / "signatures.npy"
        signatures = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint32, shape=(count, Settings.slots))
        digests, lengths = np.empty((count, 2), np.uint64), np.empty(count, np.int32)
        for chunk in range(chunks):
            here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
            signed = sign((make(chunk).reshape(-1), offsets_of(CHUNK)))
            signatures[here], digests[here], lengths[here] = signed
        ids = pa.array(np.random.default_rng(0).permutation(count)).cast(pa.string())

        def fetch(rows: np.ndarray) -> tuple[Bytes, Offsets]:
            start = time.process_time()
            values = np.empty((len(rows), 3 * LENGTH), np.uint8)
            for chunk in np.unique(rows // CHUNK).tolist():
                first, last = np.searchsorted(rows, (chunk * CHUNK, (chunk + 1) * CHUNK))
                values[first:last] = make(chunk)[rows[first:last] - chunk * CHUNK]
            spent[0] += time.process_time() - start
            return values.reshape(-1), offsets_of(len(rows))

        same = np.zeros(count, np.int32)
        dates = np.full(count, NO_DATE)
        with measured("rank, every document tied but for its id"):
            ranks = rank_documents(same, same, lengths, dates, ids)
        rows, flags = np.arange(count), np.zeros(count, bool)
        banding, bounds = choose_bands(0.8, 0.99, Settings.slots), estimate_bounds(0.8, Settings.slots)
        with measured("exact groups"):
            group_digests(digests, ranks, rows)
        with measured(f"band keys, {banding.bands} bands"):
            keys = band_keys(signatures, rows, 0, *banding)
        with measured("candidates, all bands"):
            band_candidates(
                keys, rows, ranks, signatures, flags, flags, near=bounds.near, sure=bounds.sure, cap=LEADERS, last=False
            )
        random = np.random.default_rng(1).integers(0, 2**63, keys.shape, dtype=np.uint64)
        with measured("grouping alone, no two equal"):
            band_candidates(random, rows, ranks, signatures, flags, flags, near=1, sure=1, cap=LEADERS, last=False)
        del keys, random
        documents = Documents(digests, signatures, lengths, ranks)
        with measured("match, from signatures to verdicts"):
            found = match(documents, fetch, Settings(), memory=arguments.memory << 20, scratch=arguments.scratch)
    names = (
        "rounds",
        "exact_duplicates",
        "near_duplicates",
        "candidate_pairs",
        "kept_apart_by_numbers",
        "full_buckets",
    )
    figures |= {name: found.report[name] for name in names}
    print(json.dumps({name: found.report[name] for name in names}))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
