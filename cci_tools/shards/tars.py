"""Members of tar files, plain or compressed, one after the other in a stream."""

import os
import re
import tarfile
from array import array
from collections.abc import Iterator

import numpy as np
import xxhash

from cci_tools.shards.archive import Member, Names, any_name, shown_names
from cci_tools.shards.compression import BrokenStream, Stream
from cci_tools.shards.lines import Failure

BLOCK = 512
_MORE_SPARSE, _MORE_MAP = 482, 504
"""Bytes of the header of a GNU sparse file, and of a block of its map, that say that a block of the map follows."""
_LONGEST_NAME = 1 << 20
_LONG_NAME, _LONG_LINK, _EXTENDED = (b"L",), (b"K", b"g"), (b"x", b"X")
_DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_GNU = (b"D", b"V")  # the names of a folder, the label of a volume
_NO_FILES = (tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, *_DEVICES, *_GNU)
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

    A header that is damaged is a member with a failure; reading goes on at the next header that is whole. Of members of
    one name, as ``tar --append`` leaves them, all but the first have the position of their header behind the name.

    Parameters
    ----------
    path, compression : str
        The archive.
    start, stop : int, int or None
        The range, of the decompressed bytes; `start` is where a header begins, or the members before are passed over.
    """
    with Stream(path, compression, 0 if compression else start) as stream:
        place = [0 if compression else start]
        try:
            yield from _members(stream, place, start, stop)
        except BrokenStream as error:  # between two members; the ones before are not to be lost
            yield Member(f"#byte={place[0]}", None, int, Failure(error.reason, error.message))


def _members(stream: Stream, places: list[int], start: int, stop: int | None) -> Iterator[Member]:
    """The members; `places` has the byte of the header that was read last."""
    at = places[0]
    named: dict[str, bytes] = {}
    names = Names() if not start and stop is None else None  # parts of an archive have no repeated names
    lost = False
    while stop is None or at < stop or named:
        places[0] = place = at
        header = stream.read(BLOCK)
        if not header:
            return
        at += BLOCK
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
        more = info.type == tarfile.GNUTYPE_SPARSE and header[_MORE_SPARSE]
        while more:  # of the map of a sparse file
            block = stream.read(BLOCK)
            at += BLOCK
            more = len(block) == BLOCK and block[_MORE_MAP]
        size = _size(info, named)
        part = _Part(stream, size)
        at += -(-size // BLOCK) * BLOCK
        if info.type in (*_LONG_NAME, *_EXTENDED):
            data = _small(part)
            named |= {"path": data.rstrip(b"\0")} if info.type in _LONG_NAME else _records(data)
        elif _is_file(info):
            shown = _shown(info, named)
            before = stream.taken
            sparse = info.type == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse") for key in named)
            failure = Failure("not_a_page", "a sparse file") if sparse else None
            mark = f"#header={place}" if names and names.again(shown) else ""
            packed = lambda before=before: stream.taken - before  # noqa: E731
            yield Member(shown, part, packed, failure, mark)
            named = {}
        elif info.type not in _LONG_LINK:
            named = {}
        _skip(part, -size % BLOCK, stream)


def starts(path: str, step: int) -> list[int]:
    """Bytes of a plain tar file at which headers begin, each the first that is `step` bytes or more after the last.

    None where a name comes twice or a header is damaged: who tells members of one name apart must read them all.
    """
    found: list[int] = []
    names = array("Q")
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        at = last = 0
        named: dict[str, bytes] = {}
        attached = False  # to the header before, which names this one
        while at < end:
            file.seek(at)
            header = file.read(BLOCK)
            if not header.strip(b"\0"):
                at += BLOCK
                continue
            try:
                info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
            except tarfile.HeaderError:
                return []
            if info.type == tarfile.GNUTYPE_SPARSE and header[_MORE_SPARSE]:
                return []
            size = _size(info, named)
            if info.type in (*_LONG_NAME, *_EXTENDED):
                data = file.read(min(size, _LONGEST_NAME))
                named |= {"path": data.rstrip(b"\0")} if info.type in _LONG_NAME else _records(data)
            if at - last >= step and not attached:
                found.append(at)
                last = at
            attached = info.type in (*_LONG_NAME, *_LONG_LINK, *_EXTENDED)
            if not attached:
                if _is_file(info):
                    names.append(xxhash.xxh3_64_intdigest(_shown(info, named).encode()))
                named = {}
            at += BLOCK + -(-size // BLOCK) * BLOCK
    return found if len(np.unique(names)) == len(names) else []


def _size(info: tarfile.TarInfo, named: dict[str, bytes]) -> int:
    told = named.pop("size", b"")  # of a file of more than 8 GB
    return int(told) if told.isdigit() and len(told) < 19 else max(info.size, 0)


def _is_file(info: tarfile.TarInfo) -> bool:
    """POSIX has unknown types read as files."""
    if info.type in (*_NO_FILES, *_LONG_NAME, *_LONG_LINK, *_EXTENDED):
        return False
    return not (info.type == tarfile.AREGTYPE and info.name.endswith("/"))


def _shown(info: tarfile.TarInfo, named: dict[str, bytes]) -> str:
    name = named.pop("path", None) or info.name.encode("utf-8", "surrogateescape")
    return any_name(shown_names([name])[0])


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
