"""Links: to whom a phone, or one account of it, belongs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import line
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource
from provisioning.services import links, phones
from provisioning.services.concurrency import alone
from provisioning.services.links import MAX_LINES, LinkDetails

resource = Resource("phone links", "To whom phones belong.", path="phones")


class LinkAnswer(Schema):
    """A device of a user; its SIP secret is not told."""

    mac = fields.String(required=True)
    line = fields.Integer(required=True, metadata={"description": "Account of the phone."})
    user = fields.String(required=True)
    display_name = fields.String(required=True)
    extension = fields.String(required=True)
    number = fields.String(required=True, metadata={"example": "91201"})
    encryption = fields.Boolean(required=True)
    confirmed = fields.Boolean(
        required=True, metadata={"description": "False: the PBX has yet to make the account."}
    )


class NewLink(Schema):
    """To whom an account goes."""

    user = line(128, required=True)
    encryption = fields.Boolean(load_default=None, allow_none=True)


class LineQuery(Schema):
    """Which account of the phone."""

    line = fields.Integer(load_default=1, validate=validate.Range(min=1, max=MAX_LINES))


LinkList = all_of(LinkAnswer, "LinkList")


@resource.get("/<mac:mac>/links")
@resource.versioned
@resource.answer(200, LinkList)
def list_links(mac: MacAddress) -> Mapping[str, object]:
    """List the links of a phone by account."""
    phones.get(current.site(), mac)
    return _tagged(mac)


@resource.put("/<mac:mac>/link")
@resource.versioned
@resource.query(LineQuery)
@resource.body(NewLink)
@resource.answer(200, LinkAnswer)
def link_phone(query: Mapping[str, Any], given: Mapping[str, Any], mac: MacAddress) -> LinkDetails:
    """Give an account of a phone to a user, on the user's lowest free number.

    `If-Match` takes the ETag of the list of the phone's links.
    """
    with alone():
        _match(mac)
        made = links.link(
            mac,
            given["user"],
            line=query["line"],
            encryption=given["encryption"],
            by=current.actor(),
        )
        _tagged(mac)
    return made


@resource.delete("/<mac:mac>/link")
@resource.versioned
@resource.query(LineQuery)
@resource.answer(200, LinkAnswer)
def unlink_phone(query: Mapping[str, Any], mac: MacAddress) -> LinkDetails:
    """Take an account of a phone from its user: its SIP secret is revoked, the phone cleared.

    `If-Match` takes the ETag of the list of the phone's links.
    """
    with alone():
        _match(mac)
        return links.unlink(current.site(), mac, line=query["line"], by=current.actor())


def _match(mac: MacAddress) -> None:
    phones.get(current.site(), mac)
    seen = links.of_phone(mac)
    resource.match([asdict(link) for link in seen], LinkList, lambda: {"items": seen})


def _tagged(mac: MacAddress) -> Mapping[str, object]:
    found = links.of_phone(mac)
    resource.tag([asdict(link) for link in found])
    return {"items": found}
