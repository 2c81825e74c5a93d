"""How many requests that open nothing come from an address: too many are not looked into.

Only what opens nothing counts: the phones behind an address from which tokens are tried are served
as before. Counted in one process; several count for themselves.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

PER_MINUTE = 120
"""So many requests of an address that open nothing are answered as others are."""

RETRY_AFTER_SECONDS = 60
_MAX_ADDRESSES = 10_000


@dataclass(slots=True)
class _Minute:
    began: float
    requests: int = 0


class Crowds:
    """Counts by address, the least recent go first."""

    def __init__(self) -> None:
        self._minutes: OrderedDict[str, _Minute] = OrderedDict()
        self._lock = threading.Lock()

    def too_many(self, address: str) -> bool:
        """Count one more request of an address that opens nothing; whether it is one too many."""
        now = time.monotonic()
        with self._lock:
            minute = self._minutes.pop(address, None)
            if minute is None or now - minute.began >= RETRY_AFTER_SECONDS:
                minute = _Minute(now)
            minute.requests += 1
            self._minutes[address] = minute
            if len(self._minutes) > _MAX_ADDRESSES:
                self._minutes.popitem(last=False)
            return minute.requests > PER_MINUTE
