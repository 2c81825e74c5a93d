"""Uploads to gateways: what would be sent, how far they are, how they ended."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import Mac, TextSchema, moment, text
from provisioning.rest.operations import OperationAnswer, started
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.paths import MAX_NUMBER, NUMBER
from provisioning.rest.resource import Resource
from provisioning.services.gateways import loads, uploads
from provisioning.services.gateways.texts import CONCERNS, OUTCOMES, STATES, Said
from provisioning.services.gateways.uploads import Upload

of_gateway = Resource("gateway upload", "Uploading to a gateway.", path="gateways")
resource = Resource("gateway uploads", "Uploads to gateways.", path="gateway-uploads")

_ONE = f"/<{NUMBER}:number>"
_MAX_AT_ONCE = 1_000


class CodeSchema(Schema):
    """Something that is told by a code, in words."""

    code = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True, allow_none=True)
    meaning = fields.Nested(TextSchema, required=True)
    cause = fields.Nested(TextSchema, required=True, allow_none=True)
    to_do = fields.Nested(TextSchema, required=True)


class PlannedCommand(Schema):
    """A command that would be sent; secrets are masked."""

    phase = fields.String(required=True)
    command = fields.String(required=True)


class UploadPlanAnswer(Schema):
    """An upload as it would go; no gateway was asked."""

    target = fields.String(required=True, metadata={"description": "Where it logs in."})
    user = fields.String(required=True)
    then = fields.String(
        required=True,
        metadata={"description": "Where it must be afterwards; empty: it fetches its file."},
    )
    commands = fields.List(fields.Nested(PlannedCommand), required=True)
    concerns = fields.List(
        fields.Nested(CodeSchema),
        required=True,
        metadata={"description": "Reasons to look at it again, e.g. telnet_in_the_clear."},
    )


class IdentitySchema(Schema):
    """What the unit said it is."""

    model = fields.String(required=True)
    mac = fields.String(required=True)
    firmware = fields.String(required=True)


class UploadAnswer(Schema):
    """An upload, running or ended."""

    id = fields.Integer(required=True)
    gateway = fields.String(required=True)
    operation = fields.Integer(required=True)
    by = fields.String(required=True)
    began_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    phase = fields.String(required=True, metadata={"description": "Where it is, or ended."})
    commands = fields.Integer(
        required=True,
        metadata={
            "description": "So many lines are sent if all goes well, but for answers to questions."
        },
    )
    sent = fields.Integer(required=True)
    outcome = fields.Nested(
        CodeSchema, required=True, allow_none=True, metadata={"description": "Null: it goes on."}
    )
    words = fields.String(required=True, metadata={"description": "The gateway's own."})
    device = fields.Nested(
        CodeSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What configuration the unit is left with."},
    )
    identity = fields.Nested(IdentitySchema, required=True, allow_none=True)
    differences = fields.List(fields.String(), required=True)
    warnings = fields.List(fields.String(), required=True)


class UploadQuery(PageQuery):
    """Which uploads."""

    gateway = Mac(load_default=None)
    operation = fields.Integer(load_default=None, validate=validate.Range(min=1, max=MAX_NUMBER))


class TranscriptQuery(Schema):
    """Which part of a transcript."""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=MAX_NUMBER),
        metadata={"description": "Id of the last line that is known already."},
    )
    limit = fields.Integer(load_default=500, validate=validate.Range(min=1, max=5_000))


class TranscriptLineSchema(Schema):
    """A line of a transcript, without secrets."""

    id = fields.Integer(required=True)
    seconds = fields.Float(required=True, metadata={"description": "Since the upload began."})
    phase = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("sent", "received", "note")))
    text = fields.String(required=True)


class TranscriptAnswer(Schema):
    """A part of a transcript."""

    items = fields.List(fields.Nested(TranscriptLineSchema), required=True)


class OldConfiguration(Schema):
    """What the unit held before, as far as it tells it; secrets masked."""

    text = fields.String(required=True)


class ChosenGateways(Schema):
    """Which gateways."""

    gateways = fields.List(Mac(), required=True, validate=validate.Length(min=1, max=_MAX_AT_ONCE))


@of_gateway.get("/<mac:mac>/upload-plan")
@of_gateway.answer(200, UploadPlanAnswer)
def show_plan(mac: MacAddress) -> Mapping[str, object]:
    """What an upload would send: a dry run. No gateway is asked."""
    planned = loads.plan(current.site(), mac)
    return {
        "target": planned.target,
        "user": planned.user,
        "then": planned.then,
        "commands": [{"phase": phase, "command": shown} for phase, shown in planned.commands],
        "concerns": [_coded(code, CONCERNS) for code in planned.concerns],
    }


@of_gateway.post("/<mac:mac>/uploads")
@of_gateway.answer(202, OperationAnswer)
def upload_to_gateway(mac: MacAddress) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Upload to a gateway: log in, identify, save, load, verify, restart, confirm."""
    return started(uploads.start([mac], by=current.actor()))


@resource.post("")
@resource.body(ChosenGateways)
@resource.answer(202, OperationAnswer)
def upload_to_gateways(
    given: Mapping[str, Any],
) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Upload to several gateways, each for itself, fifty at once."""
    return started(uploads.start(given["gateways"], by=current.actor()))


@resource.get("")
@resource.query(UploadQuery)
@resource.answer(200, page_of(UploadAnswer, "GatewayUploadPage"))
def list_uploads(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Uploads, the newest first."""
    total, found = uploads.page(
        gateway=query["gateway"], operation=query["operation"], **part(query)
    )
    return page(query, total, [upload_answer(one) for one in found])


@resource.get(_ONE)
@resource.answer(200, UploadAnswer)
def show_upload(number: int) -> Mapping[str, object]:
    """Look at an upload."""
    return upload_answer(uploads.get(number))


@resource.get(f"{_ONE}/transcript")
@resource.query(TranscriptQuery)
@resource.answer(200, TranscriptAnswer)
def show_transcript(query: Mapping[str, Any], number: int) -> Mapping[str, object]:
    """What was said so far, secrets masked; ask again with `after` while it goes on."""
    return {"items": uploads.transcript(number, after=query["after"], limit=query["limit"])}


@resource.get(f"{_ONE}/old-configuration")
@resource.answer(200, OldConfiguration)
def show_old_configuration(number: int) -> Mapping[str, object]:
    """What the unit held before, secrets masked."""
    text_ = uploads.old_configuration(current.site(), number, secrets=False, by=current.actor())
    return {"text": text_}


@resource.post(f"{_ONE}/old-configuration")
@resource.answer(200, OldConfiguration)
def tell_old_configuration(number: int) -> Mapping[str, object]:
    """What the unit held before, with its secrets; the history keeps who asked."""
    text_ = uploads.old_configuration(current.site(), number, secrets=True, by=current.actor())
    return {"text": text_}


def upload_answer(found: Upload) -> Mapping[str, object]:
    """An upload as it is answered."""
    return {
        "id": found.id,
        "gateway": found.gateway,
        "operation": found.operation,
        "by": found.by,
        "began_at": moment(found.began_at),
        "ended_at": moment(found.ended_at),
        "phase": found.phase,
        "commands": found.commands,
        "sent": found.sent,
        "outcome": found.outcome and _coded(found.outcome, OUTCOMES),
        "words": found.words,
        "device": found.device and _coded(found.device, STATES),
        "identity": found.identity,
        "differences": found.differences,
        "warnings": found.warnings,
    }


def _coded(code: str, words: Mapping[str, Said]) -> Mapping[str, object]:
    said = words[code]
    parts = {"label": said.label, "meaning": said.meaning, "cause": said.cause, "to_do": said.to_do}
    return {"code": code, **{name: text(part_) for name, part_ in parts.items()}}
