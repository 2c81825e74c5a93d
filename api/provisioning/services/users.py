"""Users: by hand, or as a list that a user domain pushes in."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from provisioning.engine.numbers import EXTENSION_ALLOWED, is_extension
from provisioning.engine.user_state import UserState
from provisioning.services import pbx
from provisioning.services.errors import AlreadyExists, BadName, InUse, NotFound
from provisioning.store import gateways, history, numbers, proofs
from provisioning.store import users as stored
from provisioning.store.database import configuration_change
from provisioning.store.history import NewChange
from provisioning.store.tables import Link, User

SORTS = tuple(stored.SORTS)
"""What a list can be sorted by."""

# What no file of the PBX can hold: one such name would keep all accounts from being written.
_BREAKING = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_NAME = re.compile(rf"[^{_BREAKING}/]{{1,128}}")
_TEXT = re.compile(rf"[^{_BREAKING}]{{0,200}}")
_COLUMNS = ("display_name", "extension", "email", "group", "locked")


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is known of a user."""

    name: str
    display_name: str
    extension: str
    """The main extension, unique among users."""
    email: str = ""
    group: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a pushed list changed."""

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    """Marked as gone; their devices stay linked until somebody confirms."""
    refused: tuple[tuple[str, str], ...]
    """Users that could not be taken over, with the reason."""


def get(name: str) -> User:
    """A user.

    Raises:
        NotFound: there is none of this name.
    """
    found = stored.find(name)
    if found is None:
        raise NotFound("user", name)
    return found


def links(name: str) -> list[Link]:
    """The links of a user by number."""
    return stored.links(get(name).name)


def page(
    *,
    group: str | None = None,
    search: str = "",
    linked: bool | None = None,
    gone: bool | None = None,
    sort: str = "name",
    descending: bool = False,
    offset: int,
    limit: int,
) -> tuple[int, list[User]]:
    """Users; see ``store.users.page``."""
    return stored.page(
        group=group,
        search=search,
        linked=linked,
        gone=gone,
        sort=sort,
        descending=descending,
        offset=offset,
        limit=limit,
    )


def create(user: NewUser, *, by: str) -> User:
    """Add a user.

    Raises:
        BadName: a name, text or extension that cannot be one.
        AlreadyExists: the name or the extension is taken.
    """
    _check(user)
    with configuration_change():
        if stored.find(user.name):
            raise AlreadyExists("user", user.name)
        _insert(user, by=by)
        _concerned([user.name])
    return get(user.name)


def change(name: str, values: Mapping[str, object], *, by: str) -> User:
    """Change a user; names and labels on their phones follow.

    Raises:
        NotFound: there is none of this name.
        BadName: a value that cannot be one.
        AlreadyExists: the extension is taken.
        InUse: the extension changes while devices hang on it.
    """
    with configuration_change():
        before = _known(get(name))
        after = NewUser(**{**asdict(before), **values, "name": name})
        _check(after)
        if _update(before, after, by=by):
            _concerned([name])
            pbx.accounts_changed(by=by)
    return get(name)


def delete(name: str, *, by: str) -> None:
    """Remove a user who has no device.

    Raises:
        NotFound: there is none of this name.
        InUse: devices are linked to the user; unlink them first.
    """
    with configuration_change():
        user = get(name)
        devices = _devices(name)
        if devices:
            raise InUse("user", name, ", ".join(devices))
        stored.delete(name)
        _concerned([name])
        history.record(by, "user", name, "delete", before=asdict(_known(user)))


def sync(users: Sequence[NewUser], *, by: str) -> SyncResult:
    """Take over a whole list of users: who is new is added, who is missing is marked as gone.

    A user that cannot be taken over (an extension that another has) does not stop the others.
    """
    taken_over, refused = set(), []
    with configuration_change():
        rows = stored.all_by_name()
        known = {name: _known(row) for name, row in rows.items()}
        now, extensions = dict(known), _Extensions(known.values())
        for user in users:
            try:
                _check(user)
                extensions.take(now.get(user.name), user)
            except (BadName, AlreadyExists, InUse) as reason:
                refused.append((user.name, str(reason)))
            else:
                now[user.name] = user
                taken_over.add(user.name)
        created = [user for name, user in now.items() if name not in known]
        changed = [(known[n], user) for n, user in now.items() if n in known and user != known[n]]
        if created or changed:
            write_many(created, changed, by=by)
        pushed = {user.name for user in users}
        back = [n for n, row in rows.items() if n in taken_over and row.removed_at is not None]
        gone = [n for n, row in rows.items() if n not in pushed and row.removed_at is None]
        stored.mark_back(back)
        stored.mark_removed(gone)
        history.record_many(by, [NewChange("user", name, "back") for name in back])
        history.record_many(by, [NewChange("user", name, "gone") for name in gone])
        if back or gone:
            _concerned([*back, *gone])
    return SyncResult(
        tuple(user.name for user in created),
        tuple(user.name for _, user in changed),
        tuple(sorted(gone)),
        tuple(refused),
    )


class _Extensions:
    """Who has which extension while a list is taken over, one user after the other."""

    def __init__(self, known: Iterable[NewUser]):
        self._users = {user.extension: user.name for user in known}
        self._devices = numbers.of_devices()

    def take(self, before: NewUser | None, user: NewUser) -> None:
        """Give a user the extension of the list.

        Raises:
            AlreadyExists: it is another user's.
            InUse: it is a device's number, or devices hang on the user's own.
        """
        if before is not None and before.extension == user.extension:
            return
        if self._users.get(user.extension, user.name) != user.name:
            raise AlreadyExists("user with extension", user.extension)
        if device := self._devices.get(user.extension):
            raise InUse("number", user.extension, device)
        if before is not None:
            _refuse_with_devices(before)
            del self._users[before.extension]
        self._users[user.extension] = user.name


def all_by_name() -> dict[str, NewUser]:
    """Everyone, also who is gone from the user domain."""
    return {name: _known(user) for name, user in stored.all_by_name().items()}


def refusals(user: NewUser) -> Iterator[BadName]:
    """What of a user cannot be: the name, the extension, a text."""
    if not _NAME.fullmatch(user.name):
        yield BadName("user name", user.name, "1 to 128 characters, no / and no control characters")
    if not is_extension(user.extension):
        yield BadName("extension", user.extension, EXTENSION_ALLOWED)
    for field in ("display_name", "email", "group"):
        text = getattr(user, field)
        if not _TEXT.fullmatch(text):
            yield BadName(field, text, "at most 200 characters, no control characters")


def write_many(
    created: Sequence[NewUser], changed: Sequence[tuple[NewUser, NewUser]], *, by: str
) -> None:
    """Add and change users whom the caller has checked, also against each other.

    Args:
        created: new ones.
        changed: others, before and after.
        by: who asked, for the history.
    """
    with configuration_change():
        # First: a new one may take an extension that another gives up.
        stored.update_many(
            {
                after.name: {c: v for c, v in _columns(after).items() if v != getattr(before, c)}
                for before, after in changed
            }
        )
        stored.insert_many({user.name: _columns(user) for user in created})
        added = (NewChange("user", u.name, "create", after=asdict(u)) for u in created)
        others = (NewChange("user", a.name, "change", asdict(b), asdict(a)) for b, a in changed)
        history.record_many(by, [*added, *others])
        _concerned([user.name for user in (*created, *(after for _, after in changed))])
        if changed:
            pbx.accounts_changed(by=by)


def state(name: str) -> UserState:
    """What a user has switched on."""
    return UserState(**get(name).state)


def set_state(name: str, new: UserState, *, by: str) -> UserState:
    """Tell what a user has switched on; it goes into the next configuration of the phones.

    Raises:
        NotFound: there is none of this name.
    """
    with configuration_change():
        before = state(name)
        if before != new:
            stored.update(name, {"state": asdict(new)})
            proofs.touch_users([name])
            history.record(by, "user", name, "state", before=asdict(before), after=asdict(new))
    return new


def write(user: NewUser, *, by: str) -> NewUser | None:
    """Store a user inside a transaction that records why; the phones concerned are noted.

    Returns:
        The user as known before; None: there was none of this name.

    Raises:
        BadName: a text or extension that cannot be one.
        AlreadyExists: the extension is another's.
        InUse: the extension changes while devices hang on it, or is the number of a device.
    """
    _check(user)
    row = stored.find(user.name)
    before = None if row is None else _known(row)
    if before is None:
        _add(user)
    elif before != user:
        _replace(before, user)
        pbx.accounts_changed(by=by)
    _concerned([user.name])
    return before


def _concerned(names: Collection[str]) -> None:
    """Note which phones may show these users: theirs, and those with keys for people."""
    proofs.touch_users(names)
    proofs.touch_layouts()
    proofs.touch_references()


def _insert(user: NewUser, *, by: str) -> None:
    _add(user)
    history.record(by, "user", user.name, "create", after=asdict(user))


def _add(user: NewUser) -> None:
    _refuse_taken(user)
    stored.insert(user.name, _columns(user))


def _update(before: NewUser, after: NewUser, *, by: str) -> bool:
    if before == after:
        return False
    _replace(before, after)
    history.record(by, "user", after.name, "change", before=asdict(before), after=asdict(after))
    return True


def _replace(before: NewUser, after: NewUser) -> None:
    if before.extension != after.extension:
        _refuse_taken(after)
        _refuse_with_devices(before)
    stored.update(after.name, _columns(after))


def _devices(name: str) -> list[str]:
    """The devices of a user: phones, and ports of gateways."""
    ports = gateways.ports_of_users([name])
    return [
        *(str(link.phone_id) for link in stored.links(name)),
        *(numbers.of_port(str(port.gateway.mac), port.number) for port in ports),
    ]


def _refuse_taken(user: NewUser) -> None:
    other = stored.find_by_extension(user.extension)
    if other is not None and other.name != user.name:
        raise AlreadyExists("user with extension", user.extension)
    # 91201 may be somebody's extension, or the second device of 201; not both.
    device = numbers.holders([user.extension], besides=user.name).get(user.extension)
    if device is not None:
        raise InUse("number", user.extension, device)


def _refuse_with_devices(user: NewUser) -> None:
    if _devices(user.name):
        raise InUse("extension", user.extension, "the user's devices; unlink them first")


def _columns(user: NewUser) -> dict[str, object]:
    return {column: getattr(user, column) for column in _COLUMNS}


def _known(user: User) -> NewUser:
    return NewUser(user.name, *(getattr(user, column) for column in _COLUMNS))


def _check(user: NewUser) -> None:
    for refused in refusals(user):
        raise refused
