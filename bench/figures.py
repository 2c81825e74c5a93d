"""A measured figure with its target, and the table of all."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RUNS = 3
"""Every figure is the median of so many runs."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    """Empty for a ratio."""
    at_least: float | None = None
    at_most: float | None = None
    """Neither bound: the figure is for information."""

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    def __str__(self) -> str:
        value = f"{self.value:,.3g}" if self.value < 100 else f"{self.value:,.0f}"
        value = f"{value} {self.unit}".rstrip()
        if self.at_least is not None:
            target = f"at least {self.at_least:g}"
        elif self.at_most is not None:
            target = f"at most {self.at_most:g}"
        else:
            return f"{self.name:<58} {value:>14}"
        return f"{self.name:<58} {value:>14}  {target:<14} {'ok' if self.holds else 'MISSED'}"


def told(figure: Figure) -> Figure:
    """Print a figure as soon as it is known."""
    print(figure, flush=True)
    return figure


def median_of_runs(measure: Callable[[], float]) -> float:
    """Measure :data:`RUNS` times."""
    return statistics.median(measure() for _ in range(RUNS))


def alternating(
    first: Callable[[], float], second: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Measure two things in turn (A B A B), so that a busy minute of the machine hits both."""
    pairs = [(first(), second()) for _ in range(RUNS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of runs made side by side."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
