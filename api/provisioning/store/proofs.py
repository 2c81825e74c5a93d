"""Queries for how far changes have come: touched, saved, asked, registered.

That a phone has fetched stands in its contact, written with what it asked (``device_requests``).
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioning.store.batches import batches
from provisioning.store.database import database
from provisioning.store.tables import (
    Contact,
    Defaults,
    Layout,
    LayoutUse,
    Link,
    Phone,
    PhoneTag,
    Proof,
    SiteModel,
    User,
)

# SQLite takes 32,766 values a statement.
_VALUES_AT_ONCE = 10_000


_COMPARED = """
    UPDATE proof SET
        wanted_digest = :wanted, compared_at = :now, saved_at = COALESCE(:saved, saved_at),
        touched_at = CASE WHEN touched_at <= :touched THEN NULL ELSE touched_at END
    WHERE phone_id = :mac
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What a phone got when it last fetched its configuration with its permanent token."""

    at: float
    etag: str
    digest: str | None
    user_agent: str


def begin(mac: str) -> None:
    """A phone was registered."""
    now = time.time()
    Proof.insert(phone=mac, saved_at=now, touched_at=now).on_conflict_ignore().execute()


def begin_many(macs: Collection[str]) -> None:
    """Phones were registered."""
    now = time.time()
    fields = [Proof.phone, Proof.saved_at, Proof.touched_at]
    for some in batches(((mac, now, now) for mac in macs), _VALUES_AT_ONCE):
        query = Proof.insert_many(some, fields=fields)
        query.on_conflict_ignore().execute()


def touch(macs: Collection[str]) -> None:
    """A change may concern these phones."""
    now = time.time()
    for some in batches(macs, _VALUES_AT_ONCE):
        Proof.update(touched_at=now).where(Proof.phone.in_(some)).execute()


def touch_everyone() -> None:
    """A change may concern all phones."""
    Proof.update(touched_at=time.time()).execute()


def touch_model(model: str) -> None:
    """A change may concern the phones of a model."""
    of_model = Phone.select(Phone.mac).where(Phone.model == model)
    Proof.update(touched_at=time.time()).where(Proof.phone.in_(of_model)).execute()


def touch_users(names: Collection[str]) -> None:
    """A change may concern the phones that are linked to some users."""
    for some in batches(names, _VALUES_AT_ONCE):
        theirs = Link.select(Link.phone).join(User).where(User.name.in_(some))
        Proof.update(touched_at=time.time()).where(Proof.phone.in_(theirs)).execute()


def touch_layouts(names: Collection[str] | None = None) -> None:
    """A change may concern the phones that some layouts are applied to, or any layout."""
    uses = LayoutUse.select(LayoutUse.target)
    if names is not None:
        uses = uses.join(Layout).where(Layout.name.in_(list(names)))

    def targets(kind: str) -> Any:
        return uses.where(LayoutUse.kind == kind)

    tagged = PhoneTag.select(PhoneTag.phone).where(PhoneTag.tag.in_(targets("tag")))
    concerned = Phone.select(Phone.mac).where(
        Phone.model.in_(targets("model")) | Phone.mac.in_(targets("phone")) | Phone.mac.in_(tagged)
    )
    Proof.update(touched_at=time.time()).where(Proof.phone.in_(concerned)).execute()


def touch_references() -> None:
    """A change may concern the phones that have keys of a person: own ones, or by model."""
    models = SiteModel.select(SiteModel.id).where(_refers(SiteModel.differences))
    concerned = Phone.select(Phone.mac).where(_refers(Phone.variables) | Phone.model.in_(models))
    Proof.update(touched_at=time.time()).where(Proof.phone.in_(concerned)).execute()
    if Defaults.select().where(_refers(Defaults.differences)).exists():
        touch_everyone()


def touched_since(at: float) -> list[str]:
    """The MAC ids of phones that changes of a moment ago may concern, in order."""
    query = Proof.select(Proof.phone).where(Proof.touched_at >= at).order_by(Proof.phone)
    return [row.phone_id for row in query]


def touched_before(at: float, *, limit: int) -> list[tuple[str, float]]:
    """Phones that wait to be compared, longest first: MAC id and when they were touched.

    A phone that has fetched since it was last found to want another file waits too: what it fetched
    may be neither the old file nor the wanted one (it had other firmware by then).
    """
    rows = database.execute_sql(
        "SELECT phone_id, touched_at FROM proof WHERE touched_at <= ? "
        "UNION SELECT proof.phone_id, saved_at FROM proof JOIN contact USING (phone_id) "
        "WHERE wanted_digest IS NOT NULL AND served_digest IS NOT wanted_digest "
        "AND served_at > compared_at AND saved_at IS NOT NULL "
        "ORDER BY 2 LIMIT ?",
        (at, limit),
    )
    return list(rows.fetchall())


def served(macs: Sequence[str]) -> dict[str, Served]:
    """What each of some phones got last with its permanent token, for those that ever did."""
    columns = (
        Contact.phone, Contact.served_at, Contact.served_etag, Contact.served_digest,
        Contact.served_user_agent,
    )  # fmt: skip
    query = Contact.select(*columns).where(
        Contact.phone.in_(list(macs)) & Contact.served_at.is_null(False)
    )
    rows: Any = query.tuples()
    return {mac: Served(*got) for mac, *got in rows}


def served_user_agents(macs: Sequence[str]) -> dict[str, str]:
    """How some phones called themselves when they last fetched with their permanent token."""
    rows: Any = (
        Contact.select(Contact.phone, Contact.served_user_agent)
        .where(Contact.phone.in_(list(macs)) & Contact.served_user_agent.is_null(False))
        .tuples()
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Compared:
    """How a comparison ended."""

    mac: str
    touched_at: float
    """When the phone was touched, as the comparison saw it."""
    saved_at: float | None
    """The change gave the phone another file then; None: it did not."""
    wanted: str | None
    """Digest of the file that the phone should fetch; None: it has that file."""


def compared(some: Sequence[Compared]) -> None:
    """Write down how comparisons ended; a phone that was touched again meanwhile waits again."""
    now = time.time()
    rows = [
        {"mac": one.mac, "touched": one.touched_at, "saved": one.saved_at, "wanted": one.wanted,
         "now": now}
        for one in some
    ]  # fmt: skip
    database.connection().executemany(_COMPARED, rows)


def find(mac: str) -> Proof | None:
    """The proof of a phone."""
    found: Proof | None = Proof.get_or_none(Proof.phone == mac)
    return found


def of_phones(macs: Sequence[str]) -> dict[str, Proof]:
    """The proofs of some phones."""
    query = Proof.select().where(Proof.phone.in_(list(macs)))
    return {row.phone_id: row for row in query}


def asked(mac: str, *, at: float, operation: int) -> None:
    """The phone was asked to fetch, by an operation."""
    Proof.update(asked_at=at, asked_operation=operation).where(Proof.phone == mac).execute()


def note_registrations(registered: Mapping[str, str], accounts: Collection[str] = ()) -> None:
    """What the PBX says now: of the phones with an account these are registered, others are not.

    Only what is new is written, so that the time tells since when.

    Args:
        registered: by MAC id the IP address from which it is; empty: the PBX does not tell.
        accounts: the MAC ids of phones that have an account; those that are linked have one.
    """
    has_account = Proof.phone.in_(Link.select(Link.phone)) | Proof.phone.in_(list(accounts))
    is_there = Proof.phone.in_(list(registered))
    for said, which in ((True, is_there), (False, ~is_there)):
        known = Proof.registered.is_null(False) & (Proof.registered == said)
        Proof.update(registered=said, registered_at=time.time(), registered_address=None).where(
            has_account & which & ~known
        ).execute()
    Proof.update(registered=None, registered_at=None, registered_address=None).where(
        Proof.registered.is_null(False) & ~has_account
    ).execute()
    _note_addresses(registered)


def _note_addresses(registered: Mapping[str, str]) -> None:
    query = Proof.select(Proof.phone, Proof.registered_address).where(Proof.registered == True)  # noqa: E712
    for proof in list(query):
        address = registered.get(proof.phone_id, "")[:45] or None
        if address != proof.registered_address:
            Proof.update(registered_address=address).where(Proof.phone == proof.phone_id).execute()


def any_registration() -> bool:
    """Whether anything is known of registrations."""
    found: bool = Proof.select().where(Proof.registered.is_null(False)).exists()
    return found


def forget_registrations() -> None:
    """Nobody knows any more who is registered: the PBX does not answer."""
    Proof.update(registered=None, registered_at=None, registered_address=None).where(
        Proof.registered.is_null(False)
    ).execute()


def phones_of_numbers() -> Mapping[str, str]:
    """Which phone has which SIP account, by its number."""
    return {str(link.number): str(link.phone_id) for link in Link.select(Link.number, Link.phone)}


def _refers(settings: Any) -> Any:
    """Whether stored settings may have a key of a person."""
    return settings.cast("TEXT").contains("_person_")
