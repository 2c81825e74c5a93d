"""A SIP phone of few words: it registers with a password (RFC 3261 10, RFC 2617), then listens.

Shows that an account really works, or no longer does: that a registrar takes its number and secret,
and what is sent to the phone afterwards.
"""

import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

USER_AGENT = "Yealink SIP-T46G 28.83.0.120 00:15:65:aa:bb:cc"


class Refused(Exception):
    """The registrar does not take number and secret."""


@contextmanager
def registered(registrar_port: int, number: str, secret: str) -> Iterator[socket.socket]:
    """A phone that is registered with a registrar on loopback.

    Raises:
        Refused: the registrar's answer is no 200.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.connect(("127.0.0.1", registrar_port))
        phone.settimeout(10)
        challenge = _register(phone, number, 1)
        if not challenge.startswith("SIP/2.0 401"):
            raise Refused(challenge.splitlines()[0])
        realm, nonce = (re.search(rf'{n}="([^"]*)"', challenge)[1] for n in ("realm", "nonce"))
        uri = f"sip:127.0.0.1:{registrar_port}"
        a1, a2 = _md5(f"{number}:{realm}:{secret}"), _md5(f"REGISTER:{uri}")
        proof = (
            f'Authorization: Digest username="{number}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", algorithm=MD5, response="{_md5(f"{a1}:{nonce}:{a2}")}"'
        )
        answer = _register(phone, number, 2, proof)
        if not answer.startswith("SIP/2.0 200"):
            raise Refused(answer.splitlines()[0])
        yield phone


def next_message(phone: socket.socket, wanted: str) -> str:
    """The next message that begins so; between them a registrar asks phones how they are."""
    while True:
        message = phone.recv(65535).decode()
        if re.match(wanted, message):
            return message


def _register(phone: socket.socket, number: str, sequence: int, *headers: str) -> str:
    host, port = phone.getsockname()
    lines = (
        f"REGISTER sip:127.0.0.1:{phone.getpeername()[1]} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{port}{sequence};rport",
        f"From: <sip:{number}@127.0.0.1>;tag=1",
        f"To: <sip:{number}@127.0.0.1>",
        f"Call-ID: {port}",
        f"CSeq: {sequence} REGISTER",
        "Max-Forwards: 70",
        f"User-Agent: {USER_AGENT}",
        f"Contact: <sip:{number}@{host}:{port};line=7>",
        "Expires: 300",
        *headers,
        "Content-Length: 0",
    )
    phone.send("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    return next_message(phone, r"SIP/2\.0 [2-6]")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
