"""Which key layouts apply to a phone, told of layouts that are not stored as they will be.

Delivery lets the database choose them (``store.devices``); a test holds both against each other.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from provisioning.engine.layouts import USES, Fill
from provisioning.services import layouts
from provisioning.services.layouts import LayoutDetails, Uses


@dataclass(frozen=True, slots=True)
class Keys:
    """What a layout sets."""

    variables: Mapping[str, str]
    fills: Sequence[Fill]


class AppliedLayouts:
    """Layouts with their uses."""

    def __init__(self, found: Iterable[LayoutDetails]):
        self._text = lru_cache(maxsize=256)(self._written)
        self._keys: dict[str, Keys] = {}
        self._uses: dict[tuple[str, str], list[str]] = {}
        for layout in found:
            self.put(layout.name, Keys(layout.variables, layout.fills), layout.uses)

    @classmethod
    def stored(cls, *, without: str = "") -> "AppliedLayouts":
        """All layouts as they are, but for one."""
        return cls(layout for layout in layouts.list_all() if layout.name != without)

    def put(self, name: str, keys: Keys, uses: Uses) -> None:
        """Add a layout."""
        self._text.cache_clear()
        self._keys[name] = keys
        for kind, targets in zip(USES, (uses.models, uses.tags, uses.phones), strict=True):
            for target in dict.fromkeys(targets):
                self._uses.setdefault((kind, target), []).append(name)

    def of(self, *, model: str, tags: Iterable[str], mac: str) -> str:
        """The layouts of a phone as ``StoredDevice.layouts`` holds them.

        Args:
            model: the phone's model.
            tags: its tags.
            mac: its MAC id.
        """
        by_tag = [name for tag in tags for name in self._uses.get(("tag", tag), ())]
        names = (
            *sorted(self._uses.get(("model", model), ())),
            *sorted(by_tag),
            *sorted(self._uses.get(("phone", mac), ())),
        )
        return self._text(names)

    def _written(self, names: tuple[str, ...]) -> str:
        return json.dumps([self._document(name) for name in names])

    def _document(self, name: str) -> dict[str, object]:
        keys = self._keys[name]
        return {
            "name": name,
            "variables": dict(keys.variables),
            "fills": [asdict(fill) for fill in keys.fills],
        }
