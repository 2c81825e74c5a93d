"""What was found out about kinds of things, so that each kind is looked at once."""

from collections.abc import Callable, Collection, Mapping
from hashlib import blake2b
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Found = TypeVar("Found")

KEPT = 4096
"""So many kinds are remembered: enough for a site, and it bounds the memory."""


class KindMemory(Generic[Found]):
    """Remembers by the digest of what makes a kind; its text may be long."""

    def __init__(self) -> None:
        self._found: dict[bytes, Found] = {}

    def get(self, kind: object, find: Callable[[], Found]) -> Found:
        """What was found of a kind.

        Args:
            kind: what its things have in common, told whole by its ``repr``.
            find: finds it out, for the first of them.
        """
        return self.get_all({None: kind}, lambda _: {None: find()})[None]

    def get_all(
        self,
        kinds: Mapping[Thing, object],
        find: Callable[[Collection[Thing]], Mapping[Thing, Found]],
    ) -> dict[Thing, Found]:
        """What was found of the kinds of several things.

        Args:
            kinds: by thing.
            find: finds it out of those things whose kind is new.
        """
        digests = {thing: _digest(kind) for thing, kind in kinds.items()}
        known = {t: self._found[digest] for t, digest in digests.items() if digest in self._found}
        unknown = kinds.keys() - known.keys()
        found = find(unknown) if unknown else {}
        if len(self._found) + len(found) > KEPT:
            self._found.clear()
        self._found |= {digests[thing]: told for thing, told in found.items()}
        return {**known, **found}


def _digest(kind: object) -> bytes:
    return blake2b(repr(kind).encode("utf-8", "surrogatepass"), digest_size=16).digest()
