"""What a change of one layer does to the settings that apply: before held against after.

A setting may differ in a layer and yet change nothing: a nearer layer hides it, or the phone gets
the same value from elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.scopes import Origin, Scope

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that some layer of a phone holds otherwise than before."""

    name: str
    before: Origin | None
    """The value that applied; None: nobody set it. Likewise ``after``."""
    after: Origin | None

    @property
    def values(self) -> tuple[str | None, str | None]:
        """The values that applied before and after; None: not set."""
        return (
            self.before.value if self.before else None,
            self.after.value if self.after else None,
        )

    @property
    def arrives(self) -> bool:
        """Whether another value applies, or one where there was none."""
        before, after = self.values
        return before != after

    @property
    def hidden(self) -> bool:
        """Whether a nearer layer, which stays as it is, sets the setting."""
        return self.before == self.after


def setting_changes(before: Sequence[Scope], after: Sequence[Scope]) -> list[SettingChange]:
    """The settings that differ in any layer, by name.

    Args:
        before: the layers of a phone, farthest first.
        after: its layers with the change.
    """
    return [
        SettingChange(name, _nearest(before, name), _nearest(after, name))
        for name in sorted(set(_differing(before, after)))
    ]


def _nearest(scopes: Sequence[Scope], name: str) -> Origin | None:
    for scope in reversed(scopes):
        value = scope.variables.get(name)
        if value is not None:
            return Origin(scope.kind, scope.id, value)
    return None


def _differing(before: Sequence[Scope], after: Sequence[Scope]) -> Iterator[str]:
    old, new = _by_place(before), _by_place(after)
    for place in {**old, **new}:
        one, other = old.get(place, {}), new.get(place, {})
        if one != other:
            names = {**one, **other}
            yield from (n for n in names if one.get(n, _ABSENT) != other.get(n, _ABSENT))
    if _layouts(before) != _layouts(after):  # also when only their order is another one
        for scope in (*before, *after):
            if scope.kind == "layout":
                yield from scope.variables


def _by_place(scopes: Sequence[Scope]) -> dict[tuple[str, str], Mapping[str, str]]:
    """The layers by what they are to the phone: of layouts there are several, of others one."""
    return {(s.kind, s.id if s.kind in ("layout", "link") else ""): s.variables for s in scopes}


def _layouts(scopes: Sequence[Scope]) -> list[str]:
    return [scope.id for scope in scopes if scope.kind == "layout"]
