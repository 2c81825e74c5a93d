"""Which phones of a network get which DHCP options: decided once, written by each server's module.

The first of these that knows a phone decides: its own address; a MAC range narrower than a whole
prefix, the narrowest first (Gigaset's P phones live inside Snom's 00:04:13); the prefix of a vendor
whose phones must not see what others get; a vendor whose phones send a vendor class (option 60), by
that or by its prefix; any other prefix. No phone gets the options of two.

Source: NethVoice's manual (supported phones); Gigaset's ranges: NethServer/dev 7764.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from provisioning.engine.dhcp.cover import joined, without
from provisioning.engine.dhcp.facts import (
    DIRECTORY,
    FILE_NAME,
    FILE_NAME_OF_RANGES,
    TFTP_SERVER_NAME,
    VendorClass,
)
from provisioning.engine.dhcp.urls import (
    MAX_BYTES,
    BaseUrlRefused,
    OwnUrlRefused,
    check_base_url,
    check_own_url,
    parted,
)
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import Library, MacRange, Vendor

OWN = "zt-own"
"""Name of all phones that have an address of their own."""

_PREFIX = "zt-"
_WHOLE_PREFIX = 1 << 24  # addresses


@dataclass(frozen=True, slots=True)
class DhcpOption:
    """One option with its value."""

    code: int
    value: str


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """A phone that is to get a URL of its own, since its vendor knows no macro for all."""

    mac: MacAddress
    vendor: str
    """Id of its vendor, which says by which options; 66 where it says nothing."""
    url: str
    """The phone's provisioning URL; it holds a token."""


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """A phone with an address of its own, as a server's module writes it."""

    name: str
    mac: MacAddress
    options: tuple[DhcpOption, ...]


@dataclass(frozen=True, slots=True)
class PhoneClass:
    """Phones that get the same options."""

    name: str
    """E.g. ``zt-yealink``."""
    title: str
    """As people call them, e.g. ``Gigaset P``."""
    ranges: tuple[MacRange, ...]
    vendor_classes: tuple[VendorClass, ...] = ()
    options: tuple[DhcpOption, ...] = ()
    """Empty: the phones are only told apart, so that they do not get what is others'."""
    refused: tuple[int, ...] = ()
    """Options that must not reach them from elsewhere in the server's configuration."""
    after: tuple[str, ...] = ()
    """Names of those before it in the plan that may know the same phone; they win."""

    def knows(self, mac: MacAddress, vendor_class: str) -> bool:
        """Whether a phone is one of these, unless one before it knows the phone too."""
        claimed = any(vendor_class.startswith(known.prefix) for known in self.vendor_classes)
        return claimed or any(mac in found for found in self.ranges)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a DHCP server is to answer; the first that knows a phone decides."""

    own: tuple[OwnPhone, ...]
    classes: tuple[PhoneClass, ...]

    def options_for(self, mac: MacAddress, vendor_class: str = "") -> tuple[DhcpOption, ...]:
        """What a phone is to get.

        Args:
            mac: the phone's address.
            vendor_class: the text of option 60 that it sends; empty: none.
        """
        for phone in self.own:
            if phone.mac == mac:
                return phone.options
        found = (c.options for c in self.classes if c.knows(mac, vendor_class))
        return next(found, ())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all that the plan knows, whom an option meant for everybody must not reach."""
        own = (OWN,) if self.own else ()
        return (*own, *(c.name for c in self.classes))


def make_plan(
    library: Library, vendors: Collection[str], base_url: str, own: Sequence[OwnAddress] = ()
) -> Plan:
    """Decide what the phones of some vendors are to get.

    Args:
        library: all vendors; those that are not in use still tell their phones from others'.
        vendors: ids of the vendors in use. One whose phones want an address of their own adds
            nothing here; its phones come in ``own``.
        base_url: ``scheme://host/provisioning``, as phones reach it.
        own: phones with an address of their own, of whatever vendor.

    Raises:
        BaseUrlRefused: the base URL is not of its form, or too long with a file name behind it.
        OwnUrlRefused: a phone's own URL is not of its form, or the phone is there twice.
        KeyError: there is no such vendor.
    """
    check_base_url(base_url)
    phones = tuple(_own_phones(library, own))
    used = {vendor: library.vendors[vendor] for vendor in vendors}
    classes = [
        found
        for vendor in sorted(library.vendors.values(), key=lambda v: v.id)
        for found in _classes(vendor, base_url if vendor.id in used else None)
    ]
    return Plan(phones, tuple(_in_order(_told_apart(classes), phones)))


def _own_phones(library: Library, own: Sequence[OwnAddress]) -> Iterator[OwnPhone]:
    seen: set[MacAddress] = set()
    for entry in sorted(own, key=lambda entry: entry.mac):
        url = check_own_url(entry.mac, entry.url)
        if entry.mac in seen:
            raise OwnUrlRefused(entry.mac, "is given twice")
        seen.add(entry.mac)
        codes = library.vendors[entry.vendor].dhcp.options or (TFTP_SERVER_NAME,)
        yield OwnPhone(f"{_PREFIX}{entry.mac.bare}", entry.mac, _options(codes, url))


def _options(codes: Sequence[int], url: str) -> tuple[DhcpOption, ...]:
    """A URL in the options that carry it: whole in one, or server and path in two."""
    values = parted(url) if len(codes) > 1 else (url,)
    return tuple(DhcpOption(*pair) for pair in zip(codes, values, strict=False))


def _classes(vendor: Vendor, base_url: str | None) -> Iterator[PhoneClass]:
    """A vendor's phones by whole prefixes, and those in narrower ranges; ``None``: not in use."""
    narrow = tuple(r for r in vendor.ranges if r.width < _WHOLE_PREFIX)
    broad = tuple(r for r in vendor.ranges if r.width >= _WHOLE_PREFIX)
    # A folder may have any name, a class not; no two folders become the same.
    name = _PREFIX + re.sub("[^a-z0-9]", lambda sign: f"-{ord(sign[0]):x}-", vendor.id)
    facts = vendor.dhcp
    way = FILE_NAME_OF_RANGES if facts.filename_macro_of_mac_ranges else FILE_NAME
    if narrow:
        yield _class(f"{name}-ranges", vendor, narrow, (), way, base_url)
    if broad or facts.vendor_classes:
        yield _class(name, vendor, broad, facts.vendor_classes, FILE_NAME, base_url)


def _class(
    name: str,
    vendor: Vendor,
    ranges: tuple[MacRange, ...],
    vendor_classes: tuple[VendorClass, ...],
    way: str,
    base_url: str | None,
) -> PhoneClass:
    url = base_url and _url(vendor, way, base_url)
    if url and len(url) > MAX_BYTES:
        raise BaseUrlRefused(str(base_url))
    titles = [s.name for s in vendor.series if s.dhcp == way]
    return PhoneClass(
        name=name,
        title=titles[0] if len(titles) == 1 else vendor.name,
        ranges=ranges,
        vendor_classes=vendor_classes if url else (),
        options=_options(vendor.dhcp.options, url) if url else (),
        refused=vendor.dhcp.refused_options,
    )


def _url(vendor: Vendor, way: str, base_url: str) -> str:
    """What all phones of a class are given; empty where each wants its own."""
    file_name = vendor.dhcp.file_name(way)
    if file_name:
        return f"{base_url}/{file_name}"
    takes_folder = any(series.dhcp == DIRECTORY for series in vendor.series)
    return base_url if takes_folder else ""


def _told_apart(classes: Sequence[PhoneClass]) -> Iterator[PhoneClass]:
    """Cut narrower ranges of others out of the narrow ones; leave prefixes to their prefix."""
    narrow = sorted(
        ((found, c.name) for c in classes for found in c.ranges if found.width < _WHOLE_PREFIX),
        key=lambda entry: (entry[0].width, entry[0].first, entry[1]),
    )
    kept: dict[str, list[MacRange]] = {}
    taken: list[MacRange] = []
    for found, name in narrow:
        kept.setdefault(name, []).extend(without(found, taken))
        taken.append(found)
    for c in classes:
        yield replace(c, ranges=joined(kept.get(c.name, c.ranges)))


def _in_order(classes: Iterable[PhoneClass], own: Sequence[OwnPhone]) -> Iterator[PhoneClass]:
    """Those that matter, each with the names of those before it that may know the same phone."""
    in_order = sorted(classes, key=_precedence)
    used = [c for c in in_order if c.options]
    before: list[PhoneClass] = []
    for c in in_order:
        if not c.options and not any(_meet(c.ranges, other.ranges) for other in used):
            continue
        if not c.ranges and not c.vendor_classes:
            continue  # Others' narrower ranges have left it nothing.
        names = [other.name for other in before if _may_know_the_same(c, other)]
        if (c.vendor_classes and own) or any(c.knows(phone.mac, "") for phone in own):
            names.insert(0, OWN)
        yield replace(c, after=tuple(names))
        before.append(c)


def _precedence(c: PhoneClass) -> tuple[bool, bool, bool, str]:
    by_prefix = all(found.width >= _WHOLE_PREFIX for found in c.ranges)
    return by_prefix, not c.refused, not c.vendor_classes, c.name


def _may_know_the_same(one: PhoneClass, other: PhoneClass) -> bool:
    claims = bool(one.vendor_classes or other.vendor_classes)
    return claims or _meet(one.ranges, other.ranges)


def _meet(some: Iterable[MacRange], others: Sequence[MacRange]) -> bool:
    return any(a.first <= b.last and b.first <= a.last for a in some for b in others)
