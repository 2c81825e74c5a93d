"""Accounts of linked phones for an Asterisk that includes our file."""

from pathlib import Path

from provisioning.connect import pjsip
from provisioning.connect.pjsip import PjsipAccount, PjsipOptions
from provisioning.services import application_settings, registrations
from provisioning.store import links

_MODULE = "res_pjsip.so"


class NoAccountsFile(Exception):
    """The settings do not tell where the accounts go; the text is a sentence."""


def write_accounts() -> str:
    """Write all accounts into Asterisk's file and have it read; twice is as good as once.

    Returns:
        What was done, in words.

    Raises:
        NoAccountsFile: no file is set.
        PjsipValueError: something that no file can hold; the file is as it was.
        OSError: the file cannot be written.
        AmiProblem: Asterisk does not read it.
    """
    settings = application_settings.get()
    if not settings.text("pjsip_file"):
        raise NoAccountsFile("The setting pjsip_file does not tell where the accounts go.")
    accounts = [
        PjsipAccount(
            number=str(link.number),
            extension=str(link.user.extension),
            name=str(link.user.display_name),
            secret=str(link.secret),
            context=settings.text("pjsip_context"),
            encryption=bool(link.encryption),
        )
        for link in links.everyone()
    ]
    options = PjsipOptions(
        transport=settings.text("pjsip_transport"),
        outbound_proxy=settings.text("pjsip_outbound_proxy"),
    )
    pjsip.write(Path(settings.text("pjsip_file")), pjsip.render(accounts, options))
    # Also where the file was right already: an earlier attempt may have failed at the reload.
    session = registrations.manager()
    if session is None:
        return f"{len(accounts)} accounts are written; no Manager is set to have them read."
    with session as asterisk:
        asterisk.reload(_MODULE)
    return f"{len(accounts)} accounts are written and read."
