"""Gateways played by programs of ours behind the real telnetd or sshd.

``trinity.py`` and ``grandstream.py`` are the command lines; Debian's inetutils-telnetd (``-E``) or
openssh-server runs one for each connection, so that negotiation, terminals and echo are real. A
unit has an address in 127.0.0.0/8: 192.168.5.40 of its configuration is 127.168.5.40 here. When it
restarts nobody listens for a while, then it answers at the address that its configuration gave it.

sshd wants a password from the system's files: it runs in a mount namespace with files of ours over
them, for which the tests must be root. Nothing outside the unit's folder changes.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_START_SECONDS = 20
_TELNETD = Path("/usr/sbin/telnetd")
_SSHD = Path("/usr/sbin/sshd")

FACTORY_SCRIPT = """\
cli version 4.00
authentication-service AUTH_SRV_0
  username old password OldSecret0000000000X
context cs SWITCH
  mapping-table called-e164 to called-e164 cutpref
    map 20990(.%) to \\1
"""


@dataclass
class Unit:
    """A gateway: what it is, what goes wrong, what it holds."""

    program: str
    """``trinity`` or ``grandstream``."""
    model: str
    mac: str
    login: tuple[str, str]
    address: str
    """In its own network; see :func:`loopback`."""
    telnet: bool = True
    ssh: bool = False
    firmware: str = "3.18-SIM"
    values: dict[str, str] = field(default_factory=dict)
    """Numbered parameters that it holds."""
    script: str = FACTORY_SCRIPT
    fault: tuple[str, str, str] = ("none", "", "")
    """What goes wrong (``answer``, ``hang``, ``drop``, ``flood``), at commands that begin so, and
    what it says then."""
    slow: float = 0.0
    """Seconds before everything it says."""
    garbage: bool = False
    """It writes terminal escapes and control characters."""
    pager: bool = False
    masks_secrets: bool = False
    cut: int = 0
    """Bytes of a file after which it stops, as if that were all."""
    reload: str = "one question"
    """Or ``two questions``, ``no question``, ``no words``, ``refused``."""
    asks_user: bool = False
    bare_prompt: bool = False
    """It says nothing about a wrong password."""
    reads: bool = True
    """Whether it knows ``get``."""
    write_only: list[str] = field(default_factory=lambda: ["2", "34", "196", "734"])
    forgets: str = ""
    """A parameter that it takes and does not keep."""
    attempts: int = 0
    """Wrong passwords so far."""
    boot_seconds: float = 0.1
    returns: bool = True
    ignores_new_address: bool = False
    changes_key: bool = False
    """It has another ssh key after a restart, as another unit would."""
    folder: Path = field(default_factory=Path)
    port: int = 0
    restarts: int = 0
    """How often it has restarted."""

    def state(self) -> dict[str, object]:
        return json.loads((self.folder / "state.json").read_text())

    def commands(self) -> list[str]:
        """All that was typed at its prompts."""
        log = self.folder / "commands.log"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def host_key(self) -> str:
        """The public part of its ssh key."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])


def loopback(address: str) -> str:
    """Where a unit with this address answers on this machine."""
    first, rest = address.split(".", 1)
    return f"127.{rest}" if first == "192" else address


@contextmanager
def running(unit: Unit) -> Iterator[Unit]:
    """The unit, switched on."""
    _need(unit)
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        unit.folder = Path(folder)
        spec = asdict(unit) | {"folder": str(unit.folder)}
        (unit.folder / "spec.json").write_text(json.dumps(spec))
        state = {
            "login": unit.login, "address": unit.address, "host": unit.address,
            "telnet": unit.telnet, "ssh": unit.ssh, "values": unit.values,
            "attempts": unit.attempts,
            "configurations": {"running-config": unit.script, "startup-config": unit.script},
        }  # fmt: skip
        (unit.folder / "state.json").write_text(json.dumps(state))
        power = _Power(unit)
        try:
            yield unit
        finally:
            power.off()


def _need(unit: Unit) -> None:
    if unit.telnet and not _TELNETD.exists():
        pytest.skip("telnetd is not installed (Debian package inetutils-telnetd)")
    if unit.telnet and shutil.which("telnet") is None:
        pytest.skip("telnet is not installed (Debian package inetutils-telnet)")
    if unit.ssh:
        need_sshd()
    if unit.program == "trinity" and shutil.which("curl") is None:
        pytest.skip("curl is not installed")


def need_sshd() -> None:
    """Skip the test where there can be no sshd of ours."""
    if not _SSHD.exists():
        pytest.skip("sshd is not installed (Debian package openssh-server)")
    if os.geteuid() != 0:
        pytest.skip("sshd with passwords of ours wants root")


class _Power:
    """Listens for a unit, and restarts it when it says so."""

    def __init__(self, unit: Unit):
        self.unit = unit
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.control.bind(str(unit.folder / "control"))
        self.ended = threading.Event()
        with socket.create_server((loopback(unit.address), unit.port)) as probe:
            unit.port = probe.getsockname()[1]
        self.server: _Telnetd | _Sshd | None = self.on()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def on(self) -> "_Telnetd | _Sshd | None":
        state = self.unit.state()
        address = self.unit.address if self.unit.ignores_new_address else str(state["address"])
        where = (loopback(address), self.unit.port)
        if state["telnet"]:
            return _Telnetd(self.unit, where)
        return _Sshd(self.unit, where) if state["ssh"] else None

    def watch(self) -> None:
        while self.control.recv(100) == b"restart":
            if self.server:
                self.server.stop()
            self.server = None
            self.unit.restarts += 1
            if self.unit.changes_key:
                for key in self.unit.folder.glob("host_key*"):
                    key.unlink()
            if self.unit.returns and not self.ended.wait(self.unit.boot_seconds):
                self.server = self.on()

    def off(self) -> None:
        self.ended.set()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.sendto(b"off", str(self.unit.folder / "control"))
        self.watcher.join()
        self.control.close()
        if self.server:
            self.server.stop()


def _program(unit: Unit, *more: str) -> str:
    words = [sys.executable, "-S", "-E", str(_HERE / f"{unit.program}.py"), str(unit.folder), *more]
    return " ".join(words)


class _Telnetd:
    """What inetd is: a telnetd for each connection."""

    def __init__(self, unit: Unit, where: tuple[str, int]):
        self.unit = unit
        self.sessions: list[subprocess.Popen[bytes]] = []
        self.socket = socket.create_server(where)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self) -> None:
        command = [str(_TELNETD), "-h", "-E", _program(self.unit)]
        while True:
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            with link:
                # Else an answer waits 40 ms for the acknowledgement of the echo before it.
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.sessions.append(
                    subprocess.Popen(command, stdin=link, stdout=link, stderr=subprocess.DEVNULL)
                )

    def stop(self) -> None:
        # Only shutting it down wakes the thread that accepts.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for session in self.sessions:
            with suppress(subprocess.TimeoutExpired):
                session.wait(0.2)  # what it has said last must get out
            session.kill()
            session.wait()


class _Sshd:
    """An sshd with a user and a key of its own, in a mount namespace."""

    def __init__(self, unit: Unit, where: tuple[str, int]):
        folder = unit.folder
        key = folder / "host_key"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key],
                           check=True)  # fmt: skip
        user, password = unit.state()["login"]  # type: ignore[misc]
        digest = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=f"{password}\n", text=True,
            capture_output=True, check=True,
        ).stdout.strip()  # fmt: skip
        nobody = "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\nroot:x:0:0::/root:/bin/sh\n"
        (folder / "passwd").write_text(f"{user}:x:0:0::/:/bin/sh\n{nobody}")
        (folder / "shadow").write_text(f"{user}:{digest}:19000::::::\nsshd:*:19000::::::\n")
        (folder / "shadow").chmod(0o600)
        (folder / "sshd_config").write_text(f"""\
ListenAddress {where[0]}
Port {where[1]}
HostKey {key}
UsePAM no
PermitRootLogin yes
KbdInteractiveAuthentication no
StrictModes no
PidFile none
PrintMotd no
PrintLastLog no
ForceCommand {_program(unit, "ssh")}
""")
        script = (
            "mount -t tmpfs tmpfs /run && mkdir /run/sshd && "
            f"mount --bind {folder}/passwd /etc/passwd && "
            f"mount --bind {folder}/shadow /etc/shadow && "
            f"exec {_SSHD} -D -e -f {folder}/sshd_config"
        )
        with (folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", script], stderr=log, start_new_session=True
            )
        self.wait_until_listening(where, folder / "sshd.log")

    def wait_until_listening(self, where: tuple[str, int], log: Path) -> None:
        for _ in range(_START_SECONDS * 50):
            with suppress(OSError), socket.create_connection(where, 1):
                return
            try:
                self.process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"sshd ended: {log.read_text()[-500:]}")
        raise TimeoutError("sshd did not start")

    def stop(self) -> None:
        """End it with the sessions that it has: they are in its process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


def clients_left() -> list[str]:
    """The names of client programs that this process has started and not taken leave of."""
    own = str(os.getpid())
    names = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            if rest.split()[1] == own and name in ("telnet", "ssh"):
                names.append(name)
    return names
