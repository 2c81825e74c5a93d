"""Which items may begin now: the pace of an operation, and a fair share of the threads."""

from collections.abc import Mapping
from dataclasses import dataclass

BURST_SECONDS = 0.5
"""What a pace did not use for so long is not lost; the worker looks about twice as often."""


@dataclass(slots=True)
class Pace:
    """How many items of an operation may begin; times are of a clock that is never set."""

    per_second: float
    saved: float
    at: float

    @classmethod
    def begin(cls, per_second: float, now: float) -> "Pace":
        """The pace of an operation that was not worked on for a while."""
        return cls(per_second, _most(per_second), now)

    def allowed(self, now: float) -> int:
        """How many items may begin now."""
        self.saved += (now - self.at) * self.per_second
        self.saved = min(self.saved, _most(self.per_second))
        self.at = now
        return int(self.saved)

    def spend(self, begun: int) -> None:
        """So many items began."""
        self.saved -= begun

    def seconds_to_next(self) -> float:
        """How long after the last look another item may begin."""
        return max(0.0, (1 - self.saved) / self.per_second)


def _most(per_second: float) -> float:
    return 1.0 + per_second * BURST_SECONDS


def shares(
    free: int, busy: Mapping[int, int], wanted: Mapping[int, int], *, at_most: Mapping[int, int]
) -> dict[int, int]:
    """Share free threads: each goes to the operation that has the fewest.

    Args:
        free: threads to give away.
        busy: threads that operations have, by number of the operation.
        wanted: how many more each could use now.
        at_most: so many threads each operation may have.

    Returns:
        How many threads each operation gets, for those that get any.
    """
    given: dict[int, int] = {}
    for _ in range(free):
        hungry = [
            (busy.get(number, 0) + given.get(number, 0), number)
            for number, more in wanted.items()
            if given.get(number, 0) < min(more, at_most[number] - busy.get(number, 0))
        ]
        if not hungry:
            break
        _, number = min(hungry)
        given[number] = given.get(number, 0) + 1
    return given
