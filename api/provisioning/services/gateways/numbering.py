"""What the ports of a gateway are to the PBX: numbers of users, trunks, secrets.

Numbers of trunks are five digits, the lowest that no other trunk has; NethVoice counts its trunks,
which can give one number twice after another was deleted. An empty telephone port stays empty: in
NethVoice it becomes an account, with a wrong number.
"""

import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from provisioning.engine.gateways.brands import Brand, GatewayModel
from provisioning.engine.gateways.numbers import NoTrunkNumberLeft, free_trunk_number, trunk_name
from provisioning.engine.mac import MacAddress
from provisioning.engine.values import FieldError, shown
from provisioning.services.errors import InUse
from provisioning.services.gateways.states import GatewayState, PortState
from provisioning.services.link_batches import Numbers
from provisioning.store import gateways as stored
from provisioning.store import numbers as stored_numbers
from provisioning.store import users as stored_users
from provisioning.store.tables import User

_SECRET_CHARACTERS = string.ascii_letters + string.digits
_SECRET_LENGTH = 24
_PASSWORD_LENGTH = 20  # an HT takes no more than 25 (its administration guide)


def new_secret() -> str:
    """A SIP secret that needs quotes in no file: 24 letters and digits, 142 random bits."""
    return _random(_SECRET_LENGTH)


def new_password() -> str:
    """A password for a gateway's administrator: 20 letters and digits."""
    return _random(_PASSWORD_LENGTH)


class Numbering:
    """Completes the ports of one gateway; what cannot be is noted in :attr:`errors`."""

    def __init__(self, model: GatewayModel, brand: Brand, before: GatewayState | None):
        self._model = model
        self._brand = brand
        self._before = {port.number: port for port in before.ports} if before else {}
        self._trunk_numbers = stored.trunk_numbers()
        self._trunk_names = stored.trunk_names()
        self.errors: list[FieldError] = []

    # Read only for a port that gets another number: a site may have thousands of users.
    @cached_property
    def _users(self) -> Mapping[str, User]:
        return stored_users.all_by_name()

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self._users.values())

    def complete(self, state: GatewayState) -> GatewayState:
        """The state with all that is given out; what a port has already it keeps.

        A port is told by its place in the state: ``ports/0/user``.
        """
        wanted = {port.number for port in state.ports}
        for number, port in self._before.items():
            if port.extension and (number not in wanted or self._moves(state, port)):
                self._numbers.release(port.extension)
        mac = MacAddress.parse(state.mac)
        ports = [
            self._complete(mac, place, self._before.get(port.number), port)
            for place, port in enumerate(state.ports)
        ]
        return replace(state, ports=tuple(ports))

    def _moves(self, state: GatewayState, before: PortState) -> bool:
        after = state.port(before.number)
        return after is None or not _same_account(before, after)

    def _complete(
        self, mac: MacAddress, place: int, before: PortState | None, port: PortState
    ) -> PortState:
        if not 1 <= port.number <= self._model.ports:
            return port  # which is told when the whole is checked
        if self._model.line.has_trunk:
            return self._with_trunk(mac, place, before, port)
        return self._with_account(str(mac), place, before, port)

    def _with_trunk(
        self, mac: MacAddress, place: int, before: PortState | None, port: PortState
    ) -> PortState:
        if port.user is not None:
            detail = f"A port of type {self._model.line.id} belongs to no user."
            self._refuse(place, "user", detail, "nothing")
        if before is not None and before.trunk_name:
            return replace(
                port,
                trunk_name=before.trunk_name,
                trunk_number=before.trunk_number,
                secret=port.secret or before.secret,
            )
        name = trunk_name(self._brand, self._model.line, mac, port.number)
        if name in self._trunk_names:
            detail = f"Another gateway has a trunk {name}: its address ends with the same digits."
            self._refuse(place, "number", detail, "a port whose trunk has a name of its own")
        try:
            number = free_trunk_number(self._trunk_numbers)
        except NoTrunkNumberLeft as none:
            self._refuse(place, "number", f"{none}.".capitalize(), "remove trunks first")
            return port
        self._trunk_numbers.add(number)
        self._trunk_names.add(name)
        return replace(port, trunk_name=name, trunk_number=number, secret=new_secret())

    def _with_account(
        self, mac: str, place: int, before: PortState | None, port: PortState
    ) -> PortState:
        port = replace(port, trunk_name=None, trunk_number=None)
        if before is not None and _same_account(before, port):
            return replace(port, extension=before.extension, secret=port.secret or before.secret)
        if port.user is not None:
            return self._of_user(mac, place, port, port.user)
        if not port.extension:
            return replace(port, extension=None, secret="")
        holder = self._numbers.holder(port.extension)
        if holder:
            detail = f'"{shown(port.extension)}" is taken: {holder}.'
            self._refuse(place, "extension", detail, "a number that nobody has, or a user")
            return port
        self._numbers.put(port.extension, stored_numbers.of_port(mac, port.number))
        return replace(port, secret=new_secret())

    def _of_user(self, mac: str, place: int, port: PortState, name: str) -> PortState:
        user = self._users.get(name)
        if user is None:
            detail = f'There is no user "{shown(name)}".'
            self._refuse(place, "user", detail, "the name of a user")
            return replace(port, user=None)
        if port.extension:
            detail = "A user's port gets the lowest free number of the user."
            self._refuse(place, "extension", detail, "nothing, or no user")
            return port
        try:
            number = self._numbers.take(user, stored_numbers.of_port(mac, port.number))
        except InUse as full:
            detail = f"All numbers of {name} are taken ({full.used_by})."
            self._refuse(place, "user", detail, "a user with fewer devices")
            return port
        return replace(port, extension=number, secret=new_secret())

    def _refuse(self, place: int, member: str, detail: str, allowed: str) -> None:
        self.errors.append(FieldError(f"ports/{place}/{member}", detail, allowed))


def _same_account(before: PortState, after: PortState) -> bool:
    """Whether a telephone's port keeps its number: it is the same user's, or the same number."""
    if not before.extension:
        return False
    if after.user is not None:
        return after.user == before.user and after.extension in (None, "", before.extension)
    return before.user is None and after.extension == before.extension


def _random(length: int) -> str:
    return "".join(secrets.choice(_SECRET_CHARACTERS) for _ in range(length))
