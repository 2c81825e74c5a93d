"""The defaults of all phones."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from provisioning.engine.scopes import Variables
from provisioning.rest import current
from provisioning.rest.fields import sent_variables, shown_variables
from provisioning.rest.resource import Resource
from provisioning.rest.sent_settings import checked
from provisioning.services import defaults, secrets
from provisioning.services.concurrency import alone

resource = Resource("defaults", "What every phone gets.")


class DefaultsChange(Schema):
    """What to change; what is left out stays."""

    variables = sent_variables(required=True)


class DefaultsAnswer(Schema):
    """The defaults that apply, secrets masked."""

    variables = shown_variables()


class DefaultsSecrets(Schema):
    """The secrets among the defaults."""

    variables = shown_variables()


@resource.get("")
@resource.versioned
@resource.answer(200, DefaultsAnswer)
def show_defaults() -> Mapping[str, object]:
    """Look at the defaults, the shipped ones included."""
    return _answer(defaults.get(current.site()))


@resource.patch("")
@resource.versioned
@resource.body(DefaultsChange)
@resource.answer(200, DefaultsAnswer)
def change_defaults(given: Mapping[str, Any]) -> Mapping[str, object]:
    """Change defaults, all or nothing."""
    with alone():
        seen = defaults.get(current.site())
        resource.match(seen, DefaultsAnswer, lambda: _document(seen))
        sent = checked(given["variables"], seen)
        changed = defaults.change(current.site(), sent, by=current.actor())
    return _answer(changed)


@resource.get("/secrets")
@resource.answer(200, DefaultsSecrets)
def show_defaults_secrets() -> Mapping[str, object]:
    """Passwords among the defaults; the history keeps who asked."""
    return {"variables": secrets.of_defaults(current.site(), by=current.actor())}


def _answer(found: Variables) -> Mapping[str, object]:
    resource.tag(found)
    return _document(found)


def _document(found: Variables) -> Mapping[str, object]:
    return {"variables": secrets.hide_all(current.site().catalogue, found)}
