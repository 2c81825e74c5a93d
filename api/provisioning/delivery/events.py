"""What devices asked, written in batches: one transaction for many requests."""

import logging
import sqlite3
import threading
import time
from collections import deque
from multiprocessing.util import Finalize

from peewee import PeeweeException

from provisioning.store import device_requests
from provisioning.store.database import database

_log = logging.getLogger(__name__)

_FLUSH_SECONDS = 0.5
_MAX_WAITING = 50_000


class EventLog:
    """Takes events from the request threads, writes them from one of its own.

    The thread starts with the first event: a server that forks has its own in every process.
    """

    def __init__(self) -> None:
        self._waiting: deque[dict[str, object]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._dropped = 0

    def add(self, event: dict[str, object]) -> None:
        """Note a request; it is in the database half a second later."""
        if len(self._waiting) >= _MAX_WAITING:  # a flood, or a database that cannot be written
            self._dropped += 1
            return
        self._waiting.append(event)
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Write what is waiting now."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if self._dropped:
                _log.error("%d requests of devices could not be noted", self._dropped)
                self._dropped = 0
            if batch:
                self._write(batch)

    def _write(self, batch: list[dict[str, object]]) -> None:
        try:
            device_requests.write(batch)
        except (PeeweeException, sqlite3.Error):  # the batch goes to the driver as it is
            _log.exception("%d requests of devices wait to be noted", len(batch))
            self._waiting.extendleft(reversed(batch))

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()
                # At the end of a server's worker no function of atexit is called; these are.
                Finalize(None, self.flush, exitpriority=1)

    def _run(self) -> None:
        while True:
            time.sleep(_FLUSH_SECONDS)
            if self._waiting:
                self.flush()
                database.close()
