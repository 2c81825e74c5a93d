"""A worker in a thread of the test, and what its operations have come to."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from provisioning.jobs.kinds import Handler
from provisioning.jobs.worker import Worker
from provisioning.services import operations
from provisioning.store.database import database

DEADLINE_SECONDS = 30
UNLIMITED = 1e6


@contextmanager
def working(handlers: Mapping[str, Handler], *, lease_seconds: float = 2.0) -> Iterator[Worker]:
    worker = Worker(handlers, lease_seconds=lease_seconds)
    thread = threading.Thread(target=worker.run, name="worker")
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()


def until(condition: Callable[[], object]) -> None:
    """Poll, with a deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def start(kind: str, *subjects: str, **options: object) -> int:
    return operations.start(kind, subjects, **{"per_second": UNLIMITED, "by": "tests", **options})


def ended(number: int) -> bool:
    return operations.progress(number).ended


def done_by(handler: Handler, *subjects: str, **options: object) -> int:
    """The number of an operation that a worker has brought to its end."""
    number = start("kind", *subjects, **options)
    with working({"kind": handler}):
        until(lambda: ended(number))
    return number


def states(number: int) -> dict[str, tuple[str, str | None]]:
    """State and reason by subject."""
    _, found = operations.items(number, state=None, offset=0, limit=10_000)
    return {item.subject: (item.state, item.reason) for item in found}


def attempts(number: int) -> dict[str, int]:
    _, found = operations.items(number, state=None, offset=0, limit=10_000)
    return {item.subject: item.attempts for item in found}


def effects() -> list[str]:
    return sorted(row for (row,) in database.execute_sql("SELECT subject FROM effect"))
