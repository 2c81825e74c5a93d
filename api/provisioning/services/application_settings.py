"""Settings of the application that an admin changes while it runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from provisioning.engine.numbers import MAX_DEVICES
from provisioning.services.errors import BadName
from provisioning.store import application_settings as stored
from provisioning.store import history
from provisioning.store.database import configuration_change

_CONNECTORS = ("none", "asterisk")


@dataclass(frozen=True, slots=True)
class ApplicationSettings:
    """All of them, with their defaults."""

    devices_per_user: int = 8
    """At most nine: the main extension and the prefixes 91 to 98."""
    pbx_connector: str = "none"
    """``none``: accounts come by API or CSV. ``asterisk``: a file of ours that it includes."""
    pjsip_file: str = ""
    """Absolute path of the file for ``asterisk``."""
    ami_host: str = ""
    """Where Asterisk's manager interface listens, ``host`` or ``host:port``; empty: not used."""
    ami_user: str = ""
    ami_secret: str = ""
    encryption: bool = True
    """Whether new accounts speak TLS and SRTP."""


SECRETS = frozenset({"ami_secret"})


def get() -> ApplicationSettings:
    """The settings that apply."""
    found = {f.name: stored.get(f.name) for f in fields(ApplicationSettings)}
    known: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    return ApplicationSettings(**known)


def change(values: Mapping[str, object], *, by: str) -> ApplicationSettings:
    """Change some settings.

    Raises:
        BadName: a value that a setting cannot have; nothing was changed.
    """
    defaults = asdict(ApplicationSettings())
    for name, value in values.items():
        if name not in defaults or type(value) is not type(defaults[name]):
            raise BadName("setting", name, ", ".join(defaults))
    if values.get("pbx_connector", "none") not in _CONNECTORS:
        raise BadName("PBX connector", str(values["pbx_connector"]), ", ".join(_CONNECTORS))
    if not 1 <= int(str(values.get("devices_per_user", 1))) <= MAX_DEVICES:
        raise BadName("number of devices", str(values["devices_per_user"]), f"1 to {MAX_DEVICES}")
    with configuration_change():
        for name, value in values.items():
            stored.put(name, value)
        shown = {name: value for name, value in values.items() if name not in SECRETS}
        history.record(by, "settings", "settings", "change", after=shown)
    return get()
