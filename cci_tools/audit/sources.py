"""The sources of a corpus against the registry: unknown, in review, or without evidence of the right to use them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from cci_tools.compliance.registry import FALLBACK_TIERS, Source, missing_evidence, read_denied, read_registry
from cci_tools.compliance.table import SourceTable
from cci_tools.corpus import Corpus, CorpusError
from cci_tools.resources import resolve

PROBLEMS = ("unknown", "in review", "no evidence")
"""What a source is listed for: no row of the registry, status ``review``, or fields that are empty and must not be."""


def audit_sources(corpus: Corpus, registry: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Sources of the kept documents, with what is to be settled about each.

    Parameters
    ----------
    corpus : Corpus
    registry : sequence of str, optional
        Registry files to judge by; those of the run when there are none.

    Returns
    -------
    list of dict
        `source` (rule of the registry, or host), `name`, `tier`, `region`, `status`, `acquisition`, `licence`, kept
        `documents`, `bytes` of text, and `problems`, a dict of `PROBLEMS` to what is missing. Largest first.

    Raises
    ------
    CorpusError
        The run did not assess sources and no registry is given, or a registry cannot be found.
    cci_tools.compliance.registry.RegistryError
        A registry cannot be read.
    """
    table = _table(corpus, registry)
    counts: dict[tuple[Source, str], list[int]] = {}
    for _, _, batch in corpus.batches("data", ["url", "source", "text"]):
        codes, matches = table.lookup_all(batch.column("url"))
        sizes = pc.binary_length(batch.column("text")).to_numpy(zero_copy_only=False).astype(np.int64)
        names = batch.column("source").dictionary_encode("encode")
        # One number for each pair of a match and a name; a name counts where there is no host.
        hosts = np.array([bool(match.host) for match in matches])
        pairs = codes.astype(np.int64) * len(names.dictionary)
        pairs += np.where(hosts[codes], 0, names.indices.to_numpy(zero_copy_only=False))
        found, places = np.unique(pairs, return_inverse=True)
        documents, size = np.bincount(places), np.bincount(places, sizes)
        for pair, count, total in zip(found.tolist(), documents.tolist(), size.tolist(), strict=True):
            match, name = matches[pair // len(names.dictionary)], names.dictionary[pair % len(names.dictionary)].as_py()
            if not match.host and name:
                match = table.lookup_source(name)
            shown = match.host or match.source.name or name or "not known"
            _count(counts, match.source, shown, count, int(total))
    rows = [_row(source, shown, *count) for (source, shown), count in counts.items()]
    return sorted(rows, key=lambda row: (-row["bytes"], row["source"]))


def _table(corpus: Corpus, registry: Sequence[str]) -> SourceTable:
    settings = corpus.manifest["recipe"].get("compliance")
    if settings is None and not registry:
        raise CorpusError(
            f"{corpus.folder}: made without [compliance], so it has no registry; name one with --registry"
        )
    tiers = tuple(settings["tiers"]) if settings else ()
    files = list(registry) or settings["registry"]
    denied = settings["denied"] if settings else []
    for name in (*files, *denied):
        if not resolve(name).exists():
            raise CorpusError(f"{name}: no such registry; name one that is there with --registry")
    read = [source for name in files for source in (read_registry(Path(resolve(name)), *([tiers] if tiers else [])))]
    return SourceTable(read, [source for name in denied for source in read_denied(Path(resolve(name)))])


def _count(counts: dict[tuple[Source, str], list[int]], source: Source, host: str, documents: int, size: int) -> None:
    """Add documents to their row of the registry, or to their host where there is none."""
    shown = host if source.tier in FALLBACK_TIERS and not source.file else source.rule
    entry = counts.setdefault((source, shown), [0, 0])
    entry[0] += documents
    entry[1] += size


def _row(source: Source, shown: str, documents: int, size: int) -> dict[str, Any]:
    problems = {}
    if not source.file:
        problems["unknown"] = "no row of the registry"
    elif source.status == "review":
        problems["in review"] = source.reason or "no reason is given"
    for _, missing in missing_evidence([source]) if source.file else ():
        problems["no evidence"] = missing
    said = {name: getattr(source, name) for name in ("name", "tier", "region", "status", "acquisition", "licence")}
    return {"source": shown, **said, "documents": documents, "bytes": size, "problems": problems}
