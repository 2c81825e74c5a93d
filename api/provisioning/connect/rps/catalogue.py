"""Which redirect services there are, what each wants to know, and opening one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from provisioning.connect.rps import hawk_rest
from provisioning.connect.rps.connection import check_base_url
from provisioning.connect.rps.falconieri import Falconieri
from provisioning.connect.rps.fanvil import Fanvil
from provisioning.connect.rps.gigaset_xml_rpc import GigasetXmlRpc
from provisioning.connect.rps.hawk_rest import HawkRest
from provisioning.connect.rps.service import Abilities, RedirectService
from provisioning.connect.rps.snom_xml_rpc import SnomXmlRpc
from provisioning.connect.rps.yealink_v1 import YealinkV1
from provisioning.connect.rps.yealink_xml_rpc import YealinkXmlRpc
from provisioning.connect.rps.ymcs import Ymcs
from provisioning.engine.parameter import Text
from provisioning.engine.values import FieldError

MAX_SETTING_CHARACTERS = 255

Settings = Mapping[str, str]

_FILE = Path(__file__).with_name("services.yaml")
_ADDRESS = "base_url"


class SettingsRefused(ValueError):
    """Settings that do not make an account; all wrong fields are named, no value is repeated."""

    def __init__(self, kind: str, errors: tuple[FieldError, ...]):
        super().__init__(
            f"{kind}: " + " ".join(f"{error.name}: {error.detail}" for error in errors)
        )
        self.kind = kind
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of an account."""

    name: str
    label: Text
    secret: bool = False
    """Whether it is never shown again."""
    values: Mapping[str, Text] | None = None
    """What it may be; None: any printable text."""
    default: str | None = None
    """What it is if nothing is filled in; None: it must be filled in."""

    def check(self, value: str) -> FieldError | None:
        """What is wrong with a value, None if nothing is."""
        allowed = f"1 to {MAX_SETTING_CHARACTERS} printable characters"
        if self.values is not None:
            allowed = ", ".join(self.values)
            right = value in self.values
        elif self.name == _ADDRESS:
            try:
                check_base_url(value)
            except ValueError as mistake:
                return self._error("This is not the address of a service.", str(mistake))
            right = True
        elif self.secret:
            right = value.isprintable()
        else:  # These become headers and parts of signatures.
            right = value.isascii() and value.isprintable() and not {*'"\\:'} & {*value}
            allowed += ' of ASCII, without " \\ :'
        if not value:
            return self._error("This is missing.", allowed)
        if not right or len(value) > MAX_SETTING_CHARACTERS:
            return self._error("This is not allowed here.", allowed)
        return None

    def _error(self, detail: str, allowed: str) -> FieldError:
        return FieldError(self.name, detail, allowed)


@dataclass(frozen=True, slots=True)
class ServiceKind:
    """A redirect service that an account may be had of."""

    id: str
    name: str
    """What people call it; the same in every language."""
    vendors: tuple[str, ...]
    """Ids of the vendors whose phones ask it."""
    fields: tuple[Field, ...]
    """The address first."""
    addresses: tuple[str, ...]
    """What to offer for the field ``base_url``."""
    abilities: Abilities
    unverified: tuple[str, ...]
    """What no source of the vendor tells: ``look_up``, ``serial``, ``models``, …"""

    def complete(self, settings: Settings) -> dict[str, str]:
        """The settings with the defaults of what is not filled in.

        Raises:
            SettingsRefused: a field is missing or wrong, or there is no such field.
        """
        known = {field.name: field for field in self.fields}
        complete = {n: settings.get(n) or f.default or "" for n, f in known.items()}
        errors = [known[name].check(value) for name, value in complete.items()]
        errors += [
            FieldError(name, "There is no such field.", ", ".join(known))
            for name in settings
            if name not in known
        ]
        wrong = tuple(error for error in errors if error)
        if wrong:
            raise SettingsRefused(self.id, wrong)
        return complete


def open_service(kind: str, settings: Settings, timeout: float) -> RedirectService:
    """Open a service; no request is made yet.

    Args:
        kind: id of a :class:`ServiceKind`.
        settings: values of its fields.
        timeout: seconds each call to it may take.

    Raises:
        KeyError: there is no such kind.
        SettingsRefused: the settings do not make an account.
    """
    complete = service_kinds()[kind].complete(settings)
    return _ADAPTERS[kind][1](complete, timeout)


@cache
def service_kinds() -> Mapping[str, ServiceKind]:
    """All services by id, those to offer first in front."""
    data = yaml.load(_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {kind: _kind(kind, entry, data["fields"]) for kind, entry in data["services"].items()}


def _kind(kind: str, entry: Mapping[str, Any], fields: Mapping[str, Any]) -> ServiceKind:
    addresses = tuple(entry["addresses"])
    listed = [_field(name, fields[name]) for name in entry["fields"]]
    address = _field(_ADDRESS, {**fields[_ADDRESS], "default": addresses[0]})
    return ServiceKind(
        id=kind,
        name=entry["name"],
        vendors=tuple(entry["vendors"]),
        fields=(address, *listed),
        addresses=addresses,
        abilities=_ADAPTERS[kind][0],
        unverified=tuple(entry.get("unverified", ())),
    )


def _field(name: str, entry: Mapping[str, Any]) -> Field:
    values = entry.get("values")
    return Field(
        name=name,
        label=Text(**entry["label"]),
        secret=entry.get("secret", False),
        values={value: Text(**label) for value, label in values.items()} if values else None,
        default=entry.get("default"),
    )


def _falconieri(s: Settings, timeout: float) -> RedirectService:
    providers = {
        "yealink": s["yealink_provider"],
        "snom": s["snom_provider"],
        "gigaset": s["gigaset_provider"],
        "fanvil": "fanvil",
        "nethesis": "fanvil",  # NethPhones are made by Fanvil; there is no provider of that name
    }
    return Falconieri(s[_ADDRESS], s["system_id"], s["system_secret"], providers, timeout)


def _ymcs(s: Settings, timeout: float) -> RedirectService:
    return Ymcs(s[_ADDRESS], s["client_id"], s["client_secret"], timeout)


def _yealink_v1(s: Settings, timeout: float) -> RedirectService:
    return YealinkV1(s[_ADDRESS], s["client_id"], s["client_secret"], timeout)


def _yealink_xml_rpc(s: Settings, timeout: float) -> RedirectService:
    return YealinkXmlRpc(s[_ADDRESS], s["username"], s["password"], s["server_name"], timeout)


def _sraps(s: Settings, timeout: float) -> RedirectService:
    return HawkRest(hawk_rest.SRAPS, s[_ADDRESS], s["client_id"], s["client_secret"], timeout)


def _grape(s: Settings, timeout: float) -> RedirectService:
    return HawkRest(hawk_rest.GRAPE, s[_ADDRESS], s["client_id"], s["client_secret"], timeout)


def _snom_xml_rpc(s: Settings, timeout: float) -> RedirectService:
    return SnomXmlRpc(s[_ADDRESS], s["username"], s["password"], timeout)


def _gigaset_xml_rpc(s: Settings, timeout: float) -> RedirectService:
    needed = s["check_code"] == "needed"
    return GigasetXmlRpc(s[_ADDRESS], s["username"], s["password"], needed, timeout)


def _fanvil(s: Settings, timeout: float) -> RedirectService:
    return Fanvil(s[_ADDRESS], s["username"], s["password"], timeout)


_ADAPTERS: Mapping[str, tuple[Abilities, Callable[[Settings, float], RedirectService]]] = {
    "falconieri": (Falconieri.abilities, _falconieri),
    "ymcs": (Ymcs.abilities, _ymcs),
    "yealink_v1": (YealinkV1.abilities, _yealink_v1),
    "yealink_xml_rpc": (YealinkXmlRpc.abilities, _yealink_xml_rpc),
    "sraps": (HawkRest.abilities, _sraps),
    "snom_xml_rpc": (SnomXmlRpc.abilities, _snom_xml_rpc),
    "grape": (HawkRest.abilities, _grape),
    "gigaset_xml_rpc": (GigasetXmlRpc.abilities, _gigaset_xml_rpc),
    "fanvil": (Fanvil.abilities, _fanvil),
}
