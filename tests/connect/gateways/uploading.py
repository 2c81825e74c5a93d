"""Uploads to the simulated gateways: short time-outs, and a TFTP server for those that copy."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gateway_entries import LIBRARY, RENDERER, configured
from peers.gateways import Unit, loopback
from provisioning.connect.gateways.clients import Shell
from provisioning.connect.gateways.outcomes import UploadResult
from provisioning.connect.gateways.session import Credentials
from provisioning.connect.gateways.tftp import TftpServer
from provisioning.connect.gateways.upload import Target, upload
from provisioning.engine.gateways.commands import Load
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.dialogue import Patience

HURRIED = Patience(
    connect=5, login=5, command=5, settle=0.002, pace=0, interrupt=0.3, close=2, down=0, poll=0.05,
    back=10, listing=5, copy=5, save=5,
)  # fmt: skip
"""Enough for a unit that answers, on a machine that has other work too."""
IMPATIENT = dataclasses.replace(HURRIED, command=0.6, listing=0.6, copy=0.6, save=0.6, back=0.6)
"""For units that do not answer."""

TRINITY, HT801 = "patton-trinity-bri-4", "grandstream-ht801"


def trinity(**changes: Any) -> Unit:
    values: dict[str, Any] = {
        "program": "trinity",
        "model": "SIM-4BRI",
        "mac": "00A0BA11A2B3",
        "login": ("administrator", "old-secret"),
        "address": "192.168.5.40",
    }
    return Unit(**values | changes)


def ht801(**changes: Any) -> Unit:
    values: dict[str, Any] = {
        "program": "grandstream",
        "model": "HT801",
        "mac": "C0:74:AD:0B:1C:2D",
        "login": ("admin", "old-secret"),
        "address": "192.168.5.40",
        "firmware": "1.0.31.1",
        "values": {"47": "old.example.org", "8": "0", "4200": "{x+}", "P730": "untouched"},
    }
    return Unit(**values | changes)


def configuration(model: str, **changes: Any) -> GatewayConfiguration:
    """A configuration after which the unit answers by telnet."""
    return configured(model, **{"shell": "telnet"} | changes)


@contextmanager
def load(gateway: GatewayConfiguration, host: str) -> Iterator[tuple[Load, Any]]:
    """What to upload to a unit that answers at an address, and whether its file was taken."""
    if gateway.brand.id == "grandstream":
        yield Load(gateway, parameters=RENDERER.parameters(gateway)), None
        return
    script = RENDERER.render(gateway, "script").decode()
    with (
        TftpServer("127.0.0.1", 0) as server,
        server.offer(script.encode(), host) as offer,
    ):
        yield Load(gateway, script=script, url=offer.url), offer.taken


def target(unit: Unit, address: str = "", password: str = "", kind: str = "telnet") -> Target:
    """Where a unit is, as it was before or as it is to be."""
    user, old = unit.login
    shell = Shell(kind, loopback(address or unit.address), unit.port)
    return Target(shell, Credentials(user, password or old))


def nobody(port: int) -> Target:
    """Where there is no unit of ours."""
    return Target(Shell("telnet", "127.0.0.1", port), Credentials("administrator", "old-secret"))


def put(unit: Unit, model: str, *, changes: Any = None, **options: Any) -> UploadResult:
    """Upload a configuration of a model to a unit and wait for the end."""
    gateway = configuration(model, **changes or {})
    after = target(unit, str(gateway.device.ip), gateway.admin.password, gateway.shell)
    options = {"target": target(unit), "then": after, "patience": HURRIED} | options
    with load(gateway, options["target"].shell.host) as (what, delivered):
        return upload(what, library=LIBRARY, delivered=delivered, **options)
