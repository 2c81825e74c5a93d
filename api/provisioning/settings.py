"""The settings that must be known before the database opens: environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioning.services.site import PublicUrl
from provisioning.web.callers import Network, parse_networks

_PRIVATE_NETWORKS = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,\
fc00::/7,fe80::/10"


class SettingsError(ValueError):
    """A setting that cannot be used; the text names it and tells what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All ``PROVISIONING_*`` variables; the manual describes them."""

    state: Path
    host: str
    port: int
    public_url: PublicUrl
    admin_password: str | None
    tancredi_api: str
    """``token``, ``trusted`` or ``off``."""
    trusted_networks: tuple[Network, ...]
    trusted_proxies: tuple[Network, ...]
    tokenless_networks: tuple[Network, ...]
    workers: int
    pnp_interfaces: tuple[str, ...]
    """Where ``provisioning pnp`` listens: names or own addresses; empty: it is off."""
    pnp_networks: tuple[Network, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment.

        Raises:
            SettingsError: a variable cannot be used.
        """
        read = _Reader(environment)
        host, port = read.listen()
        written = f"[{host}]" if ":" in host else host
        return cls(
            state=Path(read.text("STATE", "./var")).resolve(),
            host=host,
            port=port,
            public_url=read.public_url(f"http://{written}:{port}"),
            admin_password=read.text("ADMIN_PASSWORD", "") or None,
            tancredi_api=read.choice("TANCREDI_API", ("token", "trusted", "off")),
            trusted_networks=read.networks("TRUSTED_NETWORKS", "127.0.0.0/8,::1/128"),
            trusted_proxies=read.networks("TRUSTED_PROXIES", ""),
            tokenless_networks=read.networks("TOKENLESS_NETWORKS", _PRIVATE_NETWORKS),
            workers=read.number("WORKERS", os.cpu_count() or 1, 1, 64),
            pnp_interfaces=read.words("PNP_INTERFACES"),
            pnp_networks=read.networks("PNP_NETWORKS", _PRIVATE_NETWORKS),
        )


class _Reader:
    def __init__(self, environment: Mapping[str, str]):
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(f"PROVISIONING_{name}", "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, allowed[0])
        if value not in allowed:
            raise _refused(name, value, f"one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not low <= int(value) <= high:
            raise _refused(name, value, f"a number from {low} to {high}")
        return int(value)

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name, "").split(",") if word.strip())

    def listen(self) -> tuple[str, int]:
        value = self.text("LISTEN", "127.0.0.1:8080")
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise _refused("LISTEN", value, "an address and a port, e.g. 127.0.0.1:8080")
        return host.strip("[]"), int(port)

    def public_url(self, default: str) -> PublicUrl:
        value = self.text("PUBLIC_URL", default)
        try:
            return PublicUrl.parse(value)
        except ValueError as mistake:
            raise _refused(
                "PUBLIC_URL", value, "http:// or https://, a host and, if needed, a port"
            ) from mistake

    def networks(self, name: str, default: str) -> tuple[Network, ...]:
        value = self._environment.get(f"PROVISIONING_{name}", default)
        try:
            return parse_networks(value)
        except ValueError as mistake:
            raise _refused(name, value, f"addresses and networks, comma between ({mistake})") from (
                mistake
            )


def _refused(name: str, value: str, allowed: str) -> SettingsError:
    return SettingsError(f"PROVISIONING_{name} is {value!r}; it must be {allowed}")
