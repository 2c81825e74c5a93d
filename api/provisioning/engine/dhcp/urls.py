"""URLs that go into the configuration of a DHCP server: nothing in them but what a phone needs."""

import ipaddress
import re

from provisioning.engine.mac import MacAddress

MAX_BYTES = 255
"""The length of a DHCP option is told in one byte."""

_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_SERVER = rf"https?://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
_FOLDER = "(?:/[A-Za-z0-9_-][A-Za-z0-9_.~-]*)+"
# A file name is as models have it; a folder may end with a slash.
_FILE = "(?:/[A-Za-z0-9_(){}$%~-][A-Za-z0-9_.(){}$%~-]*)+/?"
_BASE_URL = re.compile(f"(?P<server>{_SERVER})(?P<path>{_FOLDER})")
_OWN_URL = re.compile(f"(?P<server>{_SERVER})(?P<path>{_FILE})")


class BaseUrlRefused(ValueError):
    """A base URL that is not of the form that phones and DHCP servers all read alike."""

    def __init__(self, url: str):
        super().__init__(
            f"{url[:80]!r} is not a URL like https://pbx.example.org/provisioning: http or https, "
            "a host name or IPv4 address, a port if need be, and a path of letters, digits and "
            "- _ . ~ without a slash at its end"
        )
        self.url = url


class OwnUrlRefused(ValueError):
    """A phone's own URL that cannot be given by DHCP; the URL holds a token and is not repeated."""

    def __init__(self, mac: MacAddress, reason: str):
        super().__init__(f"the URL of {mac} {reason}")
        self.mac = mac
        self.reason = reason


def check_base_url(url: str) -> str:
    """A base URL as it came.

    Args:
        url: ``scheme://host/provisioning``, with a port or not.

    Raises:
        BaseUrlRefused: anything else, such as a user, a query, an escape or an IPv6 address, which
            a phone that asks by DHCP over IPv4 could not use.
    """
    if not _is_plain(url, _BASE_URL):
        raise BaseUrlRefused(url)
    return url


def check_own_url(mac: MacAddress, url: str) -> str:
    """A phone's own URL as it came: a file's, or a folder's.

    Raises:
        OwnUrlRefused: it has anything strange in it, or is longer than an option may be.
    """
    if len(url) > MAX_BYTES:
        raise OwnUrlRefused(mac, f"has more than {MAX_BYTES} characters")
    if not _is_plain(url, _OWN_URL):
        raise OwnUrlRefused(mac, "is not a plain URL with http or https")
    return url


def parted(url: str) -> tuple[str, str]:
    """Server and path of a checked URL, e.g. ``https://pbx.example.org`` and ``/provisioning``."""
    match = _OWN_URL.fullmatch(url)
    if match is None:
        raise ValueError("the URL was not checked")
    return match["server"], match["path"]


def _is_plain(url: str, form: re.Pattern[str]) -> bool:
    match = form.fullmatch(url) if len(url) <= MAX_BYTES else None
    if match is None or int(match["port"] or 0) > 65_535:
        return False
    # Digits at the end are an address, or nothing that a resolver knows.
    return not match["host"].rpartition(".")[2].isdigit() or _is_ipv4(match["host"])


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
