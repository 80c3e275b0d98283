"""Archives: every member of a zip or tar file is read as a file of its own would be."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import pyarrow as pa
import xxhash

from cci_tools.cleaning.charset import decode
from cci_tools.shards.compression import BrokenStream
from cci_tools.shards.documents import WHOLE, Document, take
from cci_tools.shards.documents import read as read_documents
from cci_tools.shards.fields import Reading
from cci_tools.shards.inputs import SourceFile, kind_of
from cci_tools.shards.lines import Failure, Readable

RATIO = 250
"""Times that a member may grow beyond `max_document_bytes` when it is unpacked. Text reaches 20, a zip bomb 1,000."""


class Member(NamedTuple):
    """A file in an archive.

    Attributes
    ----------
    name : str
        Path in the archive.
    stream : Readable or None
        Its bytes; must be read before the next member.
    packed : callable
        Bytes of the archive that were read for it so far.
    failure : Failure or None
        Why it cannot be read.
    mark : str
        What tells it from an earlier member of the same name.
    """

    name: str
    stream: Readable | None
    packed: Callable[[], int]
    failure: Failure | None = None
    mark: str = ""


class Names:
    """Names of an archive's members, as one bit each of 16 MiB, however many they are.

    >>> names = Names()
    >>> names.again("a.txt"), names.again("b.txt"), names.again("a.txt")
    (False, False, True)
    """

    def __init__(self) -> None:
        self._bits = bytearray(1 << 24)

    def again(self, name: str) -> bool:
        """Whether the name was there before. With 100,000 members, one in a thousand is taken for a repeated one."""
        place = xxhash.xxh3_64_intdigest(name.encode()) >> 37
        byte, bit = place >> 3, 1 << (place & 7)
        before = self._bits[byte] & bit
        self._bits[byte] |= bit
        return before > 0


def read(
    members: Iterable[Member],
    file: SourceFile,
    batch_bytes: int,
    reading: Reading,
    read_file: Callable[[SourceFile], Iterator[pa.RecordBatch]],
) -> Iterator[pa.RecordBatch]:
    """Members as batches with the core columns; `origin` is ``"<archive>!<member>"``, and what its reader adds.

    Folders and links are passed over. A second member of the same name has a mark behind it. A member of a kind that
    is not read is a reject, because no list of skipped files names it. One that is no document by itself is unpacked to
    a temporary file first.

    Parameters
    ----------
    members : iterable of Member
        In the order of the archive.
    file : SourceFile
        The archive.
    batch_bytes : int
        Text bytes of a batch, at most.
    reading : Reading
        Settings.
    read_file : callable
        Reader of any file.
    """
    for documents, spooled in _grouped(_sorted_out(members, file, reading)):
        if documents is not None:
            yield from read_documents(documents, batch_bytes // 8, reading)
        elif spooled is not None:
            try:
                yield from read_file(spooled)
            finally:
                with suppress(OSError):
                    os.unlink(spooled.path)


def _grouped(
    items: Iterator[Document | SourceFile],
) -> Iterator[tuple[Iterator[Document] | None, SourceFile | None]]:
    """Documents that follow each other together, so that they share batches; files alone."""
    waiting: list[SourceFile] = []

    def until_file() -> Iterator[Document]:
        for item in items:
            if isinstance(item, SourceFile):
                waiting.append(item)
                return
            yield item

    for item in items:
        if isinstance(item, SourceFile):
            yield None, item
            continue
        rest = until_file()
        yield _chained(item, rest), None
        for _ in rest:  # nothing is left, unless the reader of the documents gave up
            pass
        while waiting:
            yield None, waiting.pop()


def _chained(first: Document, rest: Iterator[Document]) -> Iterator[Document]:
    yield first
    yield from rest


def _sorted_out(members: Iterable[Member], file: SourceFile, reading: Reading) -> Iterator[Document | SourceFile]:
    for member in members:
        origin = f"{file.name}!{member.name}{member.mark}"
        kind = kind_of(member.name)
        hidden = any((part[:1] == "." and part.strip(".")) or part == "__MACOSX" for part in member.name.split("/"))
        failure = member.failure
        if failure is None and (kind is None or hidden):
            failure = Failure("not_a_page", "a hidden file" if hidden else "unknown kind of file")
        elif failure is None and kind is not None and kind[0] in ("zip", "tar"):
            failure = Failure("nested_archive", kind[0])
        if failure is not None or member.stream is None or kind is None:
            yield Document(origin, "text", b"", failure or Failure("corrupt_file", "no data"))
        elif kind[0] in WHOLE and not kind[1] and (kind[0] != "text" or reading.text_files == "file"):
            data, failure = take(member.stream, reading.max_document_bytes)
            yield Document(origin, kind[0], data, failure)
        else:
            path, failure = _spool(member, reading)
            if failure is not None:
                yield Document(origin, "text", b"", failure)
            else:
                yield SourceFile(path, origin, *kind, 0, 0, file.position)


def _spool(member: Member, reading: Reading) -> tuple[str, Failure | None]:
    """A member as a temporary file, or why there is none."""
    assert member.stream is not None
    handle, path = tempfile.mkstemp()
    size, failure = 0, None
    with open(handle, "wb") as target:
        try:
            while data := member.stream.read(1 << 20):
                target.write(data)
                size += len(data)
                limit = max(reading.max_document_bytes, RATIO * member.packed())
                if size > limit:
                    failure = Failure("too_large", size, limit)
                    break
        except BrokenStream as error:
            failure = Failure(error.reason, f"{error.message}; after {size} bytes of the member")
    if failure is not None:
        os.unlink(path)
    return path, failure


def shown_names(names: list[bytes]) -> list[str]:
    """Names of members whose encoding is not told: UTF-8 or, for all together, what fits Chinese best.

    >>> shown_names(["公告/一.html".encode("gbk"), "公告/二.html".encode("gbk")])
    ['公告/一.html', '公告/二.html']
    """
    try:
        return [name.decode("utf-8") for name in names]
    except UnicodeDecodeError:
        text = decode(b"\n".join(name.replace(b"\n", b" ") for name in names)).text.split("\n")
        return text if len(text) == len(names) else [name.decode("gb18030", "replace") for name in names]


def any_name(value: Any) -> str:
    """A name without what would make two lines of it."""
    return str(value).replace("\n", " ").replace("\0", "").encode("utf-8", "replace").decode()
