"""A gateway as it is stored, as its history keeps it, and as its configuration is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from provisioning.engine.gateways.brands import Brand, GatewayModel
from provisioning.engine.gateways.checking import configure
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.entry import GatewayEntry, PortEntry
from provisioning.engine.gateways.ports import fitting_name
from provisioning.engine.mac import MacAddress
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import gateways as stored
from provisioning.store import users as stored_users
from provisioning.store.tables import Gateway, GatewayPort, User

KIND = "gateway"
"""What the history calls a gateway."""

LOGIN = ("login_user", "login_password", "login_shell")
"""What tells how one logs in to the unit as it is now."""

_COLUMNS = (
    "name", "model", "address", "admin_password", "user_password", *LOGIN, "fetches",
)  # fmt: skip
_OF_PORT = (
    "number", "enabled", "protocol", "line_number", "extension", "display_name", "trunk_name",
    "trunk_number", "secret",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortState:
    """A port that is used, or was and is switched off."""

    number: int
    enabled: bool = True
    protocol: str = ""
    line_number: str = ""
    user: str | None = None
    """Name of the user whose number the port registers."""
    extension: str | None = None
    """The number that the port registers: one of the user's, or one that is nobody's."""
    display_name: str = ""
    """Empty: the user's."""
    trunk_name: str | None = None
    trunk_number: str | None = None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GatewayState:
    """What of a gateway can be changed.

    What it has in common with :class:`~provisioning.engine.gateways.entry.GatewayEntry` means the
    same.
    """

    name: str
    mac: str
    """The id of the address on the label."""
    model: str
    address: str
    netmask: str
    router: str
    pbx_host: str
    proxy: str
    timezone: str
    country: str
    transport: str
    shell: str
    wan_mac: str = ""
    current_address: str = ""
    dns: tuple[str, ...] = ()
    ntp: tuple[str, ...] = ()
    verify_certificates: bool = False
    admin_password: str = field(default="", repr=False)
    user_password: str = field(default="", repr=False)
    login_user: str | None = None
    """Who logs in now; None: as new units of the brand come."""
    login_password: str | None = field(default=None, repr=False)
    login_shell: str = "ssh"
    """The command line by which one logs in now."""
    fetches: bool = False
    """It is told to fetch its file from here."""
    ports: tuple[PortState, ...] = ()

    def port(self, number: int) -> PortState | None:
        """The port of a number; None: it is free."""
        return next((port for port in self.ports if port.number == number), None)

    def with_port(self, port: PortState) -> "GatewayState":
        """The same with another state of one port."""
        others = (one for one in self.ports if one.number != port.number)
        return replace(self, ports=tuple(sorted([*others, port], key=lambda one: one.number)))

    def without_port(self, number: int) -> "GatewayState":
        """The same with a free port."""
        return replace(self, ports=tuple(one for one in self.ports if one.number != number))

    def recorded(self) -> dict[str, object]:
        """The state as the history keeps it, which masks what is called password or secret."""
        ports = {str(port.number): asdict(port) for port in self.ports}
        return {**asdict(self), "dns": list(self.dns), "ntp": list(self.ntp), "ports": ports}


_SETTINGS = tuple(
    found.name for found in fields(GatewayState) if found.name not in (*_COLUMNS, "mac", "ports")
)


@dataclass(frozen=True, slots=True)
class FoundGateway:
    """A gateway with what happens to it and is not configured."""

    id: int
    state: GatewayState
    token: str = field(repr=False)
    host_key: str | None
    fetched_at: float | None
    delivered: Mapping[str, object] | None = field(repr=False)
    """The last file that was handed out (``files``)."""

    @property
    def mac(self) -> MacAddress:
        """The address on the label."""
        return MacAddress.parse(self.state.mac)

    @property
    def version(self) -> object:
        """What of it can be changed; the token makes its digest tell nothing."""
        return [self.token, self.state.recorded()]


def get(mac: MacAddress) -> FoundGateway:
    """A gateway.

    Raises:
        NotFound: it is not registered.
    """
    row = stored.find(str(mac))
    if row is None:
        raise NotFound(KIND, str(mac))
    return read([row])[0]


def read(rows: Sequence[Gateway]) -> list[FoundGateway]:
    """Gateways of their rows, in this order."""
    ports = stored.ports([row.id for row in rows])
    return [
        FoundGateway(
            id=row.id,
            state=_state(row, ports[row.id]),
            token=str(row.token),
            host_key=row.host_key,
            fetched_at=row.fetched_at,
            delivered=row.delivered,
        )
        for row in rows
    ]


def insert(state: GatewayState, *, token: str) -> None:
    """Store a new gateway, inside a transaction that records why."""
    _write_ports(stored.insert(state.mac, **columns_of(state), token=token), state)


def write(number: int, state: GatewayState) -> None:
    """Store a state, inside a transaction that records why."""
    stored.update(number, mac=state.mac, **columns_of(state))
    _write_ports(number, state)


def replace_unit(number: int) -> None:
    """Forget what was known of a unit in whose place another one is."""
    stored.update(number, host_key=None, fetched_at=None)


def _write_ports(number: int, state: GatewayState) -> None:
    users = _users_of(state)
    stored.replace_ports(
        number,
        [
            {
                **{name: getattr(port, name) for name in _OF_PORT},
                "user": users[port.user].id if port.user else None,
            }
            for port in state.ports
        ],
    )


def of_record(record: Mapping[str, Any]) -> GatewayState:
    """The state that :meth:`GatewayState.recorded` made a record of.

    Without what was given out: secrets that are revoked must not be used again, and a user's
    number may be somebody else's by now.
    """
    ports = [
        PortState(
            **{**port, "secret": "", "extension": None if port["user"] else port["extension"]}
        )
        for port in record["ports"].values()
    ]
    lists = {name: tuple(record[name]) for name in ("dns", "ntp")}
    return GatewayState(**{**record, **lists, "ports": tuple(ports)})


def columns_of(state: GatewayState) -> dict[str, object]:
    """The columns of a gateway's row."""
    settings = {name: getattr(state, name) for name in _SETTINGS}
    columns = {name: getattr(state, name) for name in _COLUMNS}
    return {**columns, "settings": {**settings, "dns": [*state.dns], "ntp": [*state.ntp]}}


def model_of(site: Site, state: GatewayState) -> tuple[GatewayModel, Brand]:
    """The model of a gateway and its brand.

    Raises:
        NotFound: there is no such model, or no longer.
    """
    model = site.gateways.models.get(state.model)
    if model is None:
        raise NotFound("gateway model", state.model)
    return model, site.gateways.brand_of(model)


def login_of(state: GatewayState, brand: Brand) -> tuple[str, str]:
    """By which name and password one logs in now; new units come with those of their brand."""
    factory = brand.default_login
    return (
        factory["user"] if state.login_user is None else state.login_user,
        factory["password"] if state.login_password is None else state.login_password,
    )


def entry_of(site: Site, state: GatewayState, token: str) -> GatewayEntry:
    """What the engine makes files of."""
    shared = {found.name for found in fields(GatewayEntry)} & {f.name for f in fields(state)}
    own = {name: getattr(state, name) for name in shared - {"ports"}}
    names = {name: str(user.display_name) or name for name, user in _users_of(state).items()}
    ports = tuple(
        PortEntry(
            number=port.number,
            enabled=port.enabled,
            protocol=port.protocol,
            line_number=port.line_number,
            extension=port.extension or "",
            display_name=port.display_name or fitting_name(names.get(port.user or "", "")),
            trunk_name=port.trunk_name or "",
            trunk_number=port.trunk_number or "",
            secret=port.secret,
        )
        for port in state.ports
    )
    url = site.public_url
    address = f"{url.scheme}://{url.netloc}/provisioning/{token}" if state.fetches else ""
    return GatewayEntry(**own, ports=ports, provisioning_url=address)


def configuration_of(site: Site, found: FoundGateway) -> GatewayConfiguration:
    """The typed configuration of a gateway.

    Raises:
        GatewayRefused: what was allowed once is no longer, e.g. after a change of the brand's data.
    """
    return configure(entry_of(site, found.state, found.token), site.gateways, site.zones)


def _users_of(state: GatewayState) -> dict[str, User]:
    """The users of a gateway's ports, by name: a few dozen at most, of thousands that there are."""
    names = {port.user for port in state.ports if port.user}
    return {name: user for name in names if (user := stored_users.find(name))}


def _state(row: Gateway, ports: Sequence[GatewayPort]) -> GatewayState:
    settings = {name: row.settings[name] for name in _SETTINGS}
    settings |= {name: tuple(settings[name]) for name in ("dns", "ntp")}
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return GatewayState(mac=str(row.mac), **columns, **settings, ports=tuple(map(_port, ports)))


def _port(row: GatewayPort) -> PortState:
    columns = {name: getattr(row, name) for name in _OF_PORT}
    return PortState(**columns, user=str(row.user.name) if row.user else None)
