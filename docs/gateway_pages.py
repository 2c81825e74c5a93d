"""What the pages about gateways are made of.

Brands and models are those of ``templates/gateways``. Fields, steps and outcomes are the names that
the code has, each with what a ``gateways.yaml`` says of it, here or in ``templates/``; a name
without a text, or a text without a name, keeps the pages from being made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from provisioning.connect.gateways.outcomes import DeviceState, Phase
from provisioning.engine.gateways.brand_files import load_gateways
from provisioning.engine.gateways.brands import Brand, Country, GatewayModel, LineType
from provisioning.engine.gateways.configuration import SIP_PORTS
from provisioning.engine.gateways.dialogue import StepPhase
from provisioning.engine.gateways.entry import GatewayEntry, PortEntry
from provisioning.engine.gateways.fields import LONGEST_PREFIX, MAX_SERVERS, SHORTEST_PREFIX
from provisioning.engine.gateways.masking import MASK
from provisioning.engine.gateways.numbers import FIRST_TRUNK_NUMBER, LAST_TRUNK_NUMBER
from provisioning.engine.gateways.ports import MAX_DISPLAY_NAME
from provisioning.engine.mac import MacAddress
from provisioning.engine.numbers import MAX_DEVICES
from provisioning.engine.parameter import Text
from provisioning.services.gateways.texts import CONCERN_CODES, OUTCOME_CODES

_DOCS = Path(__file__).parent
GATEWAYS = load_gateways([_DOCS.parent / "templates" / "gateways"])
EXPLAINED: Mapping[str, Mapping[str, Any]] = {
    name: entries
    for file in (_DOCS / "gateways.yaml", _DOCS.parent / "templates" / "gateways.yaml")
    for name, entries in yaml.safe_load(file.read_text(encoding="utf-8")).items()
}
"""Both ``gateways.yaml`` as they stand: examples of fields are values of their type."""

PHASES: tuple[Phase, ...] = (
    "log_in", "enter", "identify", "save_old", "load", "verify", "save", "reboot", "return",
    "confirm", "restore", "leave",
)  # fmt: skip
"""In the order of an upload."""

_LIMITS = {
    "first_trunk_number": FIRST_TRUNK_NUMBER,
    "last_prefix": 90 + MAX_DEVICES - 1,
    "last_trunk_number": LAST_TRUNK_NUMBER,
    "longest_prefix": LONGEST_PREFIX,
    "max_display_name": MAX_DISPLAY_NAME,
    "max_servers": MAX_SERVERS,
    "max_time_zone": next(b.max_time_zone for b in GATEWAYS.brands.values() if b.max_time_zone),
    "shortest_prefix": SHORTEST_PREFIX,
    "tls_port": SIP_PORTS["tls"],
    "udp_port": SIP_PORTS["udp"],
}
_REQUIRED = Text("required", "obbligatorio")
_EMPTY = Text("empty", "vuoto")
_ALL = Text("all", "tutte")
_BELOW = Text("see below", "vedi sotto")
_UNVERIFIED_MARK = " \u2020"

Said = Mapping[str, Text]
"""What is said of a name, by part: label, meaning, rule …"""


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that no real unit has confirmed."""

    said: Said
    entries: tuple[str, ...]
    """Where it stands in the ``brand.yaml``."""


@dataclass(frozen=True, slots=True)
class Series:
    """A brand with its models."""

    brand: Brand
    models: tuple[GatewayModel, ...]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the brand's MAC addresses begin with."""
        starts = (MacAddress(f"{found.first:012x}") for found in self.brand.ranges)
        return tuple(start.colons[:8] for start in starts)

    @property
    def with_tones(self) -> tuple[Country, ...]:
        """Countries whose tones are known."""
        return tuple(c for c in self.brand.countries.values() if c.values["tones"])

    @property
    def without_tones(self) -> tuple[Country, ...]:
        """Countries in which a gateway keeps its own tones."""
        return tuple(c for c in self.brand.countries.values() if not c.values["tones"])

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """What is not verified, by what it is about.

        Raises:
            ValueError: ``gateways.yaml`` does not explain an entry.
        """
        found: dict[str, tuple[Said, list[str]]] = {}
        for entry in self.brand.unverified:
            said = next(
                (s for start, s in _GUESSES.items() if f"{entry}.".startswith(f"{start}.")), None
            )
            if said is None:
                raise ValueError(f"gateways.yaml: guesses does not explain {entry}")
            found.setdefault(said["label"].en, (said, []))[1].append(entry)
        return tuple(Guess(said, tuple(entries)) for said, entries in found.values())

    def commands(self, phase: StepPhase) -> tuple[str, ...]:
        """What is typed in a step of the upload, guesses marked."""
        return tuple(
            f"`{step.send}`"
            + _UNVERIFIED_MARK * (f"dialogue.steps.{phase}.{n}" in self.brand.unverified)
            for n, step in enumerate(self.brand.dialogue.steps.get(phase, ()))
        )

    def wait(self, name: str) -> float | None:
        """Seconds, if the brand's gateways ever make one wait so."""
        named = {s.wait for steps in self.brand.dialogue.steps.values() for s in steps}
        if name in ("copy", "save") and name not in named:
            return None
        return float(getattr(self.brand.dialogue.patience, name))


def supported() -> dict[str, object]:
    """What the page of supported gateways is made of."""
    kinds = {kind for series in SERIES for kind in series.brand.files}
    return {"brands": SERIES, "files": _texts("files", kinds)}


def guide() -> dict[str, object]:
    """What the guide of gateways is made of."""
    return {
        "brands": SERIES,
        "limits": _LIMITS,
        "mask": MASK,
        "patton": GATEWAYS.brands["patton"],
        "trunks": [line for line in LINES.values() if line.has_trunk],
        "gateway_fields": _fields("gateway_fields", GatewayEntry),
        "port_fields": {
            name: {**said, "kinds": kinds_of(name)}
            for name, said in _fields("port_fields", PortEntry).items()
        },
        "api_fields": _texts("api_fields", EXPLAINED["api_fields"]),
        "concerns": _texts("concerns", CONCERN_CODES),
        "phases": _texts("phases", PHASES),
        "waits": _texts("waits", EXPLAINED["waits"]),
        "outcomes": _texts("outcomes", OUTCOME_CODES),
        "states": _texts("states", [str(state) for state in DeviceState]),
    }


def kinds_of(name: str) -> Text:
    """The kinds of port that a field of a port is for, e.g. ``BRI, PRI, FXO``."""
    needed = "extension" if name == "display_name" else name
    wanted = ", ".join(
        line.id.upper()
        for line in LINES.values()
        if (line.has_trunk if name.startswith("trunk_") else needed in line.needs)
    )
    return Text(wanted, wanted) if wanted else _ALL


def _fields(section: str, entry: type) -> dict[str, Said]:
    """The fields of an entry with their defaults and examples."""
    explained = _texts(section, [field.name for field in fields(entry)])
    made: dict[str, Said] = {}
    for field in fields(entry):
        has_default = field.default is not MISSING
        found = EXPLAINED[section][field.name]
        made[field.name] = {
            **explained[field.name],
            "default": _shown(field.default) if has_default else _REQUIRED,
            "example": _shown(found["example"]) if "example" in found else _BELOW,
        }
    return made


def _shown(value: object) -> Text:
    """A value as the API takes it."""
    if value in ("", ()):
        return _EMPTY
    if isinstance(value, bool):
        written = f"`{str(value).lower()}`"
    elif isinstance(value, list):
        written = ", ".join(f"`{one}`" for one in value)
    else:
        written = f"`{value}`"
    return Text(written, written)


def _texts(section: str, names: Iterable[str]) -> dict[str, Any]:
    """What ``gateways.yaml`` says of some names, in its order.

    Raises:
        ValueError: it does not explain one of them, or one more.
    """
    wanted, given = list(names), EXPLAINED[section]
    if different := set(wanted) ^ set(given):
        told = ", ".join(sorted(different))
        raise ValueError(f"gateways.yaml: {section} must explain all names and no other: {told}")
    return {name: _said(given[name]) for name in sorted(wanted, key=list(given).index)}


def _said(entry: Mapping[str, Any]) -> Any:
    if "en" in entry:
        return Text(entry["en"].format_map(_LIMITS), entry["it"].format_map(_LIMITS))
    parts = {name: found for name, found in entry.items() if name not in ("by", "example")}
    said = {name: _said(found) for name, found in parts.items()}
    return {**said, "by": entry["by"]} if "by" in entry else said


_GUESSES: dict[str, Said] = _texts("guesses", EXPLAINED["guesses"])
SERIES = tuple(
    Series(brand, tuple(m for m in GATEWAYS.models.values() if m.brand == brand.id))
    for brand in sorted(GATEWAYS.brands.values(), key=lambda brand: brand.name)
)
LINES: Mapping[str, LineType] = {
    line.id: line for series in SERIES for line in series.brand.line_types.values()
}
"""All kinds of port, by id."""
