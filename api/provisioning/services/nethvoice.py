"""Accounts that NethVoice makes for linked phones."""

from provisioning.connect.nethvoice import NethVoice, NethVoiceError
from provisioning.engine.mac import MacAddress
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


def settle(mac: MacAddress, line: int, released: str | None) -> str:
    """Bring NethVoice to what stands here about one account; twice is as good as once.

    Args:
        mac: the phone.
        line: its account.
        released: a number that the account had and no longer has.

    Returns:
        What was done, in words.

    Raises:
        NethVoiceProblem: it could not be done.
    """
    done = []
    with client() as nethvoice:
        holder = links.with_number(released) if released else None
        # Somebody else may have been given the number here; only once NethVoice has made that
        # account too it is no longer the one to be released.
        if released and not (holder and holder.confirmed):
            nethvoice.release_account(released)
            done.append(f"{released} is released")
        link = links.find(str(mac), line)
        if link is not None and not link.confirmed:
            number = _make(nethvoice, mac, link)
            done.append(f"{number} is made")
    return f"{', '.join(done) or 'nothing was to be done'}."


def _make(nethvoice: NethVoice, mac: MacAddress, link: Link) -> str:
    """Make the account of a link, unless an earlier attempt made it and could not write it down."""
    extension = str(link.user.extension)
    made = nethvoice.account(mac)
    if made is None or not made.extension.endswith(extension):
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
