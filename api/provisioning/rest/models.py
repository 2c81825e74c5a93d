"""Models: the shipped ones, what the site changes in them, and the site's own."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from provisioning.rest import current
from provisioning.rest.capabilities import CapabilitiesSchema, capabilities
from provisioning.rest.fields import line, sent_variables, shown_variables
from provisioning.rest.paging import all_of
from provisioning.rest.problems import wrong_field
from provisioning.rest.resource import Resource, created_at
from provisioning.rest.sent_settings import checked
from provisioning.services import models, new_models
from provisioning.services.concurrency import alone
from provisioning.services.errors import NotFound
from provisioning.services.models import ModelDetails
from provisioning.services.secrets import hide, hide_all

resource = Resource("models", "Models of phones.")


class NewModel(Schema):
    """A model of the site."""

    id = line(128, required=True, metadata={"example": "yealink-T46-reception"})
    display_name = line(200, required=True)
    base = line(
        128,
        load_default=None,
        allow_none=True,
        metadata={"description": "The shipped model it descends from."},
    )
    variables = sent_variables(load_default=dict)


class ModelChange(Schema):
    """What to change; what is left out stays, null returns to the base."""

    display_name = line(200)
    variables = sent_variables()


class ModelInList(Schema):
    """A model without its settings."""

    id = fields.String(required=True)
    display_name = fields.String(required=True)
    vendor = fields.String(required=True, allow_none=True)
    base = fields.String(required=True, allow_none=True)
    shipped = fields.Boolean(required=True)
    phones = fields.Integer(required=True, metadata={"description": "How many have it."})
    changes = fields.Integer(
        required=True, metadata={"description": "How many settings differ from the base."}
    )
    verified = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether its facts are confirmed; null: nothing is known."},
    )
    accounts = fields.Integer(
        required=True, allow_none=True, metadata={"description": "SIP accounts it can register."}
    )
    hardware = fields.List(fields.String(), required=True)
    capabilities = fields.Nested(CapabilitiesSchema, required=True)
    superseded_by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The shipped model that may take the place of a site's own."},
    )


class RecognitionSchema(Schema):
    """By what the devices of a model are recognised, besides what is shipped."""

    mac_prefixes = fields.List(fields.String(), required=True)
    user_agents = fields.List(
        fields.String(), required=True, metadata={"description": "Without own ones the base's."}
    )


class ModelAnswer(ModelInList):
    """A model with its settings, secrets masked."""

    variables = shown_variables()
    differences = shown_variables(allow_none=True)
    recognition = fields.Nested(RecognitionSchema, required=True)


class ShippedModel(Schema):
    """A model as it is shipped."""

    id = fields.String(required=True)
    display_name = fields.String(required=True)
    vendor = fields.String(required=True)
    verified = fields.Boolean(required=True)
    accounts = fields.Integer(required=True)
    hardware = fields.List(fields.String(), required=True)
    variables = shown_variables()


@resource.get("")
@resource.answer(200, all_of(ModelInList, "ModelList"))
def list_models() -> Mapping[str, object]:
    """All models: shipped ones by id, then the site's own."""
    return {"items": [_in_list(found) for found in models.list_all(current.site())]}


@resource.post("")
@resource.versioned
@resource.body(NewModel)
@resource.answer(201, ModelAnswer)
def create_model(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Make a model of the site."""
    try:
        made = models.create(
            current.site(),
            given["id"],
            display_name=given["display_name"],
            base=given["base"],
            own_differences=checked(given["variables"], {}),
            by=current.actor(),
        )
    except NotFound as unknown:
        raise wrong_field("#/base", str(unknown), "the id of a shipped model, or null") from unknown
    return answer(made), created_at(f"models/{made.id}")


@resource.get("/<model_id>")
@resource.versioned
@resource.answer(200, ModelAnswer)
def show_model(model_id: str) -> Mapping[str, object]:
    """Look at a model."""
    return answer(models.get(current.site(), model_id))


@resource.patch("/<model_id>")
@resource.versioned
@resource.body(ModelChange)
@resource.answer(200, ModelAnswer)
def change_model(given: Mapping[str, Any], model_id: str) -> Mapping[str, object]:
    """Change name or settings of a model, all or nothing."""
    with alone():
        seen = models.get(current.site(), model_id)
        resource.match(version_of(seen), ModelAnswer, lambda: document(seen))
        changed = models.change(
            current.site(),
            model_id,
            display_name=given.get("display_name"),
            variables=checked(given.get("variables", {}), seen.variables),
            by=current.actor(),
        )
    return answer(changed)


@resource.delete("/<model_id>")
@resource.versioned
@resource.answer(204)
def delete_model(model_id: str) -> None:
    """Remove a model of the site; of a shipped one only the site's changes go."""
    with alone():
        seen = models.get(current.site(), model_id)
        resource.match(version_of(seen), ModelAnswer, lambda: document(seen))
        models.delete(current.site(), model_id, by=current.actor())


@resource.get("/<model_id>/shipped")
@resource.answer(200, ShippedModel)
def show_shipped_model(model_id: str) -> Mapping[str, object]:
    """A model as shipped, whatever the site changed."""
    found = models.shipped(current.site(), model_id)
    return {
        "id": found.id,
        "display_name": found.name,
        "vendor": found.vendor,
        "verified": found.verified,
        "accounts": found.accounts,
        "hardware": found.hardware,
        "variables": hide_all(current.site().catalogue, found.variables),
    }


def version_of(model: ModelDetails) -> object:
    """What of a model can be changed, for its ETag."""
    return [
        model.display_name,
        model.base.id if model.base else None,
        model.differences,
        model.mac_prefixes,
        model.user_agents,
    ]


def _in_list(model: ModelDetails) -> dict[str, object]:
    base = model.base
    shipped = new_models.successor(current.site(), model)
    # A capability that the model does not tell is the one all phones have.
    variables = {**current.site().catalogue.defaults, **model.variables}
    return {
        "id": model.id,
        "display_name": model.display_name,
        "vendor": model.vendor or None,
        "base": base.id if base else None,
        "shipped": model.shipped is not None,
        "phones": model.phones,
        "changes": len(model.differences),
        "verified": base.verified if base else None,
        "accounts": base.accounts if base else None,
        "hardware": base.hardware if base else (),
        "capabilities": capabilities(variables),
        "superseded_by": shipped.id if shipped else None,
    }


def answer(model: ModelDetails) -> Mapping[str, object]:
    """A model as it is answered, with the ETag of its version."""
    resource.tag(version_of(model))
    return document(model)


def document(model: ModelDetails) -> Mapping[str, object]:
    """A model as it is shown."""
    catalogue = current.site().catalogue
    return {
        **_in_list(model),
        "variables": hide_all(catalogue, model.variables),
        "differences": {
            name: hide(catalogue, name, value) for name, value in model.differences.items()
        },
        "recognition": {
            "mac_prefixes": model.mac_prefixes,
            "user_agents": model.user_agents,
        },
    }
