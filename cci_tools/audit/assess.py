"""The assessment of a corpus: what was checked, against which setting, and what was found. Never "compliant"."""

import hashlib
import json
from typing import Any

from cci_tools.audit.sources import audit_sources
from cci_tools.compliance.standards import Figure
from cci_tools.corpus import Corpus
from cci_tools.report.figures import figures as count

NOT_CHECKED = (
    "Whether the publisher still owns its domain, and whether a page was changed after it was published.",
    "Whether a licence, contract or authorisation that the registry names exists and covers training.",
    "Whether what a document says is true, and personal names, which no rule finds reliably.",
    "Pictures, tables in pictures, and anything else that is not text.",
    "Risks that no keyword library or classifier of the recipe names.",
    "Dumps, backups and other copies outside this folder.",
)
"""Limits of any run; those of this run are added to them."""

_MISSING_STAGES = {
    "compliance": "Sources: the recipe did not assess them.",
    "risk": "Content risk: no keyword library or classifier was run.",
    "privacy": "Personal information: it was not looked for.",
    "quality": "Quality: texts were not scored.",
    "decontamination": "Evaluation sets: none was screened for.",
    "dedup": "Duplicates: they were not looked for.",
}


def assessment(
    corpus: Corpus, standards: dict[str, Figure], *, sheet: dict[str, Any] | None = None, registry: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Everything that an officer signs for, with its evidence.

    Parameters
    ----------
    corpus : Corpus
    standards : dict of str to Figure
        Settings to compare with; see `cci_tools.compliance.standards`.
    sheet : dict, optional
        Result of the manual check; see `cci_tools.audit.sample.read_sheet`.
    registry : tuple of str, optional
        Registry files to judge the sources by; those of the run when there are none.

    Returns
    -------
    dict
        JSON types: `corpus` (digest of the manifest), `rules` (versions of every stage and digest of every list),
        `sources`, `time`, `licences`, `risk`, `privacy`, `manual`, `checks` (each with setting, standard, what was
        found and whether that reaches it, or that it was not measured), and `not_checked`.
    """
    manifest = corpus.manifest
    recipe, ledger = manifest["recipe"], manifest["ledger"]
    counted = count(corpus)
    listed = audit_sources(corpus, registry) if "compliance" in recipe or registry else []
    rejected = ledger["rejected"]
    result: dict[str, Any] = {
        "corpus": {
            "manifest_sha256": hashlib.sha256((corpus.folder / "manifest.json").read_bytes()).hexdigest(),
            "recipe": recipe["name"],
            "documents": ledger["kept"],
            "bytes": ledger["bytes_kept"],
            "removals_on_request": len(manifest.get("removals", [])),
        },
        "rules": {
            "versions": manifest["versions"]
            | {
                name: table["version"]
                for name, table in recipe.items()
                if isinstance(table, dict) and "version" in table
            },
            "files": recipe.get("files", {}),
        },
        "sources": _sources(listed, counted),
        "time": {**manifest["dates"], "years": counted["years"], "found_in": _by(counted, "date_from")},
        "licences": _by(counted, "licence"),
        "risk": {
            "rejected": {name: n for name, n in rejected.items() if name.startswith("risk.")},
            "kept_with_words": counted["tallies"].get("risk", {}),
        },
        "privacy": {
            "kept_documents_by_kind": counted["tallies"].get("privacy", {}),
            "kept_documents_with_sensitive_kinds": counted["sensitive"],
            "rejected": {name: n for name, n in rejected.items() if name.startswith("privacy.")},
            "treatment": recipe.get("privacy", {}).get("resolved", {}).get("kinds", {}),
        },
        "manual": sheet,
    }
    result["checks"] = _checks(standards, result, manifest)
    missing = [said for stage, said in _MISSING_STAGES.items() if stage not in recipe]
    result["not_checked"] = [*missing, *NOT_CHECKED]
    return result


def _by(counted: dict[str, Any], column: str) -> dict[str, int]:
    return {str(row["value"] or "not known"): row["documents"] for row in counted["groups"].get(column, [])}


def _sources(listed: list[dict[str, Any]], counted: dict[str, Any]) -> dict[str, Any]:
    problems: dict[str, dict[str, int]] = {}
    for row in listed:
        for problem in row["problems"]:
            entry = problems.setdefault(problem, {"sources": 0, "documents": 0, "bytes": 0})
            entry["sources"] += 1
            entry["documents"] += row["documents"]
            entry["bytes"] += row["bytes"]
    return {
        **counted["concentration"],
        "tiers": counted["groups"].get("tier", []),
        "regions": counted["groups"].get("region", []),
        "contributors": counted["groups"].get("contributor", []),
        "to_settle": problems,
        "largest_to_settle": [row for row in listed if row["problems"]][:30],
    }


def _checks(standards: dict[str, Figure], result: dict[str, Any], manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """What the settings ask beside what was found."""
    manual, recipe, rejected = result["manual"], manifest["recipe"], manifest["ledger"]["rejected"]
    screened = manifest["ledger"]["kept"] + sum(n for name, n in rejected.items() if name.startswith("risk."))
    bad = screened - manifest["ledger"]["kept"]
    technical = bool(screened) and "risk" in recipe
    rates = manifest.get("source_rates", {})
    found: dict[str, tuple[float | None, str]] = {
        "manual_documents": (manual["judged"] if manual else None, "at least"),
        "manual_pass_rate": (manual["pass_rate"] if manual else None, "at least"),
        "technical_share": (1.0 if technical else None, "at least"),
        "technical_pass_rate": (round(1 - bad / screened, 6) if technical else None, "at least"),
        "source_bad_rate": (rates.get("largest_kept_rate"), "at most"),
    }
    checks = []
    for name, (value, direction) in found.items():
        if name not in standards:
            continue
        figure = standards[name]
        reached = value is not None and (value >= figure.value if direction == "at least" else value <= figure.value)
        checks.append(
            {
                "id": name,
                "meaning": figure.meaning,
                "setting": figure.value,
                "standard": figure.standard,
                "version": figure.version,
                "found": value,
                "result": "not measured" if value is None else "reached" if reached else "not reached",
            }
        )
        if name == "manual_pass_rate" and reached and manual["low"] < figure.value:
            checks[-1]["result"] = f"reached, but not by the lower bound {manual['low']:.4f}"
    return checks


def to_json(result: dict[str, Any]) -> str:
    """The assessment as text."""
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"
