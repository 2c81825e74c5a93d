"""When a phone was last heard, and what it said of itself."""

from collections.abc import Mapping

from marshmallow import Schema, fields

from provisioning.rest.fields import moment
from provisioning.store.tables import Contact


class ContactSchema(Schema):
    """The last request of a phone."""

    at = fields.DateTime(required=True)
    address = fields.String(required=True)
    access = fields.String(required=True)
    vendor = fields.String(required=True)
    model = fields.String(required=True)
    firmware = fields.String(required=True)
    outcome = fields.String(required=True)
    permanent_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The last request with the permanent token."},
    )
    host = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The name of this server by which it asked then."},
    )


def answer(contact: Contact | None) -> Mapping[str, object] | None:
    """A contact as it is answered."""
    if contact is None:
        return None
    return {
        "at": moment(contact.at),
        "address": contact.address,
        "access": contact.access,
        "vendor": contact.vendor,
        "model": contact.model,
        "firmware": contact.firmware,
        "outcome": contact.outcome,
        "permanent_at": moment(contact.permanent_at),
        "host": contact.host,
    }
