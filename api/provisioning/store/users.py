"""Queries for users."""

import time
from collections.abc import Mapping, Sequence

from provisioning.store.tables import Link, User


def find(name: str) -> User | None:
    """The user of a name."""
    found: User | None = User.get_or_none(User.name == name)
    return found


def find_by_extension(extension: str) -> User | None:
    """The user of a main extension."""
    found: User | None = User.get_or_none(User.extension == extension)
    return found


def page(*, group: str | None, search: str, offset: int, limit: int) -> tuple[int, list[User]]:
    """Users by name, with how many there are in all.

    Args:
        group: only users of this group.
        search: part of name, display name or extension.
        offset: how many to leave out first.
        limit: how many to return.
    """
    query = User.select()
    if group is not None:
        query = query.where(User.group == group)
    if search:
        query = query.where(
            User.name.contains(search)
            | User.display_name.contains(search)
            | User.extension.contains(search)
        )
    count: int = query.count()
    return count, list(query.order_by(User.name).offset(offset).limit(limit))


def all_by_name() -> dict[str, User]:
    """Every user, the removed ones too."""
    return {str(user.name): user for user in User.select()}


def insert(name: str, columns: Mapping[str, object]) -> None:
    """Add a user."""
    User.insert(name=name, state={}, **columns).execute()


def update(name: str, columns: Mapping[str, object]) -> None:
    """Change columns of a user."""
    User.update(**columns).where(User.name == name).execute()


def mark_removed(names: Sequence[str]) -> None:
    """Note that users are gone from where they come from."""
    User.update(removed_at=time.time()).where(User.name.in_(list(names))).execute()


def delete(name: str) -> None:
    """Remove a user who has no link."""
    User.delete().where(User.name == name).execute()


def links(name: str) -> list[Link]:
    """The links of a user by number."""
    query = Link.select(Link, User).join(User).where(User.name == name)
    return list(query.order_by(Link.number))
