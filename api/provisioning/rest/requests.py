"""The log of what devices asked for."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.engine.mac import MacAddress
from provisioning.rest.fields import line, moment
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.resource import Resource
from provisioning.services import requests
from provisioning.store.tables import DeviceRequest

resource = Resource("requests", "What devices asked for.")
of_phone = Resource("phone requests", "What one phone asked for.", path="phones")


class RequestQuery(PageQuery):
    """Which requests."""

    outcome = line(
        16, load_default=None, metadata={"description": "How it ended, e.g. unknown_token."}
    )


class RequestSchema(Schema):
    """One request of a device and how it ended."""

    at = fields.DateTime(required=True)
    phone = fields.String(
        required=True, allow_none=True, metadata={"description": "Registered or not."}
    )
    access = fields.String(required=True)
    address = fields.String(required=True)
    user_agent = fields.String(required=True)
    vendor = fields.String(required=True)
    model = fields.String(required=True)
    firmware = fields.String(required=True)
    method = fields.String(required=True)
    file = fields.String(required=True)
    status = fields.Integer(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


RequestPage = page_of(RequestSchema, "RequestPage")


@resource.get("")
@resource.query(RequestQuery)
@resource.answer(200, RequestPage)
def list_requests(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Requests of all devices, newest first."""
    return _page(query, None)


@of_phone.get("/<mac:mac>/requests")
@of_phone.query(RequestQuery)
@of_phone.answer(200, RequestPage)
def list_requests_of_phone(query: Mapping[str, Any], mac: MacAddress) -> Mapping[str, object]:
    """Requests of one address, newest first, registered or not."""
    return _page(query, mac)


def _page(query: Mapping[str, Any], mac: MacAddress | None) -> Mapping[str, object]:
    total, found = requests.page(phone=mac, outcome=query["outcome"], **part(query))
    return page(query, total, [_answer(row) for row in found])


def _answer(row: DeviceRequest) -> Mapping[str, object]:
    as_stored = {name: getattr(row, name) for name in RequestSchema().fields if name != "at"}
    return {**as_stored, "at": moment(row.at)}
