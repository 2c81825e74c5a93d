"""Models of gateways: what they are and what can be chosen for them."""

from collections.abc import Mapping

from marshmallow import Schema, fields

from provisioning.engine.gateways.brands import Brand, GatewayModel, LineType
from provisioning.rest import current
from provisioning.rest.fields import TextSchema, text
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource

resource = Resource(
    "gateway models", "Models of gateways that can be configured.", path="gateway-models"
)


class LineSchema(Schema):
    """A kind of port."""

    id = fields.String(required=True, metadata={"example": "fxs"})
    label = fields.Nested(TextSchema, required=True)
    trunk = fields.Boolean(
        required=True, metadata={"description": "Each port is a trunk; else it is a telephone's."}
    )
    needs = fields.List(fields.String(), required=True)
    protocols = fields.Dict(keys=fields.String(), values=fields.Nested(TextSchema), required=True)


class GatewayModelAnswer(Schema):
    """A model."""

    id = fields.String(required=True, metadata={"example": "grandstream-ht802"})
    brand = fields.String(required=True)
    name = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True)
    line = fields.Nested(LineSchema, required=True)
    ports = fields.Integer(required=True)
    ethernet = fields.Integer(
        required=True,
        metadata={"description": "With 2 the label has the LAN's address; WAN is configured."},
    )
    fetches = fields.Boolean(
        required=True, metadata={"description": "It can fetch its file from here by itself."}
    )
    user_account = fields.Boolean(required=True)
    checks_certificates = fields.Boolean(required=True)
    shells = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "telnet hides neither passwords nor SIP secrets; prefer ssh."},
    )
    factory_user = fields.String(required=True)
    factory_password = fields.String(required=True)
    countries = fields.Dict(keys=fields.String(), values=fields.Nested(TextSchema), required=True)
    verified = fields.Boolean(required=True)


@resource.get("")
@resource.answer(200, all_of(GatewayModelAnswer, "GatewayModelList"))
def list_models() -> Mapping[str, object]:
    """All models."""
    library = current.site().gateways
    found = sorted(library.models.values(), key=lambda m: (m.brand, m.line.id, m.ports, m.id))
    return {"items": [_model(model, library.brand_of(model)) for model in found]}


def _model(model: GatewayModel, brand: Brand) -> Mapping[str, object]:
    return {
        "id": model.id,
        "brand": brand.name,
        "name": model.name,
        "label": text(model.label),
        "line": _line(model.line),
        "ports": model.ports,
        "ethernet": model.ethernet,
        "fetches": brand.fetches,
        "user_account": brand.user_account,
        "checks_certificates": brand.checks_certificates,
        "shells": list(brand.dialogue.shells),
        "factory_user": brand.default_login["user"],
        "factory_password": brand.default_login["password"],
        "countries": {id_: text(country.label) for id_, country in brand.countries.items()},
        "verified": model.verified,
    }


def _line(line: LineType) -> Mapping[str, object]:
    return {
        "id": line.id,
        "label": text(line.label),
        "trunk": line.has_trunk,
        "needs": sorted(line.needs),
        "protocols": {id_: text(label) for id_, label in line.protocols.items()},
    }
