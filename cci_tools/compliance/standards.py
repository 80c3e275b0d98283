"""Figures that standards ask for. They are settings, and every page that uses one shows its standard and version."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path


class StandardsError(ValueError):
    """A file of standards cannot be used; the message names the file and the entry."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a standard.

    Parameters
    ----------
    id : str
        By which the checks ask for it.
    value : float
        The figure.
    standard, version : str
        Where it comes from.
    meaning : str
        What it limits, and in which direction.
    """

    id: str
    value: float
    standard: str
    version: str
    meaning: str


def read_standards(path: Path) -> dict[str, Figure]:
    """Figures of a TOML file of ``[[figure]]`` tables, by id.

    Raises
    ------
    StandardsError
        The file is missing or no TOML, or an entry lacks a key, has an unknown one, or one of a wrong type.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("figure", [])
    except OSError as error:
        raise StandardsError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise StandardsError(f"{path}: not a TOML file: {error}") from error
    names, figures = {field.name for field in fields(Figure)}, {}
    for number, entry in enumerate(entries, 1):
        if set(entry) != names:
            wrong = ", ".join(sorted(set(entry) ^ names))
            raise StandardsError(
                f"{path}: figure {number}: missing or unknown: {wrong}; each has {', '.join(sorted(names))}"
            )
        if isinstance(entry["value"], bool) or not isinstance(entry["value"], int | float):
            raise StandardsError(f"{path}: figure {number}: value = {entry['value']!r} is not a number")
        figures[entry["id"]] = Figure(**entry)
    return figures
