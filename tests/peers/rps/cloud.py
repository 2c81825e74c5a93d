"""What the vendors' redirect services that are played here have in common.

The real ones are clouds of the vendors: they take devices that were really sold, and cannot run on
this machine. So each is played by a real HTTP server on loopback, written from the sources
that its module names: it verifies credentials and signatures with code of its own, refuses what is
out of order, keeps devices and their owners, and notes every rule that a request broke. It serves
as fast as a fleet is registered: keep-alive, a thread a connection, one write an answer.

``with FakeYmcs() as cloud:`` runs one; ``cloud.settings`` is what ``open_service`` wants.
"""

import base64
import json
import secrets
import socketserver
import threading
from dataclasses import dataclass, field
from typing import ClassVar, Self
from urllib.parse import parse_qsl, unquote, urlsplit

RETRY_AFTER_SECONDS = 7
SOMEBODY_ELSES = "https://other.example.net/"

TROUBLES = (
    "rate_limited",  # 429 with Retry-After
    "unavailable",  # 503
    "broken",  # 500 with a page for people
    "foreign_500",  # 500, but the text says that the device belongs to another account
    "slow",  # no answer as long as the cloud lives
    "trickle",  # a byte now and then, for seconds
    "hang_up",  # the connection ends without an answer
    "cut_off",  # the connection ends in the middle of the body
    "endless",  # a body larger than memory
    "garbage",  # 200 with a page of somebody else
    "entities",  # 200 with XML that grows when it is read
    "redirect",  # 302 to another server
)
_BOMB = b"".join(
    (
        b'<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY e0 "OK OK OK OK OK OK OK OK">',
        *(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">'.encode() for n in range(1, 10)),
        b"]><methodResponse><params><param><value><array><data><value><boolean>1</boolean></value>",
        b"<value>&e9;</value></data></array></value></param></params></methodResponse>",
    )
)
_PAGE = b"<html><body><h1>Welcome to the airport's Wi-Fi</h1></body></html>"


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """An answer to be written."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: object, status: int = 200, **headers: str) -> "Response":
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        content = {"Content-Type": "application/json"}
        return cls(status, json.dumps(value).encode(), {**content, **named})


class Refusal(Exception):
    """An answer of the cloud in the middle of its work."""

    def __init__(self, response: Response):
        super().__init__(response.status)
        self.response = response


class Cloud:
    """A vendor's cloud with one account that is ours; subclasses speak the vendor's protocol."""

    kind: ClassVar[str]
    """The kind of service in the catalogue."""
    root: ClassVar[str] = ""
    """What the base URL has behind the port."""

    def __init__(self) -> None:
        self.user = f"account-{secrets.token_hex(4)}"
        self.secret = f"gehëim {secrets.token_hex(8)}"
        self.devices: dict[str, str] = {}
        """Own devices: MAC address, twelve lower-case digits, and URL."""
        self.foreign: dict[str, str] = {}
        """Devices of other accounts."""
        self.asked: list[Request] = []
        self.broken_rules: list[str] = []
        """What a client that keeps to the protocol never does."""
        self.lock = threading.RLock()
        self.url = ""
        self._trouble, self._trouble_at, self._trouble_times = "", b"", 0
        self._closing = threading.Event()

    @property
    def settings(self) -> dict[str, str]:
        """Settings that open the account."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """Answer one request, with the lock held."""
        raise NotImplementedError

    def foreign_answer(self) -> Response:
        """How the vendor says that a device belongs to another account."""
        raise NotImplementedError

    def give_to_others(self, mac: str) -> None:
        """Let a device belong to another account."""
        with self.lock:
            self.devices.pop(mac, None)
            self.foreign[mac] = SOMEBODY_ELSES

    def change_secret(self) -> None:
        """Accept our secret no more."""
        with self.lock:
            self.secret = secrets.token_hex(16)

    def trouble(self, kind: str, *, at: str = "", times: int = 1_000_000) -> None:
        """Be in trouble.

        Args:
            kind: one of ``TROUBLES``.
            at: only at requests with this in their first line or body.
            times: only that often.
        """
        assert kind in TROUBLES
        with self.lock:
            self._trouble, self._trouble_at, self._trouble_times = kind, at.encode(), times

    def recover(self) -> None:
        """Be in trouble no more."""
        with self.lock:
            self._trouble = ""

    def rule(self, kept: bool, text: str) -> None:
        """Note a rule that was not kept."""
        if not kept:
            self.broken_rules.append(text)

    def basic(self, request: Request) -> tuple[str, str]:
        """User and password of a request."""
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        if scheme != "Basic":
            return "", ""
        user, _, password = base64.b64decode(proof).decode().partition(":")
        return user, password

    def handle(self, request: Request, write) -> bool:
        """Answer a request.

        Returns:
            Whether the connection may stay.
        """
        with self.lock:
            self.asked.append(request)
            trouble = self._due_trouble(request)
            if not trouble:
                try:
                    response = self.answer(request)
                except Refusal as refusal:
                    response = refusal.response
        if trouble:
            return self._make_trouble(trouble, write)
        write(_written(response))
        return True

    def _due_trouble(self, request: Request) -> str:
        searched = f"{request.method} {request.target}\n".encode() + request.body
        if not self._trouble or not self._trouble_times or self._trouble_at not in searched:
            return ""
        self._trouble_times -= 1
        return self._trouble

    def _make_trouble(self, trouble: str, write) -> bool:
        if trouble in _ANSWERS:
            write(_written(_ANSWERS[trouble]))
            return True
        if trouble == "foreign_500":
            foreign = self.foreign_answer()
            write(_written(Response(500, foreign.body, foreign.headers)))
            return True
        if trouble == "slow":
            self._closing.wait(60)
        elif trouble == "trickle":
            write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(500):
                if self._closing.wait(0.01):
                    break
                write(b" ")
        elif trouble == "cut_off":
            write(_written(Response(200, b"x" * 1000))[:-500])
        elif trouble == "endless":
            write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while not self._closing.is_set():
                write(b"x" * 65536)
        return False

    def __enter__(self) -> Self:
        cloud = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self) -> None:
                while (request := _read(self.rfile)) is not None:
                    if not cloud.handle(request, self.connection.sendall):
                        return

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.root}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, client_address) -> None:
        """A client that leaves early is no matter."""


def _read(stream) -> Request | None:
    """The next request of a connection, None at its end."""
    first = stream.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(first[0], first[1], headers, body)


def _written(response: Response) -> bytes:
    headers = {"Content-Length": str(len(response.body)), **response.headers}
    lines = [f"HTTP/1.1 {response.status} Whatever", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + response.body


_ANSWERS = {
    "rate_limited": Response(429, b"slow down", {"Retry-After": str(RETRY_AFTER_SECONDS)}),
    "unavailable": Response(503, b"<html><h1>503</h1></html>"),
    "broken": Response(500, b"<html><h1>Internal Server Error</h1></html>"),
    "garbage": Response(200, _PAGE, {"Content-Type": "text/html"}),
    "entities": Response(200, _BOMB, {"Content-Type": "text/xml"}),
    "redirect": Response(302, b"", {"Location": SOMEBODY_ELSES}),
}


def bare(mac: str) -> str:
    """A MAC address as ``Cloud.devices`` has it."""
    return unquote(mac).replace("-", "").replace(":", "").lower()
