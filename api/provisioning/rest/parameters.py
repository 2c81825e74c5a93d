"""The catalogue of settings, from which forms are made."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.engine.catalogue import Choice, Parameter
from provisioning.rest import current
from provisioning.rest.fields import TextSchema, line, text
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource

resource = Resource("parameters", "Every setting: what it means and what it may hold.")


class ParameterQuery(Schema):
    """Which settings."""

    category = line(64, load_default=None)


class CategorySchema(Schema):
    """A group of settings."""

    id = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True)


class ChoiceSchema(Schema):
    """A value that forms offer."""

    value = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True)
    help = fields.Nested(TextSchema, required=True, allow_none=True)
    key_value = fields.String(
        required=True,
        metadata={"description": "Of a key type: whether the key's value is required, optional…"},
    )


class ParameterSchema(Schema):
    """A setting. Every one may also be empty: explicitly none."""

    name = fields.String(required=True, metadata={"description": "Without its index."})
    type = fields.String(required=True)
    category = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True)
    help = fields.Nested(TextSchema, required=True)
    index = fields.String(
        required=True, allow_none=True, metadata={"description": "What its suffix _N counts."}
    )
    values = fields.List(fields.Nested(ChoiceSchema), required=True)
    minimum = fields.Integer(required=True, allow_none=True)
    maximum = fields.Integer(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    default = fields.String(required=True, allow_none=True)
    secret = fields.Boolean(required=True)
    writer = fields.String(
        required=True, metadata={"description": "Who sets it: admin, pbx, runtime or model."}
    )
    reboot = fields.Boolean(
        required=True, metadata={"description": "Whether phones restart to apply another value."}
    )
    collection = fields.String(required=True, allow_none=True)
    pattern = fields.String(required=True, allow_none=True)
    allowed = fields.Nested(TextSchema, required=True, allow_none=True)


@resource.get("")
@resource.query(ParameterQuery)
@resource.answer(200, all_of(ParameterSchema, "ParameterList"))
def list_parameters(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Settings in the order of forms."""
    wanted = query["category"]
    found = current.site().catalogue.parameters.values()
    return {"items": [parameter_answer(one) for one in found if wanted in (None, one.category)]}


@resource.get("/categories")
@resource.answer(200, all_of(CategorySchema, "CategoryList"))
def list_categories() -> Mapping[str, object]:
    """Groups of settings in the order of forms."""
    found = current.site().catalogue.categories
    return {"items": [{"id": name, "label": text(label)} for name, label in found.items()]}


def parameter_answer(parameter: Parameter) -> Mapping[str, object]:
    """A setting as it is answered."""
    return {
        "name": parameter.name,
        "type": parameter.type,
        "category": parameter.category,
        "label": text(parameter.label),
        "help": text(parameter.help),
        "index": parameter.index,
        "values": [_choice(choice) for choice in parameter.values],
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "unit": parameter.unit,
        "default": parameter.default,
        "secret": parameter.secret,
        "writer": parameter.writer,
        "reboot": parameter.reboot,
        "collection": parameter.collection,
        "pattern": parameter.pattern.pattern if parameter.pattern else None,
        "allowed": text(parameter.allowed),
    }


def _choice(choice: Choice) -> Mapping[str, object]:
    return {
        "value": choice.value,
        "label": text(choice.label),
        "help": text(choice.help),
        "key_value": choice.key_value,
    }
