"""What devices asked for."""

import time

from provisioning.engine.mac import MacAddress
from provisioning.store import device_requests as stored
from provisioning.store import strangers
from provisioning.store.database import transaction
from provisioning.store.tables import DeviceRequest

KEEP_SECONDS = 90 * 24 * 3600
"""How long a request can be looked at."""


def page(
    *, phone: MacAddress | None, outcome: str | None, offset: int, limit: int
) -> tuple[int, list[DeviceRequest]]:
    """Requests of devices, newest first, with how many there are in all.

    Args:
        phone: only of this address, registered or not: requests outlive the phone.
        outcome: only those that ended like this, e.g. ``unknown_token``.
        offset: how many to leave out first.
        limit: how many to return.
    """
    mac = str(phone) if phone else None
    return stored.page(phone=mac, outcome=outcome, offset=offset, limit=limit)


def forget_old() -> int:
    """Remove requests and strangers of :data:`KEEP_SECONDS` ago or earlier; returns how many."""
    oldest = time.time() - KEEP_SECONDS
    with transaction():
        strangers.delete_before(oldest)
        return stored.delete_before(oldest)
