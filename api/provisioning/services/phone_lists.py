"""Lists of phones with everything a row shows: whose, in what state, how far its changes are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provisioning.engine.mac import MacAddress
from provisioning.services import links, models
from provisioning.services.links import LinkDetails
from provisioning.services.site import Site
from provisioning.store import contacts, proofs
from provisioning.store import phone_lists as stored
from provisioning.store import phones as stored_phones
from provisioning.store.phone_lists import FACETS, SORTS, STATES, Filter
from provisioning.store.tables import Contact, Phone, Proof

__all__ = ["FACETS", "SORTS", "STATES", "Filter", "Listed", "counts", "macs", "page", "states_of"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A phone in a list."""

    phone: Phone
    tags: Sequence[str]
    links: Sequence[LinkDetails]
    contact: Contact | None
    proof: Proof | None
    states: Sequence[str]
    """What wants attention, the worst first; empty: nothing does."""


def page(
    site: Site,
    wanted: Filter,
    *,
    vendor: str | None = None,
    sort: str = "mac",
    descending: bool = False,
    offset: int,
    limit: int,
) -> tuple[int, list[Listed]]:
    """Phones that match, with how many there are in all.

    Args:
        site: the site.
        wanted: which phones.
        vendor: only phones of this vendor: by their model, without one by their address.
        sort: one of :data:`SORTS`.
        descending: the highest first.
        offset: how many to leave out first.
        limit: how many to return.
    """
    filtered = _complete(site, wanted, vendor)
    total, rows = stored.page(
        filtered, sort=sort, descending=descending, offset=offset, limit=limit
    )
    found = [str(row.mac) for row in rows]
    tags, devices = stored_phones.tags(found), links.of_phones(found)
    heard, proved, states = contacts.of_phones(found), proofs.of_phones(found), stored.states(found)
    return total, [
        Listed(row, tags[mac], devices[mac], heard.get(mac), proved.get(mac), states[mac])
        for row, mac in zip(rows, found, strict=True)
    ]


def macs(site: Site, wanted: Filter, *, vendor: str | None = None) -> list[MacAddress]:
    """The addresses of all phones that match."""
    return [MacAddress.parse(mac) for mac in stored.macs(_complete(site, wanted, vendor))]


def counts(
    site: Site, wanted: Filter, facets: Sequence[str], *, vendor: str | None = None
) -> dict[str, dict[str, int]]:
    """How many of the phones that match have each value of some facets."""
    filtered = _complete(site, wanted, vendor)
    return {facet: stored.counts(filtered, facet) for facet in facets}


def states_of(mac: MacAddress) -> list[str]:
    """What of a phone wants attention, the worst first."""
    return stored.states([str(mac)])[str(mac)]


def _complete(site: Site, wanted: Filter, vendor_id: str | None) -> Filter:
    return _of_vendor(site, replace(wanted, public_host=site.public_url.hostname), vendor_id)


def _of_vendor(site: Site, wanted: Filter, vendor_id: str | None) -> Filter:
    vendor = site.library.vendors.get(vendor_id) if vendor_id else None
    if vendor_id is None:
        return wanted
    known = [found.id for found in models.list_all(site) if found.vendor == vendor_id]
    ranges = [
        (str(MacAddress(f"{r.first:012x}")), str(MacAddress(f"{r.last:012x}")))
        for r in (vendor.ranges if vendor else ())
    ]
    return replace(wanted, models=known, mac_ranges=ranges)
