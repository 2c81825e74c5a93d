"""Keys of somebody who leaves: which refer to the person, which hold a number, who follows.

A key that names a person can be given to a successor. A key that only holds the number cannot: it
may mean the number, whoever has it next, so the admin is told of it and decides.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from provisioning.engine.people import Person, key_setting
from provisioning.engine.scopes import Differences

POINTING_TYPES = ("blf", "direct_pickup", "forward", "pick_up", "speed_dial", "transfer")
"""Types of keys whose value is the number of somebody."""


@dataclass(frozen=True, slots=True, order=True)
class KeyPlace:
    """A key among the settings of a scope; in order by kind, then by number."""

    kind: str
    """One of ``engine.people.KEY_KINDS``."""
    number: int

    def setting(self, member: str) -> str:
        """The name of one of its settings."""
        return f"{self.kind}_{member}_{self.number}"

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


def keys_of_person(variables: Mapping[str, str | None], name: str) -> list[KeyPlace]:
    """The keys that refer to a user, in order."""
    return sorted(place for place, value in _members(variables, "person") if value == name)


def keys_of_numbers(
    variables: Mapping[str, str | None], numbers: Collection[str]
) -> list[KeyPlace]:
    """The keys that point to one of some numbers and name no person, in order."""
    return sorted(
        place
        for place, value in _members(variables, "value")
        if value in numbers
        # The type may stand in another scope.
        and variables.get(place.setting("type"), "blf") in POINTING_TYPES
        and not variables.get(place.setting("person"))
    )


def handed_over(
    variables: Mapping[str, str | None],
    place: KeyPlace,
    *,
    before: Person,
    numbers: Collection[str],
    after: str,
) -> Differences:
    """What changes in the settings of a scope if another user takes over a key.

    A number or label that says nothing but who had the key goes, so that the next one's show; what
    somebody wrote besides stays.

    Args:
        variables: the settings of the scope.
        place: a key that refers to ``before``.
        before: who had it.
        numbers: of that person's devices.
        after: the name of the next user.
    """
    changes: Differences = {place.setting("person"): after}
    if variables.get(place.setting("value")) in (before.extension, *numbers):
        changes[place.setting("value")] = None
    if variables.get(place.setting("label")) == before.display_name:
        changes[place.setting("label")] = None
    return changes


def _members(
    variables: Mapping[str, str | None], member: str
) -> Iterator[tuple[KeyPlace, str | None]]:
    for name, value in variables.items():
        setting = key_setting(name)
        if setting is not None and setting.member == member:
            yield KeyPlace(setting.kind, setting.number), value
