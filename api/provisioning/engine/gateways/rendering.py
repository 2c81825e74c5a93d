"""From a gateway's configuration to its files, by the brand's templates in the sandbox.

A template sees the members of :class:`~.configuration.GatewayConfiguration` by name, ``facts`` (the
brand's, the family's, the model's), ``accounts`` and ``port_numbers`` (parameters of accounts and
ports) and, in XML, ``parameters``. The filter ``octets`` gives the four numbers of an address,
``offset`` writes minutes as ``+01:00``.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path

from provisioning.engine import mac, timezones
from provisioning.engine.gateways import brands, configuration, parameters
from provisioning.engine.gateways.brands import Brand, GatewayFile, GatewayLibrary, GatewayModel
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.parameters import Parameter
from provisioning.engine.mac import MacAddress
from provisioning.engine.rendering import RenderingError, VendorTemplates, dataclasses_of

MAIN_FILES = ("xml", "script")
"""The kinds of file of which each brand has one that configures a gateway wholly."""

_TEXT = "text"


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account of a unit, or its only profile."""

    active: bool
    numbers: Mapping[str, int]
    """Its parameters, by what they hold."""
    sip_port: int
    rtp_port: int


@dataclass(frozen=True, slots=True)
class _Owner:
    """A brand in one of its formats."""

    id: str
    format: str
    folders: tuple[Path, ...]
    values: Mapping[str, Mapping[str, object]]


_HARMLESS = dataclasses_of(brands, configuration, parameters, timezones, mac) | {Account}


class GatewayRenderer:
    """Renders the files of all brands of a library."""

    def __init__(self, library: GatewayLibrary):
        self._templates = {
            (brand.id, format_): _templates(brand, format_)
            for brand in library.brands.values()
            for format_ in sorted({file.format for file in brand.files.values()})
        }

    def render(self, gateway: GatewayConfiguration, kind: str) -> bytes:
        """Render one of the brand's files: the same input gives the same bytes, at any time.

        Args:
            gateway: the configuration.
            kind: a name in the brand's ``files``: ``xml``, ``text``, ``pointer`` or ``script``.

        Raises:
            RenderingError: the template fails, or writes what no gateway may be sent.
            KeyError: the brand has no such file.
        """
        file = gateway.brand.files[kind]
        context = _context(gateway)
        if file.format == "xml":
            context["parameters"] = self.parameters(gateway, _TEXT)
        body = self._templates[gateway.brand.id, file.format].render(file.template, context)
        if file.format == "lines":
            _parse(body, gateway.brand, file)
        return body

    def parameters(self, gateway: GatewayConfiguration, kind: str = _TEXT) -> tuple[Parameter, ...]:
        """The numbered parameters of one of the brand's files, in its order.

        Args:
            gateway: the configuration.
            kind: ``text`` for all of them, ``pointer`` for those that make it fetch its file.

        Raises:
            RenderingError: the template fails, or writes what no gateway may be sent.
            KeyError: the brand has no such file.
        """
        file = gateway.brand.files[kind]
        template = self._templates[gateway.brand.id, file.format]
        return _parse(template.render(file.template, _context(gateway)), gateway.brand, file)


def main_file(brand: Brand) -> GatewayFile:
    """The file that configures a gateway of the brand wholly."""
    return next(brand.files[kind] for kind in MAIN_FILES if kind in brand.files)


def fetched_names(gateway: GatewayConfiguration) -> tuple[str, ...]:
    """The names under which a gateway may ask for its file; none if its brand fetches nothing.

    One with two addresses may ask by either: by which is not documented.
    """
    if not gateway.brand.fetches:
        return ()
    file = main_file(gateway.brand)
    return tuple(_named(file, gateway.model, mac) for mac in gateway.device.macs)


def download_name(gateway: GatewayConfiguration, kind: str, at: datetime) -> str:
    """A name for a file that a person saves: no two gateways' are the same.

    NethVoice calls every Patton file the same, so that one overwrites another where it is saved.
    """
    file = gateway.brand.files[kind]
    extension = file.name.rpartition(".")[2]
    name = gateway.model.id.partition("-")[2]
    return f"{name}_{gateway.device.mac.bare}_{at:%Y%m%dT%H%M}.{extension}"


def _named(file: GatewayFile, model: GatewayModel, mac: MacAddress) -> str:
    return file.name.format(mac=mac.bare, model=model.id.partition("-")[2])


def _parse(body: bytes, brand: Brand, file: GatewayFile) -> tuple[Parameter, ...]:
    try:
        return parameters.parse(body.decode(), brand)
    except ValueError as mistake:
        raise RenderingError(f"template {brand.id}/{file.template}: {mistake}") from mistake


def _context(gateway: GatewayConfiguration) -> dict[str, object]:
    members = {f.name: getattr(gateway, f.name) for f in dataclasses.fields(gateway)}
    return {
        **members,
        "country": gateway.country.values,
        "facts": gateway.model.facts,
        "accounts": _accounts(gateway),
        "port_numbers": {port.n: gateway.model.family.ports.of(port.n) for port in gateway.ports},
    }


def _accounts(gateway: GatewayConfiguration) -> tuple[Account, ...]:
    """Each port where ports are accounts; else the one profile that all ports share."""
    family = gateway.model.family
    if not family.rtp_ports:
        return ()
    own = not gateway.model.facts["port_table"]
    ports = gateway.ports if own else gateway.ports[:1]
    return tuple(
        Account(
            active=port.enabled or not own,
            numbers=family.accounts.of(port.n),
            sip_port=port.local_sip_port,
            rtp_port=family.rtp_ports[port.n],
        )
        for port in ports
    )


def _templates(brand: Brand, format_: str) -> VendorTemplates:
    templates = VendorTemplates(_Owner(brand.id, format_, brand.folders, {}), _HARMLESS)
    templates.environment.filters.update(octets=_octets, offset=_offset)
    return templates


def _octets(address: IPv4Address | None) -> list[int]:
    return list((address or IPv4Address(0)).packed)


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
