"""What was said, kept for the admin: masked, bounded, told to whoever watches."""

import time
from collections.abc import Callable

from provisioning.connect.gateways.outcomes import Kind, Phase, TranscriptLine
from provisioning.engine.gateways.masking import Masker

MAX_LINES = 5000
MAX_CHARACTERS = 2000
"""Of one line."""

Progress = Callable[[TranscriptLine], None]


class Transcript:
    """The dialogue so far.

    Args:
        masker: takes secrets out of everything that comes in.
        progress: is told each line as it is said.
    """

    def __init__(self, masker: Masker, progress: Progress | None):
        self._masker = masker
        self._progress = progress
        self._began = time.monotonic()
        self._lines: list[TranscriptLine] = []
        self.phase: Phase = "log_in"

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    @property
    def lines(self) -> tuple[TranscriptLine, ...]:
        """All that was kept."""
        return tuple(self._lines)

    def add(self, kind: Kind, text: str) -> None:
        """Keep something and tell it."""
        masked = self._masker.mask(text)
        if len(masked) > MAX_CHARACTERS:
            masked = masked[:MAX_CHARACTERS] + "…"
        line = TranscriptLine(round(self.seconds, 3), self.phase, kind, masked)
        if len(self._lines) < MAX_LINES:
            self._lines.append(line)
        if self._progress is not None:
            self._progress(line)

    def words(self, text: str) -> str:
        """The end of what a gateway said, short enough for a sentence."""
        masked = self._masker.mask(text).strip()
        return masked if len(masked) <= 300 else "…" + masked[-300:]
