"""Inputs: what is found, under which name, and what is said of the rest."""

import gzip
import os
import pickle
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from cci_tools.shards.reader import InputError, Piece, Reading, Split, inputs, read_split, splits


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b'{"text": "x"}\n')


def test_folder_is_read_in_order_and_the_rest_is_listed(tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    fill(
        dumps,
        "b/y.jsonl",
        "a/x.jsonl.zst",
        "a/X.TXT",
        "z.csv",
        "README.md",
        ".cache/x.jsonl",
        "a/.x.jsonl",
        "b/part.gz",
    )
    found = inputs([dumps])
    assert [file.name for file in found.files] == [
        "dumps/z.csv",
        "dumps/a/X.TXT",
        "dumps/a/x.jsonl.zst",
        "dumps/b/y.jsonl",
    ]
    assert [file.position for file in found.files] == [0, 1, 2, 3]
    assert [(file.format, file.compression) for file in found.files] == [
        ("csv", ""),
        ("text", ""),
        ("jsonl", "zstd"),
        ("jsonl", ""),
    ]
    assert {os.path.relpath(line.split(": ")[0], dumps): line.split(": ")[1] for line in found.skipped} == {
        "README.md": "unknown kind of file",
        ".cache": "hidden",
        "a/.x.jsonl": "hidden",
        "b/part.gz": "unknown kind of file",
    }


def test_names_do_not_depend_on_how_a_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "dumps", "a/x.jsonl")
    names = [
        inputs([path]).files[0].name for path in (tmp_path / "dumps", f"{tmp_path}/dumps/", f"{tmp_path}//dumps/.")
    ]
    monkeypatch.chdir(tmp_path / "dumps")
    names += [inputs([path]).files[0].name for path in (".", "../dumps")]
    assert set(names) == {"dumps/a/x.jsonl"}


def test_names_that_collide_become_paths(tmp_path: Path) -> None:
    fill(tmp_path, "a/x.jsonl", "b/x.jsonl", "b/y.jsonl")
    found = inputs([tmp_path / "a/x.jsonl", tmp_path / "b/x.jsonl", tmp_path / "b/y.jsonl"])
    assert [file.name for file in found.files] == [str(tmp_path / "a/x.jsonl"), str(tmp_path / "b/x.jsonl"), "y.jsonl"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    fill(tmp_path, "a/x.jsonl")
    found = inputs([tmp_path / "a", tmp_path / "a/x.jsonl", f"{tmp_path}/a/*.jsonl"])
    assert [file.name for file in found.files] == ["a/x.jsonl"]
    assert [line.endswith(": given twice") for line in found.skipped] == [True, True]


def test_globs(tmp_path: Path) -> None:
    fill(tmp_path, "a/1.jsonl", "a/2.jsonl", "a/3.md", "b/c/4.jsonl", "a/[5].jsonl")
    assert [file.name for file in inputs([f"{tmp_path}/a/?.jsonl"]).files] == ["1.jsonl", "2.jsonl"]
    found = inputs([f"{tmp_path}/a/?.*"])
    assert ([f.name for f in found.files], len(found.skipped)) == (["1.jsonl", "2.jsonl"], 1)
    assert [f.name for f in inputs([f"{tmp_path}/**/4.jsonl"]).files] == ["4.jsonl"]
    assert [f.name for f in inputs([f"{tmp_path}/*"]).files][-1] == "b/c/4.jsonl"
    assert [f.name for f in inputs([f"{tmp_path}/a/[5].jsonl"]).files] == ["[5].jsonl"]
    assert len(inputs([f"{tmp_path}/**"]).files) == 4


def test_names_are_unique_whatever_collides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "d/a.jsonl", "e/a.jsonl", "z/d/a.jsonl")
    monkeypatch.chdir(tmp_path)
    names = [file.name for file in inputs(["d/a.jsonl", "e/a.jsonl", "z/d"]).files]
    assert names == [f"{tmp_path}/d/a.jsonl", "e/a.jsonl", "z/d/a.jsonl"]
    fill(tmp_path, r"odd/\xd6.jsonl")
    try:
        with open(os.fsencode(tmp_path) + b"/odd/\xd6.jsonl", "wb") as file:
            file.write(b'{"text": "x"}\n')
    except OSError:
        pytest.skip("the file system takes only UTF-8 names")
    names = [file.name for file in inputs(["odd"]).files]
    assert names == [rf"{tmp_path}/odd/\xd6.jsonl", rf"{tmp_path}/odd/\xd6.jsonl (2)"]


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    fill(tmp_path, "in/a.jsonl")
    os.mkfifo(tmp_path / "in/b.jsonl")
    for path in (tmp_path / "in", tmp_path / "in/*.jsonl"):
        found = inputs([path])
        assert [os.path.basename(file.path) for file in found.files] == ["a.jsonl"]
        assert found.skipped == [f"{tmp_path}/in/b.jsonl: not a regular file but a pipe, a socket or a device"]
    with pytest.raises(InputError, match=r"b\.jsonl: not a regular file"):
        inputs([tmp_path / "in/b.jsonl"])


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.txt", "x.csv", "x.json", "x.parquet", "x.arrow"])
@pytest.mark.parametrize("split_bytes", [5, 64 << 20])
def test_a_file_that_changes_stops_the_run(tmp_path: Path, name: str, split_bytes: int) -> None:
    path = tmp_path / name
    body = b'{"text": "x"}\n' * 3
    reading = Reading(text_files="line" if split_bytes == 5 else "file")

    def change(how: str) -> None:
        path.write_bytes(gzip.compress(body) if name.endswith("gz") else body)
        made = list(splits(inputs([path]).files, reading, spool=tmp_path / "s", split_bytes=split_bytes))
        if how == "grown":
            path.write_bytes(path.read_bytes() + body)
        elif how == "touched":
            os.utime(path, ns=(1, 1))
        else:
            path.unlink()
        list(read_split(made[-1], reading))

    for how in ("grown", "touched", "gone"):
        with pytest.raises(InputError, match=f"{name}: changed while it was read; run again with --overwrite"):
            change(how)


def test_a_piece_that_cannot_be_read_is_named_by_its_place(tmp_path: Path) -> None:
    fill(tmp_path, "x.jsonl")
    (file,) = inputs([tmp_path / "x.jsonl"]).files
    gone = replace(file, path=str(tmp_path / "gone.jsonl"), stored_bytes=0, modified=0)
    pieces = (Piece(gone, 0, 5), Piece(gone, 5, None), Piece(gone))
    rows = [row for batch in read_split(Split(0, pieces), Reading()) for row in batch.to_pylist()]
    assert [row["origin"] for row in rows] == ["x.jsonl#byte=0", "x.jsonl#byte=5", "x.jsonl"]
    assert {row["reason"] for row in rows} == {"reader.unreadable_file"}


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path, "only.md", "empty/.hidden.jsonl")
    for path, message in (
        (tmp_path / "missing.jsonl", "no such file or folder"),
        (tmp_path / "only.md", "not a kind of file that is read"),
        (tmp_path / "*.jsonl", "no file matches"),
        (tmp_path / "empty", "nothing to read.*skipped 1 others"),
    ):
        with pytest.raises(InputError, match=message) as error:
            inputs([path])
        assert str(path) in str(error.value)
    with pytest.raises(InputError, match="no input"):
        inputs([])


def test_linked_folders_are_read_once(tmp_path: Path) -> None:
    fill(tmp_path / "dumps", "a/x.jsonl")
    fill(tmp_path / "elsewhere", "y.jsonl")
    (tmp_path / "dumps/a/loop").symlink_to(tmp_path / "dumps")
    (tmp_path / "dumps/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "dumps/dangling.jsonl").symlink_to(tmp_path / "nowhere")
    found = inputs([tmp_path / "dumps"])
    assert [file.name for file in found.files] == ["dumps/dangling.jsonl", "dumps/a/x.jsonl", "dumps/link/y.jsonl"]
    assert [line for line in found.skipped if "read already" in line]
    (split,) = splits(found.files, Reading(), spool=tmp_path)
    rows = [row for batch in read_split(split, Reading()) for row in batch.to_pylist()]
    assert [row["reason"] for row in rows] == ["reader.unreadable_file", None, None]


def test_file_names_that_are_not_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/" + "公告".encode("gb18030") + b".jsonl"
    try:
        with open(raw, "wb") as file:
            file.write(b'{"text": "x"}\n')
    except OSError:
        pytest.skip("the file system takes only UTF-8 names")
    table = pa.table({"text": ["x"]})
    pq.write_table(table, tmp_path / "p")
    pa.feather.write_feather(table, tmp_path / "a")
    os.rename(tmp_path / "p", raw.replace(b".jsonl", b".parquet"))
    os.rename(tmp_path / "a", raw.replace(b".jsonl", b".arrow"))
    found = inputs([tmp_path])
    stem = rf"{tmp_path.name}/\xb9\xab\xb8\xe6"
    assert [file.name for file in found.files] == [f"{stem}.arrow", f"{stem}.jsonl", f"{stem}.parquet"]
    for split_bytes in (1, 64 << 20):
        rows = []
        for split in splits(found.files, Reading(), spool=tmp_path, split_bytes=split_bytes):
            for batch in read_split(pickle.loads(pickle.dumps(split)), Reading()):
                rows += batch.to_pylist()
        assert [row["origin"] for row in rows] == [
            f"{stem}.arrow#row=0",
            f"{stem}.jsonl#byte=0",
            f"{stem}.parquet#row=0",
        ]
        assert [row["text"] for row in rows] == ["x"] * 3
