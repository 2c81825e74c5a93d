"""Kinds of values in bodies, queries and answers."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from provisioning.engine.mac import MacAddress

_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")


class Mac(fields.String):
    """A MAC address in any usual notation; inside it is a :class:`MacAddress`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return MacAddress.parse(text)
        except ValueError as mistake:
            raise ValidationError(_printable(str(mistake))) from None


def line(maximum: int, **options: Any) -> fields.String:
    """One line of text without control characters."""
    return fields.String(validate=[validate.Length(max=maximum), _one_line], **options)


def _one_line(text: str) -> None:
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise ValidationError("Line breaks and control characters are not allowed.")


def sent_variables(**options: Any) -> fields.Dict:
    """Settings as a client sends them; the catalogue decides what each may hold."""
    return fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        metadata={
            "description": "A value sets, an empty text is explicitly none, null inherits again.",
            "example": {"language": "it", "vlan_id_phone": "", "contrast": None},
        },
        **options,
    )


def shown_variables(**options: Any) -> fields.Dict:
    """Settings as they are answered."""
    return fields.Dict(keys=fields.String(), values=fields.String(**options), required=True)


def moment(seconds: float | None) -> datetime | None:
    """A Unix time as the API writes it: ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


class TextSchema(Schema):
    """A text in the languages of the user interface."""

    en = fields.String(required=True)
    it = fields.String(required=True)


def text(value: Any) -> Mapping[str, str] | None:
    """A catalogue text as it is answered."""
    return None if value is None else {"en": value.en, "it": value.it}


def _printable(detail: str) -> str:
    return detail.encode("utf-8", "backslashreplace").decode("utf-8")
