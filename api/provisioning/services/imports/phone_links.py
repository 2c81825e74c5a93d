"""To whom the phones of a table belong: users and extensions, moves, numbers."""

from collections.abc import Sequence

from provisioning.engine.table_errors import CellErrors
from provisioning.engine.table_file import Row
from provisioning.engine.values import shown
from provisioning.services import link_batches
from provisioning.services.errors import InUse
from provisioning.services.link_batches import LinkChange, Numbers
from provisioning.services.table_cells import INHERIT, NONE, looked_up, nearest
from provisioning.store import users as stored_users
from provisioning.store.tables import User

_NOBODY = (INHERIT, NONE)
_IMPORT_FIRST = "import the users first"


class PhoneLinks:
    """Reads rows, then gives out numbers; what is wrong is noted."""

    def __init__(self, macs: Sequence[str], errors: CellErrors, warnings: CellErrors):
        self._errors = errors
        self._warnings = warnings
        self._links = link_batches.read(macs)
        self._users = stored_users.all_by_name()
        self._by_extension = {str(user.extension): user for user in self._users.values()}
        self._wanted: list[tuple[Row, str, User | None]] = []
        self._unlinked: set[str] = set()

    def read(self, row: Row, mac: str) -> bool:
        """Read to whom a phone is to belong; returns whether that changes."""
        user, extension = row["user"], row["extension"]
        if not user and not extension:
            return False
        if user in _NOBODY or extension in _NOBODY:
            return self._unlink(row, mac)
        owner = self._user(row) if user else self._owner_of(row)
        if owner is None:
            return False
        link = self._links.get(mac)
        if link is not None and link.user.name == owner.name:
            return False
        if link is not None:
            detail = (
                f"The phone moves from {link.user.name} to {owner.name}; its SIP secret changes."
            )
            self._warnings.add(row.number, _filled(row), row[_filled(row)], detail)
        self._wanted.append((row, mac, owner))
        return True

    def unlinks(self, mac: str) -> bool:
        """Whether a row that was read takes the phone from its user and gives it to nobody."""
        return mac in self._unlinked

    def changes(self) -> list[LinkChange]:
        """What changes in all, with the numbers that phones get, in the order of the rows."""
        if not self._wanted:
            return []
        numbers = Numbers(self._users.values())
        for _, mac, _ in self._wanted:
            if mac in self._links:
                numbers.release(str(self._links[mac].number))
        found = []
        for row, mac, owner in self._wanted:
            number = ""
            if owner is not None:
                try:
                    number = numbers.take(owner, mac)
                except InUse as full:
                    detail = f"All numbers of {owner.name} are taken ({full.used_by})."
                    allowed = "a user with fewer devices"
                    self._errors.add(row.number, _filled(row), row[_filled(row)], detail, allowed)
            found.append(LinkChange(mac, self._links.get(mac), owner, number))
        return found

    def _unlink(self, row: Row, mac: str) -> bool:
        user, extension = row["user"], row["extension"]
        if not {user, extension} <= {*_NOBODY, ""}:
            detail = "One of user and extension unlinks the phone, the other gives it to somebody."
            self._errors.add(row.number, "extension", extension, detail, "leave one of both empty")
            return False
        link = self._links.get(mac)
        if link is None:
            return False
        detail = f"The phone is taken from {link.user.name}; its SIP secret is revoked."
        self._warnings.add(row.number, _filled(row), INHERIT, detail)
        self._wanted.append((row, mac, None))
        self._unlinked.add(mac)
        return True

    def _user(self, row: Row) -> User | None:
        """The user of a name, who must have the extension beside it, if there is one."""
        found = looked_up(row["user"], self._users)
        other = self._owner_of(row) if row["extension"] else found
        if found is None:
            names = {name: name for name in self._users}
            detail = f'There is no user "{shown(row["user"])}".'
            close = nearest(row["user"], names, otherwise=_IMPORT_FIRST)
            self._errors.add(row.number, "user", row["user"], detail, close)
        elif other is not None and other.name != found.name:
            detail = f'The extension of {found.name} is {found.extension}, not "{other.extension}".'
            allowed = "leave one of user and extension empty"
            self._errors.add(row.number, "extension", row["extension"], detail, allowed)
            return None
        return found

    def _owner_of(self, row: Row) -> User | None:
        """The user of a main extension."""
        cell = row["extension"]
        found = looked_up(cell, self._by_extension)
        if found is None:
            detail = f'No user has the main extension "{shown(cell)}".'
            self._errors.add(row.number, "extension", cell, detail, _IMPORT_FIRST)
        return found


def _filled(row: Row) -> str:
    """The column by which the row tells the user."""
    return "user" if row["user"] else "extension"
