"""Import of keys: a row replaces one key of a phone, a key layout or a model."""

import re
from collections.abc import Callable

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.people import KEY_KINDS, KEY_MEMBERS
from provisioning.engine.table_errors import CellError, TableRefused
from provisioning.engine.table_file import Row, Table
from provisioning.engine.values import VariablesRefused, shown
from provisioning.services.errors import NotFound
from provisioning.services.imports.addresses import address_of, refuse_address
from provisioning.services.imports.key_scopes import KeyScope, KeyScopes
from provisioning.services.imports.plans import Draft, Plan, carried_out
from provisioning.services.key_rows import KeyPlace
from provisioning.services.site import Site
from provisioning.services.table_cells import INHERIT, INHERIT_TYPE, NONE, as_text, nearest
from provisioning.services.tables import columns_of
from provisioning.store import users as stored_users

_SCOPES = ("mac", "layout", "model")
_POSITION = re.compile("[1-9][0-9]{0,3}")


def import_keys(
    site: Site, data: bytes, *, dry_run: bool = False, create_only: bool = False, by: str
) -> Plan:
    """Replace the keys of a table, all or nothing; twice is as good as once.

    Keys that are not in the table stay as they are.

    Args:
        site: the site.
        data: a file of the columns ``keys`` (``templates/tables.yaml``).
        dry_run: tell what would happen; change nothing.
        create_only: a key that is set there already is an error.
        by: who asked, for the history.

    Returns:
        What was done, or why nothing was.
    """

    def draft(table: Table) -> Draft:
        return _Import(site, table, create_only=create_only).draft(by=by)

    return carried_out(data, columns_of(site, "keys"), draft, dry_run=dry_run)


class _Import:
    def __init__(self, site: Site, table: Table, *, create_only: bool):
        if not set(_SCOPES) & set(table.columns):
            detail = "No column tells whose the keys are."
            raise TableRefused(CellError(1, "", "", detail, "a column mac, layout or model"))
        self._catalogue: Catalogue = site.catalogue
        self._rows = table.rows
        self._create_only = create_only
        self._draft = Draft(table.errors)
        self._errors = table.errors
        self._macs = {row.number: address_of(row) for row in table.rows if row["mac"]}
        self._scopes = KeyScopes(site, [mac for mac in self._macs.values() if mac])
        self._people = frozenset(stored_users.all_by_name())
        self._seen: dict[tuple[str, str, KeyPlace], int] = {}

    def draft(self, *, by: str) -> Draft:
        for row in self._rows:
            scope, place = self._scope(row), self._place(row)
            if scope is not None and place is not None:
                self._read(row, scope, place)
        self._draft.write = lambda: self._scopes.write(by=by)
        return self._draft

    def _read(self, row: Row, scope: KeyScope, place: KeyPlace) -> None:
        first = self._seen.setdefault((scope.kind, scope.name, place), row.number)
        subject = f"{scope} {place.kind} {place.number}"
        if first != row.number:
            detail = f"Rows {first} and {row.number} are about the same key, {subject}."
            self._refuse(row, "position", detail, "one row a key")
            return
        own = [value for value in place.members(scope.own).values() if value is not None]
        if own and self._create_only:
            self._refuse(row, "position", f"{subject} is set already.", "a key that is not set")
        changes = []
        for member, value in self._members(row, scope, place).items():
            setting = place.setting(member)
            if not scope.says(setting, value):
                scope.patch[setting] = value
                changes.append(member)
        exists = bool(own) or not changes
        self._draft.add(row.number, subject, exists=exists, changes=tuple(changes))

    def _scope(self, row: Row) -> KeyScope | None:
        filled = [column for column in _SCOPES if row[column]]
        if len(filled) != 1:
            detail = "A row is about one phone, one key layout or one model."
            self._refuse(row, filled[1] if filled else "", detail, "exactly one of the three")
            return None
        column, name = filled[0], as_text(row[filled[0]]).strip()
        try:
            if column == "layout":
                return self._scopes.layout(name)
            if column == "model":
                return self._scopes.model(name)
            mac = self._macs[row.number]
            if mac is None:
                refuse_address(row, self._errors)
                return None
            return self._scopes.phone(str(mac))
        except NotFound as missing:
            detail = f'There is no {missing.kind} "{shown(missing.name)}".'
            close = nearest(name, self._scopes.names(column), otherwise="one that is there")
            self._refuse(row, column, detail, close)
            return None

    def _place(self, row: Row) -> KeyPlace | None:
        kind, position = row["kind"].strip().lower(), row["position"].strip()
        if kind not in KEY_KINDS:
            detail = f'"{shown(row["kind"])}" is no kind of key.'
            self._refuse(row, "kind", detail, ", ".join(KEY_KINDS))
        if not _POSITION.fullmatch(position):
            detail = f'"{shown(row["position"])}" is not the number of a key.'
            self._refuse(row, "position", detail, "1 to 9999")
        if kind not in KEY_KINDS or not _POSITION.fullmatch(position):
            return None
        return KeyPlace(kind, int(position))

    def _members(self, row: Row, scope: KeyScope, place: KeyPlace) -> dict[str, str | None]:
        """What the key is to be; where a cell is wrong, what it is."""
        if row["type"] == INHERIT:
            self._refuse_filled(row)
            return dict.fromkeys(KEY_MEMBERS)
        wanted: dict[str, str | None] = {}
        for member in KEY_MEMBERS:
            cell, setting = row[member], place.setting(member)
            if member == "person":
                wanted[member] = self._person(row, scope.own.get(setting))
            elif cell in (INHERIT, INHERIT_TYPE):
                wanted[member] = None
            elif cell in ("", NONE):
                wanted[member] = ""
            else:
                wanted[member] = self._checked(row, member, setting, scope.applies.get(setting))
        return wanted

    def _refuse_filled(self, row: Row) -> None:
        for member in KEY_MEMBERS[1:]:
            if row[member] not in ("", INHERIT):
                detail = "The type gives the whole key back to inheritance."
                allowed = f"nothing here, or {INHERIT_TYPE} as type, if only the type is inherited"
                self._refuse(row, member, detail, allowed)

    def _person(self, row: Row, present: str | None) -> str | None:
        cell = row["person"]
        if cell in ("", INHERIT, NONE):
            return present if present == "" else None
        text = as_text(cell)
        if text == present:
            return present
        name = text if text in self._people else text.strip()
        if name not in self._people:
            detail = f'There is no user "{shown(name)}".'
            self._refuse(row, "person", detail, "the name of a user; import the users first")
        return name

    def _checked(self, row: Row, member: str, setting: str, present: str | None) -> str | None:
        text = as_text(row[member])
        if text == present:
            return text
        try:
            return self._catalogue.check({setting: text})[setting]
        except VariablesRefused as refused:
            for error in refused.errors:
                self._refuse(row, member, error.detail, error.allowed)
            return present

    def _refuse(self, row: Row, column: str, detail: str, allowed: str | Callable[[], str]) -> None:
        self._errors.add(row.number, column, row[column], detail, allowed)
