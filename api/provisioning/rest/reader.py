"""A page to read the OpenAPI document with: ours alone, nothing comes from another address."""

from pathlib import Path

from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from provisioning.rest.paths import BASE

_FOLDER = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

blueprint = Blueprint("reader", __name__)


@blueprint.get("/")
def lead_to_page() -> BaseResponse:
    """Somebody who knows the host alone finds the page."""
    return redirect(f"{BASE}/")


@blueprint.get(f"{BASE}/")
def show_page() -> Response:
    """The page."""
    return _sent("reader.html")


@blueprint.get(f"{BASE}/<any('reader.js', 'reader.css'):name>")
def show_part(name: str) -> Response:
    """What the page needs."""
    return _sent(name)


def _sent(name: str) -> Response:
    response = send_from_directory(_FOLDER, name)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
