"""What a device says of itself, held against what the admin chose: reasons to look at it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from provisioning.engine.identification import Identification
from provisioning.engine.vendors import Library, Model

Code = Literal["other_vendor", "other_model", "firmware_too_old"]


@dataclass(frozen=True, slots=True)
class Concern:
    """A reason for the admin to look at a phone; it never stops a delivery."""

    code: Code
    found: str
    """What the device says."""
    expected: str
    """What the admin chose, or the least that is supported."""


def concerns(
    asking: Identification, model: Model | None, names: Collection[str], library: Library
) -> Iterator[Concern]:
    """Compare a device with its model.

    Args:
        asking: what the device says of itself; what it does not say is no concern.
        model: the shipped model that the admin's choice is or descends from.
        names: the hardware names by which devices of the chosen model call themselves.
        library: all models.
    """
    if model is None or not asking.vendor:
        return
    if asking.vendor != model.vendor:
        yield Concern("other_vendor", asking.vendor, model.vendor)
        return
    if asking.model and names and not _is_one_of(asking.model, names):
        likely = model_of(asking, library)
        found = f"{asking.model} ({likely.name})" if likely else asking.model
        yield Concern("other_model", found, model.name)
    if asking.version and is_older(asking.version_numbers, model.minimum_firmware):
        yield Concern("firmware_too_old", asking.version, model.minimum_firmware)


def model_of(asking: Identification, library: Library) -> Model | None:
    """The shipped model that writes a user agent like this."""
    candidates = (m for m in library.models.values() if m.vendor == asking.vendor)
    return next((m for m in candidates if _is_one_of(asking.model, m.user_agents)), None)


def is_older(version: tuple[int, ...], minimum: str) -> bool:
    """Whether a version comes before a minimum such as ``x.86``, where ``x`` is any number."""
    for have, least in zip_longest(version, minimum.split(".") if minimum else (), fillvalue="0"):
        if least == "x" or not str(least).isdecimal():
            continue
        if int(have) != int(least):
            return int(have) < int(least)
    return False


def _is_one_of(written: str, names: Collection[str]) -> bool:
    return written.casefold() in (name.casefold() for name in names)
