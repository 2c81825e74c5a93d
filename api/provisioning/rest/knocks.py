"""Devices that nobody registered, and addresses that try tokens."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import line, moment
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.phones import FactFields, PhoneAnswer, facts_of, phone_answer
from provisioning.rest.resource import Resource, created_at
from provisioning.services import knocks
from provisioning.services.knocks import KnockDetails
from provisioning.store.tables import Stranger

resource = Resource("knocks", "Devices that nobody registered and that ask for a configuration.")
strangers = Resource("strangers", "Addresses from which tokens were tried that open nothing.")


class KnockAnswer(Schema):
    """A device that knocked, and what it probably is; what nothing tells is empty."""

    mac = fields.String(required=True)
    vendor = fields.String(required=True)
    model = fields.String(required=True)
    via = fields.String(required=True, metadata={"description": "url, or pnp."})
    address = fields.String(required=True)
    user_agent = fields.String(required=True)
    file = fields.String(required=True)
    times = fields.Integer(required=True)
    first_at = fields.DateTime(required=True)
    last_at = fields.DateTime(required=True)


class Adoption(FactFields):
    """What becomes of a device that knocked."""

    model = line(
        128,
        load_default=None,
        allow_none=True,
        metadata={"description": "Null: the one it probably is."},
    )
    display_name = line(200, load_default="")
    user = line(128, load_default=None, allow_none=True, metadata={"description": "To whom."})


class StrangerAnswer(Schema):
    """An address from which tokens were tried."""

    address = fields.String(required=True)
    requests = fields.Integer(required=True)
    refused = fields.Integer(
        required=True, metadata={"description": "Of them, because there were too many."}
    )
    first_at = fields.DateTime(required=True)
    last_at = fields.DateTime(required=True)


@resource.get("")
@resource.query(PageQuery)
@resource.answer(200, page_of(KnockAnswer, "KnockPage"))
def list_knocks(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Devices that knocked, the last first."""
    total, found = knocks.page(current.site(), **part(query))
    return page(query, total, [_answer(one) for one in found])


@resource.get("/<mac:mac>")
@resource.answer(200, KnockAnswer)
def show_knock(mac: MacAddress) -> Mapping[str, object]:
    """A device that knocked."""
    return _answer(knocks.get(current.site(), mac))


@resource.post("/<mac:mac>/adopt")
@resource.body(Adoption)
@resource.answer(201, PhoneAnswer)
def adopt(
    given: Mapping[str, Any], mac: MacAddress
) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Register a device that knocked, and give it to a user, all or nothing."""
    made = knocks.adopt(
        current.site(),
        mac,
        model=given["model"],
        display_name=given["display_name"],
        facts=facts_of(given),
        user=given["user"],
        by=current.actor(),
    )
    return phone_answer(made), created_at(f"phones/{made.mac}")


@resource.delete("/<mac:mac>")
@resource.answer(204)
def dismiss(mac: MacAddress) -> None:
    """Forget that a device knocked, until it knocks again."""
    knocks.dismiss(mac)


@strangers.get("")
@strangers.query(PageQuery)
@strangers.answer(200, page_of(StrangerAnswer, "StrangerPage"))
def list_strangers(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Addresses from which tokens were tried, the last first."""
    total, found = knocks.strangers(**part(query))
    return page(query, total, [_stranger(row) for row in found])


def _answer(found: KnockDetails) -> Mapping[str, object]:
    knock = found.knock
    return {
        "mac": knock.mac,
        "vendor": found.suggestion.vendor,
        "model": found.suggestion.model,
        "via": knock.via,
        "address": knock.address,
        "user_agent": knock.user_agent,
        "file": knock.file,
        "times": knock.times,
        "first_at": moment(knock.first_at),
        "last_at": moment(knock.last_at),
    }


def _stranger(row: Stranger) -> Mapping[str, object]:
    return {
        "address": row.address,
        "requests": row.requests,
        "refused": row.refused,
        "first_at": moment(row.first_at),
        "last_at": moment(row.last_at),
    }
