"""Import of phones: registered or changed by their MAC address, given to users, with settings."""

from collections.abc import Iterator
from dataclasses import replace

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.mac import MacAddress
from provisioning.engine.table_columns import SETTING
from provisioning.engine.table_errors import CellErrors
from provisioning.engine.table_file import Row, Table
from provisioning.services import link_batches, own_accounts, phone_batches
from provisioning.services.imports.addresses import address_of, refuse_address
from provisioning.services.imports.phone_cells import PhoneCells
from provisioning.services.imports.phone_layouts import PhoneLayouts
from provisioning.services.imports.phone_links import PhoneLinks
from provisioning.services.imports.plans import Draft, Plan, carried_out
from provisioning.services.phone_batches import PhoneState
from provisioning.services.phones import FACTS
from provisioning.services.site import Site
from provisioning.services.table_cells import nearest
from provisioning.services.tables import columns_of


def import_phones(
    site: Site, data: bytes, *, dry_run: bool = False, create_only: bool = False, by: str
) -> Plan:
    """Register and change the phones of a table, all or nothing; twice is as good as once.

    Args:
        site: the site.
        data: a file of the columns ``phones`` (``templates/tables.yaml``).
        dry_run: tell what would happen; change nothing.
        create_only: a phone that is registered already is an error.
        by: who asked, for the history.

    Returns:
        What was done, or why nothing was.
    """

    def draft(table: Table) -> Draft:
        return _Import(site, table, create_only=create_only).draft(by=by)

    return carried_out(data, columns_of(site, "phones"), draft, dry_run=dry_run)


def _addressed(rows: tuple[Row, ...], errors: CellErrors) -> Iterator[tuple[Row, MacAddress]]:
    """The rows whose ``mac`` is one."""
    for row in rows:
        if mac := address_of(row):
            yield row, mac
        else:
            refuse_address(row, errors)


class _Import:
    def __init__(self, site: Site, table: Table, *, create_only: bool):
        self._site = site
        self._create_only = create_only
        self._draft = Draft(table.errors)
        _warn_of_settings(site.catalogue, table.columns, self._draft.warnings)
        self._rows = self._each_once(table)
        macs = [str(mac) for _, mac in self._rows]
        self._present = phone_batches.read(macs)
        self._cells = PhoneCells(site, table.errors)
        self._links = PhoneLinks(macs, table.errors, self._draft.warnings)
        self._layouts = PhoneLayouts(macs, table.errors)
        self._new: dict[str, PhoneState] = {}
        self._changed: dict[str, tuple[PhoneState, PhoneState]] = {}

    def draft(self, *, by: str) -> Draft:
        for row, mac in self._rows:
            self._read(row, mac)
        links = self._links.changes()

        def write() -> None:
            phone_batches.create(self._new, by=by)
            phone_batches.change(self._changed, by=by)
            self._layouts.write(self._site, by=by)
            link_batches.write(links, by=by)

        self._draft.write = write
        return self._draft

    def _each_once(self, table: Table) -> list[tuple[Row, MacAddress]]:
        """The rows with an address, the first of each."""
        found: dict[MacAddress, Row] = {}
        for row, mac in _addressed(table.rows, table.errors):
            if mac in found:
                detail = (
                    f"Rows {found[mac].number} and {row.number} are about the same phone, {mac}."
                )
                table.errors.add(row.number, "mac", row["mac"], detail, "one row a phone")
            else:
                found[mac] = row
        return [(row, mac) for mac, row in found.items()]

    def _read(self, row: Row, mac: MacAddress) -> None:
        present = self._present.get(str(mac))
        if present is None:
            self._look_at_new(row, mac)
        elif self._create_only:
            detail = f"{mac} is registered already."
            self._draft.errors.add(row.number, "mac", row["mac"], detail, "a new phone")
        before = present or PhoneState()
        after = self._cells.state(row, before)
        owner_changes = self._links.read(row, str(mac))
        if self._links.unlinks(str(mac)):
            after = self._without_account(before, after)
        changes = list(_changes(before, after))
        if owner_changes:
            changes.append("user" if row["user"] else "extension")
        if self._layouts.read(row, str(mac)):
            changes.append("layout")
        self._draft.add(row.number, str(mac), exists=present is not None, changes=tuple(changes))
        if present is None:
            self._new[str(mac)] = after
        elif after != before:
            self._changed[str(mac)] = (before, after)

    def _without_account(self, before: PhoneState, after: PhoneState) -> PhoneState:
        """As a phone that is unlinked by itself: its own settings keep no account of it."""
        own = own_accounts.without(
            self._site.catalogue,
            link_batches.LINE,
            before=before.variables,
            after=after.variables,
        )
        return replace(after, variables=own)

    def _look_at_new(self, row: Row, mac: MacAddress) -> None:
        if str(mac) in self._cells.models:
            detail = f"A model has the id {mac}."
            self._draft.errors.add(row.number, "mac", row["mac"], detail, "another address")
        if self._site.library.vendor_of(mac) is None:
            detail = f"No vendor is known to use addresses like {mac.oui}; its model decides."
            self._draft.warnings.add(row.number, "mac", row["mac"], detail)


def _changes(before: PhoneState, after: PhoneState) -> Iterator[str]:
    """The columns in which two states differ."""
    for name in ("model", "display_name"):
        if getattr(before, name) != getattr(after, name):
            yield name
    for name in FACTS:
        if getattr(before.facts, name) != getattr(after.facts, name):
            yield name
    for name in {**before.variables, **after.variables}:
        if before.variables.get(name) != after.variables.get(name):
            yield f"{SETTING}{name}"


def _warn_of_settings(catalogue: Catalogue, columns: tuple[str, ...], warnings: CellErrors) -> None:
    """Tell of columns for settings that do nothing, or that only the site's templates can read."""
    names = {name: name for name in catalogue.parameters}
    for column in columns:
        name = column.removeprefix(SETTING)
        if name == column:
            continue
        parameter = catalogue.find(name)
        if parameter is None:
            detail = "Nothing shipped reads this setting; a template of the site may."
            allowed = nearest(name, names, otherwise="a name of the list of settings")
            warnings.add(1, column, column, detail, allowed)
        elif parameter.writer == "runtime":
            detail = "This setting is computed for each request: what is stored has no effect."
            warnings.add(1, column, column, detail)
