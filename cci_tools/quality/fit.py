"""Fit one fastText model, in a process of its own: ``python -m cci_tools.quality.fit EXAMPLES OUT PARAMETERS``.

fastText 0.9.3 sets a tenth of its vectors in each thread and leaves the rest as the memory was: with one thread there
is NaN at times, and never the same model twice; with several threads the model differs from run to run by design. In a
process that is asked to hand out only zeroed memory (a setting of the GNU C library; others return it fresh from the
system), the model is always the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ZEROED = {"MALLOC_PERTURB_": "255", "MALLOC_MMAP_THRESHOLD_": "65536"}  # memory is filled with the complement of 255


def fit(examples: Path, out: Path, parameters: dict[str, Any], quantise: dict[str, Any] | None = None) -> None:
    """Train on a file of labelled lines and write the model.

    Parameters
    ----------
    examples : Path
        Lines of ``__label__...`` and tokens.
    out : Path
        The ``.bin`` file, or ``.ftz`` where it is quantised.
    parameters : dict
        Of `fasttext.train_supervised`.
    quantise : dict, optional
        Of the model's `quantize`; None leaves it as it is.

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
        json.dumps([parameters, quantise]),
    ]
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    done = subprocess.run(command, env={**os.environ, **ZEROED, "PYTHONPATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"fastText failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done}")


def main(examples: str, out: str, parameters: str) -> None:
    import fasttext

    settings, quantise = json.loads(parameters)
    model = fasttext.train_supervised(examples, thread=1, verbose=0, **settings)
    if quantise is not None:
        model.quantize(examples, thread=1, verbose=0, **quantise)
    model.save_model(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
