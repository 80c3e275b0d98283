"""``cci-clean audit``: what an officer asks."""

from datetime import datetime
from pathlib import Path

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
