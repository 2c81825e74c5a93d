"""The native REST API ``/api/v1``: what people and programs administer."""

from flask import Flask, Response, request

from provisioning.rest import (
    bulk,
    defaults,
    diagnosis,
    effects,
    exports,
    files,
    first_contact,
    gateway_files,
    gateway_models,
    gateway_ports,
    gateway_uploads,
    gateways,
    history,
    imports,
    keys,
    knocks,
    layouts,
    links,
    lint,
    models,
    moves,
    new_models,
    openapi,
    operations,
    parameters,
    phone_settings,
    phones,
    problems,
    reader,
    redirections,
    requests,
    session,
    settings,
    users,
    vendors,
)

_RESOURCES = (
    session.resource,
    phones.resource,
    bulk.resource,
    phone_settings.resource,
    requests.of_phone,
    lint.of_phone,
    diagnosis.resource,
    keys.of_phone,
    links.resource,
    moves.plans,
    moves.resource,
    users.resource,
    layouts.resource,
    models.resource,
    new_models.resource,
    new_models.suggestion,
    lint.of_model,
    keys.of_model,
    defaults.resource,
    effects.resource,
    parameters.resource,
    vendors.resource,
    redirections.accounts,
    redirections.resource,
    redirections.of_phone,
    first_contact.resource,
    first_contact.of_phone,
    gateway_models.resource,
    gateways.resource,
    gateway_ports.resource,
    gateway_files.resource,
    gateway_uploads.of_gateway,
    gateway_uploads.resource,
    files.resource,
    imports.resource,
    exports.resource,
    requests.resource,
    knocks.resource,
    knocks.strangers,
    operations.resource,
    history.resource,
    settings.resource,
)


def init_app(app: Flask) -> None:
    """Add the API, its document and the page to read it to an application.

    Args:
        app: with ``site`` and ``settings`` among its extensions.
    """
    session.limiter.init_app(app)
    problems.register(app)
    openapi.build(app, _RESOURCES)
    app.register_blueprint(reader.blueprint)
    app.after_request(_protected)


def _protected(response: Response) -> Response:
    if request.path.startswith(problems.PATH):
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Settings, tokens and logs do not belong into a cache; the page's own files may.
        if (response.mimetype or "").endswith("json"):
            response.headers["Cache-Control"] = "no-store"
    return response
