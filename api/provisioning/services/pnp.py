"""Phones that ask their network by SIP PnP: who is waited for is told, the others are noted.

What asks is only what it claims to be, so an answer goes to phones whose first access is still
open, and to them only; all others hear nothing.
"""

import logging

from provisioning.connect.pnp.device import PnpDevice
from provisioning.services import phones
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import strangers
from provisioning.store.database import database, transaction

_log = logging.getLogger(__name__)


def answer(site: Site, asking: PnpDevice) -> str | None:
    """The URL for a phone that asks; None: it hears nothing."""
    try:
        return _answer(site, asking)
    finally:
        database.close()


def _answer(site: Site, asking: PnpDevice) -> str | None:
    site.refresh()
    try:
        url = phones.get(site, asking.mac).provisioning_url1
    except NotFound:
        with transaction():
            strangers.note_knock(
                str(asking.mac),
                via="pnp",
                address=asking.address,
                user_agent=asking.says,
            )
        return None
    if url is None:
        _log.info("%s asks by PnP, but its first access is used up", asking.mac)
        return None
    _log.info("%s is told its address by PnP", asking.mac)
    return url
