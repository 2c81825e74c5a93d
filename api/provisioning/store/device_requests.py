"""Queries for what devices asked: written in batches, read by the admin, kept for a set time."""

from collections.abc import Mapping, Sequence

from provisioning.store.database import database, transaction
from provisioning.store.tables import DeviceRequest

_COLUMNS = (
    "at", "phone", "access", "address", "user_agent", "vendor", "model", "firmware", "method",
    "file", "status", "outcome", "reason",
)  # fmt: skip
_ROWS = 200
# A phone deleted meanwhile has no row to hang the contact on.
_CONTACT = """
    INSERT INTO contact
        (phone_id, at, address, access, vendor, model, firmware, outcome, permanent_at)
    SELECT :phone, :at, :address, :access, :vendor, :model, :firmware, :outcome,
           :permanent_at
    WHERE EXISTS (SELECT 1 FROM phone WHERE mac = :phone)
    ON CONFLICT (phone_id) DO UPDATE SET
        at = excluded.at, address = excluded.address, access = excluded.access,
        vendor = excluded.vendor, model = excluded.model, firmware = excluded.firmware,
        outcome = excluded.outcome,
        permanent_at = COALESCE(excluded.permanent_at, contact.permanent_at)
"""


def write(events: Sequence[Mapping[str, object]]) -> None:
    """Write a batch of requests in one transaction, and each phone's last contact.

    Many rows go into one statement: after each, the driver lets the other threads run and waits for
    its turn again, which costs more than the row.
    """
    with transaction():
        connection = database.connection()
        for first in range(0, len(events), _ROWS):
            rows = events[first : first + _ROWS]
            values = [event[column] for event in rows for column in _COLUMNS]
            connection.execute(_insert(len(rows)), values)
        connection.executemany(_CONTACT, _last_contacts(events))


def _insert(rows: int) -> str:
    row = f"({', '.join('?' * len(_COLUMNS))})"
    columns = ", ".join(_COLUMNS)
    return f"INSERT INTO device_request ({columns}) VALUES {', '.join([row] * rows)}"  # noqa: S608


def _last_contacts(events: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The last event of each phone, with the time of its last request by the permanent token."""
    last: dict[object, Mapping[str, object]] = {}
    for event in events:
        if phone := event["phone"]:
            earlier = last[phone]["permanent_at"] if phone in last else None
            permanent_at = event["at"] if event["access"] == "tok2" else earlier
            last[phone] = {**event, "permanent_at": permanent_at}
    return list(last.values())


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
