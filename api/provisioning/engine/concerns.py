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
    asking: Identification,
    vendor: str,
    model: Model | None,
    names: Collection[str],
    library: Library,
) -> Iterator[Concern]:
    """Compare a device with its model.

    Args:
        asking: what the device says of itself; what it does not say is no concern.
        vendor: the vendor of the chosen model; empty: unknown, and nothing can be compared.
        model: the shipped model that the admin's choice is or descends from.
        names: the hardware names by which devices of the chosen model call themselves.
        library: all models.
    """
    if not vendor or not asking.vendor:
        return
    if asking.vendor != vendor:
        yield Concern("other_vendor", asking.vendor, vendor)
        return
    likely = model_of(asking, library)
    as_shipped = model is not None and names == model.user_agents
    is_right = is_one_of(asking.model, names) or (as_shipped and likely == model)
    if asking.model and names and not is_right:
        found = f"{asking.model} ({likely.name})" if likely else asking.model
        yield Concern("other_model", found, ", ".join(names))
    minimum = model.minimum_firmware if model else library.vendors[vendor].minimum_firmware
    if is_older(asking.version_numbers, minimum):
        yield Concern("firmware_too_old", asking.version, minimum)


def model_of(asking: Identification, library: Library) -> Model | None:
    """The shipped model that writes a user agent like this.

    Old firmware writes the name of the hardware alone, ``T46G`` for ``SIP-T46G``.
    """
    candidates = [m for m in library.models.values() if m.vendor == asking.vendor]
    by_name = (m for m in candidates if is_one_of(asking.model, m.user_agents))
    by_hardware = (m for m in candidates if is_one_of(asking.model, m.hardware))
    return next(by_name, None) or next(by_hardware, None)


def is_older(version: tuple[int, ...], minimum: str) -> bool:
    """Whether a version comes before a minimum such as ``x.86``, where ``x`` is any number.

    A version without numbers is unknown, which is not old.
    """
    if not version or not minimum:
        return False
    for have, least in zip_longest(version, minimum.split("."), fillvalue="0"):
        if str(least).isdecimal() and int(have) != int(least):
            return int(have) < int(least)
    return False


def is_one_of(written: str, names: Collection[str]) -> bool:
    """Whether a hardware name is among some names; devices write capitals as they like."""
    return written.casefold() in (name.casefold() for name in names)
