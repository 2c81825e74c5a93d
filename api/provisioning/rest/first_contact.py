"""How new phones find us: DHCP configurations, and what is typed in by hand."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import TextSchema, line, text
from provisioning.rest.resource import Resource
from provisioning.services import dhcp, first_contact
from provisioning.services.dhcp import SERVERS

resource = Resource("dhcp", "DHCP configurations that lead new phones here.")
of_phone = Resource("first contact", "What is typed into a phone by hand.", path="phones")

_SERVER = f"/<any({', '.join(SERVERS)}):server>"


class DhcpQuery(Schema):
    """For which phones."""

    vendors = line(
        500,
        load_default="",
        metadata={"description": "Ids separated by commas; empty: those in use."},
    )
    own = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Also phones that want an address of their own; it holds their token, "
            "so the history keeps who asked."
        },
    )
    language = fields.String(load_default="en", validate=validate.OneOf(["en", "it"]))


class TypedValueSchema(Schema):
    """What to type into a field."""

    label = fields.String(required=True, metadata={"description": "As the phone's page has it."})
    value = fields.String(required=True)


class ManualStepSchema(Schema):
    """Something to do at the phone."""

    text = fields.Nested(TextSchema, required=True)
    verified = fields.Boolean(
        required=True, metadata={"description": "False: as such phones usually have it."}
    )


class FirstContactSchema(Schema):
    """What is to be done at a phone so that it finds its configuration."""

    url = fields.String(required=True)
    qr = fields.String(required=True, metadata={"description": "The URL as a QR code, SVG."})
    fields_ = fields.List(
        fields.Nested(TypedValueSchema), required=True, data_key="fields", attribute="fields"
    )
    enter = fields.Nested(ManualStepSchema, required=True)
    reset = fields.Nested(ManualStepSchema, required=True)
    switch_off = fields.Nested(ManualStepSchema, required=True)


@resource.get(_SERVER)
@resource.query(DhcpQuery)
@resource.documented(
    responses={
        "200": {
            "description": "A configuration",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    }
)
def show_configuration(query: Mapping[str, Any], server: dhcp.Server) -> Response:
    """A ready configuration for a DHCP server; `text` describes it for any other one."""
    vendors = [vendor.strip() for vendor in query["vendors"].split(",") if vendor.strip()]
    made = dhcp.configuration(
        current.site(),
        server,
        vendors=vendors or None,
        own=query["own"],
        language=query["language"],
        by=current.actor(),
    )
    return Response(made, content_type="text/plain; charset=utf-8")


@of_phone.get("/<mac:mac>/first-contact")
@of_phone.answer(200, FirstContactSchema)
def show_first_contact(mac: MacAddress) -> Mapping[str, object]:
    """What is typed into a phone by hand; the history keeps who asked."""
    found = first_contact.of_phone(current.site(), mac, by=current.actor())
    steps = {name: getattr(found, name) for name in ("enter", "reset", "switch_off")}
    return {
        "url": found.url,
        "qr": found.qr,
        "fields": found.fields,
        **{n: {"text": text(s.text), "verified": s.verified} for n, s in steps.items()},
    }
