"""The system's telnet and ssh clients: how they are called, and what their own words mean."""

import base64
import binascii
import hashlib
import ipaddress
import math
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from provisioning.connect.gateways.outcomes import Outcome
from provisioning.connect.gateways.terminal import Terminal
from provisioning.engine.gateways.dialogue import ShellAccess

CONNECTED = re.compile(r"^Connected to ", re.MULTILINE)
"""What the telnet client says as soon as there is a connection."""

# The name under which the one key is kept: the address changes, the unit does not.
_ALIAS = "gateway"
_HOST_KEY = re.compile(r"[a-z0-9@.-]{1,60} [A-Za-z0-9+/]{16,4096}={0,2}")
_USER = re.compile(r"[A-Za-z0-9._-]{1,32}")
_WORDS: Sequence[tuple[re.Pattern[str], Outcome]] = (
    (re.compile(r"HOST IDENTIFICATION HAS CHANGED|Host key verification failed"),
     Outcome.HOST_KEY_CHANGED),
    (re.compile(r"Permission denied \(|Too many authentication failures"), Outcome.WRONG_PASSWORD),
    (re.compile(r"Unable to connect to remote host|Server lookup failure|^ssh: |Unable to negotiate"
                r"|Connection timed out|No route to host|Connection refused", re.MULTILINE),
     Outcome.UNREACHABLE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shell:
    """Where a gateway's command line is.

    Raises:
        ValueError: neither telnet nor ssh, not an IPv4 address, or not a port.
    """

    kind: str
    """``telnet`` or ``ssh``."""
    host: str
    port: int

    def __post_init__(self) -> None:
        if self.kind not in ("telnet", "ssh"):
            raise ValueError(f"{self.kind!r} is neither telnet nor ssh")
        ipaddress.IPv4Address(self.host)  # a name could be an option of the client
        if not 0 < self.port <= 65_535:
            raise ValueError(f"{self.port} is not a port")

    @classmethod
    def at(cls, access: ShellAccess, host: str) -> "Shell":
        """The command line of a gateway at an address, at the port of its brand."""
        return cls(access.kind, host, access.port)

    def __str__(self) -> str:
        return f"{self.host}:{self.port} ({self.kind})"


class Client:
    """One connection to a gateway: the client program, and the key that it saw."""

    def __init__(self, terminal: Terminal, keys: Path | None):
        self.terminal = terminal
        self._keys = keys

    def host_key(self) -> str:
        """The gateway's ssh key as ``type base64``; empty without ssh, or before the log-in."""
        if self._keys is None:
            return ""
        lines = [line.split(" ") for line in self._keys.read_text().splitlines()]
        return next((" ".join(found[1:3]) for found in lines if found[0] == _ALIAS), "")


@contextmanager
def connection(
    shell: Shell,
    access: ShellAccess,
    user: str,
    *,
    host_key: str | None,
    connect_seconds: float,
    cancelled: Event,
) -> Iterator[Client]:
    """Start the client; it is gone when the context ends, however it ends.

    Args:
        shell: where to.
        access: the brand's options of the ssh client.
        user: who logs in; telnet asks for it later.
        host_key: the ssh key that is known, as ``type base64``; another one is refused. None: it is
            the first time, the key that comes is taken.
        connect_seconds: for how long ssh tries to reach it.
        cancelled: set from outside to have every wait end.

    Raises:
        ProgramMissing: the client is not installed.
        ValueError: user or key are not of their form.
    """
    if shell.kind == "telnet":
        # No escape character, no log-in of its own, no file of the user's.
        command = ["telnet", "-E", "-K", "-c", shell.host, str(shell.port)]
        with Terminal(command, cancelled) as terminal:
            yield Client(terminal, None)
        return
    if not _USER.fullmatch(user) or user.startswith("-"):
        raise ValueError("this is not the name of a user for ssh")
    if host_key is not None and not _HOST_KEY.fullmatch(host_key):
        raise ValueError("this is not an ssh key")
    with tempfile.TemporaryDirectory(prefix="provisioning-ssh-") as directory:
        keys = Path(directory, "known_hosts")
        keys.write_text(f"{_ALIAS} {host_key}\n" if host_key else "")
        command = _ssh(shell, access, user, keys, bool(host_key), math.ceil(connect_seconds))
        with Terminal(command, cancelled) as terminal:
            yield Client(terminal, keys)


def _ssh(
    shell: Shell, access: ShellAccess, user: str, keys: Path, known: bool, seconds: int
) -> list[str]:
    options = [
        f"UserKnownHostsFile={keys}",
        "GlobalKnownHostsFile=/dev/null",
        f"HostKeyAlias={_ALIAS}",
        f"StrictHostKeyChecking={'yes' if known else 'accept-new'}",
        "HashKnownHosts=no",
        "CheckHostIP=no",
        "UpdateHostKeys=no",
        "PubkeyAuthentication=no",
        "PreferredAuthentications=keyboard-interactive,password",
        "NumberOfPasswordPrompts=1",
        f"ConnectTimeout={max(seconds, 1)}",
        "LogLevel=ERROR",
        *access.options,
    ]
    flags = [word for option in options for word in ("-o", option)]
    # No file of the user's, a terminal at the other end, no escape character.
    return ["ssh", "-F", "none", "-tt", "-e", "none", *flags, "-l", user, "-p", str(shell.port),
            "--", shell.host]  # fmt: skip


def meaning(words: str) -> Outcome | None:
    """What the client's own words mean, if they are such."""
    return next((outcome for pattern, outcome in _WORDS if pattern.search(words)), None)


def fingerprint(host_key: str) -> str:
    """The fingerprint of an ssh key, as ssh and gateways show it: ``SHA256:…``.

    Raises:
        ValueError: it is not a key.
    """
    try:
        key = base64.b64decode(host_key.partition(" ")[2], validate=True)
    except binascii.Error as mistake:
        raise ValueError("this is not an ssh key") from mistake
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"
