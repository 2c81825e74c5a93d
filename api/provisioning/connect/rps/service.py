"""What every redirect service does: tell a phone, at its first start, where it is provisioned."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from provisioning.connect.rps.connection import Connection
from provisioning.connect.rps.discretion import cleaned, parts_of
from provisioning.connect.rps.problems import Code, Trouble, problem
from provisioning.connect.turns import turn_of
from provisioning.engine.mac import MacAddress

SCHEMES = ("http", "https", "ftp", "tftp")
MAX_URL_CHARACTERS = 512

_PRINTABLE = re.compile(r"[!-~]+")
_CHECK_CODE = re.compile(r"[A-Z0-9]{4}")


@dataclass(frozen=True, slots=True)
class RedirectDevice:
    """A device as redirect services know it."""

    mac: MacAddress
    vendor: str
    """Id of the vendor: ``yealink``, ``nethesis``, …; a gateway for several vendors wants it."""
    serial: str = field(default="", repr=False)
    """Serial number; Yealink's newer service may want it. Its end opens the phone's first start."""
    check_code: str = field(default="", repr=False)
    """The four characters behind the MAC address on the label; Gigaset's services may want it."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a service can do, so that nobody has to try."""

    look_up: Literal["no", "presence", "url"]
    """Whether it tells nothing, that a device is registered, or also where it is sent."""
    remove: bool
    sees_elsewhere: bool = False
    """Whether a look-up tells a device of another account from one of no account."""
    pin: bool = False
    """Whether a registration may bring a PIN that the phone asks for."""
    serial: bool = False
    """Whether it uses serial numbers."""
    check_code: bool = False
    """Whether it uses the check code behind the MAC address."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A device is registered."""

    pin: str | None = field(default=None, repr=False)
    """What the phone asks for at its first start; None if the service told none."""


class Presence(StrEnum):
    """Whether a service knows a device."""

    ABSENT = "absent"
    OURS = "ours"
    ELSEWHERE = "elsewhere"
    """Registered with another account."""
    UNKNOWN = "unknown"
    """The service answered, but not so that one could tell."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a service knows about a device."""

    presence: Presence
    url: str | None = field(default=None, repr=False)
    """Where it is sent; empty: registered, but sent nowhere; None: the service does not tell."""


class RedirectService(ABC):
    """A redirect service, as a context manager; several threads may use it at once.

    Subclasses do the work in ``_register``, ``_look_up`` and ``_remove`` and raise
    :class:`Trouble`; here the arguments are checked and the trouble becomes a problem.

    Args:
        name: what people call the service.
        connection: where it is.
        secrets: what must never be repeated, besides the URL of a device.
    """

    abilities: ClassVar[Abilities]

    def __init__(self, name: str, connection: Connection, secrets: Sequence[str]):
        self.name = name
        self._connection = connection
        self._secrets = tuple(secrets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def register(self, device: RedirectDevice, url: str) -> Registered:
        """Send a device to a URL; an earlier registration with this account is replaced.

        May be repeated, also when nobody knows whether it took effect.

        Args:
            device: the device.
            url: what the phone is to fetch, e.g. ``https://pbx.example.org/provisioning/TOKEN/``:
                printable ASCII, at most 512 characters; it stands for itself, no macro is made.

        Raises:
            RedirectProblem: of the class that tells what to do next.
        """
        with self._reported(url), turn_of((self._connection.base_url, device.mac)):
            _check_mac(device.mac)
            _check_url(url)
            return self._register(device, url)

    def look_up(self, device: RedirectDevice) -> LookUp:
        """What the service knows about a device.

        Raises:
            NotSupported: it does not tell (``abilities.look_up``).
            RedirectProblem: it could not be asked.
        """
        if self.abilities.look_up == "no":
            raise problem(self.name, Code.LOOK_UP_NOT_SUPPORTED)
        with self._reported():
            _check_mac(device.mac)
            return self._look_up(device)

    def remove(self, device: RedirectDevice) -> bool:
        """Take the registration of a device away.

        Returns:
            Whether there was one of this account. A device of another account stays there.

        Raises:
            NotSupported: the service cannot (``abilities.remove``).
            RedirectProblem: it did not.
        """
        if not self.abilities.remove:
            raise problem(self.name, Code.REMOVE_NOT_SUPPORTED)
        with self._reported(), turn_of((self._connection.base_url, device.mac)):
            _check_mac(device.mac)
            return self._remove(device)

    @abstractmethod
    def _register(self, device: RedirectDevice, url: str) -> Registered: ...

    def _look_up(self, device: RedirectDevice) -> LookUp:
        raise NotImplementedError  # A service without it says so in its abilities.

    def _remove(self, device: RedirectDevice) -> bool:
        raise NotImplementedError

    @contextmanager
    def _reported(self, url: str = "") -> Iterator[None]:
        try:
            yield
        except Trouble as found:
            said = cleaned(found.said, (*self._secrets, *parts_of(url)))
            raise problem(self.name, found.code, said, found.retry_after_seconds) from (
                found.__cause__  # never the trouble itself: its words are not clean
            )


def checked_check_code(device: RedirectDevice) -> str:
    """The check code of a device, or empty if it has none.

    Raises:
        Trouble: it is not of its form.
    """
    if device.check_code and not _CHECK_CODE.fullmatch(device.check_code):
        raise Trouble(Code.CHECK_CODE_REFUSED)
    return device.check_code


def _check_mac(mac: MacAddress) -> None:
    """Refuse what no device has: the address of a group, and nothing but zeros."""
    if mac.value == 0 or mac.value >> 40 & 1:
        raise Trouble(Code.MAC_REFUSED)


def _check_url(url: str) -> None:
    if len(url) > MAX_URL_CHARACTERS or not _PRINTABLE.fullmatch(url):
        raise Trouble(Code.URL_REFUSED)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a bad port is found when it is asked for
    except ValueError:
        raise Trouble(Code.URL_REFUSED) from None
    if parts.scheme not in SCHEMES:
        raise Trouble(Code.SCHEME_REFUSED)
    if not host:
        raise Trouble(Code.URL_REFUSED)
