"""A whole site: both APIs and the phones' entry point, a worker, and a PBX to speak to.

The PBX is our Manager of Asterisk (``peers/ami.py``), which lists as registered whoever stands in
the accounts file, and whose NOTIFY makes a phone that is switched on fetch its configuration.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from werkzeug.test import Client, TestResponse

from peers import ami
from provisioning.app import Application
from provisioning.engine.mac import MacAddress
from provisioning.jobs.handlers import handlers
from provisioning.jobs.worker import Worker
from provisioning.services import accounts, operations, reprovisioning
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store import proofs

USER_AGENT = "Yealink SIP-T46S 66.86.0.15 {}"


@dataclass
class WholeSite:
    """The site as its admin, its phones and its PBX meet it."""

    settings: Settings
    site: Site
    application: Application
    manager: ami.Manager
    pjsip_file: Path
    token: str
    switched_on: dict[str, str] = field(default_factory=dict)
    """Phones that fetch when they are asked: MAC id and user agent."""
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = Client(self.application)
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        """What the API answers to a program."""
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            return self._client.open(
                f"/api/v1{path}", method=method, headers={**sent, "Content-Type": "text/csv"},
                data=body,
            )  # fmt: skip
        kind = {} if body is None else {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        return self._client.open(f"/api/v1{path}", method=method, headers=sent | kind, data=data)

    def get(self, path: str) -> dict:
        """A document of the API."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def change(self, method: str, path: str, body: object = None, *, of: str = "") -> dict | None:
        """Change what is there now, whatever it is.

        Args:
            method: PATCH, PUT or DELETE.
            path: what to change.
            body: the change.
            of: where the version of it is read, if not there.
        """
        etag = self.call("GET", of or path).headers["ETag"]
        answer = self.call(method, path, body, If_Match=etag)
        assert answer.status_code < 300, answer.text
        return answer.json if answer.data else None

    def fetch(self, mac: MacAddress, user_agent: str = USER_AGENT, host: str = "localhost") -> str:
        """Be a phone: ask for the configuration by the address that it keeps, at some host."""
        secrets = self.get(f"/phones/{mac}/secrets")
        url = secrets["provisioning_url2"].partition("/provisioning/")[2].rstrip("/")
        headers = {"User-Agent": user_agent.format(mac.colons.lower())}
        path = f"/provisioning/{url}/{mac.bare}.cfg"
        answer = self._client.get(path, f"http://{host}", headers=headers)
        assert answer.status_code == 200, answer.text
        with self._lock:
            self.fetched.append(str(mac))
        return answer.text

    def settle(self) -> int | None:
        """What the clock does: compare, and ask those that lack something."""
        self.application.events.flush()
        return reprovisioning.after_changes(self.site)

    def notified(self, endpoint: str) -> None:
        """A NOTIFY reaches the device of an account, if it is switched on."""
        mac = proofs.phones_of_numbers().get(endpoint)
        if mac in self.switched_on:
            self.fetch(MacAddress.parse(mac), self.switched_on[mac])

    def register_everybody(self) -> None:
        """Every account of the file is registered with the PBX."""
        numbers = re.findall(r"(?m)^\[(\d+)\]\ntype = endpoint", self.pjsip_file.read_text())
        self.manager.endpoints = numbers
        self.manager.contacts = [
            f"Endpoint: {number}\nObjectName: {number};@x\nUri: sip:{number}@192.0.2.1\n"
            "Status: Reachable\nViaAddr: 192.0.2.1"
            for number in numbers
        ]

    def work(self, number: int) -> dict[str, tuple[str, str | None]]:
        """Let the worker bring an operation to its end; state and reason of its items."""
        until(lambda: operations.progress(number).ended, self.application.events.flush)
        _, found = operations.items(number, state=None, offset=0, limit=100_000)
        return {item.subject: (item.state, item.reason) for item in found}


@contextmanager
def whole_site(settings: Settings, site: Site) -> Iterator[WholeSite]:
    """The site with its worker at work; the PBX is Asterisk with a file of accounts."""
    application = Application(settings, site)
    manager = ami.Manager(modules=("res_pjsip.so",))
    pjsip_file = settings.state / "pjsip_devices.conf"
    with ami.listening(manager):
        found = WholeSite(
            settings,
            site,
            application,
            manager,
            pjsip_file,
            accounts.create_service_token("tests", by="tests"),
        )
        manager.on_notify = lambda endpoint: threading.Thread(
            target=found.notified, args=(endpoint,)
        ).start()
        values = {
            "pbx_connector": "asterisk",
            "pjsip_file": str(pjsip_file),
            "ami_host": "127.0.0.1",
            "ami_port": manager.port,
            "ami_user": ami.USERNAME,
            "ami_secret": ami.SECRET,
            "push_pace": 200,
        }
        found.change("PATCH", "/settings", {"values": values})
        with working(site):
            yield found
        application.events.flush()


@contextmanager
def working(site: Site) -> Iterator[None]:
    """A worker that does the real operations."""
    worker = Worker(handlers(site), lease_seconds=2.0)
    thread = threading.Thread(target=worker.run, name="worker")
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()


def until(condition, meanwhile=lambda: None, seconds: float = 60) -> None:
    """Poll, with a deadline."""
    waiting = threading.Event()
    for _ in range(int(seconds * 50)):
        meanwhile()
        if condition():
            return
        waiting.wait(0.02)
    raise AssertionError("it did not come to pass")
