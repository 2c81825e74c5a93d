"""Queries for what devices asked: written in batches, read by the admin, kept for a set time."""

from collections.abc import Mapping, Sequence

from provisioning.store.database import database, transaction
from provisioning.store.tables import DeviceRequest

_COLUMNS = (
    "at", "phone", "access", "address", "user_agent", "vendor", "model", "firmware", "method",
    "file", "status", "outcome", "reason",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO device_request ({', '.join(_COLUMNS)}) "  # noqa: S608 (names are ours)
    f"VALUES ({', '.join(':' + column for column in _COLUMNS)})"
)
# A phone deleted meanwhile has no row to hang the contact on.
_CONTACT = """
    INSERT INTO contact
        (phone_id, at, address, access, vendor, model, firmware, outcome, permanent_at)
    SELECT :phone, :at, :address, :access, :vendor, :model, :firmware, :outcome,
           CASE WHEN :access = 'tok2' THEN :at END
    WHERE EXISTS (SELECT 1 FROM phone WHERE mac = :phone)
    ON CONFLICT (phone_id) DO UPDATE SET
        at = excluded.at, address = excluded.address, access = excluded.access,
        vendor = excluded.vendor, model = excluded.model, firmware = excluded.firmware,
        outcome = excluded.outcome,
        permanent_at = COALESCE(excluded.permanent_at, contact.permanent_at)
"""


def write(events: Sequence[Mapping[str, object]]) -> None:
    """Write a batch of requests in one transaction, and each phone's last contact."""
    with transaction():
        connection = database.connection()
        connection.executemany(_INSERT, events)
        connection.executemany(_CONTACT, [event for event in events if event["phone"]])


def delete_before(at: float) -> int:
    """Forget requests older than a Unix time; returns how many."""
    deleted: int = DeviceRequest.delete().where(DeviceRequest.at < at).execute()
    return deleted


def page(
    *, phone: str | None, outcome: str | None, offset: int, limit: int
) -> tuple[int, list[DeviceRequest]]:
    """Requests, newest first, with how many there are in all."""
    query = DeviceRequest.select()
    if phone:
        query = query.where(DeviceRequest.phone == phone)
    if outcome:
        query = query.where(DeviceRequest.outcome == outcome)
    count: int = query.count()
    return count, list(query.order_by(DeviceRequest.id.desc()).offset(offset).limit(limit))
