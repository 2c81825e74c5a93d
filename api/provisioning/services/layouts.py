"""Key layouts: named sets of keys, given to models, tags and phones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from provisioning.engine.layouts import FILLED_KINDS, ORDERS, Fill, free_numbers
from provisioning.engine.mac import MacAddress
from provisioning.engine.people import key_setting, referenced
from provisioning.engine.scopes import Variables
from provisioning.engine.values import FieldError, VariablesRefused
from provisioning.services.errors import AlreadyExists, BadName, NotFound
from provisioning.services.scopes import is_model
from provisioning.services.site import Site
from provisioning.store import history, people, proofs
from provisioning.store import layouts as stored
from provisioning.store import phones as stored_phones
from provisioning.store.database import configuration_change
from provisioning.store.tables import Layout

MAX_KEYS = 999
NAME_ALLOWED = "1 to 64 letters, digits, blanks and - _ ."
FILL_ALLOWED = (
    f"keys {' or '.join(FILLED_KINDS)}, from 1 to {MAX_KEYS}, the first not after the last, "
    f"in the order {' or '.join(ORDERS)}; runs do not overlap"
)

_NAME = re.compile(r"\w(?:[\w .-]{0,62}[\w.-])?")


@dataclass(frozen=True, slots=True)
class Uses:
    """What a layout is applied to."""

    models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    """MAC ids."""


@dataclass(frozen=True, slots=True)
class LayoutDetails:
    """A layout with its uses, and what of it has no person any more."""

    name: str
    variables: Variables
    fills: tuple[Fill, ...]
    uses: Uses
    orphans: tuple[str, ...]
    """Settings that refer to a user who is gone, e.g. ``linekey_person_3``."""
    left_over: Mapping[int, int]
    """By position of the fill: how many people find no key, counting the phone's own user."""


def list_all() -> list[LayoutDetails]:
    """All layouts by name."""
    rows = stored.list_all()
    uses = stored.uses([row.id for row in rows])
    return [_details(row, uses[row.id]) for row in rows]


def get(name: str) -> LayoutDetails:
    """A layout.

    Raises:
        NotFound: there is none of this name.
    """
    row = stored.find(name)
    if row is None:
        raise NotFound("key layout", name)
    return _details(row, stored.uses([row.id])[row.id])


def create(
    site: Site,
    name: str,
    *,
    variables: Mapping[str, str],
    fills: Sequence[Fill] = (),
    uses: Uses | None = None,
    by: str,
) -> LayoutDetails:
    """Make a layout.

    Args:
        site: the site.
        name: free text by which people know it.
        variables: settings of keys, as the catalogue allows them.
        fills: runs of keys for the people of a group.
        uses: what it is applied to.
        by: who asked, for the history.

    Raises:
        AlreadyExists: a layout has this name.
        BadName: a name or a run that cannot be one.
        VariablesRefused: a setting that is not of a key.
        NotFound: a model or phone to apply it to that there is not.
    """
    check(variables, fills)
    with configuration_change():
        check_new(name)
        write(site, name, variables=variables, fills=fills, uses=uses or Uses())
        history.record(by, "layout", name, "create", after=_state(get(name)))
    return get(name)


def change(
    site: Site,
    name: str,
    *,
    variables: Mapping[str, str] | None = None,
    fills: Sequence[Fill] | None = None,
    uses: Uses | None = None,
    by: str,
) -> LayoutDetails:
    """Replace keys, runs or uses of a layout; what is None stays.

    Raises:
        NotFound: there is none of this name, or of what it is to be applied to.
        BadName: a run that cannot be one.
        VariablesRefused: a setting that is not of a key.
    """
    with configuration_change():
        found = get(name)
        kept = found.variables if variables is None else variables
        runs = found.fills if fills is None else fills
        check(kept, runs)
        proofs.touch_layouts([name])
        write(site, name, variables=kept, fills=runs, uses=uses or found.uses)
        before, after = _state(found), _state(get(name))
        if after != before:
            history.record(by, "layout", name, "change", before=before, after=after)
    return get(name)


def delete(name: str, *, by: str) -> None:
    """Remove a layout; the phones return to what lies below it.

    Raises:
        NotFound: there is none of this name.
    """
    with configuration_change():
        found = get(name)
        proofs.touch_layouts([name])
        stored.delete(name)
        history.record(by, "layout", name, "delete", before=_state(found))


def check_new(name: str) -> None:
    """Refuse a name that a new layout cannot have.

    Raises:
        BadName: it cannot be one.
        AlreadyExists: a layout has it.
    """
    if not _NAME.fullmatch(name):
        raise BadName("layout name", name, NAME_ALLOWED)
    if stored.find(name):
        raise AlreadyExists("key layout", name)


def check_uses(site: Site, uses: Uses) -> None:
    """Refuse what no layout can be applied to.

    Raises:
        NotFound: a model or phone that there is not.
    """
    for model in uses.models:
        if not is_model(site, model):
            raise NotFound("model", model)
    registered = stored_phones.registered(uses.phones)
    for phone in uses.phones:
        if phone not in registered:
            raise NotFound("phone", phone)


def check(variables: Mapping[str, str], fills: Sequence[Fill]) -> None:
    """Refuse what no layout may hold.

    Raises:
        VariablesRefused: a setting that is not of a key.
        BadName: a run of keys that cannot be one.
    """
    wrong = [name for name in variables if key_setting(name) is None]
    if wrong:
        allowed = "settings of keys, like linekey_type_3"
        raise VariablesRefused(
            tuple(FieldError(name, "A layout sets keys only.", allowed) for name in wrong)
        )
    taken: set[tuple[str, int]] = set()
    for fill in fills:
        keys = {(fill.kind, number) for number in fill.numbers}
        sane = 1 <= fill.first <= fill.last <= MAX_KEYS and fill.group
        if not sane or fill.kind not in FILLED_KINDS or fill.order not in ORDERS or keys & taken:
            raise BadName("fill", f"{fill.kind} {fill.first} to {fill.last}", FILL_ALLOWED)
        taken |= keys


def write(
    site: Site, name: str, *, variables: Mapping[str, str], fills: Sequence[Fill], uses: Uses
) -> None:
    """Store a layout inside a transaction that records why; the phones concerned are noted.

    Raises:
        NotFound: a model or phone to apply it to that there is not.
    """
    check_uses(site, uses)
    number = stored.save(name, variables=variables, fills=[asdict(fill) for fill in fills])
    stored.replace_uses(
        number,
        [
            *(("model", model) for model in dict.fromkeys(uses.models)),
            *(("tag", tag) for tag in dict.fromkeys(uses.tags)),
            *(("phone", phone) for phone in dict.fromkeys(uses.phones)),
        ],
    )
    proofs.touch_layouts([name])


def state_of(name: str) -> dict[str, object]:
    """What of a layout can be changed, as its history keeps it.

    Raises:
        NotFound: there is none of this name.
    """
    return _state(get(name))


def of_phone(mac: MacAddress) -> list[str]:
    """The names of the layouts that are applied to this very phone."""
    return stored.of_phone(str(mac))


def uses_of(models: Sequence[str], tags: Sequence[str], phones: Sequence[str]) -> Uses:
    """What a layout is applied to, with phones in any notation of their address.

    Raises:
        BadName: what is no MAC address.
    """
    macs = []
    for phone in phones:
        try:
            macs.append(str(MacAddress.parse(phone)))
        except ValueError as mistake:
            raise BadName("phone", phone, "a MAC address") from mistake
    return Uses(tuple(models), tuple(tag.strip() for tag in tags if tag.strip()), tuple(macs))


def _details(row: Layout, uses: Sequence[tuple[str, str]]) -> LayoutDetails:
    fills = tuple(Fill(**fill) for fill in row.fills)
    names = referenced(row.variables)
    known = people.find(names, {fill.group for fill in fills})
    there = {person.name for person in known}
    groups: dict[str, int] = {}
    for person in known:
        groups[person.group] = groups.get(person.group, 0) + 1
    left_over = {
        position: groups.get(fill.group, 0) - len(free_numbers(row.variables, fill))
        for position, fill in enumerate(fills)
    }
    return LayoutDetails(
        name=str(row.name),
        variables=row.variables,
        fills=fills,
        uses=Uses(*(tuple(t for kind, t in uses if kind == k) for k in ("model", "tag", "phone"))),
        orphans=tuple(
            name
            for name, value in row.variables.items()
            if value and value not in there and referenced({name: value})
        ),
        left_over={position: more for position, more in left_over.items() if more > 0},
    )


def _state(found: LayoutDetails) -> dict[str, object]:
    return {
        "variables": dict(found.variables),
        "fills": [asdict(fill) for fill in found.fills],
        "uses": {name: list(targets) for name, targets in asdict(found.uses).items()},
    }
