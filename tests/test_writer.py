"""Files of a run: the same bytes however rows are batched, whole or not at all, and rows found by number."""

import hashlib
import itertools
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools import schema
from cci_tools.shards.writer import (
    ArrowFile,
    arrow_schema,
    map_arrow,
    read_arrow,
    read_rows,
    write_arrow,
    write_shard,
)
from cci_tools.stage import make_batch

TEXTS = [f"第{i}条　各级人民政府应当加强对档案工作的领导。" * (1 + i * 7 % 23) for i in range(60)]
WHOLE = make_batch(TEXTS, source=["省档案馆", None, "市档案馆"] * 20, url=[None] * 60)


def batched(cuts: list[int]) -> list[pa.RecordBatch]:
    edges = [0, *sorted(cuts), WHOLE.num_rows]
    return [WHOLE.slice(a, b - a) for a, b in itertools.pairwise(edges)]


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=8))
def test_bytes_of_a_shard_depend_on_rows_alone(cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = write_shard(Path(folder, "one"), [WHOLE], schema.CORE, row_group_bytes=9_000)
        many = write_shard(Path(folder, "many"), batched(cuts), schema.CORE, row_group_bytes=9_000)
        assert one.sha256 == many.sha256
        data = Path(folder, "many").read_bytes()
        assert hashlib.sha256(data).hexdigest() == many.sha256
        assert len(data) == many.file_bytes


def test_row_groups_are_bounded_by_bytes(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "a.parquet", [WHOLE], schema.CORE, row_group_bytes=9_000)
    with pq.ParquetFile(tmp_path / "a.parquet") as file:
        assert file.metadata.num_row_groups > 5
        for number in range(file.metadata.num_row_groups):
            sizes = [len(text.encode()) + 256 for text in file.read_row_group(number).column("text").to_pylist()]
            assert sum(sizes[:-1]) < 9_000
            assert sum(sizes) >= 9_000 or number == file.metadata.num_row_groups - 1
    assert shard.rows == 60
    assert shard.text_bytes == sum(len(text.encode()) for text in TEXTS)
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == WHOLE.to_pylist()
    assert os.listdir(tmp_path) == ["a.parquet"]


def test_shard_without_rows_has_its_columns(tmp_path: Path) -> None:
    assert write_shard(tmp_path / "a.parquet", [], schema.REJECTS).rows == 0
    assert pq.read_schema(tmp_path / "a.parquet").equals(schema.REJECTS)


def test_shard_refuses_other_columns_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="columns"):
        write_shard(tmp_path / "a.parquet", [WHOLE.select(["id", "text"])], schema.CORE)
    assert os.listdir(tmp_path) == []


def test_shard_can_be_sized_by_bytes(tmp_path: Path) -> None:
    batch = pa.record_batch({"signature": pa.array([b"\x00\x01" * 50] * 40, pa.binary(100))})
    shard = write_shard(tmp_path / "i.parquet", [batch], batch.schema, sized_by="signature", row_group_bytes=3560)
    assert (shard.rows, shard.text_bytes) == (40, 4000)
    with pq.ParquetFile(tmp_path / "i.parquet") as file:
        assert [file.metadata.row_group(i).num_rows for i in range(4)] == [10] * 4


def test_exception_of_the_source_passes_and_leaves_nothing(tmp_path: Path) -> None:
    def batches():
        yield WHOLE
        raise RuntimeError("source broke")

    (tmp_path / "a.parquet").write_bytes(b"earlier")
    with pytest.raises(RuntimeError, match="source broke"):
        write_shard(tmp_path / "a.parquet", batches(), schema.CORE)
    with pytest.raises(RuntimeError, match="source broke"):
        write_arrow(tmp_path / "a.arrow", batches())
    assert os.listdir(tmp_path) == ["a.parquet"]
    assert (tmp_path / "a.parquet").read_bytes() == b"earlier"


@pytest.mark.parametrize("writer", ["write_shard(path, batches, batch.schema)", "write_arrow(path, batches)"])
def test_full_disk_names_the_file(tmp_path: Path, writer: str) -> None:
    code = f"""
import os, sys, pyarrow as pa
from cci_tools.shards.writer import write_arrow, write_shard
path = sys.argv[1]
batch = pa.record_batch({{"text": [os.urandom(30_000).hex() for _ in range(20)]}})
batches = iter([batch] * 20)
try:
    {writer}
except OSError as error:
    print(error.filename, error.strerror)
"""

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    path = tmp_path / "part"
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=small_files)
    assert done.stdout.startswith(f"{path} cannot write: File too large"), done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("compression", ["lz4", "zstd", None])
def test_arrow_round_trip(tmp_path: Path, compression) -> None:
    path = tmp_path / "a.arrow"
    assert write_arrow(path, batched([7, 7, 30]), compression) == 60
    assert os.listdir(tmp_path) == ["a.arrow"]
    assert map_arrow(path).combine_chunks().to_batches() == [WHOLE]
    assert pa.Table.from_batches(read_arrow(path)).combine_chunks().to_batches() == [WHOLE]
    assert arrow_schema(path).equals(schema.CORE)
    assert map_arrow(path, ["text", "id"]).column("text").to_pylist() == TEXTS
    with pytest.raises(KeyError, match="no column nothing"):
        map_arrow(path, ["nothing"])


def test_arrow_rows_by_number(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    write_arrow(path, batched([7, 30]))
    for rows in ([], [0], [59], [6, 7, 29, 30], [3, 3], range(60)):
        assert read_rows(path, list(rows)).column("text").to_pylist() == [TEXTS[row] for row in rows]
    assert read_rows(path, [1], columns=["source"]).to_pydict() == {"source": [None]}
    for wrong in ([60], [-1], [5, 4]):
        with pytest.raises(IndexError):
            read_rows(path, wrong)


def test_arrow_file_without_batches(tmp_path: Path) -> None:
    write_arrow(tmp_path / "a", [], schema=schema.REJECTS)
    assert map_arrow(tmp_path / "a").schema.equals(schema.REJECTS)
    write_arrow(tmp_path / "b", [])
    assert map_arrow(tmp_path / "b").num_rows == 0


def test_arrow_file_is_absent_until_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    with ArrowFile(path) as file:
        file.write(WHOLE)
        assert not path.exists()
    assert path.exists()
    assert file.rows == 60
