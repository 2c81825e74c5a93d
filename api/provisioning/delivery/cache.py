"""Rendered bodies of one process, bounded by their size, right across processes.

An entry holds for one version of the configuration (``store.database.version``). When the version
moved on, the entry is looked at again: if the ETag is still the same its body is kept, so that a
change of one phone does not cost a rendering of all.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
class Entry:
    """An answer that may be given again."""

    version: int
    etag: str
    content_type: str
    mac: str
    access: str
    is_configuration: bool
    """What a phone works by, not another file of its vendor."""
    digest: str | None
    """Of the body; None while there is none."""
    body: bytes | None
    """None: only its ETag was needed so far."""


class Cache:
    """Entries by request, the least used go first."""

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[object, Entry] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object) -> Entry | None:
        """The entry of a request, of whatever version."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: object, entry: Entry) -> None:
        """Keep an entry; others make room for it."""
        with self._lock:
            self._forget(key)
            self._entries[key] = entry
            self._bytes += _size(entry)
            while self._bytes > self._max_bytes and self._entries:
                self._forget(next(iter(self._entries)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _forget(self, key: object) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(entry)


def _size(entry: Entry) -> int:
    # About what the key, the entry and its place in the dictionary take besides the body.
    return len(entry.body or b"") + 1024
