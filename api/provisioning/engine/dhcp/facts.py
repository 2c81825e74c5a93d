"""What a vendor's phones make of a DHCP answer: the member ``dhcp`` of ``vendor.yaml``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

OWN_ADDRESS = "own_address"
DIRECTORY = "directory"
FILE_NAME, FILE_NAME_OF_RANGES = "filename_macro", "filename_macro_of_mac_ranges"
WAYS = (DIRECTORY, FILE_NAME, FILE_NAME_OF_RANGES, OWN_ADDRESS)
"""What ``first_boot.dhcp`` of a series may be."""

TFTP_SERVER_NAME, BOOT_FILE_NAME, DEFAULT_URL = 66, 67, 114
_CARRIERS: tuple[list[int], ...] = (
    [],
    [TFTP_SERVER_NAME],
    [TFTP_SERVER_NAME, BOOT_FILE_NAME],
    [DEFAULT_URL],
)
_OPTIONS = (TFTP_SERVER_NAME, BOOT_FILE_NAME, DEFAULT_URL)

# The file names that the catalogue takes (provisioning_url_filename): nothing a server could take
# for syntax of its own.
_FILE = re.compile(r"[A-Za-z0-9_.(){}$%-]{0,64}")
_VENDOR_CLASS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.,()/-]{0,62}[A-Za-z0-9_.)/-])?")
_CLASS_MEMBERS = {"prefix", "verified"}


class DhcpFactError(ValueError):
    """A member that cannot be used; ``where`` leads to it."""

    def __init__(self, where: Sequence[str], reason: str):
        super().__init__(reason)
        self.where = tuple(where)


@dataclass(frozen=True, slots=True)
class VendorClass:
    """What option 60 of a vendor's phones begins with; the rest is the model, in the usual case."""

    prefix: str
    verified: bool = True
    """Whether the vendor says so; False: seen once, or expected of related phones."""


@dataclass(frozen=True, slots=True)
class DhcpFacts:
    """Which options a vendor's phones take their address from, and in which form."""

    options: tuple[int, ...] = ()
    """The option that carries the whole URL, or 66 for the server and 67 for the path on it."""
    filename_macro: str = ""
    """The end of the URL, with the macro that the phone replaces by its MAC address."""
    filename_macro_of_mac_ranges: str = ""
    """The same for phones in MAC ranges narrower than a whole prefix, where they differ."""
    refused_options: tuple[int, ...] = ()
    """Options that must not reach the phones, since they read them as something else."""
    vendor_classes: tuple[VendorClass, ...] = ()

    def file_name(self, way: str) -> str:
        """The end of the URL by a series' ``first_boot.dhcp``; empty if it names no macro."""
        return {
            FILE_NAME: self.filename_macro,
            FILE_NAME_OF_RANGES: self.filename_macro_of_mac_ranges,
        }.get(way, "")


def read_facts(data: Mapping[str, Any]) -> DhcpFacts:
    """Check the member ``dhcp``, whose own members are of the right types already.

    Raises:
        DhcpFactError: a member that no server could be given.
    """
    options = data.get("options", [])
    if options not in _CARRIERS:
        _refuse(("options",), f"{options} is not [66], [66, 67] or [114]")
    refused = data.get("refused_options", [])
    if any(option not in _OPTIONS or option in options for option in refused):
        _refuse(("refused_options",), "wants of 66, 67 and 114 those that are not in options")
    for member in (FILE_NAME, FILE_NAME_OF_RANGES):
        if not _FILE.fullmatch(data.get(member, "")):
            _refuse((member,), "wants letters, digits and - _ . ( ) { } $ %")
    return DhcpFacts(
        options=tuple(map(int, options)),
        filename_macro=data.get(FILE_NAME, ""),
        filename_macro_of_mac_ranges=data.get(FILE_NAME_OF_RANGES, ""),
        refused_options=tuple(map(int, refused)),
        vendor_classes=tuple(
            _vendor_class(entry, ("vendor_classes", str(number)))
            for number, entry in enumerate(data.get("vendor_classes", ()))
        ),
    )


def _vendor_class(entry: object, where: Sequence[str]) -> VendorClass:
    if not isinstance(entry, dict) or not {"prefix"} <= entry.keys() <= _CLASS_MEMBERS:
        _refuse(where, "wants a prefix, and verified or not")
    prefix, verified = entry["prefix"], entry.get("verified", True)
    if not isinstance(prefix, str) or not _VENDOR_CLASS.fullmatch(prefix):
        _refuse((*where, "prefix"), "wants 1 to 64 letters, digits, blanks and _ . , ( ) / -")
    if not isinstance(verified, bool):
        _refuse((*where, "verified"), "must be true or false")
    return VendorClass(prefix, verified)


def _refuse(where: Sequence[str], reason: str) -> NoReturn:
    raise DhcpFactError(where, reason)
