"""Who changed what, as it may be shown, and how two states differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from provisioning.engine.catalogue import Catalogue
from provisioning.services.errors import NoState, NotFound, WrongState
from provisioning.services.secrets import hide
from provisioning.services.site import Site
from provisioning.store import history as stored
from provisioning.store.tables import Change

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")

RESTORED_FROM = "restored_from"
"""Member of the state after a restoring: which change it came from, and which side of it."""

_EVENTS = ("upload",)
"""Actions whose entry tells what happened to the thing, not what it is like."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, without secrets."""

    id: int
    at: int
    """Unix time, seconds."""
    actor: str
    kind: str
    subject: str
    action: str
    """``create``, ``change``, ``delete``, ``rotate``; ``show``: secrets were asked for."""
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    changed: tuple[str, ...]
    """What differs, e.g. ``variables/adminpw``: two masks look alike."""
    restores: Mapping[str, object] | None
    """Which ``change`` it brought back, and ``to`` which side of that."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A member in which two states differ, without secrets; None: it is not there."""

    member: str
    """E.g. ``variables/adminpw``."""
    one: object
    other: object


def page(
    site: Site, *, kind: str | None, subject: str | None, offset: int, limit: int
) -> tuple[int, list[Entry]]:
    """Changes, newest first, with how many there are in all.

    Args:
        site: the site.
        kind: only changes of this kind of thing, e.g. ``phone``.
        subject: only changes of the thing of this name.
        offset: how many to leave out first.
        limit: how many to return.
    """
    total, rows = stored.page(kind=kind, subject=subject, offset=offset, limit=limit)
    return total, [_entry(site.catalogue, row) for row in rows]


def get(site: Site, number: int) -> Entry:
    """A change.

    Raises:
        NotFound: there is none of this number.
    """
    return _entry(site.catalogue, require(number))


def compare(site: Site, one: tuple[int, Side], other: tuple[int, Side]) -> tuple[Difference, ...]:
    """How two recorded states differ.

    Args:
        site: the site.
        one: the number of a change and which side of it.
        other: likewise; of the same kind of thing.

    Raises:
        NotFound: there is no such change.
        NoState: a change that keeps no state on that side.
        WrongState: the two are not of the same kind.
    """
    rows = require(one[0]), require(other[0])
    if rows[0].kind != rows[1].kind:
        kinds = f"of a {rows[0].kind}, the other of a {rows[1].kind}"
        raise WrongState("change", str(one[0]), kinds, "compared")
    states = [state(row, side) for row, (_, side) in zip(rows, (one, other), strict=True)]
    return tuple(
        Difference(
            member,
            *(_shown(site.catalogue, member, _inside(found, member)) for found in states),
        )
        for member in _changed(*states)
    )


def require(number: int) -> Change:
    """A change as it is stored, with its secrets.

    Raises:
        NotFound: there is none of this number.
    """
    found = stored.find(number)
    if found is None:
        raise NotFound("change", str(number))
    return found


def state(row: Change, side: Side) -> dict[str, object]:
    """The state that a change keeps, with its secrets.

    Raises:
        NoState: it keeps none on that side.
    """
    found: Mapping[str, object] | None = row.before if side == "before" else row.after
    if found is None or row.action in _EVENTS:
        if row.action in _EVENTS or (row.before is None and row.after is None):
            raise NoState(row.id, f"{row.action!r} of a {row.kind} keeps no state.")
        there = "did not exist before" if side == "before" else "does not exist after"
        raise NoState(row.id, f"The {row.kind} {row.subject!r} {there} it.")
    return {name: value for name, value in found.items() if not _names_change(name, value)}


def _names_change(name: str, value: object) -> bool:
    return name == RESTORED_FROM and isinstance(value, Mapping)


def _entry(catalogue: Catalogue, row: Change) -> Entry:
    before, after = row.before, row.after
    restores = (after or {}).get(RESTORED_FROM)
    if _names_change(RESTORED_FROM, restores):
        after = {name: value for name, value in after.items() if name != RESTORED_FROM}
    else:
        restores = None
    told = row.action in ("change", "restore")
    return Entry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        subject=row.subject,
        action=row.action,
        before=None if before is None else _hidden(catalogue, before),
        after=None if after is None else _hidden(catalogue, after),
        changed=tuple(_changed(before or {}, after or {})) if told else (),
        restores=restores,
    )


def _hidden(catalogue: Catalogue, values: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in values.items():
        shown[name] = _shown(catalogue, name, value)
    return shown


def _shown(catalogue: Catalogue, member: str, value: object) -> object:
    if isinstance(value, Mapping):
        return _hidden(catalogue, value)
    return hide(catalogue, member.rpartition("/")[2], value) if isinstance(value, str) else value


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            for inner in _changed(old, new):
                yield f"{name}/{inner}"
        elif old != new or (name in before) != (name in after):
            yield name


def _inside(values: Mapping[str, object], member: str) -> object:
    """What stands at a member; None if nothing does."""
    name, _, inner = member.partition("/")
    found = values.get(name)
    return _inside(found, inner) if inner and isinstance(found, Mapping) else found
