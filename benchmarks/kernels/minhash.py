"""Signatures per CPU second: this kernel at every instruction level, beside datasketch, rensa and NumPy; and by length.

    python benchmarks/kernels/minhash.py texts.jsonl.zst --json result.json

The second table cuts the same text into pieces of one length, to show where the two schemes cross.

All rows run in one process on the same texts, character 5-grams, 128 slots, UTF-8 or Python strings in and signatures
out. Time is CPU time of all threads, best of several rounds; slow rows take every n-th text. Ratios travel between
machines, absolute figures do not.
"""

import argparse
import functools
import gc
import hashlib
import io
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import xxhash
import zstandard

from cci_tools.kernels import core
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.sign import SCHEMES, permutations, sign, sign_affine

WIDTH, SLOTS, SLOW_MB = 5, 128, 1.0


@dataclass(frozen=True)
class Row:
    name: str
    level: str
    megabytes: float
    mb_per_second: float


def read_texts(path: Path) -> list[str]:
    with path.open("rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n")
        return [json.loads(line)["text"] for line in lines if line.strip()]


def grams(text: str) -> list[str]:
    return [text[i : i + WIDTH] for i in range(max(1, len(text) - WIDTH + 1))]


def datasketch_rows(texts: list[str]) -> None:
    from datasketch import MinHash

    for text in texts:
        minhash = MinHash(num_perm=SLOTS, hashfunc=xxhash.xxh32_intdigest)
        minhash.update_batch([gram.encode() for gram in grams(text)])


def rensa_rows(texts: list[str]) -> None:
    from rensa import RMinHash

    for text in texts:
        minhash = RMinHash(SLOTS, 42)
        minhash.update(grams(text))
        minhash.digest()


def rensa_flat(hashes: np.ndarray, offsets: np.ndarray) -> None:
    from rensa import RMinHash

    RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets.astype(np.uint64), SLOTS, 42)


def numpy_rows(texts: list[str]) -> np.ndarray:
    """128 affine permutations of a polynomial hash of the windows, one text after the other, in pieces."""
    a, b = permutations(SLOTS)
    powers = np.uint32(0x9E3779B1) ** np.arange(WIDTH, dtype=np.uint32)
    result = np.full((len(texts), SLOTS), 0xFFFFFFFF, np.uint32)
    for row, text in zip(result, texts, strict=True):
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        windows = (
            np.lib.stride_tricks.sliding_window_view(codes, min(WIDTH, len(codes))) if len(codes) else codes[:0, None]
        )
        hashes = (windows * powers[: windows.shape[1]]).sum(axis=1, dtype=np.uint32)
        hashes ^= hashes >> np.uint32(16)
        for start in range(0, len(hashes), 256):
            values = hashes[start : start + 256, None] * a + b
            np.minimum(row, values.min(axis=0), out=row)
    return result


def best(run: Callable[[], object], rounds: int) -> float:
    seconds = []
    gc.disable()
    for _ in range(rounds):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    gc.enable()
    return min(seconds)


def measure(texts: list[str], rounds: int) -> Iterator[Row]:
    def size(part: list[str]) -> float:
        return sum(len(t.encode()) for t in part) / 1e6

    total = size(texts)
    part = texts[:: max(1, int(total / SLOW_MB))]
    for name, run in (
        ("datasketch update_batch + xxh32", datasketch_rows),
        ("rensa RMinHash.update", rensa_rows),
        ("NumPy, 128 permutations", numpy_rows),
    ):
        try:
            yield Row(name, "", size(part), size(part) / best(lambda run=run: run(part), 3))
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
    column = pa.array(texts, pa.large_string())
    values, offsets = text_buffers(column)
    codes, ends = np.empty(len(values), np.uint32), np.empty(len(offsets), np.int64)
    hashes, starts = np.empty(len(values), np.uint64), np.empty(len(offsets), np.int64)
    a, b = permutations(SLOTS)

    def decode() -> None:
        core.keys(values, offsets, codes, ends)

    def decode_and_hash() -> None:
        decode()
        core.shingle_hashes(codes, ends, WIDTH, 0, hashes, starts)

    try:
        decode_and_hash()
        flat = hashes[: starts[-1]].copy()
        yield Row("rensa flat hashes, without hashing", "", total, total / best(lambda: rensa_flat(flat, starts), 3))
    except ImportError as error:
        print(f"left out: rensa ({error})", file=sys.stderr)
    for level in core.levels():
        core.set_level(level)
        for name, run, count in (
            ("decode and fold (ceiling)", decode, rounds),
            ("decode, fold, hash (ceiling)", decode_and_hash, rounds),
            ("sign: signature, digest, length", lambda: sign((values, offsets), width=WIDTH, slots=SLOTS), rounds),
            ("sign from list[str]", lambda: sign(texts, width=WIDTH, slots=SLOTS), rounds),
            ("sign_affine, 128 permutations", lambda: sign_affine((values, offsets), a, b, width=WIDTH), 3),
        ):
            yield Row(name, level, total, total / best(run, count))


LENGTHS = (20, 40, 80, 120, 160, 200, 300, 400, 600, 1000)


@dataclass(frozen=True)
class Length:
    level: str
    characters: int
    fss_ns: float  # for a text
    affine32_ns: float


def by_length(texts: list[str], rounds: int) -> Iterator[Length]:
    """Both schemes on texts of one length, cut from real ones."""
    text = "".join("".join(texts).split())[:400_000]
    for level in core.levels():
        core.set_level(level)
        for length in LENGTHS:
            pieces = [text[i : i + length] for i in range(0, len(text) - length + 1, length)]
            if not pieces:
                continue
            column = text_buffers(pieces)
            fss, affine = (best(functools.partial(sign, column, scheme=scheme), rounds) for scheme in SCHEMES)
            yield Length(level, length, round(fss / len(pieces) * 1e9), round(affine / len(pieces) * 1e9))


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n")
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def ratios_of(rows: list[Row]) -> dict[str, dict[str, float]]:
    """What travels between machines, by level: against the peers as users call them, and against the own ceiling."""
    speed = {(row.name, row.level): row.mb_per_second for row in rows}
    against = {
        "datasketch": "datasketch update_batch + xxh32",
        "rensa": "rensa RMinHash.update",
        "rensa, flat hashes": "rensa flat hashes, without hashing",
        "NumPy": "NumPy, 128 permutations",
        "decode and hash": "decode, fold, hash (ceiling)",
    }
    ratios: dict[str, dict[str, float]] = {}
    for level in core.levels():
        ours = speed["sign: signature, digest, length", level]
        peers = {name: speed.get((row, level), speed.get((row, ""))) for name, row in against.items()}
        ratios[level] = {name: round(ours / peer, 3) for name, peer in peers.items() if peer}
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("path", type=Path, help=".jsonl.zst with a field `text`")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each fast row (default 7)")
    parser.add_argument("--json", type=Path, help="save the rows here")
    arguments = parser.parse_args()
    texts = read_texts(arguments.path)
    digest = hashlib.sha256(arguments.path.read_bytes()).hexdigest()
    print(f"{len(texts)} texts, mean {sum(map(len, texts)) / max(1, len(texts)):.0f} characters, sha256 {digest}")
    print(f"{processor()}, levels {' '.join(core.levels())}\n")
    rows = []
    base: dict[str, float] = {}
    print(f"{'':36}{'level':>9}{'MB/s':>9}{'x datasketch':>14}{'x rensa':>9}")
    for row in measure(texts, arguments.rounds):
        rows.append(row)
        base.setdefault(row.name.split()[0], row.mb_per_second)
        ratios = "".join(
            f"{row.mb_per_second / base[peer]:{wide}.1f}" if peer in base else " " * (wide - 1) + "-"
            for peer, wide in (("datasketch", 14), ("rensa", 9))
        )
        print(f"{row.name:36}{row.level:>9}{row.mb_per_second:9.1f}{ratios}", flush=True)
    print("\nnanoseconds a text" + "".join(f"{length:>7}" for length in LENGTHS) + "  characters")
    lengths = list(by_length(texts, arguments.rounds))
    for level in core.levels():
        here = [row for row in lengths if row.level == level]
        for name, values in (
            ("fss", [f"{row.fss_ns:7.0f}" for row in here]),
            ("affine32", [f"{row.affine32_ns:7.0f}" for row in here]),
            ("ratio", [f"{row.fss_ns / row.affine32_ns:7.2f}" for row in here]),
        ):
            print(f"{level:>8} {name:9}" + "".join(values))
    if arguments.json:
        facts = {
            "data_sha256": digest,
            "texts": len(texts),
            "processor": processor(),
            "rows": [asdict(r) for r in rows],
            "ratios": ratios_of(rows),
            "lengths": [asdict(row) for row in lengths],
        }
        arguments.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
