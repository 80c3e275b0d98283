"""Records of a WARC file, one after the other, whatever stands between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.lines import Failure
from cci_tools.shards.members import Members

MARK = b"WARC/1."
"""What every record begins with."""

LONGEST_HEAD = 64 * 1024
"""Bytes of the headers of a record."""

_READ = 256 * 1024
_FILLED = re.compile(rb"[^\r\n]")
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n|\n" + re.escape(MARK))


class Record(NamedTuple):
    """A record.

    Attributes
    ----------
    place : str
        Its byte in the file. In a gzip file the byte where its member begins, as indexes of crawls have it, and, for
        a record inside of a member, a ``+`` and the decompressed bytes from there.
    headers : dict
        By names in lower case.
    body : bytes
        What it holds; nothing where there is a failure.
    failure : Failure or None
        Why it cannot be used.
    """

    place: str
    headers: dict[str, str]
    body: bytes
    failure: Failure | None = None


class Records:
    """The records that begin in a range of a file.

    Parameters
    ----------
    stream : Stream or Members
        Positioned at `start`, or at the first member from there on.
    start, stop : int, int or None
        Bytes of the file. Of a gzip file, a record belongs to the range in which its member begins, unless it begins
        inside of one that holds the end of another record.
    limit : int
        Bytes of a body that is held in memory.
    """

    def __init__(self, stream: Stream | Members, start: int, stop: int | None, limit: int) -> None:
        self._stream = stream
        self._stop = stop
        self._limit = limit
        self._held = b""
        self._at = 0  # of what is held, all before is done with
        self._base = 0 if isinstance(stream, Members) else start  # decompressed position of `_at`
        self._ended = False
        self._broken: BrokenStream | None = None

    def __iter__(self) -> Iterator[Record]:
        while True:
            try:
                if not self._skip_blank() or self._beyond():
                    return
                yield self._record()
            except BrokenStream as error:
                yield Record(self._place(), {}, b"", Failure(error.reason, error.message))
                if not isinstance(self._stream, Members) or not self._stream.resume():
                    return
                self._held, self._at, self._base = b"", 0, self._stream.position
                self._ended, self._broken = False, None

    def _place(self) -> str:
        if not isinstance(self._stream, Members):
            return str(self._base)
        packed, inside = self._stream.place(self._base)
        return f"{packed}+{inside}" if inside else str(packed)

    def _beyond(self) -> bool:
        if self._stop is None:
            return False
        if not isinstance(self._stream, Members):
            return self._base >= self._stop
        packed, inside = self._stream.place(self._base)
        return not inside and packed >= self._stop

    def _fill(self, size: int, *, ahead: bool = False) -> bool:
        """Hold so many bytes; False where the file has not as many. Damage that lies `ahead` only is left for later."""
        length = len(self._held) - self._at
        if length < size and not self._ended and self._broken is None:
            parts = [self._held[self._at :]]
            while length < size and not self._ended and self._broken is None:
                try:
                    data = self._stream.read(max(_READ, min(size - length, 1 << 24)))
                except BrokenStream as error:
                    self._broken = error
                    break
                self._ended = not data
                parts.append(data)
                length += len(data)
            self._held, self._at = b"".join(parts), 0
        if length < size and self._broken is not None and not ahead:
            raise self._broken
        return length >= size

    def _drop(self, size: int) -> None:
        """Done with the next bytes. They stay where they are until more is read: a drop costs nothing."""
        size = max(0, min(size, len(self._held) - self._at))
        self._at += size
        self._base += size

    def _skip_blank(self) -> bool:
        while self._fill(1):
            if filled := _FILLED.search(self._held, self._at):
                self._drop(filled.start() - self._at)
                return True
            self._drop(len(self._held))
        return False

    def _record(self) -> Record:
        place = self._place()
        head = self._head_bytes()
        if head is None:
            self._resync(1)
            return Record(place, {}, b"", Failure("broken_record", "no headers of a record"))
        headers = parse_headers(head)
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 16):
            self._resync(len(head))
            return Record(place, headers, b"", Failure("broken_record", f"Content-Length: {length[:80]!r}"))
        size = int(length)
        if size > self._limit:
            return self._too_large(place, headers, len(head), size)
        whole = self._fill(len(head) + size)
        if whole and self._ends_well(len(head) + size):
            body = self._held[self._at + len(head) : self._at + len(head) + size]
            self._drop(len(head) + size)
            return Record(place, headers, body)
        there = len(self._held) - self._at - len(head)
        self._resync(len(head))
        if not whole and self._at == len(self._held):
            return Record(place, headers, b"", Failure("truncated_file", f"{there} of {size} bytes of the record"))
        return Record(place, headers, b"", Failure("broken_record", f"Content-Length: {size} is not where it ends"))

    def _head_bytes(self) -> bytes | None:
        self._fill(len(MARK))
        if not self._held.startswith(MARK, self._at):
            return None
        while True:
            if end := _HEAD_END.search(self._held, self._at, self._at + LONGEST_HEAD):
                return None if end.group().endswith(MARK) else self._held[self._at : end.end()]
            length = len(self._held) - self._at
            if length > LONGEST_HEAD or not self._fill(length + 1):
                return None

    def _ends_well(self, at: int) -> bool:
        """What follows a body is two line ends, the next record, or the end of the file."""
        self._fill(at + 4 + len(MARK), ahead=True)
        rest = self._held[self._at + at : self._at + at + 4 + len(MARK)]
        if rest.startswith((b"\r\n\r\n", b"\n\n")):  # what comes then is not this record's fault
            return True
        rest = rest.lstrip(b"\r\n")
        return not rest or rest.startswith(MARK[: len(rest)])

    def _too_large(self, place: str, headers: dict[str, str], head: int, size: int) -> Record:
        self._drop(head)
        left = size
        while left and self._fill(1):
            step = min(left, len(self._held) - self._at)
            self._drop(step)
            left -= step
        if left or not self._ends_well(0):
            self._resync(0)
        return Record(place, headers, b"", Failure("too_large", size, self._limit))

    def _resync(self, start: int) -> None:
        """Drop all up to the next line that begins as a record does, from `start` on."""
        self._drop(max(start - 1, 0))
        while True:
            at = self._held.find(b"\n" + MARK, self._at)
            if at >= 0:
                return self._drop(at + 1 - self._at)
            self._drop(len(self._held) - self._at - len(MARK))
            if not self._fill(len(self._held) - self._at + 1):
                return self._drop(len(self._held))


def parse_headers(head: bytes) -> dict[str, str]:
    """Headers by names in lower case; the first of a name counts, continued lines are joined.

    >>> parse_headers(b"WARC/1.0\\r\\nWARC-Type: response\\r\\nX: a\\r\\n b\\r\\n\\r\\n")
    {'warc-type': 'response', 'x': 'a b'}
    """
    found: dict[str, str] = {}
    name = ""
    for line in head.decode("utf-8", "replace").split("\n")[1:]:
        line = line.rstrip("\r")
        if line[:1] in (" ", "\t") and name:
            found[name] += " " + line.strip()
            continue
        key, colon, value = line.partition(":")
        if colon:
            name = key.strip().lower()
            found.setdefault(name, value.strip())
    return found


def record_starts(path: str, step: int) -> Iterator[int]:
    """Bytes of a plain WARC file at which records begin, each the first that is `step` bytes or more after the last.

    Only headers are read. Where the file breaks its own rules the list ends.
    """
    with open(path, "rb") as file:
        at = last = 0
        while True:
            file.seek(at)
            head = file.read(8192)
            blank = len(head) - len(head.lstrip(b"\r\n"))
            head = head[blank:]
            end = head.find(b"\r\n\r\n")
            if not head.startswith(MARK) or end < 0:
                return
            at += blank
            if at - last >= step:
                yield at
                last = at
            length = parse_headers(head[: end + 4]).get("content-length", "")
            if not (length.isascii() and length.isdigit() and len(length) < 16):
                return
            at += end + 4 + int(length)
