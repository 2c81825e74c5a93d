"""Which layer a key comes from: a phone's keys are put together from defaults, layouts and itself.

So that the layer of each key can be shown, and a person can return to the layout.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from provisioning.engine.keys import Key
from provisioning.engine.people import KEY_MEMBERS
from provisioning.engine.scopes import Scope


@dataclass(frozen=True, slots=True)
class LayeredKey:
    """A key of a phone and the layers that made it."""

    key: Key
    person: str
    """Name of the user whom it refers to; empty: nobody."""
    orphan: bool
    """That user is gone: the key has no function."""
    origin: Scope | None
    """The layer that gives it its type, or else the nearest one that sets anything of it."""
    changed_by: tuple[Scope, ...]
    """Nearer layers that set value or label only, nearest first."""
    hides: tuple[Scope, ...]
    """Farther layers that set anything of the same key, nearest first."""

    @property
    def free(self) -> bool:
        """Whether the key has no function."""
        return self.key.type == ""


def layered(key: Key, kind: str, scopes: Sequence[Scope], known: Collection[str]) -> LayeredKey:
    """Find the layers of a key.

    Args:
        key: the key, as the merged layers make it.
        kind: one of :data:`~provisioning.engine.people.KEY_KINDS`.
        scopes: the layers of the phone, farthest first, people filled in.
        known: the names of the users there are.
    """
    names = [f"{kind}_{member}_{key.number}" for member in KEY_MEMBERS]
    nearest = [
        scope for scope in reversed(scopes) if any(name in scope.variables for name in names)
    ]
    giving_type = [n for n, scope in enumerate(nearest) if names[0] in scope.variables]
    origin = giving_type[0] if giving_type else 0
    person = person_of(kind, key.number, scopes)
    return LayeredKey(
        key=key,
        person=person,
        orphan=person != "" and person not in known,
        origin=nearest[origin] if nearest else None,
        changed_by=tuple(nearest[:origin]),
        hides=tuple(nearest[origin + 1 :]),
    )


def person_of(kind: str, number: int, scopes: Sequence[Scope]) -> str:
    """The name of the user whom a key refers to; empty if its value is not that of a user.

    A reference counts in its own layer only: a nearer layer that sets the value hides it.
    """
    for scope in reversed(scopes):
        if f"{kind}_value_{number}" in scope.variables:
            return scope.variables.get(f"{kind}_person_{number}", "")
    return ""
