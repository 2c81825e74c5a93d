"""Keys of phones and models, each with the layer it comes from."""

from collections.abc import Iterable, Mapping

from marshmallow import Schema, fields

from provisioning.engine.layered_keys import LayeredKey
from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.phone_settings import OriginSchema
from provisioning.rest.resource import Resource
from provisioning.services import phone_keys
from provisioning.services.phone_keys import LayeredKeys

of_phone = Resource("phone keys", "The keys of a phone, by layer.", path="phones")
of_model = Resource("model keys", "The keys of a model, by layer.", path="models")


class KeySchema(Schema):
    """A key and where it comes from."""

    number = fields.Integer(
        required=True, metadata={"description": "Expansion keys count on over all modules."}
    )
    type = fields.String(required=True, metadata={"description": "Empty: no function."})
    value = fields.String(required=True)
    label = fields.String(required=True)
    person = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The user whom it refers to: value and label follow."},
    )
    orphan = fields.Boolean(
        required=True, metadata={"description": "That user is gone; the key has no function."}
    )
    free = fields.Boolean(required=True, metadata={"description": "It has no function."})
    origin = fields.Nested(
        OriginSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "The layer that sets its type, or else the nearest that sets anything "
            "of it; null: nobody does."
        },
    )
    changed_by = fields.List(
        fields.Nested(OriginSchema),
        required=True,
        metadata={"description": "Nearer layers that set value or label only, nearest first."},
    )
    hides = fields.List(
        fields.Nested(OriginSchema),
        required=True,
        metadata={"description": "Farther layers that set the same key, nearest first."},
    )


class ModuleSchema(Schema):
    """An expansion module that is or may be plugged to the phone."""

    number = fields.Integer(required=True)
    keys = fields.List(fields.Nested(KeySchema), required=True)


class KeysSchema(Schema):
    """All keys, free ones too."""

    soft_keys = fields.List(fields.Nested(KeySchema), required=True)
    line_keys = fields.List(fields.Nested(KeySchema), required=True)
    expansion_modules = fields.List(fields.Nested(ModuleSchema), required=True)


@of_phone.get("/<mac:mac>/keys")
@of_phone.answer(200, KeysSchema)
def list_keys_of_phone(mac: MacAddress) -> Mapping[str, object]:
    """Every key of a phone, with the layer it comes from and the layers it hides."""
    return _answer(phone_keys.of_phone(current.site(), mac))


@of_model.get("/<model_id>/keys")
@of_model.answer(200, KeysSchema)
def list_keys_of_model(model_id: str) -> Mapping[str, object]:
    """Every key that a phone has by its model alone."""
    return _answer(phone_keys.of_model(current.site(), model_id))


def _answer(found: LayeredKeys) -> Mapping[str, object]:
    return {
        "soft_keys": _keys(found.soft_keys),
        "line_keys": _keys(found.line_keys),
        "expansion_modules": [
            {"number": number, "keys": _keys(keys)}
            for number, keys in found.expansion_modules.items()
        ],
    }


def _keys(keys: Iterable[LayeredKey]) -> list[Mapping[str, object]]:
    return [
        {
            "number": found.key.number,
            "type": found.key.type,
            "value": found.key.value,
            "label": found.key.label,
            "person": found.person or None,
            "orphan": found.orphan,
            "free": found.free,
            "origin": found.origin,
            "changed_by": found.changed_by,
            "hides": found.hides,
        }
        for found in keys
    ]
