"""Queries for registered phones and their tokens."""

import time
from collections.abc import Iterator, Mapping, Sequence

from provisioning.store import proofs, strangers
from provisioning.store.database import database
from provisioning.store.tables import Contact, Phone, PhoneTag, Token


def find(mac: str) -> Phone | None:
    """The phone of a MAC id."""
    found: Phone | None = Phone.get_or_none(Phone.mac == mac)
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


def update(mac: str, **columns: object) -> None:
    """Change columns of a phone."""
    Phone.update(**columns).where(Phone.mac == mac).execute()
    proofs.touch([mac])


def tags(macs: Sequence[str]) -> dict[str, list[str]]:
    """The tags of each of some phones, in order."""
    found: dict[str, list[str]] = {mac: [] for mac in macs}
    rows = PhoneTag.select().where(PhoneTag.phone.in_(list(macs))).order_by(PhoneTag.tag)
    for row in rows:
        found[row.phone_id].append(row.tag)
    return found


def replace_tags(mac: str, tags: Sequence[str]) -> None:
    """Give a phone these tags and no others."""
    PhoneTag.delete().where(PhoneTag.phone == mac).execute()
    if tags:
        PhoneTag.insert_many([{"phone": mac, "tag": tag} for tag in tags]).execute()
    proofs.touch([mac])


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
