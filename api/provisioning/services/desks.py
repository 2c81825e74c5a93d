"""A phone changes desk: the place changes, two phones swap users, or one account goes along."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from provisioning.engine.mac import MacAddress
from provisioning.services import links, own_accounts, phones
from provisioning.services.errors import BadName, NotFound
from provisioning.services.links import Transfer
from provisioning.services.move_effects import Effect
from provisioning.services.site import Site


@dataclass(frozen=True, slots=True)
class Desk:
    """A phone changes desk; what is None stays."""

    action: ClassVar[str] = "desk"

    phone: MacAddress
    location: str | None = None
    tags: tuple[str, ...] | None = None
    swap_with: MacAddress | None = None
    """The users of both phones change places; the phones stay."""
    to: MacAddress | None = None
    """The user of one account goes to this phone, which stays where it is."""
    line: int = 1
    """With ``to``: which account goes."""
    to_line: int = 1
    """With ``to``: which account it becomes."""

    @property
    def subject(self) -> str:
        """What the history files it under."""
        return str(self.phone)

    def phones(self) -> list[MacAddress]:
        """Those that take part."""
        return [mac for mac in (self.phone, self.swap_with, self.to) if mac is not None]

    def takes_over(self) -> Mapping[str, str]:
        """Every phone stays what it is."""
        return {}

    def perform(self, site: Site, *, by: str) -> list[Effect]:
        """Do it, inside a transaction.

        Raises:
            NotFound: a phone is not registered, or there is no user to move.
            InUse: the account to move to belongs to somebody.
            BadName: nothing is to change, what contradicts itself, or facts that cannot be.
        """
        for mac in self.phones():
            phones.state_of(mac)  # it is registered
        facts = {"location": self.location, "tags": self.tags}
        wanted = {name: value for name, value in facts.items() if value is not None}
        transfers = self._transfers()
        if not wanted and not transfers:
            raise BadName("change of desk", "nothing", "a location, tags, or users who move")
        if wanted:
            phones.change(site, self.phone, facts=wanted, by=by)
        told = []
        for mac in dict.fromkeys(one.mac for one in transfers):
            lines = [one.line for one in transfers if one.mac == mac]
            told += own_accounts.remove(site, mac, lines, by=by)
        links.transfer(transfers, by=by)
        return told

    def _transfers(self) -> list[Transfer]:
        if self.swap_with is not None and self.to is not None:
            raise BadName("change of desk", "both", "either swap_with or to")
        if self.swap_with is not None:
            return self._swap(self.swap_with)
        if self.to is not None:
            if (self.to, self.to_line) == (self.phone, self.line):
                raise BadName("account to move to", str(self.to), "another one than it comes from")
            return [Transfer(self.phone, self.line, self.to, self.to_line)]
        return []

    def _swap(self, other: MacAddress) -> list[Transfer]:
        if other == self.phone:
            raise BadName("phone to swap with", str(other), "another phone")
        pairs = ((self.phone, other), (other, self.phone))
        found = [
            Transfer(mac, link.line, to, link.line)
            for mac, to in pairs
            for link in links.of_phone(mac)
        ]
        if not found:
            raise NotFound("link", f"{self.phone}, {other}")
        return found
