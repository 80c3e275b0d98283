"""The pipeline: screen every split, match once, publish shards. Each task leaves a done mark, so a killed run goes on.

screen   reader -> compliance -> cleaning -> quality -> decontamination -> sign; rejects leave, the rest is written once
         (with [passages], after cleaning: what repeats across documents is learnt from all, then cut from each)
match    exact duplicates, candidates, exact verification, keepers: reads ids, digests, signatures, priorities
publish  drop what lost; sized Parquet shards, rejects, index; manifest and card close the run
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cci_tools.corpus import Corpus
from cci_tools.ledger import Ledger, LedgerError
from cci_tools.match import Match
from cci_tools.prepare import Learn, Prepared
from cci_tools.progress import Clock, Progress, Summary
from cci_tools.publish import Part, Publish, plan_parts
from cci_tools.recipe import Recipe, file_digests, open_stages
from cci_tools.report.card import card
from cci_tools.report.figures import figures
from cci_tools.report.html import report_page
from cci_tools.screen import Screen, divide
from cci_tools.shards.file_report import with_counts
from cci_tools.shards.manifest import digest_file, manifest, to_json
from cci_tools.shards.reader import InputError, Inputs, Split, inputs, splits
from cci_tools.version import VERSION
from cci_tools.workspace import Workspace, write_atomic

MATCH_THREADS = 8
"""Threads that compare texts at most; each may take 160 MB."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """Where tasks are carried out; see `cci_tools.engines`."""

    def map(self, fn: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results of ``fn(item)`` as they become ready; items are taken one by one, when they are needed."""
        ...


def run(
    paths: Sequence[str],
    out: Path,
    recipe: Recipe,
    engine: Engine,
    *,
    memory: int,
    workers: int = 1,
    limit: int | None = None,
    keep_work: bool = False,
    overwrite: bool = False,
    watch: Callable[[Progress], None] = lambda progress: None,
) -> Summary:
    """Turn dumps into a corpus.

    Parameters
    ----------
    paths : sequence of str
        Files, folders and globs.
    out : Path
        Output folder; the README lists what a run leaves in it.
    recipe : Recipe
        What to do.
    engine : Engine
        Where to do it.
    memory : int
        Bytes that the run may take, all processes together. It changes how much is done at a time, never the result.
    workers : int, default 1
        Number of tasks that the engine runs side by side, to share `memory` among.
    limit : int, optional
        Read the first `limit` documents only, for a trial.
    keep_work : bool, default False
        Leave the work folder, for looking into.
    overwrite : bool, default False
        Delete what an earlier run left in `out`.
    watch : callable, optional
        Called with a `Progress` whenever a task is finished.

    Returns
    -------
    Summary

    Raises
    ------
    cci_tools.recipe.RecipeError
        A file that a stage needs cannot be used.
    cci_tools.shards.reader.InputError
        There is nothing to read.
    cci_tools.workspace.WorkspaceError
        `out` is in use, or holds something else.
    cci_tools.ledger.LedgerError
        Documents were lost; nothing is published.
    OSError
        The disk is full, or cannot be written.
    """
    open_stages(recipe)
    found = _inputs(paths, out)
    named = file_digests(recipe)
    space = Workspace(out, _identity(found, recipe, named, limit))
    resumed = space.claim(overwrite=overwrite)
    clock = Clock()

    stages = tuple(recipe.stages())
    packed = found.stored_bytes > memory // 16  # else the work files stay in memory anyway, even of a packed dump
    screen = Screen(stages, recipe.reading, space.work, _batch_bytes(memory, workers), packed=packed)
    if recipe.passages is None or recipe.passages.learnt:  # nothing to learn, or learnt in an earlier run
        read = screened = _read(found, screen, engine, limit, watch)
    else:
        prepare, screen = divide(screen, recipe.passages)
        read = prepared = _read(found, prepare, engine, limit, watch)
        next(iter(engine.map(Learn(space.work, len(prepared), recipe.passages, memory), ["learn"])))
        clock.lap("prepare")
        again = [Prepared(space.work, result["split"], result["stored_bytes"]) for result in prepared]
        screened = _screen(screen, again, engine, Progress("screen", 0, found.stored_bytes), watch)
    clock.lap("screen")

    match = Match(space.work, len(screened), recipe.dedup, memory, min(workers, MATCH_THREADS), recipe.compliance)
    digest_inputs = [partial(digest_file, file) for file in found.files]  # for the cores that matching leaves idle
    matched, *digests = _together(engine, [partial(match, "match"), *digest_inputs])
    watch(Progress("match", 1, 1, matched["documents"]))
    clock.lap("match")

    parts = plan_parts(space.work, screened, recipe.output.shard_bytes)
    published = _publish(parts, Publish(out, space.work), engine, watch)
    ledger = _close_ledger(screened, matched, published, out)
    _check_unchanged(found)
    settings = {**recipe.to_dict(), "files": named}
    rows = with_counts(digests, (result["files"] for result in read))
    contents = manifest(settings, limit, rows, list(found.skipped), published, ledger, matched)
    write_atomic(out / "README.md", card(contents))
    write_atomic(out / "report.html", report_page(contents, figures(Corpus(out, contents))))
    write_atomic(out / "manifest.json", to_json(contents))
    clock.lap("publish")
    space.close(keep_work=keep_work)
    names = ["reader", *(stage.name for stage in stages)]
    return Summary(ledger, matched["report"], found.skipped, names, clock.seconds, resumed)


def _together(engine: Engine, tasks: list[Callable[[], Any]]) -> list[Any]:
    """Carry out different tasks side by side; results in the order of the tasks."""
    results = dict(engine.map(_numbered, enumerate(tasks)))
    return [results[number] for number in range(len(tasks))]


def _numbered(item: tuple[int, Callable[[], Any]]) -> tuple[int, Any]:
    number, task = item
    return number, task()


def _read(
    found: Inputs, screen: Screen, engine: Engine, limit: int | None, watch: Callable[[Progress], None]
) -> list[dict[str, Any]]:
    """Screen all splits of the inputs; results in the order of the splits."""
    work = screen.work
    source = splits(
        found.files,
        screen.reading,
        spool=work / "spool",
        split_bytes=_split_bytes(found.stored_bytes),
        is_done=lambda number: screen.finished(number) is not None,
    )
    progress = Progress(screen.folder, 0, found.stored_bytes)
    if limit is None:
        return _screen(screen, source, engine, progress, watch)
    results = []
    for split in source:  # one by one: each has to know how many documents those before it had
        results += _screen(replace(screen, limit=limit), [split], engine, progress, watch)
        limit -= results[-1]["ledger"]["read"]
        if limit <= 0:
            break
    return results


def _screen(
    screen: Screen,
    items: Iterable[Split | Prepared],
    engine: Engine,
    progress: Progress,
    watch: Callable[[Progress], None],
) -> list[dict[str, Any]]:
    """Screen splits; results in the order of the splits."""
    results = []
    for result in engine.map(screen, items):
        results.append(result)
        ledger = result["ledger"]
        progress = replace(
            progress,
            done=progress.done + result["stored_bytes"],
            documents=progress.documents + ledger["read"],
            text_bytes=progress.text_bytes + ledger["bytes_read"],
        )
        watch(progress)
    return sorted(results, key=lambda result: int(result["split"]))


def _publish(
    parts: list[Part], publish: Publish, engine: Engine, watch: Callable[[Progress], None]
) -> list[dict[str, Any]]:
    """Write all parts; results in the order of their paths."""
    progress = Progress("publish", 0, sum(part.bytes for part in parts))
    results = []
    for result in engine.map(publish, sorted(parts, key=lambda part: -part.bytes)):  # a long one last would be alone
        results.append(result)
        rows = result["rows"] if result["kind"] == "data" else 0
        progress = replace(progress, done=progress.done + result["text_bytes"], documents=progress.documents + rows)
        watch(progress)
    return sorted(results, key=lambda result: result["files"][0]["path"])


def _close_ledger(
    screened: list[dict[str, Any]], matched: dict[str, Any], published: list[dict[str, Any]], out: Path
) -> Ledger:
    """The ledger of the run, checked against itself and against the rows that are on the disk."""
    screen = sum((Ledger.from_dict(result["ledger"]) for result in screened), Ledger())
    lost = Ledger.from_dict(matched["ledger"])
    ledger = screen.then(lost)
    for kinds, expected in ((("data",), ledger.kept), (("rejects", "review"), ledger.rejected.total())):
        rows = sum(result["rows"] for result in published if result["kind"] in kinds)
        Ledger(read=expected, kept=rows).check()
    for file in (file for result in published for file in result["files"]):
        path = out / file["path"]
        if not path.is_file() or path.stat().st_size != file["bytes"]:
            raise LedgerError(f"{path}: missing or not as it was written; run again with --overwrite")
    return ledger


def _inputs(paths: Sequence[str], out: Path) -> Inputs:
    """The files to read. What lies in the output folder is not an input, even when the folder is inside one."""
    home = out.resolve()
    for path in paths:
        if Path(path).resolve().is_relative_to(home):
            raise InputError(f"{path}: lies in the output folder {out}; choose another --out")
    found = inputs(paths)
    inside = {file.path for file in found.files if Path(file.path).resolve().is_relative_to(home)}
    if not inside:
        return found
    files = [file for file in found.files if file.path not in inside]
    if not files:
        raise InputError(f"{', '.join(paths)}: nothing to read but the output folder {out}")
    return Inputs(files, [*found.skipped, f"{out}: the output folder"])


def _check_unchanged(found: Inputs) -> None:
    """A run over files that changed meanwhile stands for no input."""
    for file in found.files:
        try:
            status = os.stat(file.path)
            changed = (status.st_size, status.st_mtime_ns) != (file.stored_bytes, file.modified)
        except OSError:
            changed = bool(file.modified)  # it was there when the run began
        if changed:
            raise InputError(f"{file.name}: changed while it was read; run again with --overwrite")


def _identity(found: Inputs, recipe: Recipe, named: dict[str, str], limit: int | None) -> dict[str, Any]:
    """All that the result depends on; an unfinished run is continued only when none of it changed."""
    return {
        "version": VERSION,
        "inputs": [[file.path, file.stored_bytes, file.modified] for file in found.files],
        "recipe": recipe.to_dict(),
        "files named in the recipe": named,
        "limit": limit,
    }


def _split_bytes(stored_bytes: int) -> int:
    """Text bytes of a split: small enough to keep all workers busy to the end, large enough for few thousand files."""
    return max(16_000_000, min(256_000_000, stored_bytes // 1000))


def _batch_bytes(memory: int, workers: int) -> int:
    """Text bytes of a batch. Measured: a worker takes about 40 times as much at its peak, beside 300 MB for itself."""
    share = memory // workers - 300_000_000
    return max(500_000, min(8_000_000, share // 40))
