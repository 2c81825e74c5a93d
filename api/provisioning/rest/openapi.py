"""The flask-smorest API object: the OpenAPI 3.1 document and the errors of the framework."""

from flask import Flask, Response
from flask_smorest import Api  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from provisioning.rest import problems
from provisioning.rest.paths import BASE, MAC_SCHEMA, MacConverter
from provisioning.rest.resource import Resource
from provisioning.web.authentication import SESSION_COOKIE

_DESCRIPTION = """Provisioning of IP phones and gateways: what people and programs administer.

Every request but the sign-in needs a session or service token as `Authorization: Bearer`, or the
session cookie. Errors are problem documents (RFC 9457). What several people may change carries an
ETag, which every change and deletion must send back as `If-Match`. In `variables` a text sets,
`""` is explicitly none, and `null` inherits again. A secret that is set reads `********`; sent back
like that it stays."""


class ProblemApi(Api):  # type: ignore[misc]  # the library has no types
    """The API with problem documents for errors, in the answers and in the document."""

    ERROR_SCHEMA = problems.ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response | HTTPException:
        """Answer what Flask, Werkzeug or webargs refuse."""
        return problems.of_http(error)

    def name_problem_media_type(self) -> None:
        """The library writes ``application/json`` for errors; call after the last resource."""
        for response in self.spec.components.responses.values():
            content = response.get("content", {})
            if "application/json" in content:
                content[problems.MEDIA_TYPE] = content.pop("application/json")


def build(app: Flask, resources: tuple[Resource, ...]) -> None:
    """Add the resources and ``openapi.json`` to an application."""
    app.config.update(
        API_TITLE="ns8-provisioning",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=BASE,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION},
            "security": [{"token": []}, {"session": []}],
        },
    )
    app.url_map.converters["mac"] = MacConverter
    api = ProblemApi(app)
    api.register_converter(MacConverter, lambda _converter: dict(MAC_SCHEMA))
    schemes = api.spec.components.security_scheme
    schemes("token", {"type": "http", "scheme": "bearer"})
    schemes("session", {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE})
    for resource in resources:
        api.register_blueprint(resource)
    api.name_problem_media_type()
