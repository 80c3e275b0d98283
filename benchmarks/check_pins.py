"""Hold the results of benchmarks against their pins: floors and ceilings that travel between machines.

    python benchmarks/kernels/minhash.py CORPUS --json minhash.json
    python benchmarks/check_pins.py minhash=minhash.json [dedup=FILE] [match=FILE] [template=FILE]

Each FILE is what a benchmark wrote with `--json`. ``pins.json`` says for each how it was run, on which data (SHA-256),
and what its figures must be: ratios, shares and counts, never seconds. The ratios of an instruction level that the
machine does not have are passed over, and said. Exit code 1: a pin is broken; 2: other data.
"""

import json
import sys
from pathlib import Path
from typing import Any


def figure(result: Any, path: list[str]) -> float | None:
    """The value at a path of keys; in a list of rows a key is ``name=value``, several joined by ``&``."""
    for key in path:
        if isinstance(result, list):
            wanted = dict(part.split("=", 1) for part in key.split("&"))
            result = next((row for row in result if all(str(row[k]) == v for k, v in wanted.items())), None)
        else:
            result = result.get(key)
        if result is None:
            return None
    return float(result)


def check(name: str, result: dict[str, Any], pin: dict[str, Any]) -> int:
    """Print each figure beside its pin; the exit code."""
    if result["data_sha256"] != pin["data_sha256"]:
        print(f"{name}: measured on other data; run: {pin['command']}")
        return 2
    broken = 0
    for path, bounds in pin["figures"].items():
        value = figure(result, path.split("/"))
        low, high = bounds
        if value is None:
            holds = path.startswith("ratios/")  # of an instruction level that this machine does not have
        else:
            holds = (low is None or value >= low) and (high is None or value <= high)
        broken |= not holds
        said = "not measured" if value is None else f"{value:g}"
        print(f"{'ok' if holds else 'BROKEN':8}{name}: {path} = {said}, pinned {low} to {high}")
    return broken


def main() -> None:
    pins = json.loads(Path(__file__).with_name("pins.json").read_text("utf-8"))
    given = dict(argument.split("=", 1) for argument in sys.argv[1:])
    if not given or not given.keys() <= pins.keys():
        sys.exit(f"{__doc__}\npins: {', '.join(pins)}")
    sys.exit(max(check(name, json.loads(Path(file).read_text("utf-8")), pins[name]) for name, file in given.items()))


if __name__ == "__main__":
    main()
