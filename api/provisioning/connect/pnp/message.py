"""One SIP message in one datagram, read strictly: what is not plainly SIP is no message.

Source: RFC 3261 7, 25.1.
"""

import re
from dataclasses import dataclass

MAX_BYTES = 4096
"""Longer datagrams are no phone's."""

_MAX_HEADERS = 64
_MAX_VALUE = 1024
_START = re.compile(r"[A-Z]{3,12} [!-~]{1,256} SIP/2\.0|SIP/2\.0 [1-6][0-9]{2}(?: .{0,256})?")
_HEADER = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,64})[ \t]*:[ \t]*(.*)")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_COMPACT = {
    "c": "content-type", "f": "from", "i": "call-id", "k": "supported", "l": "content-length",
    "m": "contact", "o": "event", "t": "to", "u": "allow-events", "v": "via",
}  # fmt: skip


class Malformed(ValueError):
    """What came is not a message of this protocol; nobody is told but the one who reads it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer."""

    start: str
    """``SUBSCRIBE sip:… SIP/2.0`` or ``SIP/2.0 200 OK``."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case and in full, values in one line, in order."""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a header that may come several times."""
        return tuple(value for found, value in self.headers if found == name)

    def optional(self, name: str) -> str:
        """The value of a header, empty without one.

        Raises:
            Malformed: it is there twice, and which one counts would be a guess.
        """
        values = self.all(name)
        if len(values) > 1:
            raise Malformed(f"{name} is there twice")
        return values[0] if values else ""

    def required(self, name: str) -> str:
        """The value of a header.

        Raises:
            Malformed: it is missing, empty, or there twice.
        """
        value = self.optional(name)
        if not value:
            raise Malformed(f"{name} is missing")
        return value


def parse(datagram: bytes) -> Message:
    """Read a datagram; a body is not looked at.

    Raises:
        Malformed: it is not a SIP message, or a longer one than a phone sends.
    """
    if len(datagram) > MAX_BYTES:
        raise Malformed("too long")
    head, end, _ = datagram.partition(b"\r\n\r\n")
    if not end:
        raise Malformed("no end of the headers")
    try:
        start, *lines = _unfolded(head.decode("utf-8").split("\r\n"))
    except UnicodeDecodeError as failure:
        raise Malformed("not text") from failure
    if not _START.fullmatch(start) or _CONTROL.search(start):
        raise Malformed("no start line of SIP 2.0")
    if len(lines) > _MAX_HEADERS:
        raise Malformed("too many headers")
    return Message(start, tuple(map(_header, lines)))


def _unfolded(lines: list[str]) -> list[str]:
    """Lines that begin with a blank go on with the line before them."""
    whole: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and len(whole) > 1:
            whole[-1] = f"{whole[-1]} {line.strip()}"
        else:
            whole.append(line)
    return whole


def _header(line: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(line)
    if match is None or len(match[2]) > _MAX_VALUE or _CONTROL.search(line):
        raise Malformed("not a header")
    name = match[1].lower()
    return _COMPACT.get(name, name), match[2].strip()
