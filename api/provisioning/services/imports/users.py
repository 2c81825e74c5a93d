"""Import of users: added or changed by their name."""

from dataclasses import replace

from provisioning.engine.numbers import EXTENSION_ALLOWED
from provisioning.engine.table_file import Row, Table
from provisioning.engine.values import shown
from provisioning.services import users
from provisioning.services.imports.plans import Draft, Plan, carried_out
from provisioning.services.site import Site
from provisioning.services.table_cells import INHERIT, NONE, as_text
from provisioning.services.tables import columns_of
from provisioning.services.users import NewUser
from provisioning.store import gateways, numbers
from provisioning.store import links as stored_links

_TEXTS = ("display_name", "email", "group")
_COLUMNS = ("display_name", "extension", "email", "group", "locked")
_LOCKED = {"1": True, "yes": True, "true": True, "sì": True, "si": True, "vero": True} | {
    "0": False, "no": False, "false": False, "falso": False,
}  # fmt: skip


def import_users(
    site: Site, data: bytes, *, dry_run: bool = False, create_only: bool = False, by: str
) -> Plan:
    """Add and change the users of a table, all or nothing; twice is as good as once.

    Users who are not in the table stay as they are.

    Args:
        site: the site.
        data: a file of the columns ``users`` (``templates/tables.yaml``).
        dry_run: tell what would happen; change nothing.
        create_only: a user who is there already is an error.
        by: who asked, for the history.

    Returns:
        What was done, or why nothing was.
    """

    def draft(table: Table) -> Draft:
        return _Import(table, create_only=create_only).draft(by=by)

    return carried_out(data, columns_of(site, "users"), draft, dry_run=dry_run)


class _Import:
    def __init__(self, table: Table, *, create_only: bool):
        self._rows = table.rows
        self._create_only = create_only
        self._draft = Draft(table.errors)
        self._errors = table.errors
        self._present = users.all_by_name()
        self._wanted: dict[str, tuple[Row, NewUser]] = {}

    def draft(self, *, by: str) -> Draft:
        for row in self._rows:
            self._read(row)
        self._check_extensions()
        created = [user for name, (_, user) in self._wanted.items() if name not in self._present]
        changed = [
            (self._present[name], user)
            for name, (_, user) in self._wanted.items()
            if name in self._present and user != self._present[name]
        ]
        self._draft.write = lambda: users.write_many(created, changed, by=by)
        return self._draft

    def _read(self, row: Row) -> None:
        cell = row["name"]
        text = as_text(cell)
        name = text if text in self._present else text.strip()
        if name in self._wanted:
            first = self._wanted[name][0].number
            detail = f'Rows {first} and {row.number} are about the same user, "{shown(name)}".'
            self._errors.add(row.number, "name", cell, detail, "one row a user")
            return
        present = self._present.get(name)
        if present is not None and self._create_only:
            detail = f'The user "{shown(name)}" is there already.'
            self._errors.add(row.number, "name", cell, detail, "a new user")
        before = present or NewUser(name, display_name=name, extension="")
        after = self._changed(row, before)
        self._check(row, before if present else None, after)
        self._wanted[name] = (row, after)
        changes = [c for c in _COLUMNS if getattr(before, c) != getattr(after, c)]
        self._draft.add(row.number, name, exists=present is not None, changes=tuple(changes))

    def _changed(self, row: Row, before: NewUser) -> NewUser:
        """A user with what the cells of a row say."""
        values: dict[str, object] = {}
        for column in _TEXTS:
            if cell := row[column]:
                values[column] = "" if cell in (INHERIT, NONE) else as_text(cell)
        if cell := row["extension"].strip():
            values["extension"] = cell
        if cell := row["locked"].strip():
            if cell.lower() in _LOCKED:
                values["locked"] = _LOCKED[cell.lower()]
            else:
                detail = f'"{shown(cell)}" is neither yes nor no.'
                self._errors.add(row.number, "locked", cell, detail, "yes or no")
        return replace(before, **values)  # type: ignore[arg-type]

    def _check(self, row: Row, before: NewUser | None, after: NewUser) -> None:
        if before is None and not after.extension:
            detail = "A new user needs an extension."
            self._errors.add(row.number, "extension", "", detail, EXTENSION_ALLOWED)
        for refused in users.refusals(after):
            column = "name" if refused.field == "user name" else refused.field
            told = column == "extension" and not after.extension
            if not told and (before is None or refused.name != getattr(before, column)):
                detail = f'"{shown(refused.name)}" is not allowed here.'
                self._errors.add(row.number, column, row[column], detail, refused.allowed)

    def _check_extensions(self) -> None:
        """Extensions must fit together when all rows are done: users may swap them."""
        asking = {
            name: (row, user.extension)
            for name, (row, user) in self._wanted.items()
            if user.extension and user.extension != self._extension_of(name)
        }
        unmoved = {
            user.extension: name for name, user in self._present.items() if name not in asking
        }
        devices = numbers.of_devices()
        linked = {str(link.user.name) for link in stored_links.of_users(list(asking))}
        ports = gateways.ports_of_users(list(asking))
        linked |= {str(port.user.name) for port in ports if port.user}
        taken: dict[str, int] = {}
        for name, (row, extension) in asking.items():
            if name in linked:
                allowed = "unlink the devices first, or leave the extension as it is"
                self._refuse(row, f"Devices hang on {self._extension_of(name)}.", allowed)
            elif extension in taken:
                detail = f"Rows {taken[extension]} and {row.number} have the same extension."
                self._refuse(row, detail, "an extension that nobody has")
            elif extension in unmoved:
                detail = f'The user "{shown(unmoved[extension])}" has the extension {extension}.'
                self._refuse(row, detail, "an extension that nobody has")
            elif extension in devices:
                detail = f"The device {devices[extension]} has the number {extension}."
                self._refuse(row, detail, "an extension that is no device's number")
            taken.setdefault(extension, row.number)

    def _extension_of(self, name: str) -> str:
        present = self._present.get(name)
        return present.extension if present else ""

    def _refuse(self, row: Row, detail: str, allowed: str) -> None:
        self._errors.add(row.number, "extension", row["extension"], detail, allowed)
