"""Spot checks by people: a sample of the corpus as a spreadsheet, and what the filled sheet says."""

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.compliance.rates import interval
from cci_tools.corpus import Corpus, CorpusError, Place

SAID = ("title", "url", "source", "tier", "date", "id")
COLUMNS = ("number", "verdict", "problem", "note", "text", *SAID, "place", "corpus")
"""Columns of the sheet. A person fills `verdict`, and for a bad document `problem`; the last ones lead back to it."""

PASS = frozenset({"pass", "p", "ok", "yes", "y", "1", "通过", "合格", "是", "正常", "✓", "√"})
FAIL = frozenset({"fail", "f", "bad", "no", "n", "0", "不通过", "不合格", "否", "违规", "✗", "×"})
"""Ways to write a verdict, lower-case; an empty one means that the document was not looked at."""

CELL = 32_000
"""Characters of a text in the sheet: a spreadsheet cell holds 32,767. A longer one ends with a mark that says so."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def corpus_mark(corpus: Corpus) -> str:
    """16 hexadecimal digits of the manifest's digest, by which a sheet is known to belong to a corpus."""
    return hashlib.sha256((corpus.folder / "manifest.json").read_bytes()).hexdigest()[:16]


def draw(corpus: Corpus, size: int, seed: int) -> list[dict[str, Any]]:
    """Draw documents without replacement, in proportion to their sources.

    A stratum is a host; hosts too small for a document of their own are drawn from together, by tier.

    Parameters
    ----------
    corpus : Corpus
    size : int
        Documents to draw; all of them, where there are fewer.
    seed : int
        Chooses the sample: the same for the same corpus and seed.

    Returns
    -------
    list of dict
        `COLUMNS`, in a random order, so that a check broken off half-way is a sample too.
    """
    numbers: dict[tuple[str, str], int] = {}
    files, codes = list[tuple[str, int]](), list[npt.NDArray[np.int32]]()
    for file, first, batch in corpus.batches("data", ["host", "tier", "source"]):
        files.append((file, first))
        codes.append(_strata(batch, numbers))
    stratum = np.concatenate([np.empty(0, np.int32), *codes])
    total, size = len(stratum), min(size, len(stratum))
    merged: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (tier, host), count in zip(numbers, np.bincount(stratum, minlength=len(numbers)).tolist(), strict=True):
        merged[(tier, host) if count * size >= total else (tier, "")].append(numbers[tier, host])
    keys = sorted(merged)
    into = np.zeros(len(numbers), np.int32)
    for number, key in enumerate(keys):
        into[merged[key]] = number
    stratum = into[stratum]
    rows, sizes = np.argsort(stratum, kind="stable"), np.bincount(stratum, minlength=len(keys)).tolist()
    generator = np.random.Generator(np.random.PCG64(seed))
    picked = [np.empty(0, np.int64)]
    for first, count, wanted in zip(np.cumsum([0, *sizes])[:-1], sizes, _shares(sizes, size), strict=True):
        picked.append(rows[first + np.sort(generator.choice(count, wanted, replace=False))])
    starts = np.cumsum([0, *(len(part) for part in codes)])
    chosen = []
    for row in np.concatenate(picked).tolist():
        batch_number = int(np.searchsorted(starts, row, "right")) - 1
        file, first = files[batch_number]
        chosen.append(Place(file, first + row - int(starts[batch_number])))
    order = generator.permutation(len(chosen))
    mark = corpus_mark(corpus)
    places = [chosen[int(at)] for at in order]
    documents = zip(places, corpus.documents(places), strict=True)
    return [_row(number, place, document, mark) for number, (place, document) in enumerate(documents, 1)]


def _strata(batch: pa.RecordBatch, numbers: dict[tuple[str, str], int]) -> npt.NDArray[np.int32]:
    """Number of each row's tier and host; `numbers` grows."""
    names = batch.schema.names
    empty = pa.nulls(batch.num_rows, pa.string())
    hosts = batch.column("host" if "host" in names else "source").dictionary_encode("encode")
    tiers = (batch.column("tier") if "tier" in names else empty).dictionary_encode("encode")
    pairs = tiers.indices.to_numpy().astype(np.int64) * len(hosts.dictionary) + hosts.indices.to_numpy()
    found, places = np.unique(pairs, return_inverse=True)
    keys = [
        (
            tiers.dictionary[pair // len(hosts.dictionary)].as_py(),
            hosts.dictionary[pair % len(hosts.dictionary)].as_py(),
        )
        for pair in found.tolist()
    ]
    own = [numbers.setdefault((tier or "", host or ""), len(numbers)) for tier, host in keys]
    codes: npt.NDArray[np.int32] = np.array(own, np.int32)[places]
    return codes


def _shares(sizes: list[int], wanted: int) -> list[int]:
    """Documents of each stratum, by the largest remainder; none gets more than it has."""
    exact = np.array(sizes, float) * wanted / max(1, sum(sizes))
    counts = np.floor(exact).astype(int)
    for place in np.argsort(-(exact - counts), kind="stable")[: wanted - int(counts.sum())]:
        counts[place] += 1
    return [int(count) for count in counts]


def _row(number: int, place: Place, document: dict[str, Any], mark: str) -> dict[str, Any]:
    text = document["text"]
    text = text if len(text) <= CELL else f"{text[:CELL]}\n[… {len(text) - CELL:,} characters more]"
    said = {name: document.get(name) for name in SAID}
    return {"number": number, "verdict": "", "problem": "", "note": "", "text": text, **said} | {
        "place": str(place),
        "corpus": mark,
    }


def write_sheet(rows: list[dict[str, Any]], path: Path) -> None:
    """Write a sample as ``.xlsx`` and, beside it, as ``.csv`` (UTF-8 with a byte-order mark, as spreadsheets expect).

    What a document holds is written as text: never as a formula, and without characters that a sheet cannot hold.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    lines = [[_cell(row[name]) for name in COLUMNS] for row in rows]
    with open(path.with_suffix(".csv"), "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([[_inert(cell) for cell in line] for line in lines])
    book = Workbook()
    sheet = book.active
    sheet.title = "sample"
    sheet.append(COLUMNS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in lines:
        sheet.append(line)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for name, width in {"text": 90, "title": 30, "url": 40, "note": 30, "problem": 16}.items():
        sheet.column_dimensions[chr(ord("A") + COLUMNS.index(name))].width = width
    sheet.freeze_panes = "E2"
    book.save(path.with_suffix(".xlsx"))


def _cell(value: Any) -> Any:
    return value if isinstance(value, int) else _UNWRITABLE.sub("�", "" if value is None else str(value))


def _inert(value: Any) -> Any:
    """Text that a spreadsheet program would take for a formula gets an apostrophe, which such programs do not show."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def read_sheet(path: Path, corpus: Corpus) -> dict[str, Any]:
    """What a filled sheet says.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.csv`` that `write_sheet` wrote, with verdicts filled in; see `PASS` and `FAIL`.
    corpus : Corpus
        It must be of this corpus.

    Returns
    -------
    dict
        `sampled`, `judged`, `passed`; `pass_rate` with its two-sided 95 % bounds `low` and `high` (Clopper-Pearson);
        `problems`: number of documents by problem; `tiers`: judged and passed documents of each.

    Raises
    ------
    CorpusError
        The sheet is of another corpus, a document occurs twice, or a verdict is none; the message names the row.
    """
    mark, seen = corpus_mark(corpus), set[str]()
    passed, problems = 0, Counter[str]()
    tiers: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = _read(path)
    for number, row in enumerate(rows, 2):
        if row.get("corpus") != mark:
            raise CorpusError(f"{path}: row {number}: not of this corpus ({row.get('corpus')!r} is not {mark!r})")
        if row["place"] in seen:
            raise CorpusError(f"{path}: row {number}: {row['place']} occurs twice")
        seen.add(row["place"])
        verdict = row["verdict"].strip().lower()
        if verdict not in PASS | FAIL | {""}:
            raise CorpusError(f"{path}: row {number}: verdict {row['verdict']!r}; write pass or fail (通过, 不通过)")
        if not verdict:
            continue
        tier = tiers[row["tier"] or "not assessed"]
        tier[0] += 1
        if verdict in PASS:
            tier[1] += 1
            passed += 1
        else:
            problems[row["problem"].strip() or "not named"] += 1
    judged = sum(tier[0] for tier in tiers.values())
    low, high = interval(passed, judged) if judged else (0.0, 1.0)
    return {
        "sheet_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sampled": len(rows),
        "judged": judged,
        "passed": passed,
        "pass_rate": round(passed / judged, 6) if judged else None,
        "low": round(low, 6),
        "high": round(high, 6),
        "problems": dict(problems.most_common()),
        "tiers": {name: {"judged": tier[0], "passed": tier[1]} for name, tier in sorted(tiers.items())},
    }


def _read(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".csv":
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:  # spreadsheet programs of a Chinese system write this
            text = data.decode("gb18030", "replace")
        head, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    elif path.suffix == ".xlsx":
        from zipfile import BadZipFile

        from openpyxl import load_workbook

        try:
            values = load_workbook(path, read_only=True)["sample"].iter_rows(values_only=True)
            head, *lines = [["" if cell is None else str(cell) for cell in line] for line in values] or [[]]
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise CorpusError(f"{path}: not a sheet of a sample: {error}") from error
    else:
        raise CorpusError(f"{path}: expected .xlsx or .csv")
    missing = {"verdict", "problem", "tier", "place", "corpus"} - set(head)
    if missing:
        raise CorpusError(f"{path}: column {', '.join(sorted(missing))} is missing; the first row names the columns")
    return [dict(zip(head, line, strict=False)) for line in lines if any(line)]
