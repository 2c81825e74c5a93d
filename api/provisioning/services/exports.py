"""Exports of tables (CSV) that can be imported again: phones, users, keys, gateways.

Imported where it was exported, a table changes nothing. Secret settings stand in it only if
somebody asks for them, which is recorded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from provisioning.engine.people import key_setting
from provisioning.engine.table_columns import SETTING
from provisioning.engine.table_file import write_table
from provisioning.services import (
    key_rows,
    layouts,
    link_batches,
    models,
    phone_batches,
    phone_lists,
    users,
)
from provisioning.services.gateways import states
from provisioning.services.gateways.states import GatewayState, PortState
from provisioning.services.phone_batches import PhoneState
from provisioning.services.phone_lists import Filter
from provisioning.services.site import Site
from provisioning.services.table_cells import INHERIT, as_cell, setting_as_cell
from provisioning.services.tables import columns_of
from provisioning.store import gateways as stored_gateways
from provisioning.store import history
from provisioning.store import layouts as stored_layouts
from provisioning.store.database import snapshot, transaction
from provisioning.store.history import NewChange
from provisioning.store.tables import Link


def phones(
    site: Site,
    wanted: Filter,
    *,
    vendor: str | None = None,
    settings: bool = False,
    secrets: bool = False,
    by: str,
) -> bytes:
    """Phones that match, by MAC address.

    Args:
        site: the site.
        wanted: which phones.
        vendor: only phones of this vendor.
        settings: with their own settings, one column each; those of keys are a table of their own.
        secrets: also with the secret settings; the history keeps of which phones somebody asked.
        by: who asks.
    """
    # What is recorded is of the moment that is exported.
    with transaction() if secrets else snapshot():
        macs = [str(mac) for mac in phone_lists.macs(site, wanted, vendor=vendor)]
        states = phone_batches.read(macs)
        links, applied = link_batches.read(macs), stored_layouts.of_phones(macs)
        names = _settings(site, states.values(), secrets=secrets) if settings or secrets else []
        if secrets:
            _record(site, states, by=by)
    rows = (
        [
            *_phone(mac, states[mac], links.get(mac), applied[mac]),
            *(_setting(states[mac], name) for name in names),
        ]
        for mac in macs
    )
    fixed = columns_of(site, "phones").fixed
    return write_table([*fixed, *(f"{SETTING}{name}" for name in names)], rows)


def all_users(site: Site) -> bytes:
    """All users by name."""
    found = users.all_by_name()
    rows = (
        [
            as_cell(user.name),
            as_cell(user.display_name),
            user.extension,
            as_cell(user.email),
            as_cell(user.group),
            "yes" if user.locked else "no",
        ]
        for _, user in sorted(found.items())
    )
    return write_table(columns_of(site, "users").fixed, rows)


def keys(site: Site) -> bytes:
    """All keys that layouts, models and phones set themselves, in this order."""
    with snapshot():
        rows = [*_keys_of_layouts(), *_keys_of_models(site), *_keys_of_phones(site)]
    return write_table(columns_of(site, "keys").fixed, rows)


def gateways(site: Site) -> bytes:
    """All gateways by name, a row for each port that is used; no passwords, no SIP secrets."""
    with snapshot():
        found = states.read(stored_gateways.everyone())
    rows = (row for one in found for row in _gateway(site, one.state))
    return write_table(columns_of(site, "gateways").fixed, rows)


def _gateway(site: Site, state: GatewayState) -> Iterator[list[str]]:
    """The rows of a gateway: what is said of itself stands in the first one."""
    model = site.gateways.models.get(state.model)
    named = (state.name, state.model, state.address, state.netmask, state.router)
    own = [*map(as_cell, named), "|".join(state.dns) or INHERIT, state.pbx_host, state.proxy]
    for place, port in enumerate(state.ports or (None,)):
        cells = own if place == 0 else [""] * len(own)
        yield [state.mac, *cells, *_port(port, model.line.id if model else "")]


def _port(port: PortState | None, kind: str) -> list[str]:
    if port is None:
        return ["", "", "", ""]
    value = port.user or port.extension or port.line_number or port.protocol
    return [str(port.number), kind, as_cell(value), as_cell(port.display_name)]


def _phone(mac: str, state: PhoneState, link: Link | None, applied: Sequence[str]) -> list[str]:
    """The cells of a phone in the order of the columns; its settings follow."""
    cells = {
        "mac": mac,
        "model": as_cell(state.model),
        "display_name": as_cell(state.display_name),
        "user": as_cell(link.user.name) if link else "",
        "extension": str(link.user.extension) if link else "",
        "location": as_cell(state.facts.location),
        "tags": "|".join(state.facts.tags),
        "note": as_cell(state.facts.note),
        "serial": as_cell(state.facts.serial),
        "check_code": as_cell(state.facts.check_code),
        "layout": "|".join(applied),
    }
    return list(cells.values())


def _setting(state: PhoneState, name: str) -> str:
    """A setting of a phone as a cell; what another phone sets and this one does not stays empty."""
    return setting_as_cell(state.variables[name]) if name in state.variables else ""


def _settings(site: Site, states: Iterable[PhoneState], *, secrets: bool) -> list[str]:
    """The settings that any of some phones has, without those of keys."""
    names = {name for state in states for name in state.variables}
    secret = site.catalogue.is_secret
    return sorted(name for name in names if not key_setting(name) and (secrets or not secret(name)))


def _record(site: Site, states: Mapping[str, PhoneState], *, by: str) -> None:
    """Write down whose secrets are told."""
    told = (
        mac
        for mac, state in states.items()
        if any(value and site.catalogue.is_secret(n) for n, value in state.variables.items())
    )
    history.record_many(by, (NewChange("phone", mac, "show") for mac in told))


def _keys_of_layouts() -> Iterator[list[str]]:
    for layout in layouts.list_all():
        yield from _keys(["", as_cell(layout.name), ""], layout.variables)


def _keys_of_models(site: Site) -> Iterator[list[str]]:
    for model in models.list_all(site):
        yield from _keys(["", "", as_cell(model.id)], model.differences)


def _keys_of_phones(site: Site) -> Iterator[list[str]]:
    macs = [str(mac) for mac in phone_lists.macs(site, Filter())]
    states = phone_batches.read(macs)
    for mac in macs:
        yield from _keys([mac, "", ""], states[mac].variables)


def _keys(scope: list[str], settings: Mapping[str, str | None]) -> Iterator[list[str]]:
    for place in key_rows.keys_of(settings):
        cells = key_rows.as_cells(place.members(settings))
        yield [*scope, place.kind, str(place.number), *cells]
