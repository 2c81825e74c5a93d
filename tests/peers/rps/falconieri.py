"""The Falconieri gateway, played, with its way of reading URLs and its statuses.

Source: Falconieri 1.x of today.
"""

import json
import re
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from peers.rps.cloud import Cloud, Request, Response

_PROVIDERS = ("snom", "gigaset", "fanvil", "yealink", "ymcs", "sraps", "grape")
_MAC = "([A-Z0-9]{2}-){5}[A-Z0-9]{2}"
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class FakeFalconieri(Cloud):
    kind = "falconieri"

    def __init__(self) -> None:
        super().__init__()
        self.enabled = set(_PROVIDERS)
        self.by_provider: dict[str, set[str]] = {}
        """Own devices of each provider."""
        self.check_codes: dict[str, str] = {}
        self.pin: str | None = "123456"
        """What YMCS tells."""
        self.vendor_says = ""
        """Not empty: every registration fails with this ``error``."""

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "system_id": self.user, "system_secret": self.secret}

    def foreign_answer(self) -> Response:
        return _error("device_owned_by_other_user", 500)

    def answer(self, request: Request) -> Response:
        if self.basic(request) != (self.user, self.secret):
            return Response(401, b"<html>401 Authorization Required</html>")  # the proxy's
        found = re.fullmatch("/providers/([^/]*)/([^/]*)", request.path)
        if not found or request.method != "PUT":
            return Response(404)
        provider, mac = found.groups()
        for name in ("content-type", "accept"):
            value = request.headers.get(name)
            self.rule(value == "application/json;charset=utf-8", f"{name} {value}")
        if provider not in self.enabled:
            return _error("provider_not_supported", 404)
        if not re.fullmatch(_MAC, mac):
            return _error("missing_mac_address", 400)
        return self._register(provider, mac.replace("-", "").lower(), request)

    def _register(self, provider: str, mac: str, request: Request) -> Response:
        try:
            url = json.loads(request.body)["url"]
        except (ValueError, KeyError, TypeError):
            return _error("missing_url", 400)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https", "ftp", "tftp"):
            return _error("unsupported_url_scheme", 400)
        if provider == "gigaset":
            code = request.query.get("crc", "")
            if not code:
                return _error("missing_mac-id_crc", 400)
            if not re.fullmatch("[A-Z0-9]{4}", code):
                return _error("invalid_mac-id_crc_format", 400)
            self.check_codes[mac] = code
        if self.vendor_says:
            return _error(self.vendor_says, 500)
        if mac in self.foreign:
            return self.foreign_answer()
        self.devices[mac] = _as_handed_on(provider, url)
        self.by_provider.setdefault(provider, set()).add(mac)
        return Response.of_json({"device_pin": self.pin}) if provider == "ymcs" else Response()


def _as_handed_on(provider: str, url: str) -> str:
    """What arrives at the vendor."""
    parts = urlsplit(url)
    if provider == "fanvil":
        return f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}"
    written = quote(url, safe=":/?#[]@!$&'()*+,;=%~")
    return "" if _BAD_ESCAPE.search(written) else unquote_plus(written)


def _error(code: str, status: int) -> Response:
    return Response.of_json({"error": code}, status)
