"""Why a phone does not work."""

from collections.abc import Mapping

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import TextSchema
from provisioning.rest.resource import Resource
from provisioning.services import diagnosis
from provisioning.services.diagnosis import STEPS
from provisioning.services.diagnosis.texts import RESULTS

resource = Resource("phone diagnosis", "Why a phone does not work.", path="phones")

_FACTS = "By name; times are ISO 8601, UTC. No secret and no token is among them."


class NextStepSchema(Schema):
    """What to do about a finding."""

    code = fields.String(required=True, metadata={"example": "check_power_and_network"})
    parameters = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": f"The facts that its sentence names. {_FACTS}"},
    )
    sentence = fields.Nested(TextSchema, required=True)


class StepSchema(Schema):
    """What one step found."""

    code = fields.String(required=True, validate=validate.OneOf(list(STEPS)))
    title = fields.Nested(TextSchema, required=True)
    result = fields.String(
        required=True,
        validate=validate.OneOf(RESULTS),
        metadata={
            "description": "problem: surely a reason why it does not work. attention: worth a "
            "look. unknown: nothing tells. not_applicable: there is nothing to look at."
        },
    )
    finding = fields.String(required=True, metadata={"example": "silent"})
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": f"What the finding rests on. {_FACTS}"},
    )
    sentence = fields.Nested(TextSchema, required=True)
    next_step = fields.Nested(NextStepSchema, required=True, allow_none=True)


class DiagnosisSchema(Schema):
    """Why a phone works or does not."""

    mac = fields.String(required=True)
    known = fields.Boolean(
        required=True, metadata={"description": "Whether a phone of this address is registered."}
    )
    result = fields.String(required=True, validate=validate.OneOf(["ok", "attention", "problem"]))
    steps = fields.List(
        fields.Nested(StepSchema),
        required=True,
        metadata={"description": "In the order in which a phone comes to life."},
    )
    next_step = fields.Nested(
        NextStepSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What to do about the first problem; null: there is none."},
    )


@resource.get("/<mac:mac>/diagnosis")
@resource.answer(200, DiagnosisSchema)
def diagnose_phone(mac: MacAddress) -> Mapping[str, object]:
    """Why a phone does not work, step by step, and what to do next; it need not be registered."""
    return diagnosis.diagnose(current.site(), mac).document()
