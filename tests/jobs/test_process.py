"""The commands that work: begin, end by a signal, take over."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from provisioning.services import operations
from provisioning.store import leases

COMMAND = [sys.executable, "-c", "from provisioning.cli import main; main()"]
DEADLINE_SECONDS = 40


@pytest.fixture
def state(settings, site) -> Path:
    """The state directory of a site whose database is open."""
    return settings.state


@contextmanager
def running(state: Path, command: str) -> Iterator[subprocess.Popen]:
    """A command in a process group of its own; whatever happens, nothing of it is left."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {
        **os.environ,
        "PROVISIONING_STATE": str(state),
        "PROVISIONING_LISTEN": f"127.0.0.1:{port}",
        "PROVISIONING_WORKERS": "1",
    }
    with log(state).open("ab") as output:
        process = subprocess.Popen(
            [*COMMAND, command],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if members(process.pid):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def log(state: Path) -> Path:
    return state.parent / "log"


def members(group: int) -> list[str]:
    """What still runs in a process group; zombies do not."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has just ended
            continue
        process_state, _, process_group = rest.split()[:3]
        if int(process_group) == group and process_state != "Z":
            found.append(name)
    return found


def until(condition, state: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log(state).read_text()
        time.sleep(0.05)


def works(state: Path) -> None:
    """Whoever works ends an operation, this one for want of a handler."""
    number = operations.start("nonsense", ["one"], by="tests")
    until(lambda: operations.progress(number).failed == 1, state)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_works_and_ends_by_a_signal(state, number):
    with running(state, "worker") as process:
        works(state)

        process.send_signal(number)

        assert process.wait(DEADLINE_SECONDS) == 0
    assert leases.find("worker") is None  # the next one begins at once
    assert "Traceback" not in log(state).read_text()


def test_run_serves_and_works_and_leaves_nothing_behind(state):
    with running(state, "run") as process:
        works(state)
        until(lambda: "Started worker-1" in log(state).read_text(), state)

        process.send_signal(signal.SIGTERM)

        assert process.wait(DEADLINE_SECONDS) == 0
        until(lambda: not members(process.pid), state)
    assert leases.find("worker") is None
    assert "Traceback" not in log(state).read_text()


def test_a_worker_beside_a_server_that_was_killed_ends_too(state):
    with running(state, "run") as process:
        works(state)

        process.kill()

        until(lambda: leases.find("worker") is None, state)
