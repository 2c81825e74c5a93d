"""Who signs a request: a bearer token, or the session cookie of a browser."""

from flask import Request

from provisioning.services import accounts
from provisioning.store.tables import Credential

SESSION_COOKIE = "provisioning_session"


def bearer(request: Request) -> str | None:
    """The token of the ``Authorization: Bearer …`` header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def holder(request: Request, *, cookies: bool) -> Credential | None:
    """The live session or service token that signs a request.

    Args:
        request: the request.
        cookies: whether the session cookie counts; a browser sends it by itself, but only to
            requests from our own pages (``SameSite=Strict``).
    """
    secret = bearer(request)
    if secret is None and cookies:
        secret = request.cookies.get(SESSION_COOKIE)
    return accounts.holder(secret) if secret else None


def actor(credential: Credential) -> str:
    """How the history names whoever holds a credential."""
    name = str(credential.name)
    return name if credential.kind == "session" else f"token:{name}"
