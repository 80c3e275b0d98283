"""Seconds and memory per million documents of the matching barrier, from ranks to the verdict on every document.

    python benchmarks/scale/match.py [--millions 1] [--memory 1024] [--scratch DIR]

Texts are made up on demand: 200 Chinese characters each, every fifth a copy, somewhere else in the corpus, with one
character in a hundred changed. So only signatures (a memory map), digests and lengths exist for all documents, as in a
run of the pipeline. Memory is the peak of the process's anonymous memory beyond what it held before.
"""

import argparse
import functools
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.candidates import LEADERS, estimate_bounds
from cci_tools.dedup.keepers import NO_DATE, rank_documents
from cci_tools.dedup.match import Documents, Settings, match
from cci_tools.kernels.arrow import Bytes, Offsets
from cci_tools.kernels.match import band_candidates, band_keys, group_digests
from cci_tools.kernels.sign import sign

CHUNK, LENGTH, EVERY = 10_000, 200, 5


@functools.lru_cache(4)
def originals(chunk: int) -> np.ndarray:
    return np.random.default_rng(chunk).integers(0x4E00, 0x9FA6, (CHUNK, LENGTH), dtype=np.uint32)


@functools.lru_cache(2)
def texts(chunk: int, chunks: int) -> Bytes:
    """UTF-8 of the texts of a chunk, shape (CHUNK, 3 * LENGTH)."""
    codes = originals(chunk).copy()
    copies = originals((chunk * 7 + 1) % chunks)[3::EVERY].copy()
    rng = np.random.default_rng((chunk, 1))
    changed = rng.random(copies.shape) < 0.01
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
    parser.add_argument("--scratch", type=Path, help="folder for the signatures, half a GB a million")
    parser.add_argument("--json", type=Path, help="save the figures here")
    arguments = parser.parse_args()
    chunks = max(2, round(arguments.millions * 1e6 / CHUNK))
    count = chunks * CHUNK
    figures: dict[str, float] = {"documents": count, "memory": arguments.memory}

    @contextmanager
    def measured(name: str) -> Iterator[None]:
        peak, start = Peak(), time.process_time()
        yield
        seconds, megabytes = time.process_time() - start, peak.stop()
        figures[f"{name}: CPU seconds a million"] = round(seconds / count * 1e6, 3)
        figures[f"{name}: MB a million"] = round(megabytes / count * 1e6, 1)
        print(f"{name:34}{seconds / count * 1e6:8.2f} CPU s{megabytes / count * 1e6:8.1f} MB, a million documents")

    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        path = Path(folder) / "signatures.npy"
        signatures = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint32, shape=(count, Settings.slots))
        digests, lengths = np.empty((count, 2), np.uint64), np.empty(count, np.int32)
        for chunk in range(chunks):
            here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
            signed = sign((texts(chunk, chunks).reshape(-1), offsets_of(CHUNK)))
            signatures[here], digests[here], lengths[here] = signed
        ids = pa.array(np.random.default_rng(0).permutation(count)).cast(pa.string())

        def fetch(rows: np.ndarray) -> tuple[Bytes, Offsets]:
            values = np.empty((len(rows), 3 * LENGTH), np.uint8)
            for chunk in np.unique(rows // CHUNK).tolist():
                first, last = np.searchsorted(rows, (chunk * CHUNK, (chunk + 1) * CHUNK))
                values[first:last] = texts(chunk, chunks)[rows[first:last] - chunk * CHUNK]
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
        with measured("match, with its texts made up"):
            found = match(documents, fetch, Settings(), memory=arguments.memory << 20, scratch=arguments.scratch)
    print(json.dumps({name: found.report[name] for name in ("rounds", "near_duplicates", "candidate_pairs")}))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
