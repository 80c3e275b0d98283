"""JSON files: an object, an array of objects, or objects one after the other; many are JSON lines in truth."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Literal

import pyarrow as pa

from cci_tools.cleaning.charset import decode, detect
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.fields import Reading, Rows, to_batch
from cci_tools.shards.jsonl import Unusable, parse
from cci_tools.shards.lines import HEAD, Failure

BUFFER = 1 << 20
"""Bytes taken at a time."""

_SPACE = " \t\r\n"
_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)


def json_kind(head: bytes) -> Literal["lines", "values"]:
    """What a file is that begins so: JSON lines, or values that may span lines.

    >>> json_kind(b'{"text": 1}\\n{"text": 2}\\n'), json_kind(b'{\\n  "text": 1\\n}\\n'), json_kind(b'[{"text": 1}]')
    ('lines', 'values', 'values')
    """
    text = decode(head).text.lstrip(_SPACE)
    lines = text.split("\n")
    if text.startswith("["):
        return "lines" if _value(lines[0]) is list and any(line.strip() for line in lines[1:]) else "values"
    if not text.startswith("{") or len(lines) == 1:
        return "lines"
    return "lines" if any(line.startswith("{") and _value(line) is dict for line in lines[:100]) else "values"


def _value(text: str) -> type | None:
    try:
        return type(json.loads(text))
    except (ValueError, RecursionError):
        return None


def read(stream: Stream, name: str, batch_bytes: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Values of a JSON file as batches with the core columns; memory holds a batch, not the file.

    `origin` is ``"<name>#row=<number>"``. A value that ends but is not taken (nested too deeply, an integer of
    thousands of digits, bytes that are not UTF-8) is a reject. From a mistake in the syntax on, the rest of the file is
    one row with ``reader.malformed_json``: JSON has no place to begin again.
    """
    rows: list[tuple[str, Failure | None]] = []
    size = first = 0
    text = _Text(stream, reading)
    for raw, failure in _values(text, reading):
        if text.charset == "utf-8":
            raw, wrong = _utf8(raw)
            failure = failure or wrong
        if rows and size + 3 * len(raw) > batch_bytes:  # a Hanzi has three bytes
            yield _batch(rows, name, first, text.charset, reading)
            first, rows, size = first + len(rows), [], 0
        rows.append((raw, failure))
        size += 3 * len(raw)
    if rows:
        yield _batch(rows, name, first, text.charset, reading)


def _utf8(raw: str) -> tuple[str, Failure | None]:
    """A value whose bytes that are not UTF-8 have been escaped, with U+FFFD for them."""
    try:
        raw.encode()
        return raw, None
    except UnicodeEncodeError as error:
        value = f"byte 0x{ord(raw[error.start]) & 0xFF:02x} at character {error.start} of the value"
        text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return text, Failure("invalid_utf8", value)


def _batch(
    values: list[tuple[str, Failure | None]], name: str, first: int, charset: str, reading: Reading
) -> pa.RecordBatch:
    rows = Rows([], [], lambda row: values[row][0])
    for row, (raw, failure) in enumerate(values):
        record = {}
        try:
            if failure is not None:
                raise Unusable(failure, raw)
            record = parse(raw, reading)
            if charset != "utf-8":
                record.setdefault("charset", charset)
                record.setdefault("damage", raw.count("\ufffd"))
        except Unusable as error:
            record = error.record
            rows.failures[row] = error.failure, error.text
        rows.records.append(record)
        rows.origins.append(f"{name}#row={first + row}")
    return to_batch(rows, reading)


def _values(text: "_Text", reading: Reading) -> Iterator[tuple[str, Failure | None]]:
    """Each value as it is written, or what is left of the file where it cannot be read on."""
    scan = json.JSONDecoder(strict=False, parse_int=float).raw_decode  # int refuses thousands of digits
    array = text.skip(_SPACE) == "["
    if array:
        text.at += 1
    while True:
        char = text.skip(_SPACE + "," if array else _SPACE)
        if array and char == "]":
            text.at += 1
            array = False
            continue
        if not char:
            if text.failure or array:
                yield "", text.failure or Failure("malformed_json", "the array does not end")
            return
        try:
            _, end = scan(text.held, text.at)
            complete = end < len(text.held) or text.ended
            problem = ""
        except RecursionError:
            end = _end(text.held, text.at)
            complete, problem = end > 0 or text.ended, "" if end else "nested too deeply"
        except ValueError as error:
            # Only what breaks before the end of the held text is a mistake; the rest may be a value that goes on.
            at = getattr(error, "pos", 0)
            open_string = str(error).startswith("Unterminated string")
            end, complete, problem = 0, text.ended or (at < len(text.held) - 16 and not open_string), str(error)
        if not complete:
            if len(text.held) - text.at > reading.max_document_bytes:
                value = len(text.held) - text.at
                yield text.rest()[:HEAD], Failure("too_large", value, reading.max_document_bytes)
                return
            text.more()
        elif problem:
            yield text.rest()[: reading.max_document_bytes], text.failure or Failure("malformed_json", problem)
            return
        else:
            yield text.held[text.at : end], None
            text.at = end


def _end(text: str, at: int) -> int:
    """Where the brackets of the value that begins at `at` are closed, or 0.

    >>> _end('[[{"a": "]"}]], 1', 0)
    14
    """
    depth = 0
    for found in _BRACKET.finditer(text, at):
        if found[0] == '"':  # a string that goes on
            return 0
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return 0


class _Text:
    """The part of a decoded file that is being looked at."""

    def __init__(self, stream: Stream, reading: Reading) -> None:
        self._stream = stream
        self.held = ""
        self.at = 0
        self.ended = False
        self.failure: Failure | None = None
        head = self._read(BUFFER)
        charset = detect(head).name if reading.charset == "auto" else reading.charset
        self.charset = "utf-8" if codecs.lookup(charset).name in ("utf-8", "utf-8-sig") else charset
        errors = "surrogateescape" if self.charset == "utf-8" else "replace"
        self._decoder = codecs.getincrementaldecoder(self.charset)(errors)
        self.held = self._decoder.decode(head).removeprefix("\ufeff")

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except BrokenStream as error:
            self.failure = Failure(error.reason, error.message)
            return b""

    def more(self) -> None:
        """Hold twice as much of the file, so that a long value is not scanned again and again."""
        data = self._read(max(BUFFER, len(self.held) - self.at))
        self.ended = not data
        self.held = self.held[self.at :] + self._decoder.decode(data, final=self.ended)
        self.at = 0

    def skip(self, chars: str) -> str:
        """Go on to the next character that is not one of these, and return it; empty at the end of the file."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in chars:
                self.at += 1
            if self.at < len(self.held):
                return self.held[self.at]
            if self.ended:
                return ""
            self.more()

    def rest(self) -> str:
        """What has been decoded and not taken."""
        rest, self.at = self.held[self.at :], len(self.held)
        return rest
