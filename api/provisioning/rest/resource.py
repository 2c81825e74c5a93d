"""A resource of the API: a flask-smorest blueprint with types, that lets only known callers in."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from flask import Request, g, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from flask_smorest.exceptions import (  # type: ignore[import-untyped]
    PreconditionFailed,
    PreconditionRequired,
)
from marshmallow import Schema
from webargs.core import missing
from webargs.flaskparser import FlaskParser, abort

from provisioning.rest.paths import BASE
from provisioning.rest.problems import Problem, changed_meanwhile, not_signed_in
from provisioning.web import authentication

View = TypeVar("View", bound=Callable[..., object])
SchemaType = type[Schema] | Schema

_MAX_JSON = 1_000_000
_MAX_UPLOAD = 520 * 1024 * 1024  # room for a firmware image of half a gigabyte
_SAFE = ("GET", "HEAD", "OPTIONS")


class Decorator(Protocol):
    """What leaves the type of a view as it is."""

    def __call__(self, view: View, /) -> View:
        """Decorate a view."""


class _Parser(FlaskParser):
    def load_json(self, req: Request, schema: Schema) -> Any:
        """Read the body; where one is expected, none is a mistake too."""
        try:
            found = super().load_json(req, schema)
        except (ValueError, RecursionError):  # a number of 5,000 digits, 100,000 brackets
            abort(400, message="Invalid JSON body.")
        if found is missing:
            abort(400, message="A JSON body is needed, with Content-Type: application/json.")
        return found


class Resource(Blueprint):  # type: ignore[misc]  # the library has no types
    """One noun of the API.

    Args:
        name: the noun; also its tag in the document.
        description: what it is, for the document.
        path: its path below the base; None: the noun.
        body: the media type that requests may carry.
        most_bytes: how large a body may be; None: as is usual for the media type.
        public: for these methods nobody needs to be signed in.
        matched: the methods of a :meth:`versioned` view that need If-Match.
    """

    ARGUMENTS_PARSER = _Parser()
    # An ETag names a version of what can be changed. An answer also tells what only happens (the
    # last contact), so "not modified" would keep news from the reader.
    METHODS_CHECKING_NOT_MODIFIED = ()

    def __init__(
        self,
        name: str,
        description: str,
        *,
        path: str | None = None,
        body: str = "application/json",
        most_bytes: int | None = None,
        public: tuple[str, ...] = (),
        matched: tuple[str, ...] = ("PUT", "PATCH", "DELETE"),
    ):
        prefix = f"{BASE}/{name if path is None else path}".rstrip("/")
        super().__init__(name, __name__, url_prefix=prefix, description=description)
        self.METHODS_NEEDING_CHECK_ETAG = matched
        self._body = body
        usual = _MAX_JSON if body == "application/json" else _MAX_UPLOAD
        self._most_bytes = usual if most_bytes is None else most_bytes
        self._public = public
        self.before_request(self._admit)

    def _admit(self) -> None:
        """Let a request in: its caller is known, and its body is of the right kind."""
        request.max_content_length = self._most_bytes
        if request.method not in self._public:
            found = authentication.holder(request, cookies=True)
            if found is None:
                raise not_signed_in()
            g.credential = found
        if request.method not in _SAFE:
            self._refuse_other_pages()
            self._refuse_other_bodies()

    def _refuse_other_pages(self) -> None:
        # A cookie is SameSite=Strict, but a page of a sister host is of the same site.
        sender = request.headers.get("Sec-Fetch-Site", "same-origin")
        if authentication.bearer(request) is None and sender not in ("same-origin", "none"):
            raise Problem("other-page", "The request comes from a page of another host", 403)

    def _refuse_other_bodies(self) -> None:
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        # A form of another page cannot send this type, so it cannot use the session cookie.
        if has_body and request.mimetype != self._body:
            title = "This kind of content is not taken here"
            raise Problem("media-type", title, 415, f"Send Content-Type: {self._body}.")

    def get(self, rule: str) -> Decorator:
        """Answer GET at a path below the resource's own."""
        found: Decorator = super().get(rule)
        return found

    def post(self, rule: str) -> Decorator:
        """Answer POST."""
        found: Decorator = super().post(rule)
        return found

    def put(self, rule: str) -> Decorator:
        """Answer PUT."""
        found: Decorator = super().put(rule)
        return found

    def patch(self, rule: str) -> Decorator:
        """Answer PATCH."""
        found: Decorator = super().patch(rule)
        return found

    def delete(self, rule: str) -> Decorator:
        """Answer DELETE."""
        found: Decorator = super().delete(rule)
        return found

    def body(self, schema: SchemaType) -> Decorator:
        """Read the JSON body; members that the schema does not know are refused."""
        found: Decorator = super().arguments(schema)
        return found

    def query(self, schema: SchemaType) -> Decorator:
        """Read the query."""
        found: Decorator = super().arguments(schema, location="query")
        return found

    def answer(
        self, status: int, schema: SchemaType | None = None, **document: object
    ) -> Decorator:
        """The good answer; ``document`` goes into the OpenAPI document."""
        found: Decorator = super().response(status, schema, **document)
        return found

    def documented(self, **document: object) -> Decorator:
        """Add to the operation in the OpenAPI document."""
        found: Decorator = super().doc(**document)
        return found

    def versioned(self, view: View) -> View:
        """The answer carries an ETag; a change needs If-Match (428), and must match (412).

        The view calls :meth:`match` before it changes, :meth:`tag` with what it answers.
        """
        found: View = super().etag(view)
        return found

    def match(
        self, version: object, schema: type[Schema], document: Callable[[], Mapping[str, object]]
    ) -> None:
        """Refuse unless the client has seen this version; call it where nobody else writes.

        The refusal shows both sides: what is stored now, and what the client wanted.

        Args:
            version: what is stored now.
            schema: of its document.
            document: makes its document, if it must be shown.
        """
        if not request.if_match:  # where a view is not always versioned
            raise PreconditionRequired
        try:
            super().check_etag(version)
        except PreconditionFailed as failed:
            sent = request.get_json(silent=True) if request.is_json else None
            current = schema().dump(document())
            raise changed_meanwhile(self._generate_etag(version), current, sent) from failed

    def tag(self, version: object) -> None:
        """Give the answer the ETag of a version."""
        super().set_etag(version)

    def etag_of(self, version: object) -> str:
        """The ETag of a version as it stands in headers."""
        return f'"{self._generate_etag(version)}"'


def created_at(path: str) -> Mapping[str, str]:
    """The headers that tell where a new thing is; a path below the API's base."""
    return {"Location": f"{BASE}/{path}"}
