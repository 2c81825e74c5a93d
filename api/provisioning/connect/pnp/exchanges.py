"""All conversations of a PnP server: what is answered, when, and to whom nothing is said.

Without sockets and without a clock: datagrams and the time come in, datagrams go out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from provisioning.connect.pnp.device import PnpDevice, read_subscription
from provisioning.connect.pnp.exchange import Endpoint, Exchange, answered, begin
from provisioning.connect.pnp.limits import SourceRate
from provisioning.connect.pnp.message import Malformed, Message, parse
from provisioning.engine.identification import UserAgentPattern

MAX_OPEN = 1000
"""Conversations at once, those that are over and remembered included."""
MAX_PER_SOURCE = 20
"""Datagrams of one address in :data:`RATE_SECONDS`: a question, its repetitions and a 200 fit."""
RATE_SECONDS = 10.0
MAX_SOURCES = 4096

Answer = Callable[[PnpDevice], str | None]
"""Gives a phone's URL, or None for silence."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A datagram to send."""

    own: Endpoint
    """Our end, which it leaves from."""
    to: Endpoint
    data: bytes


_Key = tuple[str, str, int]  # address, Call-ID, CSeq


@dataclass(slots=True)
class Exchanges:
    """The conversations that are under way or remembered."""

    answer: Answer
    patterns: Sequence[UserAgentPattern]
    """The vendors' forms of user agents."""
    allowed: Sequence[IPv4Network]
    """Networks whose phones are answered; all others hear nothing, whatever they send."""
    next_at: float | None = None
    """When :meth:`due` has something to do next; None: never, as things are."""
    _open: dict[_Key, Exchange] = field(default_factory=dict)
    _rate: SourceRate = field(
        default_factory=lambda: SourceRate(MAX_PER_SOURCE, RATE_SECONDS, MAX_SOURCES)
    )

    def receive(
        self, datagram: bytes, source: Endpoint, own: Endpoint, now: float
    ) -> Iterable[Outgoing]:
        """Take a datagram, and tell what is to be sent at once; :meth:`due` follows.

        Args:
            datagram: what came, from whoever and however broken.
            source: where it came from.
            own: our end that the source reaches.
            now: seconds of a clock that only goes forward.

        Raises:
            ValueError: what the callback gave is not a URL.
        """
        address = IPv4Address(source[0])
        if not any(address in network for network in self.allowed):
            return []
        if not self._rate.admits(source[0], now):
            return []
        try:
            message = parse(datagram)
            answer = answered(message)
            if answer:
                self._hear(*answer, source[0])
                return []
            return self._ask(message, source, own, now)
        except Malformed:
            return []  # Multicast: who is not meant says nothing.

    def due(self, now: float) -> Iterator[Outgoing]:
        """What is to be sent by now; conversations that nobody waits for any more are dropped."""
        if self.next_at is None or now < self.next_at:
            return
        self._open = {key: found for key, found in self._open.items() if now < found.ends_at}
        for exchange in self._open.values():
            notify = exchange.repeat(now)
            if notify:
                yield Outgoing(exchange.own, exchange.phone, notify)
        waiting = (
            exchange.ends_at if exchange.next_at is None else exchange.next_at
            for exchange in self._open.values()
        )
        self.next_at = min(waiting, default=None)

    def _hear(self, branch: str, status_class: int, address: str) -> None:
        for exchange in self._open.values():
            if exchange.branch == branch and exchange.source[0] == address:
                exchange.hear(status_class)

    def _ask(
        self, message: Message, source: Endpoint, own: Endpoint, now: float
    ) -> Iterable[Outgoing]:
        subscription = read_subscription(message, source[0], self.patterns)
        key = (source[0], subscription.call_id, subscription.sequence)
        exchange = self._open.get(key)
        if exchange is None:
            url = self.answer(subscription.device) if self._has_room() else None
            if url is None:
                return []
            exchange = begin(subscription, source, own, url, now)
            self._open[key] = exchange
            self.next_at = now
        return [Outgoing(exchange.own, exchange.source, exchange.ok)]

    def _has_room(self) -> bool:
        """Whether another conversation fits; the oldest that is over makes room for it."""
        if len(self._open) < MAX_OPEN:
            return True
        over = (key for key, found in self._open.items() if found.next_at is None)
        oldest = next(over, None)
        if oldest is None:
            return False
        del self._open[oldest]
        return True
