"""Commands of ``provisioning`` that import and export tables (CSV)."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import IO, Any

import click

from provisioning.engine.table_errors import CellError
from provisioning.engine.table_file import MAX_BYTES
from provisioning.services import exports
from provisioning.services.imports.gateways import import_gateways
from provisioning.services.imports.keys import import_keys
from provisioning.services.imports.phones import import_phones
from provisioning.services.imports.plans import Plan, TableImport
from provisioning.services.imports.users import import_users
from provisioning.services.phone_lists import Filter
from provisioning.services.site import Site


@dataclass(frozen=True, slots=True)
class Shell:
    """What the group of commands hands to each."""

    open_site: Callable[[], Site]
    """Opens the site by the environment's settings."""
    actor: str
    """How the history names whoever types."""


def _import(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and the options that all imports share."""
    options = (
        click.option("--json", "as_json", is_flag=True, help="One JSON object a line."),
        click.option(
            "--create-only", is_flag=True, help="Refuse rows about what is there already."
        ),
        click.option("--dry-run", is_flag=True, help="Tell what would happen; write nothing."),
    )
    for option in options:
        command = option(command)
    return click.argument("file", type=click.File("rb"))(click.pass_obj(command))


@click.command("import-phones")
@_import
def import_phones_command(shell: Shell, **given: Any) -> None:
    """Register and change the phones of FILE, a table (CSV); - is standard input.

    All rows or none: with an error nothing is written, and the exit status is 1. A phone is known
    by its address (column mac); empty cells leave things as they are. The columns: docs/en/csv.md.

    Example: provisioning import-phones phones.csv --dry-run
    """
    _run(shell, import_phones, **given)


@click.command("import-users")
@_import
def import_users_command(shell: Shell, **given: Any) -> None:
    """Add and change the users of FILE, a table (CSV); - is standard input.

    All rows or none: with an error nothing is written, and the exit status is 1. Users who are not
    in the table stay. The columns: docs/en/csv.md.

    Example: provisioning import-users users.csv
    """
    _run(shell, import_users, **given)


@click.command("import-keys")
@_import
def import_keys_command(shell: Shell, **given: Any) -> None:
    """Replace the keys of FILE, a table (CSV), on phones, key layouts and models.

    - is standard input. All rows or none: with an error nothing is written, and the exit status
    is 1. Keys that are not in the table stay. The columns: docs/en/csv.md.

    Example: provisioning import-keys keys.csv --dry-run
    """
    _run(shell, import_keys, **given)


@click.command("import-gateways")
@_import
def import_gateways_command(shell: Shell, **given: Any) -> None:
    """Register and change the gateways and ports of FILE, a table (CSV); - is standard input.

    All rows or none: with an error nothing is written, and the exit status is 1. A row tells of a
    gateway (column mac) or of one of its ports; ports that are not in the table stay. The columns:
    docs/en/csv.md.

    Example: provisioning import-gateways gateways.csv --dry-run
    """
    _run(shell, import_gateways, **given)


@click.command("export-phones")
@click.option("--settings", is_flag=True, help="With the phones' own settings, but for keys.")
@click.option("--secrets", is_flag=True, help="With secret settings too; the history keeps that.")
@click.pass_obj
def export_phones_command(shell: Shell, *, settings: bool, secrets: bool) -> None:
    """Write all phones as a table (CSV) that can be imported again.

    Example: provisioning export-phones --settings > phones.csv
    """
    site = shell.open_site()
    _write(exports.phones(site, Filter(), settings=settings, secrets=secrets, by=shell.actor))


@click.command("export-users")
@click.pass_obj
def export_users_command(shell: Shell) -> None:
    """Write all users as a table (CSV) that can be imported again.

    Example: provisioning export-users > users.csv
    """
    _write(exports.all_users(shell.open_site()))


@click.command("export-keys")
@click.pass_obj
def export_keys_command(shell: Shell) -> None:
    """Write the keys that layouts, models and phones set as a table (CSV).

    Example: provisioning export-keys > keys.csv
    """
    _write(exports.keys(shell.open_site()))


@click.command("export-gateways")
@click.pass_obj
def export_gateways_command(shell: Shell) -> None:
    """Write all gateways and the ports they use as a table (CSV); no secrets.

    Example: provisioning export-gateways > gateways.csv
    """
    _write(exports.gateways(shell.open_site()))


COMMANDS = (
    import_phones_command,
    import_users_command,
    import_keys_command,
    import_gateways_command,
    export_phones_command,
    export_users_command,
    export_keys_command,
    export_gateways_command,
)


def _run(
    shell: Shell,
    import_: TableImport,
    *,
    file: IO[bytes],
    dry_run: bool,
    create_only: bool,
    as_json: bool,
) -> None:
    site = shell.open_site()
    data = file.read(MAX_BYTES + 1)  # one more is enough to be refused
    plan = import_(site, data, dry_run=dry_run, create_only=create_only, by=shell.actor)
    _show(plan, as_json=as_json)
    counted = ", ".join(f"{n} {what}" for what, n in plan.counts.items() if n) or "no rows"
    click.echo(f"{'' if plan.applied else 'Nothing was written. '}{counted}", err=True)
    if plan.errors:
        sys.exit(1)


def _show(plan: Plan, *, as_json: bool) -> None:
    """One line for each error, warning and row that changes something; as JSON for each row."""
    for error in plan.errors:
        _show_cell("error", error, as_json=as_json)
    for warning in plan.warnings:
        _show_cell("warning", warning, as_json=as_json)
    for row in plan.rows:
        if as_json:
            _echo_json(asdict(row))
        elif row.changes or row.action == "create":
            what = ", ".join(row.changes)
            click.echo(_one_line(f"row {row.row}: {row.action} {row.subject}  {what}").rstrip())
    for more, what in ((plan.more_errors, "errors"), (plan.more_warnings, "warnings")):
        if more:
            click.echo(f"{more} more {what} are not listed.", err=True)


def _show_cell(kind: str, found: CellError, *, as_json: bool) -> None:
    if as_json:
        _echo_json({"kind": kind, **asdict(found)})
        return
    place = "file" if found.row is None else f"row {found.row}"
    column = f", column {found.column}" if found.column else ""
    said = "" if kind == "error" else f"{kind}: "
    allowed = f" Allowed: {found.allowed}." if found.allowed else ""
    click.echo(_one_line(f"{place}{column}: {said}{found.detail}{allowed}"))


def _echo_json(found: Mapping[str, object]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False))


def _one_line(text: str) -> str:
    """A line break or an escape sequence in a cell must not begin a line or paint the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _write(table: bytes) -> None:
    click.echo(table, nl=False)
