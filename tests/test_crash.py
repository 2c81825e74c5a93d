"""The real server is killed or stopped in the middle of its work: what it answered holds."""

import http.client
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provisioning.app import prepare
from provisioning.engine.mac import MacAddress
from provisioning.services import accounts
from provisioning.settings import Settings
from provisioning.store.database import database, open_database

PHONES = 1_000
CLIENTS = 8
WORKERS = 2
START_SECONDS = 30
COMMAND = [sys.executable, "-c", "from provisioning.cli import main; main()", "web"]
USER = re.compile(r"^account\.1\.user_name = (\S*)$", re.MULTILINE)


@dataclass
class Site:
    """A state directory, and how to reach the server on it."""

    environment: dict[str, str]
    port: int
    token: str

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(Path(self.environment["PROVISIONING_STATE"], "provisioning.sqlite"))


@dataclass
class Witness:
    """What clients were answered before the server died."""

    created: dict[MacAddress, str] = field(default_factory=dict)
    """Phones with their permanent token."""
    fetched: set[MacAddress] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    left: Iterator[int] = field(default_factory=lambda: iter(range(PHONES)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_phone(self) -> MacAddress | None:
        with self.lock:
            number = next(self.left, None)
        return None if number is None else MacAddress(f"001565{number:06x}")


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    token: str = "",
    body: object = None,
) -> tuple[int, str]:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.fixture
def site(tmp_path) -> Site:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {
        "PROVISIONING_STATE": str(tmp_path / "state"),
        "PROVISIONING_LISTEN": f"127.0.0.1:{port}",
        "PROVISIONING_WORKERS": str(WORKERS),
        "PROVISIONING_ADMIN_PASSWORD": "not-random",
    }
    settings = Settings.from_environment(environment)
    prepare(settings)
    open_database(settings.state / "provisioning.sqlite")
    token = accounts.create_service_token("tests", by="tests")
    database.close()
    return Site(environment, port, token)


@contextmanager
def server(site: Site, log: Path) -> Iterator[subprocess.Popen]:
    """The server in a process group of its own; whatever happens, nothing of it is left."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            COMMAND,
            env={**os.environ, **site.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_it_answers(site, process, log)
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen) -> None:
    """Kill all its processes at once: none of them can tidy up."""
    if process.returncode != -signal.SIGKILL:  # else it has been done
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_answers(site: Site, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = site.connect()
        try:
            # A worker that is told to stop while it starts does not hear it: wait for all.
            started = log.read_text().count("Started worker-")
            if ask(connection, "GET", "/provisioning/check/ping")[0] == 200 and started == WORKERS:
                return
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        finally:
            connection.close()


def register_and_fetch(site: Site, witness: Witness) -> None:
    """One client: registers phones and plays them, until the server is gone."""
    connection = site.connect()
    try:
        while mac := witness.next_phone():
            status, answer = ask(
                connection,
                "POST",
                "/tancredi/api/v1/phones",
                site.token,
                {
                    "mac": str(mac),
                    "model": "yealink-T46",
                    "display_name": f"Phone {mac.bare}",
                    "variables": {"account_username_1": mac.bare, "account_password_1": "x"},
                },
            )
            assert status == 201, answer
            token = json.loads(answer)["tok2"]
            witness.created[mac] = token
            status, body = ask(connection, "GET", f"/provisioning/{token}/{mac.bare}.cfg")
            if status != 200 or USER.findall(body) != [mac.bare]:
                witness.wrong.append(f"{mac}: {status} {USER.findall(body)}")
            witness.fetched.add(mac)
    except (OSError, http.client.HTTPException):
        pass  # killed
    except Exception as mistake:  # noqa: BLE001 (a thread has nobody to tell)
        witness.wrong.append(repr(mistake))
    finally:
        connection.close()


def test_whatever_was_answered_survives_a_kill_at_any_moment(site, tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 (shown if the test fails)
    enough = random.Random(seed).randint(PHONES // 10, PHONES * 8 // 10)
    witness = Witness()

    with server(site, tmp_path / "first.log") as process:
        clients = [
            threading.Thread(target=register_and_fetch, args=(site, witness))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        while len(witness.created) < enough and any(client.is_alive() for client in clients):
            time.sleep(0.001)
        kill(process)
        for client in clients:
            client.join(20)

    assert witness.wrong == []
    assert enough <= len(witness.created) < PHONES
    with site.database() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = dict(connection.execute("SELECT phone_id, text FROM token WHERE kind = 2"))
        waiting = {
            mac for (mac,) in connection.execute("SELECT phone_id FROM token WHERE kind = 1")
        }
    # A phone is there whole, with its token, or not at all; each client had at most one on its way.
    assert len(witness.created) <= len(stored) <= len(witness.created) + CLIENTS
    assert {str(mac): token for mac, token in witness.created.items()}.items() <= stored.items()
    # The first access had ended before the answer that ended it.
    assert waiting.isdisjoint(str(mac) for mac in witness.fetched)

    with server(site, tmp_path / "second.log"):
        connection = site.connect()
        status, answer = ask(connection, "GET", "/tancredi/api/v1/phones", site.token)
        assert (status, {phone["mac"] for phone in json.loads(answer)}) == (200, set(stored))
        for mac, token in witness.created.items():
            status, body = ask(connection, "GET", f"/provisioning/{token}/{mac.bare}.cfg")
            assert (status, USER.findall(body)) == (200, [mac.bare])
        connection.close()


def test_a_server_that_is_stopped_has_written_down_what_it_was_asked(site, tmp_path):
    """Requests wait half a second for their batch; the end of a process must not lose them."""
    with server(site, tmp_path / "server.log") as process:
        connections = [site.connect() for _ in range(8)]
        for number in range(40):
            status, _ = ask(connections[number % 8], "GET", f"/provisioning/asked-{number}.txt")
            assert status == 404
        for connection in connections:
            connection.close()
        process.terminate()
        process.wait(20)

    with site.database() as connection:
        written = connection.execute("SELECT file FROM device_request").fetchall()
    assert sorted(written) == sorted((f"asked-{number}.txt",) for number in range(40))
