"""A sign for all processes that the configuration may have changed; whether it has, SQLite knows.

A server's every request depends on the number of the configuration. A query for it takes little
time, but lets another thread of the process run in the middle, and waiting for one's turn again
takes longer than the rest of a request. Two counters in shared memory tell without a query whether
a change began since the number was read.

A sign that is lost, by a process that was killed, costs queries until the next change, no more.
"""

import mmap
import os

_BYTES = 16  # two counters of 64 bits


class ChangeSignal:
    """The counters of one database: changes that were about to be committed, and that are over.

    Args:
        database: the database's file; the counters lie beside it.

    Raises:
        OSError: they cannot be made there.
    """

    def __init__(self, database: str):
        descriptor = os.open(f"{database}-signal", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _BYTES:
                os.ftruncate(descriptor, _BYTES)
            self._counters = memoryview(mmap.mmap(descriptor, _BYTES)).cast("Q")
        finally:
            os.close(descriptor)

    def begin(self) -> int:
        """A change is about to be committed; call it while no other process can write.

        Returns:
            The number of the change, for :meth:`end`.
        """
        self._counters[0] += 1
        return self._counters[0]

    def end(self, change: int) -> None:
        """A change is committed, or taken back."""
        # Others may have ended since; two that end at once leave the lower one, which only costs
        # queries.
        self._counters[1] = max(self._counters[1], change)

    def quiet(self) -> int | None:
        """The number of the last change; None while one is about to be committed."""
        begun = self._counters[0]
        return begun if self._counters[1] == begun else None
