"""Who changed what."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.rest import current
from provisioning.rest.fields import line, moment
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.resource import Resource
from provisioning.services import history
from provisioning.services.history import Entry

resource = Resource("history", "Who changed what, and who looked at secrets.")


class HistoryQuery(PageQuery):
    """Which changes."""

    kind = line(16, load_default=None, metadata={"description": "E.g. phone, model, defaults."})
    subject = line(128, load_default=None, metadata={"description": "E.g. a MAC address."})


class ChangeSchema(Schema):
    """One change; secrets are masked."""

    id = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    actor = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    action = fields.String(required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    changed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What differs, e.g. variables/adminpw."},
    )


@resource.get("")
@resource.query(HistoryQuery)
@resource.answer(200, page_of(ChangeSchema, "ChangePage"))
def list_changes(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Changes, newest first."""
    total, found = history.page(
        current.site(), kind=query["kind"], subject=query["subject"], **part(query)
    )
    return page(query, total, [_answer(entry) for entry in found])


def _answer(entry: Entry) -> Mapping[str, object]:
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "action": entry.action,
        "before": entry.before,
        "after": entry.after,
        "changed": entry.changed,
    }
