"""A TFTP server that hands a file to the one gateway that was told to copy it (RFC 1350).

TFTP knows no passwords and hides nothing, so an offer is a random name, for one address, for as
long as the upload lasts; there is no folder, and nothing is ever written.

It is here because NethVoice's helper loads Patton's units by it: the only transfer known to work.
"""

import secrets
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

BLOCK_BYTES = 512
MAX_FILE_BYTES = 1024 * 1024
DEFAULT_PORT = 69

_READ, _DATA, _ACKNOWLEDGE, _ERROR = 1, 3, 4, 5
_NOT_FOUND = 1
_MAX_REQUEST = 512
_ATTEMPTS = 5
_LOOK_SECONDS = 0.5


@dataclass(eq=False)
class Offer:
    """A file for one gateway."""

    name: str
    content: bytes = field(repr=False)
    client: str
    """The gateway's address; nobody else gets it."""
    url: str
    busy: bool = False
    whole: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set once the gateway acknowledged the last byte."""

    def taken(self, seconds: float = 2.0) -> bool:
        """Whether the gateway has the whole file.

        Args:
            seconds: how long to wait for its last acknowledgement, which it sends after it has told
                its command line that the file is there.
        """
        return self.whole.wait(seconds)


class TftpServer:
    """Serves offers as long as its context lasts.

    Args:
        address: an address of this machine that gateways reach.
        port: 69, where gateways ask; a lower number than 1024 wants a privilege.
        patience: seconds after which a block is sent again.

    Raises:
        OSError: the port is taken, or not allowed.
    """

    def __init__(self, address: str, port: int = DEFAULT_PORT, *, patience: float = 1.0):
        self._address = address
        self._port = port
        self._patience = patience
        self._offers: dict[str, Offer] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._transfers: set[threading.Thread] = set()

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((self._address, self._port))
        except OSError:
            self._socket.close()
            raise
        self._port = self._socket.getsockname()[1]
        self._socket.settimeout(_LOOK_SECONDS)
        self._listener = threading.Thread(target=self._listen, name="tftp", daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._socket.sendto(b"", (self._address, self._port))  # wakes the one that listens
        self._listener.join()
        self._socket.close()
        for transfer in tuple(self._transfers):
            transfer.join()

    @contextmanager
    def offer(self, content: bytes, client: str, *, extension: str = "cfg") -> Iterator[Offer]:
        """Offer a file to one gateway while the context lasts.

        Args:
            content: the file.
            client: the gateway's address.
            extension: what the name ends in.

        Raises:
            ValueError: the file is too long.
        """
        if len(content) > MAX_FILE_BYTES:
            raise ValueError(f"a file for a gateway has at most {MAX_FILE_BYTES} bytes")
        name = f"{secrets.token_hex(16)}.{extension}"
        port = "" if self._port == DEFAULT_PORT else f":{self._port}"
        offer = Offer(name, content, client, f"tftp://{self._address}{port}/{name}")
        with self._lock:
            self._offers[name] = offer
        try:
            yield offer
        finally:
            with self._lock:
                del self._offers[name]

    def _listen(self) -> None:
        while not self._ended.is_set():
            with suppress(TimeoutError, ConnectionError):
                self._answer(*self._socket.recvfrom(_MAX_REQUEST))

    def _answer(self, request: bytes, sender: tuple[str, int]) -> None:
        if request[:2] != struct.pack("!H", _READ):
            return
        name, mode, *_ = [*request[2:].split(b"\0"), b""]
        with self._lock:
            offer = self._offers.get(name.decode("ascii", "replace").lstrip("/"))
            if offer is None or offer.client != sender[0]:
                error = struct.pack("!HH", _ERROR, _NOT_FOUND) + b"File not found\0"
                self._socket.sendto(error, sender)
                return
            if offer.busy:  # it asks again while the first block is on its way
                return
            offer.busy = True
        arguments = (offer, sender, mode.lower() == b"netascii")
        transfer = threading.Thread(target=self._transfer, args=arguments, daemon=True)
        self._transfers.add(transfer)
        transfer.start()

    def _transfer(self, offer: Offer, sender: tuple[str, int], as_text: bool) -> None:
        content = offer.content.replace(b"\n", b"\r\n") if as_text else offer.content
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
                link.bind((self._address, 0))
                link.connect(sender)
                # The last block is a short one, if need be an empty one.
                for block in range(len(content) // BLOCK_BYTES + 1):
                    start = block * BLOCK_BYTES
                    if not self._sent(link, block + 1, content[start : start + BLOCK_BYTES]):
                        return
                offer.whole.set()
        except OSError:
            pass  # The gateway is gone; it asks again, or the upload fails.
        finally:
            offer.busy = False
            self._transfers.discard(threading.current_thread())

    def _sent(self, link: socket.socket, number: int, data: bytes) -> bool:
        """Send a block until it is acknowledged."""
        packet = struct.pack("!HH", _DATA, number) + data
        wanted = struct.pack("!HH", _ACKNOWLEDGE, number)
        for _ in range(_ATTEMPTS):
            if self._ended.is_set():
                return False
            link.send(packet)
            if self._acknowledged(link, wanted):
                return True
        return False

    def _acknowledged(self, link: socket.socket, wanted: bytes) -> bool:
        """Whether the acknowledgement comes in time; older ones, late or doubled, are skipped."""
        deadline = time.monotonic() + self._patience
        while (remaining := deadline - time.monotonic()) > 0:
            link.settimeout(remaining)
            try:
                if link.recv(_MAX_REQUEST)[:4] == wanted:
                    return True
            except TimeoutError:
                break
        return False
