"""Queries for durable operations and their items."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from provisioning.store.batches import batches
from provisioning.store.tables import Operation, OperationItem

STATES = ("running", "paused", "cancelled", "done")

ITEM_STATES = ("waiting", "working", "done", "failed", "skipped")

_OPEN = ("waiting", "working")

# SQLite takes 32,766 values a statement, five for a row.
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Running:
    """An operation that is neither paused nor ended."""

    operation: Operation
    due: bool
    """Whether an item may begin now."""
    complete: bool
    """Whether no item is left to do."""


def insert(
    kind: str,
    subjects: Sequence[str],
    *,
    parameters: Mapping[str, object],
    started_by: str,
    per_second: float,
    due_at: float,
) -> int:
    """Add an operation with its items; returns its number."""
    number: int = Operation.insert(
        kind=kind,
        parameters=dict(parameters),
        started_by=started_by[:128],
        created_at=time.time(),
        state="running",
        per_second=per_second,
    ).execute()
    for some in batches(subjects, _ROWS_AT_ONCE):
        OperationItem.insert_many(
            [(number, subject, "waiting", 0, due_at) for subject in some],
            fields=[
                OperationItem.operation,
                OperationItem.subject,
                OperationItem.state,
                OperationItem.attempts,
                OperationItem.due_at,
            ],
        ).execute()
    return number


def hasten(kind: str, subject: str) -> bool:
    """Let what waits of a kind about something begin now, as if it had not been tried.

    Returns:
        Whether anything waits: what it is about will be done anyhow.
    """
    running = Operation.select(Operation.id).where(
        (Operation.kind == kind) & (Operation.state == "running")
    )
    changed: int = (
        OperationItem.update(due_at=0.0, attempts=0)
        .where(
            OperationItem.operation.in_(running)
            & (OperationItem.subject == subject)
            & (OperationItem.state == "waiting")
        )
        .execute()
    )
    return changed > 0


def find(number: int) -> Operation | None:
    """An operation."""
    found: Operation | None = Operation.get_or_none(Operation.id == number)
    return found


def newest_item(kind: str, subject: str) -> OperationItem | None:
    """The newest item of a kind about something."""
    query = OperationItem.select(OperationItem, Operation).join(Operation)
    wanted = (Operation.kind == kind) & (OperationItem.subject == subject)
    found: OperationItem | None = query.where(wanted).order_by(OperationItem.id.desc()).first()
    return found


def page(*, kind: str | None, offset: int, limit: int) -> tuple[int, list[Operation]]:
    """Operations, newest first, with how many there are in all."""
    query = Operation.select()
    if kind:
        query = query.where(Operation.kind == kind)
    count: int = query.count()
    return count, list(query.order_by(Operation.id.desc()).offset(offset).limit(limit))


def counts(numbers: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many items of each operation are in each state."""
    found: dict[int, dict[str, int]] = {number: {} for number in numbers}
    query = (
        OperationItem.select(
            OperationItem.operation, OperationItem.state, fn.COUNT(OperationItem.id).alias("items")
        )
        .where(OperationItem.operation.in_(list(numbers)))
        .group_by(OperationItem.operation, OperationItem.state)
    )
    rows: Any = query.dicts()
    for row in rows:
        found[row["operation"]][row["state"]] = row["items"]
    return found


def items(
    number: int, *, state: str | None, offset: int, limit: int
) -> tuple[int, list[OperationItem]]:
    """Items of an operation in the order they were given, with how many there are in all."""
    query = OperationItem.select().where(OperationItem.operation == number)
    if state:
        query = query.where(OperationItem.state == state)
    count: int = query.count()
    return count, list(query.order_by(OperationItem.id).offset(offset).limit(limit))


def subjects(number: int) -> list[str]:
    """What the items of an operation are about, in the order they were given."""
    query = (
        OperationItem.select(OperationItem.subject)
        .where(OperationItem.operation == number)
        .order_by(OperationItem.id)
    )
    rows: Any = query.tuples()
    return [subject for (subject,) in rows]


def running(now: float) -> list[Running]:
    """Operations to work on, oldest first."""
    its_own = OperationItem.operation == Operation.id
    due = (OperationItem.state == "waiting") & (OperationItem.due_at <= now)
    rows: Any = (
        Operation.select(
            Operation,
            fn.EXISTS(OperationItem.select(1).where(its_own & due)).alias("due"),
            fn.EXISTS(
                OperationItem.select(1).where(its_own & OperationItem.state.in_(_OPEN))
            ).alias("unfinished"),
        )
        .where(Operation.state == "running")
        .order_by(Operation.id)
    )
    return [Running(row, bool(row.due), not row.unfinished) for row in rows]


def claim(number: int, claim_as: str, *, limit: int, now: float) -> list[OperationItem]:
    """Take due items of a running operation to work on; nobody else gets them.

    Args:
        number: the operation.
        claim_as: a name that was never used before; only with it the items can be ended.
        limit: at most so many.
        now: Unix time.
    """
    due = (
        OperationItem.select(OperationItem.id)
        .join(Operation)
        .where(
            (OperationItem.operation == number)
            & (OperationItem.state == "waiting")
            & (OperationItem.due_at <= now)
            & (Operation.state == "running")  # it may have been paused a moment ago
        )
        .order_by(OperationItem.due_at, OperationItem.id)
        .limit(limit)
    )
    claimed = (
        OperationItem.update(
            state="working", claim=claim_as, attempts=OperationItem.attempts + 1, reason=None
        )
        .where(OperationItem.id.in_(due))
        .returning(OperationItem)
    )
    return sorted(claimed.execute(), key=lambda item: item.id)


def is_claimed(item: int, claim_as: str) -> bool:
    """Whether an item is still worked on under this claim."""
    query = OperationItem.select().where(_claimed(item, claim_as))
    found: bool = query.exists()
    return found


def end_item(item: int, claim_as: str, state: str, reason: str | None) -> bool:
    """Write down how an item ended; False if it is no longer worked on under this claim."""
    changed: int = (
        OperationItem.update(state=state, reason=reason, finished_at=time.time(), claim=None)
        .where(_claimed(item, claim_as))
        .execute()
    )
    return changed == 1


def postpone_item(item: int, claim_as: str, due_at: float, reason: str | None) -> bool:
    """Let an item wait for another attempt; False if it is no longer under this claim.

    In a cancelled operation nothing waits any more: there it is skipped.
    """
    cancelled = Operation.select(Operation.id).where(Operation.state == "cancelled")
    last = f" The last attempt: {reason}" if reason else ""
    skipped: int = (
        OperationItem.update(
            state="skipped",
            reason=f"The operation was cancelled.{last}",
            finished_at=time.time(),
            claim=None,
        )
        .where(_claimed(item, claim_as) & OperationItem.operation.in_(cancelled))
        .execute()
    )
    if skipped:
        return True
    changed: int = (
        OperationItem.update(state="waiting", due_at=due_at, reason=reason, claim=None)
        .where(_claimed(item, claim_as))
        .execute()
    )
    return changed == 1


def abandoned(claims: Collection[str]) -> list[OperationItem]:
    """Items that somebody began and nobody will end: under none of these claims."""
    return list(
        OperationItem.select(OperationItem, Operation)
        .join(Operation)
        .where((OperationItem.state == "working") & OperationItem.claim.not_in(list(claims)))
    )


def set_state(number: int, state: str, *, before: Sequence[str]) -> bool:
    """Change the state of an operation if it is in one of some states."""
    ended = time.time() if state in ("done", "cancelled") else None
    changed: int = (
        Operation.update(state=state, finished_at=ended)
        .where((Operation.id == number) & Operation.state.in_(before))
        .execute()
    )
    return changed == 1


def skip_waiting(number: int, reason: str) -> None:
    """End the items that nobody works on."""
    OperationItem.update(state="skipped", reason=reason, finished_at=time.time()).where(
        (OperationItem.operation == number) & (OperationItem.state == "waiting")
    ).execute()


def begin_failed_again(number: int) -> int:
    """Let failed items wait once more, as if they had not been tried; returns how many."""
    changed: int = (
        OperationItem.update(state="waiting", attempts=0, due_at=0.0, reason=None, finished_at=None)
        .where((OperationItem.operation == number) & (OperationItem.state == "failed"))
        .execute()
    )
    return changed


def finish_complete() -> None:
    """End running operations that have no item left to do."""
    open_items = OperationItem.select(1).where(
        (OperationItem.operation == Operation.id) & OperationItem.state.in_(_OPEN)
    )
    Operation.update(state="done", finished_at=time.time()).where(
        (Operation.state == "running") & ~fn.EXISTS(open_items)
    ).execute()


def delete_finished_before(at: float) -> int:
    """Forget operations that ended before a Unix time; returns how many."""
    deleted: int = Operation.delete().where(Operation.finished_at < at).execute()
    return deleted


def _claimed(item: int, claim_as: str) -> Any:
    return (
        (OperationItem.id == item)
        & (OperationItem.state == "working")
        & (OperationItem.claim == claim_as)
    )
