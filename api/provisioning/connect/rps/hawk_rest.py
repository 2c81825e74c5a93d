"""Snom's SRAPS and Gigaset's GRAPE: one REST service under two names, signed with Hawk.

An entry of a device sets the phone's setting that holds the provisioning URL. Which setting that
is, and where a company's devices are, is looked up once and kept for an hour.

Sources: Snom's page on the SRAPS API, Falconieri, the public vectors of Hawk. No manual of GRAPE
was found: that it differs by the name of one setting is known from Falconieri.
"""

import json
import logging
import secrets
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

import httpx
import mohawk

from provisioning.connect.rps.connection import Answer, Connection
from provisioning.connect.rps.problems import Code, Trouble
from provisioning.connect.rps.remembered import Remembered, account_key
from provisioning.connect.rps.service import (
    Abilities,
    LookUp,
    Presence,
    RedirectDevice,
    RedirectService,
    Registered,
)

# It writes bodies, and so URLs with tokens, into the log of whoever debugs the application.
logging.getLogger("mohawk").setLevel(logging.INFO)

KEEP_SECONDS = 3600.0
MAX_PAGES = 20

_CONTENT_TYPE = "application/json"
_PERMISSIONS = {"perm": "RW"}


@dataclass(frozen=True, slots=True)
class Flavour:
    """What differs between the two."""

    name: str
    setting: str
    """The phone's setting that holds the URL."""


SRAPS = Flavour("Snom SRAPS", "setting_server")
GRAPE = Flavour("Gigaset GRAPE", "ProvisioningServer")


@dataclass(frozen=True, slots=True)
class Places:
    """What is looked up once for an account."""

    setting: str
    """UUID of the setting that holds the URL."""
    endpoints: str
    """URL of the company's devices, with a slash at its end."""


_places: Remembered[Places] = Remembered()


class HawkAuth(httpx.Auth):
    """Signs requests with Hawk; the body's hash is always there, also of an empty one.

    Args:
        client_id: id of the API key.
        client_secret: the key.
    """

    requires_request_body = True

    def __init__(self, client_id: str, client_secret: str):
        self._credentials = {
            "id": client_id, "key": client_secret.encode(), "algorithm": "sha256",
        }  # fmt: skip

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the header on a request; see :class:`httpx.Auth`."""
        sender = mohawk.Sender(
            self._credentials,
            str(request.url),
            request.method,
            content=request.content,
            content_type=request.headers.get("Content-Type", ""),
            nonce=secrets.token_urlsafe(16),
        )
        request.headers["Authorization"] = sender.request_header
        yield request


class HawkRest(RedirectService):
    """SRAPS or GRAPE; ``services.yaml`` has their addresses.

    A registration replaces whatever the company's portal has set for the device.

    Args:
        flavour: which of the two.
        base_url: with the version.
        client_id: id of an API key that has a role; without a role it cannot register.
        client_secret: the key.
        timeout: seconds a call may take.
        places: where look-ups are kept; all threads of the process share them.
    """

    abilities = Abilities(look_up="url", remove=True, sees_elsewhere=True)

    def __init__(
        self,
        flavour: Flavour,
        base_url: str,
        client_id: str,
        client_secret: str,
        timeout: float,
        places: Remembered[Places] = _places,
    ):
        auth = HawkAuth(client_id, client_secret)
        connection = Connection(f"{base_url.rstrip('/')}/", timeout, auth)
        super().__init__(flavour.name, connection, [client_secret])
        self._client_id = client_id
        self._setting = flavour.setting
        self._key = flavour, account_key(connection.base_url, client_id, client_secret)
        self._places = places

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        mac = device.mac.bare
        places = self._places.get(self._key, self._find_places)
        body = {
            "mac": mac,
            "autoprovisioning_enabled": True,
            "settings_manager": {places.setting: {"value": url, "attrs": _PERMISSIONS}},
        }
        answer = self._connection.send(
            "PUT",
            places.endpoints + mac,
            content=json.dumps(body).encode(),
            headers={"Content-Type": _CONTENT_TYPE},
        )
        if not answer.succeeded:
            # What was looked up may hold no more; the next attempt looks anew.
            self._places.forget(self._key, places)
            raise _trouble(answer)
        _check_success(answer)
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        places = self._places.get(self._key, self._find_places)
        answer = self._connection.send("GET", places.endpoints + device.mac.bare)
        if answer.status == 404:
            return LookUp(Presence.ABSENT)
        if not answer.succeeded:
            trouble = _trouble(answer)
            if trouble.code == Code.OWNED_ELSEWHERE:
                return LookUp(Presence.ELSEWHERE)
            raise trouble
        entry = _mapping(answer.json())
        settings = entry.get("settings_manager")
        setting = settings.get(places.setting) if isinstance(settings, dict) else None
        value = setting.get("value") if isinstance(setting, dict) else None
        redirects = value and entry.get("autoprovisioning_enabled", True)
        return LookUp(Presence.OURS, str(value) if redirects else "")

    def _remove(self, device: RedirectDevice) -> bool:
        places = self._places.get(self._key, self._find_places)
        answer = self._connection.send("DELETE", places.endpoints + device.mac.bare)
        if answer.succeeded:
            _check_success(answer)
            return True
        trouble = _trouble(answer)
        if answer.status == 404 or trouble.code == Code.OWNED_ELSEWHERE:
            return False
        raise trouble

    def _find_places(self) -> tuple[Places, float]:
        company = self._link(f"tokens/{quote(self._client_id, safe='')}", "company")
        endpoints = self._link(company, "endpoints")
        return Places(self._find_setting(), f"{endpoints.rstrip('/')}/"), KEEP_SECONDS

    def _find_setting(self) -> str:
        """The UUID of the setting, page by page: there are more than a page may have."""
        page = self._connection.base_url + "settings/?page_size=1000"
        for _ in range(MAX_PAGES):
            answer = self._get(page)
            items = answer.json()
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and item.get("param_name") == self._setting:
                    return _text(item.get("uuid"))
            if not answer.next_link:
                break
            page = _joined(page, answer.next_link)
        raise Trouble(Code.UNKNOWN_RESPONSE)

    def _link(self, path: str, name: str) -> str:
        """A link that an object has."""
        links = _mapping(_mapping(self._get(path).json()).get("links"))
        return _joined(self._connection.base_url, _text(links.get(name)))

    def _get(self, path: str) -> Answer:
        answer = self._connection.send("GET", path)
        if not answer.succeeded:
            raise _trouble(answer)
        return answer


def _trouble(answer: Answer) -> Trouble:
    try:
        error = _mapping(answer.json())
    except Trouble:
        return answer.trouble()
    texts = [str(error[name]) for name in ("message", "error", "detail") if error.get(name)]
    said = "; ".join(texts)
    lower = said.lower()
    if "taken_mac_or_forbidden" in lower or ("permission" in lower and "endpoint" in lower):
        return Trouble(Code.OWNED_ELSEWHERE, said)
    return answer.trouble(said)


def _check_success(answer: Answer) -> None:
    """Refuse a success that somebody else tells, such as the page of a captive portal."""
    if answer.body:
        _mapping(answer.json())


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Trouble(Code.UNKNOWN_RESPONSE)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Trouble(Code.UNKNOWN_RESPONSE)
    return value


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        raise Trouble(Code.UNKNOWN_RESPONSE) from None
