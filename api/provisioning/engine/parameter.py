"""One setting of the catalogue, and the check of its values."""

import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NoReturn

from provisioning.engine.values import ValueNotAllowed, check_storable, shown

Index = Literal["account", "soft_key", "line_key", "expansion_key", "dss_key", "handset"]
Type = Literal[
    "text", "integer", "boolean", "choice", "list", "host", "url", "file", "timezone"
]  # fmt: skip
Writer = Literal["admin", "pbx", "runtime", "model"]
Collection = Literal["backgrounds", "firmware", "ringtones", "screensavers"]
KeyValue = Literal["required", "optional", "none"]

_INTEGER = re.compile(r"-?[0-9]{1,10}")
_HOST_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_URL = re.compile(r"(?:https?|ftp|tftp)://[!-.0-~][!-~]*")
_FILE = re.compile(r"[A-Za-z0-9_()-][A-Za-z0-9_.()-]{0,254}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages of the user interface."""

    en: str
    it: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value."""

    value: str
    label: Text
    key_value: KeyValue = "none"
    """Of a key type: whether a key of this type needs a value (a number, an address)."""
    help: Text | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A setting: what it means and what it may hold.

    Every setting may also be the empty string, *explicitly none*, which hides the inherited value.
    """

    name: str
    """Without index: ``linekey_type`` stands for ``linekey_type_1``, ``linekey_type_2`` …"""
    type: Type
    category: str
    label: Text
    help: Text
    index: Index | None = None
    """What is counted, if the public name ends in ``_N``."""
    values: tuple[Choice, ...] = ()
    """What forms offer; an integer with a range takes other numbers of the range too."""
    also: tuple[str, ...] = ()
    """Values accepted but not offered: words of one vendor, older spellings."""
    minimum: int | None = None
    maximum: int | None = None
    unit: str | None = None
    default: str | None = None
    """The value in the shipped defaults scope; None: not there."""
    secret: bool = False
    writer: Writer = "admin"
    """Who sets it: people, the PBX, nobody (``runtime``: computed for a request), the model."""
    reboot: bool = False
    """Whether a phone restarts to apply another value; of a file: to apply one that is set."""
    collection: Collection | None = None
    """Where a file lies."""
    pattern: re.Pattern[str] | None = None
    """What the whole text must match."""
    allowed: Text | None = None
    """The pattern in words."""

    def check(self, value: str) -> str:
        """Return the form in which the value is stored; checking that again changes nothing.

        Integers lose blanks around them and leading zeros, lists blanks, empty and double
        entries; a boolean is ``"1"`` or empty, ``"0"`` becomes empty.

        Raises:
            ValueNotAllowed: with a sentence that says what is wrong, and what is allowed.
        """
        if not value:
            return value
        check_storable(self.name, value)
        return _CHECKS[self.type](self, value)

    def refuse(self, value: str, reason: str, allowed: str) -> NoReturn:
        """Raise :class:`ValueNotAllowed`; a secret value is not repeated."""
        told = "The value" if self.secret else f'"{shown(value)}"'
        kept = "" if self.secret else value
        raise ValueNotAllowed(self.name, kept, f"{told} {reason}.", f"{allowed}, or empty")

    @property
    def words(self) -> tuple[str, ...]:
        """The listed values, those not offered included."""
        return (*(choice.value for choice in self.values), *self.also)


def _text(parameter: Parameter, value: str) -> str:
    # A line break would start a parameter of its own in the files of most vendors.
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        parameter.refuse(value, "has a line break or a control character", "one line of text")
    if parameter.pattern and parameter.allowed and not parameter.pattern.fullmatch(value):
        parameter.refuse(value, "is not allowed here", parameter.allowed.en)
    return value


def _integer(parameter: Parameter, value: str) -> str:
    low, high = parameter.minimum, parameter.maximum
    ranged = low is not None and high is not None
    allowed = f"{low} to {high}" if ranged else ", ".join(parameter.words) or "a whole number"
    digits = value.strip()
    if not _INTEGER.fullmatch(digits):
        parameter.refuse(value, "is not a whole number", allowed)
    number = int(digits)
    if low is not None and high is not None:
        if not low <= number <= high:
            parameter.refuse(value, "is out of range", allowed)
    elif parameter.words and str(number) not in parameter.words:
        parameter.refuse(value, "is not one of the values", allowed)
    return str(number)


def _boolean(parameter: Parameter, value: str) -> str:
    if value not in ("0", "1"):
        parameter.refuse(value, "is neither on nor off", "1 (on)")
    return "1" if value == "1" else ""


def _choice(parameter: Parameter, value: str) -> str:
    if value not in parameter.words:
        parameter.refuse(value, "is not one of the values", ", ".join(parameter.words))
    return value


def _list(parameter: Parameter, value: str) -> str:
    # Some capabilities that Tancredi ships carry stray blanks.
    words = dict.fromkeys(word.strip() for word in value.split(",") if word.strip())
    for word in words:
        if word not in parameter.words:
            allowed = f"separated by commas: {', '.join(parameter.words)}"
            parameter.refuse(word, "is not one of the values", allowed)
    return ",".join(words)


def _host(parameter: Parameter, value: str) -> str:
    looks_like_address = ":" in value or not value.strip("0123456789.")
    if not (_is_address(value) if looks_like_address else _is_host_name(value)):
        reason = "is not a host name or an IP address"
        parameter.refuse(value, reason, "a name like pbx.example.org, or an address like 192.0.2.1")
    return value


def _is_host_name(value: str) -> bool:
    return len(value) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in value.split("."))


def _is_address(value: str) -> bool:
    if "%" in value:  # the zone of an IPv6 address means something on one machine only
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _url(parameter: Parameter, value: str) -> str:
    if not _URL.fullmatch(value):
        parameter.refuse(value, "is not a URL", "a URL like http://www.example.org/logo.dob")
    return value


def _file(parameter: Parameter, value: str) -> str:
    if not _FILE.fullmatch(value):
        allowed = "letters, digits and - _ . ( ), not starting with a dot, at most 255 characters"
        parameter.refuse(value, "is not the name of a file", allowed)
    return value


def _timezone(parameter: Parameter, value: str) -> str:
    if value not in _zone_names():
        allowed = "a name of the IANA time zone database, for example Europe/Rome"
        parameter.refuse(value, "is not a time zone", allowed)
    return value


@cache
def _zone_names() -> frozenset[str]:
    # The two names that stand for no place: what this machine has, and "not set up".
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


_CHECKS: Mapping[Type, Callable[[Parameter, str], str]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _choice,
    "list": _list,
    "host": _host,
    "url": _url,
    "file": _file,
    "timezone": _timezone,
}
