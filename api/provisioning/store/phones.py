"""Queries for registered phones and their tokens."""

import time
from collections.abc import Iterator, Mapping

from peewee import fn

from provisioning.store.database import database
from provisioning.store.tables import Contact, Phone, Token


def find(mac: str) -> Phone | None:
    """The phone of a MAC id."""
    found: Phone | None = Phone.get_or_none(Phone.mac == mac)
    return found


def all_sorted() -> Iterator[Phone]:
    """All phones by MAC id, without their settings (those can be large)."""
    columns = (Phone.mac, Phone.model, Phone.display_name, Phone.created_at)
    return iter(Phone.select(*columns).order_by(Phone.mac).iterator())


def page(*, model: str | None, search: str, offset: int, limit: int) -> tuple[int, list[Phone]]:
    """Phones that match, by MAC id, with how many there are in all.

    Args:
        model: only phones of this model id.
        search: part of the display name, or of the MAC id in bare digits.
        offset: how many to leave out first.
        limit: how many to return.
    """
    query = Phone.select()
    if model is not None:
        query = query.where(Phone.model == model)
    if search:
        bare = fn.REPLACE(Phone.mac, "-", "")
        digits = search.replace(":", "").replace("-", "").replace(".", "").upper()
        in_name = Phone.display_name.contains(search)
        query = query.where(in_name | bare.contains(digits) if digits else in_name)
    count: int = query.count()
    return count, list(query.order_by(Phone.mac).offset(offset).limit(limit))


def insert(mac: str, *, model: str, display_name: str, variables: Mapping[str, str]) -> None:
    """Add a phone; it has no token yet."""
    Phone.insert(
        mac=mac,
        model=model,
        display_name=display_name,
        variables=dict(variables),
        created_at=int(time.time()),
    ).execute()


def update(mac: str, **columns: object) -> None:
    """Change columns of a phone."""
    Phone.update(**columns).where(Phone.mac == mac).execute()


def change_model(before: str, after: str) -> None:
    """Give all phones of a model another one."""
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
