"""Who is asking: vendor, model, firmware and MAC address, read from the user agent of a request.

Everything here is said by the client: it is for display, suggestions and alarms, never for access.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.engine.mac import MacAddress


@dataclass(frozen=True, slots=True)
class UserAgentPattern:
    """One form of a vendor's user agent: named groups ``model``, ``version``, ``mac``."""

    vendor: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Identification:
    """What a device says of itself; parts that it does not say are empty."""

    vendor: str = ""
    model: str = ""
    """Hardware name as the device writes it, e.g. ``SIP-T46S``."""
    version: str = ""
    """Firmware version, e.g. ``66.86.0.15``."""
    mac: MacAddress | None = None

    @property
    def version_numbers(self) -> tuple[int, ...]:
        """The version as numbers, to compare: ``66.86.0.15`` is ``(66, 86, 0, 15)``."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:8])


UNKNOWN = Identification()


def identify(user_agent: str, patterns: Iterable[UserAgentPattern]) -> Identification:
    """Read a user agent; the first pattern that matches the whole text wins.

    Returns:
        The identification, or :data:`UNKNOWN` if no vendor's pattern matches.
    """
    text = user_agent[:300].strip()
    for candidate in patterns:
        match = candidate.pattern.fullmatch(text)
        if match:
            parts = match.groupdict()
            return Identification(
                vendor=candidate.vendor,
                model=parts.get("model") or "",
                version=parts.get("version") or "",
                mac=_mac(parts.get("mac")),
            )
    return UNKNOWN


def _mac(text: str | None) -> MacAddress | None:
    try:
        return MacAddress.parse(text) if text else None
    except ValueError:
        return None
