"""Gateways: registered, changed, removed; their secrets."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import line
from provisioning.rest.gateway_answers import GatewayAnswer, gateway_answer
from provisioning.rest.gateway_ports import MAX_PORTS, PortChange
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.resource import Resource, created_at
from provisioning.services.concurrency import alone
from provisioning.services.gateways import changing, reading, registered, states, uploads
from provisioning.services.gateways.reading import GatewaySecrets
from provisioning.services.gateways.states import FoundGateway, PortState

resource = Resource("gateways", "Telephony gateways and their ports.")


class NewPort(PortChange):
    """A port with its number."""

    number = fields.Integer(required=True, validate=validate.Range(min=1, max=MAX_PORTS))


class GatewayChange(Schema):
    """What to change; what is left out stays. Ports, if they are given, replace all that were."""

    name = line(63)
    mac = line(32, metadata={"description": "As on the label; another one is another unit."})
    model = line(64)
    address = line(15, metadata={"description": "The static address that it is to have."})
    current_address = line(15, metadata={"description": "Where it answers now, if elsewhere."})
    netmask = line(18, metadata={"description": "A mask, or the length of a prefix."})
    router = line(15)
    dns = fields.List(line(15), validate=validate.Length(max=3))
    ntp = fields.List(line(253), validate=validate.Length(max=3))
    pbx_host = line(253, metadata={"description": "Domain of the SIP accounts."})
    proxy = line(253, metadata={"description": "SIP proxy in front of the PBX."})
    transport = line(8, metadata={"description": "udp, or tls with SRTP."})
    timezone = line(64)
    country = line(16)
    shell = line(
        8,
        metadata={
            "description": "The command line that stays open, ssh or telnet. Telnet hides neither "
            "passwords nor SIP secrets."
        },
    )
    wan_mac = line(32, metadata={"description": "Of a gateway with two addresses, if known."})
    verify_certificates = fields.Boolean()
    admin_password = line(25, metadata={"description": "Empty: the unit's stays as it is."})
    user_password = line(25)
    login_user = line(
        64, allow_none=True, metadata={"description": "Who logs in now; null: as in the factory."}
    )
    login_password = line(64, allow_none=True)
    login_shell = line(8, metadata={"description": "How one logs in now: ssh or telnet."})
    fetches = fields.Boolean(
        metadata={
            "description": "It is told to fetch its file from here, encrypted if the public "
            "address is https."
        }
    )
    ports = fields.List(fields.Nested(NewPort), validate=validate.Length(max=MAX_PORTS))


class NewGateway(GatewayChange):
    """A gateway to register; without `admin_password` it gets one."""

    name = line(63, required=True)
    mac = line(32, required=True, metadata={"example": "C0-74-AD-0B-1C-2D"})
    model = line(64, required=True, metadata={"example": "grandstream-ht802"})
    address = line(15, required=True, metadata={"example": "192.168.5.41"})
    netmask = line(18, required=True, metadata={"example": "255.255.255.0"})
    router = line(15, required=True, metadata={"example": "192.168.5.1"})
    pbx_host = line(253, required=True, metadata={"example": "pbx.example.org"})
    proxy = line(253, required=True, metadata={"example": "pbx.example.org"})


class PortSecretSchema(Schema):
    """The SIP account of a port."""

    number = fields.Integer(required=True)
    user = fields.String(required=True)
    secret = fields.String(required=True)


class GatewaySecretsAnswer(Schema):
    """What other answers hide."""

    admin_password = fields.String(required=True)
    user_password = fields.String(required=True)
    login_user = fields.String(required=True)
    login_password = fields.String(required=True)
    provisioning_url = fields.String(
        required=True, allow_none=True, metadata={"description": "The folder that it fetches from."}
    )
    ports = fields.List(fields.Nested(PortSecretSchema), required=True)


class PortRegistrationSchema(Schema):
    """How a port that is switched on stands with the PBX."""

    number = fields.Integer(required=True)
    account = fields.String(
        required=True, metadata={"description": "The trunk's name, or the number."}
    )
    registered = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Null: nobody tells."}
    )
    address = fields.String(
        required=True, allow_none=True, metadata={"description": "From where it registered."}
    )


class RegistrationsAnswer(Schema):
    """Which ports are registered with the PBX."""

    ports = fields.List(fields.Nested(PortRegistrationSchema), required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why nobody tells."}
    )


class GatewayQuery(PageQuery):
    """Which gateways."""

    search = line(64, load_default="", metadata={"description": "In name, address or model."})


@resource.get("")
@resource.query(GatewayQuery)
@resource.answer(200, page_of(GatewayAnswer, "GatewayPage"))
def list_gateways(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Gateways by name."""
    total, found = reading.page(search=query["search"], **part(query))
    last = uploads.newest([gateway.id for gateway in found])
    return page(query, total, [gateway_answer(one, last.get(one.state.mac)) for one in found])


@resource.post("")
@resource.versioned
@resource.body(NewGateway)
@resource.answer(201, GatewayAnswer)
def create_gateway(given: dict[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Register a gateway; its ports get numbers, trunks and secrets."""
    wanted = _ports(given) or []
    made = changing.create(current.site(), _members(given), wanted, by=current.actor())
    return _answer(made), created_at(f"gateways/{made.state.mac}")


@resource.get("/<mac:mac>")
@resource.versioned
@resource.answer(200, GatewayAnswer)
def show_gateway(mac: MacAddress) -> Mapping[str, object]:
    """Look at a gateway."""
    return _answer(states.get(mac))


@resource.patch("/<mac:mac>")
@resource.versioned
@resource.body(GatewayChange)
@resource.answer(200, GatewayAnswer)
def change_gateway(given: dict[str, Any], mac: MacAddress) -> Mapping[str, object]:
    """Change a gateway, all or nothing."""
    with alone():
        found = _matched(mac)
        wanted = _ports(given)
        members = reading.without_masks(_members(given), found.state)
        changed = changing.change(current.site(), mac, members, ports=wanted, by=current.actor())
    return _answer(changed)


@resource.delete("/<mac:mac>")
@resource.versioned
@resource.answer(204)
def delete_gateway(mac: MacAddress) -> None:
    """Remove a gateway; its trunks and accounts go with it."""
    with alone():
        _matched(mac)
        changing.delete(mac, by=current.actor())


@resource.get("/<mac:mac>/secrets")
@resource.answer(200, GatewaySecretsAnswer)
def show_secrets(mac: MacAddress) -> Mapping[str, object]:
    """What other answers hide; the history keeps who asked."""
    return _secrets(reading.secrets(current.site(), mac, by=current.actor()))


@resource.get("/<mac:mac>/registrations")
@resource.answer(200, RegistrationsAnswer)
def show_registrations(mac: MacAddress) -> Mapping[str, object]:
    """Which ports are registered with the PBX: the last proof that the gateway works."""
    found, reason = registered.of_gateway(mac)
    return {"ports": found, "reason": reason}


@resource.delete("/<mac:mac>/host-key")
@resource.answer(204)
def forget_host_key(mac: MacAddress) -> None:
    """Forget the unit's ssh key, e.g. after it was set back to what it was in the factory."""
    changing.forget_host_key(mac, by=current.actor())


def _ports(given: dict[str, Any]) -> list[PortState] | None:
    sent = given.pop("ports", None)
    return None if sent is None else [PortState(**port) for port in sent]


def _members(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }


def _matched(mac: MacAddress) -> FoundGateway:
    found = states.get(mac)
    resource.match(found.version, GatewayAnswer, lambda: _shown(found))
    return found


def _answer(found: FoundGateway) -> Mapping[str, object]:
    resource.tag(found.version)
    return _shown(found)


def _shown(found: FoundGateway) -> Mapping[str, object]:
    return gateway_answer(found, uploads.newest([found.id]).get(found.state.mac))


def _secrets(found: GatewaySecrets) -> Mapping[str, object]:
    entry = found.entry
    return {
        "admin_password": entry.admin_password,
        "user_password": entry.user_password,
        "login_user": found.login_user,
        "login_password": found.login_password,
        "provisioning_url": entry.provisioning_url or None,
        "ports": [
            {
                "number": port.number,
                "user": port.trunk_name or port.extension,
                "secret": port.secret,
            }
            for port in entry.ports
        ],
    }
