"""Yealink's redirect service, JSON API version 1, with signed requests.

Sources: Yealink, "Json API for RPS Management Platform" (v3.6); public clients of it.
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Generator, Mapping
from hashlib import md5
from typing import Any

import httpx

from provisioning.connect.rps.connection import Connection
from provisioning.connect.rps.problems import Code, Trouble
from provisioning.connect.rps.service import (
    Abilities,
    LookUp,
    Presence,
    RedirectDevice,
    RedirectService,
    Registered,
)

_ROOT = "/api/open/v1/"
_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}
_PAGE = 50  # the list is searched by a MAC address: one device, or a few that are alike

_CODES = {
    "device.mac.invalid": Code.MAC_REFUSED,
    "device.mac.existed": Code.OWNED_ELSEWHERE,
    "accesskey.id.invalid": Code.WRONG_CREDENTIALS,
    "service.common.token.unauthorized": Code.WRONG_CREDENTIALS,
    "Content.MD5.invalid": Code.REQUEST_REFUSED,
    "device.not.found": Code.CALL_FAILED,  # it was there a moment ago: look anew
}


class XCaAuth(httpx.Auth):
    """Signs requests with headers ``X-Ca-…``.

    Args:
        key: access key id.
        secret: its secret.
    """

    requires_request_body = True

    def __init__(self, key: str, secret: str):
        self._key = key
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put headers on a request; see :class:`httpx.Auth`."""
        headers = self.headers(request, secrets.token_hex(16), int(time.time() * 1000))
        request.headers.update(headers)
        yield request

    def headers(
        self, request: httpx.Request, nonce: str, timestamp_milliseconds: int
    ) -> dict[str, str]:
        """The headers that sign a request."""
        headers = {
            "X-Ca-Key": self._key,
            "X-Ca-Nonce": nonce,
            "X-Ca-Timestamp": str(timestamp_milliseconds),
        }
        if request.content:
            digest = md5(request.content, usedforsecurity=False).digest()
            headers["Content-MD5"] = base64.b64encode(digest).decode()
        lines = [request.method, *(f"{name}:{headers[name]}" for name in sorted(headers))]
        lines.append(request.url.path.removeprefix("/"))
        if query := sorted(request.url.params.items()):
            lines.append("&".join(f"{name}={value}" if value else name for name, value in query))
        signature = hmac.digest(self._secret.encode(), "\n".join(lines).encode(), "sha256")
        headers["X-Ca-Signature"] = base64.b64encode(signature).decode()
        return headers


class YealinkV1(RedirectService):
    """The service at ``https://api-dm.yealink.com:8443``; regional hosts want version 2 instead.

    Args:
        base_url: without the path.
        client_id: access key id.
        client_secret: its secret.
        timeout: seconds a call may take.
    """

    abilities = Abilities(look_up="url", remove=True, sees_elsewhere=True)

    def __init__(self, base_url: str, client_id: str, client_secret: str, timeout: float):
        connection = Connection(
            base_url.rstrip("/") + _ROOT, timeout, XCaAuth(client_id, client_secret), _HEADERS
        )
        super().__init__("Yealink RPS v1", connection, [client_secret])

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        mac = device.mac.bare
        presence = self._presence(mac)
        if presence == Presence.ELSEWHERE:
            raise Trouble(Code.OWNED_ELSEWHERE)
        if presence == Presence.OURS:
            entry = self._entry(mac)
            if entry is not None:
                self._post("device/edit", {"id": entry.get("id"), "uniqueServerUrl": url})
                return Registered()
            # Ours, but bound to no server and so in no list: there is no id to edit it by.
            self._post("device/delete", {"macs": [mac]})
        self._post("device/add", {"macs": [mac], "uniqueServerUrl": url})
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        presence = self._presence(device.mac.bare)
        if presence != Presence.OURS:
            return LookUp(presence)
        entry = self._entry(device.mac.bare) or {}
        return LookUp(presence, str(entry.get("uniqueServerUrl") or entry.get("serverUrl") or ""))

    def _remove(self, device: RedirectDevice) -> bool:
        if self._presence(device.mac.bare) != Presence.OURS:
            return False
        self._post("device/delete", {"macs": [device.mac.bare]})
        return True

    def _presence(self, mac: str) -> Presence:
        data = self._call("GET", "device/checkMac", parameters={"mac": mac})
        if not isinstance(data, dict):
            raise Trouble(Code.UNKNOWN_RESPONSE)
        if data.get("self"):
            return Presence.OURS
        return Presence.ELSEWHERE if data.get("existed") else Presence.ABSENT

    def _entry(self, mac: str) -> Mapping[str, Any] | None:
        """The entry of an own device, None if no list has it."""
        search = {"key": mac, "status": "bound", "skip": 0, "limit": _PAGE, "autoCount": True}
        data = self._post("device/list", search)
        found = data.get("data") if isinstance(data, dict) else None
        if not isinstance(found, list):
            return None
        mine = (e for e in found if isinstance(e, dict) and _bare(e.get("mac")) == mac)
        return next(mine, None)

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._call("POST", path, content=json.dumps(body).encode())

    def _call(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Any:
        """Send a request and return the data of its answer."""
        answer = self._connection.send(method, path, parameters=parameters, content=content)
        try:
            envelope = answer.json()
        except Trouble:
            if answer.succeeded:
                raise
            raise answer.trouble() from None
        if not isinstance(envelope, dict) or not isinstance(envelope.get("ret"), int):
            raise Trouble(Code.UNKNOWN_RESPONSE) if answer.succeeded else answer.trouble()
        if envelope["ret"] >= 0 and answer.succeeded:
            return envelope.get("data")
        texts = _texts(envelope.get("error"))
        code = next((_CODES[text] for text in texts if text in _CODES), None)
        said = "; ".join(texts)
        if code is not None:
            raise Trouble(code, said)
        if not answer.succeeded:
            raise answer.trouble(said)
        raise Trouble(Code.UNKNOWN_ERROR, said)


def _texts(error: object) -> list[str]:
    """The message of an error, and those of its fields."""
    if not isinstance(error, dict):
        return []
    fields = error.get("fieldErrors")
    messages = [error, *(fields if isinstance(fields, list) else ())]
    return [str(m["msg"]) for m in messages if isinstance(m, dict) and m.get("msg")]


def _bare(mac: object) -> str:
    return str(mac).replace(":", "").replace("-", "").lower()
