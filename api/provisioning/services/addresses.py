"""Where a phone finds its configuration: host, base address and provisioning URL."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.engine.mac import MacAddress
from provisioning.services.site import PublicUrl

PATH = "provisioning"
"""Path of the provisioning entry point, without outer slashes."""

# Longest first: %25MACD is the percent-encoded %MACD.
_PLACEHOLDERS = ("%25MACD", "%MACD", "{mac}", "$mac")

FILE_NAME = "provisioning_url_filename"
"""The setting that names the last part of a phone's URL."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a phone."""

    hostname: str
    """Name or address of the PBX: SIP server, phonebook, host of the URLs."""
    scheme: str
    base: str
    """``scheme://host/provisioning``."""
    file_name: str
    """Last part of the URL, with the phone's address in place of a macro; empty: a folder."""

    @classmethod
    def of(cls, mac: MacAddress, variables: Mapping[str, str], public: PublicUrl) -> "Addresses":
        """The addresses by a phone's settings; without ``hostname`` the site's public address."""
        hostname = variables.get("hostname", "")
        if hostname:
            scheme = variables.get("provisioning_url_scheme", "") or "http"
            netloc = f"[{hostname}]" if ":" in hostname else hostname
            base = f"{scheme}://{netloc}/{PATH}"
        else:
            hostname, scheme = public.hostname, public.scheme
            base = f"{scheme}://{public.netloc}/{PATH}"
        file_name = variables.get(FILE_NAME, "")
        for placeholder in _PLACEHOLDERS:
            file_name = file_name.replace(placeholder, mac.bare)
        return cls(hostname, scheme, base, file_name)

    def folder(self, token: str) -> str:
        """The address of everything a token opens, without a slash at the end."""
        return f"{self.base}/{token}"

    def url(self, token: str | None) -> str | None:
        """The provisioning URL with a token; None without one."""
        if not token:
            return None
        return f"{self.folder(token)}/{self.file_name}".strip("/")
