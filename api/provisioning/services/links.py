"""Links: a phone, or one account of it, belongs to a user."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from provisioning.engine.mac import MacAddress
from provisioning.engine.numbers import NoNumberLeft, lowest_free_number, numbers_of
from provisioning.services import application_settings, own_accounts, pbx, users
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.site import Site
from provisioning.store import history, numbers
from provisioning.store import links as stored
from provisioning.store import phones as stored_phones
from provisioning.store.database import configuration_change
from provisioning.store.tables import Link, User

MAX_LINES = 16
_SECRET_BYTES = 24


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


@dataclass(frozen=True, slots=True)
class Transfer:
    """An account that goes from one phone to another, or to another account of the same."""

    mac: MacAddress
    line: int
    to: MacAddress
    to_line: int


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
    _check_line(line)
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
            secret=new_secret(),
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
    return _details(_require(str(mac), line))


def unlink(site: Site, mac: MacAddress, *, line: int = 1, by: str) -> LinkDetails:
    """Take an account of a phone from its user; its SIP secret is revoked.

    What the phone's own settings say of the account goes too: hidden by the link so far, it would
    show through, and the phone would go on with an account that nobody gave it.

    Returns:
        The link that was.

    Raises:
        NotFound: the account is not linked.
    """
    with configuration_change():
        old = _require(str(mac), line)
        stored.delete(str(mac), line)
        own_accounts.remove(site, mac, [line], by=by)
        before = {"user": old.user.name, "number": old.number, "line": line}
        history.record(by, "link", str(mac), "delete", before=before)
        pbx.account_changed(str(mac), line, released=str(old.number), by=by)
    return _details(old)


def transfer(transfers: Sequence[Transfer], *, by: str) -> list[LinkDetails]:
    """Move accounts to other phones: the number follows its user, the secret is a fresh one.

    They move at once, so that two phones can swap. A PBX that makes accounts itself has to make
    them anew, with the number taken from the phone that had it; until then they are unconfirmed.

    Args:
        transfers: which account goes where.
        by: who asked, for the history.

    Returns:
        The links as they are then, in the order of the transfers.

    Raises:
        NotFound: an account that is not linked, or a phone that is not registered.
        InUse: an account to go to belongs to somebody, and does not move itself.
        BadName: a line that no phone has.
    """
    with configuration_change():
        olds = [_require(str(one.mac), one.line) for one in transfers]
        leaving = {
            (str(one.mac), one.line): str(old.number)
            for one, old in zip(transfers, olds, strict=True)
        }
        for one in transfers:
            _check_target(one, leaving)
        for mac, line in leaving:
            stored.delete(mac, line)
        for one, old in zip(transfers, olds, strict=True):
            _settle_down(one, old, by=by)
        taken = {(str(one.to), one.to_line) for one in transfers}
        for (mac, line), number in leaving.items():
            if (mac, line) not in taken:
                pbx.account_changed(mac, line, released=number, by=by)
    return [_details(_require(str(one.to), one.to_line)) for one in transfers]


def _check_target(one: Transfer, leaving: Collection[tuple[str, int]]) -> None:
    mac, line = str(one.to), one.to_line
    _check_line(line)
    if stored_phones.find(mac) is None:
        raise NotFound("phone", mac)
    there = stored.find(mac, line)
    if there is not None and (mac, line) not in leaving:
        raise InUse("account", f"{mac} line {line}", f"user {there.user.name}")


def _settle_down(one: Transfer, old: Link, *, by: str) -> None:
    """Write down an account at its new place."""
    mac, line, number = str(one.to), one.to_line, str(old.number)
    stored.insert(
        mac,
        line,
        user=old.user.id,
        number=number,
        secret=new_secret(),
        encryption=bool(old.encryption),
        confirmed=not pbx.makes_accounts(),
    )
    known = {"user": old.user.name, "number": number}
    before = {**known, "phone": str(one.mac), "line": one.line}
    history.record(by, "link", mac, "move", before=before, after={**known, "line": line})
    # The PBX may still have the number on the phone that had it.
    pbx.account_changed(mac, line, released=number, by=by)


def _check_line(line: int) -> None:
    if not 1 <= line <= MAX_LINES:
        raise BadName("line", str(line), f"1 to {MAX_LINES}")


def _require(mac: str, line: int) -> Link:
    found = stored.find(mac, line)
    if found is None:
        raise NotFound("link", f"{mac} line {line}")
    return found


def new_secret() -> str:
    """A fresh SIP secret: 32 characters, 192 random bits."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def _with_encryption(link: Link, encryption: bool | None, *, by: str) -> LinkDetails:
    """The link as it is, but for TLS and SRTP if that is asked for."""
    if encryption is None or encryption == link.encryption:
        return _details(link)
    mac, line = str(link.phone_id), link.line
    stored.set_encryption(mac, line, encryption=encryption)
    before, after = {"encryption": link.encryption}, {"encryption": encryption}
    history.record(by, "link", mac, "change", before=before, after=after)
    pbx.encryption_changed(mac, line, by=by)
    return replace(_details(link), encryption=encryption)


def _free_number(user: User, limit: int) -> str:
    """The lowest number of a user that no device has and that is nobody else's extension."""
    candidates = numbers_of(str(user.extension), limit)
    taken = numbers.holders(candidates, besides=str(user.name))
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
