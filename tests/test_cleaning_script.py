"""Simplified and Traditional: golden cases both ways, counts, the column, and conversion as the last rule."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cci_tools.cleaning.repair import clean
from cci_tools.cleaning.rules import Script, plan
from cci_tools.cleaning.script import classes, converter, count
from cci_tools.cleaning.stage import Cleaning
from cci_tools.kernels.arrow import text_buffers
from cci_tools.stage import make_batch
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "cleaning"
PROSE = "会议听取了汇报，要求各地各部门压实责任。" * 12


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").split("\n") if line]


@pytest.mark.parametrize("script", ["simplified", "traditional"])
def test_golden_scripts(script: Script) -> None:
    cases = rows(f"script_{script}")
    changed = [row for row in cases if row["text"] != row["cleaned"]]
    assert len(changed) >= 5 and len(cases) - len(changed) >= 5
    chosen = plan(script=script)
    for row in cases:
        result = clean(row["text"], chosen)
        assert result.text == row["cleaned"]
        differ = sum(a != b for a, b in zip(row["text"], result.text, strict=True))
        assert result.repairs == ({"script": differ} if differ else {})


HANZI_OF_BOTH = "经經济濟发發髮后後里裡裏干乾幹台臺湾灣着著面麵の国国です体體，。\n"


@settings(deadline=None)
@given(st.text(st.sampled_from(HANZI_OF_BOTH) | st.characters(exclude_categories=["Cs"]), max_size=40))
def test_conversion_changes_hanzi_only_and_once(text: str) -> None:
    for script in ("simplified", "traditional"):
        chosen = plan(script=script)
        once = clean(text, chosen)
        assert not clean(once.text, chosen).repairs
        fixed, count = converter(script)(text)
        assert len(fixed) == len(text)
        differ = [(a, b) for a, b in zip(text, fixed, strict=True) if a != b]
        assert len(differ) == count and all(ord(char) >= 0x2E80 for pair in differ for char in pair)
        assert converter(script)(fixed) == (fixed, 0)


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from(HANZI_OF_BOTH + "abé\U00020000"), max_size=30), max_size=5))
def test_counts_of_the_script_kernel(batch: list[str]) -> None:
    table = classes()
    for text, counts in zip(batch, count(*text_buffers(batch)), strict=True):
        found = Counter(int(table[ord(char)]) for char in text if "\x80" <= char < "\U00010000")
        assert counts.tolist() == [found[kind] for kind in range(5)]


def test_column_of_the_script() -> None:
    batch = make_batch(["经济发展很快", "經濟發展很快", "经济发展與經濟", "皇后", "経済の発展について", "……"])
    kept = apply(Cleaning(), batch)
    told = ["simplified", "traditional", "mixed", None, None, None]
    assert kept.column("script").to_pylist() == told
    done = apply(Cleaning(script="traditional"), batch)
    assert done.column("script").to_pylist() == ["traditional"] * 3 + [None] * 3
    assert done.column("text")[0].as_py() == "經濟發展很快"
    assert json.loads(done.column("cleaned")[0].as_py()) == {"script": 3}
    with pytest.raises(ValueError, match="keep or simplified or traditional"):
        Cleaning(script="both")  # type: ignore[arg-type]


def test_cleaning_sees_the_converted_text() -> None:
    """A credit in Traditional is furniture once it is Simplified, and goes with it."""
    text = PROSE + "\n責任編輯：王某某"
    assert clean(text).text == text
    assert clean(text, plan(script="simplified")).text == PROSE
