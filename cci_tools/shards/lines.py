"""Whole lines of a byte stream, in blocks of bounded size, with their byte positions."""

import codecs
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from cci_tools.shards.compression import BrokenStream

HEAD = 64 * 1024
"""Bytes that are kept of a line that is too large."""


class Failure(NamedTuple):
    """Why bytes of a dump are not a document: a key of `READER_REASONS`, and the value that shows it."""

    reason: str
    value: object
    threshold: object = None


class Block(NamedTuple):
    """Consecutive whole lines.

    Attributes
    ----------
    offset : int
        Position of the first byte in the decompressed file.
    data : bytes
        The lines; the last newline of the file may be missing.
    failure : Failure or None
        When set, `data` is not lines but what there is of one that cannot be used, perhaps nothing.
    """

    offset: int
    data: bytes
    failure: Failure | None = None


class Readable(Protocol):
    """What gives bytes: `compression.Stream`, or a stream put around one."""

    def read(self, size: int) -> bytes:
        """As many bytes as there are up to `size`, ``b""`` at the end; raises `BrokenStream`."""
        ...


class Transcoded:
    """A stream in a wide encoding, as UTF-8; what is not text in it becomes U+FFFD.

    In UTF-16 and UTF-32 a byte ``\\n`` is not a line end, so lines can be found only after this. Positions count the
    bytes of the UTF-8.
    """

    def __init__(self, stream: Readable, charset: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(charset)("replace")
        self._ready = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """The next `size` bytes of UTF-8."""
        while len(self._ready) < size and not self._ended:
            data = self._stream.read(size)
            self._ended = not data
            self._ready += self._decoder.decode(data, final=self._ended).encode("utf-8", "replace")
        data, self._ready = self._ready[:size], self._ready[size:]
        return data


def is_wide(charset: str) -> bool:
    """The encoding has more than a byte for a newline.

    >>> is_wide("UTF-16LE"), is_wide("gb18030")
    (True, False)
    """
    return codecs.lookup(charset).name.startswith(("utf-16", "utf-32"))


def blocks(stream: Readable, start: int, stop: int | None, size: int, limit: int) -> Iterator[Block]:
    """The lines that begin in a byte range.

    Parameters
    ----------
    stream : Stream
        Positioned at byte ``max(start - 1, 0)``: a line begins at `start` only if the byte before it is a newline.
    start, stop : int, int or None
        The range; a line belongs to the range in which its first byte lies. `stop` None is the end of the file.
    size : int
        Bytes of a block. A longer line is a block of its own.
    limit : int
        Bytes of a line that is held in memory; of a longer one the first `HEAD` bytes are left.

    Yields
    ------
    Block
        Where the stream breaks, the last block has a failure and the line that was cut.
    """
    at = max(start - 1, 0)  # position of the next byte to read
    first = start  # position of the held line
    held: list[bytes] = []  # a line without its end, so far
    length = 0  # its bytes, those dropped for its size included
    skipping = start > 0
    ended = False
    while not ended:
        try:
            data = stream.read(size if length >= size else size - length)
        except BrokenStream as error:
            yield Block(first, b"".join(held), Failure(error.reason, error.message))
            return
        if not data:
            break
        begin, at = at, at + len(data)
        if stop is not None and at >= stop:
            cut = data.find(b"\n", max(stop - 1 - begin, 0)) + 1
            if cut:
                data, ended = data[:cut], True
        if skipping:
            cut = data.find(b"\n") + 1
            if not cut:
                continue
            data, first, skipping = data[cut:], begin + cut, False
        if length >= size:
            cut = data.find(b"\n") + 1
            if not cut:
                held.append(data)
                length += len(data)
                if length > limit:
                    held = [b"".join(held)[:HEAD]]
                continue
            held.append(data[:cut])
            yield _line(first, held, length + cut, limit)
            data, first, held, length = data[cut:], first + length + cut, [], 0
        cut = data.rfind(b"\n") + 1
        if cut:
            yield Block(first, b"".join([*held, memoryview(data)[:cut]]))
            data, first, held, length = data[cut:], first + length + cut, [], 0
        if data:
            held.append(data)
            length += len(data)
    if length:
        yield _line(first, held, length, limit)


def _line(offset: int, parts: list[bytes], length: int, limit: int) -> Block:
    """A line of its own; takes its parts away, because it may be large."""
    data = b"".join(parts)
    parts.clear()
    length -= data.endswith(b"\n")
    return Block(offset, data) if length <= limit else Block(offset, data[:HEAD], Failure("too_large", length, limit))
