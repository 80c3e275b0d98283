"""Recipes: what is shipped loads; each mistake is one line that names the file and the key."""

import subprocess
import sys

import pytest

from cci_tools.recipe import RecipeError, load_recipe
from cci_tools.resources import folder
from cci_tools.sizes import parse_size


@pytest.mark.parametrize("path", sorted(folder("configs").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_recipes_load(path):
    recipe = load_recipe(path.stem)
    assert recipe == load_recipe(str(path))
    assert [stage.name for stage in recipe.stages()][-1] == "dedup"
    assert recipe.to_dict()["name"] == path.stem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[qualty]\n", "qualty: unknown key; did you mean quality?"),
        ("[dedup]\nthreshhold = 0.8\n", r"\[dedup\] threshhold: unknown key; did you mean threshold?"),
        ("[dedup]\nthreshold = 'high'\n", r"\[dedup\] threshold: expected a number"),
        ("[dedup]\nthreshold = 1.5\n", r"\[dedup\]: threshold = 1.5"),
        ("[dedup]\nslots = true\n", r"\[dedup\] slots: expected a whole number"),
        ("[dedup]\nnumbers = 'some'\n", r"\[dedup\] numbers: Input should be 'distinct' or 'ignore'"),
        ("[output]\nshard_size = 'big'\n", r"\[output\]: 'big' is not a size; write for example 256MB"),
        ("[compliance]\nregistry = ['nowhere.csv']\n", r"\[compliance\] registry: cannot read .*nowhere.csv"),
        ("[quality]\nmodel = 'nowhere.ftz'\n", r"\[quality\] model: cannot read .*nowhere.ftz"),
        ("[quality]\npreset = 'fineweb3'\n", r"\[quality\]: there is no preset 'fineweb3'"),
        ("dedup = 3\n", "dedup: expected a table"),
        ("name = 3\n", "name: expected a string"),
        ("[dedup\n", "not a readable TOML file"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=message) as caught:
        load_recipe(str(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(RecipeError, match="no such recipe file"):
        load_recipe(str(tmp_path / "x.toml"))
    with pytest.raises(RecipeError, match=r"shipped recipes \(.*cci.*strict"):
        load_recipe("nothing-like-it")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(RecipeError, match="not a readable TOML file"):
        load_recipe(str(tmp_path / "latin.toml"))


def test_paths_are_relative_to_the_recipe(tmp_path, monkeypatch):
    (tmp_path / "mine.csv").write_text("domain,tier\nnews.example,local_news\n", encoding="utf-8")
    (tmp_path / "mine.toml").write_text(
        "[compliance]\nregistry = ['seeds/sources.csv', 'mine.csv']\n", encoding="utf-8"
    )
    monkeypatch.chdir("/")
    recipe = load_recipe(str(tmp_path / "mine.toml"))
    assert recipe.compliance.registry == ("seeds/sources.csv", str(tmp_path / "mine.csv"))


def test_a_table_left_out_is_a_stage_left_out(tmp_path):
    (tmp_path / "only.toml").write_text("[dedup]\n", encoding="utf-8")
    recipe = load_recipe(str(tmp_path / "only.toml"))
    assert [stage.name for stage in recipe.stages()] == ["dedup"]
    assert recipe.name == "only"
    assert "cleaning" not in recipe.to_dict()


@pytest.mark.parametrize("text", ["", "0", "-1MB", "MB", "1.2.3GB", "10 apples"])
def test_what_is_not_a_size(text):
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


def test_a_recipe_imports_the_stages_that_it_has():
    script = (
        "import sys; from cci_tools.recipe import load_recipe; load_recipe('dedup')\n"
        "print(sorted(name for name in sys.modules if name.count('.') == 2 and '.stage' in name))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "['cci_tools.dedup.stages']\n"
