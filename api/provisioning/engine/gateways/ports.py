"""The ports of a gateway's entry, checked and completed: every port of the model is there."""

import re
from collections.abc import Iterable, Iterator

from provisioning.engine.gateways.brands import GatewayModel
from provisioning.engine.gateways.configuration import SIP_PORTS, Port, Transport
from provisioning.engine.gateways.entry import PortEntry
from provisioning.engine.gateways.fields import Fields
from provisioning.engine.gateways.numbers import (
    TRUNK_NAME_ALLOWED,
    TRUNK_NUMBER_ALLOWED,
    is_trunk_name,
    is_trunk_number,
)
from provisioning.engine.values import shown

MAX_DISPLAY_NAME = 60

_LINE_NUMBER = re.compile(r"\+?[0-9]{1,20}")
_EXTENSION = re.compile("[0-9]{2,15}")
# Words of letters and digits need no quotes in any of the files.
_TRUNK_SECRET = re.compile("[A-Za-z0-9]{20,64}")
_EXTENSION_SECRET = re.compile("[!-~]{6,64}")  # the PBX made it, for other devices too


def fitting_name(name: str) -> str:
    """A user's name as a port can have it: what cannot be printed is a blank, the rest is cut off.

    Nobody who names a user thinks of gateways, so such a name must not stop the whole unit.
    """
    printable = "".join(character if character.isprintable() else " " for character in name)
    return printable.strip()[:MAX_DISPLAY_NAME].rstrip()


def read_ports(
    entries: Iterable[PortEntry], model: GatewayModel, transport: Transport, fields: Fields
) -> tuple[Port, ...]:
    """All ports of the model; those that are not entered are free.

    Args:
        entries: what was entered, at most one for each port.
        model: says how many ports there are, and of which kind.
        transport: says where the unit listens.
        fields: takes what is wrong.
    """
    entered: dict[int, tuple[str, PortEntry]] = {}
    for place, port in enumerate(entries):
        where = f"ports/{place}"
        if not 1 <= port.number <= model.ports:
            detail = f"{model.name} has no port {port.number}."
            fields.refuse(f"{where}/number", detail, f"1 to {model.ports}")
        elif port.number in entered:
            detail = f"Port {port.number} is there twice."
            fields.refuse(f"{where}/number", detail, "each port once")
        else:
            entered[port.number] = (where, port)
    _check_unique(entered.values(), fields)
    return tuple(_ports(entered, model, SIP_PORTS[transport], fields))


def _ports(
    entered: dict[int, tuple[str, PortEntry]], model: GatewayModel, base: int, fields: Fields
) -> Iterator[Port]:
    for number in range(1, model.ports + 1):
        where, port = entered.get(number, ("", PortEntry(number, enabled=False)))
        yield _port(where, port, model, base + 2 * (number - 1), fields)


def _port(where: str, port: PortEntry, model: GatewayModel, sip_port: int, fields: Fields) -> Port:
    line = model.line
    # A telephone's port without a number is a free one: an empty extension is no account.
    if not port.enabled or ("extension" in line.needs and not port.extension):
        return Port(port.number, False, "", "", "", "", "", "", "", sip_port)
    for name, wanted, right, allowed in (
        ("protocol", "protocol" in line.needs, port.protocol in line.protocols,
         ", ".join(line.protocols)),
        ("line_number", "line_number" in line.needs, _LINE_NUMBER.fullmatch(port.line_number),
         "1 to 20 digits, with + before them or not"),
        ("extension", "extension" in line.needs, _EXTENSION.fullmatch(port.extension),
         "2 to 15 digits"),
        ("trunk_name", line.has_trunk, is_trunk_name(port.trunk_name), TRUNK_NAME_ALLOWED),
        ("trunk_number", line.has_trunk, is_trunk_number(port.trunk_number), TRUNK_NUMBER_ALLOWED),
    ):  # fmt: skip
        value: str = getattr(port, name)
        if not wanted and value:
            fields.refuse(f"{where}/{name}", f"A port of type {line.id} has none.", "nothing")
        elif wanted and not right:
            fields.refuse(f"{where}/{name}", f'"{shown(value)}" is not allowed here.', allowed)
    if line.has_trunk:
        pattern, allowed = _TRUNK_SECRET, "20 to 64 letters and digits"
    else:
        pattern = _EXTENSION_SECRET
        allowed = "6 to 64 letters, digits and signs of ASCII, without blanks"
    display_name = port.display_name.strip()
    if len(display_name) > MAX_DISPLAY_NAME or not display_name.isprintable():
        wanted_name = f"at most {MAX_DISPLAY_NAME} characters on one line"
        fields.refuse(f"{where}/display_name", "The name cannot be used.", wanted_name)
    return Port(
        n=port.number,
        enabled=True,
        protocol=port.protocol,
        line_number=port.line_number,
        extension=port.extension,
        display_name=display_name,
        trunk_name=port.trunk_name,
        trunk_number=port.trunk_number,
        secret=fields.matching(f"{where}/secret", port.secret, pattern, allowed, secret=True),
        local_sip_port=sip_port,
    )


def _check_unique(ports: Iterable[tuple[str, PortEntry]], fields: Fields) -> None:
    """Two ports with one account would take each other's calls."""
    seen: dict[tuple[str, str], int] = {}
    for where, port in ports:
        for name in ("extension", "trunk_name", "trunk_number"):
            value: str = getattr(port, name)
            if not value or not port.enabled:
                continue
            other = seen.setdefault((name, value), port.number)
            if other != port.number:
                detail = f'"{shown(value)}" is on port {other} too.'
                fields.refuse(f"{where}/{name}", detail, "each once")
