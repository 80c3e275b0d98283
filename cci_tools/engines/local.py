"""Tasks on the processes of one machine."""

import gc
import multiprocessing
import multiprocessing.connection
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerLostError(Exception):
    """A worker process ended without an answer, most often because the system ran out of memory."""


class LocalEngine:
    """Processes of this machine, kept until the engine is closed.

    They are forks of a process that does nothing else than import `modules`, from the moment on when the engine is
    made: a fork of the calling process, with its threads (Arrow, a progress bar), might hang, and a fresh interpreter
    for each would import everything again.

    Parameters
    ----------
    workers : int
        Number of processes; with 1, tasks run in the calling process.
    modules : sequence of str, default ()
        What the tasks need; without it, every worker imports it by itself.
    frugal : bool, default False
        A worker gives memory back after each task, and has to be given it again for the next.

    Attributes
    ----------
    peak : int
        Bytes of memory of the largest worker so far; 0 where tasks run in the calling process.

    Examples
    --------
    >>> with LocalEngine(1) as engine:
    ...     sorted(engine.map(abs, [-2, 1]))
    [1, 2]
    """

    def __init__(self, workers: int, modules: Sequence[str] = (), *, frugal: bool = False) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers} is not a positive number")
        self.workers = workers
        self.frugal = frugal
        self.peak = 0
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1:
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload(list(modules))
            multiprocessing.resource_tracker.ensure_running()  # by itself, because it lets Ctrl-C through again
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # for the children
            multiprocessing.forkserver.ensure_running()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

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
            self._pool = ProcessPoolExecutor(self.workers, mp_context=self._context, initializer=_prepare_worker)
        running: set[Future[tuple[Result, int]]] = set()
        try:
            for item in items:
                running.add(self._pool.submit(_measured, fn, item, self.frugal))
                # One waiting task for each worker keeps it busy; more would only take disk and memory.
                while len(running) >= 2 * self.workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from map(self._result, done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from map(self._result, done)
        except BrokenProcessPool as error:
            self.close()
            raise WorkerLostError(
                "a worker process was killed, most likely for lack of memory; what was finished is kept: "
                "run the same command again, with fewer --workers or a smaller --memory"
            ) from error
        finally:
            for future in running:
                future.cancel()

    def _result(self, future: "Future[tuple[Result, int]]") -> Result:
        result, peak = future.result()
        self.peak = max(self.peak, peak)
        return result


def _measured(fn: Callable[[Item], Result], item: Item, frugal: bool) -> tuple[Result, int]:
    """The result of a task, and the most bytes of memory that its process has taken."""
    result = fn(item)
    if frugal:
        import pyarrow as pa

        pa.default_memory_pool().release_unused()
    return result, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _prepare_worker() -> None:
    """One thread a worker (the processes are the parallelism); Ctrl-C is for the parent to handle."""
    import pyarrow as pa

    gc.freeze()  # what was imported before the fork is no garbage, and stays shared
    gc.enable()
    pa.set_cpu_count(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
