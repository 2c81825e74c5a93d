"""Queries for the history of changes."""

import time
from collections.abc import Mapping

from provisioning.store.tables import Change


def record(
    actor: str,
    kind: str,
    subject: str,
    action: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write a change down, inside the transaction that makes it."""
    Change.insert(
        at=int(time.time()),
        actor=actor[:128],
        kind=kind,
        subject=subject,
        action=action,
        before=before and dict(before),
        after=after and dict(after),
    ).execute()


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
