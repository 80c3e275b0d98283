"""A file that comes into being whole or not at all."""

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import xxhash


class AtomicFile:
    """A file that is hashed while it is written, and put under its name when it is complete.

    A context manager, with as much of the interface of a binary file as pyarrow asks of one. When an exception passes,
    nothing is left; what a killed process leaves is overwritten by the next that writes the file.

    Parameters
    ----------
    path : Path
        The file.
    lasting : bool, default True
        The file is on the disk before it has its name. Work in progress is not waited for: after a power cut its digest
        tells whether it is still what was written.

    Attributes
    ----------
    size : int
        Bytes written.
    digest : hash
        SHA-256 of them; XXH3 of 64 bits of a file that is not lasting.

    Raises
    ------
    OSError
        The disk is full, or the folder cannot be written; the error names the file.
    """

    closed = False

    def __init__(self, path: Path, *, lasting: bool = True) -> None:
        self.path = path
        self.size = 0
        self.digest: Any = hashlib.sha256() if lasting else xxhash.xxh3_64()
        self._lasting = lasting
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._file: IO[bytes] | None = None
        self._error: OSError | None = None

    def __enter__(self) -> Self:
        try:
            self._file = open(self._temporary, "wb", buffering=0)
        except OSError as error:
            raise self._named(error) from error
        return self

    def write(self, data: Any) -> int:
        """Append bytes."""
        view = memoryview(data).cast("B")
        assert self._file is not None
        done = 0
        try:
            while done < len(view):
                done += self._file.write(view[done:]) or 0
        except OSError as error:
            self._error = self._named(error)
            raise self._error from error
        self.digest.update(view)
        self.size += done
        return done

    def tell(self) -> int:
        """Bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Nothing is held back."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            if kind is None:
                if self._lasting:
                    os.fsync(self._file.fileno())
                self._file.close()
                os.replace(self._temporary, self.path)
        except OSError as late:
            raise self._named(late) from late
        finally:
            self._file.close()
            self._temporary.unlink(missing_ok=True)
        if kind is not None and self._error is not None and error is not self._error:
            raise self._error from error

    def _named(self, error: OSError) -> OSError:
        return OSError(error.errno, f"cannot write: {os.strerror(error.errno or 0)}", str(self.path))
