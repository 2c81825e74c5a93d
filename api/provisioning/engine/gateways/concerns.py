"""Reasons to look at a gateway's configuration again; none of them stops it."""

from collections.abc import Iterator
from typing import Literal

from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.fields import is_address

Code = Literal[
    "mac_of_other_brand", "not_encrypted", "password_unchanged", "pbx_is_address", "telnet_open",
    "model_not_verified", "country_not_verified",
]  # fmt: skip


def concerns(configuration: GatewayConfiguration) -> Iterator[Code]:
    """What an admin should know before the configuration is loaded."""
    brand, device = configuration.brand, configuration.device
    if not brand.owns(device.mac):
        yield "mac_of_other_brand"
    if configuration.pbx.transport == "udp":
        yield "not_encrypted"
    if not configuration.admin.password:
        yield "password_unchanged"
    if is_address(configuration.pbx.host):
        yield "pbx_is_address"
    if configuration.shell == "telnet":
        yield "telnet_open"
    if not configuration.model.verified:
        yield "model_not_verified"
    if f"countries.{configuration.country.id}" in brand.unverified:
        yield "country_not_verified"
