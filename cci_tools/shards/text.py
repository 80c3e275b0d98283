"""Plain text files whose documents are lines, or the lines up to a blank one."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from cci_tools.cleaning.charset import decode_as
from cci_tools.shards.fields import Reading, Rows, to_batch
from cci_tools.shards.lines import HEAD, Block, Failure


def _record(text: str, charset: str, damage: int, reading: Reading) -> dict[str, Any]:
    record: dict[str, Any] = {reading.text[0]: text}
    return record if charset == "utf-8" and not damage else {**record, "charset": charset, "damage": damage}


def read_lines(blocks: Iterable[Block], name: str, charset: str, reading: Reading) -> Iterator[pa.RecordBatch]:
    """A text file as a document a line, or a document for the lines up to a blank one.

    Parameters
    ----------
    blocks : iterable of Block
        Lines, ended by the byte ``\\n``. Blank lines are no documents.
    name : str
        File name for `origin`, which becomes ``"<name>#byte=<position of the document>"``.
    charset : str
        Encoding; undecodable bytes become U+FFFD and are counted in `meta`.
    reading : Reading
        `text_files` says which of the two.
    """
    held: list[bytes] = []  # lines of a paragraph that has not ended
    first = 0
    for block in blocks:
        rows = Rows([], [], lambda row: "")
        at = block.offset
        data = b"" if block.failure else block.data
        for line in data.removesuffix(b"\n").split(b"\n") if data else ():
            blank = not line.strip()
            if not blank:
                first = first if held else at
                held.append(line)
            if held and (blank or reading.text_files == "line"):
                _add(rows, held, f"{name}#byte={first}", charset, reading)
                held = []
            at += len(line) + 1
        if block.failure:
            if held:
                _add(rows, held, f"{name}#byte={first}", charset, reading)
                held = []
            rows.failures[len(rows.records)] = (block.failure, block.data.decode(charset, "replace"))
            rows.records.append({})
            rows.origins.append(f"{name}#byte={block.offset}")
        if rows.records:
            yield to_batch(rows, reading)
    if held:
        rows = Rows([], [], lambda row: "")
        _add(rows, held, f"{name}#byte={first}", charset, reading)
        yield to_batch(rows, reading)


def _add(rows: Rows, lines: list[bytes], origin: str, charset: str, reading: Reading) -> None:
    data = b"\n".join(lines)
    limit = reading.max_document_bytes
    if len(data) > limit:
        text = data[:HEAD].decode(charset, "replace")
        rows.failures[len(rows.records)] = (Failure("too_large", len(data), limit), text)
        rows.records.append({})
    else:
        text, _, damage = decode_as(data, charset)
        rows.records.append(_record(text.rstrip("\r"), charset, damage, reading))
    rows.origins.append(origin)
