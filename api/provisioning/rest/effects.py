"""What a change would do, told before it is made."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.layer_changes import SettingChange
from provisioning.engine.scopes import SCOPE_KINDS
from provisioning.rest import current
from provisioning.rest.effect_drafts import DraftSchema, draft_of
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.phone_settings import OriginSchema
from provisioning.rest.resource import Resource
from provisioning.services import effects
from provisioning.services.effects import Cause, SettingTally, ShownEffect
from provisioning.services.secrets import hide
from provisioning.services.verdict_reasons import SETTING_VERDICTS, Reason
from provisioning.services.verdicts import VERDICTS

resource = Resource("effects", "What a change would do before it is made; nothing is written.")

MAX_PAGE_SIZE = 50
MAX_CAUSES = 20
MAX_SETTINGS = 200

_VERDICTS_DESCRIPTION = (
    "changes: the phone would fetch another file. fails: its file could no longer be made. hidden: "
    "nearer layers set the same settings. ignored: its files do not tell them. same: it has the "
    "same values already, from other layers."
)


class EffectQuery(PageQuery):
    """Which phones are shown."""

    page_size = fields.Integer(load_default=20, validate=validate.Range(min=1, max=MAX_PAGE_SIZE))
    verdict = fields.String(load_default=None, validate=validate.OneOf(VERDICTS))
    reboot = fields.Boolean(
        load_default=None, metadata={"description": "Only phones that restart, or do not."}
    )


class EffectCounts(Schema):
    """How many phones; those that the change has nothing to do with are not counted."""

    touched = fields.Integer(
        required=True, metadata={"description": "They would fetch another file."}
    )
    fails = fields.Integer(required=True)
    hidden = fields.Integer(required=True)
    ignored = fields.Integer(required=True)
    same = fields.Integer(required=True)
    reboot = fields.Integer(
        required=True, metadata={"description": "Of those touched: they restart to apply it."}
    )


class ReasonFields(Schema):
    """What becomes of a setting, and why."""

    verdict = fields.String(required=True, validate=validate.OneOf(SETTING_VERDICTS))
    code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As a finding of a linter, e.g. no_effect, no_such_key."},
    )
    reason = fields.String(required=True, allow_none=True)


class CauseSchema(ReasonFields):
    """Why a setting does nothing on some phones, or what else is to be told of it."""

    kind = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(SCOPE_KINDS),
        metadata={"description": "The kind of layer whose value applies instead."},
    )
    id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The layer; null where each phone has its own."},
    )
    phones = fields.Integer(required=True)


class SettingTallySchema(Schema):
    """What becomes of a setting, on how many phones."""

    name = fields.String(required=True)
    changes = fields.Integer(required=True)
    hidden = fields.Integer(required=True)
    ignored = fields.Integer(required=True)
    same = fields.Integer(required=True)
    causes = fields.List(
        fields.Nested(CauseSchema),
        required=True,
        metadata={"description": f"The {MAX_CAUSES} most common ones."},
    )


class SettingEffectSchema(ReasonFields):
    """What becomes of a setting on a phone; secrets are masked."""

    name = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    origin = fields.Nested(
        OriginSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The layer whose value applies instead."},
    )


class PhoneEffectSchema(Schema):
    """What the change would do to a phone."""

    mac = fields.String(required=True)
    model = fields.String(required=True, metadata={"description": "As it would be."})
    display_name = fields.String(required=True)
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(VERDICTS),
        metadata={"description": _VERDICTS_DESCRIPTION},
    )
    detail = fields.String(
        required=True, allow_none=True, metadata={"description": "Why its file cannot be made."}
    )
    reboot = fields.Boolean(
        required=True, metadata={"description": "It restarts to apply the change."}
    )
    settings = fields.List(
        fields.Nested(SettingEffectSchema),
        required=True,
        metadata={"description": f"The first {MAX_SETTINGS} by name."},
    )
    more_settings = fields.Integer(
        required=True, metadata={"description": "How many are not shown."}
    )
    diff = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Unified diff of its files with secrets and tokens masked; null where "
            "they stay the same."
        },
    )
    diff_cut = fields.Boolean(required=True, metadata={"description": "The diff is longer."})


EffectPage = page_of(
    PhoneEffectSchema,
    "EffectPage",
    counts=fields.Nested(EffectCounts, required=True),
    settings=fields.List(fields.Nested(SettingTallySchema), required=True),
)


@resource.post("")
@resource.query(EffectQuery)
@resource.body(DraftSchema)
@resource.answer(200, EffectPage)
def tell_effects(query: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, object]:
    """How many phones a change touches, which, what changes in their files, and why not others.

    Give exactly one of `defaults`, `model`, `layout` and `phone`, as the change itself would be
    sent. `items` are the phones that match the query, by MAC address.
    """
    found = effects.effects(
        current.site(),
        draft_of(given),
        verdict=query["verdict"],
        reboot=query["reboot"],
        **part(query),
    )
    verdicts = {verdict: found.verdicts.get(verdict, 0) for verdict in VERDICTS}
    return {
        **page(query, found.total, [_phone(shown) for shown in found.phones]),
        "counts": {**verdicts, "touched": verdicts["changes"], "reboot": found.reboots},
        "settings": [_tally(name, tally) for name, tally in sorted(found.settings.items())],
    }


def _phone(shown: ShownEffect) -> Mapping[str, object]:
    effect = shown.effect
    settings = effect.settings
    return {
        "mac": effect.mac,
        "model": effect.model,
        "display_name": effect.display_name,
        "verdict": effect.verdict,
        "detail": effect.detail or None,
        "reboot": effect.reboot,
        "settings": [_setting(change, reason) for change, reason in settings[:MAX_SETTINGS]],
        "more_settings": max(0, len(settings) - MAX_SETTINGS),
        "diff": shown.diff.text if shown.diff else None,
        "diff_cut": shown.diff is not None and shown.diff.cut,
    }


def _setting(change: SettingChange, reason: Reason) -> Mapping[str, object]:
    catalogue = current.site().catalogue
    before, after = change.values
    return {
        **_reason(reason),
        "name": change.name,
        "before": hide(catalogue, change.name, before),
        "after": hide(catalogue, change.name, after),
        "origin": change.after if reason.verdict in ("hidden", "same") else None,
    }


def _tally(name: str, tally: SettingTally) -> Mapping[str, object]:
    return {
        "name": name,
        **{verdict: tally.verdicts[verdict] for verdict in SETTING_VERDICTS},
        "causes": [_cause(cause, n) for cause, n in tally.causes.most_common(MAX_CAUSES)],
    }


def _cause(cause: Cause, phones_with_it: int) -> Mapping[str, object]:
    return {
        **_reason(cause.reason),
        "kind": cause.kind,
        "id": cause.id,
        "phones": phones_with_it,
    }


def _reason(reason: Reason) -> Mapping[str, object]:
    return {
        "verdict": reason.verdict,
        "code": reason.code or None,
        "reason": reason.text or None,
    }
