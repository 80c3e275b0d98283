"""Whole sources judged by their documents, when all are screened: the first act of the match barrier."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.shards.writer import read_arrow

if TYPE_CHECKING:  # a run without it need not load it
    from cci_tools.compliance.stage import Compliance


def judge_sources(
    compliance: "Compliance | None", signed: pa.Table, rejects: Iterable[Path]
) -> tuple[list[dict[str, Any]], pa.Array]:
    """Rates of bad documents by source, and the documents whose source is refused for its rate.

    Parameters
    ----------
    compliance : Compliance or None
        By whose limits; None judges none.
    signed : pyarrow.Table
        The documents that are kept so far: `host`, `source`, `tier_rank`.
    rejects : iterable of Path
        Arrow files of those that the stages rejected.

    Returns
    -------
    rates : list of dict
        `cci_tools.compliance.source_rates.SourceRate`, worst first.
    refused : pyarrow.Array
        For each row of `signed` the detail of its rejection as JSON, null where its source may be used.
    """
    refused = pa.nulls(signed.num_rows, pa.string())
    if compliance is None:
        return [], refused
    from cci_tools.compliance.registry import FALLBACK_TIERS

    ranks = pa.array([compliance.tiers.index(tier) for tier in FALLBACK_TIERS], pa.int16())
    sources = _publishers(signed, pc.is_in(signed.column("tier_rank"), ranks)).combine_chunks()
    kept = {row["values"]: row["counts"] for row in sources.drop_null().value_counts().to_pylist()}
    rejected: dict[str, Counter[str]] = {}
    for path in rejects:
        for batch in read_arrow(path, ["host", "source", "tier", "reason"]):
            unlisted = pc.is_in(batch.column("tier"), pa.array(FALLBACK_TIERS, pa.string()))
            names = _publishers(batch, pc.or_(unlisted, pc.is_null(batch.column("tier"))))
            pairs = pa.table([names, batch.column("reason")], ["source", "reason"])
            for row in pairs.group_by(["source", "reason"]).aggregate([([], "count_all")]).to_pylist():
                if row["source"] is not None:
                    rejected.setdefault(row["source"], Counter())[row["reason"]] += row["count_all"]
    rates = compliance.judge_sources(kept, rejected)
    out = [rate for rate in rates if rate.rule]
    if out:
        details = pa.array([json.dumps(compliance.refusal(rate), ensure_ascii=False) for rate in out])
        refused = details.take(pc.index_in(sources, pa.array([rate.source for rate in out], pa.string())))
    return [rate._asdict() for rate in rates], refused


def _publishers(rows: pa.Table | pa.RecordBatch, unlisted: Any) -> Any:
    """Host of each document; where it has none, its source if that is listed: other names are no publishers."""
    names = pc.if_else(unlisted, pa.scalar(None, pa.string()), rows.column("source"))
    return pc.coalesce(rows.column("host"), names)
