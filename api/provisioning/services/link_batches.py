"""Links by the thousand: planned first, then written in few statements.

Numbers that phones give up in a batch are free for the others of the same batch, whatever their
order: two users whose numbers are all taken may swap phones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.numbers import NoNumberLeft, lowest_free_number, numbers_of
from provisioning.services import application_settings, pbx
from provisioning.services.errors import InUse
from provisioning.services.links import new_secret
from provisioning.services.pbx import AccountChange
from provisioning.store import history, numbers
from provisioning.store import links as stored
from provisioning.store.history import NewChange
from provisioning.store.tables import Link, User

LINE = 1
"""The account of a phone that batches are about."""


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A phone that is linked, moved or unlinked."""

    mac: str
    before: Link | None
    user: User | None
    """Whose it becomes; None: nobody's."""
    number: str = ""
    """The number it gets."""


def read(macs: Collection[str]) -> dict[str, Link]:
    """The links of the first account of some phones, with their users, by MAC id."""
    return stored.of_line(LINE, macs)


class Numbers:
    """Which numbers are free while a batch is planned."""

    def __init__(self, users: Iterable[User]):
        """Begin with the numbers as they are.

        Args:
            users: everyone.
        """
        self._extensions = {str(user.extension): str(user.name) for user in users}
        self._devices = numbers.of_devices()
        self._limit = application_settings.get().number("devices_per_user")

    def release(self, number: str) -> None:
        """A phone gives a number up."""
        self._devices.pop(number, None)

    def take(self, user: User, mac: str) -> str:
        """The lowest free number of a user, which a phone then has.

        Raises:
            InUse: none is free; it names what has them.
        """
        extension = str(user.extension)
        holders = {
            number: holder
            for number in numbers_of(extension, self._limit)
            if (holder := self._holder(number, str(user.name)))
        }
        try:
            number = lowest_free_number(extension, holders, limit=self._limit)
        except NoNumberLeft as full:
            held = ", ".join(f"{number}: {holders[number]}" for number in full.taken)
            raise InUse("extension", extension, held) from full
        self._devices[number] = mac
        return number

    def holder(self, number: str) -> str:
        """The device that has a number, or the user whose extension it is; empty: none."""
        return self._holder(number, "")

    def put(self, number: str, device: str) -> None:
        """A device has a number now."""
        self._devices[number] = device

    def _holder(self, number: str, name: str) -> str:
        """The device that has a number, or the other user whose extension it is; empty: none."""
        owner = self._extensions.get(number, name)
        return self._devices.get(number, "") or ("" if owner == name else f"user {owner}")


def write(changes: Sequence[LinkChange], *, by: str) -> None:
    """Link, move and unlink phones, inside a transaction; old SIP secrets are revoked."""
    encryption, confirmed = application_settings.get().flag("encryption"), not pbx.makes_accounts()
    stored.delete_many(LINE, [change.mac for change in changes if change.before])
    stored.insert_many(
        [
            {
                "phone": change.mac,
                "line": LINE,
                "user": change.user.id,
                "number": change.number,
                "secret": new_secret(),
                "encryption": encryption,
                "confirmed": confirmed,
            }
            for change in changes
            if change.user
        ]
    )
    history.record_many(by, [_recorded(change) for change in changes])
    released = [
        AccountChange(c.mac, LINE, str(c.before.number) if c.before else None) for c in changes
    ]
    pbx.several_changed(released, by=by)


def _recorded(change: LinkChange) -> NewChange:
    old, new = change.before, change.user
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    if old is not None:
        before = {"user": old.user.name, "number": old.number, "line": LINE}
    if new is not None:
        after = {"user": new.name, "number": change.number, "line": LINE}
    action = "delete" if new is None else "move" if old is not None else "create"
    return NewChange("link", change.mac, action, before, after)
