"""Accounts that NethVoice makes for linked phones."""

from provisioning.connect.nethvoice import DeviceAccount, NethVoice, NethVoiceError
from provisioning.connect.turns import turn_of
from provisioning.engine.mac import MacAddress
from provisioning.engine.numbers import MAX_DEVICES, numbers_of
from provisioning.services import application_settings
from provisioning.store import links
from provisioning.store.database import configuration_change
from provisioning.store.tables import Link

_SECONDS = 20.0


def client() -> NethVoice:
    """A client by the settings."""
    settings = application_settings.get()
    return NethVoice(
        settings.text("nethvoice_url"),
        settings.text("nethvoice_user"),
        settings.text("nethvoice_password"),
        settings.text("nethvoice_secret"),
        timeout=_SECONDS,
    )


def settle(
    mac: MacAddress,
    line: int,
    released: str | None,
    *,
    anew: bool = False,
    encryption: bool = False,
) -> str:
    """Bring NethVoice to what stands here about one account; twice is as good as once.

    Args:
        mac: the phone.
        line: its account.
        released: a number that NethVoice has to take from the phone that had it.
        anew: the account that the phone has is not of NethVoice: it makes one in its place.
        encryption: whether TLS and SRTP of an account that was made are to be switched as well.

    Returns:
        What was done, in words.

    Raises:
        NethVoiceProblem: it could not be done.
    """
    done = []
    # Two changes of a phone are two operations: both at once would make two accounts for it.
    with turn_of(("nethvoice", mac)), client() as nethvoice:
        if released and _is_released(nethvoice, released):
            nethvoice.release_account(released)
            done.append(f"{released} is released")
        link = links.find(str(mac), line)
        if link is not None and (anew or not link.confirmed):
            number = _make(nethvoice, mac, link)
            done.append(f"{number} is made")
        elif link is not None and encryption:
            nethvoice.set_encryption(str(link.number), encryption=bool(link.encryption))
            done.append(f"encryption of {link.number} is switched")
    return f"{', '.join(done) or 'nothing was to be done'}."


def _is_released(nethvoice: NethVoice, number: str) -> bool:
    """Whether a number that NethVoice has is on a phone that no longer has it here.

    An account that moves to another phone keeps its number: NethVoice gives the lowest free one, so
    it must take the number from the phone before it makes the account for the next.
    """
    link = links.with_number(number)
    if link is None or link.confirmed:
        return link is None
    made = nethvoice.account(MacAddress.parse(link.phone_id))  # by an earlier attempt
    return made is None or made.extension != number


def _make(nethvoice: NethVoice, mac: MacAddress, link: Link) -> str:
    """Make the account of a link, unless an earlier attempt made it and could not write it down."""
    extension = str(link.user.extension)
    made = nethvoice.account(mac)
    if made is None or made.extension not in numbers_of(extension, MAX_DEVICES):
        _refuse_to_drop(mac, link, made)
        nethvoice.make_account(mac, extension, model=str(link.phone.model), line=link.line)
        made = nethvoice.account(mac)
    if made is None:
        raise NethVoiceError("NethVoice made an account and does not tell its secret.")
    nethvoice.set_encryption(made.extension, encryption=bool(link.encryption))
    with configuration_change():
        other = links.with_number(made.extension)
        if other is not None and (other.phone_id, other.line) != (str(mac), link.line):
            raise NethVoiceError(
                f"NethVoice made the number {made.extension}, which {other.phone_id} has here."
            )
        links.confirm(str(mac), link.line, number=made.extension, secret=made.secret)
    return made.extension


def _refuse_to_drop(mac: MacAddress, link: Link, made: DeviceAccount | None) -> None:
    """NethVoice has one account for a phone: making the next silently drops it."""
    other = links.with_number(made.extension) if made else None
    if other is not None and other.phone_id == str(mac) and other.line != link.line:
        raise NethVoiceError(
            f"NethVoice has one account for a phone, and this one has {other.number}."
        )
