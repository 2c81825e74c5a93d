"""Programmable keys: soft keys, line keys and the keys of expansion modules."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a phone; a free key has an empty type."""

    number: int
    """From 1; expansion keys count on over all modules."""
    type: str
    """Type as in Tancredi, e.g. ``blf``; empty: no function."""
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ExpansionModule:
    """A module that is or may be plugged to a phone."""

    number: int
    """From 1, as chained."""
    keys: tuple[Key, ...]
    """Key ``k`` of module ``m`` has the number ``k + (m - 1) * len(keys)``."""


@dataclass(frozen=True, slots=True)
class PhoneKeys:
    """All keys of a phone, free ones too."""

    soft_keys: tuple[Key, ...]
    line_keys: tuple[Key, ...]
    expansion_modules: tuple[ExpansionModule, ...]


def read_keys(
    variables: Mapping[str, str], kind: str, count: int, first: int = 1
) -> tuple[Key, ...]:
    """Keys ``first`` to ``first + count - 1`` of a kind, free ones too.

    Args:
        variables: merged settings.
        kind: prefix of the settings: ``softkey``, ``linekey``, ``expkey``.
        count: how many keys there are; 0 gives none.
        first: number of the first key.
    """
    get = variables.get
    return tuple(
        [
            Key(
                n,
                get(f"{kind}_type_{n}", ""),
                get(f"{kind}_value_{n}", ""),
                get(f"{kind}_label_{n}", ""),
            )
            for n in range(first, first + count)
        ]
    )
