"""Keys as rows of a table: which settings of a scope are of one key, and what its cells say.

A scope sets the members of a key (type, value, label, person) one by one; what it does not set is
inherited. As cells: an empty type, value or label is explicitly none, ``-`` is inherited, and a
type that alone is inherited is ``(inherit)``, because ``-`` there gives the whole key back.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from provisioning.engine.people import KEY_KINDS, KEY_MEMBERS, key_setting
from provisioning.services.table_cells import INHERIT, INHERIT_TYPE, as_cell


class KeyPlace(NamedTuple):
    """Which key of a scope."""

    kind: str
    """One of :data:`~provisioning.engine.people.KEY_KINDS`."""
    number: int

    def setting(self, member: str) -> str:
        """The name of the setting of one of :data:`~provisioning.engine.people.KEY_MEMBERS`."""
        return f"{self.kind}_{member}_{self.number}"

    def members(self, settings: Mapping[str, str | None]) -> dict[str, str | None]:
        """What a scope sets of the key, by member; None: not set."""
        return {member: settings.get(self.setting(member)) for member in KEY_MEMBERS}


def keys_of(settings: Mapping[str, str | None]) -> Iterator[KeyPlace]:
    """The keys of which a scope sets anything, in order."""
    found = {
        KeyPlace(key.kind, key.number)
        for name, value in settings.items()
        if value is not None and (key := key_setting(name))
    }
    yield from sorted(found, key=lambda key: (KEY_KINDS.index(key.kind), key.number))


def as_cells(members: Mapping[str, str | None]) -> list[str]:
    """Type, value, label and person of a key as cells."""

    def cell(member: str) -> str:
        value = members[member]
        if member == "person":
            return as_cell(value or "")
        if value is None:
            return INHERIT_TYPE if member == "type" else INHERIT
        return as_cell(value)

    return [cell(member) for member in KEY_MEMBERS]
