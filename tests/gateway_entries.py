"""Gateways as tests enter them: right in every field until a test changes one."""

from functools import cache
from pathlib import Path
from typing import Any

from provisioning.engine.gateways.brand_files import load_gateways
from provisioning.engine.gateways.checking import configure
from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.entry import GatewayEntry, PortEntry
from provisioning.engine.gateways.numbers import trunk_name
from provisioning.engine.gateways.rendering import GatewayRenderer
from provisioning.engine.mac import MacAddress
from provisioning.engine.timezones import Zones

TEMPLATES = Path(__file__).parents[1] / "templates"
LIBRARY = load_gateways([TEMPLATES / "gateways"])
ZONES = Zones.load(TEMPLATES / "timezones.yaml")
RENDERER = GatewayRenderer(LIBRARY)
EVERY_MODEL = tuple(LIBRARY.models)
MACS = {"patton": "00:A0:BA:11:A2:B3", "grandstream": "C0:74:AD:0B:1C:2D"}


def port(model: str, number: int, **changes: Any) -> PortEntry:
    """A port in use, with what its kind needs."""
    found = LIBRARY.models[model]
    line = found.line
    values: dict[str, Any] = {"number": number, "secret": f"{number:02d}Secret" + "x" * 14}
    if line.has_trunk:
        mac = MacAddress.parse(MACS[found.brand])
        name = trunk_name(LIBRARY.brand_of(found), line, mac, number)
        values |= {"trunk_name": name, "trunk_number": str(20_000 + number)}
    if "protocol" in line.needs:
        values["protocol"] = "pp"
    if "line_number" in line.needs:
        values["line_number"] = f"0721{number:06d}"
    if "extension" in line.needs:
        values |= {"extension": str(200 + number), "display_name": f"User{number}"}
    return PortEntry(**values | changes)


def entry(model: str, **changes: Any) -> GatewayEntry:
    """A gateway with all of its ports in use."""
    found = LIBRARY.models[model]
    values: dict[str, Any] = {
        "model": model,
        "name": f"{found.name} in the cellar",
        "mac": MACS[found.brand],
        "address": "192.168.5.41",
        "netmask": "255.255.255.0",
        "router": "192.168.5.1",
        "dns": ("192.168.5.53", "192.168.5.54"),
        "ntp": ("ntp.example.org", "192.168.5.55"),
        "pbx_host": "pbx.example.org",
        "proxy": "proxy.example.org",
        "admin_password": "NewPassword1",
        "ports": tuple(port(model, number) for number in range(1, found.ports + 1)),
    }
    return GatewayEntry(**values | changes)


def configured(model: str, **changes: Any) -> GatewayConfiguration:
    """The typed configuration of :func:`entry`."""
    return configure(entry(model, **changes), LIBRARY, ZONES)


@cache
def rendered(model: str, kind: str = "", **changes: Any) -> str:
    """The file of a kind, or the brand's main one."""
    found = LIBRARY.models[model]
    kind = kind or ("script" if found.brand == "patton" else "text")
    return RENDERER.render(configured(model, **changes), kind).decode()


def values_of(text: str) -> dict[int, str]:
    """Numbered parameters of a text, by number."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {int(name.removeprefix("P")): value for name, _, value in pairs}


def script_lines(text: str) -> list[str]:
    """The commands of a script, without indentation."""
    return [line.strip() for line in text.splitlines() if line.strip()]
