"""Accounts of phones and of gateways' ports, and trunks, for an Asterisk that includes our file."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioning.connect import pjsip
from provisioning.connect.pjsip_accounts import PjsipAccount, PjsipOptions, PjsipTrunk
from provisioning.services import application_settings, registrations
from provisioning.services.application_settings import ApplicationSettings
from provisioning.services.site import Site
from provisioning.store import gateways, links
from provisioning.store.tables import GatewayPort

_MODULE = "res_pjsip.so"

_Port = tuple[GatewayPort, str]
"""A port with the transport of its gateway."""

# Whoever read the accounts earlier must not write them later: a revoked secret would be back.
_writing = threading.Lock()


class NoAccountsFile(Exception):
    """The settings do not tell where the accounts can go; the text is a sentence."""


def write_accounts(site: Site) -> str:
    """Write all accounts and trunks into Asterisk's file and have it read; twice is as good.

    Returns:
        What was done, in words.

    Raises:
        NoAccountsFile: no file is set, or one that somebody else wrote.
        PjsipValueError: something that no file can hold; the file is as it was.
        OSError: the file cannot be written.
        AmiProblem: Asterisk does not read it.
    """
    with _writing:
        counted = _write(site)
    # Also where the file was right already: an earlier attempt may have failed at the reload.
    session = registrations.manager()
    if session is None:
        return f"{counted} are written; no Manager is set to have them read."
    with session as asterisk:
        asterisk.reload(_MODULE)
    return f"{counted} are written and read."


def _write(site: Site) -> str:
    """Write the file; returns what stands in it, counted."""
    settings = application_settings.get()
    if not settings.text("pjsip_file"):
        raise NoAccountsFile("The setting pjsip_file does not tell where the accounts go.")
    file = Path(settings.text("pjsip_file"))
    if not pjsip.is_ours(file):
        raise NoAccountsFile(
            "What pjsip_file names was not written here and would be lost: name another file, or "
            "remove it first."
        )
    ports = list(_ports())
    accounts = [*_of_phones(settings), *_of_ports(settings, ports)]
    trunks = list(_trunks(site, settings, ports))
    options = PjsipOptions(
        transport=settings.text("pjsip_transport"),
        outbound_proxy=settings.text("pjsip_outbound_proxy"),
    )
    pjsip.write(file, pjsip.render(accounts, options, trunks))
    return _counted(accounts, trunks)


def _counted(accounts: Sequence[PjsipAccount], trunks: Sequence[PjsipTrunk]) -> str:
    counted = f"{len(accounts)} accounts"
    return f"{counted} and {len(trunks)} trunks" if trunks else counted


def _of_phones(settings: ApplicationSettings) -> Iterator[PjsipAccount]:
    for link in links.everyone():
        yield PjsipAccount(
            number=str(link.number),
            extension=str(link.user.extension),
            name=str(link.user.display_name),
            secret=str(link.secret),
            context=settings.text("pjsip_context"),
            encryption=bool(link.encryption),
        )


def _of_ports(settings: ApplicationSettings, ports: Sequence[_Port]) -> Iterator[PjsipAccount]:
    """What telephones at gateways register; the gateway's transport decides about SRTP."""
    for port, transport in ports:
        if port.extension:
            user = port.user
            yield PjsipAccount(
                number=str(port.extension),
                extension=str(user.extension if user else port.extension),
                name=str(port.display_name or (user.display_name if user else port.extension)),
                secret=str(port.secret),
                context=settings.text("pjsip_context"),
                encryption=transport == "tls",
            )


def _trunks(
    site: Site, settings: ApplicationSettings, ports: Sequence[_Port]
) -> Iterator[PjsipTrunk]:
    for port, transport in ports:
        model = site.gateways.models.get(str(port.gateway.model))
        if port.trunk_name and model is not None:
            yield PjsipTrunk(
                name=str(port.trunk_name),
                secret=str(port.secret),
                context=settings.text("pjsip_trunk_context"),
                channels=model.line.channels,
                encryption=transport == "tls",
            )


def _ports() -> Iterator[_Port]:
    """The ports that are switched on."""
    for port in gateways.all_ports():
        if port.enabled:
            yield port, str(port.gateway.settings["transport"])
