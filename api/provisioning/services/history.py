"""Who changed what, as it may be shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning.engine.catalogue import Catalogue
from provisioning.services.secrets import hide
from provisioning.services.site import Site
from provisioning.store import history as stored
from provisioning.store.tables import Change


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


def _entry(catalogue: Catalogue, row: Change) -> Entry:
    before, after = row.before, row.after
    return Entry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        subject=row.subject,
        action=row.action,
        before=None if before is None else _hidden(catalogue, before),
        after=None if after is None else _hidden(catalogue, after),
        changed=tuple(_changed(before or {}, after or {})) if row.action == "change" else (),
    )


def _hidden(catalogue: Catalogue, values: Mapping[str, object]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            shown[name] = _hidden(catalogue, value)
        else:
            shown[name] = hide(catalogue, name, value) if isinstance(value, str) else value
    return shown


def _changed(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            for inner in _changed(old, new):
                yield f"{name}/{inner}"
        elif old != new or (name in before) != (name in after):
            yield name
