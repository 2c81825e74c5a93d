"""A gateway as templates see it: typed, checked, every port of the model present.

``checking.configure`` makes it of what was entered.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from provisioning.engine.gateways.brands import Brand, Country, GatewayModel
from provisioning.engine.mac import MacAddress
from provisioning.engine.timezones import Zone

Transport = Literal["udp", "tls"]
SIP_PORTS: dict[Transport, int] = {"udp": 5060, "tls": 5061}


@dataclass(frozen=True, slots=True)
class Device:
    """The unit itself and its place in the network."""

    name: str
    mac: MacAddress
    wan_mac: MacAddress | None
    ip: IPv4Address
    network: IPv4Network
    router: IPv4Address
    dns: tuple[IPv4Address, ...]
    ntp: tuple[str, ...]
    zone: Zone

    @property
    def netmask(self) -> IPv4Address:
        """The mask in the usual notation."""
        return self.network.netmask

    @property
    def first_dns(self) -> IPv4Address | None:
        """The first name server."""
        return self.dns[0] if self.dns else None

    @property
    def second_dns(self) -> IPv4Address | None:
        """The second name server."""
        return self.dns[1] if len(self.dns) > 1 else None

    @property
    def macs(self) -> tuple[MacAddress, ...]:
        """All addresses known of the unit, the label's first."""
        return (self.mac,) if self.wan_mac is None else (self.mac, self.wan_mac)


@dataclass(frozen=True, slots=True)
class Pbx:
    """Where the gateway registers, and through what."""

    host: str
    """SIP domain and registrar."""
    proxy: str
    """Next hop of everything the gateway sends."""
    transport: Transport
    """``tls`` always means SRTP too."""

    @property
    def sip_port(self) -> int:
        """The port of the proxy; the domain is written with it too."""
        return SIP_PORTS[self.transport]


@dataclass(frozen=True, slots=True)
class Admin:
    """Accounts of the unit; an empty password stays as it is."""

    user: str
    password: str = field(repr=False)
    user_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provisioning:
    """From where the unit fetches its file; all empty if it asks nobody."""

    scheme: str
    path: str = field(repr=False)
    """Host and path, without the scheme; it may hold a token."""


@dataclass(frozen=True, slots=True)
class Port:
    """One port of the unit; a free one has ``enabled`` false and empty texts."""

    n: int
    """From 1."""
    enabled: bool
    protocol: str
    line_number: str
    extension: str
    display_name: str
    trunk_name: str
    trunk_number: str
    secret: str = field(repr=False)
    local_sip_port: int
    """Where the unit itself listens for this port."""

    @property
    def i(self) -> int:
        """Its number counted from 0."""
        return self.n - 1


@dataclass(frozen=True, slots=True)
class GatewayConfiguration:
    """Everything that a gateway is told."""

    model: GatewayModel
    brand: Brand
    device: Device
    pbx: Pbx
    admin: Admin
    provisioning: Provisioning
    country: Country
    shell: str
    """``ssh`` or ``telnet``: the command line that stays open."""
    verify_certificates: bool
    ports: tuple[Port, ...]
    """All of the model."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in it, to be kept out of what is shown."""
        found = (
            self.admin.password,
            self.admin.user_password,
            self.provisioning.path,
            *(port.secret for port in self.ports),
        )
        return tuple(dict.fromkeys(secret for secret in found if secret))
