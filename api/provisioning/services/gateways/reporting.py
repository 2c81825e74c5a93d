"""What an upload says while it runs, written down for whoever watches."""

import logging
import threading
from types import TracebackType
from typing import Self

from peewee import PeeweeException

from provisioning.connect.gateways.outcomes import TranscriptLine
from provisioning.store import gateway_uploads as stored
from provisioning.store import operations
from provisioning.store.database import database, transaction

_log = logging.getLogger(__name__)

_SECONDS = 1.0


class Reporter:
    """Writes the transcript of an upload while its context lasts, once a second.

    Args:
        upload: the upload.
        operation: what it belongs to; once that is cancelled the upload is to stop.
        cancelled: is set then.
    """

    def __init__(self, upload: int, operation: int, cancelled: threading.Event):
        self._upload = upload
        self._operation = operation
        self._cancelled = cancelled
        self._lines: list[TranscriptLine] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._sent = 0

    def note(self, line: TranscriptLine) -> None:
        """Take a line; it is written soon."""
        with self._lock:
            self._lines.append(line)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="upload report", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.wait(_SECONDS):
                self._report()
            self._report()
        finally:
            database.close()

    def _report(self) -> None:
        """Write what was said; a database that cannot be written must not end the upload."""
        with self._lock:
            lines, self._lines = self._lines, []
        try:
            if lines:
                self._write(lines)
            operation = operations.find(self._operation)
            if operation is not None and operation.state == "cancelled":
                self._cancelled.set()
        except PeeweeException:
            _log.exception("what upload %d says waits to be written", self._upload)
            with self._lock:
                self._lines = [*lines, *self._lines]

    def _write(self, lines: list[TranscriptLine]) -> None:
        sent = sum(line.kind == "sent" for line in lines)
        rows = [(line.seconds, str(line.phase), str(line.kind), line.text) for line in lines]
        with transaction():
            stored.go_on(self._upload, phase=rows[-1][1], sent=self._sent + sent, lines=rows)
        self._sent += sent
