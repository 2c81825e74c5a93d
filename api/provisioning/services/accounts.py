"""Who may use the API: accounts of people, their sessions, tokens of programs."""

import hashlib
import re
import secrets
import time

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from provisioning.services.errors import AlreadyExists, BadName, NotFound, SignInRefused
from provisioning.store import accounts as stored
from provisioning.store import history
from provisioning.store.database import transaction
from provisioning.store.tables import Credential

FIRST_ACCOUNT = "admin"
SESSION_SECONDS = 12 * 3600

_hasher = PasswordHasher()
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
# Checked when the name is unknown, so that the time of the answer does not tell.
_NOBODY = _hasher.hash(secrets.token_hex())


def ensure_first_account(password: str | None) -> str | None:
    """Make the account ``admin`` on a fresh site.

    Args:
        password: its password; None: a random one.

    Returns:
        The random password, which is shown once and kept nowhere; None if nothing was made up.
    """
    if stored.exist():
        return None
    chosen = password or secrets.token_urlsafe(12)
    set_password(FIRST_ACCOUNT, chosen, by="first start")
    return None if password else chosen


def set_password(name: str, password: str, *, by: str) -> None:
    """Give an account a password, making the account if needed; its sessions end."""
    digest = _hasher.hash(password)
    with transaction():
        stored.save(name, digest)
        stored.delete_credentials("session", name)
        history.record(by, "account", name, "change")


def sign_in(name: str, password: str) -> str:
    """Begin a session.

    Returns:
        The session's secret, to be sent as a bearer token or cookie; it ends by itself.

    Raises:
        SignInRefused: name or password is wrong.
    """
    account = stored.find(name)
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        raise SignInRefused from None
    if account is None:
        raise SignInRefused
    secret = secrets.token_urlsafe(32)
    with transaction():
        stored.add_credential(
            _digest(secret), "session", name, expires_at=int(time.time()) + SESSION_SECONDS
        )
    return secret


def sign_out(secret: str) -> None:
    """End a session."""
    with transaction():
        stored.delete_credential(_digest(secret))


def holder(secret: str) -> Credential | None:
    """Whose live session or service token a secret is."""
    return stored.credential(_digest(secret))


def create_service_token(name: str, *, by: str) -> str:
    """Make a token for a program.

    Returns:
        The token; it is shown once and only its hash is kept.

    Raises:
        BadName: a name with other characters than letters, digits, ``_ . @ -``.
        AlreadyExists: a token has this name.
    """
    if not _NAME.fullmatch(name):
        raise BadName("token name", name, "letters, digits, _ . @ -, at most 64 characters")
    secret = secrets.token_urlsafe(32)
    with transaction():
        if any(token.name == name for token in stored.service_tokens()):
            raise AlreadyExists("service token", name)
        stored.add_credential(_digest(secret), "service", name, expires_at=None)
        history.record(by, "token", name, "create")
    return secret


def service_tokens() -> list[Credential]:
    """All service tokens by name; the secrets are not known."""
    return stored.service_tokens()


def revoke_service_token(name: str, *, by: str) -> None:
    """End a service token at once.

    Raises:
        NotFound: there is none of this name.
    """
    with transaction():
        if not stored.delete_credentials("service", name):
            raise NotFound("service token", name)
        history.record(by, "token", name, "delete")


def _digest(secret: str) -> str:
    # The secrets are long and random: a plain hash is as good as a slow one, and its index
    # look-up tells nothing about the secret by its time.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
