"""Moves: a user leaves, a handset dies, a phone changes desk, each in one reviewed step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from provisioning.rest import current
from provisioning.rest.fields import Mac, line
from provisioning.rest.problems import wrong_name
from provisioning.rest.resource import Resource, created_at
from provisioning.services import moves
from provisioning.services.errors import BadName
from provisioning.services.links import MAX_LINES
from provisioning.services.move_effects import CODES, KINDS
from provisioning.services.moves import Desk, Done, Leave, Move, Plan, Replace
from provisioning.services.phones import MAX_TAGS

plans = Resource("move plans", "What a move would bring about.", path="moves")
resource = Resource("moves", "Users and phones that move, one reviewed step.", matched=("POST",))

_LINE = validate.Range(min=1, max=MAX_LINES)

# Which member of the body a bad name stood in.
_POINTERS = {
    "successor": "#/leave/successor",
    "new phone": "#/replace/new",
    "change of desk": "#/desk",
    "phone to swap with": "#/desk/swap_with",
    "account to move to": "#/desk/to",
    "location": "#/desk/location",
    "tag": "#/desk/tags",
}


class LeaveSchema(Schema):
    """A user leaves."""

    user = line(128, required=True)
    successor = line(
        128,
        load_default=None,
        allow_none=True,
        metadata={"description": "The user who takes over what follows."},
    )
    devices_follow = fields.Boolean(
        load_default=False,
        metadata={"description": "Hand the devices over; else they are unlinked."},
    )
    keys_follow = fields.Boolean(
        load_default=False,
        metadata={"description": "Keys that refer to the user refer to the successor."},
    )
    remove = fields.Boolean(load_default=False, metadata={"description": "Remove the user too."})


class ReplaceSchema(Schema):
    """A new handset takes over from an old one."""

    old = Mac(required=True)
    new = Mac(
        required=True, metadata={"description": "Not registered, or registered and not linked."}
    )
    model = line(
        128,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the new one; null: that of the old one."},
    )
    keep_old = fields.Boolean(
        load_default=False,
        metadata={"description": "Keep the old one, unlinked; else it is removed."},
    )


class DeskSchema(Schema):
    """A phone changes desk; what is left out stays."""

    phone = Mac(required=True)
    location = line(500, load_default=None, allow_none=True)
    tags = fields.List(
        line(64), load_default=None, allow_none=True, validate=validate.Length(max=MAX_TAGS)
    )
    swap_with = Mac(
        load_default=None,
        allow_none=True,
        metadata={"description": "The users of both phones change places."},
    )
    to = Mac(
        load_default=None,
        allow_none=True,
        metadata={"description": "The user of one account goes to this phone."},
    )
    line = fields.Integer(
        load_default=1, validate=_LINE, metadata={"description": "With `to`: which account goes."}
    )
    to_line = fields.Integer(
        load_default=1, validate=_LINE, metadata={"description": "With `to`: which it becomes."}
    )


class MoveSchema(Schema):
    """One move: either leave, replace or desk."""

    leave = fields.Nested(LeaveSchema)
    replace = fields.Nested(ReplaceSchema)
    desk = fields.Nested(DeskSchema)

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **_: object) -> None:
        if len(data) != 1:
            raise ValidationError("Give either leave, replace or desk.")


class EffectSchema(Schema):
    """One thing that a move changes, or leaves as it is although it hangs on it."""

    code = fields.String(required=True, validate=validate.OneOf(CODES))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    subject = fields.String(
        required=True, metadata={"description": "E.g. a MAC address, a number, a user."}
    )
    part = fields.String(required=True, metadata={"example": "linekey 3"})
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)


class MovePlan(Schema):
    """All effects of a move."""

    effects = fields.List(fields.Nested(EffectSchema), required=True)


class DoneAnswer(MovePlan):
    """All effects of a move that was carried out."""

    change = fields.Integer(
        required=True, metadata={"description": "The entry of the history that ties it together."}
    )


@plans.post("/plan")
@plans.versioned
@plans.body(MoveSchema)
@plans.answer(200, MovePlan)
def plan_move(given: Mapping[str, Any]) -> Plan:
    """List what a move would bring about; nothing is changed.

    The ETag names the plan: carrying the move out takes it as `If-Match`.
    """
    with _fields_named():
        made = moves.plan(current.site(), _move(given))
    plans.tag(made.digest)
    return made


@resource.post("")
@resource.versioned
@resource.body(MoveSchema)
@resource.answer(201, DoneAnswer)
def carry_out_move(given: Mapping[str, Any]) -> tuple[Done, Mapping[str, str]]:
    """Carry out a move that was planned, all or nothing.

    If the situation changed since, it is refused with the plan as it is now (412).
    """
    with _fields_named():
        done = moves.carry_out(current.site(), _move(given), review=_review, by=current.actor())
    return done, created_at(f"history/{done.change}")


def _review(seen: Plan) -> None:
    resource.match(seen.digest, MovePlan, lambda: {"effects": seen.effects})


def _move(given: Mapping[str, Any]) -> Move:
    if "leave" in given:
        return Leave(**given["leave"])
    if "replace" in given:
        return Replace(**given["replace"])
    desk = given["desk"]
    tags = desk["tags"]
    return Desk(**{**desk, "tags": None if tags is None else tuple(tags)})


@contextmanager
def _fields_named() -> Iterator[None]:
    """Point to the member of the body that cannot be what it is."""
    try:
        yield
    except BadName as refused:
        pointer = _POINTERS.get(refused.field)
        if pointer is None:
            raise
        raise wrong_name(pointer, refused) from refused
