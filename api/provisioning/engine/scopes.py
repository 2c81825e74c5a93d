"""Inheritance of settings: defaults, then model, key layouts, phone, and its linked accounts.

Three states of a setting are different everywhere: *not set* (the name is absent, the value of the
scope below shows through), *explicitly none* (the empty string, which hides the value below), and
a value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Variables = dict[str, str]
"""Settings by Tancredi's names; every value is text."""

Differences = dict[str, str | None]
"""What a scope changes in its base; ``None`` takes a value of the base away."""

ScopeKind = Literal["defaults", "model", "layout", "phone", "link"]
SCOPE_KINDS = get_args(ScopeKind)


@dataclass(frozen=True, slots=True)
class Scope:
    """One layer of settings, with the name under which the admin knows it."""

    kind: ScopeKind
    id: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value stands: the kind and id of a scope, and the value it holds there."""

    kind: ScopeKind
    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Effective:
    """The value of a setting that applies, and the ones it hides, nearest first."""

    name: str
    origin: Origin
    shadowed: tuple[Origin, ...]

    @property
    def value(self) -> str:
        """The value that applies."""
        return self.origin.value


def merge(layers: Iterable[Mapping[str, str]]) -> Variables:
    """Overlay layers, farthest first: a later layer wins.

    Returns:
        The merged settings in the order of the farthest layer, then names first met in nearer ones.
    """
    merged: Variables = {}
    for layer in layers:
        merged.update(layer)
    return merged


def resolve(scopes: Iterable[Scope]) -> dict[str, Effective]:
    """Like :func:`merge`, with the origin of every value and what it hides."""
    found: dict[str, list[Origin]] = {}
    for scope in scopes:
        for name, value in scope.variables.items():
            found.setdefault(name, []).insert(0, Origin(scope.kind, scope.id, value))
    return {
        name: Effective(name, origins[0], tuple(origins[1:])) for name, origins in found.items()
    }


def changed(variables: Mapping[str, str], patch: Mapping[str, str | None]) -> Variables:
    """Apply a patch: a value sets (the empty string too), ``None`` unsets, the rest stays."""
    merged = {name: value for name, value in variables.items() if patch.get(name, "") is not None}
    merged.update({name: value for name, value in patch.items() if value is not None})
    return merged


def differences(own: Mapping[str, str], base: Mapping[str, str]) -> Differences:
    """What a scope must store so that ``changed(base, differences)`` is ``own``."""
    found: Differences = {name: value for name, value in own.items() if base.get(name) != value}
    found.update({name: None for name in base if name not in own})
    return found
