"""What a unit says it is, held against what it must be.

Source: NethVoice's manual (two addresses of an HT812); SECFORCE's write-up on the HT801 and public
scripts for the HT701 (the command line).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.engine.concerns import is_older
from provisioning.engine.gateways.brands import GatewayModel
from provisioning.engine.gateways.dialogue import IdentityPatterns
from provisioning.engine.mac import MacAddress


@dataclass(frozen=True, slots=True)
class Identity:
    """What a unit says of itself; what it does not say is empty or none."""

    model: str
    mac: MacAddress | None
    firmware: str


def identify(text: str, patterns: IdentityPatterns) -> Identity:
    """Read greeting and answers of a unit."""
    model, mac, firmware = (
        pattern.search(text) for pattern in (patterns.model, patterns.mac, patterns.firmware)
    )
    try:
        address = MacAddress.parse(mac["mac"]) if mac else None
    except ValueError:
        address = None
    return Identity(
        model["model"][:40] if model else "", address, firmware["firmware"][:40] if firmware else ""
    )


def has_known_holes(found: Identity, model: GatewayModel) -> bool:
    """Whether a unit's firmware is older than the first without known holes.

    Source: CVE-2021-37748 and CVE-2021-37915 for Grandstream's HT80x.
    """
    numbers = tuple(int(part) for part in found.firmware.split(".") if part.isdecimal())
    return is_older(numbers, str(model.facts.get("safe_firmware", "")))


def is_other_unit(
    found: Identity,
    model: GatewayModel,
    macs: Iterable[MacAddress],
    of_brand: Iterable[GatewayModel],
    patterns: IdentityPatterns,
) -> bool:
    """Whether it is another unit, or another model, than the one that is to be configured.

    Args:
        found: what the unit says.
        model: the model it must be.
        macs: its addresses; of a gateway with two perhaps only the label's is known.
        of_brand: all models of the brand.
        patterns: whether a right address is enough where the name says nothing.
    """
    known = tuple(macs)
    right_mac = found.mac in known
    # A gateway with two addresses may show the one that is not on the label.
    other_port = model.ethernet > 1 and len(known) == 1
    if found.mac is not None and not right_mac:
        neighbour = other_port and any(found.mac.oui == mac.oui for mac in known)
        if not neighbour:
            return True
    if model.is_called(found.model):
        return False
    called_otherwise = any(other.is_called(found.model) for other in of_brand)
    return called_otherwise or not (patterns.trust_mac and right_mac)
