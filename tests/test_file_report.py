"""What the manifest says of each input file: documents, unreadable ones, encodings, lost characters."""

import json
from pathlib import Path

import pytest

from cci_tools import pipeline
from cci_tools.engines.local import LocalEngine
from cci_tools.recipe import load_recipe
from cci_tools.shards.file_report import with_counts

TEXT = "市人民政府召开常务会议，研究部署下一阶段的重点工作，要求各部门明确责任。"


def dump(folder: Path) -> Path:
    folder.mkdir()
    lines = [json.dumps({"id": f"n{i}", "text": f"第{i}期：{TEXT * 3}"}, ensure_ascii=False) for i in range(6)]
    (folder / "plain.jsonl").write_text("\n".join([*lines[:3], "{broken"]) + "\n", "utf-8")
    foreign = "\n".join(lines[3:]).encode("gb18030") + b"\n"
    (folder / "foreign#1.jsonl").write_bytes(foreign.replace(b'"n4"', b'"n4\xff"'))
    return folder


@pytest.mark.parametrize("tables", ["", "[passages]\n"])
def test_manifest_counts_by_file(tmp_path: Path, tables: str) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f"[cleaning]\n{tables}", "utf-8")
    with LocalEngine(1) as engine:
        pipeline.run([dump(tmp_path / "dump")], tmp_path / "out", load_recipe(recipe), engine, memory=10**9, workers=1)
    inputs = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["inputs"]
    keys = ("documents", "unreadable", "damage", "charsets")
    found = {Path(row["name"]).name: {key: row[key] for key in keys} for row in inputs}
    assert found == {
        "plain.jsonl": {"documents": 4, "unreadable": 1, "damage": 0, "charsets": {}},
        "foreign#1.jsonl": {"documents": 3, "unreadable": 0, "damage": 1, "charsets": {"gb18030": 3}},
    }


def test_members_count_for_their_archive() -> None:
    one = {"documents": 1, "unreadable": 0, "damage": 2, "charsets": {"hz": 1}}
    splits = [{"a!b.zip!x!y": one, "a!b.zip!z": one, "gone": one}, {"c": one}]
    rows = with_counts([{"name": "a!b.zip"}, {"name": "c"}], splits)
    assert rows == [
        {"name": "a!b.zip", "documents": 2, "unreadable": 0, "damage": 4, "charsets": {"hz": 2}},
        {"name": "c", **one},
    ]
