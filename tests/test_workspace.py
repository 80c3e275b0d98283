"""The output folder: claimed, resumed, refused, overwritten."""

import pyarrow as pa
import pytest

from cci_tools.shards.writer import ArrowFile
from cci_tools.workspace import STAMPS, Workspace, WorkspaceError, done, mark, write_atomic

MANIFEST = '{"format": 1, "recipe": {}, "ledger": {}, "files": []}'
IDENTITY = {"version": "1", "inputs": [["a", 1, 2]], "recipe": {"name": "x"}}


def test_fresh_resumed_and_finished(tmp_path):
    out = tmp_path / "out"
    first = Workspace(out, IDENTITY)
    assert first.claim() is False
    mark(first.work, "screen/000000", {"n": 1})
    first.close(keep_work=True)
    again = Workspace(out, IDENTITY)
    assert again.claim() is True
    assert done(again.work, "screen/000000") == {"n": 1}
    assert done(again.work, "screen/000001") is None
    write_atomic(out / "manifest.json", MANIFEST)
    again.close(keep_work=False)
    assert not again.work.exists()
    with pytest.raises(WorkspaceError, match="finished run"):
        Workspace(out, IDENTITY).claim()


def test_another_run_is_refused_and_named(tmp_path):
    Workspace(tmp_path, IDENTITY).claim()
    with pytest.raises(WorkspaceError, match="unfinished run with other recipe"):
        other = Workspace(tmp_path, {**IDENTITY, "recipe": {"name": "y"}})
        other._take_lock = lambda: None  # the first one of this process holds it
        other.claim()


def test_a_folder_in_use_is_refused(tmp_path):
    holder = Workspace(tmp_path, IDENTITY)
    holder.claim()
    with pytest.raises(WorkspaceError, match="another cci-clean"):
        Workspace(tmp_path, IDENTITY).claim()


def test_overwrite_deletes_a_run_and_nothing_else(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "part-00000.parquet").write_text("old")
    write_atomic(tmp_path / "manifest.json", MANIFEST)
    space = Workspace(tmp_path, IDENTITY)
    assert space.claim(overwrite=True) is False
    assert not (tmp_path / "data").exists()
    space.close(keep_work=False)
    (tmp_path / "thesis.docx").write_text("precious")
    with pytest.raises(WorkspaceError, match=r"thesis\.docx"):
        Workspace(tmp_path, IDENTITY).claim(overwrite=True)
    assert (tmp_path / "thesis.docx").exists()


def test_foreign_files_and_unusable_places_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WorkspaceError, match=r"notes\.txt"):
        Workspace(tmp_path, IDENTITY).claim()
    with pytest.raises(WorkspaceError, match="cannot be used"):
        Workspace(tmp_path / "notes.txt", IDENTITY).claim()


def test_a_run_killed_while_it_tidied_up_counts_as_finished(tmp_path):
    space = Workspace(tmp_path, IDENTITY)
    space.claim()
    write_atomic(tmp_path / "manifest.json", MANIFEST)
    (space.work / "run.json").unlink()  # the first thing that close() deletes
    space.close(keep_work=True)
    with pytest.raises(WorkspaceError, match="finished run"):
        Workspace(tmp_path, {**IDENTITY, "version": "2"}).claim()


def test_a_folder_of_ones_own_is_never_cleared(tmp_path):
    (tmp_path / "README.md").write_text("my project", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.docx").write_text("precious", encoding="utf-8")
    for manifest in (None, "{}", "not JSON"):
        if manifest is not None:
            (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
        with pytest.raises(WorkspaceError, match="not of a cci-clean run"):
            Workspace(tmp_path, IDENTITY).claim(overwrite=True)
    (tmp_path / "manifest.json").write_text(MANIFEST, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"thesis\.docx"):
        Workspace(tmp_path, IDENTITY).claim(overwrite=True)
    assert (tmp_path / "data" / "thesis.docx").exists()


def test_marks_of_another_run_are_never_trusted(tmp_path):
    space = Workspace(tmp_path, IDENTITY)
    space.claim()
    mark(space.work, "match", {"documents": 9})
    (space.work / "run.json").unlink()  # as a kill in the middle of clearing might leave it
    space.close(keep_work=True)
    fresh = Workspace(tmp_path, IDENTITY)
    assert fresh.claim() is False
    assert done(fresh.work, "match") is None


def test_a_kill_while_clearing_is_noticed(tmp_path, monkeypatch):
    space = Workspace(tmp_path, IDENTITY)
    space.claim()
    mark(space.work, "match", {"documents": 9})
    space.close(keep_work=True)
    other = {**IDENTITY, "version": "2"}
    killed = Workspace(tmp_path, other)
    with monkeypatch.context() as patch:
        patch.setattr("cci_tools.workspace._remove", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            killed.claim(overwrite=True)
    killed.close(keep_work=True)
    for identity in (IDENTITY, other):
        with pytest.raises(WorkspaceError, match="unfinished run with other"):
            Workspace(tmp_path, identity).claim()
    again = Workspace(tmp_path, other)
    assert again.claim(overwrite=True) is False
    assert done(again.work, "match") is None


def test_overwrite_goes_on_with_this_very_run(tmp_path):
    space = Workspace(tmp_path, IDENTITY)
    space.claim(overwrite=True)
    mark(space.work, "screen/000000", {"n": 1})
    space.close(keep_work=True)
    again = Workspace(tmp_path, IDENTITY)
    assert again.claim(overwrite=True) is True
    assert done(again.work, "screen/000000") == {"n": 1}


def test_names_that_are_not_utf8_are_kept(tmp_path):
    odd = {**IDENTITY, "inputs": [["\udcff.jsonl", 1, 2]]}
    space = Workspace(tmp_path, odd)
    space.claim()
    space.close(keep_work=True)
    assert Workspace(tmp_path, odd).claim() is True


def test_work_that_a_power_cut_spoilt_is_done_again(tmp_path):
    """Nothing in the work folder is forced to the disk, so a mark counts only with the files that it stamps."""
    file = tmp_path / "screen" / "000000.documents.arrow"
    file.parent.mkdir()
    with ArrowFile(file) as arrow:
        arrow.write(pa.record_batch({"id": ["a", "b"]}))
    mark(tmp_path, "screen/000000", {"n": 1, STAMPS: arrow.stamp()})
    assert done(tmp_path, "screen/000000")["n"] == 1
    whole = file.read_bytes()
    for spoilt in (whole[:-1], whole[:99] + bytes([whole[99] ^ 1]) + whole[100:], b""):
        file.write_bytes(spoilt)
        assert done(tmp_path, "screen/000000") is None
    file.write_bytes(whole)
    assert done(tmp_path, "screen/000000")["n"] == 1
    file.unlink()  # used up
    assert done(tmp_path, "screen/000000")["n"] == 1
    (tmp_path / "screen" / "000000.json").write_text('{"n": ')  # cut short
    assert done(tmp_path, "screen/000000") is None
