"""Moves: a user leaves, a handset dies, a phone changes desk, each in one reviewed step.

A plan is the move itself, done and undone: what it lists is what happened. Whoever carries it out
has seen that list; if it would be another by now, the new one must be looked at first.

In NethVoice an unlinked phone goes on registering, and a deleted one takes its link along without
a word.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import ClassVar, Protocol

from provisioning.engine.mac import MacAddress
from provisioning.services import move_snapshots
from provisioning.services.desks import Desk
from provisioning.services.leaving import Leave
from provisioning.services.move_effects import Effect
from provisioning.services.move_snapshots import Look
from provisioning.services.replacing import Replace
from provisioning.services.scopes import layers_of
from provisioning.services.site import Site
from provisioning.store import devices, history, people, proofs
from provisioning.store.batches import batches
from provisioning.store.database import configuration_change, transaction

__all__ = ["Desk", "Done", "Leave", "Move", "Plan", "Replace", "carry_out", "plan"]

_AT_ONCE = 200


class Move(Protocol):
    """A kind of move."""

    action: ClassVar[str]
    """``leave``, ``replace`` or ``desk``."""

    @property
    def subject(self) -> str:
        """What the history files it under."""

    def phones(self) -> list[MacAddress]:
        """The phones that take part, as things stand before it."""

    def takes_over(self) -> Mapping[str, str]:
        """Which phone becomes what another was, by their MAC ids."""

    def perform(self, site: Site, *, by: str) -> list[Effect]:
        """Do it, inside a transaction; tells what nobody sees by comparing the phones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A move and all its effects."""

    move: Move
    effects: tuple[Effect, ...]
    digest: str
    """Names the effects and the situation they follow from."""


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was carried out."""

    effects: tuple[Effect, ...]
    change: int
    """Its number in the history."""


class _Undo(Exception):
    """Ends a transaction whose work is not to stay."""


def plan(site: Site, move: Move) -> Plan:
    """List what a move would bring about; nothing is changed.

    Raises:
        ServiceError: it cannot be carried out; see the kind of move.
    """
    with transaction():  # nobody else writes between looking before and looking after
        before = _looks(site, move)
        try:
            with transaction():
                began = time.time()
                told = move.perform(site, by="a plan")
                told += move_snapshots.differences(
                    before, _looks(site, move, before), move.takes_over()
                )
                after = _fingerprints(site, _concerned(began, before))
                raise _Undo
        except _Undo:
            pass
        unchanged = _fingerprints(site, after)
        told += [
            Effect("must_fetch", "phone", mac)
            for mac, named in after.items()
            if named != unchanged.get(mac)
        ]
    return Plan(move, tuple(told), _digest(move, told, before))


def carry_out(site: Site, move: Move, *, review: Callable[[Plan], None], by: str) -> Done:
    """Carry a move out, all or nothing.

    Args:
        site: the site.
        move: the move.
        review: gets the plan as it is now, where nobody else writes any more; raises what it wants
            if the plan is not the one that was agreed to.
        by: who asked, for the history.

    Raises:
        ServiceError: it cannot be carried out; see the kind of move.
    """
    with configuration_change():
        seen = plan(site, move)
        review(seen)
        first = history.last()
        move.perform(site, by=by)
        kept = [effect for effect in seen.effects if effect.code != "must_fetch"]
        change = history.record(
            by,
            "move",
            move.subject,
            move.action,
            before=_request(move),
            after={
                "effects": [_short(effect) for effect in kept],
                "must_fetch": len(seen.effects) - len(kept),
                "changes": list(range(first + 1, history.last() + 1)),
            },
        )
    return Done(seen.effects, change)


def _digest(move: Move, effects: Sequence[Effect], before: Mapping[str, Look | None]) -> str:
    # A phone that fetches meanwhile, which may end a token, does not make a plan stale.
    known = {
        mac: (found.state, found.links, found.secrets, found.tokens.get("tok2")) if found else None
        for mac, found in before.items()
    }
    return _named((move, effects, known))


def _looks(
    site: Site, move: Move, among: Mapping[str, object] | None = None
) -> dict[str, Look | None]:
    macs = move.phones() if among is None else [MacAddress.parse(mac) for mac in among]
    return {str(mac): move_snapshots.look(site, mac) for mac in macs}


def _concerned(began: float, before: Mapping[str, Look | None]) -> Sequence[str]:
    """The phones that the move may give another configuration, new ones too."""
    new = (mac for mac, then in before.items() if then is None)
    return sorted({*proofs.touched_since(began), *new})


def _fingerprints(site: Site, macs: Iterable[str]) -> dict[str, str]:
    """Names the settings that apply to each of some phones that are registered."""
    people_of = cache(people.find)
    found = {}
    for some in batches(macs, _AT_ONCE):
        for device in devices.find_all(some):
            settings = sorted(layers_of(site, device, people_of).merged().items())
            found[device.mac] = _named((device.model, settings))
    return found


def _named(what: object) -> str:
    return hashlib.blake2b(repr(what).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _request(move: Move) -> dict[str, object]:
    """What was asked for, as the history keeps it."""
    asked = {one.name: getattr(move, one.name) for one in fields(move)}  # type: ignore[arg-type]
    return {
        name: str(value) if isinstance(value, MacAddress) else value
        for name, value in asked.items()
        if value is not None
    }


def _short(effect: Effect) -> dict[str, str]:
    return {name: value for name, value in asdict(effect).items() if value}
