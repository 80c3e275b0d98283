"""Where configs/ and seeds/ lie: inside the installed package, or beside it in a source checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Path of ``configs`` or ``seeds``.

    Raises
    ------
    FileNotFoundError
        The installation is incomplete.
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"cci-tools: the folder {name}/ is missing from the installation at {_PACKAGE}")


def resolve(path: str, base: Path | None = None) -> Path:
    """A path of a recipe: ``seeds/x`` and ``configs/x`` name the package's own files, others are relative to `base`."""
    first, _, rest = path.partition("/")
    if first in ("configs", "seeds") and rest:
        return folder(first) / rest
    return Path(path) if base is None else base / path
