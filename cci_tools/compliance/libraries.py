"""Keyword libraries: the words of a category of content risk, in TOML, CSV or plain text.

TOML, the form of ``seeds/keywords/``::

    category = "gambling"
    updated = 2026-11-22
    allow = ["反赌"]                      # phrases that hold a word and mean no harm

    [[group]]
    class = "A.1.a"                       # class of a standard, for `check_library`; optional
    weight = 2                            # 1 by default
    requires = ["contact"]                # the words count only beside one of these cues
    words = ["{在线|网上}博彩", "赌场"]   # {a|b} stands for either, a|nothing too; groups nest

    [cues]                                # signs of an offer, by kind
    contact = ["加微信"]

    [contexts]                            # signs that somebody judges, warns, reports or heals
    law = ["判决"]

CSV has the column `word` and any of `category`, `class`, `weight`, `requires` (divided by ``/``), `updated`; plain text
(``.txt``) one word a line, where lines that begin with ``#`` are skipped. Where they do not say it, the category is the
file's name without the suffix, and the day of the last change is not known.
"""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

MOST_FORMS = 100_000
"""Words that one line with ``{a|b}`` may stand for."""

BUILT_IN_CUES = ("number", "address")
"""Cues that need no word: telephone and account numbers, addresses of sites."""


class LibraryError(ValueError):
    """A keyword library cannot be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A word of a category.

    Parameters
    ----------
    text : str
        As the library has it, ``{a|b}`` resolved.
    category : str
        Such as ``gambling``.
    weight : float
        What one find is worth; 0 for a phrase that is allowed, and hides the words inside it.
    requires : tuple of str
        Kinds of cues, one of which must be near; empty: none needs to.
    label : str
        Class of a standard, or empty.
    entry : str
        The line that it comes from, where that stands for several words; else empty.
    """

    text: str
    category: str
    weight: float = 1.0
    requires: tuple[str, ...] = ()
    label: str = ""
    entry: str = ""


@dataclass(frozen=True, kw_only=True)
class Library:
    """What one file holds.

    Parameters
    ----------
    file : str
        Its name, for messages.
    words : tuple of Word
        In the order of the file.
    cues, contexts : mapping of str to tuple of str
        Kind to words.
    updated : datetime.date, optional
        Day of the last change.
    """

    file: str
    words: tuple[Word, ...] = ()
    cues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contexts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    updated: date | None = None


def library_files(path: Path) -> list[Path]:
    """The libraries that a path names: the file itself, or those of a folder in order of their names.

    Raises
    ------
    LibraryError
        A folder without a library.
    """
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix in (".toml", ".csv", ".txt"))
    if not files:
        raise LibraryError(f"{path}: no keyword library (.toml, .csv, .txt) in this folder")
    return files


def read_library(path: Path) -> Library:
    """Read one library.

    Parameters
    ----------
    path : Path
        ``.toml``, ``.csv`` or ``.txt``, UTF-8.

    Raises
    ------
    LibraryError
        The file is missing, not of its kind, or holds a key or value that is not possible.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise LibraryError(f"{path}: no such file") from error
    except UnicodeDecodeError as error:
        raise LibraryError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    try:
        if path.suffix == ".toml":
            return _from_toml(path, text)
        if path.suffix == ".csv":
            return _from_csv(path, text)
    except (tomllib.TOMLDecodeError, csv.Error) as error:
        raise LibraryError(f"{path}: {error}") from error
    if path.suffix != ".txt":
        raise LibraryError(f"{path}: expected a .toml, .csv or .txt file")
    lines = (line.strip() for line in text.split("\n"))
    return Library(
        file=path.name,
        words=tuple(Word(text=line, category=path.stem) for line in lines if line and not line.startswith("#")),
    )


def expand(pattern: str) -> list[str]:
    """The words that a pattern with ``{a|b}`` stands for.

    Raises
    ------
    ValueError
        The braces do not match, or there are more than `MOST_FORMS` words.

    Examples
    --------
    >>> expand("{在线|网上}赌{场|{大|小}}")
    ['在线赌场', '在线赌大', '在线赌小', '网上赌场', '网上赌大', '网上赌小']
    >>> expand("代开{发票|}")
    ['代开发票', '代开']
    """
    words, rest = _alternatives(pattern, 0, top=True)
    if rest != len(pattern):
        raise ValueError(f"{pattern!r}: a brace is closed that was not opened")
    return words


def _alternatives(pattern: str, at: int, *, top: bool = False) -> tuple[list[str], int]:
    """Alternatives from a place to the brace that closes them, and the place of that brace or the end."""
    found: list[str] = []
    parts: list[list[str]] = [[""]]
    while at < len(pattern):
        character = pattern[at]
        if character == "{":
            inner, at = _alternatives(pattern, at + 1)
            if at == len(pattern):
                raise ValueError(f"{pattern!r}: a brace is not closed")
            parts.append(inner)
        elif character == "}":
            break
        elif character == "|" and not top:
            found += _joined(pattern, parts)
            parts = [[""]]
        elif len(parts[-1]) == 1:
            parts[-1] = [parts[-1][0] + character]
        else:
            parts.append([character])
        at += 1
    return found + _joined(pattern, parts), at


def _joined(pattern: str, parts: list[list[str]]) -> list[str]:
    count = 1
    for part in parts:
        count *= len(part)
    if count > MOST_FORMS:
        raise ValueError(f"{pattern[:40]!r}: stands for {count:,} words, more than {MOST_FORMS:,}")
    return ["".join(choice) for choice in product(*parts)]


def _from_toml(path: Path, text: str) -> Library:
    values = tomllib.loads(text)
    unknown = set(values) - {"category", "updated", "allow", "group", "cues", "contexts"}
    if unknown:
        raise LibraryError(f"{path}: unknown key {min(unknown)!r}")
    category = values.get("category", path.stem)
    allowed = _words(path, "allow", values.get("allow", []))
    words = [Word(text=word, category=category, weight=0, entry=entry) for entry, word in allowed]
    for number, group in enumerate(values.get("group", []), 1):
        place = f"group {number}"
        unknown = set(group) - {"class", "weight", "requires", "words"}
        if unknown:
            raise LibraryError(f"{path}: {place}: unknown key {min(unknown)!r}")
        weight = _weight(path, place, group.get("weight", 1))
        requires = tuple(group.get("requires", ()))
        words += [
            Word(
                text=word,
                category=category,
                weight=weight,
                requires=requires,
                label=group.get("class", ""),
                entry=entry,
            )
            for entry, word in _words(path, place, group.get("words", []))
        ]
    tables = {}
    for name in ("cues", "contexts"):
        table = values.get(name, {})
        tables[name] = {
            kind: tuple(word for _, word in _words(path, f"{name}.{kind}", listed)) for kind, listed in table.items()
        }
    updated = values.get("updated")
    if updated is not None and type(updated) is not date:
        raise LibraryError(f"{path}: updated: {updated!r} is not a day; write for example 2026-11-22")
    return Library(file=path.name, words=tuple(words), updated=updated, **tables)


def _from_csv(path: Path, text: str) -> Library:
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns = rows.fieldnames or []
    for column in columns:
        if column not in ("word", "category", "class", "weight", "requires", "updated"):
            raise LibraryError(f"{path}: unknown column {column!r}")
    if "word" not in columns:
        raise LibraryError(f"{path}: column 'word' is missing; the first row names the columns")
    words, days = [], []
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise LibraryError(f"{path}: row {number}: not {len(columns)} values")
        place = f"row {number}"
        weight = _weight(path, place, row.get("weight") or 1)
        requires = tuple(filter(None, (row.get("requires") or "").split("/")))
        category, label = row.get("category") or path.stem, row.get("class") or ""
        if row["word"].strip():
            word = row["word"].strip()
            words.append(Word(text=word, category=category, weight=weight, requires=requires, label=label))
        if row.get("updated"):
            try:
                days.append(date.fromisoformat(row["updated"]))
            except ValueError as error:
                raise LibraryError(f"{path}: {place}: updated: {row['updated']!r} is not a day") from error
    return Library(file=path.name, words=tuple(words), updated=max(days, default=None))


def _weight(path: Path, place: str, value: Any) -> float:
    try:
        weight = float(value)
    except (TypeError, ValueError):
        weight = -1.0
    if not 0 <= weight <= 100:
        raise LibraryError(f"{path}: {place}: weight: {value!r} is not a number from 0 to 100")
    return weight


def _words(path: Path, place: str, listed: Any) -> list[tuple[str, str]]:
    """Words of a list, each with the entry that it comes from, where that stands for several."""
    if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
        raise LibraryError(f"{path}: {place}: expected a list of words")
    words = []
    for entry in listed:
        try:
            forms = [word for word in expand(entry) if word.strip()]
        except ValueError as error:
            raise LibraryError(f"{path}: {place}: {error}") from error
        words += [(entry if len(forms) > 1 else "", word) for word in forms]
    return words
