"""A real Asterisk: the PBX that reads our accounts and whose Manager Interface we speak to.

Checks what only Asterisk itself can tell: that it loads the accounts file as it was meant, and that
its Manager answers as ``peers/ami.py`` says it does. Debian 12 has no Asterisk, so it comes from
sid in a root folder of its own, made once by mmdebstrap (a download of some 100 MB) and kept under
the directory that ``PROVISIONING_TEST_CACHE`` names. Wants root; listens on loopback only.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CACHE = "PROVISIONING_TEST_CACHE"
USERNAME, SECRET = "provisioning", "a secret; with a semicolon"
TRANSPORT = "loopback"
_START_SECONDS = 30
_BUILD_SECONDS = 900


@dataclass(frozen=True)
class Asterisk:
    """A running Asterisk."""

    root: Path
    directory: Path
    """Its configuration directory, as this machine sees it."""
    ami_port: int
    sip_port: int

    def cli(self, command: str) -> str:
        """What the console answers to a command."""
        inside = f"/{(self.directory / 'asterisk.conf').relative_to(self.root)}"
        return _in_root(self.root, "asterisk", "-C", inside, "-rx", command)


def asterisk_root() -> Path:
    """The root folder with Asterisk in it, made now if need be; skips the test without one."""
    cache = os.environ.get(CACHE)
    if not cache:
        pytest.skip(f"{CACHE} does not name a directory for Asterisk's root folder")
    if os.geteuid() != 0:
        pytest.skip("Asterisk's root folder wants root")
    root = Path(cache) / "asterisk"
    if not (root / "usr/sbin/asterisk").exists():
        if shutil.which("mmdebstrap") is None:
            pytest.skip("mmdebstrap is not installed (Debian package mmdebstrap)")
        root.parent.mkdir(parents=True, exist_ok=True)
        with root.with_suffix(".lock").open("w") as lock:  # one of several test processes makes it
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.exists():
                _build(root)
    return root


def _build(root: Path) -> None:
    """Make the folder beside its place and move it there whole."""
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        made = Path(temporary) / "root"
        # A mirror frozen in time: this machine's apt says whether dates matter.
        options = [f"--aptopt={line}" for line in _host_apt("Acquire::Check")]
        command = ["mmdebstrap", "--variant=apt", *options, "--include=asterisk", "sid", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS)
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-3:]
            pytest.skip(f"mmdebstrap could not make Asterisk's root folder: {' '.join(last)}")
        made.rename(root)


def _host_apt(prefix: str) -> list[str]:
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    return [line for line in dump.stdout.splitlines() if line.startswith(prefix)]


@contextmanager
def running_asterisk(accounts: str) -> Iterator[Asterisk]:
    """An Asterisk whose ``pjsip.conf`` includes the accounts."""
    root = asterisk_root()
    directory = Path(tempfile.mkdtemp(prefix="provisioning-", dir=root / "tmp"))
    ami_port, sip_port = _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)
    inside = f"/{directory.relative_to(root)}"
    (directory / "accounts.conf").write_text(accounts, encoding="utf-8")
    for name, text in _configuration(inside, ami_port, sip_port).items():
        (directory / name).write_text(text, encoding="utf-8")
    peer = Asterisk(root, directory, ami_port, sip_port)
    command = ["chroot", str(root), "asterisk", "-f", "-C", f"{inside}/asterisk.conf"]
    with (directory / "console.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_until_booted(peer, process)
        yield peer
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(directory)


def _configuration(inside: str, ami_port: int, sip_port: int) -> dict[str, str]:
    return {
        "asterisk.conf": f"""\
[directories]
astetcdir => {inside}
astrundir => {inside}
astdbdir => {inside}
astspooldir => {inside}
astlogdir => {inside}
""",
        "manager.conf": f"""\
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {ami_port}
[{USERNAME}]
secret = {SECRET.replace(";", chr(92) + ";")}
read = all
write = all
""",
        "pjsip.conf": f"""\
[{TRANSPORT}]
type = transport
protocol = udp
bind = 127.0.0.1:{sip_port}
#include accounts.conf
""",
        "pjsip_notify.conf": "",
        "extensions.conf": "[from-users]\nexten => _X.,1,Hangup()\n",
        "modules.conf": "[modules]\nautoload = yes\n",
        "logger.conf": "[logfiles]\nmessages.log = notice,warning,error\n",
    }


def _wait_until_booted(peer: Asterisk, process: "subprocess.Popen[bytes]") -> None:
    command = f"/{(peer.directory / 'asterisk.conf').relative_to(peer.root)}"
    waiting = ["asterisk", "-C", command, "-rx", "core waitfullybooted"]
    for _ in range(_START_SECONDS * 10):
        if process.poll() is not None:
            raise RuntimeError((peer.directory / "console.log").read_text(errors="replace")[-2000:])
        if "fully booted" in _in_root(peer.root, *waiting):
            return
    raise TimeoutError("Asterisk did not start")


def _in_root(root: Path, *command: str) -> str:
    done = subprocess.run(
        ["chroot", str(root), *command], capture_output=True, text=True, timeout=_START_SECONDS
    )
    return done.stdout


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
