"""Keys that refer to people: number and label follow the person, wherever the key is set.

``linekey_person_3`` names a user. What the key leaves open the person fills in: the value is the
main extension, the label the display name; a value or label that somebody typed stays. A key whose
person is gone has no function, so that no phone watches or calls a number that is now another's.

Names on keys went stale: NethServer/dev 7146, fusionpbx/fusionpbx 3473.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from provisioning.engine.scopes import Variables

KEY_KINDS = ("softkey", "linekey", "expkey")
"""Prefixes of the settings of keys."""

KEY_MEMBERS = ("type", "value", "label", "person")

_REFERENCE = re.compile(rf"({'|'.join(KEY_KINDS)})_person_([1-9][0-9]*)")
_KEY_SETTING = re.compile(rf"({'|'.join(KEY_KINDS)})_({'|'.join(KEY_MEMBERS)})_([1-9][0-9]{{0,3}})")


@dataclass(frozen=True, slots=True)
class Person:
    """A user, as keys know them."""

    name: str
    display_name: str
    extension: str
    group: str


@dataclass(frozen=True, slots=True)
class KeySetting:
    """Which setting of which key a name is."""

    kind: str
    """One of :data:`KEY_KINDS`."""
    member: str
    """One of :data:`KEY_MEMBERS`."""
    number: int


@lru_cache(maxsize=4096)
def key_setting(name: str) -> KeySetting | None:
    """What a name sets of a key; None if it is not of a key."""
    match = _KEY_SETTING.fullmatch(name)
    return KeySetting(match[1], match[2], int(match[3])) if match else None


def referenced(variables: Mapping[str, str | None]) -> frozenset[str]:
    """The names of the people that some settings refer to."""
    return frozenset(
        value for name, value in variables.items() if value and _REFERENCE.fullmatch(name)
    )


def with_people(variables: Mapping[str, str], people: Mapping[str, Person]) -> Variables:
    """The settings of a layer with what its people fill in.

    Args:
        variables: one layer of settings: a reference never reaches into another layer.
        people: by name; who is missing is gone.
    """
    filled: Variables = dict(variables)
    for name, value in variables.items():
        match = _REFERENCE.fullmatch(name)
        if not match or not value:
            continue
        kind, number = match.groups()
        type_name, value_name, label_name = (
            f"{kind}_{m}_{number}" for m in ("type", "value", "label")
        )
        person = people.get(value)
        if person is None:
            filled |= {type_name: "", value_name: "", label_name: ""}
        else:
            filled[value_name] = variables.get(value_name) or person.extension
            filled[label_name] = variables.get(label_name) or person.display_name
    return filled


def in_order(people: Iterable[Person], order: str) -> list[Person]:
    """People by ``name`` (as they are displayed, capitals alike) or by ``extension``."""
    if order == "extension":
        return sorted(people, key=lambda person: (len(person.extension), person.extension))
    return sorted(people, key=lambda person: (person.display_name.casefold(), person.name))


def others(people: Iterable[Person], besides: Collection[str]) -> list[Person]:
    """People without those of some names."""
    return [person for person in people if person.name not in besides]
