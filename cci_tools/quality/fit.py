"""Fit one fastText model, in a process of its own: ``python -m cci_tools.quality.fit EXAMPLES OUT PARAMETERS``.

With one thread fastText 0.9.3 sets only the first tenth of its vectors and leaves the rest as the memory was: NaN at
times, and never the same model twice. With several threads the model differs from run to run by design. In a fresh
process whose large allocations come from the system, the memory is zero and the model always the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FRESH = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_PERTURB_": "0"}


def fit(examples: Path, out: Path, parameters: dict[str, Any], features: int) -> None:
    """Train on a file of labelled lines and write the quantised model.

    Parameters
    ----------
    examples : Path
        Lines of ``__label__...`` and tokens.
    out : Path
        The ``.ftz`` file.
    parameters : dict
        Of `fasttext.train_supervised`.
    features : int
        Rows that the quantised model keeps.

    Raises
    ------
    RuntimeError
        fastText failed, with what it said.
    """
    command = [
        sys.executable,
        "-m",
        "cci_tools.quality.fit",
        str(examples),
        str(out),
        json.dumps([parameters, features]),
    ]
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    done = subprocess.run(command, env={**os.environ, **FRESH, "PYTHONPATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"fastText failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done}")


def main(examples: str, out: str, parameters: str) -> None:
    import fasttext

    settings, features = json.loads(parameters)
    model = fasttext.train_supervised(examples, thread=1, verbose=0, **settings)
    model.quantize(examples, qnorm=True, retrain=True, cutoff=features, thread=1, epoch=1, lr=0.05, verbose=0)
    model.save_model(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
