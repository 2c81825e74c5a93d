"""HTTP to a redirect service: bounded in time and size, never led elsewhere."""

import ipaddress
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from provisioning.connect.rps.problems import Code, Trouble

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""The longest real answer, a page of a thousand settings (Snom's SRAPS), is far below."""
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile("[A-Za-z0-9._:-]+")  # names in ASCII, addresses
_TOO_LONG = "more than can be an answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    body: bytes
    retry_after_seconds: float | None = None
    next_link: str | None = None
    """The URL of the next page, as the header ``Link`` has it."""

    @property
    def succeeded(self) -> bool:
        """Whether the status is of the kind 200."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """The body read as JSON.

        Raises:
            Trouble: it is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Trouble(Code.UNKNOWN_RESPONSE) from None

    def trouble(self, said: str = "") -> Trouble:
        """What an unsuccessful status means where no text tells it better."""
        return Trouble(_meaning(self.status), said, self.retry_after_seconds)


def _meaning(status: int) -> Code:
    if status == 401:
        return Code.WRONG_CREDENTIALS
    if status == 403:
        return Code.ACCESS_DENIED
    if status == 429:
        return Code.RATE_LIMITED
    if status == 408 or status >= 500:
        return Code.CALL_FAILED
    if status >= 400:
        return Code.REQUEST_REFUSED
    return Code.UNKNOWN_RESPONSE  # a redirection, too: nobody is sent elsewhere with credentials


class Connection:
    """Requests to one service; several threads may use it at once.

    Certificates are verified, redirections not followed, proxies and credentials of the
    environment not used.

    Args:
        base_url: what all paths are appended to; see :func:`check_base_url`.
        timeout: seconds for connecting, and again for sending, and for each piece of an answer; an
            answer that still comes in pieces after that time is given up.
        auth: puts credentials or a signature on each request.
        headers: for every request.

    Raises:
        ValueError: the base URL is none.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        auth: httpx.Auth | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        check_base_url(base_url)
        self.base_url = base_url
        self._origin = _origin(base_url)
        self._timeout = timeout
        self._client = httpx.Client(
            auth=auth,
            # Compressed answers would be bounded before they are unpacked only.
            headers={"Accept-Encoding": "identity", **(headers or {})},
            timeout=timeout,
            verify=_certificate_authorities(),
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and read the whole answer, whatever its status.

        Args:
            method: of HTTP.
            path: appended to the base URL; or a whole URL, but of the same origin.
            parameters: the query.
            content: the body.
            headers: for this request.

        Raises:
            Trouble: there is no answer, or no whole one; or a URL leads elsewhere.
        """
        url = path if "://" in path else self.base_url + path
        if _origin(url) != self._origin:
            raise Trouble(Code.UNKNOWN_RESPONSE)
        request = self._client.build_request(
            method, url, params=parameters, content=content or None, headers=headers
        )
        try:
            return self._exchange(request)
        except httpx.TimeoutException as failure:
            raise Trouble(Code.TIMED_OUT) from failure
        except httpx.RemoteProtocolError as failure:
            raise Trouble(Code.READ_FAILED) from failure
        except httpx.TransportError as failure:
            raise Trouble(Code.CONNECTION_FAILED) from failure

    def _exchange(self, request: httpx.Request) -> Answer:
        give_up = time.monotonic() + self._timeout
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise Trouble(Code.READ_FAILED, _TOO_LONG)
                if time.monotonic() > give_up:
                    raise Trouble(Code.TIMED_OUT)
        finally:
            response.close()
        return Answer(
            status=response.status_code,
            body=bytes(body),
            retry_after_seconds=_seconds(response.headers.get("Retry-After", "")),
            next_link=response.links.get("next", {}).get("url"),
        )


def check_base_url(url: str) -> None:
    """Refuse the address of a service that credentials must not be sent to.

    Raises:
        ValueError: not ``https://host…`` (plain http is for this machine only), or with user name,
            query or fragment; the text says what is allowed and does not repeat the URL.
    """
    allowed = "https://, a host and perhaps a path; http:// for this machine only"
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError(allowed) from None
    trusted = parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.host))
    plain = not (parts.userinfo or parts.query or parts.fragment)
    if not trusted or not plain or not _HOST.fullmatch(parts.raw_host.decode("ascii")):
        raise ValueError(allowed)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return "", "", None
    return parts.scheme, parts.host, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _seconds(retry_after: str) -> float | None:
    """The header ``Retry-After``: seconds, or a date; at most a day (RFC 9110 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit():
        seconds = float(retry_after[:9])
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return min(seconds, MAX_RETRY_AFTER_SECONDS)


@cache
def _certificate_authorities() -> ssl.SSLContext:
    """Read once: a context takes as long to make as a request to answer."""
    return httpx.create_ssl_context(trust_env=False)
