"""Division of the inputs into splits: the tasks of the first pass."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from cci_tools.cleaning.charset import detect_lines
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.csv import has_quotes
from cci_tools.shards.fields import Reading
from cci_tools.shards.inputs import SourceFile
from cci_tools.shards.json import json_kind
from cci_tools.shards.lines import Failure, is_wide
from cci_tools.shards.ranges import arrow_ranges, member_ranges, parquet_ranges

SPLIT_BYTES = 64 * 1024 * 1024
"""Text bytes that a split holds, roughly, unless told otherwise."""

EXPANSION = {"": 1, "gzip": 4, "zstd": 4, "bzip2": 5, "xz": 5}
"""Bytes that a packed byte is guessed to hold. Only the grouping of files depends on it."""

PACKED = {"parquet": "zstd", "zip": "gzip"}
"""Formats that are compressed themselves."""

MOST_FILES = 4096
"""Files in one split; more would make a task that is slow to hand to a worker."""

BUFFER = 1 << 20
"""Decompressed bytes taken at a time."""

HEAD = 1 << 20
"""Bytes of a file that decide about its encoding and, for ``.json``, its kind."""


@dataclass(frozen=True)
class Piece:
    """A file, or part of one.

    Attributes
    ----------
    file : SourceFile
        The file.
    start, stop : int, int or None
        Byte range for lines, row range for tables.
    spool : str or None
        File with the decompressed bytes from `start` on, to read instead.
    charset : str or None
        Encoding, where it was decided before.
    failure : Failure or None
        Why the file ends here, when it should not.
    stored_bytes : int
        Bytes on the disk that the piece stands for.
    """

    file: SourceFile
    start: int = 0
    stop: int | None = None
    spool: str | None = None
    charset: str | None = None
    failure: Failure | None = None
    stored_bytes: int = 0


@dataclass(frozen=True)
class Split:
    """A task of the first pass: pieces of files, read one after the other.

    Attributes
    ----------
    number : int
        From 0, in the order of the inputs; the same for any number of workers.
    pieces : tuple of Piece
        What to read.
    """

    number: int
    pieces: tuple[Piece, ...]

    @property
    def stored_bytes(self) -> int:
        """Bytes on the disk that the split stands for; over all splits, the bytes of the inputs."""
        return sum(piece.stored_bytes for piece in self.pieces)

    @property
    def name(self) -> str:
        """For messages."""
        files = dict.fromkeys(piece.file.name for piece in self.pieces[:3])
        return f"split {self.number} ({', '.join(files)})"

    def discard(self) -> None:
        """Delete what was decompressed for this split only."""
        for piece in self.pieces:
            if piece.spool is not None and os.path.exists(piece.spool):
                os.unlink(piece.spool)


def splits(
    files: Sequence[SourceFile],
    reading: Reading,
    *,
    spool: str | os.PathLike[str],
    is_done: Callable[[int], bool] = lambda number: False,
    split_bytes: int = SPLIT_BYTES,
) -> Iterator[Split]:
    """Divide files into splits, one after the other as they become ready.

    Small files are put together; large ones are cut: lines at byte ranges, Parquet at row groups (very large ones
    inside), Arrow at record batches. A large compressed file of lines is decompressed while the splits are iterated,
    into one file for each split. A CSV file with quoted cells, a JSON array and a text file that is one document stay
    whole.

    Crawls and archives are cut at records and members: a gzipped crawl at its members, without reading it, a plain one
    and a plain tar by their headers, a zip by its directory. A compressed tar, and a crawl in zstd, is one task.

    Parameters
    ----------
    files : sequence of SourceFile
        From `inputs`.
    reading : Reading
        How they will be read.
    spool : path
        Folder for decompressed lines; made when it is needed. `Split.discard` empties it.
    is_done : callable
        Split number to whether its work is done already. Nothing is decompressed to the disk for such a split.
    split_bytes : int, default 64 MiB
        Text bytes of a split. Fewer make more, shorter tasks. The division depends on it and on the files alone.

    Yields
    ------
    Split
        Numbered from 0 without a gap; those that are done too.

    Raises
    ------
    InputError
        A file that is being decompressed has changed since it was listed.
    """
    number = 0
    group: list[Piece] = []
    held = 0
    for file in files:
        packing = file.compression or PACKED.get(file.format, "")
        guess = file.stored_bytes * EXPANSION[packing]
        if group and (guess > split_bytes or held + guess > split_bytes or len(group) == MOST_FILES):
            yield Split(number, tuple(group))
            number, group, held = number + 1, [], 0
        if guess <= split_bytes:
            group.append(Piece(file, stored_bytes=file.stored_bytes))
            held += guess
            continue
        for piece in _cut(file, reading, Path(spool), is_done, split_bytes, number):
            yield Split(number, (piece,))
            number += 1
    if group:
        yield Split(number, tuple(group))


def _cut(
    file: SourceFile, reading: Reading, spool: Path, is_done: Callable[[int], bool], split_bytes: int, number: int
) -> Iterator[Piece]:
    """Pieces of one large file, each for a split of its own; the first has split number `number`."""
    ranges: list[tuple[int, int]] = []
    try:
        if file.format == "parquet" and not file.compression:
            ranges = list(parquet_ranges(file.path, split_bytes))
        elif file.format == "arrow" and not file.compression:
            ranges = list(arrow_ranges(file.path, split_bytes))
        elif file.format in ("warc", "tar", "zip"):
            ranges = list(member_ranges(file, split_bytes))
        elif (lines := as_lines(file, reading)) is not None:
            if file.compression:
                yield from _spooled(lines, reading, spool, is_done, split_bytes, number)
                return
            file, size = lines, file.stored_bytes
            ranges = [(start, min(start + split_bytes, size)) for start in range(0, size, split_bytes)]
    except (BrokenStream, pa.ArrowException, OSError):  # the reader of the whole file finds it too, and says so
        ranges = []
    if not ranges:
        yield Piece(file, stored_bytes=file.stored_bytes)
        return
    total = ranges[-1][1]
    shares = [file.stored_bytes * stop // total for _, stop in ranges]
    for (start, stop), share, before in zip(ranges, shares, [0, *shares], strict=False):
        last = stop == total  # of a file that has grown since, too
        yield Piece(file, start, None if last else stop, stored_bytes=share - before)


def as_lines(file: SourceFile, reading: Reading) -> SourceFile | None:
    """The file as one of lines that can be cut at any newline byte, or None.

    Raises
    ------
    BrokenStream
        The file cannot be read.
    """
    if file.format == "json" and json_kind(read_head(file)) == "lines":
        file = replace(file, format="jsonl")
    if file.format == "csv":
        cuttable = not file.compression and not has_quotes(file.path)
    else:
        cuttable = file.format == "jsonl" or (file.format == "text" and reading.text_files == "line")
    return file if cuttable and not is_wide(file_charset(file, reading)) else None


def read_head(file: SourceFile) -> bytes:
    """The beginning of a file, decompressed."""
    with Stream(file.path, file.compression) as stream:
        try:
            return stream.read(HEAD)
        except BrokenStream:
            return b""


def file_charset(file: SourceFile, reading: Reading) -> str:
    """Encoding of a file of lines."""
    return detect_lines(read_head(file)) if reading.charset == "auto" else reading.charset


def _spooled(
    file: SourceFile, reading: Reading, spool: Path, is_done: Callable[[int], bool], split_bytes: int, number: int
) -> Iterator[Piece]:
    """A compressed file of lines, decompressed into files that end at the first newline from `split_bytes` on."""
    charset = file_charset(file, reading)
    spool.mkdir(parents=True, exist_ok=True)
    start = taken = 0
    with Stream(file.path, file.compression) as stream:
        rest = stream.read(BUFFER)
        while True:
            path = None if is_done(number) else spool / f"{number:06d}.lines"
            length, rest, failure = _fill(path, stream, rest, split_bytes)
            file.check()
            packed = stream.taken if rest else file.stored_bytes
            yield Piece(
                file,
                start,
                start + length,
                spool=None if path is None else str(path),
                charset=charset,
                failure=failure,
                stored_bytes=packed - taken,
            )
            if not rest:
                return
            start, taken, number = start + length, packed, number + 1


def _fill(path: Path | None, stream: Stream, data: bytes, size: int) -> tuple[int, bytes, Failure | None]:
    """Write lines to a file until it has `size` bytes: their length, bytes read beyond, and how the stream ended."""
    temporary = None if path is None else path.with_suffix(".tmp")
    length = 0
    failure = None
    with open(os.devnull if temporary is None else temporary, "wb", buffering=0) as target:
        while data:
            cut = data.find(b"\n", max(size - 1 - length, 0)) + 1
            part = data[:cut] if cut else data
            target.write(part)
            length += len(part)
            data = data[len(part) :]
            try:
                data = data or stream.read(BUFFER)
            except BrokenStream as error:
                failure = Failure(error.reason, error.message)
            if cut:
                break
    if temporary is not None and path is not None:
        os.replace(temporary, path)
    return length, data, failure
