"""Queries for those whom nobody registered: devices that knock, addresses that try tokens.

Anybody can make up addresses and tokens: of each kind only so many rows are kept, the newest.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from provisioning.store.batches import batches
from provisioning.store.database import database
from provisioning.store.tables import Knock, Stranger

MAX_ROWS = 1_000

_KNOCK = """
    INSERT INTO knock (mac, via, address, user_agent, file, times, first_at, last_at)
    SELECT :phone, :via, :address, :user_agent, :file, 1, :at, :at
    WHERE NOT EXISTS (SELECT 1 FROM phone WHERE mac = :phone) AND NOT EXISTS (
        SELECT 1 FROM gateway WHERE :phone IN (mac, json_extract(settings, '$.wan_mac')))
    ON CONFLICT (mac) DO UPDATE SET
        via = excluded.via, address = excluded.address, user_agent = excluded.user_agent,
        file = excluded.file, times = knock.times + 1, last_at = excluded.last_at
"""
_STRANGER = """
    INSERT INTO stranger (address, requests, refused, first_at, last_at)
    VALUES (:address, :requests, :refused, :at, :at)
    ON CONFLICT (address) DO UPDATE SET
        requests = stranger.requests + excluded.requests,
        refused = stranger.refused + excluded.refused, last_at = excluded.last_at
"""
_TRIES = ("unknown_token", "too_many")


def note(events: Iterable[Mapping[str, object]]) -> None:
    """Write down who knocked and who tried tokens among some requests of devices."""
    knocks = [
        {"via": "url", **event}
        for event in events
        if event["outcome"] == "unknown_phone" and event["phone"] and not event.get("counted")
    ]
    tries: dict[object, dict[str, Any]] = {}
    for event in events:
        if event["outcome"] in _TRIES:
            address = event["address"]
            row = tries.setdefault(address, {"address": address, "requests": 0, "refused": 0})
            row["requests"] += 1
            row["refused"] += event["outcome"] == "too_many"
            row["at"] = event["at"]
    connection = database.connection()
    if knocks:
        connection.executemany(_KNOCK, knocks)
        _keep_newest("knock")
    if tries:
        connection.executemany(_STRANGER, list(tries.values()))
        _keep_newest("stranger")


def note_knock(mac: str, *, via: str, address: str, user_agent: str) -> None:
    """A device that is not registered asked by another way than a URL."""
    row = {"phone": mac, "via": via, "address": address, "user_agent": user_agent, "file": ""}
    database.connection().execute(_KNOCK, {**row, "at": time.time()})
    _keep_newest("knock")


def _keep_newest(table: str) -> None:
    database.execute_sql(
        f"DELETE FROM {table} WHERE last_at < (SELECT last_at FROM {table} "  # noqa: S608 (ours)
        "ORDER BY last_at DESC LIMIT 1 OFFSET ?)",
        (MAX_ROWS - 1,),
    )


def knocks(*, offset: int, limit: int) -> tuple[int, list[Knock]]:
    """Devices that knocked, the last first, with how many there are in all."""
    query = Knock.select()
    count: int = query.count()
    order = (Knock.last_at.desc(), Knock.mac)
    return count, list(query.order_by(*order).offset(offset).limit(limit))


def knock(mac: str) -> Knock | None:
    """The knocks of a device."""
    found: Knock | None = Knock.get_or_none(Knock.mac == mac)
    return found


def forget_knock(mac: str) -> bool:
    """Forget that a device knocked; False if it did not."""
    return bool(Knock.delete().where(Knock.mac == mac).execute())


def forget_knocks(macs: Collection[str]) -> None:
    """Forget that some devices knocked."""
    for some in batches(macs, MAX_ROWS):
        Knock.delete().where(Knock.mac.in_(some)).execute()


def list_strangers(*, offset: int, limit: int) -> tuple[int, Sequence[Stranger]]:
    """Addresses that tried tokens, the last first, with how many there are in all."""
    query = Stranger.select()
    count: int = query.count()
    return count, list(query.order_by(Stranger.last_at.desc()).offset(offset).limit(limit))


def delete_before(at: float) -> None:
    """Forget who was last heard before a Unix time."""
    Knock.delete().where(Knock.last_at < at).execute()
    Stranger.delete().where(Stranger.last_at < at).execute()
