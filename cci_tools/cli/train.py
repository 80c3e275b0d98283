"""``cci-clean train quality | perplexity``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cci_tools.cli.common import UNUSABLE, errors, fail


@click.group()
def train() -> None:
    """Train models of your own from your own text."""


@train.command("quality")
@click.option("--positive", multiple=True, required=True, help="Good text: file, folder or glob; may be repeated.")
@click.option("--negative", multiple=True, required=True, help="Bad text, likewise.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Model to write, such as model.ftz.")
@click.option("--limit", type=click.IntRange(20), help="Documents of a kind at most.  [default: all]")
@click.option("--held-out", type=click.FloatRange(0.01, 0.5), default=0.1, show_default=True, help="Share that tests.")
@click.option("--dim", type=click.IntRange(2), default=16, show_default=True, help="Width of the vectors.")
@click.option("--epochs", type=click.IntRange(1), default=5, show_default=True)
@click.option(
    "--features", type=click.IntRange(100), default=40_000, show_default=True, help="Kept: 40,000 are 0.8 MB."
)
def train_quality(
    positive: tuple[str, ...], negative: tuple[str, ...], out: Path, limit: int | None, **settings: Any
) -> None:
    """Train a classifier of good text against bad: a fastText file, with its calibration (.json) and a card (.md).

    Use it in a recipe: [quality] model = "model.ftz". Needs the package fasttext.
    """
    with errors():
        from cci_tools.quality.train import model_card, train

        if out.suffix != ".ftz":
            raise click.UsageError(f"--out {out}: the model is a quantised fastText file; its name must end in .ftz")
        good, bad = (list(_texts(paths, limit)) for paths in (positive, negative))
        try:
            report = train(good, bad, out, **settings)
        except (ValueError, RuntimeError) as error:
            fail(error, UNUSABLE)
        sources = [[*paths, f"in all {len(found):,} documents"] for paths, found in ((positive, good), (negative, bad))]
        card = model_card(out, report, *sources)
        click.echo(
            f"{out}: {report['bytes']:,} bytes, AUC {report['auc']:.4f} and calibration error "
            f"{report['calibration_error']:.4f} on {report['held_out']:,} texts held out; see {card}"
        )


@train.command("perplexity")
@click.argument("texts", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Model to write, such as good.ngram.")
@click.option("--order", type=click.IntRange(1, 8), default=4, show_default=True, help="Tokens of the longest n-gram.")
@click.option(
    "--least", type=click.IntRange(1), default=2, show_default=True, help="Times that one of 3 and more occurs."
)
@click.option("--limit", type=click.IntRange(1), help="Documents at most.  [default: all]")
def train_perplexity(texts: tuple[str, ...], out: Path, order: int, least: int, limit: int | None) -> None:
    """Learn an n-gram model from good TEXTS, for the measure perplexity of the quality stage.

    Every tenth document is held out, to show what perplexity good text has. Use the model in a recipe: [quality]
    perplexity = "good.ngram".
    """
    with errors():
        import numpy as np

        from cci_tools.quality.perplexity import perplexity, train

        found = list(_texts(texts, limit))
        held_out = found[9::10]
        try:
            model = train([text for i, text in enumerate(found) if i % 10 != 9], order=order, least=(1, 1, least))
        except ValueError as error:
            fail(error, UNUSABLE)
        model.write(out)
        click.echo(f"{out}: {out.stat().st_size:,} bytes, learnt from {len(found) - len(held_out):,} documents")
        values = perplexity(model, held_out)
        if (known := values[np.isfinite(values)]).size:
            shown = ", ".join(f"{share:g} % up to {np.percentile(known, share):,.0f}" for share in (50, 95, 99, 99.5))
            click.echo(f"perplexity of {known.size:,} documents held out: {shown}")


def _texts(paths: tuple[str, ...], limit: int | None) -> Iterator[str]:
    """Texts of the documents that can be read."""
    import tempfile

    from cci_tools.shards.reader import Reading, inputs, read_split, splits
    from cci_tools.stage import live

    reading, left = Reading(), limit
    with tempfile.TemporaryDirectory() as spool:
        for part in splits(inputs(paths).files, reading, spool=spool):
            for batch in read_split(part, reading):
                texts = batch.filter(live(batch)).column("text").to_pylist()[:left]
                yield from texts
                if left is not None:
                    left -= len(texts)
                    if left == 0:
                        return
            part.discard()
