"""The cleaning stage: scan a batch, repair the marked rows with the marked rules, judge what remains."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools import schema
from cci_tools.cleaning import boilerplate, markup, repair, rules, script
from cci_tools.kernels.arrow import text_buffers
from cci_tools.stage import Stage, live, path_field, reject, set_column


@dataclass(frozen=True, kw_only=True)
class Cleaning(Stage):
    """Repair what can be repaired inside a document, and reject what cannot.

    Parameters
    ----------
    skip : tuple of str, default ()
        Repairs to leave out, by name: see `cci_tools.cleaning.rules.NAMES`.
    keep : tuple of str, default ()
        Verdicts to leave out: documents that they would reject stay, as they are after the repairs.
    boilerplate : tuple of str, default ("seeds/boilerplate.toml",)
        Files of rules for lines of page furniture: name your own beside that of the package to add to its rules, or
        alone to do without them.
    script : {"keep", "simplified", "traditional"}, default "keep"
        What every text is brought to, after all repairs: see `cci_tools.cleaning.script.converter`. Japanese stays.

    Raises
    ------
    ValueError
        `skip` or `keep` names something that does not exist, `script` is none of the three; on opening, a file of
        rules is wrong.
    """

    skip: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = path_field(boilerplate.FILES)
    script: rules.Script = "keep"

    name = "cleaning"
    version = rules.VERSION
    reasons: ClassVar[Mapping[str, str]] = {
        "empty": "Nothing is left that could be read: no letter, digit or Hanzi.",
        "mojibake": "Read with a wrong charset, and more than 0.1 % of the characters cannot be recovered.",
        "font_obfuscated": "Common characters are replaced by private-use ones that only the page's own font shows.",
        "spun_copy": "A spinner's copy: Latin readings inserted behind common characters.",
        "hidden_advertising": "A link farm's words are strung together at the top or the end: the page was hijacked.",
    }
    adds = (
        pa.field("repairs", pa.int32()),  # how many repairs were made
        pa.field("residue", pa.int32()),  # characters whose meaning is lost
        pa.field("cleaned", pa.string()),  # JSON object: rule to number of repairs; null where nothing was wrong
        pa.field("script", pa.string()),  # "simplified", "traditional", "mixed"; null where too little tells
    )

    def __post_init__(self) -> None:
        for option, known in (("skip", rules.NAMES), ("keep", tuple(self.reasons))):
            if unknown := set(getattr(self, option)) - set(known):
                raise ValueError(
                    f"cleaning.{option}: no such name: {', '.join(sorted(unknown))}; there are {', '.join(known)}"
                )

        if self.script not in (known := get_args(rules.Script)):
            raise ValueError(f"cleaning.script: {' or '.join(known)}, not {self.script!r}")

    def open(self) -> None:
        rules.plan(self.skip, self.boilerplate, self.script)
        script.classes()

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        chosen = rules.plan(self.skip, self.boilerplate, self.script)
        done = repair.clean_all(batch.column("text"), np.flatnonzero(live(batch)), chosen, batch.column("url"))
        count, residue = np.zeros(batch.num_rows, np.int32), np.zeros(batch.num_rows, np.int32)
        cleaned: dict[int, str] = {}
        texts: dict[int, str] = {}
        for row, result in done.items():
            residue[row] = result.residue
            if result.repairs:
                count[row] = sum(result.repairs.values())
                cleaned[row] = json.dumps(result.repairs)
                texts[row] = result.text
        if "boilerplate" not in self.skip:
            batch = self._move_metadata(batch, done, chosen)
        batch = set_column(batch, schema.CORE.field("text"), _replaced(batch.column("text"), texts))
        written = pa.array(script.scripts(script.count(*text_buffers(batch.column("text")))), pa.string())
        empty = pa.nulls(batch.num_rows, pa.string())
        columns = (pa.array(count), pa.array(residue), _replaced(empty, cleaned), written)
        for field, values in zip(self.adds, columns, strict=True):
            batch = set_column(batch, field, values)
        for reason in self.reasons:
            rows = [row for row, result in done.items() if result.reject == reason]
            if rows and reason not in self.keep:
                mask = np.zeros(batch.num_rows, bool)
                mask[rows] = True
                batch = reject(batch, self, mask, reason, lambda row: done[row].detail)
        return batch

    def _move_metadata(
        self, batch: pa.RecordBatch, done: dict[int, repair.Cleaned], chosen: rules.Plan
    ) -> pa.RecordBatch:
        """Fill empty `source` and `published` with what pages and removed lines say, and add an editor to `meta`."""
        rows = [row for row, result in done.items() if "boilerplate" in result.repairs]
        columns = {name: batch.column(name) for name in ("source", "published", "meta")}
        values: dict[str, dict[int, str]] = {name: {} for name in columns}
        for row, byline in _bylines(columns["source"], columns["meta"]):
            values["source"][row] = byline
        for row in rows:
            text, _ = markup.entities(batch.column("text")[row].as_py())
            found = boilerplate.metadata(text, chosen.furniture)
            for name in found.keys() & columns.keys():
                if not columns[name][row].as_py() and row not in values[name]:
                    values[name][row] = found[name]
            if "editor" in found:
                meta = json.loads(columns["meta"][row].as_py() or "{}")
                meta.setdefault("editor", found["editor"])
                values["meta"][row] = json.dumps(meta, ensure_ascii=False, separators=(",", ":"))
        for name, column in columns.items():
            if values[name]:
                batch = set_column(batch, schema.CORE.field(name), _replaced(column, values[name]))
        return batch


def _bylines(source: pa.Array, meta: pa.Array) -> Iterator[tuple[int, str]]:
    """Rows without a source whose page named one, and that name."""
    named = pc.fill_null(pc.match_substring(meta, '"byline":"'), False)
    rows = pc.and_(named, pc.or_kleene(pc.is_null(source), pc.equal(source, "")))
    for row in np.flatnonzero(rows.to_numpy(zero_copy_only=False)).tolist():
        byline = json.loads(meta[row].as_py()).get("byline")
        if isinstance(byline, str):  # a dump may have a field of this name, of any type and at any depth
            yield row, byline


def _replaced(column: pa.Array, values: dict[int, str]) -> pa.Array:
    """The column with the values of some rows replaced."""
    if not values:
        return column
    mask = np.zeros(len(column), bool)
    mask[list(values)] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([values[i] for i in sorted(values)], column.type))
