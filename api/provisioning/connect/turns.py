"""One request, or chain of requests, at a time for each device.

Several redirect services replace a registration in steps, and Falconieri answers a second request
for the same device before the first has ended: both would mix. NethVoice silently drops the account
of a device that gets another.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_locks: dict[Hashable, threading.Lock] = {}
_users: Counter[Hashable] = Counter()


@contextmanager
def turn_of(key: Hashable) -> Iterator[None]:
    """Wait until no other thread of this process has the turn of the key, then have it."""
    with _guard:
        lock = _locks.setdefault(key, threading.Lock())
        _users[key] += 1
    try:
        with lock:
            yield
    finally:
        with _guard:
            _users[key] -= 1
            if not _users[key]:
                del _users[key], _locks[key]
