"""Threads that do one piece of work after the other; one that hangs can be replaced."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Generic, TypeVar

Work = TypeVar("Work")


@dataclass
class Threads(Generic[Work]):
    """Some threads. None of them keeps the process from ending."""

    count: int
    do: Callable[[Work], None]
    """Must not raise."""
    leave: Callable[[], None]
    """Called at the end of each thread."""
    hanging: int = field(default=0, init=False)
    """Threads that were replaced and are still at their work."""

    def __post_init__(self) -> None:
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._doing: set[int] = set()
        self._lock = threading.Lock()
        for _ in range(self.count):
            self._start()

    def give(self, work: Work) -> None:
        """Have it done by the next thread that is free."""
        self._queue.put(work)

    def give_up(self, work: Work) -> bool:
        """Replace the thread that hangs at a piece of work; if that ends after all, it ends too.

        Returns:
            False if the work has just ended.
        """
        with self._lock:
            if id(work) not in self._doing:
                return False
            self._doing.remove(id(work))
            self.hanging += 1
        self._start()
        return True

    def stop(self) -> None:
        """End all threads that have nothing to do."""
        for _ in range(self.count):
            self._queue.put(None)

    def _start(self) -> None:
        threading.Thread(target=self._run, name="operation", daemon=True).start()

    def _run(self) -> None:
        try:
            while (work := self._queue.get()) is not None:
                with self._lock:
                    self._doing.add(id(work))
                self.do(work)
                with self._lock:
                    if id(work) not in self._doing:
                        self.hanging -= 1
                        return
                    self._doing.remove(id(work))
        finally:
            self.leave()
