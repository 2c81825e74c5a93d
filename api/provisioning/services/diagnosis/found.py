"""What a step of a diagnosis answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

Value = str | int | datetime | Sequence[str]
"""A fact that a finding rests on."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a step found: a code of ``templates/diagnosis.yaml``, and the facts it rests on."""

    code: str
    facts: Mapping[str, Value] = field(default_factory=dict)


def found(code: str, **facts: Value | None) -> Found:
    """A finding; what is None or empty is no fact."""
    return Found(
        code, {name: value for name, value in facts.items() if value not in (None, "", ())}
    )


def when(seconds: float | None) -> datetime | None:
    """A Unix time as findings tell it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
