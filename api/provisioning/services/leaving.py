"""A user leaves: what becomes of the devices, of the keys for the user, and of the user."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from provisioning.engine.mac import MacAddress
from provisioning.engine.people import Person
from provisioning.engine.scopes import Differences, changed
from provisioning.engine.succession import handed_over, keys_of_numbers, keys_of_person
from provisioning.services import defaults, layouts, links, models, own_accounts, phones, users
from provisioning.services.errors import BadName, WrongState
from provisioning.services.gateways import changing, states
from provisioning.services.move_effects import Effect
from provisioning.services.site import Site
from provisioning.store import gateways as stored_gateways
from provisioning.store import settings_search
from provisioning.store.tables import User


@dataclass(frozen=True, slots=True)
class Leave:
    """A user leaves."""

    action: ClassVar[str] = "leave"

    user: str
    successor: str | None = None
    """Who takes over what is to be taken over."""
    devices_follow: bool = False
    """The devices go to the successor, with other numbers and secrets; else they are unlinked."""
    keys_follow: bool = False
    """Keys that refer to the user refer to the successor; else nobody changes them."""
    remove: bool = False
    """The user is removed too; keys that still refer to the user become orphans."""

    @property
    def subject(self) -> str:
        """What the history files it under."""
        return self.user

    def phones(self) -> list[MacAddress]:
        """The devices of the user."""
        macs = dict.fromkeys(str(link.phone_id) for link in users.links(self.user))
        return [MacAddress.parse(mac) for mac in macs]

    def takes_over(self) -> Mapping[str, str]:
        """Every phone stays what it is."""
        return {}

    def perform(self, site: Site, *, by: str) -> list[Effect]:
        """Do it, inside a transaction.

        Raises:
            NotFound: no such user, or successor.
            BadName: a successor is needed, or cannot be that one.
            WrongState: the successor is gone from the user domain.
            InUse: the successor has not enough numbers left.
        """
        leaver, successor = users.get(self.user), self._successor()
        theirs = users.links(self.user)
        numbers = [str(link.number) for link in theirs]
        told = []
        for link in theirs:
            mac = MacAddress.parse(link.phone_id)
            told += own_accounts.remove(site, mac, [link.line], by=by)
            if successor is not None and self.devices_follow:
                encryption = bool(link.encryption)
                links.link(mac, self.successor or "", line=link.line, encryption=encryption, by=by)
            else:
                links.unlink(site, mac, line=link.line, by=by)
        told += self._ports(site, successor, by=by)
        told += self._keys(site, leaver, successor, numbers, by=by)
        told += _still_pointing([str(leaver.extension), *numbers])
        if self.remove:
            told += _fills(leaver)
            users.delete(self.user, by=by)
            told.append(Effect("user_removed", "user", self.user, before=_shown(leaver)))
        return told

    def _ports(self, site: Site, successor: User | None, *, by: str) -> list[Effect]:
        """What becomes of the user's telephones at gateways."""
        told = []
        for row in stored_gateways.ports_of_users([self.user]):
            mac, number = MacAddress.parse(row.gateway.mac), row.number
            where = ("gateway", str(mac), f"port {number}", str(row.extension))
            if successor is None or not self.devices_follow:
                changing.free_port(site, mac, number, by=by)
                told.append(Effect("port_freed", *where))
                continue
            port = states.get(mac).state.port(number)
            if port is not None:
                theirs = replace(port, user=self.successor, extension=None)
                after = changing.set_port(site, mac, theirs, by=by).state.port(number)
                new = after.extension if after else None
                told.append(Effect("port_follows", *where, new))
        return told

    def _successor(self) -> User | None:
        if not self.devices_follow and not self.keys_follow:
            return None
        if self.successor is None or self.successor == self.user:
            allowed = "another user, who takes over devices or keys"
            raise BadName("successor", self.successor or "", allowed)
        found = users.get(self.successor)
        if found.removed_at is not None:
            raise WrongState("user", self.successor, "gone from the user domain", "a successor")
        return found

    def _keys(
        self, site: Site, leaver: User, successor: User | None, numbers: Sequence[str], *, by: str
    ) -> list[Effect]:
        """What becomes of the keys that refer to the user, wherever they are set."""
        follow = successor if self.keys_follow else None
        person = Person(
            str(leaver.name), str(leaver.display_name), str(leaver.extension), str(leaver.group)
        )
        told = []
        for kind, name, variables in list(settings_search.containing(["_person_"])):
            changes: Differences = {}
            for place in keys_of_person(variables, person.name):
                where, before = (kind, name, str(place)), _shown(leaver)
                if follow is None:
                    code = "key_orphaned" if self.remove else "key_stays"
                    told.append(Effect(code, *where, before, None if self.remove else before))
                    continue
                told.append(Effect("key_follows", *where, before, _shown(follow)))
                changes |= handed_over(
                    variables, place, before=person, numbers=numbers, after=str(follow.name)
                )
                label = changed(_set(variables), changes).get(place.setting("label"))
                if label:
                    told.append(Effect("label_kept", *where, label, label))
            if changes:
                _WRITERS[kind](site, name, variables, changes, by)
        return told


def _still_pointing(numbers: Sequence[str]) -> list[Effect]:
    """The keys that hold a number of the user and name nobody: nobody knows what they mean."""
    return [
        Effect("still_points", kind, name, str(place), *[variables[place.setting("value")]] * 2)
        for kind, name, variables in settings_search.containing([f'"{n}"' for n in numbers])
        for place in keys_of_numbers(variables, numbers)
    ]


def _fills(leaver: User) -> list[Effect]:
    """The runs of keys for the user's group."""
    if leaver.removed_at is not None:
        return []  # they have done without this user since
    return [
        Effect(
            "fill_loses",
            "layout",
            layout.name,
            f"{fill.kind} {fill.first} to {fill.last}",
            before=_shown(leaver),
        )
        for layout in layouts.list_all()
        for fill in layout.fills
        if fill.group == leaver.group
    ]


def _shown(user: User) -> str:
    return f"{user.display_name or user.name} ({user.extension})"


def _set(variables: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value is not None}


def _write_defaults(site: Site, _: str, __: object, changes: Differences, by: str) -> None:
    defaults.change(site, changes, by=by)


def _write_model(site: Site, name: str, _: object, changes: Differences, by: str) -> None:
    models.change(site, name, variables=changes, by=by)


def _write_layout(
    site: Site, name: str, variables: Mapping[str, str | None], changes: Differences, by: str
) -> None:
    layouts.change(site, name, variables=changed(_set(variables), changes), by=by)


def _write_phone(site: Site, name: str, _: object, changes: Differences, by: str) -> None:
    phones.change(site, MacAddress.parse(name), variables=changes, by=by)


_WRITERS: Mapping[str, Callable[[Site, str, Mapping[str, str | None], Differences, str], None]] = {
    "defaults": _write_defaults,
    "model": _write_model,
    "layout": _write_layout,
    "phone": _write_phone,
}
