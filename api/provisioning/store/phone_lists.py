"""Queries for lists of phones: found, filtered, sorted, counted by what they have in common.

A phone is in several states at once, independent of each other; each is a condition on its row, its
last contact and its proof.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN, Asc, Desc, fn

from provisioning.store.tables import (
    Contact,
    Defaults,
    Link,
    Phone,
    PhoneTag,
    Proof,
    SiteModel,
    User,
)

SILENT_SECONDS = 2 * 24 * 3600
"""A phone that fetches every night and was not heard for so long is silent."""

_HEARD = ("served", "unchanged")


def _linked() -> Any:
    return fn.EXISTS(Link.select(1).where(Link.phone == Phone.mac))


def _wants_another_file() -> Any:
    differs = Contact.served_digest.is_null() | (Contact.served_digest != Proof.wanted_digest)
    return Proof.wanted_digest.is_null(False) & differs


STATES: Mapping[str, Callable[[], Any]] = {
    "failing": lambda: Contact.outcome.not_in(_HEARD),
    "no_model": lambda: Phone.model == "",
    "waiting": lambda: Contact.at.is_null(),
    "first_contact": lambda: Contact.at.is_null(False) & Contact.permanent_at.is_null(),
    "not_linked": lambda: ~_linked(),
    "not_registered": lambda: Proof.registered.is_null(False) & (Proof.registered == False),  # noqa: E712
    "silent": lambda: Contact.at < time.time() - SILENT_SECONDS,
    "pending": _wants_another_file,
}
"""The states that want attention, the worst first."""

_USER_NAME = (
    User.select(User.display_name)
    .join(Link)
    .where(Link.phone == Phone.mac)
    .order_by(Link.line)
    .limit(1)
)
_USER_EXTENSION = (
    User.select(User.extension)
    .join(Link)
    .where(Link.phone == Phone.mac)
    .order_by(Link.line)
    .limit(1)
)

SORTS: Mapping[str, Any] = {
    "mac": Phone.mac,
    "model": Phone.model,
    "display_name": Phone.display_name,
    "location": Phone.location,
    "created_at": Phone.created_at,
    "user": _USER_NAME,
    "extension": _USER_EXTENSION,
    "contact": Contact.at,
    "firmware": Contact.firmware,
}
"""What a list can be sorted by."""

FACETS = ("model", "tag", "location", "firmware", "group", "host", "moved", "state")
"""What phones can be counted by."""

_MOVED = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which phones; what is None or empty does not matter."""

    search: str = ""
    """Part of name, location, note, serial, IP address, user, extension, number or model, or of the
    MAC address in any notation."""
    models: Sequence[str] | None = None
    mac_ranges: Sequence[tuple[str, str]] = ()
    """With ``models``: phones of these models, or without a model in one of these ranges."""
    tag: str | None = None
    location: str | None = None
    user: str | None = None
    group: str | None = None
    firmware: str | None = None
    host: str | None = None
    """The name by which the phone asked last with its permanent token."""
    moved: bool | None = None
    """Whether that is the name that its settings tell; of one that never asked neither is true."""
    public_host: str = ""
    """The name of this server where settings tell none."""
    state: str | None = None
    """A state of :data:`STATES`, or ``fine``."""
    macs: Sequence[str] = field(default_factory=tuple)


def page(
    wanted: Filter, *, sort: str, descending: bool, offset: int, limit: int | None
) -> tuple[int, list[Phone]]:
    """Phones that match, without their settings, with how many there are in all."""
    columns = (
        Phone.mac, Phone.model, Phone.display_name, Phone.created_at, Phone.location, Phone.note,
        Phone.serial, Phone.check_code,
    )  # fmt: skip
    query = _matching(Phone.select(*columns), wanted)
    count: int = query.count()
    order = (Desc if descending else Asc)(SORTS[sort])
    return count, list(query.order_by(order, Phone.mac).offset(offset).limit(limit))


def macs(wanted: Filter) -> list[str]:
    """The MAC ids of all phones that match, in order."""
    rows: Any = _matching(Phone.select(Phone.mac), wanted).order_by(Phone.mac).tuples()
    return [mac for (mac,) in rows]


def states(macs: Sequence[str]) -> dict[str, list[str]]:
    """The states of some phones, the worst first."""
    found: dict[str, list[str]] = {mac: [] for mac in macs}
    for state, condition in STATES.items():
        query = _joined(Phone.select(Phone.mac)).where(Phone.mac.in_(list(macs)) & condition())
        rows: Any = query.tuples()
        for (mac,) in rows:
            found[mac].append(state)
    return found


def counts(wanted: Filter, facet: str) -> dict[str, int]:
    """How many of the phones that match have each value of a facet."""
    if facet == "state":
        found = {
            state: _matching(Phone.select(Phone.mac), wanted).where(condition()).count()
            for state, condition in STATES.items()
        }
        fine = _matching(Phone.select(Phone.mac), wanted).where(_fine()).count()
        return {state: number for state, number in {**found, "fine": fine}.items() if number}
    if facet == "moved":
        matching = _matching(Phone.select(Phone.mac), wanted)
        moved = {w: matching.where(_moved(wanted, yes)).count() for w, yes in _MOVED.items()}
        return {word: number for word, number in moved.items() if number}
    by: Mapping[str, tuple[Any, Any]] = {
        "model": (Phone.model, None),
        "location": (Phone.location, None),
        "firmware": (Contact.firmware, None),
        "host": (Contact.host, None),
        "tag": (PhoneTag.tag, PhoneTag),
        "group": (User.group, Link),
    }
    column, through = by[facet]
    query = _matching(Phone.select(column, fn.COUNT(fn.DISTINCT(Phone.mac))), wanted)
    if through is PhoneTag:
        query = query.switch(Phone).join(PhoneTag, on=PhoneTag.phone == Phone.mac)
    if through is Link:
        query = query.switch(Phone).join(Link, on=Link.phone == Phone.mac).join(User)
    rows: Any = query.group_by(column).order_by(column).tuples()
    return {value: number for value, number in rows if value}


def _joined(query: Any) -> Any:
    return (
        query.join(Contact, JOIN.LEFT_OUTER, on=Contact.phone == Phone.mac)
        .switch(Phone)
        .join(Proof, JOIN.LEFT_OUTER, on=Proof.phone == Phone.mac)
    )


def _fine() -> Any:
    """In no state that wants attention."""
    condition: Any = None
    for made in STATES.values():
        # What is unknown (no contact) is not true, which SQL tells apart from false.
        untrue = fn.COALESCE(made(), False) == False  # noqa: E712
        condition = untrue if condition is None else condition & untrue
    return condition


def _moved(wanted: Filter, yes: bool) -> Any:
    """Whether a phone asked last by the name that its settings tell, or by another one."""
    of_phone, of_model, of_everyone = (
        settings["hostname"].as_text()
        for settings in (Phone.variables, SiteModel.differences, Defaults.differences)
    )
    told = fn.COALESCE(
        of_phone,
        SiteModel.select(of_model).where(SiteModel.id == Phone.model),
        Defaults.select(of_everyone),
        "",
    )
    name = fn.LOWER(fn.COALESCE(fn.NULLIF(told, ""), wanted.public_host))
    return Contact.host == name if yes else Contact.host != name


def _matching(query: Any, wanted: Filter) -> Any:
    query = _joined(query)
    if wanted.models is not None:
        inside = Phone.model.in_(list(wanted.models))
        for first, last in wanted.mac_ranges:
            inside |= (Phone.model == "") & Phone.mac.between(first, last)
        query = query.where(inside)
    if wanted.tag is not None:
        tagged = PhoneTag.select(PhoneTag.phone).where(PhoneTag.tag == wanted.tag)
        query = query.where(Phone.mac.in_(tagged))
    if wanted.location is not None:
        query = query.where(Phone.location == wanted.location)
    if wanted.firmware is not None:
        query = query.where(Contact.firmware == wanted.firmware)
    if wanted.host is not None:
        query = query.where(Contact.host == wanted.host)
    if wanted.moved is not None:
        query = query.where(_moved(wanted, wanted.moved))
    if wanted.user is not None:
        query = query.where(Phone.mac.in_(_of_users(User.name == wanted.user)))
    if wanted.group is not None:
        query = query.where(Phone.mac.in_(_of_users(User.group == wanted.group)))
    if wanted.state is not None:
        query = query.where(_fine() if wanted.state == "fine" else STATES[wanted.state]())
    if wanted.macs:
        query = query.where(Phone.mac.in_(list(wanted.macs)))
    if wanted.search:
        query = query.where(_found(wanted.search))
    return query


def _of_users(condition: Any) -> Any:
    return Link.select(Link.phone).join(User).where(condition)


def _found(search: str) -> Any:
    told: Any = Phone.display_name.contains(search)
    for column in (Phone.location, Phone.note, Phone.serial, Phone.model, Contact.address):
        told |= column.contains(search)
    told |= Phone.mac.in_(
        _of_users(
            User.name.contains(search)
            | User.display_name.contains(search)
            | User.extension.contains(search)
            | Link.number.contains(search)
        )
    )
    digits = search.replace(":", "").replace("-", "").replace(".", "").replace(" ", "").upper()
    if digits and not set(digits) - set("0123456789ABCDEF"):
        told |= fn.REPLACE(Phone.mac, "-", "").contains(digits)
    return told
