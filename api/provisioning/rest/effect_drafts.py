"""Changes that nobody has made, as a client sends them to hear what they would do."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from provisioning.engine.values import VariablesRefused
from provisioning.rest import current
from provisioning.rest.defaults import DefaultsChange
from provisioning.rest.fields import Mac, line, sent_variables
from provisioning.rest.layouts import LayoutChange, parts_of
from provisioning.rest.problems import in_member
from provisioning.rest.sent_settings import checked
from provisioning.services import defaults, drafts, models, phones
from provisioning.services.drafts import Draft
from provisioning.services.errors import BadName


class ModelDraft(Schema):
    """Settings of a model, as a change of the model takes them."""

    id = line(128, required=True)
    variables = sent_variables(required=True)


class LayoutDraft(LayoutChange):
    """A key layout; what is left out stays."""

    name = line(64, required=True)
    new = fields.Boolean(
        load_default=False, metadata={"description": "It is to be made, and not yet there."}
    )


class PhoneDraft(Schema):
    """A phone; what is left out stays."""

    mac = Mac(required=True, metadata={"example": "00-15-65-AA-BB-01"})
    model = line(128)
    variables = sent_variables()
    tags = fields.List(line(64), validate=validate.Length(max=phones.MAX_TAGS))


class DraftSchema(Schema):
    """A change that nobody has made: exactly one member is to be given."""

    defaults = fields.Nested(DefaultsChange)
    model = fields.Nested(ModelDraft)
    layout = fields.Nested(LayoutDraft)
    phone = fields.Nested(PhoneDraft)

    @validates_schema
    def _exactly_one(self, data: Mapping[str, Any], **_: object) -> None:
        if len(data) != 1:
            raise ValidationError("Give exactly one of defaults, model, layout and phone.")


def draft_of(given: Mapping[str, Any]) -> Draft:
    """The draft of a body, checked as the change itself would be.

    Raises:
        Problem: what the change itself would be refused for; it points into the body.
    """
    [(member, draft)] = given.items()
    try:
        return _DRAFTS[member](draft)
    except (VariablesRefused, BadName) as refused:
        raise in_member(member, refused) from refused


def _of_defaults(given: Mapping[str, Any]) -> Draft:
    site = current.site()
    return drafts.of_defaults(site, checked(given["variables"], defaults.get(site)))


def _of_model(given: Mapping[str, Any]) -> Draft:
    site = current.site()
    seen = models.get(site, given["id"])
    return drafts.of_model(site, seen.id, checked(given["variables"], seen.variables))


def _of_layout(given: Mapping[str, Any]) -> Draft:
    return drafts.of_layout(current.site(), given["name"], new=given["new"], **parts_of(given))


def _of_phone(given: Mapping[str, Any]) -> Draft:
    seen = phones.get(current.site(), given["mac"])
    return drafts.of_phone(
        seen.mac,
        model=given.get("model"),
        variables=checked(given.get("variables", {}), seen.variables),
        tags=given.get("tags"),
    )


_DRAFTS = {
    "defaults": _of_defaults,
    "model": _of_model,
    "layout": _of_layout,
    "phone": _of_phone,
}
