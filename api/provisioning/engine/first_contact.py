"""The first contact by hand: what is typed into a phone, where, and what else is to be done there.

The words are data: ``manual.yaml`` in a vendor's folder for each of its series, and the general one
where a vendor has none.

Source: each ``manual.yaml`` names its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import yaml

from provisioning.engine.parameter import Text
from provisioning.engine.vendor_files import VendorFileError
from provisioning.engine.vendors import Vendor

FILE = "manual.yaml"
PARTS = ("url", "address", "path", "protocol")
"""What a field of a phone's page wants: the URL; its host and port; its path without the first
slash; HTTP or HTTPS."""

_STEPS = ("enter", "reset", "switch_off")
_STEP_MEMBERS = {"en", "it", "verified"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a phone's page."""

    label: str
    """As the phone's English pages have it."""
    part: str
    """One of :data:`PARTS`."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do at the phone."""

    text: Text
    verified: bool
    """Whether a source says so; False: as such phones usually have it."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """What is to be done at a phone of a series."""

    fields: tuple[Field, ...]
    enter: Step
    """Where the values are typed in."""
    reset: Step
    """How a used phone is brought back to its factory settings."""
    switch_off: Step
    """What would lead the phone elsewhere: DHCP, PnP."""


@dataclass(frozen=True, slots=True)
class TypedValue:
    """What to type into a field."""

    label: str
    value: str


def load_general(path: Path) -> Instructions:
    """Read the instructions for phones of which nothing is known, ``templates/manual.yaml``.

    Raises:
        VendorFileError: the file cannot be used.
    """
    return _instructions(path, _read(path), ())


def load_instructions(vendor: Vendor, general: Instructions) -> Mapping[str, Instructions]:
    """Read what a vendor's folders say, the site's first.

    Args:
        vendor: the vendor. One that sells another's hardware (``templates_from``) has that one's
            instructions but for the series it names itself; a series that nobody names has the
            general ones.
        general: these.

    Returns:
        Instructions by the name of the series, for all series of the vendor.

    Raises:
        VendorFileError: a file that cannot be used, or one for a series that the vendor lacks.
    """
    found = {series.name: general for series in vendor.series}
    for folder in reversed(vendor.folders):
        path = folder / FILE
        if not path.is_file():
            continue
        said = {
            name: _instructions(path, entry, (str(name),)) for name, entry in _read(path).items()
        }
        if folder.name != vendor.id:
            # The lender names its own series; of several, none would be the right one for sure.
            found = dict.fromkeys(found, *said.values()) if len(said) == 1 else found
            continue
        for name in said.keys() - found.keys():
            _fail(path, (str(name),), f"is none of the series {', '.join(found)}")
        found |= said
    return found


def typed_values(instructions: Instructions, url: str) -> tuple[TypedValue, ...]:
    """What to type into a phone's fields, in their order.

    Args:
        instructions: those of the phone's series.
        url: the phone's own URL. It should be the one for the first access, which ends when the
            phone uses it: what is shown to be typed is seen by others.

    Raises:
        ValueError: not a URL with a scheme and a host; it is not repeated, since it holds a token.
    """
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        raise ValueError("a phone's URL has a scheme and a host")
    values = {
        "url": url,
        "address": parts.netloc,
        "path": url.partition("://")[2].removeprefix(parts.netloc).lstrip("/"),
        "protocol": parts.scheme.upper(),
    }
    return tuple(TypedValue(field.label, values[field.part]) for field in instructions.fields)


def _instructions(path: Path, entry: object, where: Sequence[str]) -> Instructions:
    if not isinstance(entry, dict) or set(entry) != {"fields", *_STEPS}:
        _fail(path, where, f"wants fields, {', '.join(_STEPS)}")
    fields = entry["fields"]
    if not isinstance(fields, list) or not fields:
        _fail(path, (*where, "fields"), "wants the fields of the phone's page")
    return Instructions(
        tuple(_field(path, f, (*where, "fields", str(n))) for n, f in enumerate(fields)),
        *(_step(path, entry[name], (*where, name)) for name in _STEPS),
    )


def _field(path: Path, entry: object, where: Sequence[str]) -> Field:
    if not isinstance(entry, dict) or set(entry) != {"label", "part"}:
        _fail(path, where, "wants label and part")
    if not _is_sentence(entry["label"]):
        _fail(path, (*where, "label"), "must be text")
    if entry["part"] not in PARTS:
        _fail(path, (*where, "part"), f"is not one of {', '.join(PARTS)}")
    return Field(entry["label"], entry["part"])


def _step(path: Path, entry: object, where: Sequence[str]) -> Step:
    if not isinstance(entry, dict) or set(entry) != _STEP_MEMBERS:
        _fail(path, where, "wants en, it and verified")
    for language in ("en", "it"):
        if not _is_sentence(entry[language]):
            _fail(path, (*where, language), "must be text")
    if not isinstance(entry["verified"], bool):
        _fail(path, (*where, "verified"), "must be true or false")
    return Step(Text(entry["en"], entry["it"]), entry["verified"])


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _read(path: Path) -> Mapping[Any, Any]:
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as mistake:
        raise VendorFileError(path, (), str(mistake)) from mistake
    if not isinstance(data, dict):
        _fail(path, (), "is not a mapping of names to values")
    return data


def _fail(path: Path, where: Sequence[str], reason: str) -> NoReturn:
    raise VendorFileError(path, where, reason)
