"""Answers that are worth keeping for a while: tokens, look-ups that hold for all devices.

Only success is kept, and never for ever: a service that was down, or whose settings were changed,
must not be remembered as that for the life of the process.
"""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from hashlib import sha256
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by key, each with an end, shared between threads.

    Threads that ask for the same missing value wait for the one that fetches it, and share its
    failure; the next to ask tries anew.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[T, float]] = {}
        self._fetching: dict[Hashable, Future[T]] = {}

    def get(self, key: Hashable, fetch: Callable[[], tuple[T, float]]) -> T:
        """The kept value, or what ``fetch`` returns: a value and the seconds it may be kept."""
        with self._lock:
            kept = self._kept.get(key)
            if kept and self._clock() < kept[1]:
                return kept[0]
            others = self._fetching.get(key)
            mine: Future[T] = Future()
            if others is None:
                self._fetching[key] = mine
        if others is not None:
            return others.result()
        try:
            value, seconds = fetch()
        except BaseException as failure:
            with self._lock:
                del self._fetching[key]
            mine.set_exception(failure)
            raise
        with self._lock:
            self._kept[key] = value, self._clock() + seconds
            del self._fetching[key]
        mine.set_result(value)
        return value

    def forget(self, key: Hashable, value: T) -> None:
        """Drop a value that proved stale, unless a newer one is there already."""
        with self._lock:
            kept = self._kept.get(key)
            if kept and kept[0] == value:
                del self._kept[key]


def account_key(base_url: str, user: str, secret: str) -> Hashable:
    """A key for what belongs to an account: a changed secret finds nothing of the old one."""
    return base_url, user, sha256(secret.encode()).digest()
