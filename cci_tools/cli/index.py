"""``cci-clean index | check-contamination``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cci_tools.cli.common import UNUSABLE, console, errors, fail


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
def index_benchmarks(files: tuple[Path, ...], out: Path, fields: tuple[str, ...], **named: Any) -> None:
    """Fingerprint evaluation sets (JSON, JSON lines, CSV, Parquet). The index holds hashes, never text.

    Indexes (*.idx) among FILES are taken over into the new one.
    """
    with errors():
        from cci_tools.decontamination.index import build_index

        roles = dict(field.partition("=")[::2] for field in fields)
        try:
            made = build_index(files, out, fields=roles or None, **named)
        except (ValueError, FileNotFoundError) as error:
            fail(error, UNUSABLE)
        click.echo(f"{out}: {made}")


@index.command("frequencies")
@click.argument("corpus", nargs=-1, required=True)
@click.option("--index", "indexes", multiple=True, default=("seeds/benchmarks",), show_default=True,
              help="Index file or folder that the recipe uses; may be repeated.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write, such as mine.freq.")
def index_frequencies(corpus: tuple[str, ...], indexes: tuple[str, ...], out: Path) -> None:
    """Count in how many documents of CORPUS the n-grams of benchmark indexes occur.

    What a corpus says often, statutes and idioms, then counts less: ``frequencies`` in a recipe's [decontamination].
    """
    with errors():
        from cci_tools.decontamination.check import count_frequencies

        with _batches(corpus, "count") as batches:
            try:
                counted = count_frequencies(batches, indexes)
            except (ValueError, FileNotFoundError) as error:
                fail(error, UNUSABLE)
        counted.save(out)
        click.echo(f"{out}: {len(counted.hashes):,} n-grams in {counted.documents:,} documents")


@click.command("check-contamination")
@click.argument("corpus", nargs=-1, required=True)
@click.option("--index", "indexes", multiple=True, required=True, help="Index file or folder; may be repeated.")
@click.option("--frequencies", default="", help="File of `cci-clean index frequencies` for these indexes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the hits.")
def check_contamination(corpus: tuple[str, ...], indexes: tuple[str, ...], frequencies: str, out: Path) -> None:
    """Look for benchmark items in a corpus that is already there: one Parquet row a hit, and a summary."""
    with errors():
        from cci_tools.decontamination.check import check_contamination as check
        from cci_tools.report.contamination import contamination_table

        with _batches(corpus, "check") as batches:
            try:
                summary = check(batches, indexes, out, frequencies=frequencies)
            except (ValueError, FileNotFoundError) as error:
                fail(error, UNUSABLE)
        console().print(contamination_table(summary["benchmarks"]), highlight=False)
        broken = f", {summary['unreadable']:,} of them unreadable" if summary["unreadable"] else ""
        click.echo(
            f"{summary['documents']:,} documents{broken}; {summary['documents_hit']:,} with benchmark items; see {out}"
        )


@contextmanager
def _batches(corpus: tuple[str, ...], phase: str) -> Iterator[Iterator[Any]]:
    """The documents of files, folders and globs, with progress on standard error."""
    import tempfile

    from rich.console import Console

    from cci_tools.progress import Progress
    from cci_tools.report.terminal import Watch
    from cci_tools.shards.reader import Reading, inputs, read_split, splits

    files = inputs(corpus).files
    total = sum(file.stored_bytes for file in files)

    def read(spool: str, watch: Watch) -> Iterator[Any]:
        done = documents = size = 0
        for part in splits(files, Reading(), spool=spool):
            for batch in read_split(part, Reading()):
                documents, size = documents + batch.num_rows, size + batch.column("text").nbytes
                yield batch
                watch(Progress(phase, done, total, documents, size))
            done += part.stored_bytes
            part.discard()
        watch(Progress(phase, total, total, documents, size))

    with tempfile.TemporaryDirectory() as spool, Watch(Console(stderr=True)) as watch:
        yield read(spool, watch)
