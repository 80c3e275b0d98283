"""Members of tar files, plain or compressed, one after the other in a stream."""

import re
import tarfile
from collections.abc import Iterator

from cci_tools.shards.archive import Member, any_name, shown_names
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.lines import Failure

BLOCK = 512
_LONGEST_NAME = 1 << 20
_LONG_NAME, _LONG_LINK, _EXTENDED = (b"L",), (b"K", b"g"), (b"x", b"X")
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_RECORD = re.compile(rb"(\d{1,9}) ([^=]{1,100})=")


class _Part:
    """The bytes of a member, out of the stream of the archive."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self.left = size

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self.left)) if self.left else b""
        if not data and self.left:
            self.left = 0
            raise BrokenStream("truncated_file", "the archive ends in the middle of the member")
        self.left -= len(data)
        return data


def members(path: str, compression: str, start: int, stop: int | None) -> Iterator[Member]:
    """Files of a tar archive whose headers begin in a byte range.

    A header that is damaged is a member with a failure; reading goes on at the next header that is whole.

    Parameters
    ----------
    path, compression : str
        The archive.
    start, stop : int, int or None
        The range, of the decompressed bytes; `start` is where a header begins, or the members before are passed over.
    """
    with Stream(path, compression, 0 if compression else start) as stream:
        at = 0 if compression else start
        named: dict[str, bytes] = {}
        lost = False
        while stop is None or at < stop or named:
            header = stream.read(BLOCK)
            if not header:
                return
            place, at = at, at + BLOCK
            if len(header) < BLOCK:
                yield Member(f"#byte={place}", None, int, Failure("truncated_file", "the archive ends in a header"))
                return
            if not header.strip(b"\0"):
                continue
            try:
                info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.HeaderError as error:
                if not lost:
                    yield Member(f"#byte={place}", None, int, Failure("corrupt_file", f"no header: {error}"))
                lost, named = True, {}
                continue
            lost = False
            told = named.pop("size", b"")  # of a file of more than 8 GB
            size = int(told) if told.isdigit() and len(told) < 19 else max(info.size, 0)
            part = _Part(stream, size)
            at += -(-size // BLOCK) * BLOCK
            if info.type in (*_LONG_NAME, *_EXTENDED):
                data = _small(part)
                named |= {"path": data.rstrip(b"\0")} if info.type in _LONG_NAME else _records(data)
            elif info.type in _FILES and not (info.type == tarfile.AREGTYPE and info.name.endswith("/")):
                name = named.pop("path", None) or info.name.encode("utf-8", "surrogateescape")
                before = stream.taken
                sparse = any(key.startswith("GNU.sparse") for key in named)
                failure = Failure("not_a_page", "a sparse file") if sparse else None
                shown = any_name(shown_names([name])[0])
                yield Member(shown, part, lambda before=before: stream.taken - before, failure)  # type: ignore[misc]
                named = {}
            elif info.type not in _LONG_LINK:
                named = {}
            _skip(part, -size % BLOCK, stream)


def starts(path: str, step: int) -> Iterator[int]:
    """Bytes of a plain tar file at which headers begin, each the first that is `step` bytes or more after the last."""
    with open(path, "rb") as file:
        at = last = 0
        attached = False  # to the header before, which names this one
        while True:
            file.seek(at)
            header = file.read(BLOCK)
            if len(header) < BLOCK:
                return
            if not header.strip(b"\0"):
                at += BLOCK
                continue
            try:
                info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.HeaderError:
                return
            if info.type in _EXTENDED:
                named = _records(file.read(min(info.size, _LONGEST_NAME)))
                if "size" in named:  # a file of more than 8 GB: its size stands here
                    return
            if at - last >= step and not attached:
                yield at
                last = at
            attached = info.type in (*_LONG_NAME, *_LONG_LINK, *_EXTENDED)
            at += BLOCK + -(-info.size // BLOCK) * BLOCK


def _small(part: _Part) -> bytes:
    data = b""
    while len(data) < _LONGEST_NAME and (more := part.read(_LONGEST_NAME - len(data))):
        data += more
    return data


def _records(data: bytes) -> dict[str, bytes]:
    """Records of an extended header: ``<length> <name>=<value>\\n``."""
    found: dict[str, bytes] = {}
    at = 0
    while match := _RECORD.match(data, at):
        end = at + int(match[1])
        if end <= match.end():
            break
        found[match[2].decode("utf-8", "replace")] = data[match.end() : end - 1]
        at = end
    return found


def _skip(part: _Part, padding: int, stream: Stream) -> None:
    while part.left and part.read(1 << 20):
        pass
    if padding:
        stream.read(padding)
