"""NethVoice's REST API: it makes and releases the SIP accounts of devices itself.

The PBX chooses number and secret. Making an account for a device that has one drops that one
silently, so look for it first.

How a request is signed is known from NethVoice's plug-in for Tancredi; that its REST API takes the
same is not established.

Source: NethVoice 8 of today: the requests of its wizard, and its plug-in for Tancredi.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from provisioning.engine.mac import MacAddress

_MAX_ANSWER = 1024 * 1024


class NethVoiceProblem(Exception):
    """Something went wrong between us and NethVoice."""


class NethVoiceUnreachable(NethVoiceProblem):
    """No answer, or one of a server that is not well (5xx): it may work later."""


class NethVoiceRefused(NethVoiceProblem):
    """It does not accept user, password or secret."""


class NethVoiceError(NethVoiceProblem):
    """It refuses what was asked; the same will be refused again."""


@dataclass(frozen=True, slots=True)
class DeviceAccount:
    """The account that NethVoice has made for a device."""

    extension: str
    """The device's own number, e.g. ``91201``."""
    secret: str


class NethVoice:
    """A client of the REST API, as a context manager.

    Args:
        url: address of the API with its path, e.g. ``https://pbx.example.org/freepbx/rest``.
        user: administrator of the PBX.
        password: the administrator's password.
        secret: the secret of the API.
        timeout: seconds that each step of a request may take.
    """

    def __init__(self, url: str, user: str, password: str, secret: str, *, timeout: float):
        self._url = url.rstrip("/")
        key = f"{user}{_sha1(password)}{secret}"
        self._client = httpx.Client(
            timeout=timeout, headers={"User": user, "Secretkey": _sha1(key)}, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def account(self, mac: MacAddress) -> DeviceAccount | None:
        """The account of a device; None if it has none."""
        answer = self._ask("GET", f"phones/account/{quote(mac.colons)}", missing=True)
        extension, secret = str(answer.get("extension") or ""), str(answer.get("secret") or "")
        return DeviceAccount(extension, secret) if extension and secret else None

    def make_account(self, mac: MacAddress, extension: str, *, model: str, line: int) -> str:
        """Make an account for a device of a user; returns the device's number.

        Args:
            mac: the device.
            extension: the user's main extension.
            model: its model id.
            line: the account on the device.
        """
        body = {
            "mainextension": extension,
            "mac": mac.colons,
            "model": model,
            "line": line,
            "web_user": "admin",
            "web_password": "",
            "clear_temporary": 0,
        }
        number = str(self._ask("POST", "physicalextensions", body).get("extension") or "")
        if not number.isdecimal():
            raise NethVoiceError("NethVoice made an account and did not tell its number.")
        return number

    def release_account(self, number: str) -> None:
        """Release the account of a number; one that is not there is no failure."""
        self._ask("DELETE", f"physicalextensions/{quote(number, safe='')}", missing=True)

    def set_encryption(self, number: str, *, encryption: bool) -> None:
        """Switch SRTP of an account."""
        word = "true" if encryption else "false"
        self._ask("POST", f"extensions/{quote(number, safe='')}/srtp/{word}")

    def reconfigure(self, number: str) -> None:
        """Have the device of an account fetch its configuration, without a reboot.

        Success means that the PBX has sent a NOTIFY, no more.
        """
        self._ask("POST", "phones/reconfigure", {"extension": number})

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        missing: bool = False,
    ) -> Mapping[str, Any]:
        """Ask and return the JSON object of the answer; an empty one if ``missing`` and 404."""
        try:
            with self._client.stream(method, f"{self._url}/{path}", json=body) as answer:
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > _MAX_ANSWER:
                        raise NethVoiceError("NethVoice's answer is too long.")
        except httpx.HTTPError as failure:
            reason = type(failure).__name__
            raise NethVoiceUnreachable(f"NethVoice does not answer ({reason}).") from failure
        status = answer.status_code
        if missing and status == 404:
            return {}
        if status in (401, 403):
            raise NethVoiceRefused(f"NethVoice refuses user, password or secret ({status}).")
        if status == 429 or status >= 500:
            raise NethVoiceUnreachable(f"NethVoice answered {status}.")
        if status >= 300:
            raise NethVoiceError(f"NethVoice answered {status} to {method} {path}.")
        return _object(answer, content)


def _object(answer: httpx.Response, content: bytes) -> Mapping[str, Any]:
    if not content.strip():
        return {}
    try:
        found = httpx.Response(answer.status_code, content=content).json()
    except ValueError as mistake:
        raise NethVoiceError("What answers is not NethVoice's REST API.") from mistake
    return found if isinstance(found, dict) else {}


def _sha1(text: str) -> str:
    # What NethVoice defines; it is a signature of its own making, not a choice of ours.
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
