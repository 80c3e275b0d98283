"""``cci-clean report | explain | remove``: a finished corpus."""

import json
from pathlib import Path
from typing import Any

import click

from cci_tools.cli.common import UNUSABLE, console, errors, fail

_CORPUS = click.argument("corpus", type=click.Path(path_type=Path))
_WANTED = (
    click.option("--id", "ids", multiple=True, help="Id; may be repeated, as the others."),
    click.option("--url", "urls", multiple=True, help="Address, with or without its scheme."),
    click.option("--digest", "digests", multiple=True, help="Digest of the matching key, 32 hexadecimal digits."),
    click.option("--phrase", "phrases", multiple=True, help="Part of the text, letter for letter."),
)


def _wanted(command: Any) -> Any:
    """By what documents are found."""
    for option in reversed(_WANTED):
        command = option(command)
    return command


@click.command()
@_CORPUS
def report(corpus: Path) -> None:
    """Write report.html of a finished corpus anew."""
    with errors():
        from cci_tools.corpus import open_corpus
        from cci_tools.report.figures import figures
        from cci_tools.report.html import report_page
        from cci_tools.workspace import write_atomic

        opened = open_corpus(corpus)
        write_atomic(corpus / "report.html", report_page(opened.manifest, figures(opened)))
        click.echo(f"{corpus / 'report.html'}")


@click.command()
@_CORPUS
@_wanted
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def explain(corpus: Path, as_json: bool, **wanted: tuple[str, ...]) -> None:
    """Tell what became of documents of a run in CORPUS: where they came from, what touched them, where they are."""
    with errors():
        from cci_tools.audit.explain import explain as stories
        from cci_tools.audit.find import Wanted
        from cci_tools.corpus import open_corpus
        from cci_tools.report.terminal import story_view

        try:
            what = Wanted(**wanted)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        found = False
        for story in stories(open_corpus(corpus), what):
            if as_json:
                click.echo(json.dumps(story, ensure_ascii=False))
            else:
                console().print(story_view(story), highlight=False, soft_wrap=True)
            found = True
        if not found:
            fail(f"{corpus}: no such document, neither kept nor rejected", UNUSABLE)


@click.command()
@_CORPUS
@_wanted
@click.option("--ids", "file", type=click.File(encoding="utf-8"), help="File with an id a line, - for standard input.")
@click.option("--request", default="", help="Why, or whose request: noted in the manifest.")
@click.option("--date", default=None, help="Day to note, such as 2026-03-01.  [default: today]")
@click.option("--keep-duplicates", is_flag=True, help="Leave rejected duplicates of the documents, and their texts.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
def remove(
    corpus: Path,
    file: Any,
    request: str,
    date: str | None,
    keep_duplicates: bool,
    dry_run: bool,
    **wanted: tuple[str, ...],
) -> None:
    """Take documents out of CORPUS: out of its shards, rejects and index. The manifest records it.

    The dumps that the corpus was made from are left alone.
    """
    with errors():
        import datetime

        from cci_tools.audit.find import Wanted, find
        from cci_tools.audit.remove import remove as take_out
        from cci_tools.corpus import open_corpus

        if file is not None:
            wanted["ids"] += tuple(line for line in (line.rstrip("\r\n") for line in file) if line)
        try:
            what = Wanted(**wanted)
            day = datetime.date.fromisoformat(date) if date else datetime.datetime.now(datetime.UTC).date()
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        if dry_run:
            from cci_tools.report.terminal import harmless

            opened = open_corpus(corpus)
            places = list(find(opened, what))
            for place, document in zip(places, opened.documents(places, ["id", "url"]), strict=True):
                click.echo(harmless(f"{place}: {document['id']} {document['url'] or ''}"))
            return
        record = take_out(corpus, what, request=request, when=day.isoformat(), duplicates=not keep_duplicates)
        counts = ", ".join(f"{count} in {kind}/" for kind, count in record["documents"].items() if count)
        click.echo(f"removed {len(record['ids'])} documents: {counts}; the dumps still hold them")
