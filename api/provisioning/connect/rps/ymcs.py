"""Yealink's management cloud YMCS, API version 2: a token for the account, then JSON.

Sources: Falconieri and its manual of the API, public clients (dszp/yealink-lib and others),
nemerald-voip/fspbx 600.
"""

import json
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

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
from provisioning.connect.rps.ymcs_errors import check_batch, is_stale_token, trouble_of

MAX_URL_CHARACTERS = 256

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
_RENEW_EARLY_SECONDS = 60.0
_MAX_TOKEN_SECONDS = 24 * 3600.0
_PAGE = 50  # the list is filtered by a MAC address: one device, or a few that are alike

_TOKEN = re.compile(r"[!-~]+")
_ID = re.compile(r"[A-Za-z0-9_-]+")

_tokens: Remembered[str] = Remembered()


class Ymcs(RedirectService):
    """The service at ``https://eu-api.ymcs.yealink.com`` and its sisters.

    Ordinary accounts may add devices with their serial numbers only; whether the service compares
    it with the MAC address is not established.

    Args:
        base_url: without the path.
        client_id: AccessKey ID.
        client_secret: its secret.
        timeout: seconds a call may take; an operation is up to five.
        tokens: where tokens are kept; all threads of the process share them.
    """

    abilities = Abilities(look_up="url", remove=True, pin=True, serial=True)

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        timeout: float,
        tokens: Remembered[str] = _tokens,
    ):
        connection = Connection(f"{base_url.rstrip('/')}/v2/", timeout, headers=_HEADERS)
        super().__init__("Yealink YMCS", connection, [client_secret])
        pair = b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._account_header = f"Basic {pair}"
        self._key = account_key(connection.base_url, client_id, client_secret)
        self._tokens = tokens

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        if len(url) > MAX_URL_CHARACTERS:
            raise Trouble(Code.URL_REFUSED)
        entry = self._entry(device)
        if entry is None:
            self._add(device, url)
        else:
            self._call("PATCH", f"rps/devices/{entry['id']}", {"uniqueServerUrl": url})
        return Registered(self._pin(device))

    def _look_up(self, device: RedirectDevice) -> LookUp:
        entry = self._entry(device)
        if entry is None:
            return LookUp(Presence.ABSENT)  # or elsewhere: only own devices are listed
        url = str(entry.get("uniqueServerUrl") or entry.get("serverUrl") or "")
        return LookUp(Presence.OURS, url)

    def _remove(self, device: RedirectDevice) -> bool:
        if self._entry(device) is None:
            return False
        body = {"deviceIdType": "mac", "deviceIds": [device.mac.bare]}
        check_batch(self._call("POST", "rps/delDevices", body), "msg")
        return True

    def _add(self, device: RedirectDevice, url: str) -> None:
        entry = {"mac": device.mac.bare, "uniqueServerUrl": url}
        if device.serial:
            self._call("POST", "rps/devices", {**entry, "sn": device.serial})
            return
        try:
            result = self._call("POST", "rps/addDevicesByMac", [entry])
        except Trouble as trouble:
            if trouble.code == Code.ACCESS_DENIED:  # closed for ordinary accounts
                raise Trouble(Code.SERIAL_REQUIRED, trouble.said) from None
            raise
        check_batch(result, "errorInfo")

    def _entry(self, device: RedirectDevice) -> Mapping[str, Any] | None:
        """The entry of an own device."""
        body = {"skip": 0, "limit": _PAGE, "autoCount": True, "filter": {"mac": device.mac.bare}}
        result = self._call("POST", "rps/listDevices", body)
        found = result.get("data") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(found, list | None):
            raise Trouble(Code.UNKNOWN_RESPONSE)
        for entry in found or ():
            if isinstance(entry, dict) and str(entry.get("mac")).lower() == device.mac.bare:
                if not _ID.fullmatch(str(entry.get("id") or "")):  # it becomes a piece of a path
                    raise Trouble(Code.UNKNOWN_RESPONSE)
                return entry
        return None

    def _pin(self, device: RedirectDevice) -> str | None:
        """What the phone will ask for; that it cannot be told is no failure: it is registered."""
        try:
            pins = self._call("POST", "rps/listDevicePins", {"macs": [device.mac.bare]})
        except Trouble:
            return None
        for entry in pins if isinstance(pins, list) else ():
            if isinstance(entry, dict) and str(entry.get("mac")).lower() == device.mac.bare:
                return str(entry.get("pin") or "") or None
        return None

    def _call(self, method: str, path: str, body: object) -> Any:
        """Send a request with the account's token, and with a new one if that is stale."""
        answer, token = self._call_once(method, path, body)
        if is_stale_token(answer):
            self._tokens.forget(self._key, token)
            answer, _ = self._call_once(method, path, body)
        if not answer.succeeded:
            raise trouble_of(answer)
        return answer.json() if answer.body else None

    def _call_once(self, method: str, path: str, body: object) -> tuple[Answer, str]:
        token = self._tokens.get(self._key, self._fetch_token)
        return self._send(method, path, body, f"Bearer {token}"), token

    def _fetch_token(self) -> tuple[str, float]:
        """A new token, and the seconds it may be used."""
        body = {"grant_type": "client_credentials"}
        answer = self._send("POST", "token", body, self._account_header)
        if not answer.succeeded:
            raise trouble_of(answer)
        result = answer.json()
        token = result.get("access_token") if isinstance(result, dict) else None
        if (
            not isinstance(result, dict)
            or not isinstance(token, str)
            or not _TOKEN.fullmatch(token)
        ):
            raise Trouble(Code.UNKNOWN_RESPONSE)
        seconds = result.get("expires_in")
        told = seconds if isinstance(seconds, int | float) else 0
        return token, min(told, _MAX_TOKEN_SECONDS) - _RENEW_EARLY_SECONDS

    def _send(self, method: str, path: str, body: object, authorization: str) -> Answer:
        headers = {
            "Authorization": authorization,
            "timestamp": str(int(time.time() * 1000)),
            "nonce": secrets.token_hex(16),  # it takes 32 characters at most
        }
        content = json.dumps(body).encode()
        return self._connection.send(method, path, content=content, headers=headers)
