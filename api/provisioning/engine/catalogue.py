"""The catalogue of settings, ``templates/parameters.yaml``.

The API's check, the form, the CSV columns and the manual follow from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from provisioning.engine.catalogue_file import CatalogueFileError, read_catalogue
from provisioning.engine.parameter import Choice, Parameter, Text
from provisioning.engine.values import (
    FieldError,
    ValueNotAllowed,
    VariablesRefused,
    checked_form,
    stored_form,
)

__all__ = [
    "Catalogue",
    "CatalogueFileError",
    "Choice",
    "FieldError",
    "Parameter",
    "Text",
    "ValueNotAllowed",
    "VariablesRefused",
    "stored_form",
]

_INDEX = re.compile("[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All settings the product knows, in the order of the file."""

    categories: Mapping[str, Text]
    parameters: Mapping[str, Parameter]
    """By name without index."""
    defaults: Mapping[str, str]
    """The shipped defaults scope, in the order Tancredi shows it."""

    @classmethod
    def load(cls, path: Path) -> "Catalogue":
        """Read ``parameters.yaml``; its head describes the members.

        Raises:
            CatalogueFileError: the file cannot be used; it tells every mistake with line and entry.
        """
        categories, parameters = read_catalogue(path)
        return cls(
            categories=MappingProxyType(categories),
            parameters=MappingProxyType({found.name: found for found in parameters}),
            defaults=MappingProxyType(
                {found.name: found.default for found in parameters if found.default is not None}
            ),
        )

    def find(self, name: str) -> Parameter | None:
        """The setting behind a public name, or None for a name the catalogue does not know.

        ``linekey_type_12`` is the setting ``linekey_type``; ``linekey_type``, ``linekey_type_0``
        and ``linekey_type_01`` are none.
        """
        parameter = self.parameters.get(name)
        if parameter is not None and parameter.index is None:
            return parameter
        base, _, number = name.rpartition("_")
        parameter = self.parameters.get(base)
        if parameter is None or parameter.index is None or not _INDEX.fullmatch(number):
            return None
        return parameter

    def is_secret(self, name: str) -> bool:
        """Whether the value must not be shown; a name nobody knows is judged by its words."""
        parameter = self.find(name)
        if parameter is not None:
            return parameter.secret
        lower = name.lower()
        return "password" in lower or "secret" in lower or lower.endswith("pw")

    def check(self, variables: Mapping[str, object]) -> dict[str, str | None]:
        """Convert a client's values to the form in which they are stored, checking all of them.

        Args:
            variables: values of a JSON object, as :func:`stored_form` takes them. A name the
                catalogue does not know may hold any text.

        Raises:
            VariablesRefused: it names every wrong field.
        """
        return checked_form(variables, self._check)

    def _check(self, name: str, text: str) -> str:
        parameter = self.find(name)
        return text if parameter is None else parameter.check(text)
