"""Signing in and out."""

from collections.abc import Mapping

from flask import Response, after_this_request, request
from flask_limiter import Limiter
from marshmallow import Schema, fields, validate

from provisioning.rest import current
from provisioning.rest.fields import line, moment
from provisioning.rest.problems import Problem
from provisioning.rest.resource import Resource
from provisioning.services import accounts
from provisioning.web import authentication
from provisioning.web.authentication import SESSION_COOKIE
from provisioning.web.callers import caller_of

SIGN_IN_LIMIT = "10 per minute"
"""Attempts of one address; a password cannot be guessed at this pace."""

resource = Resource("session", "Signing in and out.", public=("POST",))


def _address() -> str:
    # Without an address (a socket of the file system) all callers share one limit, not none.
    return caller_of(request.environ, current.settings().trusted_proxies).address or "unknown"


limiter = Limiter(_address, storage_uri="memory://", headers_enabled=True)


class SignIn(Schema):
    """Name and password of an account."""

    name = line(64, required=True)
    # Longer ones would only cost the server time.
    password = line(1024, required=True)


class NewSession(Schema):
    """A session that has begun."""

    token = fields.String(
        required=True,
        metadata={"description": "For Authorization: Bearer; browsers get a cookie as well."},
    )
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})
    name = fields.String(required=True)


class Holder(Schema):
    """Who signs the request."""

    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["session", "service"]))
    expires_at = fields.DateTime(required=True, allow_none=True)


@resource.post("")
@resource.documented(security=[])
@resource.body(SignIn)
@resource.answer(201, NewSession)
@limiter.limit(SIGN_IN_LIMIT)
def sign_in(given: Mapping[str, str]) -> Mapping[str, object]:
    """Begin a session; it ends by itself after twelve hours."""
    token = accounts.sign_in(given["name"], given["password"])
    after_this_request(lambda response: _with_cookie(response, token))
    return {"token": token, "expires_in": accounts.SESSION_SECONDS, "name": given["name"]}


@resource.get("")
@resource.answer(200, Holder)
def who_am_i() -> Mapping[str, object]:
    """Whom the session or service token of this request belongs to."""
    found = current.credential()
    return {"name": found.name, "kind": found.kind, "expires_at": moment(found.expires_at)}


@resource.delete("")
@resource.answer(204)
def sign_out() -> None:
    """End the session of this request."""
    if current.credential().kind != "session":
        raise Problem("not-a-session", "A service token is revoked, not signed out", 403)
    accounts.sign_out(authentication.bearer(request) or request.cookies[SESSION_COOKIE])
    after_this_request(lambda response: _with_cookie(response, ""))


def _with_cookie(response: Response, token: str) -> Response:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=accounts.SESSION_SECONDS if token else 0,
        path="/",
        secure=current.settings().public_url.scheme == "https",
        httponly=True,
        samesite="Strict",
    )
    return response
