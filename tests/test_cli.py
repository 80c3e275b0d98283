"""The command line: exit codes, one clear line an error, what is printed."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def cci(*arguments, **options):
    command = [sys.executable, "-m", "cci_tools.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, **options)


def test_plan_names_stages_thresholds_columns_and_reasons():
    done = cci("plan")
    assert done.returncode == 0, done.stderr
    for word in (
        "compliance",
        "cleaning",
        "quality",
        "decontamination",
        "risk",
        "privacy",
        "dedup",
        "threshold",
        "recall",
        "tier",
        "rejects",
    ):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--out", "{tmp}/out"], "give either INPUTS or --demo"),
        (["run", "--demo", "x", "--out", "{tmp}/out"], "give either INPUTS or --demo"),
        (["run", "{tmp}/nothing-*.jsonl", "--out", "{tmp}/out"], "nothing-"),
        (["run", "--demo", "--out", "{tmp}/out", "--recipe", "nope"], "recipe 'nope'"),
        (["run", "--demo", "--out", "{tmp}/out", "--memory", "lots"], "'lots' is not a size"),
        (["run", "--demo", "--out", "{tmp}/out", "--shard-size", "x"], "'x' is not a size"),
        (["run", "--demo", "--out", "{tmp}/full"], "not empty"),
        (["plan", "--recipe", "{tmp}/bad.toml"], "did you mean threshold?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, arguments, message):
    (tmp_path / "bad.toml").write_text("[dedup]\nthreshhold = 1\n", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x", encoding="utf-8")
    done = cci(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_closing_table_reconciles(tmp_path):
    done = cci("run", "--demo", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line.split() for line in done.stdout.split("\n") if line.split()}
    assert int(lines["read"][1]) == int(lines["kept"][1]) + int(lines["rejected"][1])
    assert "screen 100%" in done.stderr


def test_a_terminal_without_chinese_does_not_spoil_a_run(tmp_path):
    (tmp_path / "文.jsonl").write_text('{"text": "短短一句话，说的是同一件事。"}', encoding="utf-8")
    (tmp_path / "x[red].doc").write_text("", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = cci("run", tmp_path, "--recipe", "dedup", "--out", tmp_path / "w[bold]", env=environment)
    assert done.returncode == 0, done.stderr
    assert "x[red].doc" in done.stdout
    assert cci("plan", env=environment).returncode == 0


def test_a_place_that_cannot_be_written_is_a_clear_error():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    done = cci("run", "--demo", "--out", "/dev/full/out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "/dev/full/out" in done.stderr


def test_a_file_that_cannot_be_written_stops_the_run_and_nothing_finished_is_lost(tmp_path):
    def small_files():  # stands for a full disk: the system refuses to write on
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    done = cci("run", "--demo", "--out", tmp_path / "out", "--workers", 1, preexec_fn=small_files)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert str(tmp_path / "out") in done.stderr
    assert "Traceback" not in done.stderr
    again = cci("run", "--demo", "--out", tmp_path / "out", "--workers", 1)
    assert again.returncode == 0, again.stderr
    assert "continued from earlier work" in again.stdout


def test_output_that_nobody_reads_to_its_end_is_no_error():
    command = f"{sys.executable} -m cci_tools.cli plan | head -c 100"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stderr == ""
