"""What an upload puts on a gateway, where, and by which way: the same for a dry run and the deed.

A brand copies a file (Patton), or is typed parameters (Grandstream): all of them, or, where it
fetches its file by itself, only where that file is. The file may hold what no command line takes,
and comes encrypted.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from provisioning.connect.gateways.clients import Shell
from provisioning.connect.gateways.session import Credentials
from provisioning.connect.gateways.tftp import TftpServer
from provisioning.connect.gateways.upload import Target
from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.gateways.commands import Load, dry_run
from provisioning.engine.gateways.concerns import concerns
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.parameters import NotTypable
from provisioning.engine.gateways.rendering import main_file
from provisioning.engine.mac import MacAddress
from provisioning.engine.rendering import RenderingError
from provisioning.services import application_settings, pbx
from provisioning.services.gateways import states
from provisioning.services.gateways.states import FoundGateway, GatewayState
from provisioning.services.site import Site

_LOGIN_LINES = 2  # name and password
_EXAMPLE_NAME = "one-time-name.cfg"


class NoLoad(Exception):
    """There is nothing that could be put on the gateway; the code names an outcome."""

    def __init__(self, code: str, words: str = ""):
        super().__init__(words or code)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Planned:
    """An upload as it would go."""

    target: str
    """Where it logs in."""
    user: str
    then: str
    """Where the gateway is to be afterwards; empty: it fetches its file, which proves it."""
    commands: tuple[tuple[str, str], ...]
    """Phase and command, secrets masked."""
    concerns: tuple[str, ...]


def plan(site: Site, mac: MacAddress) -> Planned:
    """What an upload would send; no gateway is asked.

    Raises:
        NotFound: no such gateway.
        NoLoad: there could be no upload.
    """
    found = states.get(mac)
    gateway = configuration(site, found)
    load = made(site, gateway, found.state, _example_url(gateway))
    target, after = targets(gateway, found.state)
    return Planned(
        target=str(target.shell),
        user=target.credentials.user,
        then=str(after.shell) if after else "",
        commands=tuple((command.phase, command.shown) for command in dry_run(load)),
        concerns=tuple(_concerns(site, gateway, found)),
    )


def configuration(site: Site, found: FoundGateway) -> GatewayConfiguration:
    """The typed configuration.

    Raises:
        NoLoad: it is no longer allowed.
    """
    try:
        return states.configuration_of(site, found)
    except GatewayRefused as refused:
        raise NoLoad("not_allowed", str(refused)) from refused


def made(site: Site, gateway: GatewayConfiguration, state: GatewayState, url: str) -> Load:
    """What is put on the gateway.

    Args:
        site: the site.
        gateway: its configuration.
        state: says whether it fetches its file.
        url: from where it copies a script, if its brand does that.

    Raises:
        NoLoad: the file cannot be made, or not be typed.
    """
    try:
        if gateway.brand.dialogue.takes_file:
            return Load(gateway, script=script(site, gateway), url=url)
        kind = "pointer" if state.fetches else "text"
        return Load(gateway, parameters=site.gateway_renderer.parameters(gateway, kind))
    except RenderingError as mistake:
        raise NoLoad("not_rendered", str(mistake)) from mistake
    except NotTypable as refused:
        raise NoLoad("not_typable", str(refused)) from refused


def lines_to_send(load: Load, *, comes_back: bool) -> int:
    """How many lines are typed if all goes well, but for answers to questions.

    Args:
        load: what is put on the gateway.
        comes_back: it is visited again after its restart.
    """
    steps = load.gateway.brand.dialogue.steps
    visit = _LOGIN_LINES + sum(len(steps.get(phase, ())) for phase in ("enter", "identify"))
    again = visit + len(steps.get("leave", ())) if comes_back else 0
    return _LOGIN_LINES + len(dry_run(load)) + again


def script(site: Site, gateway: GatewayConfiguration) -> str:
    """The file that a gateway copies.

    Raises:
        RenderingError: it cannot be made.
    """
    return site.gateway_renderer.render(gateway, main_file(gateway.brand).kind).decode()


def targets(gateway: GatewayConfiguration, state: GatewayState) -> tuple[Target, Target | None]:
    """Where a gateway is and who logs in there, now and when it has its configuration.

    The second is None where the gateway only learns to fetch its file.
    """
    brand, shells = gateway.brand, gateway.brand.dialogue.shells
    here = Shell.at(shells[state.login_shell], state.current_address or state.address)
    target = Target(here, Credentials(*states.login_of(state, brand)))
    if state.fetches and not brand.dialogue.takes_file:
        return target, None
    there = Shell.at(shells[gateway.shell], str(gateway.device.ip))
    changed = bool(gateway.admin.password)
    login = Credentials(gateway.admin.user, gateway.admin.password) if changed else None
    return target, Target(there, login or target.credentials)


@contextmanager
def offered(
    site: Site, gateway: GatewayConfiguration, host: str
) -> Iterator[tuple[str, Callable[[], bool] | None]]:
    """The URL of the script while the context lasts, and whether the gateway took all of it.

    Both are empty where the brand copies none.

    Raises:
        NoLoad: no server can hand it out.
    """
    if not gateway.brand.dialogue.takes_file:
        yield "", None
        return
    address, port = _tftp_place()
    content = script(site, gateway).encode()
    with _serving(address, port) as server, server.offer(content, host) as offer:
        yield offer.url, offer.taken


_servers: dict[tuple[str, int], tuple[TftpServer, int]] = {}
_lock = threading.Lock()


@contextmanager
def _serving(address: str, port: int) -> Iterator[TftpServer]:
    """One server for all uploads that go on; it listens only while there are some."""
    key = (address, port)
    with _lock:
        server, users = _servers.get(key, (None, 0))
        if server is None:
            try:
                server = TftpServer(address, port).__enter__()
            except OSError as refused:
                reason = refused.strerror or type(refused).__name__
                raise NoLoad("no_tftp", f"UDP {address}:{port}: {reason}") from refused
        _servers[key] = (server, users + 1)
    try:
        yield server
    finally:
        with _lock:
            users = _servers.pop(key)[1] - 1
            if users:
                _servers[key] = (server, users)
            else:
                server.__exit__(None, None, None)


def _tftp_place() -> tuple[str, int]:
    settings = application_settings.get()
    address = settings.text("tftp_address")
    if not address:
        raise NoLoad("no_tftp")
    return address, settings.number("tftp_port")


def _example_url(gateway: GatewayConfiguration) -> str:
    """A URL as the script would have, for a dry run."""
    if not gateway.brand.dialogue.takes_file:
        return ""
    address, port = _tftp_place()
    return f"tftp://{address}{'' if port == 69 else f':{port}'}/{_EXAMPLE_NAME}"


def _concerns(site: Site, gateway: GatewayConfiguration, found: FoundGateway) -> Iterator[str]:
    state = found.state
    yield from concerns(gateway)
    if state.login_shell == "telnet":
        yield "telnet_in_the_clear"
    elif found.host_key is None:
        yield "host_key_unknown"
    if state.login_password is None:
        yield "factory_login"
    if gateway.brand.dialogue.takes_file:
        yield "file_in_the_clear"
    if state.fetches and site.public_url.scheme != "https":
        yield "fetch_in_the_clear"
    if not pbx.is_told_of_gateways():
        yield "pbx_not_told"
