"""Tancredi's API v1, to the letter: NethVoice, its wizard and scripts go on as they are.

Source: the API reference of Tancredi 1.9 and the behaviour of its release.
"""

import re
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Differences, changed, differences
from provisioning.engine.vendors import shipped_variables
from provisioning.services import defaults, files, models, phones
from provisioning.services.errors import AlreadyExists, BadName, InUse, NotFound
from provisioning.services.models import ModelDetails
from provisioning.services.site import COLLECTIONS, Site
from provisioning.settings import Settings
from provisioning.tancredi import documents, wire
from provisioning.tancredi.wire import Problem, answer, bare, body_of, text_in, variables_in
from provisioning.web import authentication
from provisioning.web.callers import caller_of

blueprint = Blueprint("tancredi", __name__, url_prefix=documents.BASE)

_READ_ONLY_OF_PHONE = frozenset(
    {"mac", "short_mac", "model_url", "tok1", "tok2", "provisioning_url1", "provisioning_url2"}
)
_MODEL_ID = re.compile(r"[A-Za-z0-9_.-]{0,128}")
_MAX_JSON = 4 * 1024 * 1024
_MAX_UPLOAD = 520 * 1024 * 1024  # room for a firmware image of half a gigabyte and its form


def create_app(settings: Settings, site: Site) -> Flask:
    """The API as an application of its own: its errors are not those of the native API."""
    app = Flask("provisioning.tancredi", static_folder=None)
    app.url_map.merge_slashes = False
    app.extensions["site"] = site
    app.extensions["settings"] = settings
    app.before_request(_authorize)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Problem, lambda problem: problem.response())
    app.register_error_handler(NotFound, lambda _: Problem(wire.NOT_FOUND).response())
    app.register_blueprint(blueprint)
    return app


def _authorize() -> None:
    request.max_content_length = _MAX_UPLOAD if request.mimetype.startswith("multi") else _MAX_JSON
    settings: Settings = current_app.extensions["settings"]
    credential = authentication.holder(request, cookies=False)
    if credential is not None:
        g.actor = authentication.actor(credential)
        return
    caller = caller_of(request.environ, settings.trusted_proxies)
    if settings.tancredi_api == "trusted" and caller.is_in(settings.trusted_networks):
        g.actor = f"trusted:{caller.address}"
        return
    raise Problem(wire.FORBIDDEN, "Send a service token: Authorization: Bearer …")


def _http_error(error: HTTPException) -> Response:
    """Errors of the framework: only status and ``Allow`` matter to clients."""
    if error.code is None or error.code >= 500:
        return Problem(("about:blank", 500, "Internal server error")).response()
    if error.code == 404:
        return Problem(wire.NOT_FOUND).response()
    response = bare(error.code)
    if isinstance(error, MethodNotAllowed):
        allowed = set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def _inherit() -> bool:
    try:
        return float(request.args.get("inherit", "")) == 1
    except ValueError:
        return False


def _mac(text: str) -> MacAddress:
    """The phone of a path; what is no address is no phone."""
    try:
        return MacAddress.parse(text)
    except ValueError:
        raise Problem(wire.NOT_FOUND) from None


def _model_id(document: dict[str, object]) -> str:
    model_id = text_in(document, "model")
    if not _MODEL_ID.fullmatch(model_id):
        raise Problem(wire.BAD_BODY, f"model: allowed are {models.NAME_ALLOWED}.")
    return model_id


@blueprint.get("/phones")
def list_phones() -> Response:
    """All phones, without tokens and settings."""
    return answer([documents.phone_in_list(row) for row in phones.list_all()])


@blueprint.post("/phones")
def create_phone() -> Response:
    """Register a phone."""
    document = body_of(request)
    mac_text = text_in(document, "mac")
    if mac_text in ("", "0"):
        raise Problem(wire.NO_MAC)
    try:
        mac = MacAddress.parse(mac_text)
    except ValueError as mistake:
        raise Problem(wire.BAD_BODY, f"mac: {mistake}.") from mistake
    try:
        created = phones.create(
            _site(),
            mac,
            model=_model_id(document),
            display_name=text_in(document, "display_name"),
            variables=variables_in(document),
            by=g.actor,
        )
    except AlreadyExists as refused:
        raise Problem(wire.PHONE_EXISTS) from refused
    response = answer(documents.phone(_site(), created, inherit=False), 201)
    response.headers["Location"] = f"{documents.BASE}/phones/{created.mac}"
    response.autocorrect_location_header = False
    return response


@blueprint.patch("/phones", strict_slashes=True)
@blueprint.patch("/phones/", strict_slashes=True)
def change_no_phone() -> Response:
    """Tell that the address is missing."""
    raise Problem(wire.NO_MAC)


@blueprint.get("/phones/<mac>")
def show_phone(mac: str) -> Response:
    """One phone; with ``?inherit=1`` all that applies to it."""
    found = phones.get(_site(), _mac(mac))
    return answer(documents.phone(_site(), found, inherit=_inherit()))


@blueprint.patch("/phones/<mac>")
def change_phone(mac: str) -> Response:
    """Change model and settings of a phone."""
    address = phones.get(_site(), _mac(mac)).mac
    document = body_of(request)
    if _READ_ONLY_OF_PHONE & document.keys():
        raise Problem(wire.READ_ONLY)
    if not {"model", "variables"} & document.keys():
        return bare(400)
    changed_phone = phones.change(
        _site(),
        address,
        model=_model_id(document) if "model" in document else None,
        variables=variables_in(document),
        by=g.actor,
    )
    return answer(documents.phone(_site(), changed_phone, inherit=False))


@blueprint.delete("/phones/<mac>")
def delete_phone(mac: str) -> Response:
    """Remove a phone and its tokens."""
    phones.delete(_mac(mac), by=g.actor)
    return bare(204)


@blueprint.post("/phones/<mac>/tok1")
def rotate_tok1(mac: str) -> Response:
    """Begin zero-touch provisioning anew, e.g. after a factory reset."""
    phones.rotate_tok1(_mac(mac), by=g.actor)
    return bare(204)


@blueprint.get("/models")
def list_models() -> Response:
    """All models of known vendors; with ``?filter[used]`` those that phones have."""
    only_used = "filter[used]" in request.args
    return answer(
        [
            documents.model_in_list(found)
            for found in _listed_models()
            if found.phones or not only_used
        ]
    )


def _listed_models() -> Iterator[ModelDetails]:
    site = _site()
    for found in models.list_all(site):
        vendor = site.library.vendor_of_model(found.id)
        if vendor and vendor.prefixes:
            yield found


@blueprint.post("/models")
def create_model() -> Response:
    """Make a model; one whose name continues a shipped one's descends from it."""
    document = body_of(request)
    name = text_in(document, "name")
    if not name:
        raise Problem(wire.NO_MODEL_NAME)
    own = changed({}, variables_in(document))
    base = _site().library.base_of(name)
    try:
        created = models.create(
            _site(),
            name,
            display_name=text_in(document, "display_name"),
            base=base.id if base else None,
            own_differences=differences(own, shipped_variables(base) if base else {}),
            by=g.actor,
        )
    except BadName as refused:
        raise Problem(wire.BAD_MODEL_NAME) from refused
    except AlreadyExists as refused:
        raise Problem(wire.MODEL_EXISTS) from refused
    response = answer(documents.model(_site(), created, inherit=False), 201)
    response.headers["Location"] = f"{documents.BASE}/models/{created.id}"
    response.autocorrect_location_header = False
    return response


@blueprint.get("/models/<name>")
def show_model(name: str) -> Response:
    """One model; with ``?inherit=1`` the defaults below it too."""
    return answer(documents.model(_site(), models.get(_site(), name), inherit=_inherit()))


@blueprint.get("/models/<name>/version/original")
def show_shipped_model(name: str) -> Response:
    """One model as shipped, whatever the site changed."""
    shipped = models.shipped(_site(), name)
    return answer(documents.shipped_model(_site(), shipped, inherit=_inherit()))


@blueprint.patch("/models/<name>")
def change_model(name: str) -> Response:
    """Change name and settings of a model."""
    models.get(_site(), name)
    document = body_of(request)
    if "name" in document:
        raise Problem(wire.READ_ONLY)
    if not {"display_name", "variables"} & document.keys():
        return bare(400)
    patch = variables_in(document)

    def patched(found: ModelDetails) -> Differences:
        return documents.differences_of(found, changed(documents.own_variables(found), patch))

    changed_model = models.rewrite(
        _site(),
        name,
        display_name=text_in(document, "display_name") if "display_name" in document else None,
        make_differences=patched,
        by=g.actor,
    )
    return answer(documents.model(_site(), changed_model, inherit=False))


@blueprint.delete("/models/<name>")
def delete_model(name: str) -> Response:
    """Remove a model of the site; a shipped one becomes as shipped."""
    try:
        models.delete(_site(), name, by=g.actor)
    except InUse as refused:
        raise Problem(wire.IN_USE) from refused
    return bare(204)


@blueprint.get("/defaults")
def show_defaults() -> Response:
    """The defaults of all phones."""
    return answer(defaults.get(_site()))


@blueprint.patch("/defaults")
def change_defaults() -> Response:
    """Change defaults."""
    if not request.get_data().strip():
        raise Problem(wire.BAD_BODY, "The body must be a JSON object.")
    defaults.change(_site(), wire.settings(body_of(request)), by=g.actor)
    return bare(204)


@blueprint.get("/macvendors")
def list_prefixes() -> Response:
    """Vendors by the first half of their MAC addresses."""
    vendors = _site().library.vendors.values()
    return answer({prefix: vendor.id for vendor in vendors for prefix in vendor.prefixes})


_COLLECTION = f"/<any({','.join(COLLECTIONS)}):collection>"


@blueprint.get(_COLLECTION)
def list_files(collection: str) -> Response:
    """The uploaded files of a collection."""
    return answer(
        [
            {"name": file.name, "size": file.size, "mtime": file.modified_at}
            for file in files.list_all(_site(), collection)
        ]
    )


@blueprint.post(_COLLECTION)
def upload_file(collection: str) -> Response:
    """Store an uploaded file; of several the last one, whatever the form calls it."""
    fields = [(field, file) for field, file in request.files.items(multi=True) if file.filename]
    if not fields:
        raise Problem(wire.BAD_BODY, "The form holds no file.")
    if any("[" in field for field, _ in fields):
        raise Problem(wire.BAD_BODY, "A field with [ in its name is a list; send one file.")
    _, sent = fields[-1]
    try:
        files.save(_site(), collection, sent.filename or "", sent.stream, by=g.actor)
    except BadName as refused:
        raise Problem(wire.BAD_FILE_NAME) from refused
    return bare(204)


@blueprint.delete(f"{_COLLECTION}/<name>")
def delete_file(collection: str, name: str) -> Response:
    """Remove an uploaded file."""
    files.delete(_site(), collection, name, by=g.actor)
    return bare(204)
