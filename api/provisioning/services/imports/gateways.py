"""Import of gateways: a row tells of a gateway, or of one of its ports.

A gateway is written as it is read, in a transaction that an error or a dry run takes back: so every
row is held against what the rows before it have taken, numbers and addresses included.
"""

import re
from dataclasses import dataclass, field, fields, replace
from typing import Any

from provisioning.engine.gateways.brands import GatewayModel
from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.mac import MacAddress
from provisioning.engine.table_errors import TableRefused
from provisioning.engine.table_file import Row, Table, read_table
from provisioning.engine.values import shown
from provisioning.services.errors import AlreadyExists
from provisioning.services.gateways import changing, states
from provisioning.services.gateways.states import FoundGateway, PortState
from provisioning.services.imports.addresses import address_of, refuse_address
from provisioning.services.imports.plans import Draft, Plan
from provisioning.services.site import Site
from provisioning.services.table_cells import INHERIT, NONE, as_text, nearest
from provisioning.services.tables import columns_of
from provisioning.store import gateways as stored
from provisioning.store import users as stored_users
from provisioning.store.database import transaction

_MEMBERS = {
    "name": "name", "model": "model", "ip": "address", "mask": "netmask", "gateway": "router",
    "dns": "dns", "pbx_host": "pbx_host", "proxy": "proxy",
}  # fmt: skip
"""The member of a gateway that a column is about."""

_COLUMNS = {member: column for column, member in _MEMBERS.items()} | {
    "mac": "mac", "number": "port", "protocol": "value", "line_number": "value",
    "user": "value", "extension": "value", "display_name": "display_name", "trunk_name": "port",
    "trunk_number": "port",
}  # fmt: skip
_NEEDED = ("name", "model", "ip", "mask", "gateway")
_PORT = re.compile("[1-9][0-9]?")


class _TakenBack(Exception):
    """The transaction is to leave no trace."""


def import_gateways(
    site: Site, data: bytes, *, dry_run: bool = False, create_only: bool = False, by: str
) -> Plan:
    """Register and change the gateways and ports of a table, all or nothing.

    Ports that are not in the table stay as they are.

    Args:
        site: the site.
        data: a file of the columns ``gateways`` (``templates/tables.yaml``).
        dry_run: tell what would happen; change nothing.
        create_only: a gateway or port that is used already is an error.
        by: who asked, for the history.

    Returns:
        What was done, or why nothing was.
    """
    try:
        table = read_table(data, columns_of(site, "gateways"))
        with transaction():
            found = _Import(site, table, create_only=create_only).draft(by=by)
            if dry_run or not found.does_something:
                raise _TakenBack
    except TableRefused as refused:
        return Plan((), refused.errors, 0, (), 0, applied=False)
    except _TakenBack:
        return found.plan()
    return found.plan(applied=True)


@dataclass
class _Wanted:
    """What the rows of one gateway say of it."""

    mac: MacAddress
    rows: list[Row] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    told_by: dict[str, Row] = field(default_factory=dict)
    """The row that tells a member, or a port by its number."""
    ports: dict[int, PortState | None] = field(default_factory=dict)
    """By number; None: it is freed."""

    @property
    def first(self) -> Row:
        """The row that stands for the gateway as a whole."""
        return self.rows[0]


class _Import:
    def __init__(self, site: Site, table: Table, *, create_only: bool):
        self._site = site
        self._create_only = create_only
        self._errors = table.errors
        self._draft = Draft(table.errors)
        users = stored_users.all_by_name()
        self._users = frozenset(users)
        self._by_extension = {str(user.extension): name for name, user in users.items()}
        # Also without the brand, and as NethVoice calls it.
        self._models = {
            word.lower(): model.id
            for model in site.gateways.models.values()
            for word in (model.id, model.id.partition("-")[2], model.key)
        }
        self._wanted: dict[str, _Wanted] = {}
        for row in table.rows:
            self._group(row)

    def draft(self, *, by: str) -> Draft:
        for wanted in self._wanted.values():
            self._import(wanted, by=by)
        return self._draft

    def _group(self, row: Row) -> None:
        if mac := address_of(row):
            self._wanted.setdefault(str(mac), _Wanted(mac)).rows.append(row)
        else:
            refuse_address(row, self._errors)

    def _import(self, wanted: _Wanted, *, by: str) -> None:
        row = stored.find(str(wanted.mac))
        before = states.read([row])[0] if row is not None else None
        self._read_members(wanted)
        model = self._model(wanted, before)
        if model is None:
            return
        for one in wanted.rows:
            self._read_port(one, wanted, before, model)
        if any(self._errors.in_row(one.number) for one in wanted.rows):
            return
        try:
            after = self._write(wanted, before, by=by)
        except GatewayRefused as refused:
            self._tell(wanted, refused, before)
        except AlreadyExists as taken:
            self._refuse(wanted.first, "mac", str(taken), "an address that no gateway has")
        else:
            self._plan(wanted, before, after)

    def _read_members(self, wanted: _Wanted) -> None:
        """What the rows say of the gateway itself; they may say it once or in every row."""
        for row in wanted.rows:
            for column, member in _MEMBERS.items():
                cell = row[column]
                if not cell:
                    continue
                value: Any = "" if cell in (INHERIT, NONE) else as_text(cell).strip()
                if member == "dns":
                    value = tuple(part.strip() for part in value.split("|") if part.strip())
                other = wanted.told_by.setdefault(member, row)
                if wanted.members.setdefault(member, value) != value:
                    detail = f"Row {other.number} says something else of the same gateway."
                    self._refuse(row, column, detail, "the same in all rows, or in one only")

    def _model(self, wanted: _Wanted, before: FoundGateway | None) -> GatewayModel | None:
        if before is None:
            missing = [c for c in _NEEDED if not wanted.members.get(_MEMBERS[c])]
            for column in missing:
                detail = "A gateway that is not registered yet needs it."
                self._refuse(wanted.first, column, detail, f"the {column} of the gateway")
            if missing:
                return None
        text = wanted.members.get("model", before.state.model if before else "")
        found = self._site.gateways.models.get(self._models.get(text.lower(), ""))
        if found is None:
            allowed = nearest(text, self._models, otherwise="the id of a model of gateways")
            row = wanted.told_by.get("model", wanted.first)
            detail = f'There is no model "{shown(text)}" of gateways.'
            self._errors.add(row.number, "model", text, detail, allowed)
        elif "model" in wanted.members:
            wanted.members["model"] = found.id
        return found

    def _read_port(
        self, row: Row, wanted: _Wanted, before: FoundGateway | None, model: GatewayModel
    ) -> None:
        cell = row["port"].strip()
        if not cell:
            for column in ("kind", "value", "display_name"):
                if row[column]:
                    self._refuse(row, "port", "It is not told which port.", f"1 to {model.ports}")
                    return
            return
        if not _PORT.fullmatch(cell) or int(cell) > model.ports:
            detail = f'{model.name} has no port "{shown(cell)}".'
            self._refuse(row, "port", detail, f"1 to {model.ports}")
            return
        number = int(cell)
        if number in wanted.ports:
            detail = f"Row {wanted.told_by[cell].number} is about the same port."
            self._refuse(row, "port", detail, "one row a port")
            return
        kind = row["kind"].strip().lower()
        if kind and kind != model.line.id:
            detail = f"The ports of {model.name} are {model.line.id}, not {shown(kind)}."
            self._refuse(row, "kind", detail, f"{model.line.id}, or nothing")
        present = before.state.port(number) if before else None
        if present is not None and self._create_only:
            self._refuse(row, "port", f"Port {number} is used already.", "a free port")
        wanted.told_by[cell] = row
        freed = row["value"] in (INHERIT, NONE)
        wanted.ports[number] = None if freed else self._port(row, number, present, model)

    def _port(
        self, row: Row, number: int, present: PortState | None, model: GatewayModel
    ) -> PortState:
        port = present or PortState(number)
        value, name = as_text(row["value"]).strip(), row["display_name"]
        if name:
            shown_name = "" if name in (INHERIT, NONE) else as_text(name)
            port = replace(port, display_name=shown_name)
        if not value:
            return port
        if "protocol" in model.line.needs:
            return replace(port, protocol=value.lower())
        if "line_number" in model.line.needs:
            return replace(port, line_number=value)
        if "extension" not in model.line.needs:
            detail = f"A port of type {model.line.id} needs no value."
            self._refuse(row, "value", detail, f"nothing, or {INHERIT} to free the port")
            return port
        user = value if value in self._users else self._by_extension.get(value)
        if user is None:
            return replace(port, user=None, extension=value)
        kept = port.extension if port.user == user else None
        return replace(port, user=user, extension=kept)

    def _write(self, wanted: _Wanted, before: FoundGateway | None, *, by: str) -> FoundGateway:
        host = self._site.public_url.hostname
        if before is None:
            given = {"mac": str(wanted.mac), "pbx_host": host, "proxy": host, **wanted.members}
            used = [port for port in wanted.ports.values() if port is not None]
            return changing.create(self._site, given, used, by=by)
        kept = (p for p in before.state.ports if p.number not in wanted.ports)
        ports = [*kept, *(port for port in wanted.ports.values() if port is not None)]
        return changing.change(self._site, wanted.mac, wanted.members, ports=ports, by=by)

    def _tell(self, wanted: _Wanted, refused: GatewayRefused, before: FoundGateway | None) -> None:
        """Each error at the row and column that it comes from."""
        kept = [
            p.number for p in (before.state.ports if before else ()) if p.number not in wanted.ports
        ]
        used = [n for n, port in wanted.ports.items() if port is not None]
        places = [*kept, *used]
        for error in refused.errors:
            parts = error.name.split("/")
            row = wanted.told_by.get(parts[0], wanted.first)
            if parts[0] == "ports":
                row = wanted.told_by.get(str(places[int(parts[1])]), wanted.first)
            column = _COLUMNS.get(parts[-1] if parts[0] == "ports" else parts[0], "")
            cell = row[column] if column else ""
            self._errors.add(row.number, column, cell, error.detail, error.allowed)

    def _plan(self, wanted: _Wanted, before: FoundGateway | None, after: FoundGateway) -> None:
        members = tuple(
            column
            for column, member in _MEMBERS.items()
            if member in wanted.members
            and (before is None or getattr(before.state, member) != getattr(after.state, member))
        )
        by_row = {wanted.told_by[str(n)].number: n for n in wanted.ports}
        for row in wanted.rows:
            own = members if row is wanted.first else ()
            number = by_row.get(row.number)
            if number is None:
                exists = before is not None
                self._draft.add(row.number, str(wanted.mac), exists=exists, changes=own)
                continue
            old = before.state.port(number) if before else None
            changes = (*own, *_changed(old, after.state.port(number)))
            subject = f"{wanted.mac} port {number}"
            self._draft.add(row.number, subject, exists=old is not None, changes=changes)

    def _refuse(self, row: Row, column: str, detail: str, allowed: str) -> None:
        self._errors.add(row.number, column, row[column], detail, allowed)


def _changed(before: PortState | None, after: PortState | None) -> tuple[str, ...]:
    """The columns that change something of a port."""
    if before is None or after is None:
        return () if before is after else ("port",)
    differing = {
        found.name
        for found in fields(PortState)
        if getattr(before, found.name) != getattr(after, found.name)
    }
    return tuple(dict.fromkeys(_COLUMNS[name] for name in sorted(differing - {"secret"})))
