"""Rows in batches, since SQLite takes only so many values a statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")


def batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in their order, so many at a time; the last batch may be smaller.

    Peewee's ``chunked`` fills every batch up in memory before it cuts it again, which takes longer
    than a query about one phone.
    """
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
