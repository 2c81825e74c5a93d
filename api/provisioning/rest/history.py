"""Who changed what."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.rest import current
from provisioning.rest.fields import line, moment
from provisioning.rest.paging import PageQuery, all_of, page, page_of, part
from provisioning.rest.paths import NUMBER
from provisioning.rest.resource import Resource
from provisioning.services import history, restoring
from provisioning.services.history import SIDES, Entry
from provisioning.services.restoring import REMARKS, Restored

resource = Resource("history", "Who changed what, and who looked at secrets.")

_ONE = f"/<{NUMBER}:number>"
_OTHER = f"<{NUMBER}:other>"


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
    restores = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of a restoring: which change it brought back, to which side of that.",
            "example": {"change": 12, "to": "before"},
        },
    )


def _side(**options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(SIDES), **options)


class SidesQuery(Schema):
    """Which states of two changes."""

    side = _side(load_default="after", metadata={"description": "Of the first change."})
    other_side = _side(load_default="after", metadata={"description": "Of the other change."})


class StateDifferenceSchema(Schema):
    """A member in which two states differ; secrets are masked, null: it is not there."""

    member = fields.String(required=True, metadata={"example": "variables/adminpw"})
    one = fields.Raw(required=True, allow_none=True)
    other = fields.Raw(required=True, allow_none=True)


class RestoreSchema(Schema):
    """Which state is to come back."""

    to = _side(required=True)


class RestoredAnswer(Schema):
    """What came back."""

    kind = fields.String(required=True)
    subject = fields.String(required=True)
    change = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The new entry of the history; null: it was like that already."},
    )
    phones_touched = fields.Integer(
        required=True, metadata={"description": "How many phones it may concern."}
    )
    remarks = fields.List(
        fields.String(validate=validate.OneOf(REMARKS)),
        required=True,
        metadata={
            "description": "new_tokens: the device was gone and has other tokens. "
            "links_not_restored: it belongs to nobody. layouts_not_restored: layouts of this very "
            "phone are not applied again. model_unknown: only the defaults apply to it. "
            "own_accounts: its own settings hold an account again, which no link gives it. "
            "load_again: the gateway goes on with the file it has until it gets this one."
        },
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


@resource.get(_ONE)
@resource.answer(200, ChangeSchema)
def show_change(number: int) -> Mapping[str, object]:
    """Look at a change."""
    return _answer(history.get(current.site(), number))


@resource.get(f"{_ONE}/compare/{_OTHER}")
@resource.query(SidesQuery)
@resource.answer(200, all_of(StateDifferenceSchema, "DifferenceList"))
def compare_changes(query: Mapping[str, Any], number: int, other: int) -> Mapping[str, object]:
    """How the states of two changes differ."""
    sides = (number, query["side"]), (other, query["other_side"])
    return {"items": history.compare(current.site(), *sides)}


@resource.post(f"{_ONE}/restore")
@resource.body(RestoreSchema)
@resource.answer(200, RestoredAnswer)
def restore_change(given: Mapping[str, Any], number: int) -> Restored:
    """Bring the subject of a change back to the state before or after it.

    That is a change of its own, which the history keeps. Links do not come back.
    """
    return restoring.restore(current.site(), number, to=given["to"], by=current.actor())


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
        "restores": entry.restores,
    }
