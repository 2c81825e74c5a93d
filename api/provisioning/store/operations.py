"""Queries for durable operations, their items and the lease of the worker."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from peewee import fn

from provisioning.store.database import database
from provisioning.store.tables import Operation, OperationItem

ENDED = ("done", "failed", "skipped")


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
        started_by=started_by,
        created_at=time.time(),
        state="running",
        per_second=per_second,
    ).execute()
    database.connection().executemany(
        "INSERT INTO operation_item (operation_id, subject, state, attempts, due_at)"
        " VALUES (?, ?, 'waiting', 0, ?)",
        [(number, subject, due_at) for subject in subjects],
    )
    return number


def find(number: int) -> Operation | None:
    """An operation."""
    found: Operation | None = Operation.get_or_none(Operation.id == number)
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


def running(now: float) -> list[Operation]:
    """Running operations with an item that is due."""
    due = OperationItem.select(OperationItem.operation).where(
        (OperationItem.state == "waiting") & (OperationItem.due_at <= now)
    )
    return list(
        Operation.select()
        .where((Operation.state == "running") & Operation.id.in_(due))
        .order_by(Operation.id)
    )


def claim(number: int, worker: str, *, limit: int, now: float) -> list[OperationItem]:
    """Take due items of an operation to work on; nobody else gets them."""
    due = (
        OperationItem.select(OperationItem.id)
        .where(
            (OperationItem.operation == number)
            & (OperationItem.state == "waiting")
            & (OperationItem.due_at <= now)
        )
        .order_by(OperationItem.due_at, OperationItem.id)
        .limit(limit)
    )
    claimed = (
        OperationItem.update(
            state="working", worker=worker, attempts=OperationItem.attempts + 1, reason=None
        )
        .where(OperationItem.id.in_(due))
        .returning(OperationItem)
    )
    return sorted(claimed.execute(), key=lambda item: item.id)


def end_item(item: int, state: str, reason: str | None) -> bool:
    """Write down how an item ended; False if somebody else did meanwhile."""
    changed: int = (
        OperationItem.update(state=state, reason=reason, finished_at=time.time(), worker=None)
        .where((OperationItem.id == item) & (OperationItem.state == "working"))
        .execute()
    )
    return changed == 1


def postpone_item(item: int, due_at: float, reason: str | None) -> None:
    """Let an item wait for another attempt."""
    OperationItem.update(state="waiting", due_at=due_at, reason=reason, worker=None).where(
        (OperationItem.id == item) & (OperationItem.state == "working")
    ).execute()


def abandoned(worker: str) -> list[OperationItem]:
    """Items that another worker began and did not end: it was killed."""
    return list(
        OperationItem.select(OperationItem, Operation)
        .join(Operation)
        .where((OperationItem.state == "working") & (OperationItem.worker != worker))
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
    """End the items that nobody began."""
    OperationItem.update(state="skipped", reason=reason, finished_at=time.time()).where(
        (OperationItem.operation == number) & (OperationItem.state == "waiting")
    ).execute()


def begin_failed_again(number: int) -> int:
    """Let failed items wait once more; returns how many."""
    changed: int = (
        OperationItem.update(state="waiting", due_at=time.time(), reason=None, finished_at=None)
        .where((OperationItem.operation == number) & (OperationItem.state == "failed"))
        .execute()
    )
    return changed


def finish_complete() -> None:
    """End running operations that have no item left to do."""
    open_items = OperationItem.select(OperationItem.operation).where(
        OperationItem.state.in_(("waiting", "working"))
    )
    Operation.update(state="done", finished_at=time.time()).where(
        (Operation.state == "running") & Operation.id.not_in(open_items)
    ).execute()


def delete_before(created_at: float) -> int:
    """Forget ended operations that began before a time; returns how many."""
    deleted: int = (
        Operation.delete()
        .where((Operation.created_at < created_at) & Operation.finished_at.is_null(is_null=False))
        .execute()
    )
    return deleted


def take_lease(name: str, holder: str, *, seconds: float, now: float) -> bool:
    """Become or stay the one who holds a lease; False while another holds it."""
    row = database.execute_sql(
        "INSERT INTO lease (name, holder, expires_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
        " expires_at = excluded.expires_at"
        " WHERE lease.holder = excluded.holder OR lease.expires_at < ? RETURNING holder",
        (name, holder, now + seconds, now),
    ).fetchone()
    return row is not None


def drop_lease(name: str, holder: str) -> None:
    """Let another take a lease at once."""
    database.execute_sql("DELETE FROM lease WHERE name = ? AND holder = ?", (name, holder))
