"""The worker: takes items of operations and does them, one process at a time.

A lease in the database lets one worker work. When it is killed, the next finds its unfinished
items: those whose kind may be repeated are done again, the others end with a reason that asks the
admin to look. Each item that is begun carries a claim that was never used before, and only under
that claim can it be ended: a worker that was frozen, lost the lease and wakes up again changes
nothing that another has taken over.

One thread looks about, claims and writes outcomes, many at a time; the others only do the work.
"""

import logging
import math
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from queue import Empty, SimpleQueue

from peewee import OperationalError, PeeweeException

from provisioning.jobs.kinds import (
    Failed,
    Handler,
    Outcome,
    Skip,
    TryAgain,
    after_failure,
    after_interruption,
    after_time_out,
)
from provisioning.jobs.lease import Lease
from provisioning.jobs.pace import BURST_SECONDS, Pace, shares
from provisioning.jobs.threads import Threads
from provisioning.store import operations as stored
from provisioning.store.database import database, transaction

_log = logging.getLogger(__name__)

_THREADS = 64
"""More than any kind of operation may have at once."""
_MAX_HANGING = 32

_LOOK_SECONDS = 0.5
"""An idle worker looks so often for something to do: one query."""
_GATHER_SECONDS = 0.01
"""Outcomes that come so close together are written together."""
_TRANSACTION_SECONDS = 0.05
"""Others that want to write do not wait longer than that and one item."""
_GAP_SECONDS = 0.002
"""Between transactions: another process that wants to write looks only once in a while."""
_BROKEN_SECONDS = 1.0
"""After a database error it waits so long."""
_STOP_SECONDS = 30.0
"""What is being worked on has so long to end."""


class Hanging(RuntimeError):
    """Work hangs and only a new process can go on; whoever runs the worker starts one."""


@dataclass(eq=False)
class _Job:
    """An attempt at an item."""

    item: int
    subject: str
    attempts: int
    claim: str
    operation: int
    kind: str
    parameters: Mapping[str, object]
    handler: Handler
    began: float = math.inf
    """On the clock that is never set; so far no thread has come to it."""


@dataclass(frozen=True, slots=True)
class _Report:
    """How an attempt ended."""

    job: _Job
    outcome: Outcome | None
    """None: nothing is left to write."""


@dataclass
class Worker:
    """Does the items of operations until it is stopped."""

    handlers: Mapping[str, Handler]
    lease_seconds: float = 10.0
    """After a kill the next worker begins so much later."""
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        self._lease = Lease("worker", self.name, self.lease_seconds)
        self._stop_by: float | None = None
        # Threads and signal handlers may put at any moment; that is not so of events and locks.
        self._inbox: SimpleQueue[_Report | None] = SimpleQueue()
        self._unwritten: list[_Report] = []
        self._jobs: dict[int, _Job] = {}
        self._claims = count()
        self._paces: dict[int, Pace] = {}
        self._look_seconds = min(_LOOK_SECONDS, self.lease_seconds / 4)
        # One writer of ours at a time: SQLite lets writers wait longer than they need to.
        self._writing = threading.Lock()

    @property
    def leads(self) -> bool:
        """Whether this is the worker that works."""
        return self._lease.held

    def stop(self) -> None:
        """Begin nothing new, let what is being worked on end; a signal handler may call it."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + _STOP_SECONDS
        self._inbox.put(None)

    def run(self) -> None:
        """Work until stopped; waits while another worker holds the lease.

        Raises:
            Hanging: too much work hangs, or some that keeps everybody else from writing.
        """
        self._threads = Threads[_Job | list[_Job]](_THREADS, self._work, database.close)
        try:
            pause = 0.0
            while not self._ended():
                self._gather(pause)
                self._give_up_hanging()
                try:
                    pause = self._turn()
                except PeeweeException:
                    _log.exception("the database cannot be used; trying again")
                    self._lease.doubt()
                    pause = _BROKEN_SECONDS
            self._drop_lease()
        finally:
            self._threads.stop()
            database.close()

    def _ended(self) -> bool:
        if self._stop_by is None:
            return False
        if self._jobs and time.monotonic() > self._stop_by:
            _log.warning("stopped while %d items were being worked on", len(self._jobs))
            return True
        return not self._jobs

    def _gather(self, pause: float) -> None:
        """Wait for outcomes; when there is one, a moment more for others."""
        try:
            report = self._inbox.get(timeout=pause)
            deadline = time.monotonic() + _GATHER_SECONDS
            while True:
                if report:
                    self._unwritten.append(report)
                if len(self._unwritten) >= len(self._jobs):
                    break
                report = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            pass

    def _give_up_hanging(self) -> None:
        now = time.monotonic()
        for job in self._busy():
            if now - job.began < job.handler.seconds:
                continue
            if job.handler.in_transaction:
                raise Hanging(f"{job.kind}, {job.subject}: nobody else can write meanwhile")
            if self._threads.give_up(job):
                _log.error("operation %d, %s: it hangs", job.operation, job.subject)
                self._unwritten.append(_Report(job, after_time_out(job.handler, job.attempts)))
        if self._threads.hanging > _MAX_HANGING:
            raise Hanging(f"{self._threads.hanging} attempts did not end")

    def _busy(self) -> list[_Job]:
        """What threads are at, as far as they reported."""
        reported = {id(report.job) for report in self._unwritten}
        return [job for job in self._jobs.values() if id(job) not in reported]

    def _turn(self) -> float:
        """Write outcomes, claim what may begin; returns how long nothing else is to be done."""
        if not self._lease.held:
            return self._turn_without_lease()
        now = time.time()
        running = stored.running(now)
        wanted = self._wanted(running) if self._stop_by is None else {}
        finish = any(operation.complete for operation in running)
        if self._unwritten or wanted or finish or self._lease.due:
            with self._write() as written:
                if not written:
                    return 0.0
                self._write_outcomes()
                jobs = []
                if not self._lease.renew():
                    _log.warning("another worker has taken over")
                else:
                    jobs = self._claim(running, wanted, now)
                    stored.finish_complete()
            self._begin(jobs)
        return self._pause(running)

    def _turn_without_lease(self) -> float:
        free = self._stop_by is None and self._lease.free()
        if free or self._unwritten:
            with self._write() as written:
                if not written:
                    return 0.0
                self._write_outcomes()
                if free and self._lease.take():
                    self._pick_up_abandoned()
            if self._lease.held:
                _log.info("this worker does the operations now")
                return 0.0
        return self._look_seconds

    @contextmanager
    def _write(self) -> Iterator[bool]:
        """A transaction; False while a thread of ours is writing for long.

        What was reported is forgotten once it is in the database.
        """
        if not self._writing.acquire(timeout=1.0):
            yield False
            return
        try:
            with transaction():
                yield True
        finally:
            self._writing.release()
        for report in self._unwritten:
            # One that was given up and ends after all may have been begun again meanwhile.
            if self._jobs.get(report.job.item) is report.job:
                del self._jobs[report.job.item]
        self._unwritten.clear()

    def _write_outcomes(self) -> None:
        for report in self._unwritten:
            if report.outcome and not _store(report.job.item, report.job.claim, report.outcome):
                _log.warning(
                    "operation %d, %s: %r came too late, it had been given up",
                    report.job.operation,
                    report.job.subject,
                    report.outcome.state,
                )

    def _pick_up_abandoned(self) -> None:
        """Decide on the items of a worker that was killed; it no longer holds the lease."""
        for item in stored.abandoned([job.claim for job in self._jobs.values()]):
            outcome = after_interruption(
                self.handlers.get(str(item.operation.kind)),
                item.attempts,
                cancelled=item.operation.state == "cancelled",
            )
            _store(item.id, str(item.claim), outcome, now=0.0)

    def _wanted(self, running: list[stored.Running]) -> dict[int, int]:
        """How many items of each operation may begin."""
        now = time.monotonic()
        self._paces = {
            found.operation.id: self._paces.get(found.operation.id)
            or Pace.begin(float(found.operation.per_second), now)
            for found in running
        }
        allowed = {
            found.operation.id: self._paces[found.operation.id].allowed(now)
            for found in running
            if found.due
        }
        at_most = {
            found.operation.id: self._handler(str(found.operation.kind)).at_once
            for found in running
            if found.due
        }
        busy = Counter(job.operation for job in self._busy())
        return shares(_THREADS - busy.total(), busy, allowed, at_most=at_most)

    def _pause(self, running: list[stored.Running]) -> float:
        """How long there is nothing to do, unless an outcome comes."""
        next_ones = [
            self._paces[found.operation.id].seconds_to_next()
            for found in running
            if found.due and found.operation.id in self._paces
        ]
        soon = max(BURST_SECONDS / 2, min(next_ones, default=self._look_seconds))
        return min(soon, self._look_seconds)

    def _claim(
        self, running: list[stored.Running], wanted: Mapping[int, int], now: float
    ) -> list[_Job]:
        jobs = []
        for operation in (found.operation for found in running):
            number: int = operation.id
            if number not in wanted:
                continue
            claim = f"{self.name}.{next(self._claims)}"
            claimed = stored.claim(number, claim, limit=wanted[number], now=now)
            self._paces[number].spend(len(claimed))
            kind = str(operation.kind)
            handler = self._handler(kind)
            jobs += [
                _Job(
                    item.id,
                    str(item.subject),
                    item.attempts,
                    claim,
                    number,
                    kind,
                    {**operation.parameters, "operation": number, "attempt": item.attempts},
                    handler,
                )
                for item in claimed
            ]
        return jobs

    def _handler(self, kind: str) -> Handler:
        return self.handlers.get(kind) or _unknown(kind)

    def _begin(self, jobs: list[_Job]) -> None:
        """Hand claimed items to the threads, once the claim is in the database."""
        together: dict[int, list[_Job]] = {}
        for job in jobs:
            self._jobs[job.item] = job
            if job.handler.in_transaction:
                together.setdefault(job.operation, []).append(job)
            else:
                self._threads.give(job)
        for some in together.values():
            self._threads.give(some)

    def _work(self, work: _Job | list[_Job]) -> None:
        """In a thread: do what was claimed and report; whatever happens, there is a report."""
        if isinstance(work, list):
            while work:
                self._work_in_transaction(work)
        else:
            self._inbox.put(_Report(work, _attempt(work, _do)))

    def _work_in_transaction(self, jobs: list[_Job]) -> None:
        """Take some items from the list and do them in one transaction.

        One that fails takes back what it did, not what the others did.
        """
        reports: list[_Report] = []
        with self._writing:
            try:
                with transaction():
                    until = time.monotonic() + _TRANSACTION_SECONDS
                    while jobs and time.monotonic() < until:
                        job = jobs.pop(0)
                        reports.append(_Report(job, _attempt(job, _do_and_end)))
            except PeeweeException as mistake:  # nothing of it happened
                _log.exception("the database could not be written")
                jobs_of_it = [report.job for report in reports] or [jobs.pop(0)]
                reports = [_Report(job, _after_mistake(job, mistake)) for job in jobs_of_it]
            time.sleep(_GAP_SECONDS)
        for report in reports:
            self._inbox.put(report)

    def _drop_lease(self) -> None:
        try:
            with self._write() as written:
                if written:
                    self._write_outcomes()
                    self._lease.drop()
        except PeeweeException:
            _log.exception("the lease could not be dropped; it runs out")


def _attempt(job: _Job, do: Callable[[_Job], Outcome | None]) -> Outcome | None:
    """How an attempt ends, whatever happens."""
    job.began = time.monotonic()
    try:
        return do(job)
    except TryAgain as passing:
        return after_failure(
            job.handler,
            job.attempts,
            str(passing),
            not_within_seconds=passing.not_within_seconds,
        )
    except Skip as skipped:
        return Outcome("skipped", str(skipped))
    except Failed as failed:
        return Outcome("failed", str(failed))
    except Exception as mistake:  # noqa: BLE001 (a mistake of ours must not stop the others)
        _log.exception("operation %d, %s", job.operation, job.subject)
        return _after_mistake(job, mistake)


def _after_mistake(job: _Job, mistake: Exception) -> Outcome:
    reason = f"An error of the server: {type(mistake).__name__}."
    passing = isinstance(mistake, OperationalError)  # e.g. somebody else writes for long
    if passing and (job.handler.repeatable or job.handler.in_transaction):
        return after_failure(job.handler, job.attempts, reason)
    return Outcome("failed", reason)


def _do(job: _Job) -> Outcome | None:
    return Outcome("done", job.handler.work(job.subject, job.parameters))


def _do_and_end(job: _Job) -> Outcome | None:
    """Effect and outcome together, or nothing of both; nothing if another took the item over."""
    with transaction():
        if stored.is_claimed(job.item, job.claim):
            remark = job.handler.work(job.subject, job.parameters)
            stored.end_item(job.item, job.claim, "done", remark)
    return None


def _store(item: int, claim: str, outcome: Outcome, *, now: float | None = None) -> bool:
    if outcome.state == "waiting":
        due_at = (time.time() if now is None else now) + outcome.pause_seconds
        return stored.postpone_item(item, claim, due_at, outcome.reason)
    return stored.end_item(item, claim, outcome.state, outcome.reason)


def _unknown(kind: str) -> Handler:
    def refuse(subject: str, parameters: Mapping[str, object]) -> str | None:  # noqa: ARG001
        raise Failed(f"This release does not know operations of the kind {kind!r}.")

    return Handler(refuse)
