"""The files of gateways: looked at, saved by a person, fetched by the unit, compared."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from provisioning.engine.gateways.brands import GatewayFile, GatewayModel
from provisioning.engine.gateways.checking import GatewayRefused, configure
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.entry import GatewayEntry, PortEntry
from provisioning.engine.gateways.masking import Masker, diff
from provisioning.engine.gateways.rendering import download_name, fetched_names, main_file
from provisioning.engine.mac import MacAddress
from provisioning.services.errors import NotFound
from provisioning.services.gateways import states
from provisioning.services.gateways.states import KIND, FoundGateway
from provisioning.services.site import Site
from provisioning.store import gateways as stored
from provisioning.store import history
from provisioning.store.database import transaction


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file of a gateway."""

    kind: str
    name: str
    content_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The last file that a gateway, or a person for it, was given."""

    at: float
    how: str
    """``download``, ``fetch`` or ``upload``."""
    body: str = field(repr=False)
    entry: GatewayEntry = field(repr=False)
    """What it was made of."""


def kinds(site: Site, found: FoundGateway) -> Mapping[str, str]:
    """The names of the files there are of a gateway, by their kind.

    Raises:
        NotFound: its model is gone.
    """
    model, brand = states.model_of(site, found.state)
    return {kind: _name(file, model, found.mac) for kind, file in brand.files.items()}


def preview(site: Site, mac: MacAddress, kind: str) -> RenderedFile:
    """A file without its secrets.

    Raises:
        NotFound: no such gateway, or kind of file.
        GatewayRefused: the gateway's settings are no longer allowed.
        RenderingError: the template fails.
    """
    found = states.get(mac)
    gateway = states.configuration_of(site, found)
    made = _rendered(site, gateway, kind)
    masked = _masker(gateway).mask(made.body.decode())
    return replace(made, body=masked.encode())


def download(site: Site, mac: MacAddress, kind: str, *, by: str) -> RenderedFile:
    """A file as the gateway takes it, for a person to save; the history keeps who did.

    Raises:
        NotFound: no such gateway, or kind of file.
        GatewayRefused: the gateway's settings are no longer allowed.
        RenderingError: the template fails.
    """
    with transaction():
        found = states.get(mac)
        gateway = states.configuration_of(site, found)
        made = _rendered(site, gateway, kind)
        note_delivered(site, found, "download")
        history.record(by, KIND, str(mac), "show")
    return replace(made, name=download_name(gateway, kind, datetime.now(UTC)))


def fetch(site: Site, token: str, file_name: str) -> tuple[str, RenderedFile | None] | None:
    """What a gateway that fetches by itself gets.

    Args:
        site: the site.
        token: what stands in its URL.
        file_name: what it asks for.

    Returns:
        The gateway's MAC id with its file, or without one if it has none of this name; None: no
        gateway has the token.

    Raises:
        GatewayRefused: the gateway's settings are no longer allowed.
        RenderingError: the template fails.
    """
    row = stored.with_token(token)
    if row is None:
        return None
    found = states.read([row])[0]
    gateway = states.configuration_of(site, found)
    names = [name.lower() for name in fetched_names(gateway)]
    if not found.state.fetches or file_name.lower() not in names:
        return found.state.mac, None
    return found.state.mac, _rendered(site, gateway, main_file(gateway.brand).kind)


def note_fetched(site: Site, mac: str) -> None:
    """A gateway has fetched its file: it will have the password that stands in it."""
    with transaction():
        row = stored.find(mac)
        if row is None:
            return
        found = states.read([row])[0]
        stored.update(found.id, fetched_at=time.time())
        note_delivered(site, found, "fetch")
        note_configured(site, found)


def note_delivered(site: Site, found: FoundGateway, how: str) -> None:
    """Keep what was handed out, to tell later what has changed since."""
    entry = states.entry_of(site, found.state, found.token)
    gateway = configure(entry, site.gateways, site.zones)
    body = _rendered(site, gateway, _text_kind(gateway)).body.decode()
    delivered = {"at": time.time(), "how": how, "body": body, "entry": asdict(entry)}
    stored.update(found.id, delivered=delivered)


def note_configured(site: Site, found: FoundGateway) -> None:
    """The unit has its configuration: from now on it is where that says, and wants its password.

    Args:
        site: the site.
        found: the gateway as it was when its file was made; somebody may have changed it since.
    """
    brand, given = states.model_of(site, found.state)[1], found.state
    after = replace(
        states.get(found.mac).state, current_address=given.address, login_shell=given.shell
    )
    if given.admin_password:
        after = replace(after, login_user=brand.admin_user, login_password=given.admin_password)
    stored.update(found.id, **states.columns_of(after))


def last_delivered(found: FoundGateway) -> Delivered | None:
    """The last file that was handed out."""
    if found.delivered is None:
        return None
    kept = cast(Mapping[str, Any], found.delivered)
    entry = dict(kept["entry"])
    ports = tuple(PortEntry(**port) for port in entry.pop("ports"))
    entry |= {name: tuple(entry[name]) for name in ("dns", "ntp")}
    made_of = GatewayEntry(**entry, ports=ports)
    return Delivered(float(kept["at"]), str(kept["how"]), str(kept["body"]), made_of)


def changes_since(site: Site, mac: MacAddress, *, port: int | None = None) -> tuple[str, ...]:
    """What the next file has otherwise than the last one that was handed out, secrets masked.

    Args:
        site: the site.
        mac: the gateway.
        port: only what this port changes.

    Returns:
        A diff in the unified format; all lines are new if nothing was handed out.

    Raises:
        NotFound: no such gateway.
        GatewayRefused: the gateway's settings are no longer allowed.
        RenderingError: the template fails.
    """
    found = states.get(mac)
    gateway = states.configuration_of(site, found)
    last = last_delivered(found)
    kind = _text_kind(gateway)
    now = _rendered(site, gateway, kind).body.decode()
    if port is None:
        return diff(last.body if last else "", now, _masker(gateway, last))
    # As if this port alone had changed, in either direction from what is wanted now.
    wanted = states.entry_of(site, found.state, found.token)
    old = {p.number: p for p in last.entry.ports} if last else {}
    others = tuple(p for p in wanted.ports if p.number != port)
    as_it_was = replace(wanted, ports=(*others, old[port]) if port in old else others)
    try:
        before = configure(as_it_was, site.gateways, site.zones)
    except GatewayRefused:  # another port has its number by now
        before = configure(replace(wanted, ports=others), site.gateways, site.zones)
    return diff(_rendered(site, before, kind).body.decode(), now, _masker(gateway, last))


def _rendered(site: Site, gateway: GatewayConfiguration, kind: str) -> RenderedFile:
    if kind not in gateway.brand.files:
        raise NotFound("file", kind)
    file = gateway.brand.files[kind]
    body = site.gateway_renderer.render(gateway, kind)
    name = _name(file, gateway.model, gateway.device.mac)
    return RenderedFile(kind, name, file.content_type, body)


def _name(file: GatewayFile, model: GatewayModel, mac: MacAddress) -> str:
    return file.name.format(mac=mac.bare, model=model.id.partition("-")[2])


def _text_kind(gateway: GatewayConfiguration) -> str:
    """The file that is best compared: a parameter, or a command, a line."""
    return "text" if "text" in gateway.brand.files else main_file(gateway.brand).kind


def _masker(gateway: GatewayConfiguration, last: Delivered | None = None) -> Masker:
    old = (port.secret for port in last.entry.ports) if last else ()
    passwords = (last.entry.admin_password, last.entry.user_password) if last else ()
    return Masker(gateway.brand, (*gateway.secrets, *old, *passwords))
