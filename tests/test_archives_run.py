"""Runs over crawls and archives: killed in the middle and resumed, with any number of workers, they leave the same."""

import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from test_pipeline import ROOT, digests, rows
from web_samples import http, record

RUN = """
import sys
from cci_tools import pipeline
pipeline._split_bytes = lambda stored: 60_000  # many tasks of little text
from cci_tools.cli import main
main(["run", sys.argv[1], "--out", sys.argv[2], "--workers", sys.argv[3]])
"""
PLACES = "东西南北中上下前后左右"


def story(number: int) -> bytes:
    """A page of its own, long enough to be kept."""
    name = "".join(PLACES[number // 11**i % 11] for i in range(3))
    days = "".join(
        f"{day}日，{name}镇第{number * 7 + day}号堤段加固完工，投入{day * 13 + number}万元。" for day in range(1, 12)
    )
    return (
        f"<title>{name}镇防汛</title><p>{days}</p><p>{name}镇共有{number + 40}名干部参加，群众表示满意。</p>".encode()
    )


def zipped(numbers: range) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in numbers:
            packed.writestr(f"{number}.html", story(number))
    return target.getvalue()


def tarred(numbers: range) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as packed:
        for number in numbers:
            info = tarfile.TarInfo(f"./{number}.html")
            info.size = len(data := story(number))
            packed.addfile(info, io.BytesIO(data))
    return target.getvalue()


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dump")
    crawl = (record(http(story(i)), url=f"http://www.example.gov.cn/{i}.html") for i in range(300))
    (folder / "a.warc.gz").write_bytes(b"".join(gzip.compress(r) for r in crawl))
    (folder / "b.zip").write_bytes(zipped(range(300, 600)))
    (folder / "c.tar").write_bytes(tarred(range(600, 900)))
    (folder / "d.tar.gz").write_bytes(gzip.compress(tarred(range(850, 1000))))
    return folder


def start(dump: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, str(dump), str(out), str(workers)]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes)  # type: ignore[call-overload]


def finish(process: subprocess.Popen[bytes]) -> None:
    _, error = process.communicate(timeout=120)
    assert process.returncode == 0, error.decode()


def test_killed_in_the_middle_and_resumed(dump: Path, tmp_path: Path) -> None:
    finish(start(dump, tmp_path / "whole", 1))
    found = rows(tmp_path / "whole", "data") + rows(tmp_path / "whole", "rejects")
    assert len(found) == len({row["id"] for row in found}) == 1050
    process = start(dump, tmp_path / "out", 2)
    done: set[Path] = set()
    while process.poll() is None and len(done) < 4:  # tasks of the first pass
        done = set((tmp_path / "out").glob(".work/screen/*.json"))
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert len(done) > 1 and not (tmp_path / "out" / "manifest.json").exists()
    finish(start(dump, tmp_path / "out", 2))
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
