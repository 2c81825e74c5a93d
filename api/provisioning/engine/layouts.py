"""Key layouts: named sets of keys for models, tags and phones, a layer of settings like any other.

A layout sets keys one by one, and may fill a run of keys with the people of a group. A fill owns
its run: keys that no person is left for have no function, so that a group that shrinks leaves no
stale keys behind.

Asked for in public: "BLF for all but oneself" (nemerald-voip/fspbx 92), settings in profiles
(fusionpbx/fusionpbx 1973, 1855), named layouts (onCloud-Cloudspire/cloudspire-feedback 38).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.people import Person, in_order, others
from provisioning.engine.scopes import Variables

FILLED_KINDS = ("linekey", "expkey")
"""Kinds of keys that can watch somebody."""

ORDERS = ("name", "extension")

USES = ("model", "tag", "phone")
"""What a layout is applied to; the later one wins where two set the same key."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A run of keys for everyone of a group but the phone's own users."""

    kind: str
    """One of :data:`FILLED_KINDS`."""
    first: int
    last: int
    group: str
    order: str
    """One of :data:`ORDERS`."""

    @property
    def numbers(self) -> range:
        """The keys of the run."""
        return range(self.first, self.last + 1)


def layer(
    variables: Mapping[str, str],
    fills: Iterable[Fill],
    people: Collection[Person],
    *,
    besides: Collection[str],
) -> Variables:
    """The settings that a layout gives to a phone; people set one by one are not yet filled in.

    Args:
        variables: what the layout sets key by key; a fill leaves those keys alone.
        fills: its runs.
        people: at least everyone of the groups.
        besides: names of the phone's own users.
    """
    found: Variables = {}
    for fill in fills:
        waiting = in_order(others(_group(people, fill.group), besides), fill.order)
        for number in free_numbers(variables, fill):
            person = waiting.pop(0) if waiting else None
            found[f"{fill.kind}_type_{number}"] = "blf" if person else ""
            found[f"{fill.kind}_value_{number}"] = person.extension if person else ""
            found[f"{fill.kind}_label_{number}"] = person.display_name if person else ""
    return {**found, **variables}


def free_numbers(variables: Mapping[str, str], fill: Fill) -> Sequence[int]:
    """The keys of a run that the layout does not set itself."""
    return [n for n in fill.numbers if f"{fill.kind}_type_{n}" not in variables]


def _group(people: Iterable[Person], group: str) -> list[Person]:
    return [person for person in people if person.group == group]
