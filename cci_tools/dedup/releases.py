"""The corpora of earlier runs that a new dump is matched against: found, and checked before they are used."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cci_tools.kernels.sign import SCHEMES, Scheme


class Part(NamedTuple):
    """An index file, the data file with the same rows, and how many these are."""

    index_file: Path
    data_file: Path | None
    rows: int


@dataclass(frozen=True)
class Release:
    """A corpus of an earlier run.

    Attributes
    ----------
    name : str
        By which rejects and reports call it: the end of its path.
    digest : str
        SHA-256 of its manifest, which names the digests of all its files.
    texts : bool
        Whether its ``data/`` is there, so that near-duplicates can be verified.
    scheme, width, slots : str, int, int
        Of its signatures.
    parts : tuple of Part
        Its files.
    removed : dict of str to str
        Digests of the matching keys of texts that were removed on request, hexadecimal, and the day.
    """

    name: str
    digest: str
    scheme: Scheme
    width: int
    slots: int
    texts: bool
    parts: tuple[Part, ...]
    removed: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def documents(self) -> int:
        """Number of documents."""
        return sum(part.rows for part in self.parts)


def open_releases(paths: Sequence[str], *, width: int, slots: int, scheme: Scheme = "fss") -> tuple[Release, ...]:
    """The releases in some folders, after a check that their indexes are whole and of the right kind.

    Parameters
    ----------
    paths : sequence of str
        Output folders of finished runs.
    width, slots, scheme : int, int, str
        Of the signatures that they will be compared with.

    Raises
    ------
    ValueError
        A folder is not a finished corpus, its index is damaged or missing, or of another scheme, width or number of
        slots; one line that names the file, what is wrong and the remedy.
    """
    releases = []
    for path, name in zip(paths, _names([Path(path).resolve() for path in paths]), strict=True):
        release = open_release(Path(path), name)
        pairs = (("scheme", release.scheme, scheme), ("width", release.width, width), ("slots", release.slots, slots))
        for what, old, new in pairs:
            if old != new:
                raise ValueError(f"{path}: its index has {what} = {old}, the recipe has {new}: use the same in both")
        releases.append(release)
    return tuple(releases)


def _names(paths: list[Path]) -> list[str]:
    """The shortest ends of the paths that tell them apart."""
    if len(set(paths)) < len(paths):
        raise ValueError("against: the same folder is named twice")
    depth = 1
    while len(set(names := ["/".join(path.parts[-depth:]) for path in paths])) < len(paths):
        depth += 1
    return names


def open_release(path: Path, name: str = "") -> Release:
    """The release in a folder, of any scheme, width and slots; raises as `open_releases` does."""
    try:
        content = (path / "manifest.json").read_bytes()
        manifest = json.loads(content)
        format_, dedup = manifest["versions"]["signature_scheme"], manifest["recipe"].get("dedup")
        width, slots = (dedup["width"], dedup["slots"]) if dedup else (0, 0)
        files = {file["path"]: file for file in manifest["files"]}
    except FileNotFoundError:
        raise ValueError(f"{path}: no manifest.json, so it is not the folder of a finished run") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path / 'manifest.json'}: not the manifest of a run: {error!r}") from error
    if dedup is None:
        raise ValueError(f"{path}: made without [dedup], so it has no signatures; run it again with them")
    scheme = scheme_of(format_)
    if scheme is None:
        raise ValueError(f"{path}: its index has signatures {format_}, this version makes {formats()}: run it again")
    digest = hashlib.sha256(content).hexdigest()
    texts, parts = _parts(path, files)
    removed = {key: record["when"] for record in manifest.get("removals", []) for key in record["digests"]}
    return Release(name or path.resolve().name, digest, scheme, width, slots, texts, parts, removed)


def scheme_of(name: str) -> Scheme | None:
    """The scheme of a signature format, or None where this version does not make it."""
    return next((scheme for scheme, made in SCHEMES.items() if made == name), None)


def formats() -> str:
    """The signature formats of this version, for messages."""
    return " and ".join(SCHEMES.values())


def _parts(path: Path, files: dict[str, Any]) -> tuple[bool, tuple[Part, ...]]:
    """Whether a release has texts, and its files, checked: the indexes by digest, the data by size."""
    texts = (path / "data").is_dir()
    parts = []
    for name in sorted(name for name in files if name.startswith("index/")):
        data = name.replace("index/", "data/", 1)
        for file in (name, data) if texts else (name,):
            if not (path / file).is_file():
                raise ValueError(f"{path / file}: is missing; bring it back, or leave this release out")
            if (path / file).stat().st_size != files[file]["bytes"]:
                raise ValueError(f"{path / file}: damaged, its size is not that of the manifest")
        if _sha256(path / name, (path / name).stat().st_mtime_ns) != files[name]["sha256"]:
            raise ValueError(f"{path / name}: damaged, its SHA-256 is not that of the manifest")
        parts.append(Part(path / name, path / data if texts else None, files[name]["rows"]))
    return texts, tuple(parts)


@cache
def _sha256(path: Path, modified: int) -> str:
    """Digest of a file as it is since some moment. Cached, because a run asks several times."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
