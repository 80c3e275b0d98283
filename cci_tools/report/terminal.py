"""What `cci-clean` shows: progress, the closing table, the plan of a recipe. The console is the caller's."""

import dataclasses
import json
import re
import resource
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from cci_tools import progress as steps
from cci_tools.recipe import TABLES, Recipe
from cci_tools.report.card import size
from cci_tools.shards.reader import READER_REASONS

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Watch:
    """Progress of a run, phase by phase: a bar on a terminal, a plain line now and then elsewhere.

    Parameters
    ----------
    console : rich.console.Console
        Where to show it.
    every : float, default 5.0
        Seconds between plain lines.
    """

    def __init__(self, console: Console, every: float = 5.0) -> None:
        self._console, self._every = console, every
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<8}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%  {task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._shown = 0.0

    def __enter__(self) -> "Watch":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, step: steps.Progress) -> None:
        """Show one step."""
        now = time.monotonic()
        start = self._started.setdefault(step.phase, now)
        seconds = max(now - start, 1e-3)
        rate = ""
        if step.documents and now > start:
            rate = f"{step.documents / seconds:,.0f} docs/s"
            if step.text_bytes:
                rate = f"{step.text_bytes / 1e6 / seconds:,.1f} MB/s  {rate}"
        if self._console.is_terminal:
            if step.phase not in self._tasks:
                self._tasks[step.phase] = self._bar.add_task(step.phase, total=None, rate="")
            self._bar.update(self._tasks[step.phase], completed=step.done, total=max(1, step.total), rate=rate)
        elif now - self._shown >= self._every or (step.total and step.done >= step.total):
            self._shown = now
            share = step.done / step.total if step.total else 1.0
            left = f", {seconds * (1 - share) / share:,.0f} s left" if 0 < share < 1 and now > start else ""
            parts = [f"{step.phase} {share:.0%}", f"{step.documents:,} documents", *([rate] if rate else [])]
            self._console.print(", ".join(parts) + left, highlight=False, soft_wrap=True)


def closing_table(summary: steps.Summary, out: Path, seconds: float, peak: int = 0) -> RenderableType:
    """Read, kept, rejected by stage and reason, bytes, seconds, rate and peak memory; `peak` is that of the workers."""
    ledger = summary.ledger
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("stage", "reason"):
        table.add_column(name)
    for name in ("documents", "share"):
        table.add_column(name, justify="right")
    read = max(1, ledger.read)
    table.add_row("[bold]read", "", f"{ledger.read:,}", "", end_section=True)
    counts = ledger.by_stage()
    for stage in [*summary.stages, *(name for name in counts if name not in summary.stages)]:
        for rule, count in sorted(counts.get(stage, {}).items(), key=lambda item: (-item[1], item[0])):
            table.add_row(stage, rule, f"{count:,}", f"{count / read:.2%}")
        if stage not in counts:
            table.add_row(stage, "[dim]nothing rejected[/]", "0", "")
    table.add_row("[bold]rejected", "", f"{ledger.rejected.total():,}", f"{ledger.rejected.total() / read:.2%}")
    table.add_row("[bold]kept", "", f"{ledger.kept:,}", f"{ledger.kept / read:.2%}")
    phases = ", ".join(f"{name} {value:.1f} s" for name, value in summary.seconds.items())
    lines = [
        "",
        f"text   {size(ledger.bytes_read)} read, {size(ledger.bytes_kept)} kept",
        f"time   {seconds:.1f} s ({phases})" + (", continued from earlier work" if summary.resumed else ""),
        f"rate   {size(ledger.bytes_read / seconds)}/s, {ledger.read / seconds:,.0f} documents/s",
        f"memory {max(peak, _peak()) / 1e9:.2f} GB at the peak of the largest process",
    ]
    if summary.skipped:
        named = ", ".join(summary.skipped[:3]) + (", ..." if len(summary.skipped) > 3 else "")
        lines.append(
            f"not read: {len(summary.skipped)} files of other kinds ({escape(named)}); manifest.json lists them"
        )
    lines.append(f"corpus {escape(str(out))}")
    if ledger.read and not ledger.kept:
        lines.append("[bold red]nothing was kept[/]: look at rejects/, or at `cci-clean plan` for what the recipe asks")
    if ledger.rejected["reader.missing_text"] * 20 > ledger.read:
        lines.append('documents without text: name their field in the recipe, \\[reading] text = ["its_name"]')
    return Group(table, *lines)


def _peak() -> int:
    """Bytes of the largest process of this run."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) * 1024


def plan_view(recipe: Recipe) -> RenderableType:
    """The stages of a recipe in order: settings, columns that they add, reasons for which they reject."""
    parts: list[RenderableType] = [f"[bold]recipe {escape(recipe.name)}[/]  {escape(recipe.description)}"]
    steps: list[tuple[str, Any]] = [("reading", recipe.reading)]
    tables = [name for name in TABLES if name not in ("reading", "output")]
    steps += [(name, getattr(recipe, name)) for name in tables if getattr(recipe, name) is not None]
    steps.append(("output", recipe.output))
    for number, (name, step) in enumerate(steps, 1):
        version = getattr(step, "version", "")
        parts.append(f"\n[bold]{number}. {name}[/]" + (f"  version {version}" if version else ""))
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(min_width=14)
        table.add_column(overflow="fold")
        for field in dataclasses.fields(step):
            table.add_row(f"  {field.name}", _setting(getattr(step, field.name)))
        for key, value in getattr(step, "resolved", dict)().items():
            for line in value.items() if isinstance(value, dict) else [(None, value)]:
                table.add_row(f"  [dim]{key}[/]", f"{line[0]}: {line[1]}" if line[0] else _setting(line[1]))
        if added := getattr(step, "adds", ()):
            table.add_row("  [dim]adds[/]", ", ".join(f"{column.name} ({_short(column.type)})" for column in added))
        reasons = READER_REASONS if name == "reading" else getattr(step, "reasons", {})
        for reason, meaning in reasons.items():
            table.add_row("  [dim]rejects[/]", f"{reason}: {meaning}")
        parts.append(table)
    return Group(*parts)


def story_view(story: dict[str, Any]) -> RenderableType:
    """What became of a document, a line for each step that found something."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(min_width=15)
    table.add_column(overflow="fold")
    for step, found in story.items():
        if step in ("id", "verdict"):
            continue
        if isinstance(found, dict):
            found = ", ".join(f"{name} {_told(value)}" for name, value in found.items())
        table.add_row(f"  {step}", escape(harmless(str(found))))
    colour = {"kept": "green", "rejected": "red"}.get(story["verdict"], "yellow")
    return Group(f"[bold]{escape(harmless(story['id']))}[/]  [{colour}]{story['verdict']}[/]", table)


def harmless(text: str) -> str:
    """Text of a document for a terminal, which must not take its control characters for commands.

    >>> harmless("a\\x1b]0;b\\x07\\n汉")
    'a�]0;b�\\n汉'
    """
    return _CONTROLS.sub("�", text)


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        return escape(", ".join(f"{key} = {item}" for key, item in value.items())) or "none"
    if isinstance(value, tuple | list):
        return escape(", ".join(map(str, value))) or "none"
    return escape(str(value)) if value != "" else '""'


def _short(kind: Any) -> str:
    text = str(kind)
    return text if len(text) <= 40 else text.partition("<")[0]
