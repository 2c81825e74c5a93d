"""What will not work as it is set."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from marshmallow import Schema, fields

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource
from provisioning.services import lint
from provisioning.services.findings import Finding

of_phone = Resource("phone lint", "What will not work on a phone as it is set.", path="phones")
of_model = Resource("model lint", "What will not work on a model as it is set.", path="models")


class FindingSchema(Schema):
    """One thing that will not work as set."""

    code = fields.String(required=True, metadata={"description": "E.g. no_effect, no_such_key."})
    setting = fields.String(
        required=True, metadata={"description": "Empty where it is about the whole phone."}
    )
    value = fields.String(required=True, metadata={"description": "Masked if it is secret."})
    detail = fields.String(required=True)


FindingList = all_of(FindingSchema, "FindingList")


@of_phone.get("/<mac:mac>/lint")
@of_phone.answer(200, FindingList)
def lint_phone(mac: MacAddress) -> Mapping[str, object]:
    """Settings without effect, missing keys and files, and what the phone says of itself."""
    return _answer(lint.lint_phone(current.site(), mac))


@of_model.get("/<model_id>/lint")
@of_model.answer(200, FindingList)
def lint_model(model_id: str) -> Mapping[str, object]:
    """Settings without effect, missing keys and files among what the site changes in a model."""
    return _answer(lint.lint_model(current.site(), model_id))


def _answer(found: Sequence[Finding]) -> Mapping[str, object]:
    return {"items": [asdict(finding) for finding in found]}
