"""DHCP configurations that lead new phones here, for the vendors in use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from provisioning.engine.dhcp import dhcpd, dnsmasq, kea, text
from provisioning.engine.dhcp.plan import OwnAddress, Plan, make_plan
from provisioning.engine.mac import MacAddress
from provisioning.services import phones
from provisioning.services.addresses import Addresses
from provisioning.services.errors import BadName
from provisioning.services.scopes import defaults_layer
from provisioning.services.site import Site, shipped_data
from provisioning.store import history
from provisioning.store.database import transaction

Server = Literal["dnsmasq", "kea", "dhcpd", "text"]
SERVERS: tuple[Server, ...] = ("dnsmasq", "kea", "dhcpd", "text")

_SENTENCES = "dhcp.yaml"
_RENDERERS: Mapping[str, Callable[[Plan], str]] = {
    "dnsmasq": dnsmasq.render,
    "kea": kea.render,
    "dhcpd": dhcpd.render,
}
_NOBODY = MacAddress("000000000000")


def configuration(
    site: Site,
    server: Server,
    *,
    vendors: Sequence[str] | None = None,
    own: bool = False,
    language: text.Language = "en",
    by: str,
) -> str:
    """A configuration for a DHCP server, or a description for any other one.

    Args:
        site: the site.
        server: whose syntax; ``text``: in words.
        vendors: ids of the vendors whose phones are to be led here; None: those in use.
        own: also phones that want an address of their own; it holds their first-access token, so
            the history keeps who asked.
        language: of the description.
        by: who asks.

    Raises:
        BadName: a vendor that there is not.
    """
    plan = _plan(site, vendors, own)
    if own:
        with transaction():
            history.record(by, "dhcp", server, "show")
    if server == "text":
        sentences = text.Sentences.load(shipped_data() / _SENTENCES)
        return text.render(text.describe(plan, sentences, language))
    return _RENDERERS[server](plan)


def _plan(site: Site, vendors: Sequence[str] | None, own: bool) -> Plan:
    known = site.library.vendors
    wrong = [vendor for vendor in vendors or () if vendor not in known]
    if wrong:
        raise BadName("vendor", wrong[0], ", ".join(sorted(known)))
    used = _in_use(site) if vendors is None else list(dict.fromkeys(vendors))
    base = Addresses.of(_NOBODY, defaults_layer(site), site.public_url).base
    return make_plan(site.library, used, base, _own_addresses(site) if own else ())


def _in_use(site: Site) -> list[str]:
    """The vendors of whom there is a phone."""
    found = set()
    for phone in phones.list_all():
        by_address = site.library.vendor_of(MacAddress.parse(str(phone.mac)))
        vendor = by_address or site.library.vendor_of_model(str(phone.model))
        if vendor:
            found.add(vendor.id)
    return sorted(found)


def _own_addresses(site: Site) -> list[OwnAddress]:
    """The phones that are waited for and whose vendor knows no macro for all its phones."""
    found = []
    for row in phones.list_all():
        mac = MacAddress.parse(str(row.mac))
        vendor = site.library.vendor_of(mac)
        if vendor is None or not any(series.dhcp == "own_address" for series in vendor.series):
            continue
        url = phones.first_address(site, phones.get(site, mac))
        if url:
            found.append(OwnAddress(mac, vendor.id, url))
    return found
