"""From what was entered to a typed configuration: all mistakes at once, nothing half done.

Whether names and addresses are unique among gateways is for those who know the others.

Source: the fields of NethVoice 8, whose server checks none of them.
"""

import re
from ipaddress import IPv4Address, IPv4Network
from typing import cast

from provisioning.engine.gateways.brands import Brand, GatewayLibrary, GatewayModel
from provisioning.engine.gateways.configuration import (
    SIP_PORTS,
    Admin,
    Device,
    GatewayConfiguration,
    Pbx,
    Provisioning,
    Transport,
)
from provisioning.engine.gateways.entry import GatewayEntry
from provisioning.engine.gateways.fields import MAX_SERVERS, Fields, is_address, is_host
from provisioning.engine.gateways.ports import read_ports
from provisioning.engine.mac import MacAddress
from provisioning.engine.timezones import Zone, Zones
from provisioning.engine.values import FieldError, shown

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}")
_NAME_ALLOWED = "1 to 63 letters, digits, blanks and . _ -, beginning with a letter or digit"
_LOGIN = re.compile("(?:[A-Za-z0-9]{8,25})?")  # 25: HT administration guide
_LOGIN_ALLOWED = "8 to 25 letters and digits, or empty: it stays as it is"
_URL = re.compile(r"(https?)://(([A-Za-z0-9.-]+)(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]{0,200})?)")


class GatewayRefused(ValueError):
    """Some fields are wrong; all of them are named."""

    def __init__(self, errors: tuple[FieldError, ...]):
        super().__init__(" ".join(f"{error.name}: {error.detail}" for error in errors))
        self.errors = errors


def check(entry: GatewayEntry, library: GatewayLibrary, zones: Zones) -> tuple[FieldError, ...]:
    """Everything that is wrong with what was entered; empty if nothing is.

    A field of a port is named by its place in the entry, from 0: ``ports/0/line_number``.
    """
    try:
        configure(entry, library, zones)
    except GatewayRefused as refused:
        return refused.errors
    return ()


def configure(entry: GatewayEntry, library: GatewayLibrary, zones: Zones) -> GatewayConfiguration:
    """Make the typed configuration.

    Raises:
        GatewayRefused: with all errors that :func:`check` finds.
    """
    fields = Fields()
    model = library.models.get(entry.model)
    if model is None:
        fields.refuse("model", f'"{shown(entry.model)}" is not a model.', ", ".join(library.models))
        raise GatewayRefused(tuple(fields.errors))
    made = _Reader(entry, model, library.brand_of(model), zones, fields).configuration()
    if fields.errors:
        raise GatewayRefused(tuple(fields.errors))
    return made


class _Reader:
    """Makes the configuration part by part, in the order of the entry."""

    def __init__(
        self, entry: GatewayEntry, model: GatewayModel, brand: Brand, zones: Zones, fields: Fields
    ):
        self.entry = entry
        self.model = model
        self.brand = brand
        self.zones = zones
        self.fields = fields

    def configuration(self) -> GatewayConfiguration:
        entry, fields, brand = self.entry, self.fields, self.brand
        device = self.device()
        transport = cast(Transport, fields.one_of("transport", entry.transport, SIP_PORTS))
        pbx_host, proxy = fields.host("pbx_host", entry.pbx_host), fields.host("proxy", entry.proxy)
        provisioning, server = self.provisioning()
        self.check_names_resolve(pbx_host, proxy, server, *device.ntp)
        if str(device.ip) in (pbx_host, proxy):
            fields.refuse("address", f"{device.ip} is the address of the PBX.", "a free address")
        if entry.verify_certificates and not brand.checks_certificates:
            detail = f"{brand.name} gateways cannot be told to check certificates."
            fields.refuse("verify_certificates", detail, "no")
        return GatewayConfiguration(
            model=self.model,
            brand=brand,
            device=device,
            pbx=Pbx(pbx_host, proxy, transport),
            admin=self.admin(),
            provisioning=provisioning,
            country=brand.countries[fields.one_of("country", entry.country, brand.countries)],
            shell=fields.one_of("shell", entry.shell, brand.dialogue.shells),
            verify_certificates=entry.verify_certificates,
            ports=read_ports(entry.ports, self.model, transport, fields),
        )

    def device(self) -> Device:
        entry, fields = self.entry, self.fields
        fields.matching("name", entry.name, _NAME, _NAME_ALLOWED)
        mac = fields.mac("mac", entry.mac)
        wan_mac = self.wan_mac(mac)
        if entry.current_address:
            fields.address("current_address", entry.current_address)
        address = fields.address("address", entry.address)
        network = fields.network("netmask", entry.netmask, address)
        return Device(
            name=entry.name,
            mac=mac,
            wan_mac=wan_mac,
            ip=address,
            network=network,
            router=self.router(address, network),
            dns=fields.servers("dns", entry.dns, fields.address),
            ntp=fields.servers("ntp", entry.ntp, fields.host),
            zone=self.zone(),
        )

    def wan_mac(self, mac: MacAddress) -> MacAddress | None:
        if not self.entry.wan_mac:
            return None
        found = self.fields.mac("wan_mac", self.entry.wan_mac)
        if self.model.ethernet < 2:
            self.fields.refuse("wan_mac", f"{self.model.name} has one address.", "nothing")
        elif found == mac:
            detail = "It is the same as the address on the label."
            self.fields.refuse("wan_mac", detail, "another address, or empty")
        return found

    def router(self, address: IPv4Address, network: IPv4Network) -> IPv4Address:
        router = self.fields.address("router", self.entry.router)
        if not int(router) or not int(address):  # one of them is no address: that is said already
            return router
        allowed = f"another address of the network {network}"
        ends = (network.network_address, network.broadcast_address)
        if address in ends:
            detail = f"{address} is the address of the network {network}, not of a device in it."
            self.fields.refuse("address", detail, allowed)
        if router == address:
            self.fields.refuse("router", "It is the address of the gateway itself.", allowed)
        elif router not in network or router in ends:
            detail = f"{router} is no device in the network {network}."
            self.fields.refuse("router", detail, allowed)
        return router

    def zone(self) -> Zone:
        text, longest = self.entry.timezone, self.brand.max_time_zone
        zone = self.zones.find(text)
        if zone is None:
            allowed = "a name of the IANA time zone database, for example Europe/Rome"
            self.fields.refuse("timezone", f'"{shown(text)}" is not a time zone.', allowed)
            return self.zones.utc
        if longest is not None and len(zone.posix) > longest:
            detail = f"The rule of {zone.name} is too long for {self.brand.name} gateways."
            self.fields.refuse("timezone", detail, "a zone with a rule that is written shorter")
        return zone

    def admin(self) -> Admin:
        entry, fields = self.entry, self.fields
        if entry.user_password and not self.brand.user_account:
            detail = f"{self.brand.name} gateways have no second account."
            fields.refuse("user_password", detail, "nothing")
        for name in ("admin_password", "user_password"):
            text: str = getattr(entry, name)
            fields.matching(name, text, _LOGIN, _LOGIN_ALLOWED, secret=True)
        return Admin(self.brand.admin_user, entry.admin_password, entry.user_password)

    def provisioning(self) -> tuple[Provisioning, str]:
        """Where the file is fetched, and the host in it."""
        text = self.entry.provisioning_url
        match = _URL.fullmatch(text)
        if text and not self.brand.fetches:
            detail = f"{self.brand.name} gateways fetch no file by themselves."
            self.fields.refuse("provisioning_url", detail, "nothing")
        elif match and is_host(match[3]):
            return Provisioning(match[1], match[2]), match[3]
        elif text:
            allowed = "a URL like https://pbx.example.org/provisioning"
            self.fields.refuse("provisioning_url", "It is not such a URL.", allowed)
        return Provisioning("", ""), ""

    def check_names_resolve(self, *hosts: str) -> None:
        named = [host for host in hosts if host and not is_address(host)]
        if named and not self.entry.dns:
            detail = f"Without a name server the gateway cannot find {shown(named[0])}."
            self.fields.refuse("dns", detail, f"1 to {MAX_SERVERS} addresses of name servers")
