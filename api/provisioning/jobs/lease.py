"""A lease in the database: what only one process does at a time.

The holder renews it. Another takes it when it has seen it stand still for the whole time on a clock
that nobody sets: a changed system time neither ends a lease nor prolongs it. A holder that was
frozen longer finds out with its next renewal, which belongs into each transaction that relies on
the lease.
"""

from dataclasses import dataclass, field
from time import monotonic

from provisioning.store import leases as stored

_NEVER = float("-inf")


@dataclass
class Lease:
    """One process's view of a lease."""

    name: str
    holder: str
    seconds: float
    """It can be taken when it was not renewed for so long."""
    _until: float = field(default=_NEVER, init=False)
    _seen: tuple[str, int] | None = field(default=None, init=False)
    _seen_at: float = field(default=_NEVER, init=False)

    @property
    def held(self) -> bool:
        """Whether nobody else can have it yet."""
        return monotonic() < self._until

    @property
    def due(self) -> bool:
        """Whether it should be renewed now."""
        return monotonic() > self._until - self.seconds * 2 / 3

    def free(self) -> bool:
        """Whether it may be tried to take; asked again and again, once in a while."""
        found = stored.find(self.name)
        if found is None:
            self._seen = None
            return True
        if found != self._seen:
            self._seen, self._seen_at = found, monotonic()
        return found[0] == self.holder or monotonic() - self._seen_at > self.seconds

    def take(self) -> bool:
        """Become the holder of a free lease, inside a transaction; False if another was faster."""
        return self._have(monotonic(), stored.take(self.name, self.holder, seen=self._seen))

    def renew(self) -> bool:
        """Stay the holder, inside a transaction; False if another is it now."""
        return self._have(monotonic(), stored.renew(self.name, self.holder))

    def doubt(self) -> None:
        """A transaction failed: whether the lease is held shows when it is taken again."""
        self._until = _NEVER

    def drop(self) -> None:
        """Let another take it at once, inside a transaction."""
        self._until = _NEVER
        stored.drop(self.name, self.holder)

    def _have(self, since: float, had: bool) -> bool:
        self._until = since + self.seconds if had else _NEVER
        return had
