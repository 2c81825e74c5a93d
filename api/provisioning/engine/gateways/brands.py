"""Brands and models of gateways as data: what a ``brand.yaml`` says, typed.

``brand_files`` reads and checks the files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from provisioning.engine.gateways.dialogue import Dialogue
from provisioning.engine.mac import MacAddress
from provisioning.engine.parameter import Text
from provisioning.engine.vendors import MacRange

Need = Literal["protocol", "line_number", "extension"]


@dataclass(frozen=True, slots=True)
class LineType:
    """A kind of port: where it leads and what a port of the kind needs."""

    id: str
    """``bri``, ``pri``, ``fxo`` or ``fxs``."""
    label: Text
    trunk_word: str
    """What stands for it in the names of trunks; empty: its ports register a user's number."""
    channels: int
    """Calls that one port carries at once."""
    needs: frozenset[Need]
    protocols: Mapping[str, Text]
    """What may be chosen if the port needs a protocol."""

    @property
    def has_trunk(self) -> bool:
        """Whether each port is a trunk of the PBX."""
        return bool(self.trunk_word)


@dataclass(frozen=True, slots=True)
class Country:
    """What a country's telephone network wants: impedance, caller id, tones."""

    id: str
    label: Text
    values: Mapping[str, object]
    """As the brand's templates read them."""


@dataclass(frozen=True, slots=True)
class GatewayFile:
    """A file that a gateway of the brand can be given."""

    kind: str
    format: str
    template: str
    name: str
    """With ``{mac}``, ``{model}``: what the gateway asks for, or what a person saves."""
    content_type: str


@dataclass(frozen=True, slots=True)
class NumberTable:
    """Which numbered parameter holds an attribute of a port, in runs that count upwards."""

    runs: Mapping[str, tuple[tuple[int, int, int], ...]]
    """By attribute: first port, last port, parameter of the first port."""

    def of(self, port: int) -> Mapping[str, int]:
        """The parameters of a port by attribute; what it does not have is missing."""
        return {
            attribute: parameter + port - first
            for attribute, runs in self.runs.items()
            for first, last, parameter in runs
            if first <= port <= last
        }


@dataclass(frozen=True, slots=True)
class Family:
    """Models that share their software."""

    id: str
    facts: Mapping[str, object]
    accounts: NumberTable
    """SIP accounts, or the first profile where ports are in a table of their own."""
    ports: NumberTable
    rtp_ports: Mapping[int, int]
    """The first port for voice of each account."""


@dataclass(frozen=True, slots=True)
class GatewayModel:
    """A model: one kind of port, some of them."""

    id: str
    """E.g. ``grandstream-ht802``."""
    brand: str
    name: str
    label: Text
    key: str
    """Its name in NethVoice's catalogue, whose descriptions are wrong for three models."""
    family: Family
    line: LineType
    ports: int
    ethernet: int
    """Ethernet ports with an address of their own; with two the label has the LAN's."""
    units: tuple[re.Pattern[str], ...]
    """What a unit may call itself."""
    facts: Mapping[str, object]
    """The brand's, overlaid by the family's."""
    verified: bool

    def is_called(self, name: str) -> bool:
        """Whether a unit that calls itself so is one of these."""
        return any(pattern.fullmatch(name) for pattern in self.units)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be shown of a file, and what a gateway never tells again."""

    admin_password: int | None
    """The parameter that holds the administrator's password."""
    write_only: frozenset[int]
    """Parameters that cannot be read back."""
    masked: frozenset[int]
    """Further parameters that are secret."""
    patterns: tuple[re.Pattern[str], ...]
    """Of lines; the group ``secret`` is masked."""


@dataclass(frozen=True)
class Brand:
    """A brand: how its gateways are recognised, configured and talked to."""

    id: str
    name: str
    trunk_prefix: str
    first_port: int
    """What the first port is called in names of trunks."""
    ranges: tuple[MacRange, ...]
    admin_user: str
    default_login: Mapping[str, str]
    """``user`` and ``password`` of a new unit, to be offered, never to be trusted."""
    user_account: bool
    """Whether there is a second account, whose password can be set."""
    checks_certificates: bool
    fetches: bool
    """Whether a gateway asks a provisioning server for its file."""
    files: Mapping[str, GatewayFile]
    secrets: Secrets
    never_send: frozenset[int]
    """Parameters that hold a unit's own state."""
    max_time_zone: int | None
    """Longest rule of a time zone, in characters."""
    line_types: Mapping[str, LineType]
    countries: Mapping[str, Country]
    families: Mapping[str, Family]
    dialogue: Dialogue
    folders: tuple[Path, ...]
    """Where its templates are, the site's folder first."""
    unverified: tuple[str, ...]
    """Entries of the file that rest on no source, e.g. ``countries.it.caller_id``."""

    @cached_property
    def secret_parameters(self) -> frozenset[int]:
        """Parameters that are never shown."""
        return self.write_only | self.secrets.masked

    @cached_property
    def write_only(self) -> frozenset[int]:
        """Parameters that are never read back, the passwords of all ports included."""
        runs = (
            run
            for family in self.families.values()
            for run in family.ports.runs.get("password", ())
        )
        passwords = (number for a, b, first in runs for number in range(first, first + b - a + 1))
        return self.secrets.write_only | frozenset(passwords)

    def owns(self, mac: MacAddress) -> bool:
        """Whether an address is one of the brand's."""
        return any(mac in found for found in self.ranges)


class GatewayLibrary:
    """All brands and models."""

    def __init__(self, brands: Mapping[str, Brand], models: Mapping[str, GatewayModel]):
        self.brands = MappingProxyType(dict(brands))
        self.models = MappingProxyType(dict(models))

    def brand_of(self, model: GatewayModel) -> Brand:
        """The brand of a model of this library."""
        return self.brands[model.brand]
