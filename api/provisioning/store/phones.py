"""Queries for registered phones and their tokens."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioning.store import proofs, strangers
from provisioning.store.batches import batches
from provisioning.store.database import database
from provisioning.store.tables import Contact, Phone, PhoneTag, Token

# SQLite takes 32,766 values a statement; no row here has more than nine.
_ROWS_AT_ONCE = 3_000


def find(mac: str) -> Phone | None:
    """The phone of a MAC id."""
    found: Phone | None = Phone.get_or_none(Phone.mac == mac)
    return found


def of_macs(macs: Collection[str]) -> dict[str, Phone]:
    """Those of some MAC ids that are registered."""
    found: dict[str, Phone] = {}
    for some in batches(macs, _ROWS_AT_ONCE):
        found.update({str(row.mac): row for row in Phone.select().where(Phone.mac.in_(some))})
    return found


def registered(macs: Collection[str]) -> set[str]:
    """Which of some MAC ids are those of phones."""
    found: set[str] = set()
    for some in batches(macs, _ROWS_AT_ONCE):
        rows: Any = Phone.select(Phone.mac).where(Phone.mac.in_(some)).tuples()
        found.update(mac for (mac,) in rows)
    return found


def all_sorted() -> Iterator[Phone]:
    """All phones by MAC id, without their settings (those can be large)."""
    columns = (Phone.mac, Phone.model, Phone.display_name, Phone.created_at)
    return iter(Phone.select(*columns).order_by(Phone.mac).iterator())


def insert(
    mac: str, *, model: str, display_name: str, variables: Mapping[str, str], **facts: str
) -> None:
    """Add a phone; it has no token yet."""
    Phone.insert(
        mac=mac,
        model=model,
        display_name=display_name,
        variables=dict(variables),
        created_at=int(time.time()),
        **facts,
    ).execute()
    proofs.begin(mac)
    strangers.forget_knock(mac)


def insert_many(rows: Sequence[Mapping[str, object]]) -> None:
    """Add phones, each as its columns by name; they have no token yet."""
    now = int(time.time())
    for some in batches(({**row, "created_at": now} for row in rows), _ROWS_AT_ONCE):
        Phone.insert_many(some).execute()
    macs = [str(row["mac"]) for row in rows]
    proofs.begin_many(macs)
    strangers.forget_knocks(macs)


def update_many(columns: Mapping[str, Mapping[str, object]]) -> None:
    """Change columns of phones, by MAC id; of some none may be given."""
    for mac, changed in columns.items():
        if changed:
            Phone.update(**changed).where(Phone.mac == mac).execute()
    proofs.touch(list(columns))


def update(mac: str, **columns: object) -> bool:
    """Change columns of a phone; returns whether there is one."""
    is_there = bool(Phone.update(**columns).where(Phone.mac == mac).execute())
    proofs.touch([mac])
    return is_there


def tags(macs: Sequence[str]) -> dict[str, list[str]]:
    """The tags of each of some phones, in order."""
    found: dict[str, list[str]] = {mac: [] for mac in macs}
    for some in batches(macs, _ROWS_AT_ONCE):
        rows = PhoneTag.select().where(PhoneTag.phone.in_(some)).order_by(PhoneTag.tag)
        for row in rows:
            found[row.phone_id].append(row.tag)
    return found


def replace_tags(mac: str, tags: Sequence[str]) -> None:
    """Give a phone these tags and no others."""
    PhoneTag.delete().where(PhoneTag.phone == mac).execute()
    if tags:
        PhoneTag.insert_many([{"phone": mac, "tag": tag} for tag in tags]).execute()
    proofs.touch([mac])


def replace_tags_of(tags: Mapping[str, Sequence[str]]) -> None:
    """Give phones, by MAC id, these tags and no others."""
    for some in batches(tags, _ROWS_AT_ONCE):
        PhoneTag.delete().where(PhoneTag.phone.in_(some)).execute()
    rows = [(mac, tag) for mac, own in tags.items() for tag in own]
    for part in batches(rows, _ROWS_AT_ONCE):
        PhoneTag.insert_many(part, fields=[PhoneTag.phone, PhoneTag.tag]).execute()
    proofs.touch(list(tags))


def change_model(before: str, after: str) -> None:
    """Give all phones of a model another one."""
    proofs.touch_model(before)
    Phone.update(model=after).where(Phone.model == before).execute()


def delete(mac: str) -> None:
    """Remove a phone and all that hangs on it."""
    Phone.delete().where(Phone.mac == mac).execute()


def tokens(mac: str) -> dict[int, str]:
    """The shown token of each kind the phone has."""
    rows = Token.select().where((Token.phone == mac) & Token.shown)
    return {token.kind: token.text for token in rows}


def add_token(mac: str, text: str, *, kind: int, shown: bool = True) -> None:
    """Give a phone a token."""
    Token.insert(text=text, phone=mac, kind=kind, shown=shown).execute()


def add_tokens(tokens: Iterable[tuple[str, str, int]]) -> None:
    """Give phones tokens: text, MAC id and kind of each."""
    fields = [Token.text, Token.phone, Token.kind]
    for some in batches(tokens, _ROWS_AT_ONCE):
        Token.insert_many(some, fields=fields).execute()


def delete_tokens(mac: str, *, kind: int) -> None:
    """Take all tokens of a kind from a phone."""
    Token.delete().where((Token.phone == mac) & (Token.kind == kind)).execute()


def models_in_use() -> dict[str, int]:
    """How many phones each model id has."""
    rows = database.execute_sql(
        "SELECT model, COUNT(*) FROM phone WHERE model <> '' GROUP BY model"
    )
    return dict(rows.fetchall())


def count_of_model(model: str) -> int:
    """How many phones have a model id."""
    count: int = Phone.select().where(Phone.model == model).count()
    return count


def contact(mac: str) -> Contact | None:
    """The last contact of a phone."""
    found: Contact | None = Contact.get_or_none(Contact.phone == mac)
    return found
