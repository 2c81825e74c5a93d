"""The worker: takes items of operations and does them, one process at a time.

A lease in the database lets one worker work. When it is killed, the next finds its unfinished
items: those whose kind may be repeated are done again, the others end with a reason that asks the
admin to look.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from provisioning.store import operations as stored
from provisioning.store.database import database, transaction
from provisioning.store.tables import Operation, OperationItem

_log = logging.getLogger(__name__)

_LEASE = "worker"
_LEASE_SECONDS = 10.0
_IDLE_SECONDS = 0.2
_THREADS = 8
_ABANDONED = "It was interrupted, and whether it took effect is not known: look, then retry."


class TryAgain(Exception):
    """An item failed for a passing reason; it waits and is tried again."""


class Skip(Exception):
    """There is nothing to do for an item; the text says why."""


class Failed(Exception):
    """An item failed for good; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a kind of operation does to an item."""

    work: Callable[[str, Mapping[str, object]], str | None]
    """Gets the item's subject and the operation's parameters, returns a remark; raises
    :class:`TryAgain`, :class:`Skip` or :class:`Failed`."""
    repeatable: bool = True
    """Whether it may be done again when nobody knows if it took effect."""
    in_transaction: bool = False
    """Its effect is in our database: effect and outcome are written together, exactly once."""
    pauses: tuple[float, ...] = (2, 10, 60, 300, 1800)
    """Seconds before each further attempt; after the last the item fails."""


@dataclass(slots=True)
class _Pace:
    """When the next item of an operation may begin."""

    next_at: float = 0.0

    def take(self, wanted: int, per_second: float, now: float) -> int:
        """How many of the wanted items may begin now."""
        start = max(self.next_at, now - 1.0)  # what was not used is kept for a second
        allowed = min(wanted, int((now - start) * per_second) + 1 if now >= start else 0)
        self.next_at = start + allowed / per_second
        return allowed


@dataclass
class Worker:
    """Does the items of operations until it is stopped."""

    handlers: Mapping[str, Handler]
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._paces: dict[int, _Pace] = {}
        self._busy = threading.Semaphore(_THREADS)

    def stop(self) -> None:
        """Let what is being worked on end, begin nothing new."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped; waits while another worker holds the lease."""
        leased_until = 0.0
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="operation") as pool:
            while not self._stop.is_set():
                now = time.time()
                if now > leased_until - _LEASE_SECONDS / 2:
                    if not self._take_lease(now):
                        leased_until = 0.0
                        self._stop.wait(1.0)
                        continue
                    if leased_until < now:
                        self._pick_up_abandoned()
                    leased_until = now + _LEASE_SECONDS
                if not self._begin_items(pool, now):
                    self._wake.wait(_IDLE_SECONDS)  # or until a thread is free
                    self._wake.clear()
        stored.drop_lease(_LEASE, self.name)
        database.close()

    def _take_lease(self, now: float) -> bool:
        with transaction():
            return stored.take_lease(_LEASE, self.name, seconds=_LEASE_SECONDS, now=now)

    def _pick_up_abandoned(self) -> None:
        """Look after the items of a worker that was killed; it no longer holds the lease."""
        with transaction():
            for item in stored.abandoned(self.name):
                handler = self.handlers.get(item.operation.kind)
                if handler and not handler.repeatable and not handler.in_transaction:
                    stored.end_item(item.id, "failed", _ABANDONED)
                else:
                    stored.postpone_item(item.id, 0.0, None)

    def _begin_items(self, pool: ThreadPoolExecutor, now: float) -> int:
        """Hand due items to the threads; returns how many."""
        begun = 0
        for operation in stored.running(now):
            free = self._free()
            pace = self._paces.setdefault(operation.id, _Pace())
            allowed = pace.take(free, operation.per_second, now) if free else 0
            if not allowed:
                continue
            with transaction():
                claimed = stored.claim(operation.id, self.name, limit=allowed, now=now)
            for item in claimed:
                self._busy.acquire()
                pool.submit(self._work, operation, item)
            begun += len(claimed)
        if not begun:
            with transaction():
                stored.finish_complete()
        return begun

    def _free(self) -> int:
        return self._busy._value  # the one number a semaphore knows

    def _work(self, operation: Operation, item: OperationItem) -> None:
        try:
            handler = self.handlers.get(operation.kind)
            if handler is None:
                self._end(item, "failed", f"This release does not know {operation.kind!r}.")
            elif handler.in_transaction:
                with transaction():
                    self._do(handler, operation, item)
            else:
                self._do(handler, operation, item)
        except Exception as mistake:  # noqa: BLE001 (a mistake of ours must not stop the others)
            _log.exception("operation %s, %s", operation.id, item.subject)
            self._end(item, "failed", f"An error of the server: {type(mistake).__name__}.")
        finally:
            self._busy.release()
            self._wake.set()

    def _do(self, handler: Handler, operation: Operation, item: OperationItem) -> None:
        try:
            remark = handler.work(str(item.subject), operation.parameters)
        except TryAgain as passing:
            if item.attempts > len(handler.pauses):
                self._end(item, "failed", f"{passing} Tried {item.attempts} times.")
            else:
                due_at = time.time() + handler.pauses[item.attempts - 1]
                with transaction():
                    stored.postpone_item(item.id, due_at, str(passing))
        except Skip as skipped:
            self._end(item, "skipped", str(skipped))
        except Failed as failed:
            self._end(item, "failed", str(failed))
        else:
            self._end(item, "done", remark)

    def _end(self, item: OperationItem, state: str, reason: str | None) -> None:
        with transaction():
            stored.end_item(item.id, state, reason)
