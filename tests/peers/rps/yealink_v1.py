"""Yealink's JSON API version 1, played: every request signed, every nonce new.

Sources: Yealink, "Json API for RPS Management Platform" (v3.6); public clients of it.
"""

import base64
import hashlib
import hmac
import itertools

from peers.rps.cloud import Cloud, Request, Response

_ROOT = "/api/open/v1/"
_SIGNED = ("content-md5", "x-ca-key", "x-ca-nonce", "x-ca-timestamp")
_NAMES = {
    "content-md5": "Content-MD5", "x-ca-key": "X-Ca-Key", "x-ca-nonce": "X-Ca-Nonce",
    "x-ca-timestamp": "X-Ca-Timestamp",
}  # fmt: skip


def string_to_sign(request: Request) -> str:
    """What the signature of a request covers."""
    text = request.method + "\n"
    for name in _SIGNED:
        if name in request.headers:
            text += f"{_NAMES[name]}:{request.headers[name]}\n"
    text += request.path[1:]
    if request.query:
        pairs = [k if v == "" else f"{k}={v}" for k, v in sorted(request.query.items())]
        text += "\n" + "&".join(pairs)
    return text


def signature(secret: str, text: str) -> str:
    """The signature of a text."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def content_md5(body: bytes) -> str:
    """The value of ``Content-MD5``."""
    return base64.b64encode(hashlib.md5(body).digest()).decode()


class FakeYealinkV1(Cloud):
    kind = "yealink_v1"

    def __init__(self) -> None:
        super().__init__()
        self.unbound: set[str] = set()
        """Own devices that are bound to no server, and in no list of bound ones."""
        self._ids: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._nonces: set[str] = set()

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "client_id": self.user, "client_secret": self.secret}

    def foreign_answer(self) -> Response:
        return _failure("device.mac.existed")

    def answer(self, request: Request) -> Response:
        refusal = self._verify(request)
        if refusal:
            return refusal
        name = request.path.removeprefix(_ROOT).replace("/", "_")
        function = getattr(self, f"_{request.method.lower()}_{name}", None)
        if function is None or not request.path.startswith(_ROOT):
            return Response(404)
        return function(request.query if request.method == "GET" else request.json())

    def _verify(self, request: Request) -> Response | None:
        headers = request.headers
        self.rule(
            headers.get("content-type") == "application/json;charset=UTF-8", "wrong content type"
        )
        if headers.get("x-ca-key") != self.user:
            return _failure("accesskey.id.invalid", 401)
        right = signature(self.secret, string_to_sign(request))
        if not hmac.compare_digest(headers.get("x-ca-signature", ""), right):
            return _failure("service.common.token.unauthorized", 401)
        if bool(request.body) != ("content-md5" in headers):
            self.rule(False, "Content-MD5 goes with a body")
        if request.body and headers["content-md5"] != content_md5(request.body):
            return _failure("Content.MD5.invalid")
        self.rule(headers["x-ca-nonce"] not in self._nonces, "a nonce that was used before")
        self._nonces.add(headers["x-ca-nonce"])
        self.rule(len(headers["x-ca-timestamp"]) == 13, "a timestamp that is no milliseconds")
        return None

    def _get_device_checkMac(self, query):  # noqa: N802
        mac = query["mac"]
        own = mac in self.devices or mac in self.unbound
        return _success({"existed": own or mac in self.foreign, "self": own})

    def _post_device_list(self, body):
        if body["status"] != "bound":
            return _failure("parameter.invalid")
        found = [
            {"id": self._ids[mac], "mac": mac, "uniqueServerUrl": url, "serverUrl": None}
            for mac, url in self.devices.items()
            if body["key"] in mac
        ]
        page = found[body["skip"] : body["skip"] + body["limit"]]
        return _success({"data": page, "total": len(found)})

    def _post_device_add(self, body):
        for mac in body["macs"]:
            if not _is_mac(mac):
                return _failure("device.parameters.invalid", fields=["device.mac.invalid"])
            if mac in self.devices or mac in self.unbound or mac in self.foreign:
                return _failure("device.mac.existed")
        for mac in body["macs"]:
            self.devices[mac] = body["uniqueServerUrl"]
            self._ids[mac] = f"id{next(self._numbers)}"
        return _success(None)

    def _post_device_edit(self, body):
        for mac, device_id in self._ids.items():
            if device_id == body["id"] and mac in self.devices:
                self.devices[mac] = body["uniqueServerUrl"]
                return _success(None)
        return _failure("device.not.found")

    def _post_device_delete(self, body):
        for mac in body["macs"]:
            if self.devices.pop(mac, None) is None and mac not in self.unbound:
                return _failure("device.not.found")
            self.unbound.discard(mac)
        return _success(None)


def _success(data: object) -> Response:
    return Response.of_json({"ret": 0 if data is None else 1, "data": data, "error": None})


def _failure(message: str, status: int = 200, fields: list[str] | None = None) -> Response:
    listed = [{"msg": text} for text in fields or ()]
    error = {"msg": message, "errorCode": 1, "fieldErrors": listed}
    return Response.of_json({"ret": -1, "data": None, "error": error}, status)


def _is_mac(mac: str) -> bool:
    return len(mac) == 12 and not mac.strip("0123456789abcdef")
