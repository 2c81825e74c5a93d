"""Queries for the phones that a change can concern, many at a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from provisioning.store.tables import Phone, PhoneTag


@dataclass(frozen=True, slots=True)
class Concerned:
    """Which phones: all, or those of any of some models and tags, and some by themselves."""

    everyone: bool = False
    models: Collection[str] = ()
    tags: Collection[str] = ()
    macs: Collection[str] = ()


def batches(wanted: Concerned, size: int) -> Iterator[list[str]]:
    """MAC ids of the phones in order, so many at a time.

    Each batch is a query of its own, so that a large site takes no more memory than a small one.
    """
    last = ""
    while True:
        query = Phone.select(Phone.mac).where(Phone.mac > last)
        if not wanted.everyone:
            query = query.where(_is_concerned(wanted))
        rows: Any = query.order_by(Phone.mac).limit(size).tuples()
        found = [mac for (mac,) in rows]
        if not found:
            return
        yield found
        last = found[-1]


def _is_concerned(wanted: Concerned) -> Any:
    tagged = PhoneTag.select(PhoneTag.phone).where(PhoneTag.tag.in_(list(wanted.tags)))
    return (
        Phone.model.in_(list(wanted.models))
        | Phone.mac.in_(list(wanted.macs))
        | Phone.mac.in_(tagged)
    )
