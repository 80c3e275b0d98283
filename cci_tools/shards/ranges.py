"""Where large files can be cut: row groups, record batches, records of a crawl, members of an archive."""

from collections.abc import Iterable, Iterator

from cci_tools.shards.inputs import SourceFile
from cci_tools.shards.table import arrow_batches, mapped, parquet_file
from cci_tools.shards.tars import starts as tar_starts
from cci_tools.shards.warc_records import record_starts
from cci_tools.shards.zips import ranges as zip_ranges

PACKED = 4
"""Bytes that a byte of a gzip file is guessed to hold."""


def member_ranges(file: SourceFile, split_bytes: int) -> Iterator[tuple[int, int]]:
    """Ranges of about `split_bytes` of a crawl or an archive, where it can be read from the middle."""
    if file.format == "zip":
        if not file.compression:
            yield from zip_ranges(file.path, split_bytes)
        return
    if file.format == "warc" and file.compression == "gzip":
        starts: Iterable[int] = range(split_bytes // PACKED, file.stored_bytes, split_bytes // PACKED)
    elif file.compression:  # a stream has one beginning
        return
    else:
        starts = (record_starts if file.format == "warc" else tar_starts)(file.path, split_bytes)
    begin = 0
    for start in starts:
        yield begin, start
        begin = start
    yield begin, file.stored_bytes


def parquet_ranges(path: str, split_bytes: int) -> Iterator[tuple[int, int]]:
    """Row ranges of about `split_bytes`, at the bounds of row groups unless one is larger."""
    with parquet_file(path) as file:
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    start = row = held = 0
    for rows, size in sizes:
        if held and held + size > split_bytes:
            yield start, row
            start, held = row, 0
        parts = min(rows, -(-size // split_bytes)) if size >= 2 * split_bytes else 1
        for part in range(1, parts):
            stop = row + rows * part // parts
            yield start, stop
            start = stop
        row, held = row + rows, held + size // max(parts, 1)
    if row > start:
        yield start, row


def arrow_ranges(path: str, split_bytes: int) -> Iterator[tuple[int, int]]:
    """Row ranges of about `split_bytes`, at the bounds of record batches."""
    start = row = held = 0
    with mapped(path) as file:
        for batch in arrow_batches(file):
            if held and held + batch.nbytes > split_bytes:
                yield start, row
                start, held = row, 0
            row, held = row + batch.num_rows, held + batch.nbytes
    if row > start:
        yield start, row
