"""Queries for when phones were last heard."""

from collections.abc import Sequence

from provisioning.store.tables import Contact


def of_phones(macs: Sequence[str]) -> dict[str, Contact]:
    """The last contact of each of some phones that ever made one, by MAC id."""
    rows = Contact.select().where(Contact.phone.in_(list(macs)))
    return {row.phone_id: row for row in rows}  # type: ignore[attr-defined]  # peewee makes it
