"""Which key layouts are applied to the very phones of a table."""

from collections.abc import Sequence
from dataclasses import replace

from provisioning.engine.table_errors import CellErrors
from provisioning.engine.table_file import Row
from provisioning.engine.values import shown
from provisioning.services import layouts
from provisioning.services.imports.phone_cells import listed
from provisioning.services.site import Site
from provisioning.services.table_cells import INHERIT, NONE, nearest
from provisioning.store import layouts as stored


class PhoneLayouts:
    """Reads rows, then writes one change a layout; what is wrong is noted."""

    def __init__(self, macs: Sequence[str], errors: CellErrors):
        self._errors = errors
        self._names = {str(row.name): str(row.name) for row in stored.list_all()}
        self._present = stored.of_phones(macs)
        self._added: dict[str, set[str]] = {}
        self._removed: dict[str, set[str]] = {}

    def read(self, row: Row, mac: str) -> bool:
        """Read which layouts a phone is to have; returns whether that changes."""
        cell = row["layout"]
        if not cell:
            return False
        wanted = set() if cell in (INHERIT, NONE) else set(listed(cell.split("|")))
        for name in sorted(wanted - self._names.keys()):
            detail = f'There is no key layout "{shown(name)}".'
            allowed = nearest(name, self._names, otherwise="the name of a key layout")
            self._errors.add(row.number, "layout", cell, detail, allowed)
        present = set(self._present[mac])
        for name in wanted - present:
            self._added.setdefault(name, set()).add(mac)
        for name in present - wanted:
            self._removed.setdefault(name, set()).add(mac)
        return wanted != present

    def write(self, site: Site, *, by: str) -> None:
        """Apply the layouts, inside a transaction in which the phones are registered."""
        for name in sorted({*self._added, *self._removed}):
            uses = layouts.get(name).uses
            phones = {*uses.phones, *self._added.get(name, ())} - self._removed.get(name, set())
            new_uses = replace(uses, phones=tuple(sorted(phones)))
            layouts.change(site, name, uses=new_uses, by=by)
