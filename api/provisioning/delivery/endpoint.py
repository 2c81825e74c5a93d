"""The WSGI callable behind ``/provisioning/``.

It knows four addresses: ``check/ping``, ``{token}/{collection}/{file}``, ``{token}/{file}`` and
``{file}`` (a device that has no token yet). An unknown token and an unknown file look the same from
outside: 404 without a body.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from provisioning.delivery.cache import Cache, Entry
from provisioning.delivery.crowds import RETRY_AFTER_SECONDS, Crowds
from provisioning.delivery.events import EventLog
from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.identification import Identification, identify
from provisioning.engine.rendering import RenderingError
from provisioning.engine.vendors import FileRule
from provisioning.services import configurations, files
from provisioning.services.configurations import Access, CannotServe
from provisioning.services.gateways import files as gateway_files
from provisioning.services.site import COLLECTIONS, Site
from provisioning.store import database, devices
from provisioning.store.devices import StoredDevice
from provisioning.web.callers import Network, caller_of

_log = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_TOKEN = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,128}")
# A device that asks for the folder itself writes its token where others write a file.
_LIKE_A_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{20,}(?:\.[0-9a-f]*)*(?![0-9A-Za-z])", re.I)
_CACHE_BYTES = 32 * 1024 * 1024

_FAILED = b"Internal server error\n\nThe configuration could not be made; see the request log.\n"


@dataclass(slots=True)
class _Outcome:
    """How a request ended, for its answer and its event."""

    status: int
    outcome: str
    """``served``, ``unchanged``, ``unknown_token``, ``unknown_file``, ``unknown_phone``,
    ``refused``, ``failed``, ``too_many``."""
    access: str = "unknown"
    mac: str | None = None
    etag: str = ""
    content_type: str = ""
    body: bytes = b""
    reason: str | None = None
    served: Mapping[str, str | None] = field(default_factory=dict)
    """Which configuration the phone has now, by its permanent token (``store.device_requests``)."""


class Delivery:
    """Answers devices; an instance serves one process."""

    def __init__(
        self,
        site: Site,
        *,
        trusted_proxies: Sequence[Network],
        tokenless_networks: Sequence[Network],
        events: EventLog,
    ):
        self._site = site
        self._proxies = trusted_proxies
        self._tokenless_networks = tokenless_networks
        self._events = events
        self._cache = Cache(_CACHE_BYTES)
        self._crowds = Crowds()
        self._identify = lru_cache(4096)(self._identified)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request whose path begins with ``/provisioning/``."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET"), ("Content-Length", "0")])
            return []
        # WSGI hands the path out as Latin-1; anything else than ASCII names nothing of ours.
        parts = environ["PATH_INFO"].lstrip("/").split("/")[1:]
        if parts == ["check", "ping"]:
            return _ping(start_response, method)
        if len(parts) == 3 and parts[1] in COLLECTIONS:
            return self._asset(environ, start_response, *parts)
        if len(parts) == 2:
            outcome = self._configuration(environ, parts[0], parts[1])
        elif len(parts) == 1:
            outcome = self._configuration(environ, None, parts[0])
        else:
            outcome = _Outcome(404, "unknown_file")
        outcome = self._of_a_crowd(environ, outcome)
        self._note(environ, outcome, parts[-1])
        return _answer(outcome, start_response, method)

    def _of_a_crowd(self, environ: Environ, outcome: _Outcome) -> _Outcome:
        """The same outcome, unless it opens nothing and too many like it came from the address."""
        if outcome.status != 404 or outcome.access in ("tok1", "tok2", "gateway"):
            return outcome
        if not self._crowds.too_many(caller_of(environ, self._proxies).address):
            return outcome
        return _Outcome(429, "too_many", outcome.access, outcome.mac)

    def _configuration(self, environ: Environ, token: str | None, file_name: str) -> _Outcome:
        if self._site.refresh():
            self._cache.clear()
            self._identify.cache_clear()
        if token is None and not self._may_ask_without_token(environ):
            address = self._site.library.address_in(file_name)
            reason = "a request without a token from outside PROVISIONING_TOKENLESS_NETWORKS"
            mac = str(address) if address else None
            return _Outcome(404, "refused", "tokenless", mac, reason=reason)
        asking = self._identify(environ.get("HTTP_USER_AGENT", "")[:300])
        # With the digest: what another thread still makes of older templates is not found again.
        key = (self._site.digest, token, file_name, asking)
        version = database.version()
        entry = self._cache.get(key)
        if entry is not None and entry.version == version:
            if _unchanged(environ, entry.etag):
                return _outcome_of(entry, 304, "unchanged")
            if entry.body is not None:
                return _outcome_of(entry, 200, "served")
        found = self._look_up(token, file_name)
        if isinstance(found, _Outcome):
            of_gateway = found.outcome == "unknown_token" and token
            return (of_gateway and self._of_gateway(environ, of_gateway, file_name)) or found
        device, access, rule = found
        try:
            configuration = configurations.find(self._site, device, access, rule, asking)
            # The version moved on, but not for this phone: the body is still right.
            same = entry is not None and entry.etag == configuration.etag
            body = entry.body if entry is not None and same else None
            unchanged = _unchanged(environ, configuration.etag)
            if body is None and not unchanged:
                body = configurations.render(self._site, configuration)
        except CannotServe as mistake:
            _log.error("%s gets no configuration: %s", device.mac, mistake)
            return _Outcome(
                500, "failed", access.kind, device.mac, body=_FAILED, reason=str(mistake)
            )
        entry = Entry(
            version=version,
            etag=configuration.etag,
            content_type=configuration.content_type,
            mac=device.mac,
            access=access.kind,
            is_configuration=rule.role == "phone",
            digest=configurations.digest(body) if body is not None else None,
            body=body,
        )
        self._cache.put(key, entry)
        if unchanged:
            return _outcome_of(entry, 304, "unchanged")
        return _outcome_of(entry, 200, "served")

    def _look_up(
        self, token: str | None, file_name: str
    ) -> tuple[StoredDevice, Access, FileRule] | _Outcome:
        if token is None:
            return self._look_up_without_token(file_name)
        opened = self._open(token)
        if opened is None:
            return _Outcome(404, "unknown_token")
        mac, kind = opened
        device = devices.find(mac)
        if device is None:  # removed since the token was looked up
            return _Outcome(404, "unknown_token")
        vendor = configurations.vendor_of(self._site, device)
        match = self._site.library.route(file_name, vendor=vendor.id if vendor else None)
        if match is None:
            return _Outcome(404, "unknown_file", kind, mac)
        return device, Access(kind, device.tok2), match.rule

    def _of_gateway(self, environ: Environ, token: str, file_name: str) -> _Outcome | None:
        """How the request of a gateway for its file ends; None: the token is no gateway's."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            fetched = gateway_files.fetch(self._site, token, file_name)
        except (GatewayRefused, RenderingError) as mistake:
            _log.error("a gateway gets no file: %s", mistake)
            return _Outcome(500, "failed", "gateway", body=_FAILED, reason=str(mistake))
        if fetched is None:
            return None
        mac, file = fetched
        if file is None:
            return _Outcome(404, "unknown_file", "gateway", mac)
        if environ["REQUEST_METHOD"] == "GET":
            gateway_files.note_fetched(self._site, mac)
        return _Outcome(
            200, "served", "gateway", mac, content_type=file.content_type, body=file.body
        )

    def _may_ask_without_token(self, environ: Environ) -> bool:
        return caller_of(environ, self._proxies).is_in(self._tokenless_networks)

    def _look_up_without_token(
        self, file_name: str
    ) -> tuple[StoredDevice, Access, FileRule] | _Outcome:
        address = self._site.library.address_in(file_name)
        if address is None:
            return _Outcome(404, "unknown_file")
        mac = str(address)
        device = devices.find(mac)
        if device is None:
            return _Outcome(404, "unknown_phone", "tokenless", mac)
        # What the admin registered says more about the vendor than the address does: new hardware
        # comes with prefixes that nobody knows yet.
        vendor = configurations.vendor_of(self._site, device)
        match = self._site.library.route(file_name, vendor=vendor.id if vendor else None)
        if match is None:
            return _Outcome(404, "unknown_file", "tokenless", mac)
        return device, Access("tokenless", device.tok1), match.rule

    def _open(self, token: str) -> tuple[str, str] | None:
        """Whose token it is, and its kind; the permanent one ends the first-access one."""
        owner = devices.token_owner(token) if _TOKEN.fullmatch(token) else None
        if owner is None:
            return None
        mac, kind = owner
        if kind == 2:
            devices.drop_first_access(mac)
        return mac, f"tok{kind}"

    def _asset(
        self, environ: Environ, start_response: StartResponse, token: str, kind: str, name: str
    ) -> Iterable[bytes]:
        opened = self._open(token)
        found = files.path(self._site, kind, name) if opened else None
        if opened is None or found is None:
            outcome = _Outcome(404, "unknown_file" if opened else "unknown_token")
            if opened:
                outcome.mac, outcome.access = opened
            outcome = self._of_a_crowd(environ, outcome)
            self._note(environ, outcome, f"{kind}/{name}")
            return _answer(outcome, start_response, environ["REQUEST_METHOD"])
        try:
            response = send_file(found, environ, mimetype="application/octet-stream", max_age=0)
        except RequestedRangeNotSatisfiable as refused:
            response = Response.force_type(refused.get_response(environ))
        response.headers["Cache-Control"] = "private, no-cache"
        mac, access = opened
        status = response.status_code
        word = {304: "unchanged", 416: "failed"}.get(status, "served")
        self._note(environ, _Outcome(status, word, access, mac), f"{kind}/{name}")
        return response(environ, start_response)

    def _note(self, environ: Environ, outcome: _Outcome, file: str) -> None:
        """Every request is a contact of the phone, one that changed nothing too."""
        user_agent = environ.get("HTTP_USER_AGENT", "")[:300]
        asking = self._identify(user_agent)
        known = outcome.access == "tok2"
        self._events.add(
            {
                "at": time.time(),
                "phone": outcome.mac,
                "access": outcome.access,
                "address": caller_of(environ, self._proxies).address[:45],
                "user_agent": user_agent,
                "vendor": asking.vendor,
                "model": asking.model[:64],
                "firmware": asking.version[:64],
                "method": environ["REQUEST_METHOD"],
                "file": _LIKE_A_TOKEN.sub("(token)", file)[:200],
                "status": outcome.status,
                "outcome": outcome.outcome,
                "reason": outcome.reason,
                "counted": outcome.outcome == "too_many",
                **({"host": _host(environ.get("HTTP_HOST", ""))} if known else {}),
                **(outcome.served if environ["REQUEST_METHOD"] == "GET" else {}),
            }
        )

    def _identified(self, user_agent: str) -> Identification:
        return identify(user_agent, self._site.library.user_agents)


@lru_cache(256)
def _host(header: str) -> str:
    """The name by which the device asked: small letters, no port, so that names can be compared."""
    asked = header.strip().lower()
    if asked.startswith("["):  # an IPv6 address
        return asked[1:].partition("]")[0][:253]
    return asked.partition(":")[0].rstrip(".")[:253]


def _unchanged(environ: Environ, etag: str) -> bool:
    asked: str = environ.get("HTTP_IF_NONE_MATCH", "")
    return asked.strip() == "*" or etag in asked


def _outcome_of(entry: Entry, status: int, outcome: str) -> _Outcome:
    return _Outcome(
        status,
        outcome,
        entry.access,
        entry.mac,
        entry.etag,
        entry.content_type,
        body=entry.body if status == 200 and entry.body is not None else b"",
        served={"served_etag": entry.etag, "served_digest": entry.digest}
        if entry.is_configuration and entry.access == "tok2"
        else {},
    )


_STATUS = {
    200: "200 OK",
    304: "304 Not Modified",
    404: "404 Not Found",
    429: "429 Too Many Requests",
    500: "500 Internal Server Error",
}


def _answer(outcome: _Outcome, start_response: StartResponse, method: str) -> Iterable[bytes]:
    headers = []
    if outcome.etag:
        headers += [("Cache-Control", "private"), ("ETag", outcome.etag)]
    if outcome.status != 304:
        headers.append(("Content-Length", str(len(outcome.body))))
    if outcome.status == 429:
        headers.append(("Retry-After", str(RETRY_AFTER_SECONDS)))
    if outcome.body:
        headers.append(("Content-Type", outcome.content_type or "text/plain"))
    start_response(_STATUS[outcome.status], headers)
    return [] if method == "HEAD" or not outcome.body else [outcome.body]


def _ping(start_response: StartResponse, method: str) -> Iterable[bytes]:
    """The health check: when the configuration changed last, a bare number."""
    body = str(database.changed_at()).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [] if method == "HEAD" else [body]
