"""Queries for the history of changes."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from peewee import fn

from provisioning.store.batches import batches
from provisioning.store.tables import Change

# SQLite takes 32,766 values a statement, seven for a row.
_ROWS_AT_ONCE = 2_000


class NewChange(NamedTuple):
    """One of many changes to write down."""

    kind: str
    subject: str
    action: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


def record(
    actor: str,
    kind: str,
    subject: str,
    action: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> int:
    """Write a change down, inside the transaction that makes it; returns its number."""
    number: int = Change.insert(
        at=int(time.time()),
        actor=actor[:128],
        kind=kind,
        subject=subject,
        action=action,
        before=before and dict(before),
        after=after and dict(after),
    ).execute()
    return number


def last() -> int:
    """The number of the latest change; 0: there is none."""
    found: int | None = Change.select(fn.MAX(Change.id)).scalar()
    return found or 0


def find(number: int) -> Change | None:
    """The change of a number."""
    found: Change | None = Change.get_or_none(Change.id == number)
    return found


def of_subject(kind: str, subject: str) -> Iterator[Change]:
    """All changes of one thing, newest first."""
    of_it = (Change.kind == kind) & (Change.subject == subject)
    return iter(Change.select().where(of_it).order_by(Change.id.desc()))


def record_many(actor: str, changes: Iterable[NewChange]) -> None:
    """Write changes down, inside the transaction that makes them."""
    at = int(time.time())
    fields = [
        Change.at, Change.actor, Change.kind, Change.subject, Change.action, Change.before,
        Change.after,
    ]  # fmt: skip
    rows = (
        (at, actor[:128], *change[:3], *(state and dict(state) for state in change[3:]))
        for change in changes
    )
    for some in batches(rows, _ROWS_AT_ONCE):
        Change.insert_many(some, fields=fields).execute()


def page(
    *, kind: str | None, subject: str | None, offset: int, limit: int
) -> tuple[int, list[Change]]:
    """Changes, newest first, with how many there are in all."""
    query = Change.select()
    if kind:
        query = query.where(Change.kind == kind)
    if subject:
        query = query.where(Change.subject == subject)
    count: int = query.count()
    return count, list(query.order_by(Change.id.desc()).offset(offset).limit(limit))
