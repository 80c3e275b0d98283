"""Seconds, throughput and peak memory of a whole run, from the dump on the disk to the corpus on the disk.

    python benchmarks/pipeline/run.py DUMP [--recipe cci] [--workers 2] [--repeat 3] [--json FILE]

Each repetition is a `cci-clean run` in a process of its own; the best is quoted, the others show the spread.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(dump: str, recipe: str, workers: int, out: Path) -> dict[str, float]:
    """One run: wall seconds, text bytes read, documents read and kept."""
    command = [sys.executable, "-m", "cci_tools.cli", "run", dump, "--recipe", recipe, "--out", str(out)]
    start = time.perf_counter()
    subprocess.run([*command, "--workers", str(workers)], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    ledger = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["ledger"]
    rate = ledger["bytes_read"] / 1e6 / seconds
    return {"seconds": seconds, "mb_per_second": rate, "read": ledger["read"], "kept": ledger["kept"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump")
    parser.add_argument("--recipe", default="cci")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with open(options.dump, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    print(f"data sha256 {digest}, recipe {options.recipe}, {options.workers} workers")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.repeat):
            result = measure(options.dump, options.recipe, options.workers, Path(folder) / str(number))
            results.append(result)
            print(f"{result['seconds']:6.2f} s  {result['mb_per_second']:6.1f} MB/s  kept {result['kept']:,.0f}")
    best = max(result["mb_per_second"] for result in results)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"best {best:.1f} MB/s of text; the largest process took {peak:.2f} GB at its peak")
    if options.json:
        options.json.write_text(
            json.dumps({"data": digest, **vars(options), "json": None, "results": results}, indent=1)
        )


if __name__ == "__main__":
    main()
