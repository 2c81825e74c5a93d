"""NethVoice's REST API for devices, played on loopback.

Faithful to what is known of it (from NethVoice 8's wizard and its plug-in for Tancredi): every
request is signed with SHA-1 of user, password digest and secret; it chooses number and secret of a
device itself, lowest free number first; making an account for a device that has one silently drops
that one. It cannot tell whether the real API signs as the plug-in for Tancredi does.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

USER, PASSWORD, SECRET = "admin", "pass word", "static-secret"


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


KEY = _sha1(USER + _sha1(PASSWORD) + SECRET)


@dataclass
class NethVoice:
    """What the PBX knows, and how it behaves."""

    url: str = ""
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By MAC with colons: ``extension`` and ``secret``."""
    encrypted: dict[str, bool] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Method and path of what was asked, in order."""
    reconfigured: list[str] = field(default_factory=list)
    status: int = 0
    """Answer everything with this status; 0: as it should be."""
    dies_after: str = ""
    """Does what this request asks, then closes the connection without an answer."""
    made: int = 0
    before: Callable[[str], object] = lambda asked: None
    """Called with method and path before anything is answered."""

    def numbers(self) -> dict[str, str]:
        """The number of each device, by its MAC with colons."""
        return {mac: account["extension"] for mac, account in self.accounts.items()}

    def make(self, mac: str, extension: str) -> str:
        """The next account of a user."""
        self.accounts.pop(mac, None)
        taken = {account["extension"] for account in self.accounts.values()}
        numbers = [extension, *(f"9{n}{extension}" for n in range(1, 9))]
        number = next(n for n in numbers if n not in taken)
        self.made += 1
        self.accounts[mac] = {"extension": number, "secret": f"made-by-nethvoice-{self.made}"}
        return number


@contextmanager
def listening() -> Iterator[NethVoice]:
    """The API on a free port of loopback."""
    pbx = NethVoice()

    class Handler(BaseHTTPRequestHandler):
        routes: ClassVar[list[tuple[str, Callable[..., tuple[int, object]]]]] = [
            (r"GET /rest/phones/account/(.+)", lambda _b, mac: _account(pbx, mac)),
            (r"POST /rest/physicalextensions", lambda body: _make(pbx, body)),
            (r"DELETE /rest/physicalextensions/(\d+)", lambda _b, n: _release(pbx, n)),
            (r"POST /rest/extensions/(\d+)/srtp/(true|false)", lambda _b, n, w: _srtp(pbx, n, w)),
            (r"POST /rest/phones/reconfigure", lambda body: _reconfigure(pbx, body)),
        ]

        def answer(self) -> None:
            asked = f"{self.command} {self.path}"
            pbx.asked.append(asked.replace("/rest", ""))
            pbx.before(asked)
            size = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(size)) if size else {}
            signed = (self.headers.get("User"), self.headers.get("Secretkey")) == (USER, KEY)
            status, document = (pbx.status, None) if pbx.status else (401, None)
            if not pbx.status and signed:
                status, document = 404, None
                for pattern, work in self.routes:
                    match = re.fullmatch(pattern, asked.replace("%3A", ":"))
                    if match:
                        status, document = work(body, *match.groups())
            if pbx.dies_after and asked.startswith(pbx.dies_after):
                pbx.dies_after = ""
                self.close_connection = True
                return
            content = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 (the library's names)

        def log_message(self, *_args: object) -> None:
            """Nothing is to be seen of it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pbx.url = f"http://127.0.0.1:{server.server_address[1]}/rest"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield pbx
        finally:
            server.shutdown()


def _account(pbx: NethVoice, mac: str) -> tuple[int, object]:
    found = pbx.accounts.get(mac)
    return (200, found) if found else (404, None)


def _make(pbx: NethVoice, body: Mapping[str, str]) -> tuple[int, object]:
    return 200, {"extension": pbx.make(body["mac"], body["mainextension"])}


def _release(pbx: NethVoice, number: str) -> tuple[int, object]:
    for mac, account in list(pbx.accounts.items()):
        if account["extension"] == number:
            del pbx.accounts[mac]
            return 204, None
    return 404, None


def _srtp(pbx: NethVoice, number: str, word: str) -> tuple[int, object]:
    pbx.encrypted[number] = word == "true"
    return 200, None


def _reconfigure(pbx: NethVoice, body: Mapping[str, str]) -> tuple[int, object]:
    pbx.reconfigured.append(body["extension"])
    return 200, None
