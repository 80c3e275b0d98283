"""Real Chinese data beside the checkout, for tests that do more where it is present."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(*parts: str) -> Path:
    """Path of a file of the shared data; skips the test where the data is not present."""
    path = ROOT.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not present: {'/'.join(parts)}")
    return path
