"""Benchmark files: JSON, JSON lines, CSV and Parquet, packed or not, as decoded records."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import zstandard

from cci_tools.decontamination.items import FIELDS

_KINDS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
_PACKED = (".gz", ".zst")


def benchmark_files(paths: Iterable[str | Path]) -> list[Path]:
    """The files named, and in the place of a folder all benchmark files under it, sorted.

    Raises
    ------
    FileNotFoundError
        A path does not exist, or a folder holds no benchmark file.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and _kind(p) in _KINDS)
            if not inside:
                raise FileNotFoundError(f"{path}: no benchmark file ({', '.join(_KINDS)}, also {', '.join(_PACKED)})")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise FileNotFoundError(f"{path}: no such benchmark file")
    return found


def read_records(path: str | Path) -> Iterator[Any]:
    """The records of a benchmark file: one decoded JSON value, row or line after the other.

    Parameters
    ----------
    path : str or Path
        ``.json`` (one value, or several in a row), ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``, each also with
        ``.gz`` or ``.zst``. A CSV file without a head must hold question, choices and the right letter.

    Raises
    ------
    ValueError
        The name ends otherwise, or the content is not what the name says; the message names the file.
    """
    path = Path(path)
    kind = _kind(path)
    if kind not in _KINDS:
        raise ValueError(f"{path}: a benchmark file ends in {', '.join(_KINDS)}, or one of these and .gz or .zst")
    try:
        if kind == ".parquet":
            yield from pq.read_table(io.BytesIO(_bytes(path))).to_pylist()
            return
        text = _bytes(path).decode("utf-8-sig")
        if kind in (".csv", ".tsv"):
            csv.field_size_limit(1 << 30)
            yield from _rows(text, "\t" if kind == ".tsv" else ",")
        elif kind == ".json":
            yield from _values(text)
        else:
            yield from (json.loads(line) for line in text.split("\n") if line.strip())
    except (ValueError, OSError, csv.Error, zstandard.ZstdError, EOFError) as error:
        raise ValueError(f"{path}: not readable as {kind[1:]}: {error}") from error


def _rows(text: str, delimiter: str) -> Iterator[dict[str, Any]]:
    """Rows by column name. MMLU's files have no head: question, choices, letter of the right one."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    head = next(lines, [])
    names = {name for known in FIELDS.values() for name in known if name}
    if len(head) >= 4 and head[-1].strip() in tuple("ABCDEFGHIJ") and not names.intersection(head):
        bare = ["question", *"ABCDEFGHIJ"[: len(head) - 2], "answer"]
        yield dict(zip(bare, head, strict=True))
        head = bare
    for line in lines:
        if line:
            yield dict(zip(head, line, strict=False))


def _values(text: str) -> Iterator[Any]:
    """JSON values one after the other; most files hold one."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace() or text[at] == ",":
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield value


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        return gzip.decompress(data)
    if path.suffix.lower() == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(data) as stream:
            return stream.read()
    return data
