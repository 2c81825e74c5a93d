"""SIP NOTIFY straight to a phone, over UDP and out of dialog (RFC 3261, RFC 6665).

A last resort for phones that no PBX of ours can reach: many take it from their registrar or proxy
only, none behind NAT or with TLS alone. Through Asterisk (``connect.ami``) is the normal way. The
phone's own answer is known here, unlike there; that it acts is proved by its next request only.

Sources: the message as vendors' pages show it; the limits as Yealink, Snom and Gigaset set them.
"""

import ipaddress
import re
import secrets
import socket
import time
from dataclasses import dataclass
from urllib.parse import quote

from provisioning.engine.sip_event import EVENT_ALLOWED, is_event

# RFC 3261 17.1.2: sent again after T1, then after twice the time up to T2, given up after 64 T1.
T1_SECONDS = 0.5
T2_SECONDS = 4.0
PATIENCE_SECONDS = 64 * T1_SECONDS

_USER_CHARACTERS = "-_.!~*'()&=+$,;?/"  # unreserved and user-unreserved, RFC 3261 25.1
_MAX_DATAGRAM = 65_535
_MAX_WORDS = 100
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?")
_BRANCH = re.compile(r";\s*branch\s*=\s*([^\s;,]+)", re.IGNORECASE)

_SENTENCES = {
    401: "The phone asks for a password, which it takes from its registrar only.",
    403: "The phone refuses requests from this server.",
    404: "The phone has no account of this name.",
    407: "The phone asks for a password, which it takes from its registrar only.",
    481: "The phone takes this request within a subscription only.",
    482: "The phone takes this request within a subscription only.",
    489: "The phone does not know this event.",
}
_TAKEN = "The phone took the request."
_SILENT = "The phone did not answer."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a phone answered."""

    status: int | None
    """SIP status of the final answer: 200 taken, 489 unknown event, …; None for silence."""
    sentence: str
    """The same in words, for the admin."""

    @property
    def taken(self) -> bool:
        """Whether the phone took the request; that it acted is not said."""
        return self.status is not None and 200 <= self.status < 300


class PhoneUnreachable(Exception):
    """The message could not be delivered: no route, or nobody listens there."""

    def __init__(self, host: str, port: int, reason: str):
        super().__init__(f"a NOTIFY to {host}:{port} could not be delivered: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


def send_notify(
    host: str, port: int, user: str, event: str, *, patience: float = PATIENCE_SECONDS
) -> Answer:
    """Send a NOTIFY and wait for the phone's final answer.

    Args:
        host: the phone's IP address; names are not looked up.
        port: its UDP port, usually 5060.
        user: the account on the phone, e.g. ``91201``; some phones ignore a request to no account.
        event: value of the Event header, e.g. ``check-sync;reboot=false``.
        patience: seconds after which a phone counts as silent.

    Raises:
        PhoneUnreachable: the network says that it cannot be delivered.
        ValueError: an argument is not of its form; nothing was sent.
    """
    address = ipaddress.ip_address(host)
    if not 0 < port <= 65_535:
        raise ValueError(f"{port} is not a port")
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    branch = f"z9hG4bK{secrets.token_hex(16)}"
    try:
        # Connected, so that only the phone's datagrams are seen, and the network's refusals too.
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.connect((host, port))
            own = link.getsockname()
            message = build(_in_uri(host), port, user, event, (_in_uri(own[0]), own[1]), branch)
            return _exchange(link, message, branch, patience)
    except OSError as failure:
        raise PhoneUnreachable(host, port, failure.strerror or str(failure)) from failure


def build(host: str, port: int, user: str, event: str, own: tuple[str, int], branch: str) -> bytes:
    """The message; hosts are as a URI has them, an IPv6 address in brackets.

    Raises:
        ValueError: no user, or not an event.
    """
    if not user:
        raise ValueError("a NOTIFY wants the name of an account")
    if not is_event(event):
        raise ValueError(f"{event!r} is not {EVENT_ALLOWED}")
    phone = f"sip:{quote(user, safe=_USER_CHARACTERS)}@{host}:{port}"
    own_host, own_port = own
    lines = (
        f"NOTIFY {phone} SIP/2.0",
        f"Via: SIP/2.0/UDP {own_host}:{own_port};branch={branch};rport",
        "Max-Forwards: 70",
        f"From: <sip:provisioning@{own_host}>;tag={secrets.token_hex(8)}",
        f"To: <{phone}>",
        f"Call-ID: {secrets.token_hex(16)}",
        "CSeq: 1 NOTIFY",
        f"Contact: <sip:provisioning@{own_host}:{own_port}>",
        f"Event: {event}",
        "Subscription-State: terminated",
        "Content-Length: 0",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _exchange(link: socket.socket, message: bytes, branch: str, patience: float) -> Answer:
    """Send, and send again, until there is a final answer or no patience left."""
    now = time.monotonic()
    give_up = now + patience
    interval = T1_SECONDS
    while now < give_up:
        link.send(message)
        send_again = min(now + interval, give_up)
        while now < send_again:
            link.settimeout(send_again - now)
            try:
                status, reason = _read_answer(link.recv(_MAX_DATAGRAM), branch)
            except TimeoutError:
                break
            if status >= 200:
                return Answer(status, _sentence(status, reason))
            if status:
                interval = T2_SECONDS  # It is at work: RFC 3261 17.1.2.2, "Proceeding".
            now = time.monotonic()
        interval = min(2 * interval, T2_SECONDS)
        now = time.monotonic()
    return Answer(None, _SILENT)


def _read_answer(datagram: bytes, branch: str) -> tuple[int, str]:
    """Status and reason of the answer to our request; status 0 for any other datagram."""
    start, *headers = datagram.decode("utf-8", "replace").split("\r\n")
    match = _STATUS_LINE.fullmatch(start)
    via = next((h for h in headers if re.match(r"(?:via|v)\s*:", h, re.IGNORECASE)), "")
    found = _BRANCH.search(via)
    if match is None or found is None or found[1] != branch:
        return 0, ""
    return int(match[1]), match[2] or ""


def _sentence(status: int, reason: str) -> str:
    if status < 300:
        return _TAKEN
    words = "".join(c for c in reason if c.isprintable())[:_MAX_WORDS]
    return _SENTENCES.get(status, f"The phone answered {status} {words}".rstrip() + ".")


def _in_uri(host: str) -> str:
    return f"[{host}]" if ":" in host else host
