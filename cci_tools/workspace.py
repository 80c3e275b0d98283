"""The output folder of a run: whose it is, what is done, and how a file comes into being whole or not at all."""

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any

import xxhash

LEAVES = (
    "data",
    "rejects",
    "review",
    "index",
    "README.md",
    "report.html",
    "assessment.html",
    "assessment.json",
    "manifest.json",
)
"""What a finished run leaves; nothing else in the folder is ever deleted, and the manifest last."""

RUN = "run"
"""The mark of the run itself: its identity."""

STAMPS = "stamps"
"""Key of a mark for the files beside it that its task wrote: name to size and XXH3 in hexadecimal digits."""


class WorkspaceError(Exception):
    """The output folder cannot be used; the message names it and the remedy."""


def write_atomic(path: Path, text: str, *, lasting: bool = True) -> None:
    """Write a small file whole or not at all: under another name first, then renamed.

    One that is not `lasting` may be lost, or cut short, when the power fails soon after.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if lasting:
            os.fsync(file.fileno())
    os.replace(temporary, path)


def done(work: Path, task: str) -> dict[str, Any] | None:
    """What a finished task left in its mark, or None when it is still to do.

    Work in progress is not forced to the disk, which would double the time of a run. So a task is still to do when one
    of the files that its mark stamps is not what was written; one that is gone has been used up.
    """
    path = work / f"{task}.json"
    try:
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # cut short: the power failed
        return None
    files = [(path.with_name(name), written) for name, written in result.get(STAMPS, {}).items()]
    whole = all(tuple(written) == stamp(file) for file, written in files if file.exists())
    return result if whole else None


def stamp(path: Path) -> tuple[int, str]:
    """Size and XXH3 of a file."""
    size, digest = 0, xxhash.xxh3_64()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            digest.update(data)
            size += len(data)
    return size, digest.hexdigest()


def mark(work: Path, task: str, result: dict[str, Any]) -> dict[str, Any]:
    """Record that a task is finished, and return its result. All its files are in place before."""
    path = work / f"{task}.json"
    write_atomic(path, json.dumps(result), lasting=task == RUN)  # in ASCII: a path may hold any bytes
    return result


class Workspace:
    """Output folder of one run.

    Parameters
    ----------
    out : Path
        The folder; made when it does not exist.
    identity : dict
        What the run depends on (inputs, recipe, versions). A run is resumed only under the same identity.

    Attributes
    ----------
    out, work : Path
        The folder, and the hidden folder in it for unfinished things.
    """

    def __init__(self, out: Path, identity: dict[str, Any]) -> None:
        self.out = out
        self.work = out / ".work"
        self.identity = json.loads(json.dumps(identity, sort_keys=True, default=str))
        self._lock: IO[str] | None = None

    def claim(self, *, overwrite: bool = False) -> bool:
        """Take the folder for this run.

        Parameters
        ----------
        overwrite : bool, default False
            Delete what an earlier run left (`LEAVES`), and nothing else; but go on with an unfinished one that is this
            very run.

        Returns
        -------
        bool
            True when work of this very run was found and will be continued.

        Raises
        ------
        WorkspaceError
            The folder is in use, holds another run or anything else, or cannot be written.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            holds = {entry.name for entry in self.out.iterdir() if not entry.name.endswith(".tmp")} - {".work"}
        except OSError as error:
            raise WorkspaceError(f"{self.out}: cannot be used as output folder: {error.strerror}") from error
        finished = _is_ours(self.out / "manifest.json")
        found = done(self.work, RUN)
        if holds and not finished and found is None:
            named = ", ".join(sorted(holds)[:3])
            raise WorkspaceError(f"{self.out}: not empty, and not of a cci-clean run ({named}); choose another --out")
        resumed = found == self.identity and not (finished and overwrite)
        if found is not None and not resumed and not finished and not overwrite:
            changed = sorted(key for key in {*found, *self.identity} if found.get(key) != self.identity.get(key))
            raise WorkspaceError(
                f"{self.out}: holds an unfinished run with other {', '.join(changed)}; run it with the same inputs and "
                "recipe to go on, or use --overwrite or another --out"
            )
        if finished and not overwrite and not resumed:
            raise WorkspaceError(f"{self.out}: holds a finished run; choose another --out, or --overwrite")
        self._take_lock()
        if not resumed:
            self._clear()
            mark(self.work, RUN, self.identity)
        return resumed

    def _clear(self) -> None:
        """Delete what an earlier run left. Until the end it says that it is being deleted, whatever happens."""
        foreign = [
            path
            for folder in LEAVES
            if (self.out / folder).is_dir()
            for path in (self.out / folder).iterdir()
            if not path.name.lstrip(".").startswith("part-")
        ]
        if foreign:
            raise WorkspaceError(f"{foreign[0]}: not of a cci-clean run, so {self.out} is not cleared; move it away")
        mark(self.work, RUN, {"deleting": True})
        for entry in self.work.iterdir():
            if entry.name not in ("lock", "run.json"):
                _remove(entry)
        for name in LEAVES:
            _remove(self.out / name)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        self.work.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.work / "lock", "w")  # noqa: SIM115  (held until the run ends)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkspaceError(f"{self.out}: another cci-clean is writing to it at this moment") from error

    def close(self, *, keep_work: bool) -> None:
        """End of a finished run: give up the lock and, unless asked to keep it, delete the work folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if not keep_work:
            _remove(self.work / "run.json")  # first: without it the folder counts as finished, whatever happens next
            _remove(self.work)


def _is_ours(manifest: Path) -> bool:
    """Whether a file is the manifest of a finished run."""
    try:
        contents = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(contents, dict) and {"format", "ledger", "recipe", "files"} <= set(contents)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
