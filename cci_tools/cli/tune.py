"""``cci-clean tune``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cci_tools.cli.common import UNUSABLE, console, errors, fail

if TYPE_CHECKING:
    import pyarrow as pa

    from cci_tools.corpus import Corpus
    from cci_tools.quality.border import Comparison
    from cci_tools.quality.measures import Column
    from cci_tools.quality.stage import Quality, Verdict

SCORES = {"min_quality_score": "min_score", "min_quality_rank": "min_rank", "max_perplexity": "max_perplexity"}
"""Rules on the scores of models, and their keys in a recipe."""


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--preset", help="Other rules.  [default: those of the run]")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another threshold: max_digit_fraction=0.3, verse.min_characters=10, min_score=0.2; may be repeated.",
)
@click.option(
    "--samples", type=click.IntRange(0), default=2, show_default=True, help="Documents on either side of a threshold."
)
@click.option("--analysis", type=click.Path(path_type=Path), help="Parquet file to write: measures and verdicts by id.")
def tune(corpus: Path, preset: str | None, changes: tuple[str, ...], samples: int, analysis: Path | None) -> None:
    """Show what other quality thresholds would keep of a run, without reading its dumps again.

    CORPUS is the folder of a finished run. Judged again are its documents and those that quality rejected: by the
    measures that were kept with them, and where a file has none, by measuring its texts. Nothing in CORPUS changes; put
    what you settle on into the recipe.
    """
    with errors():
        from cci_tools.corpus import CorpusError, open_corpus
        from cci_tools.quality.border import Comparison

        try:
            opened = open_corpus(corpus)
            base = _settings(opened, None, ()) if opened.manifest["recipe"].get("quality") else None
            chosen = _settings(opened, preset, changes)
            chosen.open()
        except (CorpusError, ValueError, FileNotFoundError) as error:
            fail(error, UNUSABLE)
        comparison = Comparison(samples)
        rows = _compare(opened, base, chosen, comparison)
        if analysis is None:
            for _ in rows:
                pass
        else:
            import pyarrow.parquet as pq

            first = next(rows, None)
            if first is not None:
                with pq.ParquetWriter(analysis, first.schema, compression="zstd") as file:
                    file.write_table(first)
                    for table in rows:
                        file.write_table(table)
        if base is None:
            click.echo("The recipe of this run has no [quality]: before, every document stays.")
        _show(comparison)


def _settings(corpus: "Corpus", preset: str | None, changes: tuple[str, ...]) -> "Quality":
    """The quality table of the run, with another preset and other values."""
    import dataclasses

    from cci_tools.quality.stage import Quality

    names = {field.name: field for field in dataclasses.fields(Quality)}
    table = corpus.manifest["recipe"].get("quality") or {}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items() if key in names
    }
    thresholds: dict[str, Any] = dict(values.get("thresholds", {}))
    if preset is not None:
        values["preset"], thresholds = preset, {}
    for change in changes:
        key, equals, number = change.partition("=")
        try:
            value = float(number) if equals else None
        except ValueError:
            value = None
        if value is None:
            raise ValueError(f"--set {change}: a key, = and a number are needed, such as max_digit_fraction=0.3")
        kind, dot, name = key.partition(".")
        if key in SCORES.values():
            values[key] = value
        elif dot:
            thresholds[kind] = {**thresholds.get(kind, {}), name: value}
        else:
            thresholds[key] = value
    return Quality(**{**values, "thresholds": thresholds})


def _compare(
    corpus: "Corpus", base: "Quality | None", chosen: "Quality", comparison: "Comparison"
) -> Iterator["pa.Table"]:
    """Judge every document by both; yields the measures and verdicts, file by file."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from cci_tools.quality.kinds import KINDS, kind_of, rules_by_kind
    from cci_tools.quality.measures import from_struct, measure

    rules = rules_by_kind(chosen.preset, chosen.thresholds)
    for folder in ("data", "review", "rejects"):
        for _, _, batch in corpus.batches(folder, ("id", "reason", "quality", "text", *(rule[4:] for rule in SCORES))):
            if folder == "rejects":
                batch = batch.filter(pc.starts_with(batch.column("reason"), "quality."))
            if not batch.num_rows:
                continue
            names, texts = batch.schema.names, batch.column("text")
            stored = "quality" in names and not batch.column("quality").null_count
            measures = from_struct(batch.column("quality")) if stored else measure(texts)
            kinds = kind_of(measures)
            scores = _scores(batch, chosen, stored)
            verdicts = [one.verdicts(measures, kinds, scores) if one else [] for one in (base, chosen)]
            before, after = (_named(found, batch.num_rows) for found in verdicts)
            told = [list(KINDS)[number] for number in kinds]
            for kind, *both in zip(told, before, after, strict=True):
                comparison.add_document(kind, *both)
            stays = np.ones(batch.num_rows, bool)
            falls: dict[str, Any] = {}
            for one in verdicts[1]:
                stays &= ~one.mask
                falls[one.rule] = falls.get(one.rule, False) | one.mask
            for number, kind in enumerate(KINDS):
                for rule in rules[kind]:
                    decides = (kinds == number) & (stays | falls.get(rule.name, False))
                    for name, least in rule.given:
                        decides &= measures[name] >= np.float32(least)
                    comparison.look(rule.name, rule.value, measures[rule.measure], decides, told, texts)
            for name, key in SCORES.items():
                if name[4:] in scores and (bound := getattr(chosen, key)):
                    comparison.look(name, bound, scores[name[4:]], stays | falls.get(name, False), told, texts)
            yield pa.table(
                {
                    "id": batch.column("id"),
                    "kind": pa.array(told),
                    **{name: pa.array(values) for name, values in measures.items()},
                    **{rule[4:]: pa.array(scores[rule[4:]], from_pandas=True) for rule in SCORES if rule[4:] in scores},
                    "before": pa.array(before, pa.string()),
                    "after": pa.array(after, pa.string()),
                }
            )


def _scores(batch: "pa.RecordBatch", quality: "Quality", stored: bool) -> "dict[str, Column]":
    """What the models say: as it was kept, or asked again for rejects, which have no columns of the stage."""
    if not stored:
        return quality.scores(batch.column("text"))
    names = [rule[4:] for rule in SCORES if rule[4:] in batch.schema.names]
    known = {name: batch.column(name) for name in names if batch.column(name).null_count < batch.num_rows}
    return {name: column.to_numpy(zero_copy_only=False) for name, column in known.items()}


def _named(verdicts: "list[Verdict]", count: int) -> list[str | None]:
    """The rule that each document breaks, None where it stays."""
    found: list[str | None] = [None] * count
    for one in verdicts:
        for row in one.mask.nonzero()[0]:
            found[row] = one.rule
    return found


def _show(comparison: "Comparison") -> None:
    from rich.table import Table

    from cci_tools.quality.kinds import KINDS

    out = console()
    kept = Table("kind", "documents", "kept before", "kept after", "change", box=None, title_justify="left")
    counts = comparison.by_kind
    for kind in KINDS:
        if total := counts[kind, "documents"]:
            before, after = counts[kind, "before"], counts[kind, "after"]
            kept.add_row(kind, f"{total:,}", f"{before:,}", f"{after:,}", f"{after - before:+,}")
    total, before, after = comparison.documents, comparison.before, comparison.after
    kept.add_row("all", f"{total:,}", f"{before:,}", f"{after:,}", f"{after - before:+,}")
    out.print(
        "Judged: the documents of the corpus and those that quality rejected. What other steps rejected stays so."
    )
    out.print(kept, highlight=False)
    rules = sorted({rule for rule, _, _ in comparison.by_rule})
    fallen = Table("rule", *KINDS, "all before", "all after", box=None)
    for rule in rules:
        cells = [
            f"{before} → {after}" if before != after else str(after or "")
            for kind in KINDS
            for before, after in [[comparison.by_rule[rule, kind, when] for when in ("before", "after")]]
        ]
        sums = [f"{sum(comparison.by_rule[rule, k, when] for k in KINDS):,}" for when in ("before", "after")]
        fallen.add_row(rule, *cells, *sums)
    out.print("\nRejected, by the rule that a document breaks first:")
    out.print(fallen, highlight=False)
    for rule in rules:
        for threshold, near in comparison.near(rule):
            if any(one.falls for one in near):
                out.print(f"\n{rule} = {threshold:g}, documents nearest to it:", highlight=False)
                for one in near:
                    shown = " ".join(one.text[:400].split())[:80]
                    verdict = "rejected" if one.falls else "kept    "
                    out.print(
                        f"  {verdict} {one.value:9.4f}  {one.kind:13} {shown}",
                        highlight=False,
                        markup=False,
                        soft_wrap=True,
                    )
