"""A network segment of two network namespaces: a server in one, a phone with any MAC in the other.

Checks what only a network can tell: who hears whom, and what really arrives. Wants root and the
program ip (Debian package iproute2); skips the test where namespaces are not permitted, as in most
containers.
"""

import ctypes
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVER_LINK, PHONE_LINK = "server0", "phone0"
SERVER_ADDRESS, PHONE_ADDRESS, MASK_BITS = "10.77.0.1", "10.77.0.2", 16

_CLONE_NEWNET = 0x4000_0000


@dataclass(frozen=True)
class Segment:
    """The names of the two namespaces."""

    server: str
    phone: str

    def as_server(self, *command: str) -> list[str]:
        """A command that runs where the server is."""
        return [_program(), "netns", "exec", self.server, *command]

    def as_phone(self, *command: str) -> list[str]:
        """A command that runs where the phone is."""
        return [_program(), "netns", "exec", self.phone, *command]

    def become(self, mac: str) -> None:
        """Give the phone a MAC address."""
        _ip("-n", self.phone, "link", "set", PHONE_LINK, "address", mac)


@contextmanager
def segment() -> Iterator[Segment]:
    """A segment; the server has an address, the phone none."""
    _program()
    if os.geteuid() != 0:
        pytest.skip("network namespaces want root")
    name = f"provisioning-{secrets.token_hex(4)}"
    made = Segment(f"{name}-server", f"{name}-phone")
    try:
        try:
            _ip("netns", "add", made.server)
            _ip("netns", "add", made.phone)
            _ip("-n", made.server, "link", "add", SERVER_LINK, "type", "veth",
                "peer", "name", PHONE_LINK, "netns", made.phone)  # fmt: skip
        except subprocess.CalledProcessError as failure:
            pytest.skip(f"network namespaces are not permitted here: {failure.stderr.strip()}")
        address = f"{SERVER_ADDRESS}/{MASK_BITS}"
        _ip("-n", made.server, "address", "add", address, "dev", SERVER_LINK)
        _ip("-n", made.server, "link", "set", SERVER_LINK, "up")
        _ip("-n", made.phone, "link", "set", PHONE_LINK, "up")
        yield made
    finally:
        for namespace in (made.server, made.phone):
            with suppress(subprocess.CalledProcessError):  # One may not have come to be.
                _ip("netns", "delete", namespace)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Be in a namespace: a socket opened there stays there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with (
        Path("/proc/thread-self/ns/net").open() as home,
        Path("/run/netns", namespace).open() as to,
    ):
        _enter(libc, to.fileno())
        try:
            yield
        finally:
            _enter(libc, home.fileno())


def program_or_skip(name: str, package: str) -> str:
    """Where a program is; skips the test without it."""
    # Servers are where only root looks for programs.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian package {package})")
    return found


def _enter(libc: ctypes.CDLL, descriptor: int) -> None:
    if libc.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _program() -> str:
    return program_or_skip("ip", "iproute2")


def _ip(*arguments: str) -> None:
    subprocess.run([_program(), *arguments], check=True, capture_output=True, text=True, timeout=10)
