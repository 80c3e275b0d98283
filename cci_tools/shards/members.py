"""A gzip file of many members as one stream that knows where each begins, and that goes on behind a damaged one."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, BinaryIO

from cci_tools.shards.compression import BrokenStream

FEED = 64 * 1024
"""Compressed bytes taken at a time."""

UNPACK = 256 * 1024
"""Decompressed bytes taken at a time."""

_MAGIC = b"\x1f\x8b\x08"
_PROBE = 4096


class Members:
    """Decompressed bytes of a gzip file from the first member on that begins at or after a byte.

    Parameters
    ----------
    path : str
        The file.
    start : int
        Byte of the file. From any but 0 the first member that begins with `mark` is looked for.
    mark : bytes
        What a member that can be read by itself begins with, decompressed.

    Raises
    ------
    BrokenStream
        The file cannot be opened.
    """

    def __init__(self, path: str, start: int, mark: bytes) -> None:
        from isal import igzip_lib

        self._new: Callable[[], Any] = lambda: igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        self._mark = mark
        self._member: Any = None
        self._packed = b""  # read of the file and not decompressed
        self.position = 0  # decompressed bytes given out
        self._begins: list[tuple[int, int]] = []  # decompressed and packed position of each member, the latest few
        try:
            self._file: BinaryIO = open(path, "rb", buffering=0)  # noqa: SIM115
            self._at = 0  # packed position behind `_packed`
            self._seek(self._find(start) if start else 0)
        except OSError as error:
            raise BrokenStream("unreadable_file", error.strerror or str(error)) from error

    def __enter__(self) -> "Members":
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def place(self, position: int) -> tuple[int, int]:
        """Where a decompressed position lies: the packed position of its member, and the bytes from there on."""
        at = bisect_right(self._begins, (position, 1 << 62)) - 1
        begin, packed = self._begins[max(at, 0)] if self._begins else (0, 0)
        del self._begins[: max(at, 0)]
        return packed, position - begin

    def read(self, size: int) -> bytes:
        """Some bytes, at most `size`, of one member; ``b""`` at the end.

        Raises
        ------
        BrokenStream
            The member is damaged, or what follows is not one. `resume` goes on behind it.
        """
        while True:
            if self._member is None and not self._begin():
                return b""
            if not self._packed and self._member.needs_input:
                self._more()
                if not self._packed:
                    self._member = None
                    raise BrokenStream("truncated_file", "the compressed file ends in the middle of its data")
            packed, self._packed = self._packed, b""
            try:
                data: bytes = self._member.decompress(packed, min(size, UNPACK))
            except Exception as error:  # of the library, or plain ones
                self._member = None
                raise BrokenStream("corrupt_file", str(error) or type(error).__name__) from error
            if self._member.eof:
                self._packed, self._member = self._member.unused_data, None
            if data:
                self.position += len(data)
                return data

    def resume(self) -> bool:
        """Go on at the next member that can be read by itself; False where there is none."""
        try:
            found = self._find(self._begins[-1][1] + 1 if self._begins else 1)
        except OSError:
            return False
        self._seek(found)
        return bool(self._packed or self._more())

    def _begin(self) -> bool:
        packed = self._packed.lstrip(b"\0") or self._more()
        while packed and not packed.strip(b"\0"):  # padding of tapes
            packed = self._more()
        self._packed = packed = packed.lstrip(b"\0")
        if len(packed) < 3 and packed:
            self._packed = packed = packed + self._more()
        if not packed:
            return False
        self._begins.append((self.position, self._at - len(packed)))
        if not packed.startswith(_MAGIC):
            raise BrokenStream("corrupt_file", "the bytes that follow are no gzip member")
        self._member = self._new()
        return True

    def _more(self) -> bytes:
        try:
            self._packed = self._file.read(FEED)
        except OSError as error:
            raise BrokenStream("unreadable_file", error.strerror or str(error)) from error
        self._at += len(self._packed)
        return self._packed

    def _seek(self, packed: int) -> None:
        self._file.seek(packed)
        self._at, self._packed, self._member = packed, b"", None

    def _find(self, start: int) -> int:
        """Packed position of the first member from `start` on that begins with the mark; else the end of the file."""
        self._file.seek(start)
        held = self._file.read(FEED)
        base = start
        while held:
            at = held.find(_MAGIC)
            while at >= 0:
                if at + _PROBE > len(held):
                    held += self._file.read(FEED)
                if self._is_member(held[at : at + _PROBE]):
                    return base + at
                at = held.find(_MAGIC, at + 1)
            more = self._file.read(FEED)
            if not more:
                return base + len(held)
            base += len(held) - 2
            held = held[-2:] + more
        return start

    def _is_member(self, packed: bytes) -> bool:
        try:
            return bool(self._new().decompress(packed, len(self._mark)).startswith(self._mark))
        except Exception:
            return False
