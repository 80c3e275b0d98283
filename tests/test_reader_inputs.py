"""Inputs: what is found, under which name, and what is said of the rest."""

import os
from pathlib import Path

import pytest

from cci_tools.shards.reader import InputError, Reading, inputs, read_split, splits


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
    found = inputs([tmp_path])
    assert found.files[0].name == rf"{tmp_path.name}/\xb9\xab\xb8\xe6.jsonl"
    (split,) = splits(found.files, Reading(), spool=tmp_path)
    (batch,) = read_split(split, Reading())
    assert batch.column("origin").to_pylist() == [found.files[0].name + "#byte=0"]
