"""Links: a phone, or one account of it, belongs to a user."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from provisioning.engine.mac import MacAddress
from provisioning.engine.numbers import NoNumberLeft, lowest_free_number, numbers_of
from provisioning.services import application_settings, pbx, users
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.store import history
from provisioning.store import links as stored
from provisioning.store import phones as stored_phones
from provisioning.store.database import configuration_change
from provisioning.store.tables import Link, User

MAX_LINES = 16
SECRET_BYTES = 24  # 32 characters


@dataclass(frozen=True, slots=True)
class LinkDetails:
    """A link without its SIP secret: no answer carries it unless somebody asks for it."""

    mac: str
    line: int
    """Account of the phone, from 1."""
    user: str
    display_name: str
    extension: str
    """The user's main extension."""
    number: str
    """The device's own number, e.g. 91201."""
    encryption: bool
    confirmed: bool
    """Whether the account can be used; else the PBX has yet to make it."""


def of_phone(mac: MacAddress) -> list[LinkDetails]:
    """The links of a phone by account."""
    return [_details(link) for link in stored.of_phone(str(mac))]


def of_phones(macs: Sequence[str]) -> dict[str, list[LinkDetails]]:
    """The links of each of some phones by account."""
    found = stored.of_phones(macs)
    return {mac: [_details(link) for link in found.get(mac, ())] for mac in macs}


def of_users(names: Sequence[str]) -> dict[str, list[LinkDetails]]:
    """The links of each of some users by number."""
    found: dict[str, list[LinkDetails]] = {name: [] for name in names}
    for link in stored.of_users(names):
        found[link.user.name].append(_details(link))
    return found


def link(
    mac: MacAddress, user_name: str, *, line: int = 1, encryption: bool | None = None, by: str
) -> LinkDetails:
    """Give a registered phone, or one account of it, to a user, on the lowest free number.

    Numbers are the main extension, then 91 to 97 before it: 201, 91201, 92201. An account of
    another user moves, and its old SIP secret is revoked; to the same user only the encryption
    changes, if it is given. The phone is not told; a push does that.

    Args:
        mac: the phone.
        user_name: the user.
        line: the account of the phone.
        encryption: TLS and SRTP; None: as the application's settings say.
        by: who asked, for the history.

    Raises:
        NotFound: no such phone, or no such user.
        InUse: all numbers of the user are taken; it names the devices on them.
        BadName: a line that no phone has.
    """
    if not 1 <= line <= MAX_LINES:
        raise BadName("line", str(line), f"1 to {MAX_LINES}")
    settings = application_settings.get()
    with configuration_change():
        if stored_phones.find(str(mac)) is None:
            raise NotFound("phone", str(mac))
        user = users.get(user_name)
        old = stored.find(str(mac), line)
        if old is not None and old.user.name == user_name:
            return _with_encryption(old, encryption, by=by)
        if old is not None:
            stored.delete(str(mac), line)
        number = _free_number(user, settings.number("devices_per_user"))
        stored.insert(
            str(mac),
            line,
            user=user.id,
            number=number,
            secret=secrets.token_urlsafe(SECRET_BYTES),
            encryption=settings.flag("encryption") if encryption is None else encryption,
            confirmed=not pbx.makes_accounts(),
        )
        history.record(
            by,
            "link",
            str(mac),
            "move" if old else "create",
            before={"user": old.user.name, "number": old.number, "line": line} if old else None,
            after={"user": user_name, "number": number, "line": line},
        )
        released = str(old.number) if old else None
        pbx.account_changed(str(mac), line, released=released, by=by)
    found = stored.find(str(mac), line)
    if found is None:  # unlinked by somebody else since
        raise NotFound("link", f"{mac} line {line}")
    return _details(found)


def unlink(mac: MacAddress, *, line: int = 1, by: str) -> LinkDetails:
    """Take an account of a phone from its user; its SIP secret is revoked.

    Returns:
        The link that was.

    Raises:
        NotFound: the account is not linked.
    """
    with configuration_change():
        old = stored.find(str(mac), line)
        if old is None:
            raise NotFound("link", f"{mac} line {line}")
        stored.delete(str(mac), line)
        before = {"user": old.user.name, "number": old.number, "line": line}
        history.record(by, "link", str(mac), "delete", before=before)
        pbx.account_changed(str(mac), line, released=str(old.number), by=by)
    return _details(old)


def _with_encryption(link: Link, encryption: bool | None, *, by: str) -> LinkDetails:
    """The link as it is, but for TLS and SRTP if that is asked for."""
    if encryption is None or encryption == link.encryption:
        return _details(link)
    mac, line = str(link.phone_id), link.line
    stored.set_encryption(mac, line, encryption=encryption)
    before, after = {"encryption": link.encryption}, {"encryption": encryption}
    history.record(by, "link", mac, "change", before=before, after=after)
    pbx.account_changed(mac, line, by=by)
    return replace(_details(link), encryption=encryption)


def _free_number(user: User, limit: int) -> str:
    """The lowest number of a user that no device has and that is nobody else's extension."""
    candidates = numbers_of(str(user.extension), limit)
    taken = stored.holders(candidates, besides=str(user.name))
    try:
        return lowest_free_number(str(user.extension), taken, limit=limit)
    except NoNumberLeft as full:
        held = ", ".join(f"{number}: {taken[number]}" for number in full.taken)
        raise InUse("extension", str(user.extension), f"{len(taken)} devices ({held})") from full


def _details(link: Link) -> LinkDetails:
    return LinkDetails(
        mac=str(link.phone_id),
        line=link.line,
        user=link.user.name,
        display_name=link.user.display_name,
        extension=link.user.extension,
        number=link.number,
        encryption=bool(link.encryption),
        confirmed=bool(link.confirmed),
    )
