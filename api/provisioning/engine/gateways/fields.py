"""Fields of a gateway's entry read as what they must be; what is wrong is noted, not raised."""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from provisioning.engine.mac import MacAddress
from provisioning.engine.values import FieldError, shown

MAX_SERVERS = 3
"""Name servers and time servers."""
SHORTEST_PREFIX, LONGEST_PREFIX = 8, 30

_T = TypeVar("_T")
_LABEL = re.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ADDRESS = "an IPv4 address like 192.0.2.10"
_HOST = "a full host name like pbx.example.org, or an IPv4 address"


class Fields:
    """Reads field by field; in the place of what cannot be read stands a harmless value."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def refuse(self, name: str, detail: str, allowed: str) -> None:
        """Note that a field is wrong.

        Args:
            name: the field; a place in a list follows a slash, ``dns/0``.
            detail: a sentence that tells what is wrong; never with a secret in it.
            allowed: what may stand there.
        """
        self.errors.append(FieldError(name, detail, allowed))

    def mac(self, name: str, text: str) -> MacAddress:
        """The address of one device, in any usual notation."""
        allowed = "the address on the label, for example 00:A0:BA:11:22:33"
        try:
            mac = MacAddress.parse(text)
        except ValueError:
            self.refuse(name, f'"{shown(text)}" is not a MAC address.', allowed)
            return MacAddress("0" * 12)
        # The lowest bit of the first byte: an address of a group, not of a device.
        if mac.value == 0 or int(mac.bare[:2], 16) & 1:
            self.refuse(name, f"{mac.colons} is the address of no device.", allowed)
        return mac

    def address(self, name: str, text: str) -> IPv4Address:
        """The address of one device; 0.0.0.0 if it is none."""
        try:
            address = IPv4Address(text)
        except ValueError:
            self.refuse(name, f'"{shown(text)}" is not an IPv4 address.', _ADDRESS)
            return IPv4Address(0)
        special = address.is_multicast or address.is_loopback or address.is_reserved
        if special or int(address) >> 24 == 0:
            self.refuse(name, f"{address} is the address of no device.", _ADDRESS)
            return IPv4Address(0)
        return address

    def network(self, name: str, text: str, address: IPv4Address) -> IPv4Network:
        """The network of an address by its mask, or by the length of its prefix."""
        allowed = f"a mask like 255.255.255.0 or a length, /{SHORTEST_PREFIX} to /{LONGEST_PREFIX}"
        try:
            length = _length_of(text)
        except ValueError:
            self.refuse(name, f'"{shown(text)}" is not a mask.', allowed)
            length = SHORTEST_PREFIX
        if not SHORTEST_PREFIX <= length <= LONGEST_PREFIX:
            self.refuse(name, f"/{length} is no network for gateways.", allowed)
            length = SHORTEST_PREFIX
        return IPv4Network(f"{address}/{length}", strict=False)

    def host(self, name: str, text: str) -> str:
        """A full host name (RFC 1123) or an IPv4 address."""
        if not is_host(text):
            self.refuse(name, f'"{shown(text)}" is not a host.', _HOST)
        return text

    def servers(
        self, name: str, texts: tuple[str, ...], read: Callable[[str, str], _T]
    ) -> tuple[_T, ...]:
        """A few servers, each read as what it must be."""
        if len(texts) > MAX_SERVERS:
            self.refuse(name, f"There are {len(texts)}.", f"at most {MAX_SERVERS}")
        return tuple(read(f"{name}/{n}", text) for n, text in enumerate(texts[:MAX_SERVERS]))

    def one_of(self, name: str, text: str, allowed: Iterable[str]) -> str:
        """One of some words."""
        words = tuple(allowed)
        if text in words:
            return text
        self.refuse(name, f'"{shown(text)}" is not one of the values.', ", ".join(words))
        return words[0]

    def matching(
        self, name: str, text: str, pattern: re.Pattern[str], allowed: str, *, secret: bool = False
    ) -> str:
        """A text of one form; a secret is not repeated."""
        if not pattern.fullmatch(text):
            told = "The value" if secret else f'"{shown(text)}"'
            self.refuse(name, f"{told} is not allowed here.", allowed)
        return text


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 address."""
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Whether a text is a full host name (RFC 1123) or an IPv4 address."""
    if not text.strip("0123456789."):
        return is_address(text)
    labels = text.split(".")
    return len(labels) > 1 and len(text) <= 253 and all(map(_LABEL.fullmatch, labels))


def _length_of(text: str) -> int:
    """A mask as a length: the standard library would take a mask of hosts (0.0.0.255) too."""
    length = text.removeprefix("/")
    if re.fullmatch("[0-9]{1,2}", length):
        return int(length)
    inverted = int(IPv4Address(text)) ^ 0xFFFFFFFF
    if inverted & (inverted + 1):
        raise ValueError("the ones do not stand together")
    return 32 - inverted.bit_length()
