"""The command line: ``cci-clean run | dedup | plan | index | check-contamination``. The only file that prints.

Heavy modules are imported inside the commands, so that ``cci-clean --help`` answers at once.
"""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

INTERRUPTED, FAILED, UNUSABLE = 130, 1, 2

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cci-tools")
def main() -> None:
    """Clean, deduplicate and audit Chinese text dumps into a training corpus."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese must not spoil a run


_RUN_OPTIONS = (
    click.argument("inputs", nargs=-1),
    click.option("--out", type=click.Path(path_type=Path), required=True, help="Output folder, empty or unfinished."),
    click.option("--workers", type=click.IntRange(1), help="Processes.  [default: all cores]"),
    click.option("--memory", help="Memory for all processes, such as 8GB.  [default: half of what is free]"),
    click.option("--shard-size", help="Text bytes of a shard at most.  [default: the recipe's, 256MB]"),
    click.option("--limit", type=click.IntRange(1), help="Read only the first N documents."),
    click.option("--keep-work", is_flag=True, help="Leave the work folder (OUT/.work) for looking into."),
    click.option("--overwrite", is_flag=True, help="Delete what an earlier run left in OUT."),
)


def _run_options(command: Command) -> Command:
    """What every command takes that makes a corpus."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


@main.command()
@_run_options
@click.option("--recipe", help="Recipe file, or name of a shipped one.  [default: cci]")
@click.option("--demo", is_flag=True, help="Run over the demo dump of the package.")
def run(inputs: tuple[str, ...], out: Path, recipe: str | None, demo: bool, **options: Any) -> None:
    """Turn dumps (files, folders, globs) into a clean corpus in OUT.

    A run that was stopped goes on where it was when the same command is given again.
    """
    with _errors():
        from cci_tools.resources import folder

        if demo == bool(inputs):
            raise click.UsageError("give either INPUTS or --demo")
        paths = (str(folder("seeds") / "demo" / "dump"),) if demo else inputs
        _run(paths, out, recipe or ("demo" if demo else "cci"), **options)


@main.command()
@_run_options
def dedup(inputs: tuple[str, ...], out: Path, **options: Any) -> None:
    """Deduplicate dumps and do nothing else: ``run --recipe dedup``, with the same guarantees."""
    with _errors():
        if not inputs:
            raise click.UsageError("give INPUTS")
        _run(inputs, out, "dedup", **options)


def _run(
    paths: tuple[str, ...],
    out: Path,
    recipe: str,
    *,
    workers: int | None,
    memory: str | None,
    shard_size: str | None,
    **options: Any,
) -> None:
    """Carry out a run on this machine, and show how it goes and how it ended."""
    import dataclasses
    import time

    from rich.console import Console

    from cci_tools import pipeline
    from cci_tools.engines.local import LocalEngine
    from cci_tools.recipe import RecipeError, load_recipe, parse_size
    from cci_tools.report.terminal import Watch, closing_table

    chosen = load_recipe(recipe)
    try:
        if shard_size is not None:
            chosen = dataclasses.replace(chosen, output=type(chosen.output)(shard_size=shard_size))
        budget = parse_size(memory) if memory else _free_memory() // 2
    except ValueError as error:
        raise RecipeError(str(error)) from error
    count = workers or len(os.sched_getaffinity(0))
    start = time.monotonic()
    with Watch(Console(stderr=True)) as watch, LocalEngine(count) as engine:
        summary = pipeline.run(list(paths), out, chosen, engine, memory=budget, workers=count, watch=watch, **options)
    _console().print(closing_table(summary, out, time.monotonic() - start), highlight=False)


@main.command()
@click.option("--recipe", default="cci", show_default=True, help="Recipe file, or name of a shipped one.")
def plan(recipe: str) -> None:
    """Print what a recipe does: stages, settings, thresholds, columns and reasons. Reads no dump."""
    with _errors():
        from cci_tools.recipe import load_recipe, open_stages
        from cci_tools.report.terminal import plan_view

        chosen = load_recipe(recipe)
        open_stages(chosen)
        _console().print(plan_view(chosen), highlight=False)


@main.group()
def index() -> None:
    """Make indexes."""


@index.command("benchmarks")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Index file to write, such as mine.idx.")
@click.option("--benchmark", default=None, help="Name of the benchmark, where the rows do not say it.")
@click.option("--split", default=None, help="Its split, where the rows do not say it.")
@click.option("--licence", default=None, help="Its licence, noted in the index.")
@click.option("--date", default=None, help="Its date, noted in the index.")
@click.option("--field", "fields", multiple=True, metavar="ROLE=NAME", help="Such as question=stem; may be repeated.")
def index_benchmarks(
    files: tuple[Path, ...],
    out: Path,
    benchmark: str | None,
    split: str | None,
    licence: str | None,
    date: str | None,
    fields: tuple[str, ...],
) -> None:
    """Fingerprint evaluation sets (JSON, JSON lines, CSV, Parquet). The index holds hashes, never text."""
    with _errors():
        from cci_tools.decontamination.index import build_index

        named = dict(field.partition("=")[::2] for field in fields)
        try:
            made = build_index(
                files, out, benchmark=benchmark, split=split, licence=licence, date=date, fields=named or None
            )
        except ValueError as error:
            _fail(error, UNUSABLE)
        click.echo(f"{out}: {made}")


@main.command("check-contamination")
@click.argument("corpus", nargs=-1, required=True)
@click.option("--index", "indexes", multiple=True, required=True, help="Index file or folder; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the hits.")
def check_contamination(corpus: tuple[str, ...], indexes: tuple[str, ...], out: Path) -> None:
    """Look for benchmark items in a corpus that is already there: one Parquet row a hit, and a summary."""
    with _errors():
        import tempfile

        from cci_tools.decontamination.stage import check_contamination as check
        from cci_tools.shards.reader import Reading, inputs, read_split, splits

        reading = Reading()
        with tempfile.TemporaryDirectory() as spool:
            parts = splits(inputs(corpus).files, reading, spool=spool)
            try:
                summary = check((batch for part in parts for batch in read_split(part, reading)), indexes, out)
            except (ValueError, FileNotFoundError) as error:
                _fail(error, UNUSABLE)
        click.echo(f"{summary['documents']} documents, {summary['documents_hit']} with benchmark items; see {out}")


def _console() -> Any:
    """Standard output; where it is no terminal, wide enough that lines are not broken."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120)


def _free_memory() -> int:
    """Bytes of memory that can be had without swapping: of the machine, and of the control group if it sets less."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            free = next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            free = min(free, int(file.read()))
    except (OSError, StopIteration, ValueError):
        pass  # not Linux, or no limit set ("max")
    return free


@contextmanager
def _errors() -> Iterator[None]:
    """One clear line and an exit code instead of a traceback, for what a user can mend."""
    from cci_tools.engines.local import WorkerLostError
    from cci_tools.ledger import LedgerError
    from cci_tools.recipe import RecipeError
    from cci_tools.shards.reader import InputError
    from cci_tools.workspace import WorkspaceError

    try:
        yield
    except (RecipeError, WorkspaceError, InputError) as error:
        _fail(error, UNUSABLE)
    except (WorkerLostError, LedgerError) as error:
        _fail(error, FAILED)
    except OSError as error:
        remedy = ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "; free some space and run the same command again: what is finished is kept"
        _fail(f"{error}{remedy}", FAILED)
    except KeyboardInterrupt:
        _fail("interrupted; run the same command again to go on", INTERRUPTED)


def _fail(message: Any, code: int) -> NoReturn:
    click.echo(f"cci-clean: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
