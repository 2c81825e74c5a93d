"""The PnP server: sockets in the segments of some interfaces, and the loop that serves them.

Two sockets an interface. One listens to the group, and to nothing else, so that a SIP server on
port 5060 of the same machine keeps what is its own. The other sends, and hears the phones' answers.
"""

import fcntl
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from types import TracebackType
from typing import Self

from provisioning.connect.pnp.exchange import Endpoint
from provisioning.connect.pnp.exchanges import Answer, Exchanges, Outgoing
from provisioning.connect.pnp.message import MAX_BYTES
from provisioning.engine.identification import UserAgentPattern

GROUP = "224.0.1.75"
PORT = 5060

_IP_MULTICAST_ALL = 49  # linux/in.h; not in Python's socket module
_SIOCGIFADDR = 0x8915
_BATCH = 100  # datagrams of one socket before the others have their turn


class InterfaceUnusable(Exception):
    """The group cannot be joined on an interface: there is none of this name, or it has no IPv4."""

    def __init__(self, interface: str, reason: str):
        super().__init__(f"PnP cannot listen on {interface}: {reason}")
        self.interface = interface
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Segment:
    """Our two ends in the segment of an interface."""

    group: socket.socket
    unicast: socket.socket
    own: Endpoint


class PnpServer:
    """Answers the phones of some segments, as a context manager.

    ``with PnpServer(["eth1"], answer, patterns, networks) as server: server.run()``

    Args:
        interfaces: where to listen: names (``eth1``) or own IPv4 addresses.
        answer: gives the URL of a phone, or None: then nothing is sent at all, since another
            server may be there. It is asked in the loop, so it must be quick, and again when a
            phone repeats a question that got no answer; what it raises ends :meth:`run`.
        patterns: the vendors' forms of user agents.
        allowed: networks whose phones are answered.
        port: UDP port of the group.

    Raises:
        InterfaceUnusable: an interface cannot be used; nothing is listened to.
    """

    def __init__(
        self,
        interfaces: Sequence[str],
        answer: Answer,
        patterns: Sequence[UserAgentPattern],
        allowed: Sequence[IPv4Network],
        *,
        port: int = PORT,
    ):
        self._interfaces = interfaces
        self._exchanges = Exchanges(answer, patterns, allowed)
        self._port = port
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            self._segments = [_listen(i, self._port, opening) for i in self._interfaces]
            self._unicast = {segment.own: segment.unicast for segment in self._segments}
            self._ears, self._bell = socket.socketpair()
            opening.enter_context(self._ears)
            opening.enter_context(self._bell)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def run(self) -> None:
        """Serve until :meth:`stop`.

        Raises:
            ValueError: what the callback gave is not a URL.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._ears, selectors.EVENT_READ)
            for segment in self._segments:
                for link in (segment.group, segment.unicast):
                    selector.register(link, selectors.EVENT_READ, (link, segment.own))
            while True:
                for key, _ in selector.select(self._patience()):
                    if key.data is None:
                        return
                    self._read(*key.data)
                self._send(self._exchanges.due(time.monotonic()))

    def stop(self) -> None:
        """End :meth:`run`, from another thread or a signal handler."""
        self._bell.send(b"\0")

    def _patience(self) -> float | None:
        """Seconds until something is to be sent again; None: not before something comes."""
        next_at = self._exchanges.next_at
        return None if next_at is None else max(0.0, next_at - time.monotonic())

    def _read(self, link: socket.socket, own: Endpoint) -> None:
        for datagram, source in _received(link):
            self._send(self._exchanges.receive(datagram, source, own, time.monotonic()))

    def _send(self, datagrams: Iterable[Outgoing]) -> None:
        for outgoing in datagrams:
            # Who cannot be reached now asks again, or is sent it again.
            with suppress(OSError):
                self._unicast[outgoing.own].sendto(outgoing.data, outgoing.to)


def _received(link: socket.socket) -> Iterator[tuple[bytes, Endpoint]]:
    """What has come by now, each with its source."""
    for _ in range(_BATCH):
        try:
            # One byte more, so that what is too long does not pass for something shorter.
            yield link.recvfrom(MAX_BYTES + 1)
        except BlockingIOError:
            return
        except OSError:
            continue  # The network's word on something sent before: a phone has gone.


def _listen(interface: str, port: int, opened: ExitStack) -> _Segment:
    try:
        address = _own_address(interface)
        unicast, group = (
            opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)
        )
        unicast.bind((address, 0))
        group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group.bind((GROUP, port))
        # Else it would hear what comes in by the other interfaces too.
        group.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        member = socket.inet_aton(GROUP) + socket.inet_aton(address)
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    except OSError as failure:
        raise InterfaceUnusable(interface, failure.strerror or str(failure)) from failure
    for link in (unicast, group):
        link.setblocking(False)
    return _Segment(group, unicast, unicast.getsockname())


def _own_address(interface: str) -> str:
    """The IPv4 address of an interface; an address is taken as it is."""
    with suppress(AddressValueError):
        return str(IPv4Address(interface))
    socket.if_nametoindex(interface)  # Else a long name would be cut to that of another one.
    request = struct.pack("256s", interface.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket.fileno(), _SIOCGIFADDR, request)
    return socket.inet_ntoa(answer[20:24])
