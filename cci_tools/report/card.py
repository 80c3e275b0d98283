"""The dataset card: README.md of a corpus, from its manifest."""

from typing import Any

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B"))  # fmt: skip


STAGES = ("reader", "compliance", "cleaning", "passages", "risk", "privacy", "quality", "decontamination", "dedup")
"""All stages, in the order of a run."""


def card(manifest: dict[str, Any]) -> str:
    """Text of the card.

    The front matter names ``data/*.parquet`` as the only data files, so that ``datasets.load_dataset`` gives the kept
    documents and nothing else.

    Parameters
    ----------
    manifest : dict
        Contents of ``manifest.json``.

    Returns
    -------
    str
        Markdown with YAML front matter.
    """
    ledger, recipe = manifest["ledger"], manifest["recipe"]
    category = next((name for limit, name in _SIZES if ledger["kept"] < limit), "n>1B")
    front = [
        "---",
        "language:\n- zh",
        "task_categories:\n- text-generation",
        f"size_categories:\n- {category}",
        "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/*.parquet",
        "---",
    ]
    body = [
        f"# Chinese corpus, recipe `{recipe['name']}`",
        recipe.get("description", ""),
        f"Made by cci-tools {manifest['versions']['cci_tools']}. Of {ledger['read']:,} documents "
        f"({size(ledger['bytes_read'])} of text) {ledger['kept']:,} were kept "
        f"({size(ledger['bytes_kept'])}). `rejects/` holds every other document with the stage, reason and value "
        "that rejected it; `manifest.json` holds the whole recipe with the thresholds in force, digests of all files, "
        "and the counts below.",
        _trial(manifest["limit"]),
        "## Removed",
        _table(["stage", "reason", "documents", "share of read"], _removed(ledger, recipe)),
        _benchmarks(recipe),
        *_against(manifest["matching"]),
        _removals(manifest.get("removals", [])),
        "## Kept, by tier of the source",
        _table(["tier", "documents", "text"], _tiers(manifest["sources"]))
        if manifest["sources"]
        else "The recipe did not assess sources.",
        "## Time span",
        _span(manifest.get("dates")) if "compliance" in recipe else "The recipe did not look for dates.",
        "## Input",
        _table(["file", "bytes", "sha256"], _inputs(manifest["inputs"])),
        "## Stages",
        _table(["stage", "version"], [[k, str(v["version"])] for k, v in recipe.items() if _is_stage(v)]),
    ]
    return "\n".join(front) + "\n\n" + "\n\n".join(text for text in body if text) + "\n"


def _is_stage(value: Any) -> bool:
    return isinstance(value, dict) and "version" in value


def _trial(limit: int | None) -> str:
    return "" if limit is None else f"**A trial: only the first {limit:,} documents of the input were read.**"


def _removed(ledger: dict[str, Any], recipe: dict[str, Any]) -> list[list[str]]:
    """Every stage in order: what it removed, that it removed nothing, or that it did not run."""
    read = max(1, ledger["read"])
    ran = ["reader", *(name for name, table in recipe.items() if _is_stage(table))]
    given = {name.partition(".")[0] for name in ledger["rejected"]}
    rows = []
    for stage in (*STAGES, *sorted(given - set(STAGES))):
        counts = {name: n for name, n in sorted(ledger["rejected"].items()) if name.startswith(f"{stage}.")}
        rows += [[stage, name.partition(".")[2], f"{n:,}", f"{n / read:.2%}"] for name, n in counts.items()]
        if not counts:
            rows.append([stage, "none" if stage in ran else "*did not run*", "0" if stage in ran else "", ""])
    return rows


def _benchmarks(recipe: dict[str, Any]) -> str:
    """Which evaluation sets were screened out: others were not."""
    if "decontamination" not in recipe:
        return "No evaluation set was screened out."
    items = recipe["decontamination"]["resolved"]["benchmarks"]
    named = ", ".join(f"{name} ({count:,} items)" for name, count in items.items())
    return f"Evaluation sets that were screened for, and no others: {named}."


def _removals(removals: list[dict[str, Any]]) -> str:
    """That documents were taken out afterwards."""
    if not removals:
        return ""
    count = sum(len(removal["ids"]) for removal in removals)
    return f"{count:,} documents were removed on request afterwards; `manifest.json` says when and why."


def _against(matching: dict[str, Any]) -> list[str]:
    """The earlier releases that the input was matched against."""
    releases = matching.get("against")
    if not releases:
        return []
    rows = [[f"`{r['corpus']}`", f"{r['documents']:,}", r["compared"], f"{r['duplicates']:,}"] for r in releases]
    return [
        "## Earlier releases",
        "What one of these corpora holds already was removed; the rejects name the corpus and the document.",
        _table(["corpus", "documents", "compared by", "removed here"], rows),
    ]


def _tiers(sources: dict[str, dict[str, int]]) -> list[list[str]]:
    rows = sorted(sources.items(), key=lambda item: -item[1]["bytes"])
    return [[tier, f"{row['documents']:,}", size(row["bytes"])] for tier, row in rows]


def _span(dates: dict[str, Any] | None) -> str:
    if not dates or not dates["dated"]:
        return "No document has a date that could be read."
    return (
        f"{dates['first']} to {dates['last']}; {dates['dated']:,} documents with a date, {dates['undated']:,} without."
    )


def _inputs(inputs: list[dict[str, Any]], most: int = 20) -> list[list[str]]:
    rows = [[f"`{row['name']}`", f"{row['bytes']:,}", f"`{row['sha256']}`"] for row in inputs[:most]]
    if len(inputs) > most:
        rows.append([f"and {len(inputs) - most:,} more, see manifest.json", "", ""])
    return rows


def _table(head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return "Nothing."
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def size(count: float) -> str:
    """Bytes for reading.

    >>> size(690), size(238_300_000)
    ('0.7 kB', '238.3 MB')
    """
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"
