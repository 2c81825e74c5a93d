"""Queries for users as keys refer to them."""

from collections.abc import Collection
from typing import Any

from provisioning.engine.people import Person
from provisioning.store.tables import User


def find(names: Collection[str], groups: Collection[str]) -> list[Person]:
    """Users of some names or of some groups, without those who are gone, by name."""
    query = User.select(User.name, User.display_name, User.extension, User.group)
    wanted = User.name.in_(list(names)) | User.group.in_(list(groups))
    rows: Any = query.where(wanted & User.removed_at.is_null()).order_by(User.name).tuples()
    return [Person(*row) for row in rows]
