"""What the report of matching says about documents: which source repeats which, and by which ids to look them up."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa


def source_matrix(losers: pa.Table, most: int = 50) -> dict[str, Any]:
    """How many documents of a source were removed for those of another.

    Parameters
    ----------
    losers : pyarrow.Table
        One row for each removed document, strings: `source` of its own, `kept_source` of the kept document, and
        `corpus`, the release that holds that one, null for this run.
    most : int, default 50
        Pairs of sources to name; the others are summed.

    Returns
    -------
    dict
        ``"largest"``, by number of documents, and ``"others"``.

    Examples
    --------
    >>> rows = {"source": ["b.cn", "b.cn", None], "kept_source": ["a.cn", "a.cn", "a.cn"], "corpus": [None, None, "r1"]}
    >>> matrix = source_matrix(pa.table(rows), most=1)
    >>> matrix["largest"]
    [{'source': 'b.cn', 'kept_source': 'a.cn', 'corpus': None, 'documents': 2}]
    >>> matrix["others"]
    {'pairs': 1, 'documents': 1}
    """
    keys = ["source", "kept_source", "corpus"]
    counts = losers.select(keys).group_by(keys).aggregate([([], "count_all")]).to_pylist()
    counts.sort(key=lambda row: (-row["count_all"], *(row[key] or "" for key in keys)))
    largest = [{**{key: row[key] for key in keys}, "documents": row["count_all"]} for row in counts[:most]]
    others = counts[most:]
    return {"largest": largest, "others": {"pairs": len(others), "documents": sum(row["count_all"] for row in others)}}


def name_documents(report: dict[str, Any], name: Callable[[int], str]) -> dict[str, Any]:
    """The report of `cci_tools.dedup.match.match` with ids in the place of row numbers.

    Examples
    --------
    >>> report = {"largest_clusters": [{"row": 0, "documents": 2, "sample": [1]}], "largest_full_buckets": []}
    >>> name_documents(report, "ab".__getitem__)
    {'largest_clusters': [{'id': 'a', 'documents': 2, 'sample': ['b']}], 'largest_full_buckets': []}
    """
    clusters = [
        {"id": name(entry["row"]), "documents": entry["documents"], "sample": [name(row) for row in entry["sample"]]}
        for entry in report["largest_clusters"]
    ]
    buckets = [{**entry, "sample": [name(row) for row in entry["sample"]]} for entry in report["largest_full_buckets"]]
    return {**report, "largest_clusters": clusters, "largest_full_buckets": buckets}
