"""Key layouts: named sets of keys for models, tags and phones."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.layouts import FILLED_KINDS, ORDERS, Fill
from provisioning.rest import current
from provisioning.rest.fields import line, sent_variables, shown_variables
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource, created_at
from provisioning.services import layouts
from provisioning.services.concurrency import alone
from provisioning.services.layouts import MAX_KEYS, LayoutDetails

resource = Resource("layouts", "Named sets of keys for models, tags and phones.")

_NUMBER = validate.Range(min=1, max=MAX_KEYS)


class FillSchema(Schema):
    """A run of keys for everyone of a group but the phone's own users."""

    kind = fields.String(required=True, validate=validate.OneOf(FILLED_KINDS))
    first = fields.Integer(required=True, validate=_NUMBER)
    last = fields.Integer(required=True, validate=_NUMBER)
    group = line(200, required=True)
    order = fields.String(load_default="name", validate=validate.OneOf(ORDERS))


class UsesSchema(Schema):
    """What a layout is applied to; a phone's own layouts win over its tags', those over models'."""

    models = fields.List(line(128), load_default=list, validate=validate.Length(max=1_000))
    tags = fields.List(line(64), load_default=list, validate=validate.Length(max=1_000))
    phones = fields.List(line(17), load_default=list, validate=validate.Length(max=10_000))


class LayoutChange(Schema):
    """What to change; what is left out stays, what is given replaces the whole member."""

    variables = sent_variables()
    fills = fields.List(fields.Nested(FillSchema), validate=validate.Length(max=50))
    uses = fields.Nested(UsesSchema)


class NewLayout(Schema):
    """A layout to make."""

    name = line(64, required=True, metadata={"example": "Reception"})
    variables = sent_variables(load_default=dict)
    fills = fields.List(
        fields.Nested(FillSchema), load_default=list, validate=validate.Length(max=50)
    )
    uses = fields.Nested(UsesSchema, load_default=lambda: UsesSchema().load({}))


class LayoutAnswer(Schema):
    """A layout."""

    name = fields.String(required=True)
    variables = shown_variables()
    fills = fields.List(fields.Nested(FillSchema), required=True)
    uses = fields.Nested(UsesSchema, required=True)
    orphans = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Settings that refer to a user who is gone; the keys are free."},
    )
    left_over = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "By position of the run: how many people find no key in it."},
    )


@resource.get("")
@resource.answer(200, all_of(LayoutAnswer, "LayoutList"))
def list_layouts() -> Mapping[str, object]:
    """All layouts by name."""
    return {"items": [_document(found) for found in layouts.list_all()]}


@resource.post("")
@resource.versioned
@resource.body(NewLayout)
@resource.answer(201, LayoutAnswer)
def create_layout(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Make a layout, and apply it."""
    made = layouts.create(current.site(), given["name"], **parts_of(given), by=current.actor())
    return _answer(made), created_at(f"layouts/{made.name}")


@resource.get("/<name>")
@resource.versioned
@resource.answer(200, LayoutAnswer)
def show_layout(name: str) -> Mapping[str, object]:
    """Look at a layout."""
    return _answer(layouts.get(name))


@resource.patch("/<name>")
@resource.versioned
@resource.body(LayoutChange)
@resource.answer(200, LayoutAnswer)
def change_layout(given: Mapping[str, Any], name: str) -> Mapping[str, object]:
    """Change keys, runs or uses of a layout, all or nothing."""
    with alone():
        _match(layouts.get(name))
        changed = layouts.change(current.site(), name, **parts_of(given), by=current.actor())
    return _answer(changed)


@resource.delete("/<name>")
@resource.versioned
@resource.answer(204)
def delete_layout(name: str) -> None:
    """Remove a layout; the phones return to what lies below it."""
    with alone():
        _match(layouts.get(name))
        layouts.delete(name, by=current.actor())


def parts_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keys, runs and uses of a layout as services take them; None: it is left out and stays."""
    fills, uses = given.get("fills"), given.get("uses")
    return {
        "variables": _keys(given["variables"]) if "variables" in given else None,
        "fills": None if fills is None else [Fill(**fill) for fill in fills],
        "uses": None if uses is None else layouts.uses_of(**uses),
    }


def _keys(sent: Mapping[str, object]) -> dict[str, str]:
    checked = current.site().catalogue.check(sent)
    return {name: value for name, value in checked.items() if value is not None}


def _match(found: LayoutDetails) -> None:
    resource.match(_version(found), LayoutAnswer, lambda: _document(found))


def _version(found: LayoutDetails) -> object:
    return [found.name, found.variables, [asdict(f) for f in found.fills], asdict(found.uses)]


def _answer(found: LayoutDetails) -> Mapping[str, object]:
    resource.tag(_version(found))
    return _document(found)


def _document(found: LayoutDetails) -> Mapping[str, object]:
    return {
        "name": found.name,
        "variables": found.variables,
        "fills": found.fills,
        "uses": found.uses,
        "orphans": found.orphans,
        "left_over": {str(position): more for position, more in found.left_over.items()},
    }
