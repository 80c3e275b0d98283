"""``cci-clean index | check-contamination``."""

from pathlib import Path

import click

from cci_tools.cli.common import UNUSABLE, errors, fail


@click.group()
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
    with errors():
        from cci_tools.decontamination.index import build_index

        named = dict(field.partition("=")[::2] for field in fields)
        try:
            made = build_index(
                files, out, benchmark=benchmark, split=split, licence=licence, date=date, fields=named or None
            )
        except ValueError as error:
            fail(error, UNUSABLE)
        click.echo(f"{out}: {made}")


@click.command("check-contamination")
@click.argument("corpus", nargs=-1, required=True)
@click.option("--index", "indexes", multiple=True, required=True, help="Index file or folder; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the hits.")
def check_contamination(corpus: tuple[str, ...], indexes: tuple[str, ...], out: Path) -> None:
    """Look for benchmark items in a corpus that is already there: one Parquet row a hit, and a summary."""
    with errors():
        import tempfile

        from cci_tools.decontamination.stage import check_contamination as check
        from cci_tools.shards.reader import Reading, inputs, read_split, splits

        reading = Reading()
        with tempfile.TemporaryDirectory() as spool:
            parts = splits(inputs(corpus).files, reading, spool=spool)
            try:
                summary = check((batch for part in parts for batch in read_split(part, reading)), indexes, out)
            except (ValueError, FileNotFoundError) as error:
                fail(error, UNUSABLE)
        click.echo(f"{summary['documents']} documents, {summary['documents_hit']} with benchmark items; see {out}")
