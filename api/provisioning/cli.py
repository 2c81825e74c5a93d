"""The command ``provisioning``."""

import json
import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from provisioning import cli_tables
from provisioning.app import open_site, prepare
from provisioning.engine.mac import MacAddress
from provisioning.jobs import pnp_process, process
from provisioning.jobs.clock import clock_jobs
from provisioning.jobs.handlers import handlers
from provisioning.jobs.worker import Hanging
from provisioning.services import accounts, diagnosis, lint, phones
from provisioning.services.errors import AlreadyExists, ServiceError
from provisioning.services.findings import Finding
from provisioning.services.site import Site
from provisioning.settings import Settings, SettingsError
from provisioning.store.database import database
from provisioning.tancredi import importer
from provisioning.tancredi.datadir import DataDirectoryError

# Two for requests; the third may be held by a stream of events (rest.operation_events).
_BLOCKING_THREADS = 3
_KILL_SECONDS = 30

_ACTOR = "command line"

_DEMO_MAC = MacAddress.parse("00-15-65-00-00-01")
_DEMO_SETTINGS = {
    "account_extension_1": "201",
    "account_username_1": "201",
    "account_password_1": "not-a-secret",
    "account_display_name_1": "Front desk 201",
    "linekey_type_3": "blf",
    "linekey_value_3": "202",
    "linekey_label_3": "Workshop",
}


class _Group(click.Group):
    """Refusals end with their sentence, not with a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ServiceError, SettingsError) as refused:
            raise click.ClickException(str(refused)) from refused


@click.group(cls=_Group)
@click.version_option(package_name="ns8-provisioning")
@click.pass_context
def main(context: click.Context) -> None:
    """Zero-touch provisioning of IP phones and telephony gateways.

    Settings are environment variables PROVISIONING_*; state is kept in PROVISIONING_STATE
    (./var if it is not set).
    """
    _log_to_stderr()
    context.obj = cli_tables.Shell(_opened_site, _ACTOR)


for _command in cli_tables.COMMANDS:
    main.add_command(_command)


def _opened_site() -> Site:
    settings = Settings.from_environment()
    _tell(prepare(settings))
    return open_site(settings)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    # They tell of every run of a job, and of every request to a redirect service.
    for name in ("apscheduler", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)


@main.command()
def web() -> None:
    """Serve devices and both APIs."""
    settings = Settings.from_environment()
    _tell(prepare(settings))
    _serve(settings)


@main.command()
def worker() -> None:
    """Do operations and what happens at set times; one does, any further one waits to take over."""
    settings = Settings.from_environment()
    _tell(prepare(settings))
    _work(settings)


@main.command("pnp")
def serve_pnp() -> None:
    """Answer new phones that ask their network by SIP PnP (multicast 224.0.1.75).

    Only phones that are registered and whose first access is still open are told their address;
    unknown ones hear nothing and are listed as devices that knock. Off unless
    PROVISIONING_PNP_INTERFACES names where to listen.

    Example: PROVISIONING_PNP_INTERFACES=eth0 provisioning pnp
    """
    settings = Settings.from_environment()
    if not settings.pnp_interfaces:
        raise click.ClickException(
            "PNP is off: PROVISIONING_PNP_INTERFACES names no interface, e.g. eth0"
        )
    _tell(prepare(settings))
    pnp_process.serve(open_site(settings), settings.pnp_interfaces, settings.pnp_networks)


@main.command()
def run() -> None:
    """Serve and work, for development: prints the address, the first password, a phone to try."""
    settings = Settings.from_environment()
    password = prepare(settings)
    url = f"{settings.public_url.scheme}://{settings.public_url.netloc}"
    click.echo(f"Address   {url}/api/v1/")
    if password:
        click.echo(f"Sign in   {accounts.FIRST_ACCOUNT} / {password}   (shown once)")
    click.echo(f"A phone   {_phone_to_try(settings)}")
    with process.beside(_work_beside):
        _serve(settings)


def _work_beside(parent: int) -> None:
    _log_to_stderr()
    _work(Settings.from_environment(), parent=parent)


def _work(settings: Settings, *, parent: int | None = None) -> None:
    site = open_site(settings)
    try:
        process.work(handlers(site), clock_jobs(site), parent=parent)
    except Hanging as hanging:
        raise SystemExit(f"The worker ends, to be started anew: {hanging}") from hanging


def _serve(settings: Settings) -> None:
    server = Granian(
        "provisioning.app:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=_BLOCKING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_SECONDS,
        log_access=False,
        websockets=False,
    )
    server.serve()


def _phone_to_try(settings: Settings) -> str:
    """A curl line that plays a phone; the first start registers one for it."""
    site = open_site(settings)
    try:
        found = phones.create(
            site,
            _DEMO_MAC,
            model="yealink-T46",
            display_name="A phone to try",
            variables=_DEMO_SETTINGS,
            by=_ACTOR,
        )
    except AlreadyExists:
        found = phones.get(site, _DEMO_MAC)
    finally:
        database.close()
    url = found.provisioning_url2
    user_agent = f"Yealink SIP-T46S 66.86.0.15 {_DEMO_MAC.colons.lower()}"
    return f"curl -A '{user_agent}' {url}/{_DEMO_MAC.bare}.cfg"


@main.command("import-tancredi")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Report what would be imported; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def import_tancredi(directory: Path, *, dry_run: bool, as_json: bool) -> None:
    """Bring in DIRECTORY, Tancredi's writable data directory.

    Phones keep their tokens, so they go on with the URLs they have. It may be repeated: what is
    here already and equal stays untouched.

    Example: provisioning import-tancredi /srv/tancredi/data --dry-run > report.txt
    """
    site = _opened_site()
    try:
        rows = importer.import_directory(site, directory, dry_run=dry_run, by=_ACTOR)
    except DataDirectoryError as refused:
        raise click.ClickException(str(refused)) from refused
    for row in rows:
        if as_json:
            click.echo(json.dumps(asdict(row), ensure_ascii=False))
        else:
            click.echo(f"{row.action:<10} {row.kind:<9} {row.name}  {row.text}".rstrip())
    counted = ", ".join(f"{n} {what}" for what, n in sorted(importer.summary(rows).items()))
    click.echo(f"{'Nothing was written. ' if dry_run else ''}{counted}", err=True)


@main.command("lint")
@click.argument("names", metavar="[MAC_OR_MODEL]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def lint_settings(names: tuple[str, ...], *, as_json: bool) -> None:
    """Tell what will not work as it is set, one line a finding; without names, everywhere.

    Settings that a phone's template does not read, keys and key types its model lacks, files that
    do not exist, phones that say they are another model or run too old a firmware. The exit status
    is 1 if there is anything to tell.

    Example: provisioning lint 00-15-65-AA-BB-01 yealink-T46-reception
    """
    site = _opened_site()
    looked_through = (_lint(site, name) for name in names) if names else lint.lint_all(site)
    clean = True
    for subject, findings in looked_through:
        clean = clean and not findings
        for finding in findings:
            if as_json:
                row = {"subject": subject, **asdict(finding)}
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                # Quoted: a line break in a value must not begin a second line.
                what = f"{finding.setting}={finding.value!r}".removeprefix("=")
                click.echo(f"{subject}  {finding.code}  {what}: {finding.detail}")
    if not clean:
        sys.exit(1)


def _lint(site: Site, name: str) -> tuple[str, list[Finding]]:
    try:
        mac = MacAddress.parse(name)
    except ValueError:
        return name, lint.lint_model(site, name)
    return str(mac), lint.lint_phone(site, mac)


@main.command()
@click.argument("mac")
@click.option("--json", "as_json", is_flag=True, help="The whole diagnosis as one JSON object.")
def diagnose(mac: str, *, as_json: bool) -> None:
    """Tell why the phone MAC does not work, step by step, and what to do next.

    It need not be registered: then it tells what has knocked and how to register it. Nothing is
    changed and no phone is asked. The exit status is 1 if there is a problem.

    Example: provisioning diagnose 00-15-65-AA-BB-01
    """
    try:
        address = MacAddress.parse(mac)
    except ValueError as mistake:
        raise click.BadParameter(str(mistake), param_hint="MAC") from mistake
    found = diagnosis.diagnose(_opened_site(), address)
    if as_json:
        click.echo(json.dumps(found.document(), ensure_ascii=False))
    else:
        for step in found.steps:
            click.echo(f"{step.result:<15} {step.title.en}: {step.sentence.en}")
        if found.next_step:
            click.echo(f"\nNext: {found.next_step.sentence.en}")
    if found.result == "problem":
        sys.exit(1)


@main.group()
def token() -> None:
    """Tokens by which programs use the APIs."""


@token.command("create")
@click.argument("name")
def create_token(name: str) -> None:
    """Make a token for the program NAME and print it, once.

    Example: provisioning token create nethvoice
    """
    _tell(_open())
    click.echo(accounts.create_service_token(name, by=_ACTOR))


@token.command("list")
def list_tokens() -> None:
    """Show which programs have a token, and since when."""
    _tell(_open())
    for found in accounts.service_tokens():
        created = datetime.fromtimestamp(int(found.created_at), UTC).isoformat(timespec="seconds")
        click.echo(f"{found.name:<30} {created}")


@token.command("revoke")
@click.argument("name")
def revoke_token(name: str) -> None:
    """End the token of the program NAME at once."""
    _tell(_open())
    accounts.revoke_service_token(name, by=_ACTOR)


@main.command("set-password")
@click.argument("account", default=accounts.FIRST_ACCOUNT)
@click.password_option()
def set_password(account: str, password: str) -> None:
    """Give ACCOUNT (default: admin) a password; its sessions end."""
    first_password = _open()
    if account != accounts.FIRST_ACCOUNT:
        _tell(first_password)
    accounts.set_password(account, password, by=_ACTOR)


def _open() -> str | None:
    """Open the database; the first command on a fresh site makes the first password up."""
    return prepare(Settings.from_environment())


def _tell(first_password: str | None) -> None:
    if first_password:
        told = f"First account: {accounts.FIRST_ACCOUNT}, password: {first_password}"
        click.echo(told, err=True)
