"""Queries for the links between phones and users."""

import time
from collections.abc import Collection, Mapping, Sequence

from provisioning.store import proofs
from provisioning.store.batches import batches
from provisioning.store.tables import Link, User

# SQLite takes 32,766 values a statement, nine for a row.
_ROWS_AT_ONCE = 3_000


def of_phone(mac: str) -> list[Link]:
    """The links of a phone by account."""
    query = Link.select(Link, User).join(User).where(Link.phone == mac)
    return list(query.order_by(Link.line))


def of_phones(macs: Sequence[str]) -> dict[str, list[Link]]:
    """The links of some phones."""
    found: dict[str, list[Link]] = {}
    query = Link.select(Link, User).join(User).where(Link.phone.in_(list(macs)))
    for link in query.order_by(Link.line):
        found.setdefault(str(link.phone_id), []).append(link)
    return found


def of_line(line: int, macs: Collection[str]) -> dict[str, Link]:
    """The links of one account of some phones, with their users, by MAC id."""
    found: dict[str, Link] = {}
    for some in batches(macs, _ROWS_AT_ONCE):
        query = Link.select(Link, User).join(User)
        wanted = (Link.line == line) & Link.phone.in_(some)
        found.update({str(link.phone_id): link for link in query.where(wanted)})
    return found


def of_users(names: Sequence[str]) -> list[Link]:
    """The links of some users by number."""
    query = Link.select(Link, User).join(User).where(User.name.in_(list(names)))
    return list(query.order_by(Link.number))


def find(mac: str, line: int) -> Link | None:
    """The link of an account of a phone."""
    query = Link.select(Link, User).join(User)
    found: Link | None = query.where((Link.phone == mac) & (Link.line == line)).first()
    return found


def everyone() -> list[Link]:
    """All links by number, with their users."""
    return list(Link.select(Link, User).join(User).order_by(Link.number))


def insert(
    mac: str,
    line: int,
    *,
    user: int,
    number: str,
    secret: str,
    encryption: bool,
    confirmed: bool = True,
) -> None:
    """Link an account of a phone."""
    Link.insert(
        phone=mac,
        line=line,
        user=user,
        number=number,
        secret=secret,
        encryption=encryption,
        confirmed=confirmed,
        created_at=time.time(),
    ).execute()
    proofs.touch([mac])


def insert_many(rows: Sequence[Mapping[str, object]]) -> None:
    """Link accounts of phones, each as its columns by name."""
    now = time.time()
    for some in batches(({**row, "created_at": now} for row in rows), _ROWS_AT_ONCE):
        Link.insert_many(some).execute()
    proofs.touch([str(row["phone"]) for row in rows])


def delete_many(line: int, macs: Collection[str]) -> None:
    """Unlink one account of some phones."""
    for some in batches(macs, _ROWS_AT_ONCE):
        Link.delete().where((Link.line == line) & Link.phone.in_(some)).execute()
    proofs.touch(macs)


def delete(mac: str, line: int) -> None:
    """Unlink an account of a phone."""
    Link.delete().where((Link.phone == mac) & (Link.line == line)).execute()
    proofs.touch([mac])


def confirm(mac: str, line: int, *, number: str, secret: str) -> None:
    """The PBX has made an account, with a number and a secret of its own."""
    Link.update(number=number, secret=secret, confirmed=True).where(
        (Link.phone == mac) & (Link.line == line)
    ).execute()
    proofs.touch([mac])


def confirm_all() -> None:
    """The accounts that no PBX has made yet can be used, with the numbers and secrets they have."""
    waiting = Link.select(Link.phone).where(~Link.confirmed)
    proofs.touch([str(link.phone_id) for link in waiting])
    Link.update(confirmed=True).where(~Link.confirmed).execute()


def with_number(number: str) -> Link | None:
    """The link that has a number."""
    found: Link | None = Link.get_or_none(Link.number == number)
    return found


def set_encryption(mac: str, line: int, *, encryption: bool) -> None:
    """Switch TLS and SRTP of an account."""
    Link.update(encryption=encryption).where((Link.phone == mac) & (Link.line == line)).execute()
    proofs.touch([mac])
