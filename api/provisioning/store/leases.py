"""Queries for leases: who does what only one process does at a time."""

from provisioning.store.tables import Lease


def find(name: str) -> tuple[str, int] | None:
    """Holder and number of renewals of a lease; None if nobody holds it."""
    row: Lease | None = Lease.get_or_none(Lease.name == name)
    return None if row is None else (str(row.holder), int(row.renewals))


def take(name: str, holder: str, *, seen: tuple[str, int] | None) -> bool:
    """Become the holder if the lease still is as it was seen; False if it is not."""
    if seen is None:
        taken = Lease.insert(name=name, holder=holder, renewals=0).on_conflict_ignore()
        return bool(taken.as_rowcount().execute())
    last_holder, renewals = seen
    changed: int = (
        Lease.update(holder=holder, renewals=renewals + 1)
        .where((Lease.name == name) & (Lease.holder == last_holder) & (Lease.renewals == renewals))
        .execute()
    )
    return changed == 1


def renew(name: str, holder: str) -> bool:
    """Tell that the holder is alive; False if it is no longer the holder."""
    changed: int = (
        Lease.update(renewals=Lease.renewals + 1)
        .where((Lease.name == name) & (Lease.holder == holder))
        .execute()
    )
    return changed == 1


def drop(name: str, holder: str) -> None:
    """Let another take the lease at once."""
    Lease.delete().where((Lease.name == name) & (Lease.holder == holder)).execute()
