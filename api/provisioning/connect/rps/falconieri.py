"""Falconieri: a gateway that registers devices with the services of their vendors.

It registers and no more: no look-up, no removal. Its status says little (500 for a device of
another account as for a vendor that is down), so its ``error`` is what counts. It wants at most
one request for a device at a time, and reads URLs in a way of its own.

Source: Falconieri 1.x of today.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from provisioning.connect.rps.connection import Answer, Connection
from provisioning.connect.rps.problems import Code, Trouble
from provisioning.connect.rps.service import (
    Abilities,
    RedirectDevice,
    RedirectService,
    Registered,
    checked_check_code,
)

_HEADERS = {
    "Content-Type": "application/json;charset=utf-8",
    "Accept": "application/json;charset=utf-8",
}
_CODES = {
    "connection_to_remote_provider_failed": Code.CONNECTION_FAILED,
    "provider_remote_call_failed": Code.CALL_FAILED,
    "read_remote_response_failed": Code.READ_FAILED,
    "unknown_response_from_provider": Code.UNKNOWN_RESPONSE,
    "unknow_response_from_provider": Code.UNKNOWN_RESPONSE,  # as it is spelt for Gigaset
    "provider_not_supported": Code.PROVIDER_NOT_SUPPORTED,
    "missing_mac_address": Code.MAC_REFUSED,
    "malformed_mac_address": Code.MAC_REFUSED,
    "not_valid_mac_address": Code.MAC_REFUSED,
    "missing_url": Code.URL_REFUSED,
    "unable_to_parse_url": Code.URL_REFUSED,
    "malformed_url": Code.URL_REFUSED,
    "unsupported_url_scheme": Code.SCHEME_REFUSED,
    "missing_mac-id_crc": Code.CHECK_CODE_REQUIRED,
    "invalid_mac-id_crc_format": Code.CHECK_CODE_REFUSED,
    "device_owned_by_other_user": Code.OWNED_ELSEWHERE,
}
_UNKNOWN_ERROR = "unknown_provider_error"  # ": " and the vendor's text follow

# Their devices are Fanvil's, and so is the service.
_FANVIL = "fanvil"
_GIGASET = "gigaset"


class Falconieri(RedirectService):
    """The gateway at ``https://rps.nethesis.it``.

    Args:
        base_url: of the gateway.
        system_id: of the subscription.
        system_secret: of the subscription.
        providers: the gateway's provider for each vendor, e.g. ``{"nethesis": "fanvil"}``.
        timeout: seconds a call may take; the gateway itself waits for the vendor, REST 30 s.
    """

    abilities = Abilities(look_up="no", remove=False, pin=True, check_code=True)

    def __init__(
        self,
        base_url: str,
        system_id: str,
        system_secret: str,
        providers: Mapping[str, str],
        timeout: float,
    ):
        account = httpx.BasicAuth(system_id, system_secret)
        connection = Connection(base_url.rstrip("/"), timeout, account, _HEADERS)
        super().__init__("Falconieri", connection, [system_secret])
        self._providers = providers

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        provider = self._providers.get(device.vendor)
        if provider is None:
            raise Trouble(Code.PROVIDER_NOT_SUPPORTED)
        check_code = checked_check_code(device) if provider == _GIGASET else ""
        answer = self._connection.send(
            "PUT",
            f"/providers/{provider}/{device.mac}",
            parameters={"crc": check_code} if check_code else None,
            content=json.dumps({"url": _as_it_reads(provider, url)}).encode(),
        )
        if answer.status != 200:
            raise _trouble(answer)
        return Registered(_pin(answer))


def _as_it_reads(provider: str, url: str) -> str:
    """The URL written so that the gateway hands on the one that is meant.

    It decodes it once more than it should, and reads a plus as a blank; for Fanvil it keeps nothing
    but scheme, host and decoded path.

    Raises:
        Trouble: a URL that cannot be written so.
    """
    if provider != _FANVIL:
        return url.replace("%", "%25").replace("+", "%2B")
    parts = urlsplit(url)
    if "@" in parts.netloc or any(character in url for character in "?#%"):
        raise Trouble(Code.URL_REFUSED)
    return url


def _pin(answer: Answer) -> str | None:
    """What YMCS tells; the answers of all others are empty."""
    if not answer.body.strip():
        return None
    result = answer.json()
    if not isinstance(result, dict):
        raise Trouble(Code.UNKNOWN_RESPONSE)
    return str(result.get("device_pin") or "") or None


def _trouble(answer: Answer) -> Trouble:
    try:
        result = answer.json()
    except Trouble:
        result = None
    if not isinstance(result, dict) or not isinstance(result.get("error"), str):
        # A bare 500 is a crash of the gateway, which the same request may cause again.
        return Trouble(Code.UNKNOWN_ERROR) if answer.status == 500 else answer.trouble()
    error: str = result["error"]
    if error.startswith(_UNKNOWN_ERROR):
        return Trouble(Code.UNKNOWN_ERROR, error.removeprefix(_UNKNOWN_ERROR).lstrip(": "))
    if error in _CODES:
        return Trouble(_CODES[error], str(result.get("message") or ""), answer.retry_after_seconds)
    return Trouble(Code.UNKNOWN_ERROR, error) if answer.status == 500 else answer.trouble(error)
