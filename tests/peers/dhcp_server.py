"""DHCP servers of Debian, each started with a configuration of ours in a segment of its own.

Checks what only the servers themselves can tell: that they read the configuration as it was meant,
and whom they send which option. Each skips the test where it is not installed.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from peers.segment import MASK_BITS, SERVER_ADDRESS, SERVER_LINK, Segment, program_or_skip, segment

_START_SECONDS = 10
_FIRST, _LAST = "10.77.1.1", "10.77.250.254"


@contextmanager
def dnsmasq(configuration: str) -> Iterator[Segment]:
    """Starts dnsmasq (Debian package dnsmasq-base), our configuration in a file of its own."""
    program = program_or_skip("dnsmasq", "dnsmasq-base")
    with segment() as found, tempfile.TemporaryDirectory() as directory:
        own, main = Path(directory, "phones.conf"), Path(directory, "dnsmasq.conf")
        own.write_text(configuration, encoding="utf-8")
        # Without no-ping each offer waits three seconds for somebody to answer at its address.
        main.write_text(f"""\
port=0
interface={SERVER_LINK}
bind-interfaces
no-ping
no-hosts
user=root
dhcp-range={_FIRST},{_LAST},1h
dhcp-leasefile={directory}/leases
conf-file={own}
""")
        command = [program, "--keep-in-foreground", "--log-facility=-", f"--conf-file={main}",
                   "--pid-file"]  # fmt: skip
        with _running(found.as_server(*command), directory, "DHCP, sockets bound exclusively"):
            yield found


@contextmanager
def kea(configuration: str) -> Iterator[Segment]:
    """Starts Kea (Debian package kea-dhcp4-server), our member inside ``Dhcp4``."""
    program = program_or_skip("kea-dhcp4", "kea-dhcp4-server")
    with segment() as found, tempfile.TemporaryDirectory() as directory:
        main = Path(directory, "kea.conf")
        main.write_text(f'{{"Dhcp4": {{{configuration},{_KEA}}}}}', encoding="utf-8")
        environment = {"KEA_PIDFILE_DIR": directory, "KEA_LOCKFILE_DIR": directory}
        command = found.as_server(program, "-c", str(main))
        with _running(command, directory, "DHCP4_STARTED", environment):
            yield found


@contextmanager
def dhcpd(configuration: str) -> Iterator[Segment]:
    """Starts ISC dhcpd (Debian package isc-dhcp-server), our configuration in a file of its own."""
    program = program_or_skip("dhcpd", "isc-dhcp-server")
    with segment() as found, tempfile.TemporaryDirectory() as directory:
        main, leases = dhcpd_files(configuration, Path(directory))
        command = [program, "-f", "-d", "-user", "root", "-group", "root", "-cf", str(main),
                   "-lf", str(leases), "--no-pid", SERVER_LINK]  # fmt: skip
        with _running(found.as_server(*command), directory, "Server starting service."):
            yield found


def dhcpd_files(configuration: str, directory: Path) -> tuple[Path, Path]:
    """A configuration that includes ours, and a file for the leases."""
    own, main, leases = (directory / name for name in ("phones.conf", "dhcpd.conf", "leases"))
    own.write_text(configuration, encoding="utf-8")
    leases.touch()
    main.write_text(f"""\
ping-check false;
authoritative;
include "{own}";
subnet 10.77.0.0 netmask 255.255.0.0 {{ range {_FIRST} {_LAST}; }}
""")
    return main, leases


_KEA = json.dumps(
    {
        "interfaces-config": {"interfaces": [SERVER_LINK]},
        "lease-database": {"type": "memfile", "persist": False},
        "subnet4": [
            {"subnet": f"{SERVER_ADDRESS}/{MASK_BITS}", "pools": [{"pool": f"{_FIRST} - {_LAST}"}]}
        ],
        "loggers": [
            {"name": "kea-dhcp4", "severity": "INFO", "output_options": [{"output": "stdout"}]}
        ],
    }
)[1:-1]


@contextmanager
def _running(
    command: list[str], directory: str, started: str, environment: Mapping[str, str] = {}
) -> Iterator[None]:
    """A server that has said that it is ready; what it says goes into a file."""
    log = Path(directory, "log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environment)
        )
    try:
        _wait(process, log, started)
        yield
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", log: Path, started: str) -> None:
    for _ in range(_START_SECONDS * 100):
        if started in log.read_text(errors="replace"):
            return
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"{process.args} ended: {log.read_text(errors='replace')[-2000:]}")
    raise TimeoutError(f"{process.args} did not start")
