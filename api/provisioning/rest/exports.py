"""Exports of tables (CSV) that can be imported again: phones, users, keys."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields

from provisioning.rest import current
from provisioning.rest.attachments import attachment, attachment_document
from provisioning.rest.phones import PhoneFilter, filter_of
from provisioning.rest.resource import Resource
from provisioning.services import exports

MEDIA_TYPE = "text/csv"

resource = Resource(
    "exports", "Tables (CSV) of phones, users, keys and gateways, to be imported again."
)

_ANSWER = attachment_document(
    MEDIA_TYPE, "A table in UTF-8, separated by commas, with a header line"
)


class PhoneExportQuery(PhoneFilter):
    """Which phones, with how much of them."""

    settings = fields.Boolean(
        load_default=False,
        metadata={"description": "With the phones' own settings, but for those of keys."},
    )
    secrets = fields.Boolean(
        load_default=False,
        metadata={"description": "Also with secret settings; the history keeps who asked."},
    )


@resource.get("/phones")
@resource.query(PhoneExportQuery)
@resource.documented(**_ANSWER)
def export_phones(query: Mapping[str, Any]) -> Response:
    """The phones that match, by address."""
    table = exports.phones(
        current.site(),
        filter_of(query),
        vendor=query["vendor"],
        settings=query["settings"],
        secrets=query["secrets"],
        by=current.actor(),
    )
    return _file("phones.csv", table)


@resource.get("/users")
@resource.documented(**_ANSWER)
def export_users() -> Response:
    """All users by name."""
    return _file("users.csv", exports.all_users(current.site()))


@resource.get("/keys")
@resource.documented(**_ANSWER)
def export_keys() -> Response:
    """All keys that key layouts, models and phones set themselves."""
    return _file("keys.csv", exports.keys(current.site()))


@resource.get("/gateways")
@resource.documented(**_ANSWER)
def export_gateways() -> Response:
    """All gateways with the ports that are used; no passwords, no SIP secrets."""
    return _file("gateways.csv", exports.gateways(current.site()))


def _file(name: str, table: bytes) -> Response:
    return attachment(name, table, f"{MEDIA_TYPE}; charset=utf-8")
