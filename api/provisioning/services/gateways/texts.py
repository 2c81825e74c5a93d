"""The words about gateways, ``templates/gateways.yaml``: what a code means and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import yaml

from provisioning.connect.gateways.outcomes import DeviceState, Outcome
from provisioning.engine.gateways.concerns import Code
from provisioning.engine.parameter import Text
from provisioning.services.site import shipped_data

CONCERN_CODES = (
    *get_args(Code), "telnet_in_the_clear", "factory_login", "host_key_unknown",
    "file_in_the_clear", "fetch_in_the_clear", "pbx_not_told",
)  # fmt: skip
OUTCOME_CODES = (
    *map(str, Outcome), "told", "not_fetched", "interrupted", "not_typable", "no_tftp",
    "not_allowed", "not_rendered", "program_missing",
)  # fmt: skip
"""How an upload can end: as its dialogue did, or because of what is around it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a code."""

    meaning: Text
    to_do: Text
    label: Text | None = None
    cause: Text | None = None


def _load() -> dict[str, Mapping[str, Said]]:
    text = (shipped_data() / "gateways.yaml").read_text(encoding="utf-8")
    data: Mapping[str, Mapping[str, Any]] = yaml.load(text, yaml.CSafeLoader)
    wanted: Mapping[str, Iterable[str]] = {
        "concerns": CONCERN_CODES,
        "outcomes": OUTCOME_CODES,
        "states": map(str, DeviceState),
    }
    made: dict[str, Mapping[str, Said]] = {}
    for section, codes in wanted.items():
        if different := set(codes) ^ set(data[section]):
            told = ", ".join(sorted(different))
            raise ValueError(f"gateways.yaml: {section} must say all codes and no other: {told}")
        made[section] = {code: _said(entry) for code, entry in data[section].items()}
    return made


def _said(entry: Mapping[str, Mapping[str, str]]) -> Said:
    return Said(**{part: Text(text["en"], text["it"]) for part, text in entry.items()})


_ALL = _load()

CONCERNS: Mapping[str, Said] = _ALL["concerns"]
"""Reasons to look at a configuration again, by code."""

OUTCOMES: Mapping[str, Said] = _ALL["outcomes"]
"""How an upload can end, by code."""

STATES: Mapping[str, Said] = _ALL["states"]
"""What configuration a unit is left with, by code."""
