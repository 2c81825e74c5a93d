"""The words about gateways, ``templates/gateways.yaml``."""

from collections.abc import Mapping

import yaml

from provisioning.engine.parameter import Text
from provisioning.services.site import shipped_data


def _load() -> dict[str, dict[str, Text]]:
    text = (shipped_data() / "gateways.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, yaml.CSafeLoader)
    return {
        kind: {code: Text(entry["en"], entry["it"]) for code, entry in entries.items()}
        for kind, entries in data.items()
    }


_TEXTS = _load()

CONCERNS: Mapping[str, Text] = _TEXTS["concerns"]
"""Reasons to look at a configuration again, by code."""

OUTCOMES: Mapping[str, Text] = _TEXTS["outcomes"]
"""How an upload can end, by code."""

DEVICES: Mapping[str, Text] = _TEXTS["devices"]
"""What configuration a unit is left with, by code."""
