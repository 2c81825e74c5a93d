"""The wire format of Tancredi's API: compact JSON, its problem documents, its bodies.

Clients exist that pick members out of the text by patterns: no blanks, strings as strings.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Request, Response

from provisioning.engine.values import VariablesRefused, stored_form

_PROBLEMS = "https://nethesis.github.io/tancredi/problems/#"

READ_ONLY = ("read-only-attribute", 403, "Cannot change a read-only attribute")
NOT_FOUND = ("not-found", 404, "Resource not found")
PHONE_EXISTS = ("phone-exists", 409, "The phone mac address is already registered")
# Tancredi's own index names another fragment for models; this is what it sends.
MODEL_EXISTS = ("phone-exists", 409, "The model name is already registered")
IN_USE = (
    "resource-in-use",
    409,
    "The resource is in use by other resources and cannot be deleted",
)
NO_MAC = ("malformed-data", 400, "Missing MAC address")
NO_MODEL_NAME = ("malformed-data", 400, "Missing model name")
BAD_MODEL_NAME = ("malformed-data", 400, "Illegal character(s) in model name")
BAD_BODY = ("malformed-data", 400, "Malformed request body")
BAD_FILE_NAME = ("invalid-file-name", 400, "Invalid file name")
FORBIDDEN = (
    "forbidden",
    403,
    "Access to resource is forbidden with current client privileges",
)


class Problem(Exception):
    """An answer that is a problem document."""

    def __init__(self, kind: tuple[str, int, str], detail: str = ""):
        super().__init__(detail or kind[2])
        self.kind = kind
        self.detail = detail

    def response(self) -> Response:
        """The document: ``type`` and ``title``, and ``detail`` where there is more to say."""
        fragment, status, title = self.kind
        document = {"type": _PROBLEMS + fragment, "title": title}
        if self.detail:
            document["detail"] = self.detail
        response = Response(_text(document), status, content_type="application/problem+json")
        response.headers["Content-Language"] = "en"
        return response


def answer(document: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(_text(document), status, content_type="application/json")


def bare(status: int) -> Response:
    """An answer without a body."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object.

    Raises:
        Problem: not a JSON object, or sent as something else than JSON.
    """
    raw = request.get_data()
    if not raw.strip():
        return {}
    if not request.is_json:
        raise Problem(BAD_BODY, "Content-Type must be application/json.")
    try:
        found = json.loads(raw)
    except ValueError as mistake:
        raise Problem(BAD_BODY, f"The body is not JSON: {mistake}.") from mistake
    except RecursionError as mistake:
        raise Problem(BAD_BODY, "The body is nested too deeply.") from mistake
    if not isinstance(found, dict):
        raise Problem(BAD_BODY, "The body must be a JSON object.")
    return found


def variables_in(document: Mapping[str, Any]) -> dict[str, str | None]:
    """The settings of a document in their stored form; unset ones are None.

    Raises:
        Problem: not an object, or names or values that cannot be stored; all of them are named.
    """
    variables = document.get("variables", {})
    if not isinstance(variables, dict):
        raise Problem(BAD_BODY, "variables must be an object.")
    return settings(variables)


def settings(variables: Mapping[str, Any]) -> dict[str, str | None]:
    """Settings as a client sent them in their stored form.

    Raises:
        Problem: names or values that cannot be stored; all of them are named.
    """
    try:
        return stored_form(variables)
    except VariablesRefused as refused:
        raise Problem(BAD_BODY, str(refused)) from refused


def text_in(document: Mapping[str, Any], member: str) -> str:
    """A member as text; null and absent are empty.

    Raises:
        Problem: it is a list or an object, or text that cannot be stored.
    """
    return settings({member: document.get(member)})[member] or ""


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
