"""Compressed files as streams that say when they are cut short or damaged."""

import bz2
import io
import lzma
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

FEED = 8 * 1024
"""Compressed bytes taken at a time; small, because zstandard decompresses all that it is fed at once."""

UNPACK = 32 * 1024
"""Decompressed bytes taken at a time. Fixed: what a damaged file still gives must not depend on who reads it."""

MAX_WINDOW = 2**31
"""Largest zstd window accepted, in bytes; ``zstd --long=31`` writes it."""


class BrokenStream(Exception):
    """The file cannot be read on from here. All bytes before have been given out.

    Attributes
    ----------
    reason : str
        ``"truncated_file"``, ``"corrupt_file"`` or ``"unreadable_file"``.
    message : str
        What was found.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message


class Stream:
    """Bytes of a file, decompressed.

    Parameters
    ----------
    path : str
        The file.
    compression : {"", "gzip", "zstd", "bzip2", "xz"}
        How it is packed. Files of several members or frames are read to the last.
    start : int, default 0
        Byte to begin with; plain files only.

    Attributes
    ----------
    taken : int
        Bytes read of the file so far, as they are on the disk.

    Raises
    ------
    BrokenStream
        The file cannot be opened.
    """

    def __init__(self, path: str, compression: str, start: int = 0) -> None:
        self._ready = memoryview(b"")
        self._new = _DECOMPRESSORS[compression]() if compression else None
        self._member: Any = None
        self._rest = b""
        self._members = 0
        self.taken = 0
        self._broken: BrokenStream | None = None
        try:
            self._file: BinaryIO = open(path, "rb", buffering=0)  # noqa: SIM115
            self._file.seek(start)
        except OSError as error:
            raise BrokenStream("unreadable_file", error.strerror or str(error)) from error

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int) -> bytes:
        """The next bytes: `size` of them unless the file ends or breaks before, and ``b""`` at its end.

        Raises
        ------
        BrokenStream
            Nothing is left but the reason why the file cannot be read on.
        """
        parts: list[bytes] = []
        missing = size
        while missing:
            if self._broken is None:
                try:
                    part = self._some(missing)
                except BrokenStream as error:
                    self._broken = error
            if self._broken is not None:
                if parts:
                    break
                raise self._broken
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _some(self, size: int) -> bytes:
        if self._new is None:
            return self._raw(size)
        while not self._ready:
            if self._member is None and not self._next_member():
                return b""
            self._ready = memoryview(self._decompress())
        part = bytes(self._ready[:size])
        self._ready = self._ready[size:]
        return part

    def _raw(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            raise BrokenStream("unreadable_file", error.strerror or str(error)) from error
        self.taken += len(data)
        return data

    def _next_member(self) -> bool:
        """Begin a member (gzip), frame (zstd) or stream (bzip2, xz); False when there is no more."""
        while True:
            self._rest = self._rest.lstrip(b"\0") if self._members else self._rest  # padding of tapes and of xz
            if self._rest:
                break
            self._rest = self._raw(FEED)
            if not self._rest:
                if not self._members:
                    raise BrokenStream("truncated_file", "the compressed file is empty")
                return False
        assert self._new is not None
        self._member = self._new()
        return True

    def _decompress(self) -> bytes:
        member = self._member
        if self._rest:
            packed, self._rest = self._rest, b""
        elif member.needs_input:
            packed = self._raw(FEED)
            if not packed:
                raise BrokenStream("truncated_file", "the compressed file ends in the middle of its data")
        else:
            packed = b""
        try:
            data: bytes = member.decompress(packed, UNPACK)
        except Exception as error:  # every library has its own, some of them plain Exception or MemoryError
            message = str(error) or type(error).__name__
            if self._members:
                message = f"after {self._members} complete members: {message}"
            raise BrokenStream("corrupt_file", message) from error
        if member.eof:
            self._rest = member.unused_data
            self._member = None
            self._members += 1
        return data


class _ZstdFrame:
    """One zstd frame with the interface of the standard library's decompressors."""

    needs_input = True

    def __init__(self, decompressor: Any) -> None:
        self._frame = decompressor.decompressobj()
        self.unused_data = b""
        self.eof = False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        unpacked: bytes = self._frame.decompress(data)
        self.eof = self._frame.eof
        self.unused_data = self._frame.unused_data
        return unpacked


def _gzip() -> Callable[[], Any]:
    from isal import igzip_lib

    return lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


def _zstd() -> Callable[[], Any]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    return lambda: _ZstdFrame(decompressor)


_DECOMPRESSORS: dict[str, Callable[[], Callable[[], Any]]] = {
    "gzip": _gzip,
    "zstd": _zstd,
    "bzip2": lambda: bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor,
}

SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
"""File name endings of compressed files, and what they stand for."""


def unpacked(stream: Stream) -> BinaryIO:
    """The whole stream as a temporary file, for formats that are read from their end."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    while data := stream.read(1 << 20):
        file.write(data)
    file.seek(io.SEEK_SET)
    return file
