"""The rules of the house: imports, exports, what is imported when."""

import subprocess
import sys
from pathlib import Path

import cci_tools

ROOT = Path(__file__).resolve().parents[1]


def test_import_rules_hold():
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_is_what_is_exported():
    assert all(callable(getattr(cci_tools, name)) for name in cci_tools.__all__)
    assert set(cci_tools.__all__) <= set(dir(cci_tools))


def test_help_imports_nothing_heavy():
    heavy = ("pyarrow", "numpy", "pydantic", "datasets", "datasketch", "fasttext", "rich.progress")
    script = (
        "import sys; from click.testing import CliRunner; from cci_tools.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        f"found = [name for name in {heavy!r} if name in sys.modules]; assert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_only_the_command_line_prints():
    for path in (ROOT / "cci_tools").rglob("*.py"):
        lines = path.read_text(encoding="utf-8").split("\n")
        printing = [line for line in lines if line.lstrip().startswith(("print(", "click.echo("))]
        assert not printing or path.parent.name == "cli" or "src" in path.parts, f"{path}: {printing}"
