"""The PBX: it must know the SIP accounts of linked phones.

What a change means for the PBX is written down in the transaction of the change, as an operation:
a PBX that cannot be reached leaves a pending operation with a reason, never half a link.
"""

from collections.abc import Sequence
from typing import NamedTuple

from provisioning.services import application_settings, operations
from provisioning.services.application_settings import ApplicationSettings
from provisioning.store import links

ACCOUNTS = "pbx_accounts"
"""Kind of the operation that writes all accounts into Asterisk's file."""

NETHVOICE_ACCOUNT = "nethvoice_account"
"""Kind of the operation by which NethVoice makes or releases one account."""

ALL_ACCOUNTS = "all accounts"
"""The one subject of :data:`ACCOUNTS`."""


def makes_accounts() -> bool:
    """Whether the PBX chooses numbers and secrets itself; until then a link is not confirmed."""
    return _connector() == "nethvoice"


def is_told_of_gateways() -> bool:
    """Whether trunks and accounts of gateways reach the PBX; else somebody makes them there."""
    return _connector() == "asterisk"


class AccountChange(NamedTuple):
    """An account that was linked, moved or unlinked."""

    mac: str
    line: int
    released: str | None
    """The number that it had and no longer has."""


def several_changed(changes: Sequence[AccountChange], *, by: str) -> None:
    """Accounts of many phones were linked, moved or unlinked, in this transaction."""
    if _connector() != "nethvoice":
        if changes:
            accounts_changed(by=by)
        return
    made = [f"{change.mac}/{change.line}" for change in changes if change.released is None]
    if made:
        operations.start(NETHVOICE_ACCOUNT, made, parameters={"released": None}, by=by)
    for change in changes:
        if change.released is not None:
            account_changed(change.mac, change.line, released=change.released, by=by)


def account_changed(mac: str, line: int, *, released: str | None = None, by: str) -> None:
    """An account of a phone was linked, moved or unlinked, in this transaction.

    Args:
        mac: the phone.
        line: its account.
        released: the number that it had and no longer has; or, of an account that comes from
            another phone with its number, that number: the PBX takes it from that phone first.
        by: who changed it.
    """
    if _connector() == "nethvoice":
        subject, parameters = f"{mac}/{line}", {"released": released}
        operations.start(NETHVOICE_ACCOUNT, [subject], parameters=parameters, by=by)
    else:
        accounts_changed(by=by)


def encryption_changed(mac: str, line: int, *, by: str) -> None:
    """TLS and SRTP of an account of a phone were switched, in this transaction."""
    if _connector() == "nethvoice":
        parameters = {"released": None, "encryption": True}
        operations.start(NETHVOICE_ACCOUNT, [f"{mac}/{line}"], parameters=parameters, by=by)
    else:
        accounts_changed(by=by)


def accounts_changed(*, by: str) -> None:
    """Something of the accounts changed that only a file of all of them shows, e.g. a name."""
    if _connector() == "asterisk":
        operations.start_unless_waiting(ACCOUNTS, ALL_ACCOUNTS, by=by)


_ASTERISK = (
    "pjsip_file", "pjsip_context", "pjsip_trunk_context", "pjsip_transport", "pjsip_outbound_proxy",
    "ami_host", "ami_port", "ami_user", "ami_secret",
)  # fmt: skip
_NETHVOICE = ("nethvoice_url", "nethvoice_user", "nethvoice_password", "nethvoice_secret")


def settings_changed(before: ApplicationSettings, *, by: str) -> None:
    """Settings were changed, in this transaction: the accounts there are follow them.

    Accounts that NethVoice has yet to make are ours when it is no longer to make any. Those that
    phones have already stay theirs until NethVoice has made its own.

    Args:
        before: the settings as they were.
        by: who changed them.
    """
    after = application_settings.get()
    was, now = (found.choice("pbx_connector") for found in (before, after))
    if was == "nethvoice" != now:
        links.confirm_all()
    if now == "asterisk" and (was != now or _differ(before, after, _ASTERISK)):
        accounts_changed(by=by)
    if now == "nethvoice" and (was != now or _differ(before, after, _NETHVOICE)):
        accounts = [
            f"{link.phone_id}/{link.line}"
            for link in links.everyone()
            if was != now or not link.confirmed
        ]
        if accounts:
            parameters = {"released": None, "anew": was != now}
            operations.start(NETHVOICE_ACCOUNT, accounts, parameters=parameters, by=by)


def _differ(before: ApplicationSettings, after: ApplicationSettings, names: Sequence[str]) -> bool:
    return any(before.text(name) != after.text(name) for name in names)


def _connector() -> str:
    return application_settings.get().choice("pbx_connector")
