"""The worker as a process: how a signal ends it, and how it runs beside the web server."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import get_context

from provisioning.jobs.clock import ClockJob, start_clock
from provisioning.jobs.kinds import Handler
from provisioning.jobs.worker import Worker

_log = logging.getLogger(__name__)

_END_SECONDS = 35.0  # a little longer than a worker lets its work end


def work(
    handlers: Mapping[str, Handler], jobs: Sequence[ClockJob], *, parent: int | None = None
) -> None:
    """Do operations and the jobs of the clock until SIGTERM or SIGINT; the database is open.

    Args:
        handlers: the kinds of operations.
        jobs: what happens at set times.
        parent: the process without which this one has no reason to be.

    Raises:
        Hanging: only a new process can go on.
    """
    worker = Worker(handlers)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent, worker), daemon=True).start()
    stop_clock = start_clock(lambda: worker.leads, jobs)
    try:
        worker.run()
    finally:
        stop_clock()


@contextmanager
def beside(target: Callable[[int], None]) -> Iterator[None]:
    """Run something in a process of its own as long as the block lasts.

    Args:
        target: gets the number of this process; a function of a module. The process is a fresh
            one: a fork would take over the state of this one's threads.
    """
    process = get_context("spawn").Process(target=target, args=(os.getpid(),), name="worker")
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(_END_SECONDS)
        if process.exitcode is None:
            process.kill()
        elif process.exitcode:
            _log.error("the worker had ended with status %d", process.exitcode)


def _outlive(parent: int, worker: Worker) -> None:
    """Stop the worker when its parent was killed and could not do it."""
    while os.getppid() == parent:
        time.sleep(1.0)
    worker.stop()
