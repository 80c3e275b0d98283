"""TOML to `Recipe`: which stages run, with which settings. A mistake is one line that names file and key."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cci_tools.resources import folder, resolve
from cci_tools.shards.reader import Reading
from cci_tools.sizes import parse_size
from cci_tools.stage import Stage

if TYPE_CHECKING:
    from cci_tools.cleaning.stage import Cleaning
    from cci_tools.cleaning.stage_privacy import Privacy
    from cci_tools.compliance.stage import Compliance
    from cci_tools.compliance.stage_risk import Risk
    from cci_tools.decontamination.stage import Decontamination
    from cci_tools.dedup.stages import Dedup
    from cci_tools.dedup.stages_passages import Passages
    from cci_tools.quality.stage import Quality


class RecipeError(Exception):
    """A recipe cannot be used; the message names the file, the key and the remedy."""


SMALLEST_SHARD = 100_000
"""Text bytes; a smaller limit is a mistake in the unit."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """Recipe table ``[output]``.

    Parameters
    ----------
    shard_size : str
        Text bytes of a shard at most. Shards of a run are of about equal size; smaller ones are read by more
        workers of a training job, larger ones are fewer files. A corpus of 128 MB or more has at least four.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    shard_size: str = "256MB"

    def __post_init__(self) -> None:
        if parse_size(self.shard_size) < SMALLEST_SHARD:
            raise ValueError(f"shard_size = {self.shard_size!r}: at least 100KB, or the files would be too many")

    @property
    def shard_bytes(self) -> int:
        """`shard_size` in bytes."""
        return parse_size(self.shard_size)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a run does. A stage whose table the recipe leaves out does not run.

    Stages run in the order of the fields. Model and benchmark screening come before matching, so that the document
    that a duplicate names as its kept copy is in the corpus indeed.
    """

    name: str
    description: str = ""
    reading: Reading = field(default_factory=Reading)
    compliance: Compliance | None = None
    cleaning: Cleaning | None = None
    passages: Passages | None = None
    risk: Risk | None = None
    privacy: Privacy | None = None
    quality: Quality | None = None
    decontamination: Decontamination | None = None
    dedup: Dedup | None = None
    output: Output = field(default_factory=Output)

    def stages(self) -> list[Stage]:
        """The stages of the screen pass, in order; the last one signs the documents for matching."""
        text = [self.compliance, self.cleaning, self.passages, self.risk, self.privacy]
        chosen = [*text, self.quality, self.decontamination]
        stages: list[Stage] = [stage for stage in chosen if stage is not None]
        return [*stages, self.dedup.sign()] if self.dedup is not None else stages

    def to_dict(self) -> dict[str, Any]:
        """The resolved recipe as JSON types: every setting, and the version of every stage."""
        values = json.loads(json.dumps(dataclasses.asdict(self), default=str))
        for name in values:
            table = getattr(self, name)
            if hasattr(table, "version"):
                values[name] |= {"version": table.version, "resolved": table.resolved()}
        return {key: value for key, value in values.items() if value is not None}


TABLES = {
    "reading": "cci_tools.shards.fields:Reading",
    "compliance": "cci_tools.compliance.stage:Compliance",
    "cleaning": "cci_tools.cleaning.stage:Cleaning",
    "passages": "cci_tools.dedup.stages_passages:Passages",
    "risk": "cci_tools.compliance.stage_risk:Risk",
    "privacy": "cci_tools.cleaning.stage_privacy:Privacy",
    "quality": "cci_tools.quality.stage:Quality",
    "decontamination": "cci_tools.decontamination.stage:Decontamination",
    "dedup": "cci_tools.dedup.stages:Dedup",
    "output": "cci_tools.recipe:Output",
}
"""Where the class of each table is; imported for the tables that a recipe has, so that a run starts with no more."""


def find_recipe(name: str) -> Path:
    """A recipe's path from a path, or from the name of a recipe of the package (``cci``, ``strict``).

    Raises
    ------
    RecipeError
        Neither exists.
    """
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise RecipeError(f"{name}: no such recipe file")
        return path
    shipped = folder("configs") / f"{name}.toml"
    if not shipped.is_file():
        names = ", ".join(sorted(p.stem for p in folder("configs").glob("*.toml")))
        raise RecipeError(f"recipe {name!r}: neither a file nor one of the shipped recipes ({names})")
    return shipped


def load_recipe(name: str) -> Recipe:
    """Read and check a recipe.

    Parameters
    ----------
    name : str
        Path of a TOML file, or the name of a shipped recipe.

    Returns
    -------
    Recipe

    Raises
    ------
    RecipeError
        The file is missing or is not TOML, a key is unknown, a value has the wrong type or is out of range, or a file
        that a key names cannot be read.
    """
    path = find_recipe(name)
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: not a readable TOML file: {error}") from error
    known = {"name": str, "description": str, **TABLES}
    for key, value in values.items():
        if key not in known:
            raise RecipeError(f"{path}: {key}: unknown key{_suggestion(key, known)}")
        if not isinstance(value, dict if key in TABLES else str):
            raise RecipeError(f"{path}: {key}: expected {'a table' if key in TABLES else 'a string'}")
    tables = {key: _table(path, key, values[key]) for key in TABLES if key in values}
    return Recipe(name=values.get("name", path.stem), description=values.get("description", ""), **tables)


def file_digests(recipe: Recipe) -> dict[str, str]:
    """SHA-256 of every file that the recipe names: registries, lists, models, indexes.

    Of a folder, that of its manifest where it has one (a corpus), or of every file in it.
    """
    digests = {}
    for key in TABLES:
        table = getattr(recipe, key)
        for item in dataclasses.fields(table) if table is not None else ():
            named = getattr(table, item.name) if item.metadata.get("path") else ()
            for name in (named,) if isinstance(named, str) else named:
                path = resolve(name)
                inside = sorted(path.iterdir()) if path.is_dir() else [path]
                manifest = [file for file in inside if file.name == "manifest.json"]
                for file in (manifest or inside) if name else ():
                    if file.is_file():
                        shown = f"{name}/{file.name}" if path.is_dir() else name
                        digests[shown] = hashlib.sha256(file.read_bytes()).hexdigest()
    return dict(sorted(digests.items()))


def open_stages(recipe: Recipe) -> None:
    """Open every stage, so that a list or model that cannot be used is told before anything is read.

    Raises
    ------
    RecipeError
        With the stage, the file and what is wrong with it.
    """
    opened: list[Any] = [*recipe.stages(), *([recipe.dedup] if recipe.dedup is not None else [])]
    for stage in opened:
        try:
            stage.open()
        except Exception as error:  # whatever a file that is not what it should be makes of a parser
            said = str(error) if isinstance(error, OSError | ValueError) else f"{type(error).__name__}: {error}"
            raise RecipeError(f"recipe {recipe.name}: [{stage.name}] {said}") from error


def _table(path: Path, key: str, values: dict[str, Any]) -> Any:
    """One table as its dataclass; paths are resolved from the recipe's folder, and must be readable."""
    from pydantic import TypeAdapter, ValidationError

    module, _, name = TABLES[key].partition(":")
    kind: Any = getattr(import_module(module), name)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    values = dict(values)
    for name, value in values.items():
        if name not in fields:
            raise RecipeError(f"{path}: [{key}] {name}: unknown key{_suggestion(name, fields)}")
        if fields[name].metadata.get("path"):
            values[name] = _absolute(value, path.parent)
    try:
        # JSON in between: pydantic's strict mode takes a JSON array, but not a Python list, for a tuple.
        table: Any = TypeAdapter(kind).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f" {part}" for part in first["loc"][:1])
        message = _PLAIN.get(first["type"], first["msg"].removeprefix("Value error, ").removeprefix(f"{key}."))
        raise RecipeError(f"{path}: [{key}]{where}: {message}") from error
    for name, item in fields.items():
        named = getattr(table, name) if item.metadata.get("path") else ()
        for file in (named,) if isinstance(named, str) else named:
            if file and not resolve(file).exists():
                raise RecipeError(f"{path}: [{key}] {name}: cannot read {file}: no such file or folder")
    return table


_PLAIN = {
    "bool_type": "expected true or false",
    "dict_type": "expected a table",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "string_type": "expected a string",
    "tuple_type": 'expected a list, such as ["a", "b"]',
}
"""Type errors in the words of a recipe."""


def _absolute(value: Any, base: Path) -> Any:
    if isinstance(value, list):
        return [_absolute(item, base) for item in value]
    if not isinstance(value, str) or not value or value.startswith(("seeds/", "configs/")):
        return value
    return str(base / value)


def _suggestion(key: str, known: Any) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"
