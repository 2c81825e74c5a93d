"""Durable operations: work for many devices that outlives a request, a crash, a restart.

An operation is a row with one item a device. The worker (``jobs``) takes items, does what the
operation's kind means and writes down how each ended; after a kill it goes on where it was.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioning.services.errors import InUse, NotFound
from provisioning.store import operations as stored
from provisioning.store.database import transaction
from provisioning.store.tables import Operation, OperationItem

DEFAULT_PACE = 20.0
"""Items a second, unless whoever starts an operation says otherwise."""

KEEP_SECONDS = 180 * 24 * 3600


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
    def total(self) -> int:
        """All items."""
        return self.waiting + self.working + self.done + self.failed + self.skipped


def start(
    kind: str,
    subjects: Sequence[str],
    *,
    parameters: Mapping[str, object] | None = None,
    per_second: float = DEFAULT_PACE,
    not_before: float = 0.0,
    by: str,
) -> int:
    """Write an operation down; the worker begins with it within a second.

    Args:
        kind: what is done to each item.
        subjects: one item each, usually MAC ids; doubles count once.
        parameters: what the kind wants to know, the same for all items.
        per_second: at most so many items begin in a second.
        not_before: Unix time; 0: now.
        by: who started it.

    Returns:
        The number of the operation.
    """
    with transaction():
        return stored.insert(
            kind,
            list(dict.fromkeys(subjects)),
            parameters=parameters or {},
            started_by=by,
            per_second=per_second,
            due_at=not_before,
        )


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


def pause(number: int) -> Progress:
    """Begin no further item; those being worked on end."""
    return _turn(number, "paused", before=("running",))


def resume(number: int) -> Progress:
    """Go on with a paused operation."""
    return _turn(number, "running", before=("paused",))


def cancel(number: int) -> Progress:
    """End an operation: items that nobody began are skipped."""
    with transaction():
        found = _turn(number, "cancelled", before=("running", "paused"))
        stored.skip_waiting(number, "The operation was cancelled.")
    return progress(found.operation.id)


def retry_failed(number: int) -> Progress:
    """Try the failed items of an operation once more."""
    with transaction():
        _require(number)
        if stored.begin_failed_again(number):
            stored.set_state(number, "running", before=("done", "cancelled", "paused"))
    return progress(number)


def clone(number: int, *, by: str) -> int:
    """Start the same operation anew, for the same devices; returns the new number."""
    original = _require(number)
    _, found = stored.items(number, state=None, offset=0, limit=1_000_000)
    return start(
        original.kind,
        [str(item.subject) for item in found],
        parameters=original.parameters,
        per_second=original.per_second,
        by=by,
    )


def forget_old() -> int:
    """Remove operations that ended long ago; returns how many."""
    with transaction():
        return stored.delete_before(time.time() - KEEP_SECONDS)


def _require(number: int) -> Operation:
    found = stored.find(number)
    if found is None:
        raise NotFound("operation", str(number))
    return found


def _turn(number: int, state: str, *, before: Sequence[str]) -> Progress:
    with transaction():
        _require(number)
        if not stored.set_state(number, state, before=before):
            now = _require(number).state
            raise InUse(
                "operation", str(number), f"its state {now!r}: it is not {' or '.join(before)}"
            )
    return progress(number)


def _progress(found: Sequence[Operation]) -> list[Progress]:
    counted = stored.counts([operation.id for operation in found])
    states = ("waiting", "working", "done", "failed", "skipped")
    return [
        Progress(operation, *(counted[operation.id].get(state, 0) for state in states))
        for operation in found
    ]
