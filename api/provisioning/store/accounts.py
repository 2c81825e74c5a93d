"""Queries for accounts, sessions and service tokens."""

import time

from provisioning.store.tables import Account, Credential


def find(name: str) -> Account | None:
    """The account of a name."""
    found: Account | None = Account.get_or_none(Account.name == name)
    return found


def exist() -> bool:
    """Whether there is any account yet."""
    return bool(Account.select().exists())


def save(name: str, password_hash: str) -> None:
    """Add an account, or change its password."""
    Account.insert(name=name, password_hash=password_hash).on_conflict_replace().execute()


def credential(digest: str) -> Credential | None:
    """The live session or service token of a digest."""
    alive = Credential.expires_at.is_null() | (Credential.expires_at > int(time.time()))
    found: Credential | None = Credential.get_or_none((Credential.digest == digest) & alive)
    return found


def add_credential(digest: str, kind: str, name: str, *, expires_at: int | None) -> None:
    """Add a session or service token; what has expired goes."""
    now = int(time.time())
    Credential.delete().where(Credential.expires_at <= now).execute()
    Credential.insert(
        digest=digest, kind=kind, name=name, created_at=now, expires_at=expires_at
    ).execute()


def service_tokens() -> list[Credential]:
    """All service tokens by name."""
    return list(Credential.select().where(Credential.kind == "service").order_by(Credential.name))


def delete_credentials(kind: str, name: str) -> int:
    """Revoke all sessions of an account, or the service token of a name; returns how many."""
    revoked: int = (
        Credential.delete().where((Credential.kind == kind) & (Credential.name == name)).execute()
    )
    return revoked


def delete_credential(digest: str) -> None:
    """End one session."""
    Credential.delete().where(Credential.digest == digest).execute()
