"""Yealink's YMCS version 2, played: a token by Basic, then JSON, every nonce new.

Sources: Falconieri and its manual of the API, public clients (dszp/yealink-lib and others),
nemerald-voip/fspbx 600.
"""

import re
import secrets
import time

from peers.rps.cloud import Cloud, Refusal, Request, Response

_WINDOW_SECONDS = 300


class FakeYmcs(Cloud):
    kind = "ymcs"

    def __init__(self) -> None:
        super().__init__()
        self.may_add_by_mac = False
        """Whether the account may add devices without a serial number; ordinary ones may not."""
        self.token_seconds = 3600
        self.tells_pins = True
        self.serials: dict[str, str] = {}
        self.tokens_given = 0
        self._tokens: set[str] = set()
        self._ids: dict[str, str] = {}
        self._macs: dict[str, str] = {}
        self._nonces: set[str] = set()

    @property
    def settings(self) -> dict[str, str]:
        return {"base_url": self.url, "client_id": self.user, "client_secret": self.secret}

    def own(self, mac: str, url: str) -> None:
        """A device that the account has had for long."""
        self._add(mac, url, "")

    def change_secret(self) -> None:
        super().change_secret()
        self.revoke_tokens()

    def revoke_tokens(self) -> None:
        """Let all tokens given so far hold no more."""
        with self.lock:
            self._tokens.clear()

    def pin_of(self, mac: str) -> str:
        """The PIN that the phone will ask for."""
        return str(int(mac, 16) % 1_000_000).zfill(6)

    def foreign_answer(self) -> Response:
        return _error(800004, "device already managed by another organisation", 400)

    def answer(self, request: Request) -> Response:
        self._verify_headers(request)
        if request.path == "/v2/token":
            return self._token(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            return _error(900401, "not signed in", 401)
        device = re.fullmatch("/v2/rps/devices/([^/]+)", request.path)
        if device and request.method == "PATCH":
            return self._change(device[1], request.json())
        name = request.path.removeprefix("/v2/rps/")
        function = getattr(self, f"_{name}", None) if request.method == "POST" else None
        if function is None or "/" in name:
            return _error(900404, "not found", 404)
        return function(request.json())

    def _verify_headers(self, request: Request) -> None:
        headers = request.headers
        for name in ("content-type", "accept"):
            self.rule(headers.get(name) == "application/json", f"{name} {headers.get(name)}")
        nonce, timestamp = headers.get("nonce", ""), headers.get("timestamp", "")
        if not 1 <= len(nonce) <= 32 or not re.fullmatch("[0-9]{13}", timestamp):
            raise Refusal(_error(500401, "bad request header", 401))
        if nonce in self._nonces:
            raise Refusal(_error(500403, "repeated request", 403))
        self._nonces.add(nonce)
        age = time.time() - int(timestamp) / 1000
        self.rule(abs(age) < _WINDOW_SECONDS, "a timestamp that is not of now")
        if request.method == "POST" and not request.body:
            raise Refusal(_error(900444, "body missing", 412))

    def _token(self, request: Request) -> Response:
        if request.json() != {"grant_type": "client_credentials"}:
            return _error(70011, "bad grant type", 400)
        if self.basic(request) != (self.user, self.secret):
            return Response.of_json({"error": "invalid_client"}, 401)
        token = secrets.token_hex(20)
        self._tokens.add(token)
        self.tokens_given += 1
        told = {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds}
        return Response.of_json(told)

    def _listDevices(self, body) -> Response:  # noqa: N802
        mac = body["filter"]["mac"]
        found = [self._device(mac)] if mac in self.devices else None
        told = {"skip": 0, "limit": body["limit"], "total": len(found or ()), "data": found}
        return Response.of_json(told)

    def _devices(self, body) -> Response:
        if not body.get("sn"):
            return _error(800002, "SN invalid", 400)
        error = self._refusal(body["mac"])
        if error:
            return _error(error[0], error[1], 400)
        self._add(body["mac"], body["uniqueServerUrl"], body["sn"])
        return Response.of_json(self._device(body["mac"]), 201)

    def _addDevicesByMac(self, body) -> Response:  # noqa: N802
        if not self.may_add_by_mac:
            return _error(900403, "forbidden", 403)
        errors = []
        for entry in body:
            error = self._refusal(entry["mac"])
            if error:
                errors.append({"mac": entry["mac"], "sn": None, "errorInfo": str(error[0])})
            else:
                self._add(entry["mac"], entry["uniqueServerUrl"], "")
        return Response.of_json(_batch(len(body), errors))

    def _change(self, device_id: str, body) -> Response:
        mac = self._macs.get(device_id)
        if mac not in self.devices or self._ids[mac] != device_id:
            return _error(900404, "not found", 404)
        self.devices[mac] = body["uniqueServerUrl"]
        return Response(204)

    def _delDevices(self, body) -> Response:  # noqa: N802
        errors = [
            {"field": mac, "msg": "not found"}
            for mac in body["deviceIds"]
            if self.devices.pop(mac, None) is None
        ]
        return Response.of_json(_batch(len(body["deviceIds"]), errors))

    def _listDevicePins(self, body) -> Response:  # noqa: N802
        if not self.tells_pins:
            return _error(900511, "internal", 500)
        pins = [{"mac": m, "pin": self.pin_of(m)} for m in body["macs"] if m in self.devices]
        return Response.of_json(pins)

    def _refusal(self, mac: str) -> tuple[int, str] | None:
        if not re.fullmatch("[0-9a-f]{12}", mac):
            return 800001, "device.mac.invalid"
        if mac in self.foreign:
            return 800004, "device already managed by another organisation"
        return (800003, "resource already exists") if mac in self.devices else None

    def _add(self, mac: str, url: str, serial: str) -> None:
        self.rule(len(url) <= 256, "a URL that is too long")
        self.devices[mac], self.serials[mac] = url, serial
        self._ids[mac] = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        self._macs[self._ids[mac]] = mac

    def _device(self, mac: str) -> dict[str, object]:
        return {
            "id": self._ids[mac], "mac": mac, "sn": self.serials[mac], "serverId": None,
            "serverUrl": None, "uniqueServerUrl": self.devices[mac],
        }  # fmt: skip


def _batch(total: int, errors: list[dict[str, object]]) -> dict[str, object]:
    failed = len(errors)
    return {
        "total": total, "successCount": total - failed, "failureCount": failed, "errors": errors,
    }  # fmt: skip


def _error(code: int, message: str, status: int) -> Response:
    told = {"code": code, "requestId": secrets.token_hex(8), "message": message, "details": []}
    return Response.of_json(told, status)
