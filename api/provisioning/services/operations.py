"""Durable operations: work for many devices that outlives a request, a crash, a restart.

An operation is a row with one item a device. The worker (``jobs``) takes items, does what the
operation's kind means and writes down how each ended; after a kill it goes on where it was.
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.services.errors import NotFound, WrongState
from provisioning.store import history
from provisioning.store import operations as stored
from provisioning.store.database import transaction
from provisioning.store.tables import Operation, OperationItem

DEFAULT_PACE = 20.0
"""Items a second, unless whoever starts an operation says otherwise."""

KEEP_SECONDS = 180 * 24 * 3600
"""How long an operation can be looked at after it ended."""

_KIND = "operation"

_DEEDS = {"pause": "paused", "resume": "resumed", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation has come."""

    operation: Operation
    waiting: int
    working: int
    done: int
    failed: int
    skipped: int

    @property
    def ended(self) -> bool:
        """Nothing will change any more, unless somebody retries."""
        return self.operation.finished_at is not None and not self.working

    @property
    def total(self) -> int:
        """All items."""
        return self.waiting + self.working + self.done + self.failed + self.skipped


def start(
    kind: str,
    subjects: Iterable[str],
    *,
    parameters: Mapping[str, object] | None = None,
    per_second: float = DEFAULT_PACE,
    not_before: float = 0.0,
    by: str,
) -> int:
    """Write an operation down; the worker begins with it within a second.

    Inside a transaction it begins when that is through, or never was.

    Args:
        kind: what is done to each item; ``jobs.handlers`` knows it.
        subjects: one item each, usually MAC ids; doubles count once.
        parameters: what the kind wants to know, the same for all items. They are shown to whoever
            may look at the operation: no secrets.
        per_second: at most so many items begin in a second, on average.
        not_before: Unix time; 0: now.
        by: who started it.

    Returns:
        The number of the operation.

    Raises:
        ValueError: a pace at which nothing would ever begin.
    """
    if not 0 < per_second < math.inf:
        raise ValueError(f"{per_second} items a second is no pace; it must be above 0")
    with transaction():
        return stored.insert(
            kind,
            list(dict.fromkeys(subjects)),
            parameters=parameters or {},
            started_by=by,
            per_second=per_second,
            due_at=not_before,
        )


def start_unless_waiting(kind: str, subject: str, *, by: str) -> None:
    """Write an operation of one item down, unless the same waits to be begun already.

    Inside a transaction, for work that always takes over everything that is stored by then. What
    waits for another attempt after a failure begins at once: the change may be what it waits for,
    and must not wait for hours itself.
    """
    with transaction():
        if not stored.hasten(kind, subject):
            start(kind, [subject], by=by)


def progress(number: int) -> Progress:
    """How far an operation has come.

    Raises:
        NotFound: there is none of this number.
    """
    return _progress([_require(number)])[0]


def page(*, kind: str | None, offset: int, limit: int) -> tuple[int, list[Progress]]:
    """Operations, newest first, with how many there are in all."""
    total, found = stored.page(kind=kind, offset=offset, limit=limit)
    return total, _progress(found)


def items(
    number: int, *, state: str | None, offset: int, limit: int
) -> tuple[int, list[OperationItem]]:
    """Items of an operation, with how many there are in all.

    Raises:
        NotFound: there is none of this number.
    """
    _require(number)
    return stored.items(number, state=state, offset=offset, limit=limit)


def pause(number: int, *, by: str) -> Progress:
    """Begin no further item; those being worked on end. One that is paused stays so.

    Raises:
        NotFound: there is none of this number.
        WrongState: it has ended.
    """
    return _turn(number, "pause", "paused", before=("running",), by=by)


def resume(number: int, *, by: str) -> Progress:
    """Go on with a paused operation. One that is running stays so.

    Raises:
        NotFound: there is none of this number.
        WrongState: it has ended.
    """
    return _turn(number, "resume", "running", before=("paused",), by=by)


def cancel(number: int, *, by: str) -> Progress:
    """End an operation: items that nobody works on are skipped, the others end as they do.

    Raises:
        NotFound: there is none of this number.
        WrongState: it was done before.
    """
    with transaction():
        _turn(number, "cancel", "cancelled", before=("running", "paused"), by=by)
        stored.skip_waiting(number, "The operation was cancelled.")
    return progress(number)


def retry_failed(number: int, *, by: str) -> Progress:
    """Try the failed items once more, with all their attempts; without any nothing changes.

    An operation that had ended runs again; a paused one waits for :func:`resume`.

    Raises:
        NotFound: there is none of this number.
    """
    with transaction():
        _require(number)
        if again := stored.begin_failed_again(number):
            stored.set_state(number, "running", before=("done", "cancelled"))
            history.record(by, _KIND, str(number), "retry", after={"items": again})
    return progress(number)


def clone(number: int, *, by: str) -> int:
    """Start the same operation anew, for the same devices; returns the new number.

    Raises:
        NotFound: there is none of this number.
    """
    original = _require(number)
    return start(
        str(original.kind),
        stored.subjects(number),
        parameters=original.parameters,
        per_second=original.per_second,
        by=by,
    )


def forget_old() -> int:
    """Remove operations that ended :data:`KEEP_SECONDS` ago or earlier; returns how many."""
    with transaction():
        return stored.delete_finished_before(time.time() - KEEP_SECONDS)


def _require(number: int) -> Operation:
    found = stored.find(number)
    if found is None:
        raise NotFound("operation", str(number))
    return found


def _turn(number: int, verb: str, state: str, *, before: Sequence[str], by: str) -> Progress:
    with transaction():
        found = str(_require(number).state)
        if found != state:
            if not stored.set_state(number, state, before=before):
                raise WrongState("operation", str(number), found, _DEEDS[verb])
            history.record(
                by, _KIND, str(number), verb, before={"state": found}, after={"state": state}
            )
    return progress(number)


def _progress(found: Sequence[Operation]) -> list[Progress]:
    counted = stored.counts([operation.id for operation in found])
    return [
        Progress(operation, **{s: counted[operation.id].get(s, 0) for s in stored.ITEM_STATES})
        for operation in found
    ]
