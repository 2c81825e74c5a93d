"""Snom's SRAPS and Gigaset's GRAPE, played: signatures by the recipe, settings in pages.

Signatures are verified with the standard library, not with what the client makes them with, and
checked against Hawk's public vectors by a test. Sources: Snom's page on the SRAPS API, Falconieri.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from urllib.parse import urlsplit

from peers.rps.cloud import Cloud, Refusal, Request, Response

_WINDOW_SECONDS = 60
_SETTINGS = 1179
_ATTRIBUTE = re.compile(r'(\w+)="([^"\\]*)"')


def payload_hash(content_type: str, body: bytes) -> str:
    """The hash of a body."""
    kind = content_type.partition(";")[0].strip().lower()
    return _base64(hashlib.sha256(b"hawk.1.payload\n%s\n%s\n" % (kind.encode(), body)).digest())


def mac_of(key: str, method: str, url: str, attributes: dict[str, str]) -> str:
    """The mac of a request, from the other attributes of its header."""
    parts = urlsplit(url)
    resource = parts.path + (f"?{parts.query}" if parts.query else "")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    lines = [
        "hawk.1.header", attributes["ts"], attributes["nonce"], method, resource, parts.hostname,
        str(port), attributes.get("hash", ""), attributes.get("ext", ""), "",
    ]  # fmt: skip
    return _base64(hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).digest())


def attributes_of(header: str) -> dict[str, str]:
    """What stands in a header."""
    scheme, _, rest = header.partition(" ")
    return dict(_ATTRIBUTE.findall(rest)) if scheme == "Hawk" else {}


class FakeHawkRest(Cloud):
    root = "/api/v1/"
    setting: str

    def __init__(self) -> None:
        super().__init__()
        self.user = f"ck_{secrets.token_hex(6)}"
        self.uuid = secrets.token_hex(16)
        """Of the setting that holds the URL."""
        self.company = secrets.token_hex(8)
        self.host_in_links = ""
        """Where links lead; empty: here."""
        self.look_ups = 0
        """How often the first page of the settings was asked for."""
        self._nonces: set[str] = set()

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "client_id": self.user, "client_secret": self.secret}

    def foreign_answer(self) -> Response:
        return Response.of_json({"message": "User lacks permission to endpoint"}, 403)

    def answer(self, request: Request) -> Response:
        self._verify(request)
        path = request.path.removeprefix(self.root)
        company = f"companies/{self.company}/"
        if path == "settings/" and request.method == "GET":
            return self._settings(request)
        if path == f"tokens/{self.user}":
            return Response.of_json({"links": {"company": self._link(company)}})
        if path == company:
            return Response.of_json({"links": {"endpoints": self._link(company + "endpoints/")}})
        device = re.fullmatch(f"{company}endpoints/([0-9a-f]{{12}})", path)
        if device:
            return self._device(request, device[1])
        return Response.of_json({"detail": "Not found."}, 404)

    def _verify(self, request: Request) -> None:
        attributes = attributes_of(request.headers.get("authorization", ""))
        refused = Refusal(Response.of_json({"message": "Bad credentials"}, 401))
        if attributes.get("id") != self.user:
            raise refused
        url = f"http://{request.headers['host']}{request.target}"
        right = mac_of(self.secret, request.method, url, attributes)
        if not hmac.compare_digest(attributes.get("mac", ""), right):
            raise refused
        hashed = payload_hash(request.headers.get("content-type", ""), request.body)
        if attributes.get("hash") != hashed:
            raise refused
        self.rule(attributes["nonce"] not in self._nonces, "a nonce that was used before")
        self._nonces.add(attributes["nonce"])
        if abs(time.time() - int(attributes["ts"])) > _WINDOW_SECONDS:
            raise refused

    def _settings(self, request: Request) -> Response:
        size = min(int(request.query.get("page_size", 20)), 1000)
        page = int(request.query.get("page", 1))
        self.look_ups += page == 1
        first = (page - 1) * size
        numbers = range(first, min(first + size, _SETTINGS))
        last = _SETTINGS - 1  # the setting that counts is on the last page
        items = [
            {"uuid": self.uuid if n == last else f"{n:032x}",
             "param_name": self.setting if n == last else f"setting_{n}"}
            for n in numbers
        ]  # fmt: skip
        if numbers.stop >= _SETTINGS:
            return Response.of_json(items)
        following = self._link(f"settings/?page_size={size}&page={page + 1}")
        return Response.of_json(items, Link=f'<{following}>; rel="next"')

    def _device(self, request: Request, mac: str) -> Response:
        if mac in self.foreign:
            return self.foreign_answer()
        known = mac in self.devices
        if request.method == "PUT":
            body = request.json()
            self.rule(body["mac"] == mac, "another address in the body")
            self.rule("warranty_exp_warning_period" not in body, "the warning period is reset")
            self.rule(body["autoprovisioning_enabled"] is True, "not enabled")
            entry = body["settings_manager"][self.uuid]
            self.rule(entry["attrs"] == {"perm": "RW"}, "permissions")
            self.devices[mac] = entry["value"]
            return Response.of_json(self._entry(mac), 200 if known else 201)
        if not known:
            return Response.of_json({"detail": "Not found."}, 404)
        if request.method == "DELETE":
            del self.devices[mac]
            return Response(204)
        return Response.of_json(self._entry(mac))

    def _entry(self, mac: str) -> dict[str, object]:
        setting = {"value": self.devices[mac], "attrs": {"perm": "RW"}}
        return {
            "mac": mac, "name": "", "autoprovisioning_enabled": True,
            "settings_manager": {self.uuid: setting},
        }  # fmt: skip

    def _link(self, path: str) -> str:
        return (self.host_in_links or self.url.removesuffix(self.root)) + self.root + path


class FakeSraps(FakeHawkRest):
    kind = "sraps"
    setting = "setting_server"


class FakeGrape(FakeHawkRest):
    kind = "grape"
    setting = "ProvisioningServer"


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
