"""Time zones as phones need them: standard offset and the current daylight saving rule.

Phones have no TZ database; most want an offset and a rule written out. The data is
``templates/timezones.yaml`` (IANA TZ database).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class DstEdge:
    """One change of the clock: an hour of a weekday of a week of a month, local wall-clock time."""

    month: int
    week: int
    """1 to 4; 5 is the last of the month."""
    weekday: int
    """1 Monday to 7 Sunday."""
    hour: int

    @classmethod
    def parse(cls, text: str) -> "DstEdge":
        """Read ``month/week/weekday/hour``, e.g. ``3/5/7/2``."""
        return cls(*(int(part) for part in text.split("/")))

    def __str__(self) -> str:
        return f"{self.month}/{self.week}/{self.weekday}/{self.hour}"


@dataclass(frozen=True, slots=True)
class Dst:
    """The daylight saving rule of a zone."""

    start: DstEdge
    end: DstEdge
    minutes: int
    """Added to standard time between start and end; 60 nearly everywhere, 30 on Lord Howe."""
    approximate: bool
    """The true rule cannot be written as one hour of a weekday; an edge is up to a day off."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone under its current name."""

    name: str
    offset_minutes: int
    """Standard time, minutes east of UTC."""
    posix: str
    """The zone as a POSIX TZ string."""
    dst: Dst | None

    @property
    def offset_hours(self) -> str:
        """The offset as ``+1``, ``-3:30`` or ``0``: no leading zero, minutes only if any."""
        hours, minutes = divmod(abs(self.offset_minutes), 60)
        if not self.offset_minutes:
            return "0"
        sign = "+" if self.offset_minutes > 0 else "-"
        return f"{sign}{hours}:{minutes:02d}" if minutes else f"{sign}{hours}"


class Zones:
    """All zones by name, older names too."""

    def __init__(self, zones: Mapping[str, Zone], aliases: Mapping[str, str]):
        self._zones = {**zones, **{alias: zones[target] for alias, target in aliases.items()}}
        self.utc = zones["UTC"]

    @classmethod
    def load(cls, path: Path) -> "Zones":
        """Read ``timezones.yaml``; its comments describe the members."""
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        return cls({n: _zone(n, z) for n, z in data["zones"].items()}, data["aliases"])

    def find(self, name: str) -> Zone | None:
        """The zone of a TZ database name, or None; an older name gives the zone it stands for."""
        return self._zones.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._zones)


def _zone(name: str, entry: Mapping[str, Any]) -> Zone:
    rule = entry.get("dst")
    return Zone(
        name=name,
        offset_minutes=entry["offset"],
        posix=entry["posix"],
        dst=rule
        and Dst(
            start=DstEdge.parse(rule["start"]),
            end=DstEdge.parse(rule["end"]),
            minutes=rule["minutes"],
            approximate="approximate" in rule,
        ),
    )
