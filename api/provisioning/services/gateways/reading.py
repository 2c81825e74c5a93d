"""Looking at gateways: lists, and their secrets only where that is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.gateways.entry import GatewayEntry
from provisioning.engine.mac import MacAddress
from provisioning.engine.values import FieldError
from provisioning.services.errors import NotFound
from provisioning.services.gateways import states
from provisioning.services.gateways.files import last_delivered
from provisioning.services.gateways.states import KIND, FoundGateway, GatewayState
from provisioning.services.secrets import MASK
from provisioning.services.site import Site
from provisioning.store import gateways as stored
from provisioning.store import history
from provisioning.store.database import transaction

PASSWORDS = ("admin_password", "user_password", "login_password")
"""Members of a gateway that are never shown."""


@dataclass(frozen=True, slots=True)
class GatewaySecrets:
    """What is hidden wherever a gateway is shown."""

    login_user: str
    login_password: str = field(repr=False)
    entry: GatewayEntry = field(repr=False)
    """With the passwords that the unit gets, those of its ports, and the URL of its file."""


@dataclass(frozen=True, slots=True)
class PortOfUser:
    """A user's telephone at a gateway."""

    gateway: str
    """MAC id."""
    port: int
    number: str
    """What it registers, e.g. ``91201``."""


def page(*, search: str, offset: int, limit: int) -> tuple[int, list[FoundGateway]]:
    """Gateways by name, with how many there are in all; see ``store.gateways.page``."""
    total, rows = stored.page(search=search, offset=offset, limit=limit)
    return total, states.read(rows)


def ports_of_users(names: Sequence[str]) -> dict[str, list[PortOfUser]]:
    """The telephones at gateways of each of some users, by number."""
    found: dict[str, list[PortOfUser]] = {name: [] for name in names}
    for row in stored.ports_of_users(names):
        if row.user is not None:
            port = PortOfUser(str(row.gateway.mac), row.number, str(row.extension))
            found[str(row.user.name)].append(port)
    return found


def secrets(site: Site, mac: MacAddress, *, by: str) -> GatewaySecrets:
    """Tell a gateway's secrets; the history keeps who asked.

    Raises:
        NotFound: no such gateway, or its model is gone.
    """
    with transaction():
        found = states.get(mac)
        history.record(by, KIND, str(mac), "show")
    user, password = states.login_of(found.state, states.model_of(site, found.state)[1])
    entry = states.entry_of(site, found.state, found.token)
    return GatewaySecrets(login_user=user, login_password=password, entry=entry)


def masked(state: GatewayState) -> dict[str, Any]:
    """The members of a gateway as they may be shown, without its ports."""
    members = {name: value for name, value in asdict(state).items() if name != "ports"}
    for name in PASSWORDS:
        members[name] = members[name] and MASK
    return members


def without_masks(given: Mapping[str, Any], state: GatewayState) -> dict[str, Any]:
    """Take out the masks that a client sends back: they mean unchanged.

    Raises:
        GatewayRefused: a mask stands where there is no password.
    """
    masks = [name for name in PASSWORDS if given.get(name) == MASK]
    errors = [
        FieldError(name, "The mask stands for no password here.", "the password itself, or nothing")
        for name in masks
        if not getattr(state, name)
    ]
    if errors:
        raise GatewayRefused(tuple(errors))
    return {name: value for name, value in given.items() if name not in masks}


def is_outdated(site: Site, found: FoundGateway) -> bool:
    """Whether what a gateway was given last is no longer what it should have."""
    last = last_delivered(found)
    if last is None:
        return False
    wanted = states.entry_of(site, found.state, found.token)
    return _without_place(last.entry) != _without_place(wanted)


def require_port(site: Site, found: FoundGateway, number: int) -> None:
    """Make sure that a gateway has a port of a number.

    Raises:
        NotFound: its model has none.
    """
    if not 1 <= number <= states.model_of(site, found.state)[0].ports:
        raise NotFound("port", f"{number} of gateway {found.state.mac}")


def _without_place(entry: GatewayEntry) -> dict[str, object]:
    """Where a unit answered before it was configured says nothing about its file."""
    return {**asdict(entry), "current_address": ""}
