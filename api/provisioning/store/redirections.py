"""Queries for accounts of redirect services and what they were told of each phone."""

import time
from collections.abc import Collection, Mapping, Sequence

from provisioning.store.database import database
from provisioning.store.tables import RedirectAccount, Redirection

_WANT = """
    INSERT INTO redirection
        (mac, vendor, service, state, changed_at, wanted, serial, check_code)
    VALUES (?, ?, ?, 'waiting', ?, 1, '', '')
    ON CONFLICT (mac) DO UPDATE SET
        vendor = excluded.vendor, service = excluded.service, state = 'waiting', code = NULL,
        reason = NULL, changed_at = excluded.changed_at, wanted = 1
"""

STATES = ("waiting", "done", "failed", "removing", "left")


def accounts() -> list[RedirectAccount]:
    """All accounts by kind."""
    return list(RedirectAccount.select().order_by(RedirectAccount.kind))


def account(kind: str) -> RedirectAccount | None:
    """The account with a kind of service."""
    found: RedirectAccount | None = RedirectAccount.get_or_none(RedirectAccount.kind == kind)
    return found


def save_account(kind: str, settings: Mapping[str, str], vendors: Sequence[str]) -> None:
    """Store an account."""
    columns = {"settings": dict(settings), "vendors": list(vendors)}
    RedirectAccount.insert(kind=kind, **columns).on_conflict(
        conflict_target=[RedirectAccount.kind], update=columns
    ).execute()


def delete_account(kind: str) -> None:
    """Forget an account."""
    RedirectAccount.delete().where(RedirectAccount.kind == kind).execute()


def find(mac: str) -> Redirection | None:
    """What a service was told of a phone."""
    found: Redirection | None = Redirection.get_or_none(Redirection.mac == mac)
    return found


def of_phones(macs: Sequence[str]) -> dict[str, Redirection]:
    """The same for some phones that a service was told of, or is to be told."""
    return {str(row.mac): row for row in Redirection.select().where(Redirection.mac.in_(macs))}


def page(*, state: str | None, offset: int, limit: int) -> tuple[int, list[Redirection]]:
    """Redirections, the last changed first, with how many there are in all."""
    query = Redirection.select()
    if state is not None:
        query = query.where(Redirection.state == state)
    count: int = query.count()
    order = (Redirection.changed_at.desc(), Redirection.mac)
    return count, list(query.order_by(*order).offset(offset).limit(limit))


def want(some: Sequence[tuple[str, str, str]]) -> None:
    """Services are to be told of phones, anew or for the first time: MAC id, vendor, service."""
    now = time.time()
    database.connection().executemany(_WANT, [(*one, now) for one in some])


def phone_is_gone(mac: str) -> None:
    """A phone was removed: what its service was told is to be taken back."""
    Redirection.update(state="removing", wanted=True, changed_at=time.time()).where(
        Redirection.mac == mac
    ).execute()


def take_wanted(limit: int) -> list[str]:
    """Phones whose service is to be told something; an operation of the caller does it now."""
    rows = Redirection.select().where(Redirection.wanted).order_by(Redirection.mac).limit(limit)
    macs = [str(row.mac) for row in rows]
    Redirection.update(wanted=False).where(Redirection.mac.in_(macs)).execute()
    return macs


def note(mac: str, state: str, **columns: object) -> None:
    """Write down how it went."""
    Redirection.update(state=state, changed_at=time.time(), **columns).where(
        Redirection.mac == mac
    ).execute()


def delete(macs: Collection[str]) -> int:
    """Forget what services were told; returns of how many phones."""
    deleted: int = Redirection.delete().where(Redirection.mac.in_(list(macs))).execute()
    return deleted
