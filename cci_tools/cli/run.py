"""``cci-clean run | dedup | plan``."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cci_tools.cli.common import console, errors

Command = TypeVar("Command", bound=Callable[..., Any])

DEDUP = "dedup"
"""Recipe of the command of this name."""

WORKER_BYTES = 500_000_000
"""What a worker takes at least: its models, what it writes at a time, and its share of the process that directs."""

ROOMY_BYTES = 1_500_000_000
"""Memory for each worker from which on freed memory need not be given back."""

_RUN_OPTIONS = (
    click.argument("inputs", nargs=-1),
    click.option("--out", type=click.Path(path_type=Path), required=True, help="Output folder, empty or unfinished."),
    click.option("--workers", type=click.IntRange(1), help="Processes at most.  [default: all cores]"),
    click.option("--memory", help="Memory for all processes, such as 8GB.  [default: half of what is free]"),
    click.option("--shard-size", help="Text bytes of a shard at most.  [default: the recipe's, 256MB]"),
    click.option("--limit", type=click.IntRange(1), help="Read only the first N documents."),
    click.option("--against", multiple=True, metavar="FOLDER", help="Earlier corpus to keep nothing of; repeatable."),
    click.option("--keep-work", is_flag=True, help="Leave the work folder (OUT/.work) for looking into."),
    click.option("--overwrite", is_flag=True, help="Delete what an earlier run left in OUT."),
)


def _run_options(command: Command) -> Command:
    """What every command takes that makes a corpus."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


@click.command()
@_run_options
@click.option("--recipe", help="Recipe file, or name of a shipped one.  [default: cci]")
@click.option("--demo", is_flag=True, help="Run over the demo dump of the package.")
@click.option("--source", "sources", multiple=True, metavar="[GLOB=]NAME", help="Source of files that do not say it.")
@click.option("--contributor", "contributors", multiple=True, metavar="[GLOB=]NAME", help="Who contributed files.")
def run(inputs: tuple[str, ...], out: Path, recipe: str | None, demo: bool, **options: Any) -> None:
    """Turn dumps (files, folders, globs) into a clean corpus in OUT.

    A run that was stopped goes on where it was when the same command is given again.
    """
    with errors():
        from cci_tools.resources import folder

        if demo == bool(inputs):
            raise click.UsageError("give either INPUTS or --demo")
        paths = (str(folder("seeds") / "demo" / "dump"),) if demo else inputs
        _run(paths, out, recipe or ("demo" if demo else "cci"), **options)


@click.command()
@_run_options
def dedup(inputs: tuple[str, ...], out: Path, **options: Any) -> None:
    """Deduplicate dumps and do nothing else: ``run --recipe dedup``, with the same guarantees."""
    with errors():
        if not inputs:
            raise click.UsageError("give INPUTS")
        _run(inputs, out, DEDUP, **options)


def _run(
    paths: tuple[str, ...],
    out: Path,
    recipe: str,
    *,
    workers: int | None,
    memory: str | None,
    shard_size: str | None,
    against: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    contributors: tuple[str, ...] = (),
    **options: Any,
) -> None:
    """Carry out a run on this machine, and show how it goes and how it ended."""
    import dataclasses
    import time

    from cci_tools.engines.local import LocalEngine
    from cci_tools.sizes import parse_size

    start = time.monotonic()
    try:
        budget = parse_size(memory) if memory else _free_memory() // 2
    except ValueError as error:
        raise click.UsageError(f"--memory: {error}") from error
    count = _affordable(workers or len(os.sched_getaffinity(0)), budget)
    modules = ["cci_tools.cli.startup", "cci_tools.cli", "cci_tools.pipeline", "numpy.ma"]
    if recipe != DEDUP:
        modules.append("cci_tools.cli.stages")
    roomy = budget // count >= ROOMY_BYTES
    if roomy:
        import cci_tools.cli.keep_memory

        modules.insert(0, "cci_tools.cli.keep_memory")
    engine = LocalEngine(count, modules, frugal=not roomy)

    from rich.console import Console

    import cci_tools.cli.startup  # noqa: F401  (for its effect)
    from cci_tools import pipeline
    from cci_tools.recipe import RecipeError, load_recipe
    from cci_tools.report.terminal import Watch, closing_table

    gc.freeze()
    gc.enable()
    chosen = load_recipe(recipe)
    try:
        if shard_size is not None:
            chosen = dataclasses.replace(chosen, output=type(chosen.output)(shard_size=shard_size))
        if against:
            if chosen.dedup is None:
                raise RecipeError(f"recipe {chosen.name}: --against needs a table [dedup]")
            folders = (*chosen.dedup.against, *(os.path.abspath(folder) for folder in against))
            chosen = dataclasses.replace(chosen, dedup=dataclasses.replace(chosen.dedup, against=folders))
        if sources or contributors:
            if chosen.compliance is None:
                raise RecipeError(f"recipe {chosen.name}: --source and --contributor need a table [compliance]")
            compliance = dataclasses.replace(
                chosen.compliance,
                sources=chosen.compliance.sources | _named(sources),
                contributors=chosen.compliance.contributors | _named(contributors),
            )
            chosen = dataclasses.replace(chosen, compliance=compliance)
    except ValueError as error:
        raise RecipeError(str(error)) from error
    with Watch(Console(stderr=True)) as watch, engine:
        summary = pipeline.run(list(paths), out, chosen, engine, memory=budget, workers=count, watch=watch, **options)
    console().print(closing_table(summary, out, time.monotonic() - start, engine.peak), highlight=False)


def _affordable(workers: int, memory: int) -> int:
    """Of so many workers those that this memory is enough for.

    >>> _affordable(8, 2_000_000_000), _affordable(2, 400_000_000)
    (4, 1)
    """
    return max(1, min(workers, memory // WORKER_BYTES))


def _named(given: tuple[str, ...]) -> dict[str, str]:
    """Pattern to name, from ``GLOB=NAME``; a name alone is that of every file."""
    parts = (text.rpartition("=") for text in given)
    return {(pattern if equals else "*").strip(): name.strip() for pattern, equals, name in parts}


@click.command()
@click.option("--recipe", default="cci", show_default=True, help="Recipe file, or name of a shipped one.")
def plan(recipe: str) -> None:
    """Print what a recipe does: stages, settings, thresholds, columns and reasons. Reads no dump."""
    with errors():
        from cci_tools.recipe import load_recipe, open_stages
        from cci_tools.report.terminal import plan_view

        chosen = load_recipe(recipe)
        open_stages(chosen)
        console().print(plan_view(chosen), highlight=False)


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
