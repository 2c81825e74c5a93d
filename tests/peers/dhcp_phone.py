"""A phone as a DHCP server sees it: udhcpc for whole leases, a DISCOVER of ours for many addresses.

udhcpc (Debian package udhcpc) is the DHCP client of many phones. It hides one thing: a URL in
option 66 is no host name, and it tells its script ``bad``. So the options are read from the answer
on the wire, whoever asked.
"""

import secrets
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peers.segment import PHONE_LINK, Segment, inside, program_or_skip

WANTED = (66, 67, 114)
"""Options of provisioning, which a phone of any brand asks for here."""

_COOKIE = b"\x63\x82\x53\x63"
_FIXED = struct.Struct("!4B I 2H 4s4s4s4s 16s 64s 128s")
_DISCOVER, _OFFER, _ACKNOWLEDGEMENT = 1, 2, 5
_ANSWER_SECONDS = 5
_ETHERNET_IP = 0x0800


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    options: dict[int, bytes]
    server_name: bytes
    """The header's field for a server, which stood there before there were options."""
    file: bytes
    """The header's field for a file."""

    @property
    def provisioning(self) -> dict[int, str]:
        """The options of provisioning; dnsmasq ends 66 and 67 with a zero byte."""
        shown = {code: self.options[code] for code in WANTED if code in self.options}
        return {code: value.removesuffix(b"\0").decode() for code, value in shown.items()}


def lease(segment: Segment, mac: str, vendor_class: str) -> Answer:
    """Let udhcpc take a lease as a phone, and tell what the acknowledgement held."""
    program = program_or_skip("udhcpc", "udhcpc")
    segment.become(mac)
    with inside(segment.phone):
        ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETHERNET_IP))
    with ear, tempfile.TemporaryDirectory() as directory:
        script = Path(directory, "script")
        script.write_text("#!/bin/sh\n")  # The phone keeps the address to itself.
        script.chmod(0o700)
        asked = [word for code in WANTED for word in ("-O", str(code))]
        identity = ["-V", vendor_class] if vendor_class else []
        command = [program, "-f", "-q", "-n", "-t", "5", "-T", "1", "-i", PHONE_LINK,
                   "-s", str(script), *asked, *identity]  # fmt: skip
        subprocess.run(
            segment.as_phone(*command), check=True, capture_output=True, timeout=_ANSWER_SECONDS * 2
        )
        ear.settimeout(_ANSWER_SECONDS)
        while True:
            answer = _answer(_udp_payload(ear.recv(4096)), _ACKNOWLEDGEMENT)
            if answer:
                return answer


def offers(
    segment: Segment, phones: list[tuple[str, str]], asked: tuple[int, ...] = WANTED
) -> Iterator[Answer]:
    """What is offered to phones, one after the other.

    Args:
        segment: where they are.
        phones: MAC address and vendor class of each.
        asked: the options they ask for (option 55); none: they send no list.
    """
    with inside(segment.phone):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, PHONE_LINK.encode())
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        link.bind(("", 68))
        for mac, vendor_class in phones:
            yield _offer(link, bytes.fromhex(mac.replace(":", "")), vendor_class, asked)


def _offer(link: socket.socket, mac: bytes, vendor_class: str, asked: tuple[int, ...]) -> Answer:
    transaction = secrets.randbits(32)
    message = _discover(transaction, mac, vendor_class, asked)
    link.settimeout(1)
    for _ in range(_ANSWER_SECONDS):
        link.sendto(message, ("255.255.255.255", 67))
        try:
            while True:
                received = link.recv(4096)
                if received[4:8] == message[4:8]:
                    answer = _answer(received, _OFFER)
                    assert answer, "not an offer"
                    return answer
        except TimeoutError:
            continue
    raise TimeoutError(f"nothing was offered to {mac.hex(':')}")


def _discover(transaction: int, mac: bytes, vendor_class: str, asked: tuple[int, ...]) -> bytes:
    none = bytes(4)
    fixed = _FIXED.pack(
        1, 1, 6, 0, transaction, 0, 0x8000, none, none, none, none, mac, b"", b""
    )  # fmt: skip
    options = [bytes([53, 1, _DISCOVER])]
    if vendor_class:
        options.append(bytes([60, len(vendor_class)]) + vendor_class.encode())
    if asked:
        options.append(bytes([55, len(asked), *asked]))
    return fixed + _COOKIE + b"".join(options) + b"\xff"


def _answer(message: bytes, kind: int) -> Answer | None:
    """An answer of a kind; None for any other message."""
    if len(message) < _FIXED.size + 4 or message[0] != 2 or message[_FIXED.size :][:4] != _COOKIE:
        return None
    options = dict(_options(message[_FIXED.size + 4 :]))
    if options.get(53) != bytes([kind]):
        return None
    *_, server_name, file = _FIXED.unpack_from(message)
    return Answer(options, server_name.rstrip(b"\0"), file.rstrip(b"\0"))


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data) and data[position] != 255:
        if data[position] == 0:
            position += 1
            continue
        length = data[position + 1]
        yield data[position], data[position + 2 : position + 2 + length]
        position += 2 + length


def _udp_payload(packet: bytes) -> bytes:
    header = (packet[0] & 0x0F) * 4
    return packet[header + 8 :] if packet[9] == socket.IPPROTO_UDP else b""
