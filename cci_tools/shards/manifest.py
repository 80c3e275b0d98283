"""The manifest: what went in, what was done, what came out, so that a corpus can be checked and made again."""

import hashlib
import json
import platform
from typing import Any

import pyarrow as pa

from cci_tools.kernels.sign import SCHEMES
from cci_tools.ledger import Ledger
from cci_tools.shards.reader import SourceFile
from cci_tools.version import VERSION


def digest_file(file: SourceFile) -> dict[str, Any]:
    """Name, size and SHA-256 of an input file; an unreadable one has no digest, and says why."""
    row = {"name": file.name, "bytes": file.stored_bytes}
    try:
        with open(file.path, "rb") as stream:
            return {**row, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
    except OSError as error:
        return {**row, "sha256": None, "error": error.strerror}


def manifest(
    recipe: dict[str, Any],
    limit: int | None,
    inputs: list[dict[str, Any]],
    skipped: list[str],
    published: list[dict[str, Any]],
    ledger: Ledger,
    matched: dict[str, Any],
) -> dict[str, Any]:
    """Contents of ``manifest.json``. It has no times and no host names: the same input gives the same bytes."""
    return {
        "format": 1,
        "versions": {
            "cci_tools": VERSION,
            "signature_scheme": SCHEMES[(recipe.get("dedup") or {}).get("scheme", "fss")],
            "pyarrow": pa.__version__,
            "python": platform.python_version(),
        },
        "recipe": recipe,
        "limit": limit,
        "inputs": sorted(inputs, key=lambda row: str(row["name"])),
        "not_read": skipped,
        "ledger": ledger.to_dict(),
        "matching": matched["report"],
        "source_rates": _source_rates(recipe, matched["source_rates"]),
        "sources": tiers_of(published),
        "dates": dates_of(published, ledger.kept),
        "files": [file for result in published for file in result["files"]],
    }


def _source_rates(recipe: dict[str, Any], rates: list[dict[str, Any]], most: int = 20) -> dict[str, Any]:
    """The sources that were refused for their bad documents, with the evidence, and the worst of the others."""
    if "compliance" not in recipe:
        return {}
    others = [rate for rate in rates if not rate["rule"]]
    judged = [rate["rate"] for rate in others if rate["documents"] >= recipe["compliance"]["source_documents"]]
    return {
        "limit": recipe["compliance"]["source_rate"],
        "decided_by": recipe["compliance"]["source_rate_by"],
        "largest_kept_rate": max(judged, default=0.0),
        "quarantined": [rate for rate in rates if rate["rule"]],
        "worst_kept": others[:most],
    }


def tiers_of(published: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Documents and text bytes kept, by tier of the source, over all parts."""
    tiers: dict[str, dict[str, int]] = {}
    for result in published:
        for tier, (documents, size) in result["tiers"].items():
            row = tiers.setdefault(tier, {"documents": 0, "bytes": 0})
            row["documents"] += documents
            row["bytes"] += size
    return dict(sorted(tiers.items()))


def dates_of(published: list[dict[str, Any]], kept: int) -> dict[str, Any]:
    """Time span of the kept documents, and how many have a date."""
    dated = sum(result["dated"] for result in published)
    first = min((result["first"] for result in published if result["first"]), default=None)
    last = max((result["last"] for result in published if result["last"]), default=None)
    return {"first": first, "last": last, "dated": dated, "undated": kept - dated}


def to_json(contents: dict[str, Any]) -> str:
    """The manifest as text, one key a line where that helps a reader."""
    return json.dumps(contents, ensure_ascii=False, indent=1) + "\n"
