"""Refusals as problem documents, RFC 9457: one shape for everything that goes wrong."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from flask import Flask, Response, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.rendering import RenderingError
from provisioning.engine.values import FieldError, VariablesRefused
from provisioning.services.configurations import CannotServe
from provisioning.services.errors import (
    AlreadyExists,
    BadName,
    CannotRestore,
    ChangedMeanwhile,
    InUse,
    NoState,
    NotFound,
    OtherVendor,
    SignInRefused,
    WrongState,
)
from provisioning.services.gateways.loads import NoLoad
from provisioning.services.gateways.texts import OUTCOMES

MEDIA_TYPE = "application/problem+json"

PATH = "/api/"
"""Below this every error is a problem document, also where no resource is."""

_NOTHING_CHANGED = "Some values are not allowed; nothing was changed"
_BEARER = {"WWW-Authenticate": "Bearer"}

# What the framework itself refuses: slug of the type, title.
_BY_STATUS = {
    400: ("bad-request", "The request cannot be read"),
    404: ("not-found", "There is no such thing"),
    405: ("method-not-allowed", "This cannot be done here"),
    412: ("changed-meanwhile", "Somebody changed it meanwhile; nothing was changed"),
    413: ("too-large", "The request is too large"),
    415: ("media-type", "This kind of content is not taken here"),
    422: ("value-not-allowed", _NOTHING_CHANGED),
    428: ("if-match-needed", "Tell which version you change: send its ETag as If-Match"),
    429: ("too-many-requests", "Too many attempts; wait a minute"),
    500: ("internal-error", "The server failed; its log tells more"),
}

# Which member of the body a bad name stood in.
_NAME_POINTERS = {
    "model name": "#/id",
    "MAC prefix": "#/mac_prefixes",
    "hardware name": "#/user_agents",
    "setting to keep": "#/keep",
    "user name": "#/name",
    "extension": "#/extension",
    "layout name": "#/name",
    "fill": "#/fills",
    "phone": "#/uses/phones",
    "location": "#/location",
    "note": "#/note",
    "serial": "#/serial",
    "check code": "#/check_code",
    "tag": "#/tags",
}


@dataclass
class Problem(Exception):
    """A refusal, ready to be answered."""

    slug: str
    title: str
    status: int
    detail: str = ""
    errors: Sequence[Mapping[str, object]] = ()
    """One for each wrong field: ``pointer`` into the body, ``parameter`` of the query, or ``row``
    and ``column`` of a table; ``detail`` and, where it can be told, ``allowed``."""
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    """Members of this kind of problem alone."""

    @property
    def type(self) -> str:
        """The address that names the kind of problem."""
        return f"/problems/{self.slug}"

    def response(self) -> Response:
        """The problem document; members without content are left out."""
        document = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [dict(error) for error in self.errors],
            **self.extra,
        }
        filled = {name: value for name, value in document.items() if value}
        return Response(
            json.dumps(filled), self.status, dict(self.headers), content_type=MEDIA_TYPE
        )


class FieldProblemSchema(Schema):
    """One wrong field."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body."})
    parameter = fields.String(metadata={"description": "Name of a query parameter."})
    row = fields.Integer(
        allow_none=True,
        metadata={"description": "Of a table: the header line is row 1; null: the whole file."},
    )
    column = fields.String(metadata={"description": "Of a table: its name, or its letter."})
    value = fields.String(metadata={"description": "Of a table: what stands there."})
    detail = fields.String(required=True)
    allowed = fields.String(metadata={"description": "What may stand there, in words."})


class ProblemSchema(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "/problems/not-found"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldProblemSchema))
    more_errors = fields.Integer(metadata={"description": "How many errors are not listed."})
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Of a table: how many rows there are of each action."},
    )
    rows = fields.List(
        fields.Dict(),
        metadata={"description": "Of a table, with a dry run: what would become of each row."},
    )
    current = fields.Dict(metadata={"description": "With 412: what is stored now."})
    current_etag = fields.String(metadata={"description": "With 412: its ETag."})
    sent = fields.Dict(metadata={"description": "With 412: what you wanted."})
    code = fields.String(metadata={"description": "Of an upload that cannot be: its outcome."})


def register(app: Flask) -> None:
    """Answer every refusal of the services with its problem document."""
    app.register_error_handler(Problem, Problem.response)
    for kind, made in _OF_EXCEPTIONS:
        app.register_error_handler(kind, _answering(made))


def of_http(error: HTTPException) -> Response | HTTPException:
    """What the framework refuses; outside the API it keeps its own form."""
    if error.code is None or not request.path.startswith(PATH):
        return error
    slug, title = _BY_STATUS.get(error.code, (f"status-{error.code}", error.name))
    given = getattr(error, "data", None) or {}  # webargs puts the wrong fields there
    errors = [] if given.get("message") else _field_errors(given.get("messages") or {})
    kept = {n: v for n, v in error.get_headers() if n.lower() not in ("content-type",)}
    return Problem(
        slug,
        title,
        error.code,
        detail=given.get("message", ""),
        errors=errors,
        headers=kept,
    ).response()


def of_refusal(refused: Exception) -> Problem:
    """The problem that a refusal of the services is told as."""
    made = next(made for kind, made in _OF_EXCEPTIONS if isinstance(refused, kind))
    return made(refused)


def not_signed_in() -> Problem:
    """Nobody signs the request, or a token that is none."""
    return Problem(
        "not-signed-in",
        "Sign in, or send a token",
        401,
        "Send Authorization: Bearer and a session or service token.",
        headers=_BEARER,
    )


def changed_meanwhile(etag: str, current: object, sent: object) -> Problem:
    """Somebody else changed what this client wanted to change: both sides are shown."""
    slug, title = _BY_STATUS[412]
    sides = {"current": current, "current_etag": f'"{etag}"', "sent": sent}
    return Problem(slug, title, 412, "Look at what is stored now, then send its ETag.", extra=sides)


def wrong_field(pointer: str, detail: str, allowed: str) -> Problem:
    """One member of the body cannot be what it is."""
    error = {"pointer": pointer, "detail": detail, "allowed": allowed}
    return Problem("value-not-allowed", _NOTHING_CHANGED, 422, errors=[error])


def wrong_name(pointer: str, refused: BadName) -> Problem:
    """A name in one member of the body cannot be what it is."""
    return wrong_field(pointer, f"This cannot be a {refused.field}.", refused.allowed)


def in_member(member: str, refused: VariablesRefused | BadName) -> Problem:
    """What is wrong in a member of the body, which holds what elsewhere is a body by itself."""
    made = _of_bad_name(refused) if isinstance(refused, BadName) else _of_variables(refused)
    errors = [
        {**error, "pointer": str(error["pointer"]).replace("#", f"#/{member}", 1)}
        for error in made.errors
    ]
    return replace(made, errors=errors)


def _answering(made: Callable[..., Problem]) -> Callable[[Exception], Response]:
    return lambda error: made(error).response()


@contextmanager
def below(pointer: str) -> Iterator[None]:
    """Let refused settings point to where they stand in the body; elsewhere ``#/variables``."""
    try:
        yield
    except VariablesRefused as refused:
        raise _of_variables(refused, pointer) from refused


def _of_variables(refused: VariablesRefused, pointer: str = "#/variables") -> Problem:
    return _not_allowed((f"{pointer}/{_token(error.name)}", error) for error in refused.errors)


def _of_gateway(refused: GatewayRefused) -> Problem:
    """The place of an error in a gateway is its pointer: ``ports/0/line_number``."""
    return _not_allowed((f"#/{error.name}", error) for error in refused.errors)


def _not_allowed(found: Iterable[tuple[str, FieldError]]) -> Problem:
    errors = [
        {"pointer": pointer, "detail": error.detail, "allowed": error.allowed}
        for pointer, error in found
    ]
    return Problem("value-not-allowed", _NOTHING_CHANGED, 422, errors=errors)


def _of_no_load(refused: NoLoad) -> Problem:
    said = f" {refused.words}" if refused.words else ""
    detail = f"{OUTCOMES[refused.code].meaning.en}{said}"
    return Problem(
        "cannot-upload", "There could be no upload", 409, detail, extra={"code": refused.code}
    )


def _of_bad_name(refused: BadName) -> Problem:
    pointer = _NAME_POINTERS.get(refused.field)
    if pointer:
        return wrong_name(pointer, refused)
    return Problem("value-not-allowed", _NOTHING_CHANGED, 422, str(refused))


_OF_EXCEPTIONS: tuple[tuple[type[Exception], Callable[..., Problem]], ...] = (
    (NotFound, lambda e: Problem("not-found", "There is no such thing", 404, str(e))),
    (AlreadyExists, lambda e: Problem("already-exists", "The name is taken", 409, str(e))),
    (InUse, lambda e: Problem("in-use", "It is still needed", 409, str(e))),
    (ChangedMeanwhile, lambda e: Problem(*_BY_STATUS[412], 412, str(e))),
    (OtherVendor, lambda e: Problem("other-vendor", "It is of another vendor", 409, str(e))),
    (WrongState, lambda e: Problem("wrong-state", "It cannot be done now", 409, str(e))),
    (NoState, lambda e: Problem("no-state", "Nothing is kept", 409, str(e))),
    (CannotRestore, lambda e: Problem("cannot-restore", "It cannot come back", 409, str(e))),
    (CannotServe, lambda e: Problem("cannot-serve", "The file cannot be made", 409, str(e))),
    (
        SignInRefused,
        lambda e: Problem("sign-in-refused", "Not signed in", 401, str(e), headers=_BEARER),
    ),
    (BadName, _of_bad_name),
    (GatewayRefused, _of_gateway),
    (NoLoad, _of_no_load),
    (
        RenderingError,
        lambda e: Problem("cannot-serve", "The file cannot be made", 409, str(e)),
    ),
    (VariablesRefused, _of_variables),
)


def _field_errors(messages: Mapping[str, object]) -> list[dict[str, str]]:
    """The messages of marshmallow: place, then field, then (for nested ones) deeper."""
    found: list[dict[str, str]] = []
    for place, inside in messages.items():
        for path, detail in _leaves(inside):
            if place == "query":
                found.append({"parameter": path[0] if path else "", "detail": detail})
            else:
                pointer = "#" + "".join(f"/{_token(part)}" for part in path)
                found.append({"pointer": pointer, "detail": detail})
    return found


def _leaves(inside: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    if isinstance(inside, Mapping):
        return [
            leaf
            for name, deeper in inside.items()
            for leaf in _leaves(deeper, path if name == "_schema" else (*path, str(name)))
        ]
    if isinstance(inside, list | tuple):
        return [(path, _printable(detail)) for detail in inside]
    return [(path, _printable(inside))]


def _token(name: str) -> str:
    """A name as part of a JSON pointer (RFC 6901)."""
    return _printable(name)[:200].replace("~", "~0").replace("/", "~1")


def _printable(text: object) -> str:
    # Half a surrogate pair in a member's name could not be encoded in the answer.
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")
