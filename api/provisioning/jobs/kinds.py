"""What a kind of operation does to an item, and how that may end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_INTERRUPTIONS = 25
"""An item that was begun so often and never ended brings the worker down each time."""

_UNKNOWN = "whether it took effect is not known: look, then retry."


class TryAgain(Exception):
    """An item failed for a passing reason; it waits and is tried again. The text is a sentence."""

    def __init__(self, reason: str, *, not_within_seconds: float = 0.0):
        """Keep the reason, and how long whoever refused wants to be left alone."""
        super().__init__(reason)
        self.not_within_seconds = not_within_seconds


class Skip(Exception):
    """There is nothing to do for an item; the text says why."""


class Failed(Exception):
    """An item failed for good; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a kind of operation does to an item."""

    work: Callable[[str, Mapping[str, object]], str | None]
    """Gets the item's subject and the operation's parameters, with its number as ``operation`` and
    the item's attempts since it was started or retried, this one included, as ``attempt``; returns
    a remark; raises :class:`TryAgain`, :class:`Skip` or :class:`Failed`."""
    repeatable: bool = True
    """Whether it may be done again when nobody knows if it took effect."""
    in_transaction: bool = False
    """Its effect is in our database alone: effect and outcome are written together, exactly once,
    and an exception takes the effect back. Nobody else can write meanwhile, so it must be quick."""
    pauses: tuple[float, ...] = (2, 10, 60, 300, 1800)
    """Seconds before each further attempt; after the last the item fails."""
    at_once: int = 12
    """So many items of an operation may be worked on at the same time: when all its devices hang,
    another operation can still begin."""
    seconds: float = 120.0
    """An attempt that takes longer is given up; what it waits for should give up well before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an item after an attempt."""

    state: str
    """``done``, ``failed``, ``skipped``; ``waiting``: it is tried again."""
    reason: str | None = None
    pause_seconds: float = 0.0


def after_failure(
    handler: Handler, attempts: int, reason: str, *, not_within_seconds: float = 0.0
) -> Outcome:
    """A passing failure: another attempt, unless it was the last."""
    if attempts > len(handler.pauses):
        return Outcome("failed", f"{reason} Tried {attempts} times.")
    return Outcome("waiting", reason, max(handler.pauses[attempts - 1], not_within_seconds))


def after_time_out(handler: Handler, attempts: int) -> Outcome:
    """An attempt that did not end; it may still take effect."""
    reason = f"It did not end within {handler.seconds:g} seconds"
    if handler.repeatable:
        return after_failure(handler, attempts, f"{reason}.")
    return Outcome("failed", f"{reason}; {_UNKNOWN}")


def after_interruption(handler: Handler | None, attempts: int, *, cancelled: bool) -> Outcome:
    """An item of a worker that was killed in the middle of it."""
    if attempts >= MAX_INTERRUPTIONS:
        return Outcome("failed", f"It was interrupted at the last of {attempts} attempts.")
    if handler and handler.in_transaction:  # it has not happened
        return (
            Outcome("skipped", "The operation was cancelled.") if cancelled else Outcome("waiting")
        )
    if cancelled or (handler and not handler.repeatable):
        return Outcome("failed", f"It was interrupted, and {_UNKNOWN}")
    return Outcome("waiting")
