"""Members of zip files."""

import stat
import zipfile
from collections.abc import Iterator
from typing import IO

from cci_tools.shards.archive import Member, any_name, shown_names
from cci_tools.shards.compression import BrokenStream
from cci_tools.shards.lines import Failure

_UTF8_FLAG, _ENCRYPTED = 0x800, 0x1


class _Unpacked:
    """Bytes of a member; broken data are said in our way."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info
        self._stream: zipfile.ZipExtFile | None = None

    def read(self, size: int) -> bytes:
        try:
            if self._stream is None:
                self._stream = self._archive.open(self._info)  # type: ignore[assignment]
            assert self._stream is not None
            return self._stream.read(size)
        except EOFError as error:
            raise BrokenStream("truncated_file", "the archive ends in the middle of the member") from error
        except Exception as error:  # zlib, checksums, methods that are not known: each in its own way
            raise BrokenStream("corrupt_file", str(error) or type(error).__name__) from error


def members(source: str | IO[bytes], start: int, stop: int | None) -> Iterator[Member]:
    """Files of a zip archive, in the order of its directory.

    Names that are not marked as UTF-8 are read as Chinese (GBK) where they fit. Of entries of one name all but the
    first have their number behind it.

    Parameters
    ----------
    source : str or file
        The archive.
    start, stop : int, int or None
        Numbers of entries of the directory.

    Raises
    ------
    BrokenStream
        It is no zip archive, or its directory, which stands at its end, is damaged.
    """
    try:
        archive = zipfile.ZipFile(source)
    except OSError as error:
        raise BrokenStream("unreadable_file", error.strerror or str(error)) from error
    except Exception as error:  # of the library, or plain ones
        raise BrokenStream("corrupt_file", str(error) or type(error).__name__) from error
    with archive:
        entries = archive.infolist()
        names = _names(entries)
        first = {name: number for number, name in reversed(list(enumerate(names)))}
        for number in range(len(entries))[start:stop]:
            info, name = entries[number], names[number]
            if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16):
                continue
            mark = "" if first[name] == number else f"#entry={number}"
            if info.flag_bits & _ENCRYPTED:
                yield Member(name, None, int, Failure("encrypted", "needs a password"), mark)
            else:
                packed = lambda size=info.compress_size: size  # noqa: E731
                yield Member(name, _Unpacked(archive, info), packed, mark=mark)


def ranges(path: str, split_bytes: int) -> Iterator[tuple[int, int]]:
    """Ranges of entries that unpack to about `split_bytes` each, by what the directory says."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [info.file_size for info in archive.infolist()]
    except Exception as error:  # the reader says why
        raise BrokenStream("corrupt_file", str(error)) from error
    start = held = 0
    for number, size in enumerate(sizes):
        if held and held + size > split_bytes:
            yield start, number
            start, held = number, 0
        held += size
    if sizes:
        yield start, len(sizes)


def _names(entries: list[zipfile.ZipInfo]) -> list[str]:
    unmarked = [info for info in entries if not info.flag_bits & _UTF8_FLAG]
    decoded = shown_names([info.orig_filename.encode("cp437", "replace") for info in unmarked])
    shown = {id(info): name for info, name in zip(unmarked, decoded, strict=True)}
    return [any_name(shown.get(id(info), info.filename)).replace("\\", "/") for info in entries]
