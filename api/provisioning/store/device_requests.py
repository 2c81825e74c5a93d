"""Queries for what devices asked: written in batches, read by the admin, kept for a set time."""

from collections.abc import Mapping, Sequence
from typing import Any

from provisioning.store import strangers
from provisioning.store.database import database, transaction
from provisioning.store.tables import DeviceRequest

_COLUMNS = (
    "at", "phone", "access", "address", "user_agent", "vendor", "model", "firmware", "method",
    "file", "status", "outcome", "reason",
)  # fmt: skip
_ROWS = 200
_NOT_TOLD: Mapping[str, object] = dict.fromkeys(
    ("permanent_at", "served_at", "served_etag", "served_digest", "served_user_agent", "host")
)
# A phone deleted meanwhile has no row to hang the contact on.
_CONTACT = """
    INSERT INTO contact
        (phone_id, at, address, access, vendor, model, firmware, outcome, permanent_at,
         served_at, served_etag, served_digest, served_user_agent, host)
    SELECT :phone, :at, :address, :access, :vendor, :model, :firmware, :outcome, :permanent_at,
           :served_at, :served_etag, :served_digest, :served_user_agent, :host
    WHERE EXISTS (SELECT 1 FROM phone WHERE mac = :phone)
    ON CONFLICT (phone_id) DO UPDATE SET
        at = excluded.at, address = excluded.address, access = excluded.access,
        vendor = excluded.vendor, model = excluded.model, firmware = excluded.firmware,
        outcome = excluded.outcome,
        permanent_at = COALESCE(excluded.permanent_at, contact.permanent_at),
        served_at = COALESCE(excluded.served_at, contact.served_at),
        served_etag = COALESCE(excluded.served_etag, contact.served_etag),
        -- "Not modified" was answered without making the file: its digest is that of the same ETag.
        served_digest = CASE
            WHEN excluded.served_at IS NULL OR (excluded.served_digest IS NULL
                AND excluded.served_etag = contact.served_etag) THEN contact.served_digest
            ELSE excluded.served_digest END,
        served_user_agent = COALESCE(excluded.served_user_agent, contact.served_user_agent),
        host = COALESCE(excluded.host, contact.host)
"""


def write(events: Sequence[Mapping[str, object]]) -> None:
    """Write a batch of requests in one transaction, and each phone's last contact.

    An event that served a phone its configuration by the permanent token tells ``served_etag``, and
    ``served_digest`` if the bytes were made for it; one of a phone with that token, its ``host``.
    An event that is ``counted`` only is one of too many of its address.

    Many rows go into one statement: after each, the driver lets the other threads run and waits for
    its turn again, which costs more than the row.
    """
    with transaction():
        connection = database.connection()
        kept = [event for event in events if not event.get("counted")]
        for first in range(0, len(kept), _ROWS):
            rows = kept[first : first + _ROWS]
            values = [event[column] for event in rows for column in _COLUMNS]
            connection.execute(_insert(len(rows)), values)
        connection.executemany(_CONTACT, _last_contacts(kept))
        strangers.note(events)


def _insert(rows: int) -> str:
    row = f"({', '.join('?' * len(_COLUMNS))})"
    columns = ", ".join(_COLUMNS)
    return f"INSERT INTO device_request ({columns}) VALUES {', '.join([row] * rows)}"  # noqa: S608


def _last_contacts(events: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The last event of each phone, with what only an earlier one of it tells."""
    last: dict[object, dict[str, object]] = {}
    for event in events:
        if phone := event["phone"]:
            row = {**_NOT_TOLD, **last.get(phone, {}), **event}
            if event["access"] == "tok2":
                row["permanent_at"] = event["at"]
            if event.get("served_etag"):
                row["served_at"], row["served_user_agent"] = event["at"], event["user_agent"]
            last[phone] = row
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


def newest(phone: str, *, limit: int) -> list[DeviceRequest]:
    """The last requests of an address, registered or not, newest first."""
    query = DeviceRequest.select().where(DeviceRequest.phone == phone)
    return list(query.order_by(DeviceRequest.id.desc()).limit(limit))


def first_served_at(phone: str, *, since: float) -> float | None:
    """When a phone first got something since a Unix time; None: it never did."""
    query = DeviceRequest.select(DeviceRequest.at).where(
        (DeviceRequest.phone == phone)
        & (DeviceRequest.at >= since)
        & DeviceRequest.outcome.in_(("served", "unchanged"))
    )
    row = query.order_by(DeviceRequest.id).first()
    return None if row is None else float(row.at)


def unknown_tokens(
    *, since: float, marks: Sequence[str], near: tuple[str, float, float] | None, limit: int
) -> list[DeviceRequest]:
    """Requests with tokens that open nothing, newest first.

    Args:
        since: Unix time of the oldest to look at.
        marks: what the file's name or the user agent may hold, in any capitals.
        near: also those from an IP address around a time: address, Unix time, seconds.
        limit: at most so many.
    """
    condition: Any = None
    for mark in marks:
        for column in (DeviceRequest.file, DeviceRequest.user_agent):
            held = column.contains(mark)
            condition = held if condition is None else condition | held
    if near is not None:
        address, at, seconds = near
        around = DeviceRequest.at.between(at - seconds, at + seconds)
        condition |= (DeviceRequest.address == address) & around
    query = DeviceRequest.select().where(
        (DeviceRequest.at >= since) & (DeviceRequest.outcome == "unknown_token") & condition
    )
    return list(query.order_by(DeviceRequest.id.desc()).limit(limit))
