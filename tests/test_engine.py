"""The local engine: every result once, errors come through, a lost worker is told, no orphans."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from cci_tools.engines.local import LocalEngine, WorkerLostError

ROOT = Path(__file__).resolve().parents[1]


def double(number):
    return 2 * number


def fail_on_three(number):
    if number == 3:
        raise OSError(28, "No space left on device", "shard")
    return number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("workers", "frugal"), [(1, False), (2, False), (2, True)])
def test_every_item_gives_one_result(workers, frugal):
    with LocalEngine(workers, frugal=frugal) as engine:
        assert Counter(engine.map(double, range(20))) == Counter(range(0, 40, 2))
        assert sorted(engine.map(double, [5, 6])) == [10, 12]  # the same processes again
        assert (engine.peak > 1_000_000) == (workers > 1)


def test_items_are_taken_when_they_are_needed():
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    with LocalEngine(2) as engine:
        results = engine.map(double, items())
        next(results)
        assert len(taken) <= 6
        assert len(list(results)) == 49


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_comes_through_whole(workers):
    with LocalEngine(workers) as engine, pytest.raises(OSError, match="No space left") as caught:
        list(engine.map(fail_on_three, range(6)))
    assert (caught.value.errno, caught.value.filename) == (28, "shard")


def test_a_killed_worker_is_told_with_a_remedy():
    with pytest.raises(WorkerLostError, match="run the same command again"):
        list(LocalEngine(2).map(die, range(3)))


def test_at_least_one_worker():
    with pytest.raises(ValueError, match="not a positive number"):
        LocalEngine(0)


def test_workers_end_with_their_parent():
    script = (
        "import os, sys, time; from cci_tools.engines.local import LocalEngine\n"
        "from test_engine import report_and_wait\n"
        "if __name__ == '__main__': list(LocalEngine(2).map(report_and_wait, range(2)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), *sys.path])}
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in workers):
            break
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_ctrl_c_while_modules_are_imported_is_for_the_parent_alone(tmp_path):
    (tmp_path / "slow.py").write_text("import sys, time\nprint('begun', flush=True)\ntime.sleep(1)\n", encoding="utf-8")
    script = (
        "import time; from cci_tools.engines.local import LocalEngine\n"
        "if __name__ == '__main__':\n"
        "    try: LocalEngine(2, ['slow']); time.sleep(60)\n"
        "    except KeyboardInterrupt: print('ended')\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), *sys.path])}
    command = [sys.executable, "-c", script]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    parent = subprocess.Popen(command, **pipes, env=environment, start_new_session=True)
    assert parent.stdout.readline() == "begun\n"
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.communicate(timeout=30) == ("ended\n", "")


def report_and_wait(number):
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(60)
