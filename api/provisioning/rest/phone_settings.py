"""What applies to a phone: every setting with its origin, the finished file, the secrets."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import SCOPE_KINDS, Effective
from provisioning.rest import current
from provisioning.rest.fields import line, shown_variables
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource
from provisioning.services import phones, previews, secrets
from provisioning.services.configurations import Preview

resource = Resource("phone settings", "What applies to a phone.", path="phones")


class OriginSchema(Schema):
    """A scope that sets a setting."""

    kind = fields.String(required=True, validate=validate.OneOf(SCOPE_KINDS))
    id = fields.String(required=True)


class ShadowedSchema(OriginSchema):
    """A scope whose value is hidden by a nearer one."""

    value = fields.String(required=True)


class EffectiveSchema(Schema):
    """A setting that applies to a phone; a secret one is masked."""

    name = fields.String(required=True)
    value = fields.String(required=True)
    secret = fields.Boolean(required=True)
    origin = fields.Nested(OriginSchema, required=True)
    shadowed = fields.List(
        fields.Nested(ShadowedSchema),
        required=True,
        metadata={"description": "Values it hides, nearest first."},
    )


class PreviewQuery(Schema):
    """Which file, and how much of it."""

    file = line(200, load_default=None, metadata={"description": "Without: its configuration."})
    secrets = fields.Boolean(
        load_default=False, metadata={"description": "Show secrets; the history keeps that."}
    )


class ReplacedSchema(Schema):
    """A setting that the phone cannot use."""

    name = fields.String(required=True)
    value = fields.String(required=True)
    used = fields.String(required=True, metadata={"description": "What it gets instead."})


class PreviewSchema(Schema):
    """A file as the phone would get it."""

    file_name = fields.String(required=True)
    content_type = fields.String(required=True)
    body = fields.String(required=True)
    replaced = fields.List(fields.Nested(ReplacedSchema), required=True)


class PhoneSecretsSchema(Schema):
    """What a phone's other answers hide."""

    variables = shown_variables()
    tok1 = fields.String(required=True, allow_none=True)
    tok2 = fields.String(required=True, allow_none=True)
    provisioning_url1 = fields.String(required=True, allow_none=True)
    provisioning_url2 = fields.String(required=True, allow_none=True)
    redirect_pin = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the phone asks for after its redirect service led it here."},
    )


@resource.get("/<mac:mac>/effective")
@resource.answer(200, all_of(EffectiveSchema, "EffectiveList"))
def list_effective(mac: MacAddress) -> Mapping[str, object]:
    """Every setting that applies to a phone, with its origin and what it hides."""
    found = phones.effective(current.site(), mac)
    return {"items": [_effective(setting) for setting in found.values()]}


@resource.get("/<mac:mac>/preview")
@resource.query(PreviewQuery)
@resource.answer(200, PreviewSchema)
def preview_phone(query: Mapping[str, Any], mac: MacAddress) -> Mapping[str, object]:
    """The file a phone would get with its permanent token; nothing is consumed."""
    if query["secrets"]:
        found = previews.with_secrets(current.site(), mac, query["file"], by=current.actor())
    else:
        found = previews.masked(current.site(), mac, query["file"])
    return preview_answer(found)


@resource.get("/<mac:mac>/secrets")
@resource.answer(200, PhoneSecretsSchema)
def show_phone_secrets(mac: MacAddress) -> Mapping[str, object]:
    """Passwords, tokens and provisioning URLs of a phone; the history keeps who asked."""
    found = secrets.of_phone(current.site(), mac, by=current.actor())
    return {
        "variables": found.variables,
        "tok1": found.phone.tok1,
        "tok2": found.phone.tok2,
        "provisioning_url1": found.phone.provisioning_url1,
        "provisioning_url2": found.phone.provisioning_url2,
        "redirect_pin": found.redirect_pin,
    }


def preview_answer(found: Preview) -> Mapping[str, object]:
    """A file as it is answered."""
    return {
        "file_name": found.file_name,
        "content_type": found.content_type,
        "body": found.body.decode("utf-8", "replace"),
        "replaced": [
            {"name": name, "value": value, "used": used} for name, value, used in found.replaced
        ],
    }


def _effective(setting: Effective) -> Mapping[str, object]:
    return {
        "name": setting.name,
        "value": _shown(setting.name, setting.value),
        "secret": current.site().catalogue.is_secret(setting.name),
        "origin": setting.origin,
        "shadowed": [
            {"kind": hidden.kind, "id": hidden.id, "value": _shown(setting.name, hidden.value)}
            for hidden in setting.shadowed
        ],
    }


def _shown(name: str, value: str) -> str | None:
    return secrets.hide(current.site().catalogue, name, value)
