"""What a phone's hardware can do, read from its ``cap_*`` settings."""

from collections.abc import Mapping

from marshmallow import Schema, fields

_COUNTS = {
    "line_keys": "cap_linekey_count",
    "soft_keys": "cap_softkey_count",
    "expansion_keys": "cap_expkey_count",
    "expansion_modules": "cap_expmodule_count",
    "dss_keys": "cap_dsskey_count",
    "ringtones": "cap_ringtone_count",
}
_FLAGS = {
    "background_file": "cap_background_file",
    "screensaver_file": "cap_screensaver_file",
    "brightness": "cap_brightness",
    "contrast": "cap_contrast",
}
_LISTS = {
    "backlight_time": "cap_backlight_time_blacklist",
    "date_format": "cap_date_format_blacklist",
    "dss_transfer": "cap_dss_transfer_blacklist",
    "expkey_type": "cap_expkey_type_blacklist",
    "ldap_tls": "cap_ldap_tls_blacklist",
    "linekey_type": "cap_linekey_type_blacklist",
    "ringtone": "cap_ringtone_blacklist",
    "screensaver_time": "cap_screensaver_time_blacklist",
    "softkey_type": "cap_softkey_type_blacklist",
}


class CapabilitiesSchema(Schema):
    """What the hardware can do."""

    line_keys = fields.Integer(required=True, allow_none=True)
    soft_keys = fields.Integer(required=True, allow_none=True)
    expansion_keys = fields.Integer(required=True, allow_none=True)
    expansion_modules = fields.Integer(required=True, allow_none=True)
    dss_keys = fields.Integer(required=True, allow_none=True)
    ringtones = fields.Integer(required=True, allow_none=True)
    background_file = fields.Boolean(required=True)
    screensaver_file = fields.Boolean(required=True)
    brightness = fields.Boolean(required=True)
    contrast = fields.Boolean(required=True)
    not_offered = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Values of a setting that the phone does not have."},
    )


def capabilities(variables: Mapping[str, str]) -> Mapping[str, object]:
    """Read the capabilities of a model from its settings; a count is null if it is not told."""
    return {
        **{name: _count(variables.get(setting, "")) for name, setting in _COUNTS.items()},
        **{name: variables.get(setting, "") == "1" for name, setting in _FLAGS.items()},
        "not_offered": {
            name: _words(variables.get(setting, "")) for name, setting in _LISTS.items()
        },
    }


def _count(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _words(text: str) -> list[str]:
    # Some of Tancredi's shipped capabilities carry stray blanks.
    return [word.strip() for word in text.split(",") if word.strip()]
