"""``cci-clean audit``: what an officer asks."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cci_tools.cli.common import UNUSABLE, console, errors, fail


@click.group()
def audit() -> None:
    """Check what stands behind a corpus."""


@audit.command("keywords")
@click.argument("libraries", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--standards", type=click.Path(path_type=Path), help="Figures to check.  [default: the shipped ones]")
@click.option("--class", "classes", multiple=True, help="Class that must be there, such as A.1.a; may be repeated.")
@click.option("--clean", multiple=True, help="Dump of clean documents, to find words that are too general.")
@click.option("--too-general", type=click.FloatRange(0, 1, min_open=True), default=0.01, show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Day from which age is counted.  [default: today]")
def audit_keywords(
    libraries: tuple[Path, ...],
    standards: Path | None,
    classes: tuple[str, ...],
    clean: tuple[str, ...],
    too_general: float,
    today: datetime | None,
) -> None:
    """Check keyword libraries (files or folders): size, classes, age, useless words. Exit code 1: some check failed."""
    with errors():
        from rich.table import Table

        from cci_tools.compliance.libraries import library_files, read_library
        from cci_tools.compliance.library_check import check_libraries
        from cci_tools.compliance.standards import read_standards
        from cci_tools.resources import folder

        try:
            checks = check_libraries(
                [read_library(file) for path in libraries for file in library_files(path)],
                read_standards(standards or folder("seeds") / "standards.toml"),
                today=(today or datetime.now()).date(),
                classes=classes,
                clean=_texts(clean),
                too_general=too_general,
            )
        except ValueError as error:
            fail(error, UNUSABLE)
        table = Table("", "found", "setting", "", box=None)
        for check in checks:
            table.add_row(check.name, check.value, check.setting, "ok" if check.passed else "[bold]no[/]")
        console().print(table, highlight=False)
        if not all(check.passed for check in checks):
            raise SystemExit(1)


@audit.command("sources")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--registry", multiple=True, help="Registry to judge by; may be repeated.  [default: those of the run]")
@click.option("--all", "everything", is_flag=True, help="Also sources that nothing is to be settled about.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def audit_sources_command(corpus: Path, registry: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """List sources of a run that are unknown, in review, or lack evidence (licence, robots, contract)."""
    with errors():
        from rich.markup import escape
        from rich.table import Table

        from cci_tools.audit.sources import audit_sources
        from cci_tools.compliance.registry import RegistryError
        from cci_tools.corpus import open_corpus
        from cci_tools.report.card import size

        try:
            rows = audit_sources(open_corpus(corpus), registry)
        except RegistryError as error:
            fail(error, UNUSABLE)
        shown = [row for row in rows if everything or row["problems"]]
        if as_json:
            for row in shown:
                click.echo(json.dumps(row, ensure_ascii=False))
            return
        table = Table("source", "name", "tier", box=None)
        for name in ("documents", "text"):
            table.add_column(name, justify="right")
        table.add_column("to settle")
        for row in shown:
            problems = "; ".join(f"{problem}: {why}" for problem, why in row["problems"].items())
            cells = [escape(row[name]) for name in ("source", "name", "tier")]
            table.add_row(*cells, f"{row['documents']:,}", size(row["bytes"]), escape(problems))
        settled = sum(1 for row in rows if not row["problems"])
        console().print(table, f"{len(rows):,} sources; nothing to settle about {settled:,}", highlight=False)


@audit.command("sample")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("-n", "size", type=click.IntRange(1), default=4000, show_default=True, help="Documents to draw.")
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses the sample.")
@click.option("--to", type=click.Path(path_type=Path), default=Path("sample.xlsx"), show_default=True, help="Sheet.")
@click.option("--read", "sheet", type=click.Path(exists=True, path_type=Path), help="Read this filled sheet instead.")
@click.option("--standards", type=click.Path(path_type=Path), help="Figures to compare with.  [default: shipped]")
@click.option("--overwrite", is_flag=True, help="Replace a sheet that is there.")
def audit_sample(
    corpus: Path, size: int, seed: int, to: Path, sheet: Path | None, standards: Path | None, overwrite: bool
) -> None:
    """Draw documents for people to check, as .xlsx and .csv; or tell what a filled sheet says."""
    with errors():
        from cci_tools.audit.sample import draw, read_sheet, write_sheet
        from cci_tools.corpus import open_corpus

        opened = open_corpus(corpus)
        if sheet is None:
            taken = [path for path in (to.with_suffix(".xlsx"), to.with_suffix(".csv")) if path.exists()]
            if taken and not overwrite:
                fail(f"{taken[0]}: exists, and may hold verdicts; choose another --to, or --overwrite", UNUSABLE)
            rows = draw(opened, size, seed)
            write_sheet(rows, to)
            click.echo(
                f"{to.with_suffix('.xlsx')}, {to.with_suffix('.csv')}: {len(rows):,} documents; write pass or fail "
                f"(通过, 不通过) into `verdict`, then: cci-clean audit sample {corpus} --read {to}"
            )
            return
        result, figures = read_sheet(sheet, opened), _standards(standards)
        if not result["judged"]:
            fail(f"{sheet}: no verdict is filled in", UNUSABLE)
        counts = f"judged {result['judged']:,} of {result['sampled']:,}, passed {result['passed']:,}"
        click.echo(f"{counts}: {result['pass_rate']:.2%} (95 % interval {result['low']:.2%} to {result['high']:.2%})")
        for name in ("manual_documents", "manual_pass_rate"):
            if name in figures:
                figure = figures[name]
                click.echo(f"setting: {figure.meaning}: {figure.value:g} ({figure.standard}, {figure.version})")
        for problem, count in result["problems"].items():
            click.echo(f"  {problem}: {count:,}")


@audit.command("assess")
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--sheet", type=click.Path(exists=True, path_type=Path), help="Filled sheet of `audit sample`.")
@click.option("--registry", multiple=True, help="Registry to judge by; may be repeated.  [default: those of the run]")
@click.option("--standards", type=click.Path(path_type=Path), help="Figures to compare with.  [default: shipped]")
def audit_assess(corpus: Path, sheet: Path | None, registry: tuple[str, ...], standards: Path | None) -> None:
    """Write assessment.json and assessment.html into CORPUS: what was checked, by which setting, what was found."""
    with errors():
        from cci_tools.audit.assess import assessment, to_json
        from cci_tools.audit.sample import read_sheet
        from cci_tools.compliance.registry import RegistryError
        from cci_tools.corpus import open_corpus
        from cci_tools.report.html import page
        from cci_tools.workspace import write_atomic

        opened = open_corpus(corpus)
        filled = None if sheet is None else read_sheet(sheet, opened)
        try:
            result = assessment(opened, _standards(standards), sheet=filled, registry=registry)
        except RegistryError as error:
            fail(error, UNUSABLE)
        write_atomic(corpus / "assessment.json", to_json(result))
        write_atomic(corpus / "assessment.html", page("assessment.html", a=result))
        click.echo(f"{corpus / 'assessment.html'}, {corpus / 'assessment.json'}")


def _standards(path: Path | None) -> Any:
    from cci_tools.compliance.standards import StandardsError, read_standards
    from cci_tools.resources import folder

    try:
        return read_standards(path or folder("seeds") / "standards.toml")
    except StandardsError as error:
        fail(error, UNUSABLE)


def _texts(dumps: tuple[str, ...]) -> list[str]:
    """All texts of some dumps."""
    if not dumps:
        return []
    import tempfile

    from cci_tools.shards.reader import Reading, inputs, read_split, splits

    reading = Reading()
    with tempfile.TemporaryDirectory() as spool:
        parts = splits(inputs(dumps).files, reading, spool=spool)
        return [text for part in parts for batch in read_split(part, reading) for text in batch["text"].to_pylist()]
