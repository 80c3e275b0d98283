"""`cci-clean dedup` from JSON lines on the disk to Parquet on the disk, and a plain script beside it.

    python benchmarks/pipeline/dedup.py DUMP [--workers 2] [--repeat 3] [--plain 2000] [--json FILE]

A run is a command of its own; the clock starts before its interpreter does. The best of all repetitions is quoted. The
plain script is what users of datasketch write: read JSON lines, `MinHash` of the shingles, `MinHashLSH`, write Parquet;
one process, on the first documents of the dump, because it needs hours for all. It verifies nothing.
"""

import argparse
import ctypes
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

ADOPT = 36
"""PR_SET_CHILD_SUBREAPER of Linux: processes whose parent has ended become ours, so that their time is counted too."""


def measure(command: list[str]) -> tuple[dict[str, float], str]:
    """Wall and CPU seconds of a command and all processes that it starts, bytes of the largest; what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    cost = {"seconds": seconds, "user": user, "system": system, "peak_bytes": after.ru_maxrss * 1024}
    return {name: round(value, 3) for name, value in cost.items()}, done.stdout


def ours(dump: Path, out: Path, workers: int) -> dict[str, Any]:
    """One run of the command, with the seconds of its phases."""
    command = [sys.executable, "-m", "cci_tools.cli", "dedup", str(dump), "--out", str(out), "--workers", str(workers)]
    result, printed = measure(command)
    phases = {name: float(value) for name, value in re.findall(r"(\w+) ([\d.]+) s[,)]", printed)}
    ledger = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["ledger"]
    files = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    sizes = {"text_bytes": ledger["bytes_read"], "read": ledger["read"], "kept": ledger["kept"], "written": files}
    return {**result, "phases": phases, **sizes}


PLAIN = """
import json, sys
import pyarrow as pa, pyarrow.parquet as pq
from datasketch import MinHash, MinHashLSH

index, kept = MinHashLSH(threshold=0.8, num_perm=128), []
for number, line in enumerate(open(sys.argv[1], encoding="utf-8")):
    row = json.loads(line)
    text = row["text"]
    signature = MinHash(num_perm=128)
    signature.update_batch([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
    if not index.query(signature):
        index.insert(number, signature)
        kept.append(row)
pq.write_table(pa.Table.from_pylist(kept), sys.argv[2], compression="zstd")
print(len(kept))
"""


def plain(dump: Path, documents: int, folder: Path) -> dict[str, Any]:
    """The plain script on the first documents."""
    part = folder / "part.jsonl"
    with open(dump, "rb") as source, open(part, "wb") as target:
        lines = [line for line, _ in zip(source, range(documents), strict=False)]
        target.writelines(lines)
    text_bytes = sum(len(json.loads(line)["text"].encode()) for line in lines)
    result, printed = measure([sys.executable, "-c", PLAIN, str(part), str(folder / "plain.parquet")])
    return {**result, "text_bytes": text_bytes, "read": len(lines), "kept": int(printed)}


def line_of(name: str, result: dict[str, Any]) -> str:
    """One line of the table."""
    rate, cpu = result["text_bytes"] / 1e6 / result["seconds"], result["user"] + result["system"]
    return (
        f"{name:12}{result['seconds']:8.2f} s {rate:8.1f} MB/s {cpu:8.2f} s of CPU {result['peak_bytes'] / 1e9:6.2f} GB"
        f" {result['kept']:10,} of {result['read']:,} kept"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--plain", type=int, default=0, metavar="N", help="documents for the plain script; 0 leaves it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with suppress(AttributeError, OSError):  # not Linux: the workers' CPU seconds are not counted
        ctypes.CDLL(None).prctl(ADOPT, 1, 0, 0, 0)
    with open(options.dump, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    print(f"{options.dump.name}, sha256 {digest}, {options.workers} workers; MB of text, GB of the largest process")
    results, beside = [], None
    with tempfile.TemporaryDirectory(dir=options.dump.parent) as folder:
        for number in range(options.repeat):
            results.append(ours(options.dump, Path(folder) / str(number), options.workers))
            print(line_of("cci-clean", results[-1]), results[-1]["phases"])
        if options.plain:
            beside = plain(options.dump, options.plain, Path(folder))
            print(line_of("plain", beside))
    best = min(results, key=lambda result: result["seconds"])
    print(f"best {best['text_bytes'] / 1e6 / best['seconds']:.1f} MB/s")
    if beside is not None:
        ratio = best["text_bytes"] / best["seconds"] / (beside["text_bytes"] / beside["seconds"])
        print(f"{ratio:.0f} times the plain script")
    if options.json:
        found = {"dump": digest, "workers": options.workers, "runs": results, "plain": beside}
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
