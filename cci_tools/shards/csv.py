"""Tables as text: CSV and TSV, with a header line and, where cells are quoted, newlines inside them."""

import csv
import mmap
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cci_tools.cleaning.charset import decode_as
from cci_tools.shards.fields import Reading, Rows, to_batch
from cci_tools.shards.lines import HEAD, Block, Failure, is_wide

DELIMITERS = ",\t;|"
"""What may stand between cells; the first where the header has none of them."""

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def has_quotes(path: str) -> bool:
    """The file has a quotation mark, so that a newline may lie inside a cell and cutting at lines is not safe."""
    with open(path, "rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return data.find(b'"') >= 0
        except ValueError:  # an empty file cannot be mapped
            return False


def read(
    blocks: Iterable[Block],
    name: str,
    charset: str,
    head: bytes,
    start: int,
    batch_bytes: int,
    reading: Reading,
) -> Iterator[pa.RecordBatch]:
    """Lines of a CSV file as batches with the core columns.

    Parameters
    ----------
    blocks : iterable of Block
        Lines of the file.
    name : str
        File name for `origin`, which becomes ``"<name>#byte=<position of the row's first line>"``.
    charset : str
        Encoding of the lines.
    head : bytes
        Beginning of the file, for the names of the columns, the delimiter and the manner of quoting.
    start : int
        Position in the file at which `blocks` begins; at 0 the first row is the header.
    batch_bytes : int
        Bytes of lines that make a batch.
    reading : Reading
        Field names and limits.

    Yields
    ------
    pyarrow.RecordBatch
        Every row below the header is a row. Empty cells count as null, except the text. A row with more cells than
        columns, one over several lines with fewer (a quotation mark was left open), or one with a carriage return in
        the middle is rejected as ``reader.malformed_row``.
    """
    layout = _layout(decode_as(head, charset).text)
    csv.field_size_limit(reading.max_document_bytes)
    raws: list[str] = []
    rows = Rows([], [], raws.__getitem__)
    size = 0
    header = start == 0
    for record in _records(blocks, charset, layout, reading):
        if header:
            header = False
            if record.failure is None:
                continue
        if rows.records and size + record.size > batch_bytes:
            yield to_batch(rows, reading)
            raws = []
            rows, size = Rows([], [], raws.__getitem__), 0
        if record.failure is not None:
            rows.failures[len(raws)] = record.failure, record.raw
        rows.records.append(_fields(record, layout.names, charset, reading))
        rows.origins.append(f"{name}#byte={record.offset}")
        raws.append(record.raw)
        size += record.size
    if rows.records:
        yield to_batch(rows, reading)


@dataclass
class _Record:
    """A row of the file: its cells, its position, its lines as they are, and what is wrong with it."""

    cells: list[str]
    offset: int
    raw: str
    size: int
    damage: int
    failure: Failure | None


def _records(blocks: Iterable[Block], charset: str, layout: "_Layout", reading: Reading) -> Iterator[_Record]:
    lines = _Lines(blocks, charset)
    reader = csv.reader(lines, **layout.options)
    while True:
        lines.begin()
        failure = None
        cells: list[str] | None = []
        try:
            cells = next(reader, None)
        except csv.Error as error:
            large = "field limit" in str(error)
            limit = reading.max_document_bytes if large else None
            failure = Failure("too_large" if large else "malformed_row", str(error), limit)
        except _NoLine as error:
            lines.resume()
            failure = error.failure
        if cells is None:
            return
        if not cells and failure is None:  # a blank line
            continue
        raw = "".join(lines.taken)
        if failure is None:
            failure = _problem(cells, lines, charset, layout)
        else:
            reader = csv.reader(lines, **layout.options)  # the old one is in the middle of a row
            raw = raw[:HEAD]
        yield _Record(cells, lines.offset, raw.removesuffix("\n").removesuffix("\r"), lines.size, lines.damage, failure)


def _problem(cells: list[str], lines: "_Lines", charset: str, layout: "_Layout") -> Failure | None:
    if lines.damage and charset == "utf-8":
        return Failure("invalid_utf8", f"{lines.damage} places in the row")
    several = len(lines.taken) > 1
    if len(cells) > len(layout.names) or (several and len(cells) < len(layout.names)):
        return Failure("malformed_row", f"{len(cells)} cells", f"{len(layout.names)} columns")
    return None


def _fields(record: _Record, names: list[str], charset: str, reading: Reading) -> dict[str, Any]:
    fields: dict[str, Any] = {name: cell for name, cell in zip(names, record.cells, strict=False) if cell}
    texts = [name for name in reading.text if name in names[: len(record.cells)]]
    if texts and not any(name in fields for name in texts):
        fields[texts[0]] = ""
    if charset != "utf-8" and record.failure is None:
        fields.setdefault("charset", charset)
        fields.setdefault("damage", record.damage)
    return fields


class _NoLine(Exception):
    """Where the next line should be, there is something that is none."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class _Lines:
    """Decoded lines for the csv module, which takes several for a row with quoted newlines.

    Attributes
    ----------
    offset : int
        Position of the first line of the row.
    taken : list of str
        Its lines.
    damage : int
        Places in it that could not be decoded.
    """

    def __init__(self, blocks: Iterable[Block], charset: str) -> None:
        self._codec = "utf-8" if is_wide(charset) else charset
        self._blocks = iter(blocks)
        self._at = 0
        self.resume()
        self.begin()

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def begin(self) -> None:
        """A row begins with the next line."""
        self.offset = self._at
        self.taken: list[str] = []
        self.damage = 0

    def resume(self) -> None:
        """Go on after `_NoLine`."""
        self._lines = self._decoded()

    @property
    def size(self) -> int:
        """Bytes of the row."""
        return self._at - self.offset

    def _decoded(self) -> Iterator[str]:
        for block in self._blocks:
            self._at = block.offset
            self.offset = self.offset if self.taken else block.offset
            for line in _LINE.findall(block.data):
                if not self.taken:
                    self.offset = self._at
                self._at += len(line)
                try:
                    text = line.decode(self._codec)
                except UnicodeDecodeError:
                    text, _, damage = decode_as(line, self._codec)
                    self.damage += damage
                self.taken.append(text)
                if block.failure is None:
                    yield text
            if block.failure is not None:
                raise _NoLine(block.failure)


@dataclass(frozen=True)
class _Layout:
    """Names of the columns, and how the csv module is to take lines apart."""

    names: list[str]
    options: dict[str, Any]


def _layout(head: str) -> _Layout:
    first = head.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    quoted = {"delimiter": delimiter, "quoting": csv.QUOTE_MINIMAL}
    bare = {"delimiter": delimiter, "quoting": csv.QUOTE_NONE}
    options = quoted if delimiter != "\t" or _is_quoted(head, quoted, bare) else bare
    names: list[str] = []
    for cell in next(_rows(head, options), []):
        name = cell.strip() or f"column_{len(names)}"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return _Layout(names, options)


def _is_quoted(head: str, quoted: dict[str, Any], bare: dict[str, Any]) -> bool:
    """Whether a tab-separated file quotes its cells; most do not, and hold quotation marks as part of the text."""
    cut = head.rfind("\n") + 1
    widths = [[len(row) for row in _rows(head[: cut or len(head)], options)] for options in (quoted, bare)]
    fit = [sum(1 for width in found if width == found[0]) / max(len(found), 1) for found in widths]
    if fit[0] != fit[1]:
        return fit[0] > fit[1]
    cells = [cell for row in _rows(head[:cut], bare) for cell in row if cell.startswith('"')]
    return bool(cells) and all(len(cell) > 1 and cell.endswith('"') for cell in cells)


def _rows(head: str, options: dict[str, Any]) -> Iterator[list[str]]:
    lines = head.split("\n")
    try:
        yield from (row for row in csv.reader((line + "\n" for line in lines), **options) if row)
    except csv.Error:
        return
