"""Tasks on the processes of one machine."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerLostError(Exception):
    """A worker process ended without an answer, most often because the system ran out of memory."""


class LocalEngine:
    """Processes of this machine, started at the first task and kept until the engine is closed.

    Parameters
    ----------
    workers : int
        Number of processes; with 1, tasks run in the calling process.

    Examples
    --------
    >>> with LocalEngine(1) as engine:
    ...     sorted(engine.map(abs, [-2, 1]))
    [1, 2]
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers} is not a positive number")
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; tasks that wait are dropped, those that run are waited for."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def map(self, fn: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Results of ``fn(item)``, in the order in which they are ready.

        Items are taken from the iterable only when a worker is about to need one, so an iterable that makes files
        (decompressed pieces of a dump) never runs far ahead.

        Raises
        ------
        WorkerLostError
            A process was killed.
        """
        if self.workers == 1:
            yield from map(fn, items)
            return
        if self._pool is None:
            # Fresh interpreters: a fork of a process with threads (Arrow, progress bar) may hang.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_prepare_worker)
        running: set[Future[Result]] = set()
        try:
            for item in items:
                running.add(self._pool.submit(fn, item))
                # One waiting task for each worker keeps it busy; more would only take disk and memory.
                while len(running) >= 2 * self.workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool as error:
            self.close()
            raise WorkerLostError(
                "a worker process was killed, most likely for lack of memory; what was finished is kept: "
                "run the same command again, with fewer --workers or a smaller --memory"
            ) from error
        finally:
            for future in running:
                future.cancel()


def _prepare_worker() -> None:
    """One thread a worker (the processes are the parallelism); Ctrl-C is for the parent to handle."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
