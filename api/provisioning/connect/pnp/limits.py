"""How much one address may ask: whoever floods us gets silence, and the others their answers."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class SourceRate:
    """Counts the datagrams of each address in spans of a fixed length."""

    most: int
    """Datagrams of one address in a span."""
    seconds: float
    """Length of a span."""
    sources: int
    """Addresses that are kept; where more ask at once, further ones are not heard."""
    _spans: dict[str, tuple[float, int]] = field(default_factory=dict)
    """When an address's span began and what has come since."""

    def admits(self, source: str, now: float) -> bool:
        """Count a datagram, and tell whether it may be read."""
        began, count = self._spans.get(source, (now, 0))
        if now - began >= self.seconds:
            began, count = now, 0
        if source not in self._spans and len(self._spans) >= self.sources:
            self._forget(now)
            if len(self._spans) >= self.sources:
                return False
        self._spans[source] = (began, min(count + 1, self.most + 1))
        return count < self.most

    def _forget(self, now: float) -> None:
        kept = {s: span for s, span in self._spans.items() if now - span[0] < self.seconds}
        self._spans = kept
