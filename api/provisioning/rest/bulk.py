"""One change for many phones, answered for each."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from provisioning.engine.mac import MacAddress
from provisioning.rest import current, problems
from provisioning.rest.fields import Mac, line, sent_variables
from provisioning.rest.phones import PhoneFilter, filter_of, version_of
from provisioning.rest.resource import Resource
from provisioning.rest.sent_settings import checked
from provisioning.services import bulk, phone_lists, phones
from provisioning.services.bulk import BulkChange, Outcome
from provisioning.services.errors import ChangedMeanwhile
from provisioning.services.phones import MAX_TAGS

resource = Resource("bulk changes", "One change for many phones.", path="phones/bulk")

_OUTCOMES = ("changed", "unchanged", "refused")
_CHANGES = (
    "model",
    "variables",
    "location",
    "tags_add",
    "tags_remove",
    "layout_add",
    "layout_remove",
    "user",
)


class BulkSchema(Schema):
    """Which phones, and what is to change on every one; what is left out stays."""

    phones = fields.List(Mac(), validate=validate.Length(min=1, max=20_000))
    filter = fields.Nested(PhoneFilter)
    etags = fields.Dict(
        keys=Mac(),
        values=line(100),
        load_default=dict,
        metadata={
            "description": "By MAC address: a phone that has another ETag by now is refused.",
            "example": {"00-15-65-AA-BB-01": '"0f3a"'},
        },
    )
    model = line(128, metadata={"description": "Empty: none."})
    variables = sent_variables()
    location = line(500)
    tags_add = fields.List(line(64), validate=validate.Length(max=MAX_TAGS))
    tags_remove = fields.List(line(64), validate=validate.Length(max=1_000))
    layout_add = line(64, metadata={"description": "Apply it to each phone itself."})
    layout_remove = line(64, metadata={"description": "Take it from each phone itself."})
    user = fields.Raw(
        allow_none=True,
        validate=validate.Equal(None),
        metadata={"description": "Null: all accounts are taken from their users."},
    )
    delete = fields.Boolean(
        load_default=False, metadata={"description": "Remove the phones; nothing else is done."}
    )
    any_vendor = fields.Boolean(
        load_default=False,
        metadata={"description": "Phones may get a model of another vendor than theirs."},
    )

    @validates_schema
    def _one_of_both(self, data: Mapping[str, Any], **_: object) -> None:
        if ("phones" in data) == ("filter" in data):
            raise ValidationError("Give either phones or filter.", "phones")

    @validates_schema
    def _something(self, data: Mapping[str, Any], **_: object) -> None:
        given = [name for name in _CHANGES if name in data]
        if data.get("delete") and given:
            raise ValidationError("Phones that go are not changed before.", "delete")
        if not data.get("delete") and not given:
            raise ValidationError("Nothing is to change.")

    @validates_schema
    def _no_contradiction(self, data: Mapping[str, Any], **_: object) -> None:
        both = {*data.get("tags_add", ())} & {*data.get("tags_remove", ())}
        if both:
            raise ValidationError(f"Both added and removed: {', '.join(sorted(both))}.", "tags_add")
        if "layout_add" in data and data["layout_add"] == data.get("layout_remove"):
            raise ValidationError("It is both added and removed.", "layout_add")


class RefusalSchema(Schema):
    """Why a phone was not changed."""

    type = fields.String(required=True, metadata={"example": "/problems/other-vendor"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)


class OutcomeSchema(Schema):
    """How it went with one phone."""

    mac = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(_OUTCOMES))
    problem = fields.Nested(RefusalSchema, required=True, allow_none=True)


class BulkAnswer(Schema):
    """How it went with each phone, and how often which way."""

    items = fields.List(fields.Nested(OutcomeSchema), required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)


@resource.post("")
@resource.body(BulkSchema)
@resource.answer(200, BulkAnswer)
def change_phones(given: Mapping[str, Any]) -> Mapping[str, object]:
    """Change many phones, each for itself: one that is refused stops no other."""
    site = current.site()
    wanted = BulkChange(
        model=given.get("model"),
        # A mask stands for a secret of one phone, not for those of many.
        variables=checked(given.get("variables", {}), {}),
        location=given.get("location"),
        tags_add=tuple(given.get("tags_add", ())),
        tags_remove=tuple(given.get("tags_remove", ())),
        layout_add=given.get("layout_add"),
        layout_remove=given.get("layout_remove"),
        unlink="user" in given,
        delete=given["delete"],
        any_vendor=given["any_vendor"],
    )
    macs = given.get("phones")
    if macs is None:
        chosen = given["filter"]
        macs = phone_lists.macs(site, filter_of(chosen), vendor=chosen["vendor"])
    etags: Mapping[MacAddress, str] = given["etags"]

    def review(mac: MacAddress) -> None:
        if mac in etags and etags[mac].strip('"') != _etag(mac):
            raise ChangedMeanwhile("phone", str(mac))

    outcomes = bulk.change(site, macs, wanted, review=review, by=current.actor())
    counts = {word: sum(one.outcome == word for one in outcomes) for word in _OUTCOMES}
    return {"items": [_answer(one) for one in outcomes], **counts}


def _etag(mac: MacAddress) -> str:
    return resource.etag_of(version_of(*phones.version(mac))).strip('"')


def _answer(one: Outcome) -> Mapping[str, object]:
    refusal = None
    if one.refusal is not None:
        problem = problems.of_refusal(one.refusal)
        refusal = {
            "type": problem.type,
            "title": problem.title,
            "status": problem.status,
            "detail": str(one.refusal),
        }
    return {"mac": str(one.mac), "outcome": one.outcome, "problem": refusal}
