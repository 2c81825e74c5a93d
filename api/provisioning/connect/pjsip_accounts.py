"""SIP accounts of devices and trunks of gateways, and what of them ``pjsip.conf`` can hold.

Sources: those of ``pjsip``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

CODECS = ("ulaw", "alaw", "g722", "gsm", "g726", "vp8")

TRUNK_CODECS = ("g729", "alaw", "ulaw")
"""Of the lines of gateways, as in NethVoice 8."""

_NUMBER = re.compile(r"[0-9]{1,15}")
_SECTION_NAME = re.compile(r"[A-Za-z0-9_.+-]{1,79}")
_MAILBOXES = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+(?:,[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+)*")
_SIP_URI = re.compile(r"sips?:[A-Za-z0-9._~@:\[\];=+%-]+")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAX_SECRET = 255


class PjsipValueError(ValueError):
    """A value that cannot be written; ``reason`` never repeats a secret."""

    def __init__(self, owner: str, member: str, reason: str):
        super().__init__(f"{owner}: {member} {reason}")
        self.owner = owner
        """Number of the account, or ``options``."""
        self.member = member
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PjsipAccount:
    """The SIP account of one device."""

    number: str
    """What the device registers as, e.g. ``91201``."""
    extension: str
    """The user's main extension, which calls from the device show, e.g. ``201``."""
    name: str
    """The user's name, shown with it."""
    secret: str
    context: str
    """The dialling context, e.g. ``cti-profile-3``."""
    encryption: bool = False
    """SRTP, with keys in the signalling."""
    max_contacts: int = 1
    mailboxes: str = ""
    """Voice mailboxes whose state the device shows, e.g. ``201@default``; empty: none."""


@dataclass(frozen=True, slots=True)
class PjsipTrunk:
    """A line of a carrier at a gateway, which registers here."""

    name: str
    """SIP user and address of record, e.g. ``Patton_a1b2c3_isdn_0``."""
    secret: str
    context: str
    """Where its calls begin; there the caller is known by the gateway's identity headers."""
    channels: int
    """Calls that the line carries at once."""
    encryption: bool = False
    """SRTP, unless a proxy ends it."""


@dataclass(frozen=True, slots=True)
class PjsipOptions:
    """What all accounts of a site share."""

    transport: str = ""
    """Section of the transport that calls to devices leave by; empty: Asterisk chooses."""
    outbound_proxy: str = ""
    """URI of the SIP proxy between devices and Asterisk, e.g. ``sip:127.0.0.1:5060;lr``; empty: the
    devices register with Asterisk itself, which then copes with their NAT."""
    codecs: Sequence[str] = CODECS


def check_account(account: PjsipAccount) -> None:
    """Refuse what an account must not hold.

    Raises:
        PjsipValueError: the first value that cannot be written.
    """
    owner = account.number
    if not _NUMBER.fullmatch(owner):
        raise PjsipValueError(repr(owner), "number", "is not 1 to 15 digits")
    if not _NUMBER.fullmatch(account.extension):
        raise PjsipValueError(owner, "extension", "is not 1 to 15 digits")
    if _UNPRINTABLE.search(account.name):
        raise PjsipValueError(owner, "name", "has a line break or control character")
    if not _SECTION_NAME.fullmatch(account.context):
        raise PjsipValueError(owner, "context", "is not the name of a context")
    if account.mailboxes and not _MAILBOXES.fullmatch(account.mailboxes):
        raise PjsipValueError(owner, "mailboxes", "is not like 201@default")
    if account.max_contacts < 1:
        raise PjsipValueError(owner, "max_contacts", "is less than 1")
    _check_secret(owner, account.secret)


def check_trunk(trunk: PjsipTrunk) -> None:
    """Refuse what a trunk must not hold.

    Raises:
        PjsipValueError: the first value that cannot be written.
    """
    owner = trunk.name
    for member, value in (("name", owner), ("context", trunk.context)):
        if not _SECTION_NAME.fullmatch(value):
            raise PjsipValueError(repr(owner), member, "is not the name of a section")
    if trunk.channels < 1:
        raise PjsipValueError(owner, "channels", "are less than 1")
    _check_secret(owner, trunk.secret)


def _check_secret(owner: str, secret: str) -> None:
    if not secret:
        raise PjsipValueError(owner, "secret", "is empty: anybody could register")
    if len(secret) > _MAX_SECRET:
        raise PjsipValueError(owner, "secret", f"has more than {_MAX_SECRET} characters")
    if _UNPRINTABLE.search(secret):
        raise PjsipValueError(owner, "secret", "has a line break or control character")
    if secret != secret.strip():  # Asterisk strips them, the phone does not.
        raise PjsipValueError(owner, "secret", "begins or ends with a blank")


def check_options(options: PjsipOptions) -> None:
    """Refuse what no account could be written with.

    Raises:
        PjsipValueError: the first value that cannot be written.
    """
    if options.transport and not _SECTION_NAME.fullmatch(options.transport):
        raise PjsipValueError("options", "transport", "is not the name of a section")
    if options.outbound_proxy and not _SIP_URI.fullmatch(options.outbound_proxy):
        raise PjsipValueError("options", "outbound_proxy", "is not a SIP URI")
    if not options.codecs:
        raise PjsipValueError("options", "codecs", "are empty: no call would have sound")
    for codec in options.codecs:
        if not re.fullmatch("[a-z0-9]+", codec):
            raise PjsipValueError("options", "codecs", f"has {codec!r}, which is not a codec")
