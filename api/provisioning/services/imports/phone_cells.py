"""What the cells of a row say about a phone itself: model, name, facts, settings.

A cell that says what is so already is never wrong, whatever the rules say today: what was exported
can be imported again.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from provisioning.engine.scopes import Variables, changed
from provisioning.engine.table_columns import SETTING
from provisioning.engine.table_errors import CellErrors
from provisioning.engine.table_file import Row
from provisioning.engine.values import VariablesRefused, shown
from provisioning.services.errors import BadName
from provisioning.services.phone_batches import PhoneState
from provisioning.services.phones import FACTS, Facts, checked
from provisioning.services.secrets import MASK
from provisioning.services.site import Site
from provisioning.services.table_cells import (
    INHERIT,
    INHERIT_TYPE,
    NONE,
    as_text,
    looked_up,
    nearest,
)
from provisioning.store import scopes as stored_scopes

_MAX_NAME = 200
_NAME_ALLOWED = f"one line of at most {_MAX_NAME} characters"
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")
_TAG_SEPARATOR = re.compile("[|,]")


class PhoneCells:
    """Reads rows; what is wrong with them is noted."""

    def __init__(self, site: Site, errors: CellErrors):
        self._catalogue = site.catalogue
        self._errors = errors
        own = [str(row.id) for row in stored_scopes.models()]
        self.models = {model: model for model in (*site.library.models, *own)}
        """Every model, by its id."""
        hardware = {
            word: model.id for model in site.library.models.values() for word in model.hardware
        }
        self._model_words = {**hardware, **self.models}

    def state(self, row: Row, present: PhoneState) -> PhoneState:
        """What the phone of a row is to be.

        Args:
            row: the row.
            present: what the phone is; of a new one everything is empty.
        """
        return PhoneState(
            model=self._model(row, present.model),
            display_name=self._display_name(row, present.display_name),
            variables=self._variables(row, present.variables),
            facts=self._facts(row, present.facts),
        )

    def _model(self, row: Row, present: str) -> str:
        cell = row["model"]
        if not cell or as_text(cell) == present:
            return present
        if cell in (INHERIT, NONE):
            return ""
        found = looked_up(cell, self.models)
        if found is None:
            detail = f'There is no model "{shown(cell)}".'
            allowed = nearest(cell, self._model_words, otherwise="the id of a model")
            self._errors.add(row.number, "model", cell, detail, allowed)
        return found or present

    def _display_name(self, row: Row, present: str) -> str:
        cell = row["display_name"]
        if not cell or as_text(cell) == present:
            return present
        if cell in (INHERIT, NONE):
            return ""
        text = as_text(cell)
        if len(text) > _MAX_NAME or any(unicodedata.category(c) in _INVISIBLE for c in text):
            detail = "This cannot be the name of a phone."
            self._errors.add(row.number, "display_name", cell, detail, _NAME_ALLOWED)
        return text

    def _facts(self, row: Row, present: Facts) -> Facts:
        wanted: dict[str, object] = {}
        for name in FACTS:
            cell = row[name]
            told = _tags(cell) if name == "tags" else _fact(cell)
            if not cell or told == getattr(present, name):
                continue
            try:
                fact = checked(Facts(**{name: told}))  # type: ignore[arg-type]
            except BadName as refused:
                detail = f'"{shown(refused.name)}" is not allowed here.'
                self._errors.add(row.number, name, cell, detail, refused.allowed)
            else:
                wanted[name] = getattr(fact, name)
        return replace(present, **wanted) if wanted else present  # type: ignore[arg-type]

    def _variables(self, row: Row, present: Variables) -> Variables:
        patch: dict[str, str | None] = {}
        for column, cell in row.cells.items():
            if not column.startswith(SETTING):
                continue
            name = column[len(SETTING) :]
            text = as_text(cell)
            if cell in (INHERIT, INHERIT_TYPE):
                patch[name] = None
            elif cell == NONE:
                patch[name] = ""
            elif text == MASK and self._catalogue.is_secret(name):
                self._keep_masked(row, column, present.get(name))
            elif text != present.get(name):
                patch.update(self._checked(row, name, text))
        return changed(present, patch) if patch else present

    def _checked(self, row: Row, name: str, text: str) -> dict[str, str | None]:
        try:
            return self._catalogue.check({name: text})
        except VariablesRefused as refused:
            value = "" if self._catalogue.is_secret(name) else text
            for error in refused.errors:
                column = f"{SETTING}{name}"
                self._errors.add(row.number, column, value, error.detail, error.allowed)
            return {}

    def _keep_masked(self, row: Row, column: str, present: str | None) -> None:
        if not present:
            detail = "The mask stands for no secret here."
            self._errors.add(row.number, column, "", detail, "the secret itself, or an empty cell")


def _fact(cell: str) -> str:
    return "" if cell in (INHERIT, NONE) else as_text(cell)


def _tags(cell: str) -> tuple[str, ...]:
    return () if cell in (INHERIT, NONE) else listed(_TAG_SEPARATOR.split(cell))


def listed(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a cell that lists some: in order, each once, without blanks around them."""
    return tuple(sorted({word.strip() for word in words} - {""}))
