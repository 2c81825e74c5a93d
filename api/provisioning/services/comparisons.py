"""Whether a phone has the configuration it should have: what it fetched, held against today's.

A change may concern many phones and give few of them another file: a default that the model
overrides, a setting that the template does not read. Only what the phone would get tells.
"""

import time
from dataclasses import dataclass

from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.services import configurations, redirections
from provisioning.services.configurations import Access, CannotServe
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import database, devices, proofs
from provisioning.store.database import transaction
from provisioning.store.devices import StoredDevice
from provisioning.store.proofs import Compared, Served

_SETTLE_SECONDS = 2.0
"""Changes come in bursts, and what phones fetched is written down in batches."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a phone has, and what it should have."""

    has: str | None
    """Digest of what it fetched last with its permanent token; None: it never did."""
    wants: str | None
    """Digest of what it should fetch; None: what it has is right, or nothing can be made for it."""


def compare(site: Site, mac: MacAddress) -> Comparison:
    """Hold what a phone has fetched against what it would get now; nothing is written.

    Raises:
        NotFound: it is not registered.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return _compare(site, device, proofs.served([device.mac]).get(device.mac))


def compare_touched(site: Site) -> list[str]:
    """Compare all phones that changes of a while ago may concern, and write down how it ended.

    A change may also concern what the phone's redirect service was told.

    Returns:
        The MAC ids of those that should fetch another file than they have.
    """
    _touch_all_if_data_changed(site)
    concerned: list[str] = []
    until = time.time() - _SETTLE_SECONDS
    while rows := proofs.touched_before(until, limit=_AT_ONCE):
        registered = {device.mac: device for device in devices.find_all([mac for mac, _ in rows])}
        found = [(registered[mac], at) for mac, at in rows if mac in registered]
        served = proofs.served(list(registered))
        wanted = redirections.review(site, list(registered.values()))
        compared = [_ended(site, device, at, served.get(device.mac)) for device, at in found]
        with transaction():
            redirections.want(wanted)
            proofs.compared(compared)
        concerned += [one.mac for one in compared if one.wanted]
    return concerned


def _ended(site: Site, device: StoredDevice, touched_at: float, served: Served | None) -> Compared:
    found = _compare(site, device, served)
    is_new = found.wants is not None or found.has is None
    return Compared(device.mac, touched_at, touched_at if is_new else None, found.wants)


def _compare(site: Site, device: StoredDevice, served: Served | None) -> Comparison:
    if served is None:
        return Comparison(None, None)
    asking = identify(served.user_agent, site.library.user_agents)
    try:
        _, rule = configurations.file_of(site, device, None)
        found = configurations.find(site, device, Access("tok2", device.tok2), rule, asking)
        if found.etag == served.etag:
            return Comparison(served.digest, None)
        wanted = configurations.digest(configurations.render(site, found))
    except (CannotServe, NotFound):  # the phone's next request tells the admin
        return Comparison(served.digest, None)
    return Comparison(served.digest, None if wanted == served.digest else wanted)


def _touch_all_if_data_changed(site: Site) -> None:
    """A new release, a template of the site or another public address concerns every phone."""
    site.refresh()
    digest = f"{site.digest.hex()} {site.public_url.scheme}://{site.public_url.netloc}"
    known = database.data_digest()
    if known != digest:
        with transaction():
            database.set_data_digest(digest)
            proofs.touch_everyone()
