"""Gateways of a whole site: simulated units (``peers/gateways``) behind real telnetd and clients.

A unit that is 192.168.5.40 in its configuration answers at 127.168.5.40, at a port of its own: that
is all in which the way to it differs here. Waits are shortened by the site's own ``brand.yaml``.
"""

import contextlib
import dataclasses
import socket
from collections.abc import Iterator

import pytest
import yaml
from site_at_work import WholeSite

from peers.gateways import Unit, loopback, running
from provisioning.connect.gateways.clients import Shell

TRINITY = {
    "name": "Lines", "mac": "00-A0-BA-11-A2-B3", "model": "patton-trinity-bri-4",
    "address": "192.168.5.41", "current_address": "192.168.5.40", "netmask": "/24",
    "router": "192.168.5.1", "dns": ["192.168.5.1"], "pbx_host": "pbx.example.org",
    "proxy": "proxy.example.org", "shell": "telnet", "login_user": "administrator",
    "login_password": "old-secret", "ports": [{"number": 1, "protocol": "pp"}],
}  # fmt: skip
HT801 = TRINITY | {
    "name": "Lobby", "mac": "C0-74-AD-0B-1C-2D", "model": "grandstream-ht801",
    "login_user": "admin", "ports": [{"number": 1, "extension": "350"}], "fetches": False,
}  # fmt: skip

_PATIENCE = {
    "connect": 5, "login": 5, "command": 5, "settle": 0.002, "pace": 0, "interrupt": 0.3,
    "close": 2, "down": 0, "poll": 0.05, "back": 6, "listing": 5, "copy": 5, "save": 5,
}  # fmt: skip


def trinity(**changes) -> Unit:
    """A Patton as it comes out of its box, but for its log-in."""
    values = {
        "program": "trinity", "model": "SIM-4BRI", "mac": "00A0BA11A2B3",
        "login": ("administrator", "old-secret"), "address": "192.168.5.40",
    }  # fmt: skip
    return Unit(**values | changes)


def ht801(**changes) -> Unit:
    """A Grandstream with values of somebody before us."""
    values = {
        "program": "grandstream", "model": "HT801", "mac": "C0:74:AD:0B:1C:2D",
        "login": ("admin", "old-secret"), "address": "192.168.5.40", "firmware": "1.0.31.1",
        "values": {"47": "old.example.org", "8": "0", "4200": "{x+}"},
    }  # fmt: skip
    return Unit(**values | changes)


@dataclasses.dataclass
class Gateways:
    """A site with gateways to upload to."""

    site: WholeSite
    ports: dict[str, int] = dataclasses.field(default_factory=dict)
    """Where a unit listens, by its address here."""

    @contextlib.contextmanager
    def on(self, unit: Unit, *addresses: str) -> Iterator[Unit]:
        """A unit that is switched on, reached at these addresses later."""
        with running(unit):
            for address in (unit.address, *addresses):
                self.ports[loopback(address)] = unit.port
            yield unit

    def register(self, body: dict, **changes) -> str:
        """Register a gateway; returns its path."""
        answer = self.site.call("POST", "/gateways", body | changes)
        assert answer.status_code == 201, answer.text
        return f"/gateways/{answer.json['mac']}"

    def upload(self, path: str) -> dict:
        """Upload and wait for the end; the upload as the API tells it."""
        answer = self.site.call("POST", f"{path}/uploads")
        assert answer.status_code == 202, answer.text
        self.site.work(answer.json["id"])
        return self.site.get(path)["upload"]


def hurried(at_work: WholeSite, monkeypatch: pytest.MonkeyPatch) -> Gateways:
    """The site with short time-outs, and a TFTP server at a port that is free."""
    at_work.site.own_gateways = at_work.site.state / "templates" / "gateways"
    for brand in ("patton", "grandstream"):
        folder = at_work.site.own_gateways / brand
        folder.mkdir(parents=True)
        (folder / "brand.yaml").write_text(yaml.safe_dump({"dialogue": {"patience": _PATIENCE}}))
    at_work.site._load()
    found = Gateways(at_work)

    def at(access, host):
        address = loopback(host)
        return Shell(access.kind, address, found.ports.get(address, 9))

    monkeypatch.setattr(Shell, "at", staticmethod(at))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    at_work.change(
        "PATCH", "/settings", {"values": {"tftp_address": "127.0.0.1", "tftp_port": port}}
    )
    return found
