"""Queries for users."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from peewee import fn

from provisioning.store.batches import batches
from provisioning.store.tables import GatewayPort, Link, User

# SQLite takes 32,766 values a statement, seven for a row.
_ROWS_AT_ONCE = 4_000

SORTS: Mapping[str, Any] = {
    "name": User.name,
    "display_name": User.display_name,
    "extension": User.extension,
    "group": User.group,
}
"""What a list can be sorted by."""


def find(name: str) -> User | None:
    """The user of a name."""
    found: User | None = User.get_or_none(User.name == name)
    return found


def find_by_extension(extension: str) -> User | None:
    """The user of a main extension."""
    found: User | None = User.get_or_none(User.extension == extension)
    return found


def page(
    *,
    group: str | None,
    search: str,
    linked: bool | None,
    gone: bool | None,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
) -> tuple[int, list[User]]:
    """Users, with how many there are in all.

    Args:
        group: only users of this group.
        search: part of name, display name, e-mail or extension, or of the number of a device.
        linked: only users with a device, or without one.
        gone: only users who are gone from the user domain, or who are not.
        sort: one of :data:`SORTS`.
        descending: the highest first.
        offset: how many to leave out first.
        limit: how many to return.
    """
    query = User.select()
    devices = Link.select(1).where(Link.user == User.id)
    ports = GatewayPort.select(1).where(GatewayPort.user == User.id)
    if group is not None:
        query = query.where(User.group == group)
    if linked is not None:
        has_one = fn.EXISTS(devices) | fn.EXISTS(ports)
        query = query.where(has_one if linked else ~has_one)
    if gone is not None:
        query = query.where(User.removed_at.is_null(not gone))
    if search:
        query = query.where(
            User.name.contains(search)
            | User.display_name.contains(search)
            | User.email.contains(search)
            | User.extension.contains(search)
            | fn.EXISTS(devices.where(Link.number.contains(search)))
            | fn.EXISTS(ports.where(GatewayPort.extension.contains(search)))
        )
    count: int = query.count()
    key = SORTS[sort]
    order = key.desc() if descending else key.asc()
    return count, list(query.order_by(order, User.name).offset(offset).limit(limit))


def all_by_name() -> dict[str, User]:
    """Every user, the removed ones too."""
    return {str(user.name): user for user in User.select()}


def with_device() -> list[User]:
    """Users to whom an account of a phone is linked, by name."""
    linked = Link.select(Link.user)
    return list(User.select().where(User.id.in_(linked)).order_by(User.name))


def insert(name: str, columns: Mapping[str, object]) -> None:
    """Add a user."""
    User.insert(name=name, state={}, **columns).execute()


def update(name: str, columns: Mapping[str, object]) -> None:
    """Change columns of a user."""
    User.update(**columns).where(User.name == name).execute()


def insert_many(columns: Mapping[str, Mapping[str, object]]) -> None:
    """Add users, by name."""
    rows = ({"name": name, "state": {}, **own} for name, own in columns.items())
    for some in batches(rows, _ROWS_AT_ONCE):
        User.insert_many(some).execute()


def update_many(columns: Mapping[str, Mapping[str, object]]) -> None:
    """Change columns of users, by name; extensions may change places."""
    names = [name for name, own in columns.items() if "extension" in own]
    for some in batches(names, _ROWS_AT_ONCE):
        # No two may have the same one, also not meanwhile: first nobody has one.
        User.update(extension=User.id.cast("TEXT").concat("-")).where(User.name.in_(some)).execute()
    for name, own in columns.items():
        User.update(**own).where(User.name == name).execute()


def mark_removed(names: Sequence[str]) -> None:
    """Note that users are gone from where they come from."""
    User.update(removed_at=time.time()).where(User.name.in_(list(names))).execute()


def mark_back(names: Sequence[str]) -> None:
    """Note that users are there again."""
    User.update(removed_at=None).where(User.name.in_(list(names))).execute()


def delete(name: str) -> None:
    """Remove a user who has no link."""
    User.delete().where(User.name == name).execute()


def links(name: str) -> list[Link]:
    """The links of a user by number."""
    query = Link.select(Link, User).join(User).where(User.name == name)
    return list(query.order_by(Link.number))
