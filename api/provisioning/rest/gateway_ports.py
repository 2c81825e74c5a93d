"""Ports of gateways, one by one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import line
from provisioning.rest.resource import Resource
from provisioning.services.concurrency import alone
from provisioning.services.gateways import changing, reading, states
from provisioning.services.gateways.states import FoundGateway, GatewayState, PortState

resource = Resource("gateway ports", "One port of a gateway.", path="gateways")

MAX_PORTS = 48

_ONE = f"/<mac:mac>/ports/<int(min=1, max={MAX_PORTS}):number>"


class PortChange(Schema):
    """A port; numbers of users, trunks and secrets are given out."""

    enabled = fields.Boolean(load_default=True)
    protocol = line(8, load_default="", metadata={"description": "BRI: pp or pmp."})
    line_number = line(21, load_default="", metadata={"description": "FXO: the line's number."})
    user = line(
        128,
        load_default=None,
        allow_none=True,
        metadata={"description": "FXS: whose telephone it is; it gets the lowest free number."},
    )
    extension = line(
        15,
        load_default=None,
        allow_none=True,
        metadata={"description": "FXS of no user: a number that nobody has."},
    )
    display_name = line(60, load_default="", metadata={"description": "Empty: the user's."})


class PortAnswer(Schema):
    """A port."""

    number = fields.Integer(required=True, metadata={"description": "From 1, as on the housing."})
    used = fields.Boolean(required=True)
    enabled = fields.Boolean(required=True)
    protocol = fields.String(required=True)
    line_number = fields.String(required=True)
    user = fields.String(required=True, allow_none=True)
    extension = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True)
    trunk_name = fields.String(required=True, allow_none=True)
    trunk_number = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The PBX dials it before a number to choose this line."},
    )


@resource.get(_ONE)
@resource.versioned
@resource.answer(200, PortAnswer)
def show_port(mac: MacAddress, number: int) -> Mapping[str, object]:
    """Look at a port."""
    return _answer(_found(mac, number), number)


@resource.put(_ONE)
@resource.versioned
@resource.body(PortChange)
@resource.answer(200, PortAnswer)
def set_port(given: Mapping[str, Any], mac: MacAddress, number: int) -> Mapping[str, object]:
    """Use a port, or change what it is used for; its trunk, or number with the user, stays."""
    with alone():
        _match(mac, number)
        port = PortState(number=number, **given)
        changed = changing.set_port(current.site(), mac, port, by=current.actor())
    return _answer(changed, number)


@resource.delete(_ONE)
@resource.versioned
@resource.answer(204)
def free_port(mac: MacAddress, number: int) -> None:
    """Free a port; its number or trunk is gone, and its secret revoked."""
    with alone():
        _match(mac, number)
        changing.free_port(current.site(), mac, number, by=current.actor())


@resource.post(f"{_ONE}/secret")
@resource.answer(204)
def renew_secret(mac: MacAddress, number: int) -> None:
    """Give a port another SIP secret; the gateway needs its file anew."""
    changing.renew_secret(current.site(), mac, number, by=current.actor())


def port_answer(state: GatewayState, number: int) -> Mapping[str, object]:
    """A port as it may be shown; a free one is all empty."""
    port = state.port(number)
    shown = asdict(port or PortState(number, enabled=False))
    del shown["secret"]
    return {**shown, "used": port is not None}


def _found(mac: MacAddress, number: int) -> FoundGateway:
    found = states.get(mac)
    reading.require_port(current.site(), found, number)
    return found


def _match(mac: MacAddress, number: int) -> None:
    found = _found(mac, number)
    version = _version(found, number)
    resource.match(version, PortAnswer, lambda: port_answer(found.state, number))


def _answer(found: FoundGateway, number: int) -> Mapping[str, object]:
    resource.tag(_version(found, number))
    return port_answer(found.state, number)


def _version(found: FoundGateway, number: int) -> object:
    port = found.state.port(number)
    return [found.token, number, port and asdict(port)]
