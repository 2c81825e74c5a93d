"""One conversation with a phone: the 200 to its SUBSCRIBE, the NOTIFY with the URL, its answer.

Sources: see the package; RFC 3261 17.1.2, RFC 3581.
"""

import re
import secrets
from dataclasses import dataclass

from provisioning.connect.pnp.device import Subscription
from provisioning.connect.pnp.message import Message
from provisioning.connect.sip_notify import PATIENCE_SECONDS, T1_SECONDS, T2_SECONDS

Endpoint = tuple[str, int]
"""IPv4 address and UDP port."""

_URL = re.compile(r"[!-~]{1,1024}")
_STATUS = re.compile(r"SIP/2\.0 ([1-6])[0-9]{2}(?: .*)?")
_BRANCH = re.compile(r";[ \t]*branch[ \t]*=[ \t]*([^\s;,]+)", re.IGNORECASE)
_ASKS_FOR_PORT = re.compile(r";[ \t]*rport[ \t]*=?[ \t]*(?=;|$)", re.IGNORECASE)
_SENT_BY = re.compile(r"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*UDP[ \t]+([^\s:;,]+)", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"sips?:(?:[^@]*@)?([^:;?@]+)(?::([0-9]{1,5}))?(?:[;?].*)?", re.I)
_SIP_PORT = 5060


@dataclass(slots=True)
class Exchange:
    """A conversation that is under way, or over and remembered for repetitions."""

    ok: bytes
    """The 200 to the SUBSCRIBE, sent again when the SUBSCRIBE comes again."""
    source: Endpoint
    """Where the SUBSCRIBE came from, and the 200 goes to."""
    notify: bytes
    phone: Endpoint
    """Where the NOTIFY goes to."""
    own: Endpoint
    """Our end, which both leave from."""
    branch: str
    next_at: float | None
    """When the NOTIFY is to be sent next; None: not any more."""
    interval: float
    """Seconds to the repetition after the next one."""
    ends_at: float
    """When nobody waits for anything any more."""

    def repeat(self, now: float) -> bytes | None:
        """The NOTIFY if it is due again."""
        if self.next_at is None or now < self.next_at:
            return None
        self.next_at = now + self.interval
        self.interval = min(2 * self.interval, T2_SECONDS)
        if self.next_at >= self.ends_at:
            self.next_at = None
        return self.notify

    def hear(self, status_class: int) -> None:
        """Take the phone's answer: a final one ends the repetitions, any other slows them down."""
        if status_class == 1:
            self.interval = T2_SECONDS  # It is at work: RFC 3261 17.1.2.2, "Proceeding".
        else:
            self.next_at = None


def begin(
    subscription: Subscription, source: Endpoint, own: Endpoint, url: str, now: float
) -> Exchange:
    """Make the messages of a conversation; the NOTIFY is due at once.

    Args:
        subscription: what the phone sent.
        source: where it came from.
        own: our address and port as this phone reaches them.
        url: where its configuration is.
        now: seconds of a clock that only goes forward.

    Raises:
        ValueError: the URL is not one; it may hold a token and is not repeated.
    """
    if not _URL.fullmatch(url):
        raise ValueError(f"what {subscription.device.mac} is to be told is not a URL")
    tag, branch = secrets.token_hex(8), f"z9hG4bK{secrets.token_hex(16)}"
    to = f"{subscription.to};tag={tag}"
    contact = f"Contact: <sip:{own[0]}:{own[1]}>"
    ok = _message(
        "SIP/2.0 200 OK",
        *_vias(subscription.vias, source),
        f"From: {subscription.from_}",
        f"To: {to}",
        f"Call-ID: {subscription.call_id}",
        f"CSeq: {subscription.sequence} SUBSCRIBE",
        contact,
        "Expires: 0",
    )
    notify = _message(
        f"NOTIFY {subscription.contact} SIP/2.0",
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};branch={branch};rport",
        "Max-Forwards: 70",
        f"From: {to}",
        f"To: {subscription.from_}",
        f"Call-ID: {subscription.call_id}",
        "CSeq: 1 NOTIFY",
        contact,
        f"Event: {subscription.event}",
        "Subscription-State: terminated;reason=timeout",
        "Content-Type: application/url",
        body=url,
    )
    phone = _phone(subscription.contact, source)
    ends_at = now + PATIENCE_SECONDS
    return Exchange(ok, source, notify, phone, own, branch, now, T1_SECONDS, ends_at)


def answered(message: Message) -> tuple[str, int] | None:
    """Branch and status class of an answer to a NOTIFY; None for any other message."""
    status = _STATUS.fullmatch(message.start)
    vias = message.all("via")
    branch = _BRANCH.search(vias[0]) if vias else None
    if status is None or branch is None or not message.optional("cseq").endswith(" NOTIFY"):
        return None
    return branch[1], int(status[1])


def _phone(contact: str, source: Endpoint) -> Endpoint:
    """Where a phone listens: its Contact, but never another host than the one that asked.

    Else whoever asks could have us send to anybody.
    """
    match = _HOST_AND_PORT.fullmatch(contact)
    if match is None or match[1] != source[0]:
        return source
    port = int(match[2] or _SIP_PORT)
    return (source[0], port) if 0 < port <= 65_535 else source


def _vias(vias: tuple[str, ...], source: Endpoint) -> list[str]:
    """The request's way back, with where it really came from in the first one."""
    first, comma, others = vias[0].partition(",")
    told = f";received={source[0]}"
    marked, asks = _ASKS_FOR_PORT.subn(f";rport={source[1]}", first, count=1)
    sent_by = _SENT_BY.match(first)
    if asks or sent_by is None or sent_by[1] != source[0]:
        marked += told
    return [f"Via: {via}" for via in (f"{marked}{comma}{others}", *vias[1:])]


def _message(*lines: str, body: str = "") -> bytes:
    length = f"Content-Length: {len(body)}"
    return "".join(f"{line}\r\n" for line in (*lines, length, "")).encode() + body.encode("ascii")
