"""The columns of the tables that are imported and exported, ``templates/tables.yaml``.

The reader's check of the header line, what an export writes and the manual follow from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.parameter import Text

SETTING = "set:"
"""What the name of a column for a setting of a phone begins with."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and what it means."""

    name: str
    """In lower case; :data:`SETTING` stands for all columns that begin so."""
    required: bool
    example: str
    help: Text


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that one kind of table may have."""

    known: tuple[Column, ...]
    """In the order in which an export writes them."""
    catalogue: Catalogue
    """Which settings there are."""

    def find(self, written: str) -> str | None:
        """The column that somebody means: blanks around the name and capitals do not matter.

        Returns:
            Its name, e.g. ``mac`` or ``set:language``; None if there is no such column. A setting
            that the catalogue does not know keeps its capitals: the site's own templates may read
            it.
        """
        text = written.strip()
        lower = text.lower()
        if lower.startswith(SETTING):
            return self._setting(text[len(SETTING) :].strip())
        return lower if any(column.name == lower for column in self.known) else None

    def is_secret(self, name: str) -> bool:
        """Whether the cells of a column must not be shown."""
        return name.startswith(SETTING) and self.catalogue.is_secret(name[len(SETTING) :])

    @property
    def fixed(self) -> tuple[str, ...]:
        """The names of all columns but those of settings."""
        return tuple(column.name for column in self.known if column.name != SETTING)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that may not be missing."""
        return tuple(column.name for column in self.known if column.required)

    @property
    def in_words(self) -> str:
        """Which columns there are, for an error."""
        names = [f"{c.name} (required)" if c.required else c.name for c in self.known]
        return ", ".join(f"{name}<setting>" if name == SETTING else name for name in names)

    def _setting(self, name: str) -> str | None:
        if not name or SETTING not in (column.name for column in self.known):
            return None
        if self.catalogue.find(name) is None and self.catalogue.find(name.lower()):
            name = name.lower()
        return f"{SETTING}{name}"


def load_columns(path: Path) -> Mapping[str, tuple[Column, ...]]:
    """Read ``tables.yaml``: the columns by kind of table; its head describes the members."""
    data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {
        kind: tuple(_column(name, entry) for name, entry in columns.items())
        for kind, columns in data.items()
    }


def _column(name: str, entry: Mapping[str, Any]) -> Column:
    return Column(
        name=name,
        required=entry.get("required", False),
        example=entry["example"],
        help=Text(entry["help"]["en"], entry["help"]["it"]),
    )
